"""Alerts as feeds: Atom (RFC 4287) and RSS 2.0. One entry an alert, as it stands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from agents.notify import defaults
from agents.notify.template import render
from agents.notify.words import Language
from agents.notify.xml_text import xml_text
from streams.archive.told import Told
from streams.records import Alert

ATOM_TYPE = "application/atom+xml; charset=utf-8"
RSS_TYPE = "application/rss+xml; charset=utf-8"
_ATOM = "http://www.w3.org/2005/Atom"
_GEORSS = "http://www.georss.org/georss"
_TITLE = "newswatch alerts"


def atom(alerts: Sequence[Told], base: str, now: datetime, language: Language = "en") -> bytes:
    """An Atom feed in UTF-8; `base` is the server's address with a slash at its end."""
    feed = Element("feed", {"xmlns": _ATOM, "xmlns:georss": _GEORSS, "xml:lang": language})
    _add(feed, "id", f"{base}alerts.atom")
    _add(feed, "title", _TITLE)
    _add(feed, "updated", _rfc3339(max((one.at for one in alerts), default=now)))
    SubElement(feed, "link", {"rel": "self", "type": "application/atom+xml", "href": f"{base}alerts.atom"})
    author = SubElement(feed, "author")
    _add(author, "name", "newswatch")
    for one in alerts:
        alert = one.alert
        entry = SubElement(feed, "entry")
        _add(entry, "id", f"urn:newswatch:alert:{alert.id}")
        _add(entry, "title", _title(alert, language))
        _add(entry, "published", _rfc3339(alert.opened))
        _add(entry, "updated", _rfc3339(one.at))
        link = {"rel": "alternate", "href": xml_text(_link(alert, base))}
        SubElement(entry, "link", link)
        cap = {"rel": "related", "type": "application/cap+xml", "href": f"{base}alerts/{alert.id}.cap"}
        SubElement(entry, "link", cap)
        for scheme, term in (("watch", alert.watch), ("severity", alert.severity), ("status", alert.status)):
            SubElement(entry, "category", {"term": xml_text(term), "scheme": f"urn:newswatch:{scheme}"})
        _add(entry, "summary", _text(alert, language)).set("type", "text")
        content = render(defaults.HTML, alert, language, html=True)
        _add(entry, "content", content).set("type", "html")
        _add_point(entry, alert)
    return _document(feed)


def rss(alerts: Sequence[Told], base: str, now: datetime, language: Language = "en") -> bytes:
    """An RSS 2.0 feed in UTF-8; `base` is the server's address with a slash at its end."""
    root = Element("rss", {"version": "2.0", "xmlns:atom": _ATOM, "xmlns:georss": _GEORSS})
    channel = SubElement(root, "channel")
    _add(channel, "title", _TITLE)
    _add(channel, "link", base)
    _add(channel, "description", "What newswatch has been told to look for, as it is read.")
    _add(channel, "language", language)
    _add(channel, "lastBuildDate", format_datetime(max((one.at for one in alerts), default=now)))
    own = {"rel": "self", "type": "application/rss+xml", "href": f"{base}alerts.rss"}
    SubElement(channel, "atom:link", own)
    for one in alerts:
        alert = one.alert
        item = SubElement(channel, "item")
        _add(item, "title", _title(alert, language))
        _add(item, "link", _link(alert, base))
        _add(item, "description", render(defaults.HTML, alert, language, html=True))
        # Readers show an item again only under another guid, so each revision that is told has its own.
        _add(item, "guid", f"urn:newswatch:alert:{alert.id}:{alert.revision}").set("isPermaLink", "false")
        _add(item, "pubDate", format_datetime(one.at))
        _add(item, "category", alert.watch).set("domain", "urn:newswatch:watch")
        _add(item, "category", alert.severity).set("domain", "urn:newswatch:severity")
        _add_point(item, alert)
    return _document(root)


def _title(alert: Alert, language: Language) -> str:
    return " ".join(render(defaults.TITLE, alert, language).split())


def _text(alert: Alert, language: Language) -> str:
    return render(defaults.TEXT, alert, language)


def _link(alert: Alert, base: str) -> str:
    return alert.url or f"{base}alerts/{alert.id}.cap"


def _add_point(parent: Element, alert: Alert) -> None:
    if alert.places:
        _add(parent, "georss:point", f"{alert.places[0].lat:.5f} {alert.places[0].lon:.5f}")


def _add(parent: Element, tag: str, text: str) -> Element:
    child = SubElement(parent, tag)
    child.text = xml_text(text)
    return child


def _rfc3339(at: datetime) -> str:
    return at.isoformat(timespec="seconds").replace("+00:00", "Z")


def _document(root: Element) -> bytes:
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
