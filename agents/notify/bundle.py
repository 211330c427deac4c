"""Several alerts in one delivery: what they are called together, and each in a few lines, as text and as HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from markupsafe import Markup

from agents.notify.facts import quote_html, quote_marked
from agents.notify.words import BUNDLES, HEADINGS, SEVERITIES, Language
from streams.archive.deliveries import DueDelivery
from streams.ids import delivery_id
from streams.records import Alert

MOST_SHOWN = 10
"""Alerts that are told with their sentence; of the rest the watches are named."""
_MOST_NAMED = 3
_RANKS = {"info": 0, "warning": 1, "critical": 2}


def alerts_of(due: DueDelivery) -> list[Alert]:
    """Every alert of a delivery, in the order in which they came."""
    return [due.alert, *due.others]


def each_of(due: DueDelivery) -> list[DueDelivery]:
    """A delivery of several alerts as one of each, under the ids that each would have had alone."""
    own = replace(due, others=())
    others = [replace(own, id=delivery_id(one.id, one.revision, due.endpoint), alert=one) for one in due.others]
    return [own, *others]


def worst_severity(due: DueDelivery) -> str:
    """The severest of its alerts' severities."""
    return max((one.severity for one in alerts_of(due)), key=lambda one: _RANKS.get(one, 0))


def bundle_title(due: DueDelivery, language: Language) -> str:
    """One line: how many, and of which watches."""
    words = BUNDLES[language]
    told = alerts_of(due)
    names = list(dict.fromkeys(one.watch_name for one in told))
    more = len(names) - _MOST_NAMED
    listed = words["comma"].join(names[:_MOST_NAMED]) + (f" {words['more'].format(more)}" if more > 0 else "")
    return f"{words['alerts'].format(len(told))}: {listed}"


def bundle_text(due: DueDelivery, language: Language) -> str:
    """Why they come together, then each with its sentence; past `MOST_SHOWN` how many more, by their watches."""
    told = alerts_of(due)
    parts = [BUNDLES[language].get(due.why, ""), *(_lines(one, language) for one in told[:MOST_SHOWN])]
    return "\n\n".join([*filter(None, parts), *_rest(told, language)]) + "\n"


def bundle_html(due: DueDelivery, language: Language) -> str:
    """The same as HTML; what stood in articles is escaped."""
    told = alerts_of(due)
    direction = "rtl" if language == "ar" else "ltr"
    items = [_item(one, language) for one in told[:MOST_SHOWN]]
    rest = [Markup("<p>{}</p>").format(one) for one in _rest(told, language)]
    return str(
        Markup(
            '<!DOCTYPE html>\n<html lang="{}" dir="{}">\n<head><meta charset="utf-8"><title>{}</title></head>\n'
        ).format(language, direction, bundle_title(due, language))
        + Markup("<body>\n<h1>{}</h1>\n<p>{}</p>\n").format(
            bundle_title(due, language), BUNDLES[language].get(due.why, "")
        )
        + Markup("\n").join([*items, *rest])
        + Markup("\n</body>\n</html>\n")
    )


def _lines(alert: Alert, language: Language) -> str:
    source = " ".join(part for part in (alert.outlet, alert.url or "") if part)
    changes = "".join(f"\n  - {change}" for change in alert.changes)
    return f"{_head(alert, language)}{changes}\n  « {quote_marked(alert)} »\n  {alert.title} · {source}"


def _item(alert: Alert, language: Language) -> Markup:
    changes = Markup("").join(Markup('<p dir="auto">{}</p>\n').format(change) for change in alert.changes)
    title = (
        Markup('<a href="{}">{}</a>').format(alert.url, alert.title) if alert.url else Markup("{}").format(alert.title)
    )
    outlet = f" ({alert.outlet})" if alert.outlet else ""
    return Markup('<h2>{}</h2>\n{}<blockquote dir="auto">{}</blockquote>\n<p dir="auto">{}{}</p>').format(
        _head(alert, language), changes, quote_html(alert), title, outlet
    )


def _head(alert: Alert, language: Language) -> str:
    heading = HEADINGS[language].get(alert.status, alert.status)
    return f"{heading}: {alert.watch_name} ({SEVERITIES[language].get(alert.severity, alert.severity)})"


def _rest(told: Sequence[Alert], language: Language) -> list[str]:
    rest = told[MOST_SHOWN:]
    if not rest:
        return []
    words = BUNDLES[language]
    names = words["comma"].join(dict.fromkeys(one.watch_name for one in rest))
    return [f"{words['more'].format(len(rest))}: {names}"]
