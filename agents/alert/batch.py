"""Which articles of a batch can be recorded in one transaction. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from agents.alert.together import Matched


def together(left: Mapping[int, Matched], alone: Collection[int], most: int) -> list[int]:
    """The places, among those of a batch that are left in their order, of what can go together.

    First revisions that hit nothing, since nobody's decision depends on them, and the first of those that hit watches
    (`most` of them at most) up to one that is no first revision, comes again, or is among those that go `alone`.
    """
    chosen: list[int] = []
    seen: set[str] = set()
    hitting = 0
    for place, one in left.items():
        article = one.enriched.article
        is_plain = article.revision == 1 and article.id not in seen and place not in alone
        seen.add(article.id)
        if not one.hits and is_plain:
            chosen.append(place)
        elif one.hits and is_plain and hitting < most:
            chosen.append(place)
            hitting += 1
        else:
            most = 0  # what comes behind it waits for it
    return chosen
