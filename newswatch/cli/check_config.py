"""`newswatch check-config`: every mistake in a settings file, with its line and column."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from agents.match.compile import compile_watches
from agents.names.knowledge import load_knowledge
from agents.notify.endpoint import WebhookEndpoint, secrets_of
from agents.notify.secret import reveal
from newswatch.cli.names_progress import prepare_names
from newswatch.cli.options import DEFAULT_CONFIG
from newswatch.kept_watches import clashes, existing_archive, told_of_archive
from newswatch.settings import Settings
from newswatch.watch_intake import read_wholly
from newswatch.yaml_source import KeyPath
from streams.addresses import AddressPolicy, AddressRefused
from streams.errors import ConfigInvalid


def check_config(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The settings file.")] = DEFAULT_CONFIG,
) -> None:
    """Report every mistake as file:line:column: what, and what to do. Exit code 1 if there is one."""
    try:
        mistakes = _check(file)
    except ConfigInvalid as error:
        mistakes = error.mistakes
    for mistake in mistakes:
        print(mistake)
    raise typer.Exit(1 if mistakes else 0)


def _check(file: Path) -> list[str]:
    config = read_wholly(file)
    settings = config.settings
    prepare_names(settings.cache_dir())
    knowledge = load_knowledge(settings.enrich.packs, settings.cache_dir())
    _, problems = compile_watches(settings.watches, knowledge)
    for note in config.name_notes(problems):
        print(note, file=sys.stderr)
    for note in _secrets_not_here(settings):
        print(f"{file}: {note}", file=sys.stderr)
    for note in config.lines(_out_of_reach(settings)):
        print(note, file=sys.stderr)
    mistakes = config.name_mistakes(problems)
    archive = existing_archive(settings)
    told = ""
    if archive is not None:
        mistakes += config.lines(clashes(archive, settings.watches))
        told = told_of_archive(archive)
        archive.close()
    if not mistakes:
        counts = (
            _count(len(settings.feeds), "feed"),
            _count(len(settings.watches), "watch", "watches"),
            _count(len(settings.endpoints), "endpoint"),
        )
        print(f"{file}: fine ({', '.join(counts)})" + (f"; {told}" if told else ""))
    return mistakes


def _secrets_not_here(settings: Settings) -> list[str]:
    """Secrets that the notifier would not find if it ran here and now; elsewhere it may."""
    found = []
    for endpoint in settings.endpoints:
        for secret in secrets_of(endpoint):
            try:
                reveal(secret)
            except ConfigInvalid as error:
                found.append(f"note: endpoint {endpoint.id}: {error}")
    return found


def _out_of_reach(settings: Settings) -> list[tuple[KeyPath, str]]:
    """Feeds and webhooks at addresses of this machine or a private network that nothing allows.

    Names are judged when they are dialled.
    """
    found: list[tuple[KeyPath, str]] = []
    fetched, told = AddressPolicy(settings.poll.allow_networks), AddressPolicy(settings.notify.allow_networks)
    for number, feed in enumerate(settings.feeds):
        if refused := _refused(fetched, str(feed.url), "poll"):
            found.append((("feeds", number, "url"), f"note: this feed will not be fetched: {refused}"))
    for number, endpoint in enumerate(settings.endpoints):
        if isinstance(endpoint, WebhookEndpoint) and (refused := _refused(told, str(endpoint.url), "notify")):
            found.append((("endpoints", number, "url"), f"note: this endpoint will be told nothing: {refused}"))
    return found


def _refused(policy: AddressPolicy, url: str, section: str) -> str:
    host = urlsplit(url).hostname or ""
    address = "127.0.0.1" if host == "localhost" else host
    try:
        policy.check(address)
    except AddressRefused as refused:
        return f"{refused}, as `{section}: {{allow_networks: [{address}]}}`"
    return ""


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or one + 's'}"
