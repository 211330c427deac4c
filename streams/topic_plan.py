"""How our topics should be laid out on a broker, and how those that stand there differ."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streams import topics
from streams.topics import Topic

_SAFE_COPIES = 3
_HOUR_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class TopicShape:
    """A topic as it is on a broker; `settings` are Kafka's own names and values."""

    partitions: int
    copies: int
    settings: Mapping[str, str]


def copies_on(brokers: int, wanted: int = 0) -> int:
    """Copies of each topic: as many as are wanted, else three where there are three brokers, else one."""
    return wanted or (_SAFE_COPIES if brokers >= _SAFE_COPIES else 1)


def planned(topic: Topic, partitions: int, copies: int, retention_hours: int) -> TopicShape:
    """How a topic should be. A record counts as published once two of three copies have it."""
    hours = topic.retention_hours or retention_hours
    settings = {
        "cleanup.policy": topic.cleanup,
        "max.message.bytes": str(topics.MAX_RECORD_BYTES),
        "min.insync.replicas": str(2 if copies >= _SAFE_COPIES else 1),
        "retention.ms": str(hours * _HOUR_MS),
    }
    if "compact" in topic.cleanup:
        settings["min.compaction.lag.ms"] = str(retention_hours * _HOUR_MS)  # who reads on is told of every change
    return TopicShape(partitions, copies, settings)


def differences(name: str, wanted: TopicShape, found: TopicShape | None) -> list[str]:
    """What is not as it should be, one line each; a setting that the broker does not tell is left out."""
    if found is None:
        return [f"{name}: is missing: make it with `newswatch topics create`"]
    told = []
    if found.partitions != wanted.partitions:
        more = "add some with Kafka's own tools" if found.partitions < wanted.partitions else "set kafka.partitions"
        told.append(f"{name}: has {found.partitions} partitions instead of {wanted.partitions}: {more}")
    if found.copies != wanted.copies:
        told.append(f"{name}: has {found.copies} copies instead of {wanted.copies}: reassign them with Kafka's tools")
    for key, value in wanted.settings.items():
        stands = found.settings.get(key)
        if stands is not None and _same(stands) != _same(value):
            told.append(f"{name}: {key} is {stands} instead of {value}: alter it with Kafka's own tools")
    return told


def _same(value: str) -> list[str]:
    """`compact,delete` and `delete,compact` are the same."""
    return sorted(part.strip() for part in value.split(","))
