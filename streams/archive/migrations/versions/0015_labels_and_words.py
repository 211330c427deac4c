"""What people say of alerts: right or wrong; and an index of the words of articles."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import streams.archive.types

revision = "0015"
down_revision = "0013"
branch_labels = None
depends_on = None

_INSTANT = streams.archive.types.UtcDateTime(timezone=True)

_TAKEN_OUT = "INSERT INTO article_words_index (article_words_index, rowid, words) VALUES ('delete', old.id, old.words);"
_PUT_IN = "INSERT INTO article_words_index (rowid, words) VALUES (new.id, new.words);"
_SQLITE = (
    # words are folded before: every letter and digit counts as one, also those that this SQLite does not know yet
    "CREATE VIRTUAL TABLE article_words_index USING fts5(words, content='article_words', content_rowid='id',"
    " tokenize=\"unicode61 remove_diacritics 0 categories 'L* N* Co Cn'\")",
    f"CREATE TRIGGER article_words_added AFTER INSERT ON article_words BEGIN {_PUT_IN} END",
    f"CREATE TRIGGER article_words_gone AFTER DELETE ON article_words BEGIN {_TAKEN_OUT} END",
    f"CREATE TRIGGER article_words_changed AFTER UPDATE ON article_words BEGIN {_TAKEN_OUT} {_PUT_IN} END",
)
_POSTGRESQL = (
    "CREATE INDEX article_words_index ON article_words USING gin (array_to_tsvector(string_to_array(words, ' ')))",
)


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "alert_labels",
        sa.Column("alert", sa.String(), nullable=False),
        sa.Column("who", sa.String(), nullable=False),
        sa.Column("watch", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("at", _INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["alert"], ["alerts.id"], name=op.f("fk_alert_labels_alert"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("alert", "who", name=op.f("pk_alert_labels")),
    )
    op.create_index(op.f("ix_alert_labels_watch_label"), "alert_labels", ["watch", "label"])
    op.add_column("articles", sa.Column("words_revision", sa.Integer(), nullable=False, server_default="0"))
    unread = sa.text("words_revision < revision")
    op.create_index(
        "ix_articles_words_unread", "articles", ["first_seen"], sqlite_where=unread, postgresql_where=unread
    )
    op.create_table(
        "article_words",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False),
        sa.Column("article", sa.String(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.id"], name=op.f("fk_article_words_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_article_words")),
        sa.UniqueConstraint("article"),
    )
    for statement in _SQLITE if op.get_bind().dialect.name == "sqlite" else _POSTGRESQL:
        op.execute(statement)
