"""Articles for benchmarks: the demonstration's own texts, varied so that no two are alike."""

from __future__ import annotations

import random

from newswatch.demo.samples import load_samples, load_sources
from streams.clock import utc_now
from streams.ids import article_id
from streams.records import Article


def corpus(count: int, languages: tuple[str, ...] = ("fr", "en"), seed: int = 1) -> list[Article]:
    """So many articles of about 150 words: three samples of one language joined in a random order each."""
    chance = random.Random(seed)
    language_of = {source.id: source.language for source in load_sources()}
    texts = {
        language: [one.plain for one in load_samples() if language_of[one.feed] == language] for language in languages
    }
    made = []
    for number in range(count):
        language = languages[number % len(languages)]
        parts = chance.sample(texts[language], 3)
        made.append(
            Article(
                id=article_id("bench", str(number)),
                revision=1,
                feed="bench",
                outlet="outlet.example",
                url=None,
                title=parts[0].split(".")[0][:120],
                text="\n".join(parts),
                language=language,
                published=None,
                first_seen=utc_now(),
            )
        )
    return made
