"""Invented news for benchmarks: 300 to 600 words an article, one name in about 25 words, no two articles alike.

Sentences are drawn from stocks of beginnings, middles and ends in each language; names come from the bundled packs.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

from ruamel.yaml import YAML

from agents.names.packs import bundled_packs, read_pack
from streams.clock import utc_now
from streams.ids import article_id
from streams.records import Article

LANGUAGES = ("fr", "en", "ar")

_STOCK: dict[str, dict[str, list[str]]] = YAML(typ="safe", pure=True).load(
    Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
)


def names(language: str) -> tuple[list[str], list[str]]:
    """The places and the actors that the bundled packs name in a language."""
    packs = [read_pack(path) for path in bundled_packs()]
    places = [place.names[language][0] for pack in packs for place in pack.places if place.names.get(language)]
    actors = [actor.names[language][0] for pack in packs for actor in pack.actors if actor.names.get(language)]
    return places, actors


def news(count: int, language: str, seed: int = 1) -> list[Article]:
    """So many articles in a language."""
    chance = random.Random(seed)
    places, actors = names(language)
    stock = _STOCK[language]
    made = []
    for number in range(count):
        here = chance.sample(places, 9)  # a text comes back to a few places
        there = chance.sample(actors, 4)
        sentences: list[str] = []
        length, wanted = 0, chance.randint(300, 600)
        while length < wanted:
            said = chance.choice(stock["names"]).format(place=chance.choice(here), actor=chance.choice(there))
            first, second, last = (chance.choice(stock[kind]) for kind in ("beginnings", "middles", "ends"))
            sentence = f"{first} {second} {said} {last}"
            sentences.append(sentence + ("\n" if chance.random() < 0.2 else " "))
            length += sentence.count(" ") + 1
        made.append(
            Article(
                id=article_id("bench", f"{language}{number}"),
                revision=1,
                feed="bench",
                outlet="outlet.example",
                url=None,
                title=f"{chance.choice(stock['middles']).capitalize()} ({here[0]})",
                text="".join(sentences).strip(),
                language=language,
                published=None,
                first_seen=utc_now(),
            )
        )
    return made


def names_written(articles: list[Article], language: str) -> int:
    """How many places and actors of the packs stand in texts and titles, repeats too."""
    listed = sorted((re.escape(name) for kind in names(language) for name in kind), key=len, reverse=True)
    spelled = "|".join(listed)
    return sum(len(re.findall(rf"(?<!\w)(?:{spelled})(?!\w)", f"{one.title}\n{one.text}")) for one in articles)


def words(articles: list[Article]) -> int:
    """Words between blanks in titles and texts."""
    return sum(len(article.title.split()) + len(article.text.split()) for article in articles)
