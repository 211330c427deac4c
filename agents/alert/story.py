"""Which story an article tells: per watch, so that the state grows with the watches and not with the news."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Literal

from agents.alert.event import decode_features, other_facts, same_event
from agents.alert.near import LEAST_CONTAINMENT, candidates, containments
from agents.alert.outlets import publisher
from agents.alert.telling import Told
from agents.enrich.sketch import Shingles
from streams.archive.alerts import STORY_HOURS, Telling
from streams.ids import alert_id, story_id

StoryReason = Literal["new_story", "same_article", "same_words", "near_copy", "same_event"]
"""Why an article tells the story that it tells."""
ShinglesOf = Callable[[Sequence[Telling]], Mapping[str, Shingles]]
"""The shingles of tellings by article: asked for candidates alone."""

BY_TIME: Callable[[Telling], tuple[datetime, str]] = attrgetter("told_at", "article")
"""The order in which tellings are compared."""
STORY_TIME = timedelta(hours=STORY_HOURS)

FORM_APART = timedelta(hours=12)
FORM_SHINGLES = 40
"""Alike texts with other facts are new events where one outlet wrote both, they lie apart, or are this short."""


@dataclass(frozen=True, slots=True)
class StoryChoice:
    """The story and alert that an article belongs to for one watch, and why."""

    watch: str
    story: str
    alert: str
    is_new: bool
    reason: StoryReason
    copy_of: str | None = None
    """The article whose words it repeats."""
    copy_outlet: str | None = None
    likeness: float = 1.0
    """For a near copy the share of the shorter text in the longer."""


def choose_story(watch: str, told: Told, known: Iterable[Telling], shingles: ShinglesOf) -> StoryChoice:
    """The story of an article for a watch, given what tells stories of this watch already.

    In this order: the same article (also a revision of it, whenever it comes), the same words, the nearest copy, the
    likeliest telling of the same event; anything else opens a story of its own. A story takes no new telling later
    than `STORY_HOURS` from every one it has.
    """
    found = look(watch, told, known)
    if isinstance(found, StoryChoice):
        return found
    return found.choose(shingles(found.likely) if found.likely else {})


@dataclass(frozen=True, slots=True)
class Looked:
    """A choice that needs the shingles of some tellings."""

    watch: str
    told: Told
    lively: Sequence[Telling]
    """Those of stories that are not over, which may tell the same event; none need be there that do not name the place
    that the article names first."""
    likely: Sequence[Telling]
    """Those that may be near copies, whose shingles decide."""

    def choose(self, shingles: Mapping[str, Shingles]) -> StoryChoice:
        """The story, given the shingles of the likely ones by article."""
        near = _near_copy(self.told, self.likely, shingles)
        return near or _event(self.told, self.lively) or _new(self.watch, self.told.article)


def look(watch: str, told: Told, known: Iterable[Telling]) -> StoryChoice | Looked:
    """The first part of `choose_story`: the choice where no shingles are needed for it, else which are.

    `StoryIndex` finds the same in what it has laid out.
    """
    in_order = sorted(known, key=BY_TIME)
    for telling in in_order:
        if telling.article == told.article:
            return StoryChoice(
                watch, telling.story, telling.alert, False, "same_article", telling.copy_of, _outlet(in_order, telling)
            )
    lively = _lively(in_order, told, STORY_TIME)
    for telling in lively:
        if telling.fingerprint == told.fingerprint:
            return copying(telling, "same_words", 1.0)
    likely = [lively[at] for at in candidates(told.sketch, [one.sketch for one in lively])]
    return Looked(watch, told, lively, likely)


def _new(watch: str, article: str) -> StoryChoice:
    story = story_id(article)
    return StoryChoice(watch, story, alert_id(watch, story), True, "new_story")


def copying(telling: Telling, reason: StoryReason, likeness: float) -> StoryChoice:
    """The story and alert of a telling whose words are repeated."""
    return StoryChoice(
        telling.watch, telling.story, telling.alert, False, reason, telling.article, telling.outlet, likeness
    )


def _outlet(known: Sequence[Telling], telling: Telling) -> str | None:
    return next((one.outlet for one in known if one.article == telling.copy_of), None)


def _lively(known: Sequence[Telling], told: Told, within: timedelta) -> list[Telling]:
    """The tellings, by time, of stories that were told within that time of the article, before or after it."""
    since, until = told.told_at - within, told.told_at + within
    if not known or (known[0].told_at >= since and known[-1].told_at <= until):
        return list(known)
    alive = {one.story for one in known if since <= one.told_at <= until}
    return [one for one in known if one.story in alive]


def _near_copy(told: Told, likely: Sequence[Telling], texts: Mapping[str, Shingles]) -> StoryChoice | None:
    best: tuple[float, Telling] | None = None
    known = [telling for telling in likely if telling.article in texts]
    shares = containments(told.shingles, [texts[telling.article] for telling in known]) if known else []
    for telling, share in zip(known, shares, strict=True):
        if share < LEAST_CONTAINMENT or (best is not None and share <= best[0]):
            continue
        short = min(len(texts[telling.article]), len(told.shingles)) < FORM_SHINGLES
        if not _filled_in_anew(told, telling, short=short):
            best = (share, telling)
    return copying(best[1], "near_copy", best[0]) if best is not None else None


def _filled_in_anew(told: Told, telling: Telling, *, short: bool) -> bool:
    """Whether an alike text is a form that tells of something else: a daily bulletin, the next day's toll."""
    one_hand = publisher(told.outlet) == publisher(telling.outlet)
    if not (short or one_hand or abs(told.told_at - telling.told_at) >= FORM_APART):
        return False
    return other_facts(told.features, decode_features(telling.features))


def _event(told: Told, known: Sequence[Telling]) -> StoryChoice | None:
    if not told.features.places:
        return None
    first = json.dumps(told.features.places[0])
    mine, ours = told.features, publisher(told.outlet)
    best: tuple[float, Telling] | None = None
    for telling in known:
        if first not in telling.features:
            continue
        features = decode_features(telling.features)
        if features.language == mine.language and publisher(telling.outlet) == ours:
            continue
        score = same_event(mine, features, told.told_at - telling.told_at)
        if score > (best[0] if best is not None else 0.0):
            best = (score, telling)
    if best is None:
        return None
    return StoryChoice(best[1].watch, best[1].story, best[1].alert, False, "same_event")
