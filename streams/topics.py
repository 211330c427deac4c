"""The topics, their keys and what they carry (one page of truth for producers, agents and the admin)."""

from __future__ import annotations

from dataclasses import dataclass

MAX_RECORD_BYTES = 16 * 1024 * 1024
"""The largest record any topic takes; producers, consumers and topics share it."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic; its key is always an article id (or the alert id on `alerts`)."""

    name: str
    carries: str
    cleanup: str = "delete"
    """Kafka's `cleanup.policy`."""
    retention_hours: int = 0
    """How long records stay; 0 for as long as the settings say."""


ARTICLES = Topic("articles", "an article revision as polled")
ENRICHED = Topic("articles.enriched", "the same with language, mentions, fingerprint")
ALERTS = Topic(
    "alerts",
    "alerts opened, for other people's systems",
    cleanup="compact,delete",  # the newest telling of each alert stays, the earlier ones for a while
    retention_hours=90 * 24,
)
DEAD = Topic("dead", "what could not be processed, with the step, the error and the bytes", retention_hours=30 * 24)

ALL = (ARTICLES, ENRICHED, ALERTS, DEAD)
