"""The tables of feeds: how each stands, what it brought, who polls it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, String, Table, Text

from streams.archive.metadata import metadata
from streams.archive.types import UtcDateTime

feeds = Table(
    "feeds",
    metadata,
    Column("id", String, primary_key=True),
    Column("url", String, nullable=False),
    Column("name", String, nullable=False, default=""),
    Column("etag", String),
    Column("last_modified", String),
    Column("polled_at", UtcDateTime),
    Column("next_poll_at", UtcDateTime),
    Column("new_at", UtcDateTime),  # when a poll last brought an unknown entry
    Column("outcome", String),
    Column("error", Text),
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("pace", String),  # what decided when the next poll is
    Column("rhythm", Text, nullable=False, default="", server_default=""),  # JSON
    Column("ttl_seconds", Float),
    Column("moved_to", String),  # where the server says the feed is for good
    Column("moved_seen", Integer, nullable=False, default=0, server_default="0"),
    Column("read_at", UtcDateTime),  # when a poll last went well
    Column("full_at", UtcDateTime),  # when a whole document came last
)

entries = Table(
    "entries",  # every identity ever seen in a feed; several may name one article
    metadata,
    Column("feed", String, primary_key=True),
    Column("identity", String, primary_key=True),
    Column("article", String, nullable=False),
    Column("seen_at", UtcDateTime, nullable=False),
    Index(None, "article"),
)

kept_feeds = Table(
    "kept_feeds",  # feeds added by command; the settings file has its own
    metadata,
    Column("id", String, primary_key=True),
    Column("definition", Text, nullable=False),  # the feed as it was written, JSON
    Column("added_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

feed_pauses = Table(
    "feed_pauses",  # feeds of either kind that are not polled for now
    metadata,
    Column("feed", String, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)

pollers = Table(
    "pollers",  # those that are alive, as they say themselves
    metadata,
    Column("owner", String, primary_key=True),
    Column("beat_at", UtcDateTime, nullable=False),
)

poll_leases = Table(
    "poll_leases",  # which poller has which share of the feeds
    metadata,
    Column("share", Integer, primary_key=True, autoincrement=False),
    Column("owner", String, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
