"""The settings of the demonstration: its feeds and watches, fast polling, a webhook back to itself."""

from __future__ import annotations

from pathlib import Path

from pydantic import HttpUrl, TypeAdapter
from ruamel.yaml import YAML

from agents.match.watch import Watch
from agents.notify.endpoint import WebhookEndpoint
from newswatch.demo.samples import read_yaml
from newswatch.demo.server import DemoServer
from newswatch.kafka_settings import KafkaSettings
from newswatch.settings import EnrichSettings, NotifySettings, PollSettings, Settings, WebSettings
from streams.broker import free_port
from streams.feeds.catalogue import Feed

POLL_EVERY_SECONDS = 2.0
ANY_PORT = "127.0.0.1:0"


def load_watches() -> tuple[Watch, ...]:
    """The demonstration's watches."""
    return TypeAdapter(tuple[Watch, ...]).validate_python(read_yaml("watches.yaml")["watches"])


def make_settings(server: DemoServer, data_dir: Path) -> Settings:
    """Settings on a started server; every port is free for the system to choose."""
    feeds = tuple(
        Feed(
            url=HttpUrl(server.feed_url(source)),
            id=source.id,
            name=source.title,
            language=source.language,
            every_seconds=POLL_EVERY_SECONDS,
        )
        for source in server.sources
    )
    return Settings(
        data_dir=data_dir,
        feeds=feeds,
        watches=load_watches(),
        endpoints=(WebhookEndpoint(id="terminal", kind="webhook", url=HttpUrl(server.hook_url)),),
        kafka=KafkaSettings(embedded_port=0, partitions=2),
        poll=PollSettings(
            parse_processes=1,
            allow_networks=("127.0.0.0/8",),
            host_spacing_seconds=0.0,
            host_requests_per_hour=36_000.0,
            full_text="never",  # its articles are invented, and so are their pages
        ),
        notify=NotifySettings(allow_networks=("127.0.0.0/8",)),
        enrich=EnrichSettings(processes=1),
        web=WebSettings(
            listen=f"127.0.0.1:{free_port()}",  # a person opens it, so its number must be known beforehand
            metrics={"broker": ANY_PORT, "poll": ANY_PORT, "work": ANY_PORT, "notify": ANY_PORT},
        ),
    )


def write_settings(settings: Settings, path: Path) -> None:
    """Write settings as a `newswatch.yaml` that the roles, being processes of their own, read."""
    plain = settings.model_dump(mode="json", exclude_defaults=True)
    yaml = YAML(typ="safe", pure=True)
    yaml.allow_unicode = True
    yaml.default_flow_style = False
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(plain, file)
