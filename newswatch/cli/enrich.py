"""`newswatch enrich`: articles in, one JSON line each out with language and mentions."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated, Any
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from newswatch.cli.names_progress import prepare_names
from newswatch.settings import EnrichSettings
from streams.feeds.dates import parse_date
from streams.memory import loading
from streams.records import Article, EnrichedArticle, Mention

BATCH = 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LANGUAGE = re.compile("[a-z]{2}")
_FORM = 'an article is {"id": ..., "title": ..., "text": ...}'
_OPTIONAL_TEXTS = ("title", "text", "language", "source")


def enrich(
    file: Annotated[str, typer.Argument(help="Articles, one JSON object a line; `-` reads standard input.")] = "-",
    text: Annotated[bool, typer.Option("--text", help="The input is one plain text.")] = False,
    language: Annotated[str | None, typer.Option(help="Language where the article names none (ISO 639-1).")] = None,
    pack: Annotated[list[Path] | None, typer.Option(help="A pack of your own; repeat for more.")] = None,
    model: Annotated[
        list[str] | None, typer.Option(help="spaCy model of a language, such as de=de_core_news_md.")
    ] = None,
    cache_dir: Annotated[Path | None, typer.Option(help="Where the compiled gazetteer is kept.")] = None,
) -> None:
    """Find places, actors and routes in articles: one JSON line out for each line in, in order."""
    models = dict(EnrichSettings().models)
    for given in model or []:
        code, _, name = given.partition("=")
        if not code or not name:
            raise typer.BadParameter(f"{given!r} is not LANGUAGE=MODEL, such as de=de_core_news_md")
        models[code] = name
    if language is not None and not _LANGUAGE.fullmatch(language):
        raise typer.BadParameter(f"{language!r} is no language; write its two letters (ISO 639-1), such as fr")
    if file != "-" and not Path(file).is_file():
        raise typer.BadParameter(f"{file} is not a file; name a file, or `-` for standard input")
    raise typer.Exit(
        run_enrich(file, text=text, language=language, packs=pack or (), models=models, cache_dir=cache_dir)
    )


def run_enrich(
    file: str,
    *,
    text: bool,
    language: str | None,
    packs: Sequence[Path],
    models: dict[str, str],
    cache_dir: Path | None,
    out: IO[str] | None = None,
    errors: IO[str] | None = None,
) -> int:
    """Enrich a file or standard input (`-`); the exit code: 0 done, 1 where a line of the input was wrong."""
    # late, so that `--help` and mistakes in the arguments answer at once
    from agents.names.knowledge import default_cache_dir, load_knowledge  # noqa: PLC0415

    out, errors = out or sys.stdout, errors or sys.stderr
    prepare_names(cache_dir, errors)
    cache = cache_dir or default_cache_dir()
    with loading():
        from agents.enrich.enricher import Enricher  # noqa: PLC0415
        from agents.enrich.recognise import Recogniser  # noqa: PLC0415

        enricher = Enricher(load_knowledge(packs, cache), Recogniser(models, cache))
    wrong = 0
    source = sys.stdin.buffer if file == "-" else Path(file).open("rb")  # noqa: SIM115 - closed below
    console = Console(file=errors)
    progress = Progress(
        SpinnerColumn(), TextColumn("{task.completed} articles"), TimeElapsedColumn(), console=console, transient=True,
        disable=not console.is_terminal,
    )  # fmt: skip
    try:
        with progress:
            task = progress.add_task("enrich", total=None)
            batch: list[Article] = []
            for item in read_articles(source, "-" if file == "-" else file, text=text, language=language):
                if isinstance(item, str):
                    wrong += 1
                    errors.write(item + "\n")
                    continue
                batch.append(item)
                if len(batch) == BATCH:
                    wrong += _print(enricher.enrich, batch, out, errors)
                    progress.advance(task, len(batch))
                    batch = []
            if batch:
                wrong += _print(enricher.enrich, batch, out, errors)
    except BrokenPipeError:
        return 0
    finally:
        if file != "-":
            source.close()
    return 1 if wrong else 0


def read_articles(source: IO[bytes], name: str, *, text: bool, language: str | None) -> Iterator[Article | str]:
    """The articles of the input, and a message for every line that is none."""
    if text:
        yield _article(
            "-" if name == "-" else Path(name).name, "", source.read().decode("utf-8", "replace"), language, ""
        )
        return
    for number, raw in enumerate(source, 1):
        if not raw.strip():
            continue
        try:
            line = json.loads(raw.decode("utf-8-sig" if number == 1 else "utf-8"))
        except UnicodeDecodeError as error:
            yield f"{name}:{number}: not UTF-8 (byte {error.start + 1}); save the file as UTF-8"
        except json.JSONDecodeError as error:
            yield (
                f"{name}:{number}: not JSON: {error.msg} (column {error.colno}); "
                "give one JSON object a line, or use --text for plain text"
            )
        except ValueError:
            yield f"{name}:{number}: a number in it has too many digits to be read; put it in quotes"
        except RecursionError:
            yield f"{name}:{number}: nested too deeply; give one flat JSON object a line"
        else:
            if wrong := _mistake(line):
                yield f"{name}:{number}: {wrong}"
                continue
            yield _article(
                str(line["id"]),
                line.get("title") or "",
                line.get("text") or "",
                line.get("language") or language,
                line.get("source") or "",
                _published(line.get("published")),
            )


def _mistake(line: object) -> str:
    """What keeps a line from being an article, and what to do; empty where nothing does. Other fields are ignored."""
    if not isinstance(line, dict):
        return f"{_a(line)}, not a JSON object; {_FORM}"
    if "id" not in line:
        return f'no "id"; {_FORM}'
    if not isinstance(line["id"], str | int) or isinstance(line["id"], bool):
        return f'"id" is {_a(line["id"])}; make it a text or a whole number'
    for key in _OPTIONAL_TEXTS:
        if not isinstance(line.get(key), str | None):
            return f'"{key}" is {_a(line[key])}; make it a text, or leave it out'
    if line.get("title") is None and line.get("text") is None:
        return 'neither "title" nor "text"; give at least one of them'
    return ""


def _a(value: object) -> str:
    """What a JSON value is, in a word."""
    match value:
        case None:
            return "null"
        case bool():
            return "true or false"
        case int() | float():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
    return "an object"


def _article(
    article_id: str, title: str, text: str, language: str | None, source: str, published: datetime | None = None
) -> Article:
    return Article(article_id, 1, "", _outlet(source), None, title, text, language, published, published or _EPOCH)


def _published(written: object) -> datetime | None:
    """When an article appeared: a date as feeds write them, or seconds since 1970; None where it is neither."""
    if isinstance(written, int | float) and not isinstance(written, bool):
        try:
            return datetime.fromtimestamp(written, UTC)
        except (ValueError, OverflowError, OSError):
            return None
    return parse_date(written) if isinstance(written, str) else None


def _outlet(source: str) -> str:
    """The host of a source, without `www.`; empty where its address has none."""
    try:
        host = urlsplit(source).hostname if "//" in source else source
    except ValueError:
        host = None
    return (host or "").removeprefix("www.")


def _print(run: Any, batch: Sequence[Article], out: IO[str], errors: IO[str]) -> int:
    """Print a batch in order; an article that raises is told of and fails alone. How many failed."""
    try:
        found: Sequence[EnrichedArticle] = run(batch)
    except Exception as error:
        if len(batch) > 1:
            return sum(_print(run, [article], out, errors) for article in batch)
        errors.write(f"article {batch[0].id}: {type(error).__name__}: {error}; it was left out\n")
        return 1
    for enriched in found:
        row = {
            "id": enriched.article.id,
            "language": enriched.language,
            "mentions": [as_row(mention) for mention in enriched.mentions],
        }
        line = json.dumps(row, ensure_ascii=False)
        try:
            line.encode("utf-8")
        except UnicodeEncodeError:
            line = json.dumps(row)
        out.write(line + "\n")
    out.flush()
    return 0


def as_row(mention: Mention) -> dict[str, Any]:
    """A mention as `newswatch enrich` prints it."""
    row: dict[str, Any] = {
        "field": mention.field, "start": mention.start, "end": mention.end, "surface": mention.surface,
        "kind": mention.kind, "entity": mention.entity, "name": mention.name, "lat": mention.lat, "lon": mention.lon,
        "country": mention.country, "confidence": mention.confidence, "reason": mention.reason,
    }  # fmt: skip
    if mention.kind == "route":
        row["waypoints"] = list(mention.waypoints)
    if mention.modality != "fact":
        row["modality"] = mention.modality
    return row
