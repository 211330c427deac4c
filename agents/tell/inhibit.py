"""Which alerts quiet which others, as a person writes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

from agents.tell.facts import Inhibition
from agents.tell.matchers import NoMatcher, parse_matcher


def _matcher(text: str) -> str:
    try:
        parse_matcher(text)
    except NoMatcher as error:
        raise PydanticCustomError("plain", "{why}", {"why": str(error)}) from None
    return text


def _some(matchers: tuple[str, ...]) -> tuple[str, ...]:
    if not matchers:
        raise PydanticCustomError("plain", "this list is empty, which is every alert: write one matcher at least")
    return matchers


Matchers = Annotated[tuple[Annotated[str, AfterValidator(_matcher)], ...], AfterValidator(_some)]


class InhibitRule(BaseModel):
    """While an alert that meets every matcher under `by` stands, those that meet `quiets` are not told."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Matchers
    quiets: Matchers
    equal: tuple[Literal["country", "place", "actor", "language", "owner"], ...] = ("country",)
    """Labels of which both alerts have a value in common."""
    hours: float = Field(default=6.0, gt=0, le=168, strict=True)
    """So long after the first was last told."""

    def inhibition(self) -> Inhibition:
        """It as the stages read it."""
        return Inhibition(
            tuple(parse_matcher(one) for one in self.by),
            tuple(parse_matcher(one) for one in self.quiets),
            self.equal,
            timedelta(hours=self.hours),
        )
