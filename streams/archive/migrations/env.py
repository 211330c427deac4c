"""Alembic's entry: runs the migrations on the connection that `Archive.migrate` hands over."""

from __future__ import annotations

from alembic import context

import streams.archive.access_schema
import streams.archive.alert_schema
import streams.archive.feed_schema
import streams.archive.schema  # noqa: F401 - the tables belong to the metadata once they are imported
from streams.archive.metadata import metadata
from streams.archive.word_schema import belongs_to_metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    include_name=belongs_to_metadata,
)
context.run_migrations()
