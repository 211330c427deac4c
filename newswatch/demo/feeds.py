"""Sample articles as feed documents: RSS 2.0, Atom and RSS 1.0."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from xml.etree import ElementTree as ET

from newswatch.demo.samples import Sample, Source

ATOM = "http://www.w3.org/2005/Atom"
RSS1 = "http://purl.org/rss/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XML = "http://www.w3.org/XML/1998/namespace"
CONTENT_TYPES = {"rss2": "application/rss+xml", "atom": "application/atom+xml", "rss1": "application/rdf+xml"}

ET.register_namespace("rdf", RDF)
ET.register_namespace("dc", DC)


@dataclass(frozen=True, slots=True)
class Item:
    """A sample that has been released; times are in UTC."""

    sample: Sample
    released: datetime

    @property
    def published(self) -> datetime:
        """What the feed gives as its date, to the second."""
        return (self.released - timedelta(minutes=self.sample.minutes)).replace(microsecond=0)


def link(source: Source, sample: Sample) -> str:
    """The address of an article; its host ends in `.example`, so it leads nowhere."""
    return f"https://{source.host}/{sample.id}"


def render(source: Source, items: Sequence[Item]) -> bytes:
    """The feed document of a newsroom, newest item first, as UTF-8 XML."""
    newest_first = sorted(items, key=lambda item: item.released, reverse=True)
    root = {"rss2": _rss2, "atom": _atom, "rss1": _rss1}[source.format](source, newest_first)
    body: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + body


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, tag, attributes)
    element.text = text or None
    return element


def _rss2(source: Source, items: Sequence[Item]) -> ET.Element:
    root = ET.Element("rss", {"version": "2.0"})
    channel = _add(root, "channel")
    _add(channel, "title", source.title)
    _add(channel, "link", f"https://{source.host}/")
    _add(channel, "description", "Invented sample articles")
    _add(channel, "language", source.language)
    for item in items:
        entry = _add(channel, "item")
        _add(entry, "title", item.sample.title)
        _add(entry, "link", link(source, item.sample))
        _add(entry, "guid", f"{source.id}:{item.sample.id}", isPermaLink="false")
        _add(entry, "pubDate", format_datetime(item.published))
        _add(entry, "description", item.sample.html or item.sample.text)
    return root


def _atom(source: Source, items: Sequence[Item]) -> ET.Element:
    root = ET.Element(f"{{{ATOM}}}feed", {f"{{{XML}}}lang": source.language})
    _add(root, f"{{{ATOM}}}title", source.title)
    _add(root, f"{{{ATOM}}}id", f"https://{source.host}/")
    _add(root, f"{{{ATOM}}}link", href=f"https://{source.host}/")
    if items:
        _add(root, f"{{{ATOM}}}updated", items[0].released.replace(microsecond=0).isoformat())
    for item in items:
        entry = _add(root, f"{{{ATOM}}}entry")
        _add(entry, f"{{{ATOM}}}title", item.sample.title)
        _add(entry, f"{{{ATOM}}}id", f"tag:{source.host},2026:{item.sample.id}")
        _add(entry, f"{{{ATOM}}}link", href=link(source, item.sample))
        _add(entry, f"{{{ATOM}}}published", item.published.isoformat())
        _add(entry, f"{{{ATOM}}}updated", item.published.isoformat())
        kind = "html" if item.sample.html else "text"
        _add(entry, f"{{{ATOM}}}summary", item.sample.html or item.sample.text, type=kind)
    return root


def _rss1(source: Source, items: Sequence[Item]) -> ET.Element:
    root = ET.Element(f"{{{RDF}}}RDF")
    channel = _add(root, f"{{{RSS1}}}channel", **{f"{{{RDF}}}about": f"https://{source.host}/"})
    _add(channel, f"{{{RSS1}}}title", source.title)
    _add(channel, f"{{{RSS1}}}link", f"https://{source.host}/")
    _add(channel, f"{{{RSS1}}}description", "Invented sample articles")
    _add(channel, f"{{{DC}}}language", source.language)
    order = _add(_add(channel, f"{{{RSS1}}}items"), f"{{{RDF}}}Seq")
    for item in items:
        address = link(source, item.sample)
        _add(order, f"{{{RDF}}}li", **{f"{{{RDF}}}resource": address})
        entry = _add(root, f"{{{RSS1}}}item", **{f"{{{RDF}}}about": address})
        _add(entry, f"{{{RSS1}}}title", item.sample.title)
        _add(entry, f"{{{RSS1}}}link", address)
        _add(entry, f"{{{DC}}}date", item.published.isoformat())
        _add(entry, f"{{{RSS1}}}description", item.sample.html or item.sample.text)
    return root
