"""Apache Kafka itself, through kafka-python: what the code relies on from a broker, and the fixture's own promises."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import kafka_jars
import psutil
import pytest
from kafka import KafkaAdminClient, KafkaConsumer, KafkaProducer
from real_kafka import RealKafka, free_ports

from streams import topics
from streams.kafka import Kafka, ensure_topics

PARTITIONS = 3


def create_topics(bootstrap: str, copies: int = 1) -> None:
    """Make them by the code under test, and wait until every partition has a leader."""
    assert sorted(ensure_topics(Kafka(bootstrap, PARTITIONS, copies))) == sorted(topic.name for topic in topics.ALL)
    with KafkaAdminClient(bootstrap_servers=bootstrap) as admin:
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            partitions = [partition for topic in admin.describe_topics() for partition in topic["partitions"]]
            if len(partitions) == PARTITIONS * len(topics.ALL) and all(p["leader_id"] >= 0 for p in partitions):
                return
            time.sleep(0.1)
    raise AssertionError(f"partitions without a leader: {partitions}")


def producer_to(bootstrap: str) -> KafkaProducer:
    return KafkaProducer(
        bootstrap_servers=bootstrap,
        acks="all",
        max_request_size=topics.MAX_RECORD_BYTES,
    )


def consume(bootstrap: str, topic: str, count: int, group: str) -> list[tuple[bytes, bytes]]:
    consumer = KafkaConsumer(
        topic,
        bootstrap_servers=bootstrap,
        group_id=group,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        max_partition_fetch_bytes=topics.MAX_RECORD_BYTES,
    )
    got: list[tuple[bytes, bytes]] = []
    deadline = time.monotonic() + 60
    try:
        while len(got) < count and time.monotonic() < deadline:
            for records in consumer.poll(timeout_ms=500).values():
                got.extend((record.key, record.value) for record in records)
        consumer.commit()
    finally:
        consumer.close()
    return got


@pytest.mark.services
def test_every_topic_is_created_with_equal_partitions(real_kafka: RealKafka) -> None:
    create_topics(real_kafka.bootstrap)
    with KafkaAdminClient(bootstrap_servers=real_kafka.bootstrap) as admin:
        described = {topic["name"]: len(topic["partitions"]) for topic in admin.describe_topics()}
    assert described == {topic.name: PARTITIONS for topic in topics.ALL}
    assert ensure_topics(Kafka(real_kafka.bootstrap, PARTITIONS, 1)) == []  # again changes nothing


@pytest.mark.services
def test_what_was_acknowledged_is_read_after_the_broker_was_killed(real_kafka: RealKafka) -> None:
    create_topics(real_kafka.bootstrap)
    sent = [(f"article-{n}".encode(), json.dumps({"n": n, "title": "route coupée, طريق"}).encode()) for n in range(200)]
    producer = producer_to(real_kafka.bootstrap)
    futures = [producer.send(topics.ARTICLES.name, key=key, value=value) for key, value in sent]
    for future in futures:
        assert future.get(timeout=30).offset >= 0
    producer.close()
    first = real_kafka.pids

    real_kafka.kill()
    assert real_kafka.pids == []
    real_kafka.restart()

    assert real_kafka.pids != first
    assert sorted(consume(real_kafka.bootstrap, topics.ARTICLES.name, len(sent), "readers")) == sorted(sent)


@pytest.mark.services
def test_a_group_goes_on_where_it_committed(real_kafka: RealKafka) -> None:
    create_topics(real_kafka.bootstrap)
    producer = producer_to(real_kafka.bootstrap)
    for part in ("before", "after"):
        for n in range(20):
            producer.send(topics.ENRICHED.name, key=str(n).encode(), value=part.encode()).get(timeout=30)
        got = consume(real_kafka.bootstrap, topics.ENRICHED.name, 20, "alert")
        assert [value.decode() for _, value in got] == [part] * 20
    producer.close()


@pytest.mark.services
def test_a_record_near_the_bound_passes(real_kafka: RealKafka) -> None:
    create_topics(real_kafka.bootstrap)
    big = os.urandom(topics.MAX_RECORD_BYTES - 1024)
    producer = producer_to(real_kafka.bootstrap)
    producer.send(topics.DEAD.name, key=b"big", value=big).get(timeout=60)
    producer.close()
    assert consume(real_kafka.bootstrap, topics.DEAD.name, 1, "operator") == [(b"big", big)]


@pytest.mark.services
def test_three_nodes_keep_what_was_acknowledged_when_one_dies(three_kafkas: RealKafka) -> None:
    create_topics(three_kafkas.bootstrap, copies=3)
    producer = producer_to(three_kafkas.bootstrap)
    for n in range(30):
        producer.send(topics.ALERTS.name, key=str(n).encode(), value=b"opened").get(timeout=30)
    three_kafkas.kill(2)
    for n in range(30, 60):
        producer.send(topics.ALERTS.name, key=str(n).encode(), value=b"opened").get(timeout=60)
    producer.close()
    three_kafkas.restart(2)
    assert len(three_kafkas.pids) == 3
    keys = {int(key) for key, _ in consume(three_kafkas.bootstrap, topics.ALERTS.name, 60, "others")}
    assert keys == set(range(60))
    three_kafkas.stop()
    assert three_kafkas.pids == []


@pytest.mark.services
@pytest.mark.usefixtures("kafka_at_hand")
def test_no_node_outlives_a_test_run_that_was_killed(tmp_path: Path) -> None:
    program = textwrap.dedent("""
        import sys, time
        from pathlib import Path
        sys.path.insert(0, sys.argv[1])
        from real_kafka import RealKafka
        with RealKafka(Path(sys.argv[2])) as kafka:
            print(*kafka.pids, flush=True)
            time.sleep(120)
    """)
    here = str(Path(__file__).parent)
    with subprocess.Popen([sys.executable, "-c", program, here, str(tmp_path)], stdout=subprocess.PIPE) as run:
        assert run.stdout is not None
        node = psutil.Process(int(run.stdout.readline()))
        assert node.is_running()
        run.kill()
    assert psutil.wait_procs([node], timeout=20)[1] == []


def test_ports_are_distinct_and_outside_the_range_of_outgoing_connections() -> None:
    ports = free_ports(50)
    assert len(set(ports)) == 50
    assert all(1024 < port < 32768 for port in ports)


def test_another_pom_means_another_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    other = tmp_path / "pom.xml"
    other.write_text(kafka_jars.POM.read_text() + "<!-- changed -->")
    assert kafka_jars.cache_directory().parent == tmp_path / "newswatch" / "kafka"
    assert kafka_jars.cache_directory(other) != kafka_jars.cache_directory()


def test_without_maven_kafka_is_unavailable_and_nothing_is_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    failing = tmp_path / "bin" / "mvn"
    failing.parent.mkdir()
    failing.write_text("#!/bin/sh\necho '[ERROR] Unknown host'\nexit 1\n")
    failing.chmod(0o755)
    monkeypatch.setenv("PATH", f"{failing.parent}:/bin:/usr/bin")
    with pytest.raises(kafka_jars.KafkaUnavailable, match="Unknown host"):
        kafka_jars.kafka_jars()
    assert list((tmp_path / "newswatch" / "kafka").iterdir()) == []
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    with pytest.raises(kafka_jars.KafkaUnavailable, match="no mvn"):
        kafka_jars.kafka_jars()


def test_an_old_java_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = tmp_path / "bin" / "java"
    old.parent.mkdir()
    old.write_text("#!/bin/sh\necho 'openjdk version \"11.0.2\" 2019-01-15' >&2\n")
    old.chmod(0o755)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(kafka_jars.KafkaUnavailable, match="too old"):
        kafka_jars.java()


@pytest.mark.parametrize(("ci", "outcome"), [("true", "1 error"), ("", "1 skipped")])
def test_a_missing_service_is_a_failure_under_ci_and_a_loud_skip_elsewhere(
    repository: Path, tmp_path: Path, ci: str, outcome: str
) -> None:
    for name in ("conftest.py", "without_service.py"):
        shutil.copy(repository / "tests" / name, tmp_path)
    shutil.copytree(repository / "tests" / "kafka", tmp_path / "kafka", ignore=shutil.ignore_patterns("test_*"))
    (tmp_path / "test_it.py").write_text("def test_it(real_kafka): pass\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-rsE",
        "-p",
        "no:cacheprovider",
        "--rootdir",
        str(tmp_path),
        "test_it.py",
    ]
    environment = {**os.environ, "CI": ci, "JAVA_HOME": "/nonexistent"}
    ran = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert outcome in ran.stdout
    assert "NO APACHE KAFKA, NOT TESTED: no java found" in ran.stdout
