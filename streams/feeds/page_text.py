"""When the page of an article is worth fetching, and what the article says then. Pure decisions.

A teaser is published at once, and what its page adds follows as a revision of the same article. Waiting for the page
would hold every alert back by a fetch and whatever a slow site makes of it. The revision begins with the teaser as it
was told: what fired on it still stands there, so that an alert is told again only if the page names something new.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Literal

from streams.feeds.guard import MAX_TEXT_CHARACTERS
from streams.records import Article

FullText = Literal["auto", "always", "never"]
TEASER_CHARACTERS = 600
"""A shorter text may be a teaser; a longer one is only where it says that it goes on."""
_LONG_TEASER_CHARACTERS = 2_000
_OLDEST = timedelta(days=3)
_LEAST_MORE = 80
"""Characters that a page must add to be worth a revision."""
_GOES_ON = re.compile(
    r"(?:\.\.\.|…|\[(?:\.\.\.|…|&hellip;)\]|\((?:\.\.\.|…)\)|read more|continue reading|read the (?:full|rest)[\w ]*|"
    r"lire (?:la suite|plus|l['’]article)[\w ]*|en savoir plus|leer más|seguir leyendo|weiterlesen|mehr lesen|devamı|"
    r"читать (?:далее|дальше|полностью)|подробнее|اقرأ (?:المزيد|أيضا)|المزيد|للمزيد|ادامه مطلب)[\s.…»”>→]*$",
    re.IGNORECASE,
)


def is_teaser(text: str) -> bool:
    """Whether a feed's text is only the beginning of an article, as far as it shows."""
    if len(text) < TEASER_CHARACTERS:
        return True
    return len(text) < _LONG_TEASER_CHARACTERS and _GOES_ON.search(text[-80:]) is not None


def is_worth_fetching(article: Article, full_text: FullText, now: datetime) -> bool:
    """Whether the page of a new or changed article is wanted: not where it has none, is old news, or is whole."""
    if full_text == "never" or not article.url:
        return False
    if article.published is not None and now - article.published > _OLDEST:
        return False
    return full_text == "always" or is_teaser(article.text)


def with_page(article: Article, page: str) -> Article | None:
    """The article as its feed gives it, followed by what its page adds; None where that is next to nothing."""
    told, title = _folded(article.text), _folded(article.title)
    folded = ((line, _folded(line)) for line in page.split("\n"))
    more = [line for line, words in folded if words and words not in told and words != title]
    if sum(len(line) for line in more) < _LEAST_MORE:
        return None
    text = "\n".join([article.text, *more] if article.text else more)
    cut = text[:MAX_TEXT_CHARACTERS].rstrip()
    return replace(article, text=cut, truncated=article.truncated or len(text) > MAX_TEXT_CHARACTERS)


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
