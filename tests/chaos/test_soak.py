"""Three minutes of what `make soak` does for hours; and that what grows would be seen."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

import pytest
from real_postgres import PostgresUnavailable
from soak import Outcome, Plan, halves, soak, verdict
from soak_graph import draw
from without_service import without_service


@pytest.mark.services
@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("kafka_at_hand")
async def test_memory_and_files_stay_flat_and_nothing_is_left(tmp_path: Path) -> None:
    try:
        outcome = await soak(Plan(minutes=3.0, a_second=10.0), tmp_path)
    except PostgresUnavailable as error:
        without_service("POSTGRESQL", str(error))
    print(outcome)
    assert outcome.faults == []
    assert {name.partition(":")[0] for name in outcome.memory} == {"work", "poll", "notify", "web"}
    assert outcome.articles == 1800


def test_what_grows_is_seen_and_what_warms_up_is_not() -> None:
    flat = [(float(at), 100.0 if at > 20 else 60.0) for at in range(100)]
    leak = [(float(at), 100.0 + at) for at in range(100)]
    assert halves(flat) == (100.0, 100.0)
    outcome = Outcome()
    outcome.memory |= {"work": flat, "web": leak}
    outcome.files |= {"work": flat, "web": flat, "poll": leak}
    faults = verdict(outcome)
    assert [fault.split()[0] for fault in faults] == ["web", "poll"]
    assert "grows" in faults[0]
    assert "files" in faults[1]


def test_the_graph_is_sound_and_shows_every_line() -> None:
    lines = {"work": [(0.0, 100.0), (90.0, 1400.0)], "poll & all": [(0.0, 50.0), (90.0, 55.0)]}
    told = draw(lines, [(0.0, 0.0), (90.0, 108_000.0)])
    root = ElementTree.fromstring(told)  # our own
    space = "{http://www.w3.org/2000/svg}"
    assert len(root.findall(f"{space}polyline")) == 3
    texts = [text.text for text in root.findall(f"{space}text")]
    assert {"work", "poll & all", "articles", "1,400", "80 min"} <= set(texts)
