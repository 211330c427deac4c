"""An alert's life: what each hit, each revision of an article and each quiet spell makes of it. Pure decisions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from agents.alert.places import places_of
from agents.alert.quote import quote
from agents.match.watch import Watch
from streams.records import Alert, AlertPlace, AlertSource, EnrichedArticle, Hit

_SEVERITIES = ("info", "warning", "critical")
_ORDINALS = ("second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth")
_AGAIN = {"repeated": "nobody has acknowledged it", "snooze_ended": "its snooze is over"}
_NUMBER = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of an alert, and why."""

    alert: Alert
    told: bool
    """Whether this is a new revision, which endpoints are told of."""
    reason: str
    """Its name in the metric and the archive."""
    waiting: bool = False
    """Whether it waits for more outlets before it opens."""


def alone(watch: Watch, hit: Hit, enriched: EnrichedArticle, story: str, alert: str, now: datetime) -> Alert:
    """The alert as this article alone would tell it."""
    article = enriched.article
    sentence = quote(article, hit.evidence)
    return Alert(
        id=alert,
        revision=1,
        status="opened",
        watch=watch.id,
        watch_name=watch.name or watch.id,
        severity=watch.severity,
        story=story,
        article=article.id,
        title=article.title,
        url=article.url,
        outlet=article.outlet,
        language=enriched.language,
        kinds=hit.kinds,
        reason=hit.reason,
        quote=sentence.text,
        quote_spans=sentence.spans,
        evidence=hit.evidence,
        published=article.published,
        first_seen=article.first_seen,
        opened=now,
        places=places_of(enriched, hit.evidence),
        actors=_actors(enriched, hit),
        sources=(AlertSource(article.outlet, article.id, article.url, article.title),),
    )


def opened(telling: Alert, needed: int) -> Decision:
    """A story that the watch has not been told: an alert, or one that waits for `needed` independent outlets."""
    if needed > 1:
        return Decision(replace(telling, revision=0), False, "waiting_for_sources", waiting=True)
    return Decision(telling, True, "opened")


def heard_while_waiting(before: Alert, telling: Alert, source: AlertSource, count: int, needed: int) -> Decision:
    """One more telling of an alert that waits; `count` outlets tell it independently, this one included."""
    kept = tuple(one for one in before.sources if one.article != source.article)
    sources = (*kept, source)
    if count < needed:
        return Decision(replace(before, sources=sources), False, "waiting_for_sources", waiting=True)
    outlets = ", ".join(dict.fromkeys(one.outlet for one in sources if one.copied_from is None))
    changes = (f"told by {count} independent outlets: {outlets}",)
    return Decision(replace(telling, revision=1, status="opened", sources=sources, changes=changes), True, "opened")


def heard(
    before: Alert, telling: Alert, source: AlertSource, grew_to: int | None, joined: str, now: datetime
) -> Decision:
    """A further article tells the story of an alert that stands.

    `grew_to` is the count of independent outlets where this article raised it; `joined` says why it is this story.
    """
    sources = (*before.sources, source)
    changes: list[str] = []
    again = {"retracted": "told again", "closed": "told again after it was closed"}.get(before.status)
    if again and (before.status == "retracted" or grew_to):
        changes.append(f"{again}: {source.outlet}")
    elif grew_to:
        changes.append(f"a {_ordinal(grew_to)} independent source: {source.outlet}")
    new = _new_names(before, telling)
    severity = _severity_up(before.severity, telling.severity)
    changes += new + severity
    if not changes:
        return Decision(replace(before, sources=sources), False, joined)
    told = telling if new or before.status == "retracted" else before
    alert = replace(
        _merged(told, before, now),
        status="updated",
        severity=telling.severity if severity else before.severity,
        sources=sources,
        places=_places((before, telling)),
        actors=_names((before, telling)),
        changes=tuple(changes),
    )
    # what has become more severe is told to whoever sees to it too, so this reason goes before the others
    reason = "told_again" if again else "severity_up" if severity else "new_source" if grew_to else "new_name"
    return Decision(alert, True, reason)


