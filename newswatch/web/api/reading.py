"""Reading and judging any text: what it names, and why each watch fires on it or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from agents.match.watch import Watch
from newswatch.web.access import Reader
from newswatch.web.given_watch import take
from newswatch.web.house import House, TheHouse
from newswatch.web.in_force import watches_in_force
from newswatch.web.problem import Problem
from newswatch.web.words import Identity, plain
from streams.archive import article_search
from streams.archive.replay import mentions_of
from streams.records import Article, EnrichedArticle

if TYPE_CHECKING:
    from agents.match.explain import Explanation

router = APIRouter(tags=["reading"])
_MOST_TEXT = 200_000
_MOST_NOT_FIRED = 200


class GivenArticle(BaseModel):
    """A text that somebody brings."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"title": "Une route coupée", "text": "La route Alep-Khanasser est coupée."}]},
    )

    title: Annotated[str, StringConstraints(max_length=1_000)] = ""
    text: Annotated[str, StringConstraints(max_length=_MOST_TEXT)] = ""
    language: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}$")] | None = None


class Question(BaseModel):
    """What `explain` is asked: an article of the archive or any text, and which watches."""

    model_config = ConfigDict(extra="forbid")

    article: Identity | None = Field(default=None, description="An article of the archive.")
    given: GivenArticle | None = Field(default=None, description="Or any text.")
    watch: Identity | None = Field(default=None, description="Only this watch; all in force where left out.")
    definition: dict[str, Any] | None = Field(default=None, description="Or a watch that is not kept anywhere.")


@router.post("/enrich", summary="What a text names")
def enrich(given: GivenArticle, house: TheHouse, _: Reader) -> dict[str, Any]:
    """Places, actors and roads with offsets in code points."""
    return _read(_enriched(given, house))


@router.post("/explain", summary="Why watches fire on an article, or why not")
def explain(question: Question, house: TheHouse, _: Reader) -> dict[str, Any]:
    """The deciding clause and the evidence for a yes; what was wanting and the nearest miss for a no."""
    if (question.article is None) == (question.given is None):
        raise Problem("bad-request", "give either `article` or `given`")
    enriched = _enriched(question.given, house) if question.given is not None else _archived(question.article, house)
    if question.definition is not None:
        chosen = [take({"id": "given", **question.definition}, house).watch]
    else:
        chosen = watches_in_force(house, question.watch)
    answers = _explained(enriched, chosen, house)
    fired = sum(one.fires for one in answers)
    return {
        **_read(enriched),
        "fired": fired,
        "watches": len(answers),
        "explanations": [plain(asdict(one)) for one in answers[: fired + _MOST_NOT_FIRED]],
    }


def explained_given(given: GivenArticle, house: House) -> tuple[EnrichedArticle, list[Explanation]]:
    """A text as it is read, and every watch in force judged on it, those that fire first. Raises Problem."""
    enriched = _enriched(given, house)
    return enriched, _explained(enriched, watches_in_force(house), house)


def _explained(enriched: EnrichedArticle, watches: Sequence[Watch], house: House) -> list[Explanation]:
    from agents.match.compile import compile_watches  # noqa: PLC0415 - heavy, and only where asked for
    from agents.match.explain import explain as explained  # noqa: PLC0415

    compiled, _problems = compile_watches(watches, house.knowledge())
    return sorted((explained(enriched, compiled, one.id) for one in compiled), key=lambda one: not one.fires)


def _enriched(given: GivenArticle, house: House) -> EnrichedArticle:
    now = house.clock()
    title, text = (one.encode("utf-8", "replace").decode() for one in (given.title, given.text))
    article = Article("given", 1, "", "", None, title, text, given.language, None, now)
    found: list[EnrichedArticle] = []
    house.reading(lambda enricher: found.extend(enricher.enrich([article])))
    return found[0]


def _archived(article: str | None, house: House) -> EnrichedArticle:
    assert article is not None, "one of both was given"
    with house.archive.read() as connection:
        found = article_search.get(connection, article)
        named = mentions_of(connection, [article])
    if found is None:
        raise Problem("not-found", f'there is no article "{article}"')
    return EnrichedArticle(found.article, found.language, tuple(named[article]), "")


def _read(enriched: EnrichedArticle) -> dict[str, Any]:
    return {
        "language": enriched.language,
        "title": enriched.article.title,
        "text": enriched.article.text,
        "mentions": [plain(asdict(one)) for one in enriched.mentions],
    }
