"""Tokens of the API at rest: hashed, with an owner and scopes."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from streams.archive.access_schema import tokens

_PREFIX = "nw_"
_SEEN_EVERY = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its secret, which nobody keeps."""

    id: str
    owner: str
    scopes: frozenset[str]
    note: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None

    def is_good(self, now: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


_COLUMNS = [tokens.c[name] for name in Token.__slots__]


def issue(
    connection: Connection, owner: str, scopes: Collection[str], note: str, now: datetime, expires_at: datetime | None
) -> tuple[Token, str]:
    """A new token and its secret, which is shown this once: only its hash is kept."""
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = Token(secrets.token_hex(4), owner, frozenset(scopes), note, now, expires_at, None, None)
    connection.execute(
        insert(tokens).values(
            id=token.id,
            secret_hash=_hashed(secret),
            owner=owner,
            scopes=",".join(sorted(scopes)),
            note=note,
            created_at=now,
            expires_at=expires_at,
        )
    )
    return token, secret


def of_secret(connection: Connection, secret: str) -> Token | None:
    """The token of a secret, good or not, or None."""
    row = connection.execute(select(*_COLUMNS).where(tokens.c.secret_hash == _hashed(secret))).first()
    return _token(row) if row is not None else None


def list_tokens(connection: Connection) -> list[Token]:
    """Every token, the newest first, revoked ones too."""
    rows = connection.execute(select(*_COLUMNS).order_by(tokens.c.created_at.desc(), tokens.c.id))
    return [_token(row) for row in rows]


def revoke(connection: Connection, token: str, now: datetime) -> bool:
    """Take a token back; whether there was one that was still good."""
    there = update(tokens).where(tokens.c.id == token, tokens.c.revoked_at.is_(None))
    return connection.execute(there.values(revoked_at=now)).rowcount > 0


def was_used_lately(token: Token, now: datetime) -> bool:
    """Whether its use need not be noted again."""
    return token.used_at is not None and now - token.used_at < _SEEN_EVERY


def note_use(connection: Connection, token: str, now: datetime) -> None:
    """Note that a token was used, once an hour at most."""
    old = or_(tokens.c.used_at.is_(None), tokens.c.used_at <= now - _SEEN_EVERY)
    connection.execute(update(tokens).where(tokens.c.id == token, old).values(used_at=now))


def _hashed(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _token(row: Row[Any]) -> Token:
    values = dict(zip(Token.__slots__, row, strict=True))
    return Token(**{**values, "scopes": frozenset(values["scopes"].split(",")) - {""}})
