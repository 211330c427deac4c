"""Long lists of watches are read item by item, and as the full reader reads them."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from newswatch.config_file import read_config, read_watches
from newswatch.long_yaml import LongSource, read_long
from newswatch.yaml_source import Unreadable, YamlSource, compose_source
from streams.errors import ConfigInvalid

GOOD = """\
# ours
feeds:
  - url: https://news.example/rss

watches:   # many
  # the first
  - id: road
    name: "Alep: \\"the\\" road"
    any:
      - route: [Alep, 'Khan''asser', geonames:170063]   # in order
        corridor_km: 10.5
      - {town: Homs, within_km: 3}
    none:
    - phrase: savon d'Alep
    languages: [fr, ar]

  -   id: two
      all: [{area: {bbox: [-4.0, 57, 32, 7e1]}}]
      sources: 0x2
  - {id: three, any: [{town: No}], name: ~, notify: [ops, "d#sk" ]}
  - id: four
    name: >
      folded
      text
    any: [{phrase: "a\\x41b"}]
endpoints:
  - {id: ops, kind: console}
"""
SCALARS = (
    "Alep",
    "d'Alep",
    "",
    "no",
    "12",
    "-1.5",
    "~",
    "2026-01-02",
    "a: b",
    "a #b",
    "#c",
    "x:y",
    "- z",
    "'q'",
    '"d"',
    "[a, b]",
    "{k: v}",
    "[a, [b, {c: d}]]",
    "[]",
    "{}",
    "[a,b]",
    "a, b",
    "'a''b'",
    '"a\\nb"',
    '"a\\',
    "*x",
    "&y z",
    "|",
    "! t",
    "true",
    ".5",
    "1_000",
    "0o17",
    "é ü",
    "خناصر",
    "a\tb",
    "?",
    "-",
    "a:",
    "{a: b, a: c}",
    "[a, ]",
    "x]",
    "{a: b}  # c",
    "'a' b",
    "[?x, y?]",
    "{k: }",
    "a%",
    "%a",
    "@a",
    "[a b, c:d]",
    "<<",
    "=",
    "{k: -3}",
    "[-x]",
    ">-",
)


def same(long: YamlSource, full: YamlSource) -> None:
    assert long.data == full.data
    assert sorted(long.mistakes, key=lambda one: (one.line, one.column)) == sorted(
        full.mistakes, key=lambda one: (one.line, one.column)
    )


def paths(value: object, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    found = [path]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += paths(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            found += paths(inner, (*path, index))
    return found


def test_a_file_is_read_as_by_the_full_reader_with_the_same_places() -> None:
    long, full = read_long(GOOD), compose_source(GOOD)
    assert long is not None
    same(long, full)
    for path in paths(full.data):
        for key in (False, True):
            assert long.where(path, key=key) == full.where(path, key=key), path
    windows = read_long(GOOD.replace("\n", "\r\n"))
    assert windows is not None
    assert windows.data == full.data


def test_a_bare_list_and_one_at_the_margin_are_read_too() -> None:
    bare = read_long("# ours\n- id: a\n  any: [{town: Homs}]\n- id: b\n")
    assert bare is not None
    assert bare.data == [{"id": "a", "any": [{"town": "Homs"}]}, {"id": "b"}]
    assert bare.prefix == ("watches",)
    assert bare.where(("watches", 1, "id")) == (4, 7)
    text = "watches:\n- id: a\n- id: b\nfeeds: []\nfeeds: []\n"
    margin = read_long(text)
    assert margin is not None
    same(margin, compose_source(text))
    assert margin.mistakes[0].line == 5


@pytest.mark.parametrize(
    "text",
    [
        "watches:\n  - &a {id: a}\n  - *a\n",
        "watches: [{id: a}]\n",
        "watches:\n  - id: a\n---\nwatches: []\n",
        "feeds: []\n",
        "- a\nb: c\n",
    ],
)
def test_what_reaches_across_items_is_left_to_the_full_reader(text: str) -> None:
    assert read_long(text) is None


@settings(max_examples=400, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["  - ", "    ", "  -   ", "   ", "      ", "      - ", "    - ", "  - - ", "#", ""]),
            st.sampled_from(["id: ", "any:", "name: ", "", "x y: ", '"q": ', "id:"]),
            st.sampled_from(SCALARS),
        ),
        min_size=1,
        max_size=6,
    )
)
@example([("  - ", "id: ", "a"), ("    ", "any:", ""), ("    - ", "id: ", "b")])
@example([("  - ", "id: ", "a"), ("      ", "", "more")])
def test_whatever_is_written_is_read_as_by_the_full_reader(rows: list[tuple[str, str, str]]) -> None:
    text = "watches:\n  - id: first\n" + "".join(f"{''.join(row)}\n" for row in rows)
    try:
        long = read_long(text)
    except Unreadable:
        long = None
    if long is None:
        return
    try:
        full = compose_source(text)
    except Unreadable:
        assert long.mistakes, "the full reader cannot read this"
        return
    same(long, full)


def test_thirty_seven_mistakes_in_a_long_file_are_all_told_with_their_lines(tmp_path: Path) -> None:
    wrong = [
        ("    sources: none\n", '"sources" must be a whole number'),
        ("    languages: [french]\n", "must be a language's two small letters"),
        ("    severty: info\n", 'did you mean "severity"?'),
        ("    name: 'open\n", "a quotation mark is never closed"),
        ("    all: [{twon: Homs}]\n", 'did you mean "town"?'),
    ]
    lines = ["watches:\n"]
    expected = []
    for number in range(5_000):
        lines.append(f"  - id: watch-{number}\n")
        lines.append("    any: [{route: [Alep, Khanasser], corridor_km: 10}]\n")
        if number % 135 == 10:
            line, message = wrong[len(expected) % len(wrong)]
            lines.append(line)
            expected.append((len(lines), message))
    assert len(expected) == 37
    path = tmp_path / "watches.yaml"
    path.write_text("".join(lines), encoding="utf-8")
    with pytest.raises(ConfigInvalid) as invalid:
        read_watches(path)
    told = invalid.value.mistakes
    assert len(told) == 37
    for (line, message), mistake in zip(expected, told, strict=True):
        assert re.match(rf"{re.escape(str(path))}:{line}:\d+: ", mistake), mistake
        assert message in mistake


def test_a_long_file_without_mistakes_gives_its_watches(tmp_path: Path) -> None:
    path = tmp_path / "newswatch.yaml"
    many = "".join(f"  - {{id: w{number}, any: [{{town: Homs, country: SY}}]}}\n" for number in range(6_000))
    path.write_text(GOOD.replace("endpoints:", f"{many}endpoints:").replace("name: ~, ", "").replace(', "d#sk" ', ""))
    config = read_config(path)
    assert isinstance(config.source, LongSource)
    assert len(config.settings.watches) == 6_004
    assert [endpoint.id for endpoint in config.settings.endpoints] == ["ops"]
    assert config.settings.watches[2].any[0].model_dump(exclude_unset=True) == {"town": "No"}
