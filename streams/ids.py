"""Deterministic ids: doing a thing twice gives the same id, so that twice equals once."""

from __future__ import annotations

import hashlib


def digest(*parts: str) -> str:
    """32 hexadecimal characters of BLAKE2b over the parts, each length-prefixed so that no two lists collide."""
    hashed = hashlib.blake2b(digest_size=16)
    for part in parts:
        encoded = part.encode("utf-8", "surrogatepass")
        hashed.update(len(encoded).to_bytes(8, "big"))
        hashed.update(encoded)
    return hashed.hexdigest()


def article_id(feed: str, entry_identity: str) -> str:
    """The id of one entry of one feed, the same in every revision of it."""
    return digest("article", feed, entry_identity)


def story_id(first_article: str) -> str:
    """The id of the story that an article opened."""
    return digest("story", first_article)


def alert_id(watch: str, story: str) -> str:
    """One alert a watch and story."""
    return digest("alert", watch, story)


def delivery_id(alert: str, alert_revision: int, endpoint: str) -> str:
    """The id of one delivery; also its `webhook-id` and the receiver's key against repeats."""
    return digest("delivery", alert, str(alert_revision), endpoint)
