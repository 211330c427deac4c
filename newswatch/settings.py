"""Every setting, its default and its bounds. `config_file.py` reads them from YAML."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agents.match.watch import Watch
from agents.notify.endpoint import ConsoleEndpoint, Endpoint
from streams.feeds.catalogue import Feed

Listen = Annotated[str, StringConstraints(pattern=r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d{1,5}$")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class KafkaSettings(_Strict):
    """The broker: `embedded` (one machine, started by `newswatch run`) or addresses of Apache Kafka."""

    bootstrap: str = "embedded"
    """`embedded`, or `host:port[,host:port...]`."""
    embedded_port: int = Field(default=19092, ge=0, le=65535)
    """Loopback port of the embedded broker; 0 takes a free one."""
    partitions: int = Field(default=4, ge=1, le=1024)
    replication: int = Field(default=1, ge=1, le=7)
    group: str = "newswatch"
    recycle_megabytes: int = Field(default=512, ge=64)
    """The embedded broker is emptied and restarted when its memory passes this."""


class PollSettings(_Strict):
    """How feeds are fetched."""

    user_agent: str = "newswatch/0.1 (feed reader)"
    timeout_seconds: float = Field(default=20.0, gt=0, le=120)
    max_document_megabytes: float = Field(default=16.0, gt=0, le=256)
    parse_timeout_seconds: float = Field(default=5.0, gt=0, le=60)
    parse_processes: int = Field(default=1, ge=1, le=32)
    concurrency: int = Field(default=16, ge=1, le=1024)


class EnrichSettings(_Strict):
    """How articles are read."""

    processes: int = Field(default=2, ge=1, le=64)
    batch: int = Field(default=32, ge=1, le=1024)
    batch_timeout_seconds: float = Field(default=60.0, gt=0, le=600)
    models: dict[str, str] = {"fr": "fr_core_news_md", "en": "en_core_web_sm"}
    """spaCy model by language: an installed package's name or a directory."""
    packs: tuple[Path, ...] = ()
    """The user's own pack files, added to the bundled ones."""


class WebSettings(_Strict):
    """Where the page, the API and each role's `/metrics` listen."""

    listen: Listen = "127.0.0.1:8787"
    metrics: dict[Literal["broker", "poll", "work", "notify"], Listen] = {
        "broker": "127.0.0.1:8791",
        "poll": "127.0.0.1:8792",
        "work": "127.0.0.1:8793",
        "notify": "127.0.0.1:8794",
    }

    def address_of(self, role: str) -> str:
        """Where a role serves its `/metrics`: the web role beside its page, the others where `metrics` says."""
        defaults: dict[str, str] = type(self).model_fields["metrics"].default
        given: dict[str, str] = {name: address for name, address in self.metrics.items()}
        return given.get(role) or defaults.get(role) or self.listen


class Settings(_Strict):
    """The whole of `newswatch.yaml`."""

    data_dir: Path = Path("newswatch-data")
    """Holds the archive and caches; made if missing. Relative to the settings file."""
    archive: str = ""
    """SQLAlchemy address of the archive; empty means SQLite in `data_dir`."""
    feeds: tuple[Feed, ...] = ()
    watches: tuple[Watch, ...] = ()
    endpoints: tuple[Endpoint, ...] = (ConsoleEndpoint(id="console", kind="console"),)
    kafka: KafkaSettings = KafkaSettings()
    poll: PollSettings = PollSettings()
    enrich: EnrichSettings = EnrichSettings()
    web: WebSettings = WebSettings()

    def archive_url(self) -> str:
        """The address of the archive, with the default filled in."""
        return self.archive or f"sqlite:///{(self.data_dir / 'archive.sqlite').resolve()}"

    def cache_dir(self) -> Path:
        """Where what can be computed again is kept: shared by all that run as this user."""
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
        return Path(base) / "newswatch"
