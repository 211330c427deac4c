"""Alerts as cards, made once for everybody who reads in one language."""

from __future__ import annotations

import json
from collections.abc import Sequence, Set
from datetime import datetime
from functools import lru_cache
from html import escape

from agents.notify.words import HEADINGS, SEVERITIES, Language
from newswatch.web.pages.marked import Mark, marked
from newswatch.web.pages.words import direction, saying
from newswatch.web.words import plain
from streams.records import Alert

_REMEMBERED = 1_000
_MOST_DOTS = 5
_COMMAS: dict[Language, str] = {"en": ",", "fr": ",", "ar": "،"}


def key_of(alert: Alert) -> str:
    """What tells a card from others; another where the alert has changed."""
    return f"{alert.id}.{alert.revision}"


@lru_cache(_REMEMBERED)
def card(one: Alert, language: Language) -> str:
    """An alert as HTML. Its age is written by the browser, which counts on."""
    say = saying(language)
    way = f'dir="{direction(one.language)}" lang="{escape(one.language)}"'
    marks = [Mark(start, end, "evidence") for start, end in one.quote_spans]
    sure = f" · {max(place.confidence for place in one.places):.0%}" if one.places else ""
    at = plain(one.updated or one.opened)
    return (
        f'<article class="alert {one.severity}" data-alert="{escape(one.id)}" data-key="{escape(key_of(one))}">'
        f'<h2 {way}><a href="/alert/{escape(one.id)}?lang={language}">{escape(one.title or one.watch_name)}</a></h2>'
        f"<p {way}>{marked(one.quote, marks)}</p>"
        f'<p class="quiet"><span class="severity {one.severity}">{HEADINGS[language][one.status]}{_COMMAS[language]} '
        f"{SEVERITIES[language][one.severity]}</span> · <bdi>{escape(one.watch_name)}</bdi> · {say('sources')}: "
        f'{len(one.sources) or 1}{sure} · <time datetime="{at}" dir="ltr"></time></p></article>'
    )


def dots_of(alert: Alert) -> list[dict[str, object]]:
    """Where an alert stands on a map."""
    about = {"alert": alert.id, "title": alert.title, "severity": alert.severity}
    return [{**about, "name": one.name, "lat": one.lat, "lon": one.lon} for one in alert.places[:_MOST_DOTS]]


def telling(alerts: Sequence[Alert], shown: Set[str], language: Language, then: datetime | None = None) -> str:
    """What makes a page that shows these cards show those of the alerts, as JavaScript; they are of now, or of then.

    Only what the page has not is sent: its cards and its dots.
    """
    order = [key_of(one) for one in alerts]
    fresh = {
        key: [card(one, language), dots_of(one)] for key, one in zip(order, alerts, strict=True) if key not in shown
    }
    told = [order, fresh, saying(language)("no_alerts"), None if then is None else then.timestamp() * 1000]
    return f"newswatch.tell(...{json.dumps(told)})"
