"""The tests that packs carry hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.enrich.enricher import Enricher
from agents.enrich.pack_check import check_pack
from agents.names.packs import bundled_packs, read_pack


@pytest.mark.parametrize("path", bundled_packs(), ids=lambda path: path.stem)
def test_a_bundled_pack_gives_what_its_tests_say(path: Path, enricher: Enricher) -> None:
    pack = read_pack(path)
    assert pack.tests, "a pack shows by tests what it is for"
    assert check_pack(pack, enricher) == []


def test_a_pack_test_that_fails_says_why(tmp_path: Path, enricher: Enricher) -> None:
    path = tmp_path / "one.yaml"
    path.write_text(
        "pack: one\nname: One\ntests:\n  - text: Des tirs à Khanasser.\n    language: fr\n"
        "    expect: [{surface: Khanasser, kind: actor}]\n    absent: [Khanasser]\n",
        encoding="utf-8",
    )
    wrong = check_pack(read_pack(path), enricher)
    assert len(wrong) == 2
    assert wrong[0].startswith("one: test 1: actor 'Khanasser' (any) was not found; found place 'Khanasser'")
