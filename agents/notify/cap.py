"""An alert as an OASIS Common Alerting Protocol 1.2 message: Alert, Update, or Cancel where it was withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from xml.etree.ElementTree import Element, SubElement, tostring

from agents.notify import defaults
from agents.notify.facts import TEST_WATCH
from agents.notify.template import render
from agents.notify.words import HEADINGS, LANGUAGES, Language
from agents.notify.xml_text import xml_text
from streams.archive.told import Told
from streams.records import Alert

TYPE = "application/cap+xml"
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
SENDER = "newswatch"
_SEVERITIES = {"info": "Minor", "warning": "Moderate", "critical": "Severe"}
_LIKELY = 0.5
_LASTS = timedelta(days=7)


def cap(revisions: Sequence[Told], languages: Sequence[Language] = LANGUAGES) -> bytes:
    """The newest of an alert's revisions as a message in UTF-8, with one `info` block a language.

    `revisions` are all of them, oldest first, at least one; the message refers to those before.
    """
    one, before = revisions[-1], revisions[:-1]
    alert = one.alert
    root = Element("alert", {"xmlns": NAMESPACE})
    _add(root, "identifier", _identifier(alert))
    _add(root, "sender", SENDER)
    _add(root, "sent", _time(one.at))
    _add(root, "status", "Test" if alert.watch == TEST_WATCH else "Actual")
    _add(root, "msgType", _message_type(alert, told_before=bool(before)))
    _add(root, "source", alert.outlet or "newswatch")
    _add(root, "scope", "Public")
    if alert.status not in {"opened", "updated"}:
        _add(root, "note", HEADINGS["en"].get(alert.status, alert.status))
    if before:
        _add(root, "references", " ".join(f"{SENDER},{_identifier(old.alert)},{_time(old.at)}" for old in before))
    _add(root, "incidents", alert.story)
    for language in languages:
        _add_info(root, one, language)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _message_type(alert: Alert, *, told_before: bool) -> str:
    if alert.status == "retracted":
        return "Cancel"
    return "Update" if told_before else "Alert"


def _add_info(root: Element, one: Told, language: Language) -> None:
    alert = one.alert
    info = SubElement(root, "info")
    _add(info, "language", language)
    _add(info, "category", "Security")
    _add(info, "event", alert.watch_name)
    _add(info, "urgency", "Past" if alert.status in {"closed", "retracted"} else "Unknown")
    _add(info, "severity", _SEVERITIES.get(alert.severity, "Unknown"))
    _add(info, "certainty", _certainty(alert))
    _add(info, "effective", _time(alert.opened))
    _add(info, "expires", _time(one.at if alert.status in {"closed", "retracted"} else one.at + _LASTS))
    _add(info, "senderName", "newswatch")
    _add(info, "headline", " ".join(render(defaults.TITLE, alert, language).split()))
    _add(info, "description", render(defaults.TEXT, alert, language))
    if alert.url:
        _add(info, "web", alert.url)
    for name, value in (("watch", alert.watch), ("reason", alert.reason), ("outlet", alert.outlet)):
        if value:
            parameter = SubElement(info, "parameter")
            _add(parameter, "valueName", name)
            _add(parameter, "value", value)
    for place in alert.places:
        area = SubElement(info, "area")
        _add(area, "areaDesc", f"{place.name}, {place.country}" if place.country else place.name)
        _add(area, "circle", f"{place.lat:.5f},{place.lon:.5f} 0")


def _certainty(alert: Alert) -> str:
    """News reports are at best likely, never observed by us."""
    if alert.status == "retracted":
        return "Unlikely"
    if not alert.places:
        return "Unknown"
    return "Likely" if min(place.confidence for place in alert.places) > _LIKELY else "Possible"


def _identifier(alert: Alert) -> str:
    return f"{alert.id}.{alert.revision}"


def _time(at: datetime) -> str:
    """The protocol's form: whole seconds, and `-00:00` for UTC, never `Z`."""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") + "-00:00"


def _add(parent: Element, tag: str, text: str) -> None:
    SubElement(parent, tag).text = xml_text(text)
