"""The watches in force in this process: as they are matched, and as their owners wrote them."""

from __future__ import annotations

from functools import lru_cache

from agents.match.live import LiveWatches
from agents.match.matcher import match
from agents.match.watch import Watch
from streams.records import EnrichedArticle, Hit

_REMEMBERED = 10_000


class Watched:
    """Matches articles while watches change: a change holds from the next article on, in every thread."""

    def __init__(self, live: LiveWatches) -> None:
        self.live = live

    def match(self, enriched: EnrichedArticle) -> list[tuple[Hit, Watch]]:
        """The hits of an article, each with its watch as it was when the article was matched."""
        matcher = self.live.matcher
        return [(hit, _watch(matcher.definition(hit.watch))) for hit in match(enriched, matcher)]


@lru_cache(maxsize=_REMEMBERED)
def _watch(definition: str) -> Watch:
    return Watch.model_validate_json(definition)
