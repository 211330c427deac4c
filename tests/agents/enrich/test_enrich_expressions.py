"""Great expressions are compiled once and found again in the cache folder."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from agents.enrich.expressions import GREAT, kept_compiled

GREAT_ONE = "(?iu)(?P<many>" + "|".join(f"word{number}" for number in range(GREAT // 9)) + r")|(\w+)-(\d{2})"
TEXTS = ("word9999", "WORD12", "une-12", "nothing", "word")


def _found(pattern: re.Pattern[str]) -> list[object]:
    return [
        (match.span(), match.groups(), match.groupdict()) if (match := pattern.search(text)) else None for text in TEXTS
    ]


def test_a_great_expression_is_kept_and_matches_as_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(GREAT_ONE) > GREAT
    plain = re.compile(GREAT_ONE)
    re.purge()
    with kept_compiled(tmp_path):
        first = re.compile(GREAT_ONE)
    re.purge()
    (file,) = tmp_path.glob("expression-*.code")
    with kept_compiled(tmp_path):
        # what is kept is used: the parser is not asked again
        monkeypatch.setattr(re._parser, "parse", lambda *_: pytest.fail("parsed again"))  # type: ignore[attr-defined]
        again = re.compile(GREAT_ONE)
    assert _found(first) == _found(again) == _found(plain)
    assert any(_found(again))
    assert (again.flags, again.groups, again.pattern) == (plain.flags, plain.groups, plain.pattern)
    assert [one.name for one in tmp_path.iterdir()] == [file.name]


@pytest.mark.parametrize("broken", [b"", b"no code", b"[34, 3, {}]\nabc", b"[34, 3, {}]\nabcd", b"{}\n"])
def test_a_broken_file_is_made_anew(tmp_path: Path, broken: bytes) -> None:
    re.purge()
    with kept_compiled(tmp_path):
        re.compile(GREAT_ONE)
    (file,) = tmp_path.glob("expression-*.code")
    whole = file.read_bytes()
    file.write_bytes(broken)
    re.purge()
    with kept_compiled(tmp_path):
        made = re.compile(GREAT_ONE)
    assert _found(made) == _found(re.compile(GREAT_ONE))
    assert file.read_bytes() == whole


def test_small_ones_no_folder_and_one_that_cannot_be_written_are_as_ever(tmp_path: Path) -> None:
    re.purge()
    with kept_compiled(tmp_path):
        assert re.compile("a+").match("aa")
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("")
    for folder in (None, tmp_path / "file" / "below"):
        re.purge()
        with kept_compiled(folder):
            assert re.compile(GREAT_ONE).search("word7")
