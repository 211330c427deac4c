"""Apache Kafka by TLS, with a user's password or a client certificate: kafka-python and Faust alike."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from certificates import Certificates, make_certificates
from real_kafka import PASSWORD, USER, RealKafka

from agents.pipeline import new_app
from streams import topics
from streams.errors import BrokerUnavailable, ConfigInvalid
from streams.kafka import Kafka, Publisher, ensure_topics, read_topics
from streams.kafka_security import KafkaSecurity

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return make_certificates(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secure_kafka(
    kafka_at_hand: None,  # noqa: ARG001
    made: Certificates,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[RealKafka]:
    with RealKafka(tmp_path_factory.mktemp("kafka"), secure=made) as kafka:
        yield kafka


def by_password(kafka: RealKafka, made: Certificates, mechanism: str = "SCRAM-SHA-512", word: str = PASSWORD) -> Kafka:
    security = KafkaSecurity(tls=True, ca_file=made.authority, mechanism=mechanism, username=USER, password=word)
    return Kafka(kafka.sasl_bootstrap, 2, 0, 6.0, security=security)


def by_certificate(kafka: RealKafka, made: Certificates) -> Kafka:
    security = KafkaSecurity(tls=True, ca_file=made.authority, certificate_file=made.client, key_file=made.client_key)
    return Kafka(kafka.tls_bootstrap, 2, 0, 6.0, security=security)


@pytest.mark.parametrize("way", ["PLAIN", "SCRAM-SHA-512", "certificate"])
async def test_topics_are_made_records_published_and_read_by_faust(
    secure_kafka: RealKafka, made: Certificates, tmp_path: Path, way: str
) -> None:
    kafka = by_certificate(secure_kafka, made) if way == "certificate" else by_password(secure_kafka, made, way)
    await asyncio.to_thread(ensure_topics, kafka)
    brokers, found = await asyncio.to_thread(read_topics, kafka)
    assert (brokers, sorted(found)) == (1, sorted(topic.name for topic in topics.ALL))
    publisher = Publisher(kafka)
    sent = [(f"{way}-{number}", f"{way} {number}".encode()) for number in range(5)]
    assert await asyncio.to_thread(publisher.publish, topics.ARTICLES.name, sent, 30.0) == [True] * 5
    await asyncio.to_thread(publisher.close)
    app = new_app(kafka, f"group-{way}", str(tmp_path))
    got: set[bytes] = set()
    everything = asyncio.Event()
    wanted = {value for _, value in sent}

    async def read(stream: object) -> None:
        async for value in stream:  # type: ignore[attr-defined]
            got.add(value)
            if wanted <= got:
                everything.set()

    app.agent(app.topic(topics.ARTICLES.name, key_type=bytes, value_type=bytes), concurrency=1)(read)
    await app.start()
    try:
        async with asyncio.timeout(90):
            await everything.wait()
    finally:
        await app.stop()


def test_who_cannot_prove_it_is_refused_with_one_line(secure_kafka: RealKafka, made: Certificates) -> None:
    for kafka in (
        by_password(secure_kafka, made, word="wrong"),
        by_password(secure_kafka, made, "PLAIN", word="wrong"),
        replace(by_certificate(secure_kafka, made), security=KafkaSecurity(tls=True, ca_file=made.authority)),
        replace(by_certificate(secure_kafka, made), security=KafkaSecurity(tls=True)),  # not signed by the machine's
    ):
        with pytest.raises(BrokerUnavailable) as refused:
            ensure_topics(kafka)
        assert "wrong" not in str(refused.value)


def test_a_file_that_is_no_certificate_is_one_clear_line(tmp_path: Path) -> None:
    noise = tmp_path / "noise.pem"
    noise.write_text("no certificate")
    with pytest.raises(ConfigInvalid, match=r"noise\.pem cannot be used .*: it must be a PEM file"):
        KafkaSecurity(tls=True, ca_file=noise).context()
    with pytest.raises(ConfigInvalid, match=r"gone\.pem cannot be used"):
        KafkaSecurity(tls=True, ca_file=tmp_path / "gone.pem").context()
    assert "hidden" not in repr(KafkaSecurity(password="hidden"))
