"""Everything known by name: gazetteer, world, packs and the names that watches brought."""

from __future__ import annotations

import hashlib
import os
import pickle
import tempfile
from collections import OrderedDict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import cached_property
from pathlib import Path

from agents.names import imported, resolve, world
from agents.names.book import Book, BookEntry, entries_of
from agents.names.cache import clear_leftovers
from agents.names.compiler import Progress
from agents.names.complete import Completer
from agents.names.entity import Entity
from agents.names.gazetteer import ARTICLE, JOININGS, MAIN, Gazetteer, open_gazetteer
from agents.names.key import Folded, spelling
from agents.names.lexicon import Lexicon
from agents.names.packs import PackEntity, bundled_packs, entities_of, read_pack
from agents.names.scan import Found, Meaning, Meanings
from agents.names.scanner import Scanner, Source
from agents.names.spellings import Joining
from streams.records import Kind

_REMEMBERED = 50_000
_MANY = 60


class GazetteerScan:
    """The gazetteer's spellings, with the meanings of those met lately."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        spelled = {how: gazetteer.spellings(how) for how in JOININGS}
        self._spelled = {how: (found.starts, found.targets, found.flags) for how, found in spelled.items()}
        self._met: OrderedDict[tuple[Joining, int], Meanings] = OrderedDict()
        self.lexicon = Lexicon({how: found.patterns for how, found in spelled.items()})

    def meanings(self, how: Joining, pattern: int) -> Meanings:
        """What the spelling of a number may stand for, the most people first."""
        met = self._met.get((how, pattern))
        if met is not None:
            return met
        starts, targets, flags = self._spelled[how]
        first, last = int(starts[pattern]), int(starts[pattern + 1])
        rows = sorted(
            ((int(targets[at]), int(flags[at])) for at in range(first, last)),
            key=lambda pair: -int(self._gazetteer.population[pair[0]]),
        )[:_MANY]
        met = tuple(
            Meaning(
                self._gazetteer.entity(row, with_names=False),
                bool(flag & MAIN),
                bool(flag & ARTICLE),
                spellings=self._gazetteer.count_names(row),
            )
            for row, flag in rows
        )
        self._met[how, pattern] = met
        if len(self._met) > _REMEMBERED:
            self._met.popitem(last=False)
        return met


class NamesKnowledge:
    """The store of `agents.names.entity.Knowledge`; immutable, cheap to extend by `with_entities`."""

    def __init__(
        self,
        gazetteer: Gazetteer,
        scan: GazetteerScan,
        book: Book,
        theatre: frozenset[str],
        beside: tuple[Scanner, ...] = (),
    ) -> None:
        """`beside` are the scanners of what was known before, where the book is a small one beside that."""
        self.gazetteer = gazetteer
        self.theatre = theatre
        """Countries of the packs: a tie between equal candidates goes to these."""
        self.peoples = book.peoples
        self._scan = scan
        self._book = book
        first = () if beside else (Source(scan.lexicon, self._met), book.people_source)
        self._scanners = (*beside, Scanner((*first, book.source)))
        self._near: list[tuple[str, Kind]] | None = None

    def entity(self, entity_id: str) -> Entity | None:
        """The entity of this id, or None."""
        if (known := self._book.entities.get(entity_id)) is not None:
            return known
        row = self.gazetteer.row_of(entity_id)
        return None if row is None else self.gazetteer.entity(row)

    def knows(self, entity_id: str) -> bool:
        """Whether there is an entity of this id; without making it."""
        return entity_id in self._book.entities or self.gazetteer.row_of(entity_id) is not None

    def unknown(self, entity_ids: Sequence[str]) -> list[str]:
        """Those of many ids of which there is no entity, in their order: a million take a second."""
        left = [one for one in entity_ids if one not in self._book.entities]
        return [one for one, has in zip(left, self.gazetteer.has(left), strict=True) if not has]

    def find(self, name: str, kind: Kind | None = None) -> list[Entity]:
        """What a person may mean by `name` (any spelling, case or script), best first; empty if nothing."""
        return resolve.find(name, kind, self._book, self.gazetteer, self.theatre)

    def alike(self, name: str, countries: Collection[str]) -> list[tuple[float, Entity]]:
        """The places of some countries (ISO 3166-1 alpha-2) that sound like an unknown name, with their likeness."""
        return resolve.alike(name, countries, self._book, self.gazetteer)

    def nearest_names(self, name: str, kind: Kind | None = None, limit: int = 3) -> list[str]:
        """Known names most like one that means nothing, best first, for an error message."""
        if self._near is None:
            self._near = resolve.suggestions(self._book, self.gazetteer)
        return resolve.nearest(name, kind, self._near, limit)

    @cached_property
    def completer(self) -> Completer:
        """Completes names while somebody types; made when first asked for."""
        return Completer(self._book.entities, self.gazetteer, self.theatre)

    def places_in_box(
        self, south: float, west: float, north: float, east: float, most: int | None = None
    ) -> Iterator[Entity]:
        """Every place with coordinates inside the box (degrees), of the gazetteer's the `most` with the most people;
        west > east crosses the date line."""
        for entity in self._book.entities.values():
            if entity.kind != "place" or entity.lat is None or entity.lon is None or not south <= entity.lat <= north:
                continue
            if west <= entity.lon <= east if west <= east else entity.lon >= west or entity.lon <= east:
                yield entity
        for row in self.gazetteer.in_box(south, west, north, east, most):
            if f"geonames:{int(self.gazetteer.ids[row])}" not in self._book.entities:
                yield self.gazetteer.entity(row)

    def with_entities(self, entities: Iterable[Entity]) -> NamesKnowledge:
        """The same knowledge and these entities too; one that is known by its id gains names.

        Entities whose ids are new stand in a small book beside the others, so that nobody waits for them; their
        scanner starts with nothing remembered, the others' go on.
        """
        given = list(entities)
        entries = [entry for one in given for entry in entries_of(self._completed(PackEntity(one)))]
        if any(self.knows(one.id) for one in given):
            return NamesKnowledge(self.gazetteer, self._scan, self._book.extended(entries), self.theatre)
        return NamesKnowledge(self.gazetteer, self._scan, self._book.with_beside(entries), self.theatre, self._scanners)

    def listed(self) -> Iterator[Entity]:
        """Every entity that the world, a pack or a watch describes; these stand before the gazetteer's of their id."""
        return iter(self._book.entities.values())

    def routes(self) -> Iterator[Entity]:
        """Every road that a pack or a watch knows."""
        return (entity for entity in self._book.entities.values() if entity.kind == "route")

    def actors(self) -> Iterator[Entity]:
        """Every actor that a pack or a watch knows."""
        return (entity for entity in self._book.entities.values() if entity.kind == "actor")

    def country_names(self) -> dict[str, tuple[str, ...]]:
        """What countries are called in every language, by code."""
        return {e.country: e.names for e in self._book.entities.values() if e.feature == "country" and e.country}

    def namesake_states(self) -> dict[str, Entity]:
        """American states by the name of a city that they share it with (New York, Washington), as in folded text."""
        states = world.american_states()
        return {
            spelling(states[code]): entity
            for entity in self._book.entities.values()
            if entity.feature == "region" and entity.country == "US"
            for code in [(entity.admin1 or "").removeprefix("US.")]
            if code in states and code != "DC" and states[code] not in entity.names
        }

    def scan(self, folded: Folded, text: str) -> list[Found]:
        """Every name in the text, nested and overlapping ones too, in no order."""
        return self.scan_all(folded, text)[0]

    def scan_all(self, folded: Folded, text: str) -> tuple[list[Found], list[Found]]:
        """Every name in the text, and every adjective or noun that names a country's people, with the country."""
        gazetteer, peoples, book = self._scanners[0].scan(folded, text)
        for scanner in self._scanners[1:]:
            book = book + scanner.scan(folded, text)[0]
        return gazetteer + book, peoples

    def _met(self, how: Joining, pattern: int) -> Meanings:
        """What a spelling of the gazetteer means, its places as packs and watches describe them."""
        entities, meanings = self._book.entities, self._scan.meanings(how, pattern)
        if not any(meaning.entity.id in entities for meaning in meanings):
            return meanings
        return tuple(
            replace(meaning, entity=entities[meaning.entity.id], alias=not meaning.main)
            if meaning.entity.id in entities
            else meaning
            for meaning in meanings
        )

    def people_of(self, word: str) -> str | None:
        """The country whose people an adjective or noun names, or None."""
        return self.peoples.get(spelling(word))

    def _completed(self, item: PackEntity) -> PackEntity:
        return completed(item, self.entity(item.entity.id))


