"""Lists of feeds in OPML 2.0, both ways; groups are outlines within outlines, settings attributes of our namespace."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pydantic import ValidationError

from streams.feeds.catalogue import Feed

NAMESPACE = "urn:newswatch:feed"
_SEPARATOR = " / "
_DEEPEST = 20


@dataclass(frozen=True, slots=True)
class ReadOpml:
    """The feeds of a list, and what could not be read of it: one line each, with the line in the file."""

    feeds: tuple[Feed, ...]
    problems: tuple[str, ...]


def read_opml(data: bytes) -> ReadOpml:
    """The feeds of an OPML document; raises ValueError where it is none."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(f"no OPML: {error}") from error
    body = root.find("body") if root.tag == "opml" else None
    if body is None:
        raise ValueError("no OPML: it has no <opml> with a <body>")
    feeds: list[Feed] = []
    problems: list[str] = []
    for node, group in _outlines(body, ()):
        address = node.get("xmlUrl") or node.get("xmlurl")
        if not address:
            continue
        try:
            feeds.append(_feed(node, address, _SEPARATOR.join(group)))
        except ValidationError as error:
            first = error.errors()[0]
            problems.append(f"line {node.sourceline}: {first['loc'][0]}: {first['msg']}")
    return ReadOpml(tuple(feeds), tuple(problems))


def write_opml(feeds: Iterable[Feed], title: str = "newswatch") -> bytes:
    """The feeds as OPML 2.0; `read_opml` gives them back as they are."""
    root = etree.Element("opml", version="2.0", nsmap={"newswatch": NAMESPACE})
    etree.SubElement(etree.SubElement(root, "head"), "title").text = title
    body = etree.SubElement(root, "body")
    groups: dict[str, Any] = {"": body}
    for feed in feeds:
        node = etree.SubElement(_group(groups, feed.group), "outline", type="rss", text=feed.name or str(feed.url))
        node.set("xmlUrl", str(feed.url))
        for name, value in feed.model_dump(mode="json", exclude_defaults=True).items():
            if name not in ("url", "group"):
                node.set(f"{{{NAMESPACE}}}{name}", _text(value))
    written: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return written


def _outlines(parent: Any, group: tuple[str, ...]) -> Iterator[tuple[Any, tuple[str, ...]]]:
    for node in parent.iterchildren("outline"):
        yield node, group
        if len(group) < _DEEPEST:
            title = node.get("text") or node.get("title") or ""
            yield from _outlines(node, (*group, title) if title else group)


def _feed(node: Any, address: str, group: str) -> Feed:
    ours = {
        etree.QName(name).localname: value for name, value in node.attrib.items() if name.startswith(f"{{{NAMESPACE}}}")
    }
    settings: dict[str, Any] = {"name": node.get("text") or node.get("title") or "", **ours}
    if settings["name"] == address:
        settings["name"] = ""  # what we write where there is no name
    if not ours and (language := node.get("language")):
        settings["language"] = language[:2].lower()
    known = {name: value for name, value in settings.items() if name in Feed.model_fields}
    return Feed.model_validate({**known, "url": address, "group": group})


def _group(groups: dict[str, Any], name: str) -> Any:
    if name not in groups:
        parent, _, last = name.rpartition(_SEPARATOR)
        groups[name] = etree.SubElement(_group(groups, parent), "outline", text=last)
    return groups[name]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
