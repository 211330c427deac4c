"""The tables. Everything that must survive is here; `migrations/` brings an older archive to this shape."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    Text,
    text,
)

from streams.archive.metadata import metadata
from streams.archive.types import UtcDateTime

articles = Table(
    "articles",
    metadata,
    Column("id", String, primary_key=True),
    Column("feed", String, nullable=False),
    Column("revision", Integer, nullable=False),  # the newest
    Column("outlet", String, nullable=False),
    Column("url", String),
    Column("title", Text, nullable=False),
    Column("language", String),
    Column("published", UtcDateTime),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("content_hash", String, nullable=False),  # of title and text as the feed gives them
    Column("record", Text, nullable=False),  # the newest revision as JSON
    Column("sent_at", UtcDateTime),  # Kafka's last acknowledgement
    Column("sends", Integer, nullable=False, default=0),
    Column("broker_run", String),  # the run of the broker that acknowledged it
    Column("done_revision", Integer, nullable=False, default=0),
    Column("done_at", UtcDateTime),
    Column("dead_at", UtcDateTime),
    # true while the newest revision is neither done nor dead; few rows are, so that their index stays small for years
    Column("waiting", Boolean, nullable=False, default=True),
    Column("words_revision", Integer, nullable=False, server_default="0"),  # whose words are in the index for searching
    # of the revision that is done, so that whoever looks again need not read its words; none where it was done before
    Column("fingerprint", String),
    Column("sketch", String),
    Column("origin", String),
    Column("features", Text),
    Index(None, "first_seen"),
    Index(
        "ix_articles_words_unread",
        "first_seen",
        sqlite_where=text("words_revision < revision"),
        postgresql_where=text("words_revision < revision"),
    ),
    Index("ix_articles_waiting", "sent_at", sqlite_where=text("waiting = 1"), postgresql_where=text("waiting")),
    Index(None, "done_at"),
)

revisions = Table(
    "revisions",  # what an article said before it was changed
    metadata,
    Column("article", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("record", Text, nullable=False),
    Column("replaced_at", UtcDateTime, nullable=False),
)

outbox = Table(
    "outbox",  # what Kafka has not acknowledged yet
    metadata,
    Column("article", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("added_at", UtcDateTime, nullable=False),
    Index(None, "added_at"),
)

dead = Table(
    "dead",
    metadata,
    Column("article", String, primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("step", String, primary_key=True),
    Column("feed", String, nullable=False, default=""),
    Column("error", Text, nullable=False),
    Column("raw", Text, nullable=False),  # base64
    Column("at", UtcDateTime, nullable=False),
    Column("retries", Integer, nullable=False, default=0),
)

mentions = Table(
    "mentions",
    metadata,
    Column("article", String, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("field", String, nullable=False),
    Column("start", Integer, nullable=False),
    Column("end", Integer, nullable=False),
    Column("surface", Text, nullable=False),
    Column("kind", String, nullable=False),
    Column("entity", String),
    Column("name", Text, nullable=False),
    Column("lat", Float),
    Column("lon", Float),
    Column("country", String),
    Column("confidence", Float, nullable=False),
    Column("waypoints", Text, nullable=False),  # JSON list of entity ids
    Column("reason", Text, nullable=False),
    Column("modality", String, nullable=False, server_default="fact"),
    # postings: which articles name an entity, or something in a country; answered from the index alone
    Index(None, "entity", "article"),
    Index(
        "ix_mentions_country_article",
        "country",
        "article",
        sqlite_where=text("kind = 'place'"),
        postgresql_where=text("kind = 'place'"),
    ),
    Index(
        "ix_mentions_roads",
        "article",
        sqlite_where=text("kind = 'route'"),
        postgresql_where=text("kind = 'route'"),
    ),
    Index(
        "ix_mentions_unlinked",
        "article",
        sqlite_where=text("entity IS NULL AND lat IS NOT NULL"),
        postgresql_where=text("entity IS NULL AND lat IS NOT NULL"),
    ),
)

watches = Table(
    "watches",  # those that owners keep here; the settings file has its own
    metadata,
    Column("id", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("definition", Text, nullable=False),  # as it was written, JSON
    Column("resolved", Text),  # with its names resolved, so that a start need not look them up again
    Column("enabled", Boolean, nullable=False),
    Column("removed", Boolean, nullable=False),  # the row stays for a while, so that every worker hears of it
    Column("revision", Integer, nullable=False),
    Column("sequence", BigInteger, nullable=False),  # of its last change
    Column("created_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Index(None, "sequence"),
    Index(None, "owner", "removed"),
)

watch_sequence = Table(
    "watch_sequence",  # one row; who changes watches holds it, so that changes are seen in the order of their numbers
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("last", BigInteger, nullable=False),
)

watch_changes = Table(
    "watch_changes",  # who changed watches lately, for the limits of owners
    metadata,
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("owner", String, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Index(None, "owner", "at"),
)

alerts = Table(
    "alerts",
    metadata,
    Column("id", String, primary_key=True),
    Column("revision", Integer, nullable=False),
    # `waiting` until enough outlets tell it; `notice` where it tells of newswatch itself, which no list of alerts has
    Column("status", String, nullable=False),
    Column("watch", String, nullable=False),
    Column("story", String, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("record", Text, nullable=False),  # the alert as it stands, JSON
    Column("closes_at", UtcDateTime),  # unless more is told of it before
    Column("pace", Text),  # what its watch says of how it is told, JSON; none where it says nothing
    Column("scope", String, nullable=False, server_default=""),  # how wide what fired is
    Index(None, "opened_at"),
    Index(None, "closes_at"),
    Index(None, "watch", "opened_at"),
    Index(None, "scope", "closes_at"),
)

alert_revisions = Table(
    "alert_revisions",  # each alert as it was told, revision by revision
    metadata,
    Column("alert", String, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("record", Text, nullable=False),  # JSON
    Column("at", UtcDateTime, nullable=False),
    Column("reason", String, nullable=False, server_default="opened"),  # why it was told
    Column("sequence", BigInteger),  # given by the first who reads it for a stream
    Index(None, "sequence"),
    Index(
        "ix_alert_revisions_unseen",
        "at",
        sqlite_where=text("sequence IS NULL"),
        postgresql_where=text("sequence IS NULL"),
    ),
)

alert_articles = Table(
    "alert_articles",  # which articles tell the story of an alert
    metadata,
    Column("alert", String, ForeignKey("alerts.id", ondelete="CASCADE"), primary_key=True),
    Column("article", String, primary_key=True),
    Column("watch", String, nullable=False),
    Column("fingerprint", String, nullable=False),
    Column("outlet", String, nullable=False),
    Column("added_at", UtcDateTime, nullable=False),
    Column("origin", String, nullable=False, server_default=""),  # who tells it: an agency or a publisher
    Column("told_at", UtcDateTime),  # when it was published, or first seen
    Column("sketch", LargeBinary, nullable=False, server_default=""),
    Column("shingles", LargeBinary, nullable=False, server_default=""),
    Column("features", Text, nullable=False, server_default=""),  # JSON
    Column("reason", String, nullable=False, server_default=""),  # why it tells this story
    Column("copy_of", String),  # the article whose words it repeats
    Column("record", Text),  # the alert as this article alone would tell it, JSON
    Column("outcome", String, nullable=False, server_default=""),  # what became of it last, by name
    Index(None, "watch", "article"),
    # an article's words and the newest tellings of a watch are read with every hit, in this order
    Index(None, "watch", "fingerprint", "told_at"),
    Index(None, "watch", "told_at", "article"),
    Index(None, "article"),
)

deliveries = Table(
    "deliveries",
    metadata,
    Column("id", String, primary_key=True),
    Column("alert", String, ForeignKey("alerts.id", ondelete="CASCADE"), nullable=False),
    Column("alert_revision", Integer, nullable=False),
    Column("endpoint", String, nullable=False),
    Column("state", String, nullable=False),  # pending, delivered, exhausted; held, bundled, suppressed
    Column("attempts", Integer, nullable=False, default=0),
    Column("due_at", UtcDateTime, nullable=False),
    Column("leased_until", UtcDateTime),
    Column("leased_by", String),
    Column("error", Text),
    Column("added_at", UtcDateTime, nullable=False),
    Column("delivered_at", UtcDateTime),
    Column("reason", String, nullable=False, server_default="sent"),  # why it stands so, by name
    Column("detail", Text, nullable=False, server_default=""),  # which silence, limit, ... it was
    Column("cause", String, nullable=False, server_default=""),  # the id of that silence or alert
    Column("together", String),  # while held: what is told with it goes by this name
    Column("carrier", String),  # while bundled: the delivery that tells it
    Column("carries", Integer, nullable=False, server_default="0"),  # how many others it tells
    Index(
        "ix_deliveries_carrier",
        "carrier",
        sqlite_where=text("carrier IS NOT NULL"),
        postgresql_where=text("carrier IS NOT NULL"),
    ),
    Index("ix_deliveries_cause", "cause", sqlite_where=text("cause <> ''"), postgresql_where=text("cause <> ''")),
    Index(None, "state", "endpoint", "due_at", "added_at"),
    Index(
        "ix_deliveries_leased_by",
        "leased_by",
        sqlite_where=text("leased_by IS NOT NULL"),
        postgresql_where=text("leased_by IS NOT NULL"),
    ),
    Index(None, "alert", "endpoint"),
)

roles = Table(
    "roles",  # what runs, as it says itself
    metadata,
    Column("role", String, primary_key=True),
    Column("instance", String, primary_key=True),
    Column("pid", Integer, nullable=False),
    Column("address", String, nullable=False),  # of its /metrics and /healthz
    Column("started_at", UtcDateTime, nullable=False),
    Column("beat_at", UtcDateTime, nullable=False),
    Column("stopped", Boolean, nullable=False, default=False),
    Column("error", Text),
    Column("error_at", UtcDateTime),
)

facts = Table(
    "facts",  # single facts that roles tell each other, such as the broker's run
    metadata,
    Column("name", String, primary_key=True),
    Column("value", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)
