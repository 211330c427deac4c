"""The settings file: read, checked, and every mistake in it told as `file:line:column: what, and what to do`."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from agents.match.resolve import NameProblem
from agents.match.watch import Condition, Watch
from agents.notify.endpoint import with_files_beside
from agents.notify.secret import beside
from newswatch.kept_watches import Keeping, take_keeping
from newswatch.long_yaml import read_source
from newswatch.plain_words import describe, keys_at, trace
from newswatch.settings import EnrichSettings, Settings
from newswatch.yaml_source import KeyPath, Mistake, Unreadable, YamlSource, read_text
from streams.archive.dialect import address
from streams.errors import ConfigInvalid


@dataclass(frozen=True, slots=True)
class ConfigFile:
    """A settings file without a mistake in its writing; names are checked by whoever knows what they mean."""

    path: Path
    settings: Settings
    source: YamlSource
    keeping: tuple[Keeping, ...] = ()
    """For each watch what a file of watches says beside it."""

    def lines(self, found: Iterable[tuple[KeyPath, str]]) -> list[str]:
        """One line for each thing to tell of a place in the file."""
        return [_line(self.path, Mistake(*self.source.where(where), message)) for where, message in found]

    def name_mistakes(self, problems: Iterable[NameProblem]) -> list[str]:
        """One line for each name that means nothing."""
        return [self._line(problem) for problem in problems if problem.level == "error"]

    def name_notes(self, problems: Iterable[NameProblem]) -> list[str]:
        """One line for each name that may mean something else than was taken."""
        return [self._line(problem) for problem in problems if problem.level == "note"]

    def _line(self, problem: NameProblem) -> str:
        line, column = self.source.where(("watches", problem.position, *problem.path))
        return _line(self.path, Mistake(line, column, problem.message))


class ConfigBroken(ConfigInvalid):
    """Mistakes in the writing of a file; `watches` are what of its watches is right, if their names can be checked.

    Each has one condition, which stood at its place in `places`.
    """

    def __init__(self, path: Path, source: YamlSource | None, found: Iterable[Mistake]) -> None:
        self._path = path
        self._source = source
        self._found = sorted(dict.fromkeys(found), key=lambda mistake: (mistake.line, mistake.column))
        super().__init__([_line(path, mistake) for mistake in self._found])
        self.enrich: EnrichSettings | None = None
        self.watches: tuple[Watch, ...] = ()
        self.places: tuple[KeyPath, ...] = ()
        if source is not None and isinstance(source.data, dict):
            self.enrich = _right_enrich(source.data, path.resolve().parent)
            alone = list(_right_conditions(source.data))
            self.places = tuple(place for place, _ in alone)
            self.watches = tuple(Watch(id="alone", any=(condition,)) for _, condition in alone)

    def with_names(self, problems: Iterable[NameProblem]) -> list[str]:
        """Every mistake in the order of the file, those of names in `watches` among them."""
        found = list(self._found)
        for problem in problems:
            if self._source is not None and problem.level == "error":
                place = (*self.places[problem.position], *problem.path[2:])
                found.append(Mistake(*self._source.where(place), problem.message))
        return ConfigBroken(self._path, None, found).mistakes


def load_settings(path: Path) -> Settings:
    """The settings of a file, its paths made absolute from where it lies. Raises ConfigInvalid with every mistake."""
    return read_config(path).settings


def read_config(path: Path) -> ConfigFile:
    """A settings file with the positions of what stands in it. Raises ConfigInvalid with every mistake."""
    return _read(path, watches_only=False)


def read_watches(path: Path, text: str | None = None) -> ConfigFile:
    """Watches from a whole settings file, or from one that has only `watches:`, a bare list of them, or one alone.

    `text` stands in place of the file's. A file without endpoints may notify any: they belong to another file. Each
    watch may say its `owner` and whether it is `enabled`. Raises ConfigInvalid with every mistake.
    """
    return _read(path, watches_only=True, text=text)


def _read(path: Path, *, watches_only: bool, text: str | None = None) -> ConfigFile:
    try:
        source = read_source(read_text(path) if text is None else text)
    except Unreadable as error:
        raise ConfigBroken(path, None, [error.mistake]) from error
    base = path.resolve().parent
    mistakes = list(source.mistakes)
    keeping: list[Keeping] = []
    if watches_only:
        _as_watches(source)
        keeping, wrong = take_keeping(source.data)
        mistakes += [Mistake(*source.where(where), message) for where, message in wrong]
    settings: Settings | None = None
    try:
        settings = Settings.model_validate(source.data)
    except ValidationError as error:
        mistakes += _explain(error, source)
    if isinstance(source.data, dict):
        mistakes += [
            Mistake(*source.where(where, key=key), message)
            for where, key, message in _cross_check(source.data, base, watches_only)
        ]
    if mistakes or settings is None:
        raise ConfigBroken(path, source, mistakes)
    return ConfigFile(path, _resolve_paths(settings, base), source, tuple(keeping))


def _as_watches(source: YamlSource) -> None:
    """A bare list of watches, or one watch, as the settings file would have it."""
    if isinstance(source.data, dict) and "id" in source.data and "watches" not in source.data:
        source.data, source.prefix = {"watches": [source.data]}, ("watches", 0)
    elif isinstance(source.data, list):
        source.data, source.prefix = {"watches": source.data}, ("watches",)


def _line(path: Path, mistake: Mistake) -> str:
    return f"{path}:{mistake.line}:{mistake.column}: {mistake.message}"


def _right_conditions(data: dict[str, Any]) -> Iterator[tuple[KeyPath, Condition]]:
    """The conditions that are well written, whatever stands around them, and where."""
    adapter: TypeAdapter[Condition] = TypeAdapter(Condition)
    for position, watch in _list_of_dicts(data, "watches"):
        for group in ("any", "all", "none"):
            conditions = watch.get(group)
            for index, condition in enumerate(conditions if isinstance(conditions, list) else []):
                with suppress(ValidationError):
                    yield ("watches", position, group, index), adapter.validate_python(condition)


def _right_enrich(data: dict[str, Any], base: Path) -> EnrichSettings | None:
    """How names are known, or None where that itself has mistakes."""
    if any(where[:2] == ("enrich", "packs") for where, _, _ in _machine(data, base)):
        return None
    try:
        enrich = EnrichSettings.model_validate(data.get("enrich", {}))
    except ValidationError:
        return None
    return enrich.model_copy(update={"packs": tuple(_absolute(pack, base) for pack in enrich.packs)})


def _explain(error: ValidationError, source: YamlSource) -> Iterator[Mistake]:
    for one in error.errors(include_url=False):
        path, meant = trace(one["loc"], source.data)
        location = one["loc"]
        if meant:
            about_key = one["type"] == "extra_forbidden" or location[-1:] == ("[key]",)
            around = location[: -2 if location[-1:] == ("[key]",) else -1] if about_key else location
            allowed = keys_at(Settings, around)
            path = (*path, "kind") if one["type"] == "union_tag_invalid" else path
            line, column = source.where(path, key=about_key)
            lines_on = source.lines_within(path, one.get("ctx", {}).get("template_line", 1))
            yield Mistake(line + lines_on, 1 if lines_on else column, describe(one, path, allowed))


_Finding = tuple[KeyPath, bool, str]
"""Where, whether the key rather than the value is meant, and what."""


def _cross_check(data: dict[str, Any], base: Path, watches_only: bool) -> Iterator[_Finding]:
    """What only shows when several values are looked at together, or at the machine."""
    yield from _doubles(data, "watches", "id", "watch")
    yield from _doubles(data, "endpoints", "id", "endpoint")
    yield from _doubles(data, "feeds", "id", "feed")
    yield from _doubles(data, "feeds", "url", "feed")
    if not (watches_only and "endpoints" not in data):
        yield from _unknown_endpoints(data)
    yield from _machine(data, base)


def _list_of_dicts(data: dict[str, Any], section: str) -> Iterator[tuple[int, dict[str, Any]]]:
    entries = data.get(section)
    for position, entry in enumerate(entries if isinstance(entries, list) else []):
        if isinstance(entry, dict):
            yield position, entry


def _doubles(data: dict[str, Any], section: str, key: str, thing: str) -> Iterator[_Finding]:
    seen: dict[str, int] = {}
    for position, entry in _list_of_dicts(data, section):
        value = entry.get(key)
        if not isinstance(value, str) or not value:
            continue
        if value in seen:
            advice = "give each an id of its own" if key == "id" else "keep one"
            yield (
                (section, position, key),
                False,
                f'{thing} {seen[value] + 1} already has the {key} "{value}": {advice}',
            )
        seen.setdefault(value, position)


def _unknown_endpoints(data: dict[str, Any]) -> Iterator[_Finding]:
    known = [entry["id"] for _, entry in _list_of_dicts(data, "endpoints") if isinstance(entry.get("id"), str)]
    if "endpoints" not in data:
        known = [endpoint.id for endpoint in Settings().endpoints]
    asked: list[tuple[tuple[str | int, ...], object]] = [
        (("watches", position, "notify"), entry.get("notify")) for position, entry in _list_of_dicts(data, "watches")
    ]
    notify = data.get("notify")
    if isinstance(notify, dict):
        asked += [(("notify", key), notify.get(key)) for key in ("exhausted_to", "outage_to", "quiet_to")]
    for where, wanted in asked:
        for index, name in enumerate(wanted if isinstance(wanted, list) else []):
            if isinstance(name, str) and name.strip() not in known:
                listed = f"the endpoints are {', '.join(known)}" if known else "there are no endpoints"
                message = f'no endpoint has the id "{name}", {listed}: name one of them, or add it under "endpoints"'
                yield (*where, index), False, message


def _machine(data: dict[str, Any], base: Path) -> Iterator[_Finding]:
    enrich = data.get("enrich")
    enrich = enrich if isinstance(enrich, dict) else {}
    packs = enrich.get("packs")
    for index, pack in enumerate(packs if isinstance(packs, list) else []):
        if isinstance(pack, str) and not _absolute(Path(pack), base).is_file():
            yield (
                ("enrich", "packs", index),
                False,
                f'there is no pack file "{pack}": correct the path, or leave it out',
            )
    models = enrich.get("models")
    for language, model in (models if isinstance(models, dict) else {}).items():
        if isinstance(model, str) and not _has_model(model, base):
            message = f'the model "{model}" is not installed: install it with pip, or name another'
            yield ("enrich", "models", language), False, message


def _has_model(model: str, base: Path) -> bool:
    if _absolute(Path(model), base).is_dir():
        return True
    if model.isidentifier() and importlib.util.find_spec(model) is not None:
        return True
    # A model that another distribution packs anew keeps the model's name as its beginning.
    return any(f"{known.name}_".startswith(f"{model}_") for known in entry_points(group="spacy_models"))


def _absolute(path: Path, base: Path) -> Path:
    return base / path.expanduser()


def _resolve_paths(settings: Settings, base: Path) -> Settings:
    enrich = settings.enrich.model_copy(
        update={
            "packs": tuple(_absolute(pack, base) for pack in settings.enrich.packs),
            "models": {
                language: str(_absolute(Path(model), base)) if _absolute(Path(model), base).is_dir() else model
                for language, model in settings.enrich.models.items()
            },
        }
    )
    archive = settings.archive
    if archive:
        url = address(archive)
        if url.get_backend_name() == "sqlite" and url.database and url.database != ":memory:":
            absolute = url.set(database=str(_absolute(Path(url.database), base)))
            archive = absolute.render_as_string(hide_password=False)
    kafka = settings.kafka
    files = {name: getattr(kafka, name) for name in ("ca_file", "certificate_file", "key_file")}
    found: dict[str, Any] = {name: _absolute(file, base) for name, file in files.items() if file is not None}
    if kafka.password is not None:
        found["password"] = beside(kafka.password, base)
    update = {
        "kafka": kafka.model_copy(update=found),
        "data_dir": _absolute(settings.data_dir, base),
        "archive": archive,
        "archive_password": beside(settings.archive_password, base) if settings.archive_password else None,
        "enrich": enrich,
        "endpoints": tuple(with_files_beside(endpoint, base) for endpoint in settings.endpoints),
    }
    return settings.model_copy(update=update)
