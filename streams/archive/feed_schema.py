"""The tables of feeds: how each stands, what it brought, who polls it."""

from __future__ import annotations

from sqlalchemy import Column, Float, Index, Integer, LargeBinary, String, Table, Text, text

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
    Column("hub", String),  # the WebSub hub that the feed names
    Column("topic", String),  # and what the hub calls the feed
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

pages = Table(
    "pages",  # the pages of articles whose feed gives a teaser only: those to be fetched, and what they said
    metadata,
    Column("article", String, primary_key=True),
    Column("feed", String, nullable=False),
    Column("url", String, nullable=False),  # after the redirects that were followed so far
    Column("host", String, nullable=False),
    Column("share", Integer, nullable=False),  # of the host: whose poller sees to its manners
    Column("state", String, nullable=False),  # waiting, read, nothing, failed
    Column("added_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("tries", Integer, nullable=False, default=0),
    Column("hops", Integer, nullable=False, default=0),
    Column("error", Text),
    Column("teaser", Text, nullable=False),  # the text that the feed gives
    Column("text", Text),  # of the page
    Column("text_hash", String),
    Index("ix_pages_waiting", "share", "due_at", sqlite_where=text("state = 'waiting'"),
          postgresql_where=text("state = 'waiting'")),
    Index(None, "feed", "text_hash"),
    Index(None, "added_at"),
)  # fmt: skip

robots = Table(
    "robots",  # what each site's robots.txt says, or that it cannot be had
    metadata,
    Column("origin", String, primary_key=True),  # scheme, host and port
    Column("outcome", String, nullable=False),  # rules, none, unreachable
    Column("body", Text, nullable=False),  # of the last that could be had
    Column("until", UtcDateTime, nullable=False),  # when it is to be asked for again
    Column("unreachable_since", UtcDateTime),
    Column("error", Text),
)

subscriptions = Table(
    "subscriptions",  # to feeds at their hubs (WebSub)
    metadata,
    Column("token", String, primary_key=True),  # the last part of the callback's address, which nobody can guess
    Column("feed", String, nullable=False),
    Column("hub", String, nullable=False),
    Column("topic", String, nullable=False),
    Column("callback", String, nullable=False),
    Column("secret", String, nullable=False),
    Column("state", String, nullable=False),  # asked, verified, denied, leaving
    Column("added_at", UtcDateTime, nullable=False),
    Column("asked_at", UtcDateTime),  # when the hub was last asked for anything
    Column("retry_at", UtcDateTime, nullable=False),  # not to be asked before
    Column("expires_at", UtcDateTime),  # of the lease
    Column("failures", Integer, nullable=False, default=0),  # in a row
    Column("error", Text),
    Column("pushed_at", UtcDateTime),  # when the hub last sent something that it had signed
    Column("missed_at", UtcDateTime),  # when a poll last found what the hub had not sent
    Index(None, "feed"),
)

pushes = Table(
    "pushes",  # documents that hubs sent and that no poller has read yet
    metadata,
    Column("id", String, primary_key=True),
    Column("feed", String, nullable=False),
    Column("token", String, nullable=False),
    Column("content_type", String, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Index(None, "received_at"),
)
