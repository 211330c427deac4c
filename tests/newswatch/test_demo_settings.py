"""The demonstration's settings survive the way through a file."""

from __future__ import annotations

from pathlib import Path

from ruamel.yaml import YAML

from newswatch.demo.server import DemoServer
from newswatch.demo.settings import load_watches, make_settings, write_settings
from newswatch.settings import Settings


async def test_settings_written_and_read_again_are_the_same(tmp_path: Path) -> None:
    server = DemoServer(release_every=3600)
    await server.start()
    try:
        settings = make_settings(server, tmp_path / "data")
        write_settings(settings, tmp_path / "newswatch.yaml")
        loaded = YAML(typ="safe").load((tmp_path / "newswatch.yaml").read_text("utf-8"))
        assert Settings.model_validate(loaded) == settings
        assert {str(feed.url) for feed in settings.feeds} == {server.feed_url(source) for source in server.sources}
        assert str(settings.endpoints[0].url) == server.hook_url
        assert settings.watches == load_watches()
    finally:
        await server.stop()


async def test_feeds_are_polled_every_few_seconds_and_no_port_is_fixed(tmp_path: Path) -> None:
    server = DemoServer(release_every=3600)
    await server.start()
    try:
        settings = make_settings(server, tmp_path)
        assert all(feed.every_seconds <= 5 for feed in settings.feeds)
        assert settings.kafka.embedded_port == 0
        assert set(settings.web.metrics.values()) == {"127.0.0.1:0"}
        assert settings.web.listen.startswith("127.0.0.1:")
        assert settings.web.listen != make_settings(server, tmp_path).web.listen
        assert settings.data_dir == tmp_path
    finally:
        await server.stop()
