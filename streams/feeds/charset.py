"""What encoding a feed document is really in, whatever its server and its first line say."""

from __future__ import annotations

import codecs
import re

_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
    (codecs.BOM_UTF8, "utf-8"),
)
_WIDE_STARTS = ((b"<\x00\x00\x00", "utf-32-le"), (b"\x00\x00\x00<", "utf-32-be"), (b"<\x00", "utf-16-le"))
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([A-Za-z0-9._:-]{1,40})["']""")
_IN_HEADER = re.compile(r"""charset\s*=\s*["']?([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_IN_META = re.compile(rb"""<meta\s[^<>]{0,300}?charset\s*=\s*["']?\s*([A-Za-z0-9._:-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 16_384
_LANGUAGE = re.compile(
    rb"<(?:dc:)?language>\s*([a-z]{2})\b|(?:xml:lang|<html\s[^<>]{0,200}?lang)\s*=\s*[\"']?([a-z]{2})\b", re.IGNORECASE
)
_SERVER_DEFAULTS = frozenset({"iso8859-1", "cp1252", "ascii"})
_BY_LANGUAGE = {
    "cp1256": ("ar", "fa", "ur"),
    "cp1251": ("ru", "uk", "bg", "be", "sr", "mk"),
    "cp1250": ("pl", "cs", "sk", "hu", "ro", "hr", "sl"),
    "cp1253": ("el",),
    "cp1254": ("tr", "az"),
    "cp1255": ("he", "yi"),
}
_LATIN = ("cp1250", "cp1252", "cp1254")
_HIGH_RUN = re.compile(rb"[\xc0-\xff]+")
_LATIN_RUN = 2.0
_CAPITALS_SHARE = 0.25


def decode_document(body: bytes, content_type: str) -> str | None:
    """The document as text, or None where no encoding could be told (a parser may still try its own).

    In this order: a byte order mark; UTF-8 if the bytes are UTF-8, which no other encoding is by chance; what is
    declared, where that can be so; UTF-8 with a few broken bytes replaced; the legacy encoding that the runs of
    letters point to.
    """
    return _decoded(body, content_type, _first(_DECLARED.match(body[:1024])))


def decode_page(body: bytes, content_type: str) -> str:
    """An HTML page as text, by the same order; what it declares stands in a `meta` element."""
    declared = _first(_IN_META.search(body[:_META_WITHIN])) or _first(_DECLARED.match(body[:1024]))
    if declared.lower().startswith(("utf-16", "utf-32")):
        declared = ""  # it could not have been read: the bytes are no such thing (WHATWG HTML, 13.2.3.2)
    text = _decoded(body, content_type, declared)
    return body.decode("utf-8", "replace") if text is None else text


def _decoded(body: bytes, content_type: str, says: str) -> str | None:
    for mark, encoding in _BOMS:
        if body.startswith(mark):
            return body[len(mark) :].decode(encoding, "replace")
    for start, encoding in _WIDE_STARTS:
        if body.startswith(start):
            return body.decode(encoding, "replace")
    if body.startswith(b"\x00<"):
        return body.decode("utf-16-be", "replace")
    in_header = _known(_first(_IN_HEADER.search(content_type)))
    declared = _known(says)
    stateful = next(
        (name for name in (in_header, declared) if name and name.startswith(("iso2022", "hz", "utf-7"))), ""
    )
    if stateful:
        return body.decode(stateful, "replace")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        pass
    legacy = _guess_legacy(body)
    named = [name for name in (in_header, declared) if name and name != "utf-8"]
    if in_header in _SERVER_DEFAULTS and declared:
        named.reverse()  # the author wrote the document, nobody wrote the server's default
    for name in named:
        if name in _SERVER_DEFAULTS and legacy not in _LATIN:
            continue  # long runs of accented letters are another script
        text = _try(body, "cp1252" if name in _SERVER_DEFAULTS else name)
        if text is not None:
            return text
    return _mostly_utf8(body) or _try(body, legacy) or (body.decode("latin-1") if legacy == "cp1252" else None)


def _first(match: re.Match[str] | re.Match[bytes] | None) -> str:
    if match is None:
        return ""
    value = match.group(1)
    return value.decode("ascii") if isinstance(value, bytes) else value


def _known(name: str) -> str:
    """Python's own name of an encoding, empty where it has none or it is no text encoding."""
    name = name.lower().removeprefix("x-")
    if name in ("gb2312", "gbk"):
        return "gb18030"  # holds both
    try:
        info = codecs.lookup(name) if name else None
        return info.name if info is not None and "a".encode(info.name).decode(info.name) == "a" else ""
    except (LookupError, TypeError, ValueError, AssertionError):
        return ""


def _try(body: bytes, name: str) -> str | None:
    try:
        return body.decode(name)
    except (UnicodeError, LookupError):
        return None


def _mostly_utf8(body: bytes) -> str | None:
    """The text with broken bytes replaced, if far more of it is right than broken."""
    text = body.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    right = len(text) - len(text.encode("ascii", "ignore")) - broken
    return text if right > broken * 4 else None


def _guess_legacy(body: bytes) -> str:
    """The one-byte encoding that a document which is not UTF-8 is most likely in.

    Western letters outside ASCII stand alone among others; Arabic and Cyrillic words are whole runs of them. In
    windows-1256 about half of the letters lie below 0xE0, in windows-1251 only the capitals do.
    """
    runs = _HIGH_RUN.findall(body[:1_000_000])
    letters = sum(map(len, runs))
    is_latin = not runs or letters / len(runs) < _LATIN_RUN
    found = _LANGUAGE.search(body[:65_536])
    if found:
        language = (found.group(1) or found.group(2)).decode("ascii").lower()
        for encoding, languages in _BY_LANGUAGE.items():
            if language in languages and is_latin == (encoding in _LATIN):
                return encoding
    if is_latin:
        return "cp1252"
    capitals = sum(1 for run in runs for byte in run if byte < 0xE0)
    return "cp1256" if capitals / letters > _CAPITALS_SHARE else "cp1251"
