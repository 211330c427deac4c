"""The settings file: every mistake with its place, and paths from where the file lies."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import BaseModel

from newswatch.config_file import load_settings, read_config, read_watches
from newswatch.plain_words import keys_at
from newswatch.settings import Settings
from streams.errors import ConfigInvalid

BAD = Path(__file__).resolve().parents[1] / "bad_config"
JARGON = ("pydantic", "Input should", "tuple", "dict", "NoneType", "str type", "ctx", "discriminator", "ruamel")
GOOD = """\
data_dir: data
archive: sqlite:///kept/archive.sqlite
feeds:
  - url: https://news.example/rss
    id: news
    language: fr
  - &other
    url: https://other.example/rss
    every_seconds: 60
endpoints:
  - {id: ops, kind: console}
  - {id: desk, kind: webhook, url: 'https://desk.example/hook'}
enrich:
  packs: [mine.yaml]
watches:
  - id: road
    name: "Alep - Khanasser"
    any: &conditions
      - route: [Alep, Khanasser]
        corridor_km: 10
      - town: Khanasser
        country: SY
    none: [{phrase: savon d'Alep}]
    languages: [fr, ar]
    notify: [ops]
  - id: norway
    all: [{area: {country: NO}}, {area: {bbox: [4.0, 57, 32, 72]}}]
  - id: again
    any: *conditions
"""


def write(directory: Path, text: str, name: str = "newswatch.yaml") -> Path:
    path = directory / name
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(ConfigInvalid) as invalid:
        load_settings(path)
    return invalid.value.mistakes


@pytest.mark.parametrize("path", sorted(BAD.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_mistake_has_its_exact_message(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(BAD)
    expected = path.with_suffix(".expected").read_text(encoding="utf-8")
    assert "\n".join(mistakes(Path(path.name))) + "\n" == expected


def test_each_bad_file_has_its_message_and_the_reverse() -> None:
    assert {path.stem for path in BAD.glob("*.yaml")} == {path.stem for path in BAD.glob("*.expected")}


@pytest.mark.parametrize("path", sorted(BAD.glob("*.expected")), ids=lambda path: path.stem)
def test_messages_are_in_plain_words(path: Path) -> None:
    for line in path.read_text(encoding="utf-8").splitlines():
        file, row, column, message = line.split(":", 3)
        assert (file, row.isdigit(), column.isdigit()) == (f"{path.stem}.yaml", True, True)
        quoted = message.split('"')
        own_words = "".join(quoted[::2])
        for word in JARGON:
            assert word not in own_words
        assert ":" in message
        assert len(message) < 400  # some sections have many keys to name


def test_a_good_file_is_read_with_its_paths_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "id: mine\n", "mine.yaml")
    write(tmp_path, GOOD)
    monkeypatch.chdir("/")
    settings = load_settings(tmp_path / "newswatch.yaml")
    assert settings.data_dir == tmp_path / "data"
    assert settings.enrich.packs == (tmp_path / "mine.yaml",)
    assert settings.archive_url() == f"sqlite:///{tmp_path}/kept/archive.sqlite"
    assert [watch.id for watch in settings.watches] == ["road", "norway", "again"]
    assert settings.watches[0].any == settings.watches[2].any
    assert settings.watches[1].all[0].model_dump() == {"area": {"country": "NO", "bbox": None, "polygon": None}}
    assert [feed.every_seconds for feed in settings.feeds] == [None, 60.0]


def test_a_file_with_one_section_takes_defaults(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "feeds: []\n"))
    assert settings == Settings(data_dir=tmp_path / "newswatch-data")
    assert settings.archive_url() == f"sqlite:///{tmp_path}/newswatch-data/archive.sqlite"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "none.yaml"
    assert mistakes(path) == [f"{path}:1:1: there is no such file: check its name, or write it"]
    assert "is a directory" in mistakes(tmp_path)[0]


def test_many_mistakes_are_all_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    broken = [2, 30, 31, 99, 160, 161, 299]
    lines = ["watches:"]
    for number in range(300):
        key = "twon" if number in broken else "town"
        lines.append(f"  - {{id: w{number}, any: [{{{key}: Homs}}]}}")
    found = mistakes(write(tmp_path, "\n".join(lines)))
    assert [int(line.split(":")[1]) for line in found] == [number + 2 for number in broken]
    assert all(line.endswith('unknown key "twon": did you mean "town"?') for line in found)


def test_merged_keys_and_aliases_keep_their_places(tmp_path: Path) -> None:
    text = """\
watches:
  - &first
    id: one
    any: [{town: Homs}]
    severity: sever
  - <<: *first
    id: two
    sources: none
"""
    found = mistakes(write(tmp_path, text))
    assert [line.split(":", 1)[1].split(": ", 1)[0] for line in found] == ["5:15", "8:14"]


def test_a_model_that_another_distribution_packs_is_installed(tmp_path: Path) -> None:
    settings = load_settings(write(tmp_path, "enrich: {models: {en: en_core_web_sm, fr: fr_core_news_md}}\n"))
    assert settings.enrich.models == {"en": "en_core_web_sm", "fr": "fr_core_news_md"}
    (tmp_path / "mine").mkdir()
    settings = load_settings(write(tmp_path, "enrich: {models: {fr: mine}}\n"))
    assert settings.enrich.models == {"fr": str(tmp_path / "mine")}


@pytest.mark.parametrize(
    "text",
    [
        "watches:\n  - id: road\n    any: [{town: Homs}]\n    notify: [ops]\n",
        "- id: road\n  any: [{town: Homs}]\n  notify: [ops]\n",
    ],
)
def test_watches_alone_may_notify_endpoints_of_another_file(tmp_path: Path, text: str) -> None:
    path = write(tmp_path, text, "W.yaml")
    assert [watch.id for watch in read_watches(path).settings.watches] == ["road"]


def test_watches_alone_are_checked_as_in_a_whole_file(tmp_path: Path) -> None:
    path = write(tmp_path, "- id: road\n  any: [{town: 5}]\n- id: road\n  any: [{twon: x}]\n", "W.yaml")
    with pytest.raises(ConfigInvalid) as invalid:
        read_watches(path)
    assert [line.removeprefix(f"{path}:") for line in invalid.value.mistakes] == [
        '2:16: "town" must be text and this is the number 5: write text in quotes',
        '3:7: watch 1 already has the id "road": give each an id of its own',
        '4:9: unknown key "twon": did you mean "town"?',
    ]
    path = write(tmp_path, "endpoints: []\nwatches:\n  - {id: a, any: [{town: Homs}], notify: [ops]}\n", "V.yaml")
    with pytest.raises(ConfigInvalid, match="there are no endpoints"):
        read_watches(path)


def test_positions_lead_to_names(tmp_path: Path) -> None:
    write(tmp_path, "id: mine\n", "mine.yaml")
    config = read_config(write(tmp_path, GOOD))
    assert config.source.where(("watches", 0, "any", 0, "route", 1)) == (19, 23)
    assert config.source.where(("watches", 0, "any", 1, "country"), key=True) == (22, 9)
    assert config.source.where(("watches", 1, "all", 1, "area", "bbox", 3)) == (27, 62)
    assert config.source.where(("watches", 0, "any", 0, "nowhere")) == (19, 9)


def test_every_setting_can_be_suggested() -> None:
    assert keys_at(Settings, ()) == list(Settings.model_fields)
    for name, field in Settings.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            assert keys_at(Settings, (name,)) == list(field.annotation.model_fields)
    assert keys_at(Settings, ("watches", 0, "any", 0, "<town>")) == ["town", "country", "within_km"]
    assert keys_at(Settings, ("endpoints", 0, "webhook")) == ["id", "kind", "timeout_seconds", "pace", "url", "secrets"]
    assert keys_at(Settings, ("endpoints", 0, "email", "templates")) == ["title", "text", "html"]
    assert keys_at(Settings, ("web", "metrics")) == ["broker", "poll", "work", "notify"]
