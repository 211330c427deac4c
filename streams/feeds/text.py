"""Plain text from what feeds carry: HTML in any state, entities in any depth, stray control characters.

Linear in the length of its input, whatever the input: no tag is ever looked for twice.
"""

from __future__ import annotations

import html
import re
import unicodedata

_BLOCK = re.compile(
    r"address|article|aside|blockquote|br|caption|center|dd|details|dialog|div|dl|dt|fieldset|figcaption|figure|footer|"
    r"form|h[1-6]|header|hr|li|main|menu|nav|ol|option|p|pre|section|summary|table|tbody|tfoot|thead|tr|ul"
)
_CELLS = frozenset({"td", "th"})
_UNREAD = frozenset(
    {
        "applet",
        "embed",
        "iframe",
        "math",
        "noembed",
        "object",
        "script",
        "select",
        "style",
        "svg",
        "template",
        "textarea",
    }
)
_RAW = frozenset({"script", "style"})
_NAME = re.compile(r"/?([A-Za-z][^\s/>]*)")
_UNREAD_END = {name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE) for name in _UNREAD}
_TAG_END = re.compile(r"""[>"']""")
_LOOKS_LIKE_HTML = re.compile(
    r"</(?:a|b|blockquote|div|em|h[1-6]|i|li|ol|p|pre|span|strong|table|u|ul)\s*>"
    r"|<(?:br|hr|p|div)\s*/?>|<(?:img|a|p|div|span)\s[^<>]{0,200}=",
    re.IGNORECASE,
)
_LONG_REFERENCE = re.compile(r"&#(?:[0-9]{8,}|[xX][0-9a-fA-F]{7,});?")
# controls, lone surrogates, what is no character, bidirectional marks, soft hyphens, zero-width spaces
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"
    "\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]+"
)
_LINE_BREAKS = re.compile(r"\r\n|[\n\v\r\x85\u2028\u2029]")
_SENTENCE_ENDS = (".", "!", "?", ":", ";", "…", "؟", "»", "”", '"')
_PARAGRAPH = "\f"  # stands for a block tag until white space is settled
_SOURCE_PER_CHARACTER = 12
"""No more source than this is read for each character that can be kept (an Arabic letter may stand as `&#1575;`)."""
# normalising takes quadratic time over a long run of combining marks, which is always inside one of these
_RUN_OF_MARKS = re.compile(r"[^\w\s]{64}")


def plain_text(markup: str, limit: int) -> tuple[str, bool]:
    """The readable text of HTML, a newline between paragraphs, and whether it was cut at `limit` characters."""
    text, cut = _without_tags(markup, limit)
    if "<" not in markup and looks_like_html(text):  # escaped once too often
        text, cut = _without_tags(text, limit)
    return _cut(_paragraphs(text), limit, cut)


def plain_line(text: str, limit: int, *, is_html: bool) -> tuple[str, bool]:
    """The same on one line, for titles."""
    cut = len(text) > limit * _SOURCE_PER_CHARACTER
    if is_html or looks_like_html(text):
        text, cut = _without_tags(text, limit)
    return _cut(" ".join(_paragraphs(text[: limit * _SOURCE_PER_CHARACTER]).split()), limit, cut)


def clean_text(text: str, limit: int) -> tuple[str, bool]:
    """The same for text that is no HTML."""
    most = limit * _SOURCE_PER_CHARACTER
    return _cut(_paragraphs(text[:most].replace(_PARAGRAPH, " ")), limit, len(text) > most)


def looks_like_html(text: str) -> bool:
    """True when text that claims to be plain holds HTML tags as writers use them."""
    return "<" in text and _LOOKS_LIKE_HTML.search(text) is not None


def _cut(text: str, limit: int, cut: bool) -> tuple[str, bool]:
    return (text, cut) if len(text) <= limit else (text[:limit].rstrip(), True)


def _paragraphs(text: str) -> str:
    """Paragraphs separated by one newline, words by one space, nothing that cannot be printed.

    Where there are block tags they alone part paragraphs. Where there are none, an empty line does, and a line
    break after the end of a sentence.
    """
    text = _UNPRINTABLE.sub("", text)
    if not text.isascii() and not _RUN_OF_MARKS.search(text):
        text = unicodedata.normalize("NFC", text)
    if _PARAGRAPH in text:
        lines = [" ".join(line.split()) for line in text.split(_PARAGRAPH)]
        return "\n".join(line for line in lines if line)
    paragraphs: list[list[str]] = [[]]
    for source in _LINE_BREAKS.split(text):
        line = " ".join(source.split())
        if line:
            paragraphs[-1].append(line)
        if not line or line.endswith(_SENTENCE_ENDS):
            paragraphs.append([])
    return "\n".join(" ".join(lines) for lines in paragraphs if lines)


def _without_tags(markup: str, limit: int) -> tuple[str, bool]:
    if "<![CDATA[" in markup:  # left over from escaping twice
        markup = markup.replace("<![CDATA[", "").replace("]]>", "")
    pieces, cut = _strip_tags(markup.replace(_PARAGRAPH, " "), limit * _SOURCE_PER_CHARACTER)
    text = "".join(pieces)
    if "&" in text:
        # Python refuses to read numbers of thousands of digits, and no character has such a number
        text = html.unescape(_LONG_REFERENCE.sub("\ufffd", text))
    return text, cut


def _strip_tags(markup: str, most: int) -> tuple[list[str], bool]:
    """The text between the tags, entities untouched, and whether it was cut at about `most` characters."""
    pieces: list[str] = []
    size = 0
    at = 0
    comments_close = quotes_close = True  # False once one was looked for to the very end in vain
    unclosed: set[str] = set()
    while size <= most:
        start = markup.find("<", at)
        if start < 0:
            pieces.append(markup[at : at + most])
            return pieces, len(markup) - at > most
        if start > at:
            pieces.append(markup[at : min(start, at + most)])
            size += start - at
        if comments_close and markup.startswith("<!--", start):
            end = markup.find("-->", start + 4)
            if end >= 0:
                at = end + 3
                continue
            comments_close = False
        name_match = _NAME.match(markup, start + 1)
        if name_match is None and markup[start + 1 : start + 2] not in ("!", "?", "/"):
            pieces.append("<")
            size += 1
            at = start + 1
            continue
        end = -1
        if name_match is not None and quotes_close:
            end = _tag_end(markup, name_match.end())
            quotes_close = end >= 0
        if end < 0:
            end = markup.find(">", start)
        if end < 0:
            return pieces, False  # a tag that never ends
        at = end + 1
        if name_match is None:
            continue
        name = name_match.group(1).lower()
        if _BLOCK.fullmatch(name):
            pieces.append(_PARAGRAPH)
        elif name in _CELLS:
            pieces.append(" ")
        elif name in _UNREAD and markup[start + 1] != "/" and markup[end - 1] != "/":
            at = _after_unread(markup, name, at, unclosed)
    return pieces, True


def _after_unread(markup: str, name: str, at: int, unclosed: set[str]) -> int:
    """Where reading goes on after an element whose content is not for readers."""
    match = None if name in unclosed else _UNREAD_END[name].search(markup, at)
    if match is not None:
        return match.start()
    unclosed.add(name)
    return len(markup) if name in _RAW else at


def _tag_end(markup: str, at: int) -> int:
    """Where the tag's `>` stands, outside quotes; -1 where it has none."""
    while True:
        match = _TAG_END.search(markup, at)
        if match is None:
            return -1
        if match.group() == ">":
            return match.start()
        closing = markup.find(match.group(), match.end())
        if closing < 0:
            return -1
        at = closing + 1
