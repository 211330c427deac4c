"""One entry as feedparser gives it, made into plain fields."""

from __future__ import annotations

import base64
import calendar
import json
import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from streams.feeds.dates import parse_date
from streams.feeds.guard import MAX_TEXT_CHARACTERS, MAX_TITLE_CHARACTERS
from streams.feeds.link import outlet, web_address
from streams.feeds.text import clean_text, looks_like_html, plain_line, plain_text
from streams.ids import digest

_ISO_639_1 = frozenset(
    re.findall(
        "..",
        "aaabaeafakamanarasavayazbabebgbhbibmbnbobrbscacechcocrcscucvcydadedvdzeeeleneoeseteufafffifjfofrfygagdglgngu"
        "gvhahehihohrhthuhyhziaidieigiiikioisitiujajvkakgkikjkkklkmknkokrkskukvkwkylalblglilnloltlulvmgmhmimkmlmnmrms"
        "mtmynanbndnengnlnnnonrnvnyocojomorospapiplpsptqurmrnrorurwsascsdsesgsiskslsmsnsosqsrssstsusvswtatetgthtitktl"
        "tntotrtstttwtyugukuruzvevivowawoxhyiyozazhzu",
    )
)
_DATES = ("published_parsed", "updated_parsed", "created_parsed")
_PLAIN = "text/plain"
_HTML = "text/html"
_NO_DATE = datetime.max.replace(tzinfo=UTC)
_READABLE = ("text/", "application/xhtml+xml", "application/xml")


@dataclass(frozen=True, slots=True)
class Fields:
    """An entry's own fields, before it is told apart from its neighbours."""

    guid: str
    url: str | None
    title: str
    text: str
    truncated: bool
    published: datetime | None
    language: str | None
    outlet: str
    exact: str
    """A digest of everything the entry says, as it says it."""
    raw: str
    """JSON in base64 where there is nothing to read; empty otherwise."""


def read_fields(entry: dict[str, Any], base: str, feed_language: str | None) -> Fields:
    """The fields of a feedparser entry; `base` is the address of its document.

    Title and text are plain text; the text is the longest of content, summary and description.
    """
    url = _url(entry, base)
    title, title_cut = plain_line(
        _text(entry, "title"), MAX_TITLE_CHARACTERS, is_html=_kind(entry, "title", _PLAIN) != _PLAIN
    )
    text, text_cut = _longest(entry)
    guid = _text(entry, "id").strip()
    empty = not (title or text or url)
    return Fields(
        guid=guid,
        url=url,
        title=title,
        text=text,
        truncated=title_cut or text_cut,
        published=_published(entry),
        language=_language(entry) or feed_language,
        outlet=outlet(url),
        exact=_exact(entry),
        raw=_raw(entry) if empty else "",
    )


def newest(entries: Sequence[dict[str, Any]], most: int) -> Sequence[dict[str, Any]]:
    """The newest entries of a document, in its order; those without a date count as new."""
    if len(entries) <= most:
        return entries
    dates = [_published(entry) or _NO_DATE for entry in entries]
    latest = sorted(range(len(entries)), key=lambda position: dates[position], reverse=True)[:most]
    return [entries[position] for position in sorted(latest)]


def language_of(tag: Any) -> str | None:
    """The two-letter language of a tag such as `fr-FR` (or, as some write it, `FR-fr`), or None."""
    if not isinstance(tag, str):
        return None
    parts = re.split(r"[-_]", tag.strip().lower()[:40])
    return next((part for part in parts[:2] if part in _ISO_639_1), None)


def _get(entry: dict[str, Any], key: str) -> Any:
    # feedparser's own lookup answers one key with another's value; the dictionary's does not
    return dict.get(entry, key)


def _text(entry: dict[str, Any], key: str) -> str:
    value = _get(entry, key)
    return value if isinstance(value, str) else ""


def _parts(entry: dict[str, Any], key: str) -> list[dict[str, Any]]:
    value = _get(entry, key)
    return [part for part in value if isinstance(part, dict)] if isinstance(value, list) else []


def _kind(entry: dict[str, Any], key: str, default: str) -> str:
    detail = _get(entry, key + "_detail")
    kind = dict.get(detail, "type") if isinstance(detail, dict) else None
    return kind if isinstance(kind, str) and kind else default


def _url(entry: dict[str, Any], base: str) -> str | None:
    own = web_address(_text(entry, "link"), base)
    if own:
        return own
    links = _parts(entry, "links")
    for wanted in ("alternate", "", "related", "via"):
        for link in links:
            if (dict.get(link, "rel") or "") == wanted and (found := web_address(dict.get(link, "href"), base)):
                return found
    return web_address(_text(entry, "feedburner_origlink"), base)


def _longest(entry: dict[str, Any]) -> tuple[str, bool]:
    best, best_cut = "", False
    for value, kind in _bodies(entry):
        if kind == _PLAIN and not looks_like_html(value):
            text, cut = clean_text(value, MAX_TEXT_CHARACTERS)
        else:
            text, cut = plain_text(value, MAX_TEXT_CHARACTERS)
        if len(text) > len(best):
            best, best_cut = text, cut
    return best, best_cut


def _bodies(entry: dict[str, Any]) -> list[tuple[str, str]]:
    """Each body once, with its content type."""
    bodies: dict[str, str] = {}
    for content in _parts(entry, "content"):
        value, kind = dict.get(content, "value"), dict.get(content, "type") or _HTML
        if isinstance(value, str) and isinstance(kind, str) and kind.startswith(_READABLE):
            bodies.setdefault(value, kind)
    for key in ("summary", "description", "subtitle"):
        value = _text(entry, key)
        if value:
            bodies.setdefault(value, _kind(entry, key, _HTML))
    return list(bodies.items())


def _published(entry: dict[str, Any]) -> datetime | None:
    for key in _DATES:
        value = _get(entry, key)
        if isinstance(value, time.struct_time):
            try:
                return datetime.fromtimestamp(calendar.timegm(value), UTC)
            except (ValueError, OverflowError, OSError):
                continue
    spelled = (_text(entry, key.removesuffix("_parsed")) for key in _DATES)
    return next((date for text in spelled if text and (date := parse_date(text))), None)


def _language(entry: dict[str, Any]) -> str | None:
    own = language_of(_get(entry, "language"))
    if own:
        return own
    details = [*_parts(entry, "content"), _get(entry, "summary_detail"), _get(entry, "title_detail")]
    for detail in details:
        if isinstance(detail, dict) and (found := language_of(dict.get(detail, "language"))):
            return found
    return None


def _exact(entry: dict[str, Any]) -> str:
    dates = [_text(entry, key.removesuffix("_parsed")) for key in _DATES]
    bodies = [part for body in _bodies(entry) for part in body]
    return digest(_text(entry, "id"), _text(entry, "link"), _text(entry, "title"), *dates, *bodies)


def _raw(entry: dict[str, Any]) -> str:
    shown = json.dumps(entry, default=str, ensure_ascii=True)
    return base64.b64encode(shown.encode()).decode()
