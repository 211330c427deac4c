"""`newswatch topics` and the whole path of a record, the same on the embedded broker and on Apache Kafka."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from kafka import KafkaAdminClient
from kafka.admin import ConfigResource, ConfigResourceType, NewTopic

from agents.pipeline import new_app
from newswatch.cli.main import main
from streams import topics
from streams.archive import facts
from streams.archive.engine import open_archive
from streams.broker import EmbeddedBroker, free_port
from streams.clock import utc_now
from streams.kafka import Kafka, Publisher

NAMES = [topic.name for topic in topics.ALL]


@dataclass
class Cluster:
    """A broker of one kind, and a settings file that names it."""

    kind: str
    bootstrap: str
    config: Path
    brokers: int


@pytest.fixture(
    params=[
        pytest.param("embedded"),
        pytest.param("one node", marks=pytest.mark.services),
        pytest.param("three nodes", marks=pytest.mark.services),
    ]
)
def cluster(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Cluster]:
    config = tmp_path / "newswatch.yaml"
    if request.param != "embedded":
        kafka = request.getfixturevalue("real_kafka" if request.param == "one node" else "three_kafkas")
        config.write_text(f"data_dir: data\nkafka:\n  bootstrap: {kafka.bootstrap}\n  partitions: 3\n")
        yield Cluster(request.param, kafka.bootstrap, config, 1 if request.param == "one node" else 3)
        return
    config.write_text("data_dir: data\nkafka:\n  partitions: 3\n")
    with embedded() as address:
        archive = open_archive(f"sqlite:///{tmp_path / 'data' / 'archive.sqlite'}")
        with archive.begin() as connection:
            facts.tell(connection, facts.BROKER_ADDRESS, address, utc_now())
        archive.close()
        yield Cluster("embedded", address, config, 1)


@contextlib.contextmanager
def embedded() -> Iterator[str]:
    """The embedded broker, on an event loop and thread of its own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    broker = EmbeddedBroker(free_port())
    asyncio.run_coroutine_threadsafe(broker.start(), loop).result(60)
    try:
        yield broker.address
    finally:
        asyncio.run_coroutine_threadsafe(broker.stop(), loop).result(30)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)


def newswatch(*arguments: object) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with (
        pytest.MonkeyPatch.context() as patched,
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        patched.setattr(sys, "argv", ["newswatch", "topics", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
    return int(ended.value.code or 0), out.getvalue(), err.getvalue()


def test_topics_are_made_shown_and_checked_and_what_differs_is_told_and_left(cluster: Cluster) -> None:
    with contextlib.closing(KafkaAdminClient(bootstrap_servers=cluster.bootstrap.split(","))) as admin:
        odd = {"retention.ms": "1000", "cleanup.policy": "compact"}
        admin.create_topics([NewTopic("dead", num_partitions=2, replication_factor=1, topic_configs=odd)])
        code, out, _ = newswatch("check", "-c", cluster.config)
        assert code == 1
        assert "articles: is missing: make it with `newswatch topics create`" in out.splitlines()
        assert newswatch("create", "-c", cluster.config) == (0, "made articles, articles.enriched, alerts\n", "")
        assert newswatch("create", "-c", cluster.config) == (0, "every topic is there\n", "")
        code, out, _ = newswatch("check", "-c", cluster.config)
        assert code == 1
        told = out.splitlines()
        assert all(line.startswith("dead: ") for line in told), told
        assert "dead: has 2 partitions instead of 3: add some with Kafka's own tools" in told
        assert "dead: retention.ms is 1000 instead of 2592000000: alter it with Kafka's own tools" in told
        assert any("copies instead of 3" in line for line in told) == (cluster.brokers == 3)
        found = admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, "dead")], config_filter="all")
        assert found["topic"]["dead"]["retention.ms"]["value"] == "1000"  # nothing was changed
    code, out, _ = newswatch("show", "-c", cluster.config, "--json")
    rows = {row["topic"]: row for row in map(json.loads, out.splitlines())}
    assert code == 0
    assert sorted(rows) == sorted(NAMES)
    assert rows["articles"]["copies"] == (3 if cluster.brokers == 3 else 1)
    assert rows["articles"]["settings"]["min.insync.replicas"] == ("2" if cluster.brokers == 3 else "1")
    _, out, _ = newswatch("show", "-c", cluster.config)
    assert out.splitlines()[0].startswith("articles           3 partitions")


async def test_what_is_published_is_read_by_faust_once_acknowledged(cluster: Cluster, tmp_path: Path) -> None:
    assert (await asyncio.to_thread(newswatch, "create", "-c", cluster.config))[0] == 0
    kafka = Kafka(cluster.bootstrap, 3, 0, 6.0)
    publisher = Publisher(kafka)
    sent = [(f"a{number}", b"x" * 1_000 + str(number).encode()) for number in range(200)]
    assert all(await asyncio.to_thread(publisher.publish, topics.ARTICLES.name, sent, 60.0))
    await asyncio.to_thread(publisher.close)
    app = new_app(kafka, "readers", str(tmp_path / "faust"))
    got: list[bytes] = []
    everything = asyncio.Event()

    async def read(stream: object) -> None:
        async for value in stream:  # type: ignore[attr-defined]
            got.append(value)
            if len(got) == len(sent):
                everything.set()

    app.agent(app.topic(topics.ARTICLES.name, key_type=bytes, value_type=bytes), concurrency=1)(read)
    await app.start()
    try:
        async with asyncio.timeout(90):
            await everything.wait()
    finally:
        await app.stop()
    assert sorted(got) == sorted(value for _, value in sent)


def test_a_kafka_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    config = tmp_path / "newswatch.yaml"
    config.write_text("data_dir: data\nkafka:\n  bootstrap: 127.0.0.1:9\n")
    code, out, err = newswatch("check", "-c", config)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "127.0.0.1:9" in err