def revised(before: Alert, was: Alert | None, telling: Alert, others: Sequence[Alert], now: datetime) -> Decision:
    """An article of the story was changed and still fires; `was` is what it told before, `others` tell it too."""
    places, actors = _places((telling, *others)), _names((telling, *others))
    lost = [
        f"no longer told: {name}"
        for name in (*(one.name for one in before.places), *before.actors)
        if name not in {*(one.name for one in places), *actors}
    ]
    new = _new_names(before, telling)
    severity = _severity_up(before.severity, telling.severity)
    is_shown = before.article == telling.article
    if is_shown and was is not None:
        if _words(was.quote) != _words(telling.quote):
            lost.append("the sentence that proves it was changed")
        elif _NUMBER.findall(was.title) != _NUMBER.findall(telling.title):
            lost.append("the numbers in the title were changed")
    sources = tuple(
        replace(one, url=telling.url, title=telling.title) if one.article == telling.article else one
        for one in before.sources
    )
    changes = (*lost, *new, *severity)
    if not changes:
        shown = replace(before, sources=sources)
        return Decision(shown, False, "same_article")
    alert = replace(
        _merged(telling if is_shown or new else before, before, now),
        status="corrected" if lost else "updated",
        severity=telling.severity if severity else before.severity,
        sources=sources,
        places=places,
        actors=actors,
        changes=changes,
    )
    return Decision(alert, True, "corrected" if lost else "severity_up" if severity else "new_name")


def withdrawn(before: Alert, article: str, others: Sequence[Alert], now: datetime, *, waiting: bool) -> Decision:
    """An article of the story was changed and fires no more; `others` is what the rest tell, the first teller first."""
    gone = next((one for one in before.sources if one.article == article), None)
    if gone is None:
        return Decision(before, False, "withdrawn_before", waiting=waiting)
    left = [replace(one, copied_from=None) if one.copied_from == article else one for one in before.sources]
    sources = tuple(one for one in left if one.article != article)
    if waiting:
        return Decision(replace(before, sources=sources), False, "withdrawn_while_waiting", waiting=True)
    remaining = [one for one in others if one.article in {source.article for source in sources}]
    if not remaining:
        alert = replace(_merged(before, before, now), status="retracted", sources=sources)
        alert = replace(alert, changes=(f"no longer told: {gone.outlet or gone.title}",))
        return Decision(alert, True, "retracted")
    if gone.copied_from is not None and before.article != article:
        return Decision(replace(before, sources=sources), False, "copy_withdrawn")
    shown = remaining[0] if before.article == article else before
    places, actors = _places(remaining), _names(remaining)
    kept = {*(one.name for one in places), *actors}
    lost = [name for name in (*(one.name for one in before.places), *before.actors) if name not in kept]
    changes = (f"{gone.outlet or gone.title} no longer tells it", *(f"no longer told: {name}" for name in lost))
    alert = replace(
        _merged(shown, before, now),
        status="corrected",
        severity=before.severity,
        sources=sources,
        places=places,
        actors=actors,
        changes=changes,
    )
    return Decision(alert, True, "corrected")


def closed(before: Alert, now: datetime) -> Decision:
    """Nothing was told of it for its quiet time."""
    changes = ("nothing more was told of it",)
    return Decision(replace(_merged(before, before, now), status="closed", changes=changes), True, "closed")


def told_again(before: Alert, why: str, now: datetime) -> Decision:
    """It still stands and is told once more: because nobody has acknowledged it, or a snooze is over."""
    since = (now - before.opened).total_seconds() / 3600
    changes = (f"still open {since:.0f} hours after it opened", _AGAIN[why])
    return Decision(replace(_merged(before, before, now), status="updated", changes=changes), True, why)


def _merged(shown: Alert, before: Alert, now: datetime) -> Alert:
    """The next revision of an alert, that shows what `shown` says."""
    return replace(shown, revision=before.revision + 1, opened=before.opened, severity=before.severity, updated=now)


def _actors(enriched: EnrichedArticle, hit: Hit) -> tuple[str, ...]:
    return tuple(
        dict.fromkeys(
            mention.name
            for one in hit.evidence
            for mention in enriched.mentions
            if mention.kind == "actor"
            and mention.field == one.field
            and mention.start < one.end
            and one.start < mention.end
        )
    )


def _new_names(before: Alert, telling: Alert) -> list[str]:
    known = {one.name for one in before.places}
    places = [f"new place: {one.name}" for one in telling.places if one.name not in known]
    return places + [f"new actor: {name}" for name in telling.actors if name not in before.actors]


def _severity_up(before: str, after: str) -> list[str]:
    up = after in _SEVERITIES and before in _SEVERITIES and _SEVERITIES.index(after) > _SEVERITIES.index(before)
    return [f"severity up: {before} to {after}"] if up else []


def _places(tellings: Sequence[Alert]) -> tuple[AlertPlace, ...]:
    found: dict[str, AlertPlace] = {}
    for telling in tellings:
        for place in telling.places:
            found.setdefault(place.name, place)
    return tuple(found.values())


def _names(tellings: Sequence[Alert]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for telling in tellings for name in telling.actors))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.casefold())


def _ordinal(number: int) -> str:
    return _ORDINALS[number - 2] if 2 <= number < 2 + len(_ORDINALS) else f"{number}th"