def completed(item: PackEntity, known: Entity | None) -> PackEntity:
    """A pack's or a watch's entity with what is known of the same id already."""
    if known is None:
        return item
    entity = item.entity
    names = tuple(dict.fromkeys((*entity.names, *known.names)))
    # GeoNames' own names hold codes and other towns' names; the gazetteer scans for those that are worth it
    own = (*entity.names, known.name) if known.id.startswith("geonames:") else None
    return PackEntity(
        replace(
            known,
            name=entity.name or known.name,
            names=names,
            lat=known.lat if entity.lat is None else entity.lat,
            lon=known.lon if entity.lon is None else entity.lon,
            country=entity.country or known.country,
            feature=entity.feature or known.feature,
            population=entity.population or known.population,
            waypoints=entity.waypoints or known.waypoints,
            source=entity.source or known.source,
        ),
        item.acronyms,
        own,
    )


def default_cache_dir() -> Path:
    """`$XDG_CACHE_HOME/newswatch`, or `~/.cache/newswatch`."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "newswatch"


def load_knowledge(
    packs: Sequence[Path] = (), cache_dir: Path | None = None, progress: Progress | None = None
) -> NamesKnowledge:
    """The bundled packs and these, over the gazetteer; a later pack overrides an earlier one by id.

    The first call on a machine compiles the gazetteer into `cache_dir` (ten seconds on two cores) and tells
    `progress` how far it is; later ones take a second or two. Raises ConfigInvalid for a pack with mistakes.
    """
    cache = cache_dir or default_cache_dir()
    gazetteer = open_gazetteer(cache, progress)
    entries, theatre, peoples = _entries([*bundled_packs(), *packs], gazetteer, cache)
    return NamesKnowledge(gazetteer, GazetteerScan(gazetteer), Book(entries, peoples), theatre)


def _entries(
    paths: list[Path], gazetteer: Gazetteer, cache: Path
) -> tuple[list[BookEntry], frozenset[str], dict[str, str]]:
    """What the packs and the world hold, from a cache keyed by their contents."""
    digest = hashlib.sha256(f"{gazetteer.version} {os.environ.get('PYTHONHASHSEED', '')}".encode())
    digest.update(world.world_sources())
    for code in ("book", "packs", "spellings", "words", "world", "entity", "knowledge", "key", "imported"):
        digest.update((Path(__file__).parent / f"{code}.py").read_bytes())
    for path in paths:
        digest.update(path.read_bytes() if path.is_file() else b"")
        digest.update(b"\0")
    file = cache / f"book-{digest.hexdigest()[:24]}.pickle"
    if file.exists():
        loaded: tuple[list[BookEntry], frozenset[str], dict[str, str]] = pickle.loads(file.read_bytes())
        return loaded
    items = [PackEntity(entity) for entity in (*world.countries(), *world.regions(gazetteer), *world.wide_areas())]
    items += [PackEntity(county) for county in world.american_counties()]
    items += [PackEntity(city, scanned=names) for city, names in world.exonyms(gazetteer)]
    by_id = {item.entity.id: item for item in items}
    theatre: set[str] = set()
    for path in paths:
        pack = read_pack(path)
        theatre.update(pack.countries)
        for item in entities_of(pack):
            known = by_id.get(item.entity.id)
            base = known.entity if known and not known.entity.source.startswith("pack:") else None
            if base is None and (row := gazetteer.row_of(item.entity.id)) is not None:
                base = gazetteer.entity(row)
            made = completed(item, base)
            if known is not None and known.scanned is not None and made.scanned is not None:
                made = replace(made, scanned=(*made.scanned, *known.scanned))
            by_id[item.entity.id] = made
    imported.add_regions(by_id, gazetteer)
    entries = [entry for item in by_id.values() for entry in entries_of(item)]
    result = (entries, frozenset(theatre), world.peoples())
    with suppress(OSError):  # a cache that cannot be written, as in an image, saves no time; nothing else
        handle, temporary = tempfile.mkstemp(prefix="book-", dir=cache)
        with os.fdopen(handle, "wb") as out:
            pickle.dump(result, out, protocol=pickle.HIGHEST_PROTOCOL)
        clear_leftovers(cache)
        os.replace(temporary, file)  # noqa: PTH105 - atomic, so that several processes may race
    return result
