"""GeoNames dumps: what is read of them, and that bad lines are counted and never end the reading."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from syria_dump import lines, place_id, write_dump

from agents.names.geonames_dump import Reading, read_alternates, read_dump
from agents.names.source_place import SourcePlace, from_line, to_line
from streams.errors import TakingInRefused


def _read(path: Path) -> tuple[dict[str, SourcePlace], Reading]:
    reading = Reading()
    return {place.name: place for place in read_dump(path, reading, lambda _: None)}, reading


@pytest.mark.parametrize("name", ["SY.txt", "SY.zip"])
def test_a_dump_is_read_as_text_and_from_a_zip(tmp_path: Path, name: str) -> None:
    places, reading = _read(write_dump(tmp_path / name))
    assert (reading.taken, reading.skipped, reading.bad) == (38, 2, 0)
    assert reading.countries == {"SY": 38}
    assert "Funduq Qalqūm" not in places
    village = places["Qalqūm"]
    assert village.id == place_id("Qalqūm")
    assert village.names == ("Qalqum", "Kalkoum", "قلقوم")
    assert (village.lat, village.lon, village.country, village.admin1) == (36.5121, 37.6402, "SY", "09")
    assert village.population == 310


@pytest.mark.parametrize(
    ("name", "feature"),
    [
        ("Qalqūm", ""),
        ("Ḩayy Qamrah", "quarter"),
        ("Sabkhat Mirqāb", "lake"),
        ("Nahr Dabīs", "river"),
        ("Wādī Ḩuraythah", "river"),
        ("Jabal Ḩannūn", "mountain"),
        ("Maţār Qalqūm al ‘Askarī", "airbase"),
        ("Mu‘askar Tarrād", "base"),
        ("Sadd Dabīs", "dam"),
        ("Ţarīq Qalqūm", "road"),
        ("Aleppo Governorate", "region"),
        ("Qalqum District", "district"),
    ],
)
def test_feature_codes_become_our_features(tmp_path: Path, name: str, feature: str) -> None:
    places, _ = _read(write_dump(tmp_path / "SY.txt"))
    assert places[name].feature == feature


def _changed(number: int, column: int, text: str) -> str:
    columns = lines()[number].split("\t")
    columns[column] = text
    return "\t".join(columns)


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("only one column", "1 columns, not 19"),
        (lines()[1] + "\tone more", "20 columns, not 19"),
        (_changed(1, 0, "many"), "the id, the coordinates or the population is no number"),
        (_changed(1, 0, "-5"), "the id or the population is out of range"),
        (_changed(1, 1, "  "), "no name"),
        (_changed(1, 4, "95.0"), "the coordinates are not on the map"),
        (_changed(1, 5, "nan"), "the coordinates are not on the map"),
        (_changed(1, 14, "99999999999"), "the id or the population is out of range"),
        ("x" * 3_000_000, "longer than a line may be"),
    ],
)
def test_bad_lines_are_counted_and_the_first_is_told(tmp_path: Path, line: str, what: str) -> None:
    path = write_dump(tmp_path / "SY.txt", [lines()[0], line, lines()[2], "bad too", lines()[3]])
    places, reading = _read(path)
    assert list(places) == ["Qalqūm", "Kafr Mazlūm", "Umm Sanābil"]
    assert (reading.bad, reading.first_bad) == (2, f"2: {what}")


def test_bytes_that_are_no_text_are_a_bad_line(tmp_path: Path) -> None:
    path = tmp_path / "SY.txt"
    path.write_bytes(lines()[0].encode() + b"\r\n" + b"\xff\xfe\t" * 18 + b"\n\n" + lines()[2].encode())
    places, reading = _read(path)
    assert list(places) == ["Qalqūm", "Kafr Mazlūm"]
    assert reading.first_bad == "2: not UTF-8 (byte 1)"


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.txt", b"", "empty.txt: empty; give a GeoNames dump"),
        ("page.html", b"<html>\n<p>No\n", "page.html:1: 1 columns, not 19; give a GeoNames dump"),
        ("many.csv", b"a,b\n" * 5_000, "many.csv:1: 1 columns, not 19"),
        ("torn.zip", b"PK\x03\x04 and nothing more", "torn.zip: the zip file is damaged"),
    ],
)
def test_what_is_no_dump_is_refused_in_one_line(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(TakingInRefused) as refused:
        _read(path)
    assert str(refused.value).startswith(f"{tmp_path}/{message}")
    assert "\n" not in str(refused.value)


def test_a_zip_without_text_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "SY.zip", "w") as packed:
        packed.writestr("SY.pdf", "no")
    with pytest.raises(TakingInRefused, match=r"no \.txt file in it"):
        _read(tmp_path / "SY.zip")


def test_what_was_read_is_told_in_full(tmp_path: Path) -> None:
    path = write_dump(tmp_path / "SY.txt", lines() * 200)
    told: list[int] = []
    assert len(list(read_dump(path, Reading(), told.append))) == 38 * 200
    assert len(told) > 3
    assert sum(told) == path.stat().st_size


def test_alternate_names_are_read_without_codes_and_links(tmp_path: Path) -> None:
    wanted = place_id("Qalqūm")
    rows = [
        ("1", wanted, "fr", "Calcoume"), ("2", wanted, "link", "https://example.org"), ("3", wanted, "iata", "QLQ"),
        ("4", wanted, "", "Qalqoom, the Old"), ("5", 12345, "fr", "Ailleurs"),
    ]  # fmt: skip
    text = "".join(f"{one}\t{place}\t{language}\t{name}\t\t\t\t\t\t\n" for one, place, language, name in rows)
    path = write_dump(tmp_path / "alternateNamesV2.txt", [*text.splitlines(), "no such line"])
    assert read_alternates(path, {wanted}.__contains__, lambda _: None) == {wanted: ["Calcoume", "Qalqoom, the Old"]}


def test_a_dump_is_no_file_of_alternate_names(tmp_path: Path) -> None:
    with pytest.raises(TakingInRefused, match="no alternate names"):
        read_alternates(write_dump(tmp_path / "SY.txt"), lambda _: True, lambda _: None)


@given(raw=st.lists(st.lists(st.text(max_size=12), max_size=22).map("\t".join), max_size=8))
def test_any_lines_beside_a_good_one_are_read_or_counted(
    tmp_path_factory: pytest.TempPathFactory, raw: list[str]
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.txt"
    text = "\n".join([lines()[0], *raw]).encode("utf-8", "surrogatepass")
    path.write_bytes(text)
    _, reading = _read(path)
    filled = [line for line in text.split(b"\n") if line.strip()]
    assert reading.taken + reading.skipped + reading.bad == len(filled)
    assert reading.taken >= 1


def test_a_kept_place_comes_back_as_it_was(tmp_path: Path) -> None:
    places, _ = _read(write_dump(tmp_path / "SY.txt"))
    for place in places.values():
        assert from_line(to_line(place), "import:SY") == place._replace(source="import:SY")
