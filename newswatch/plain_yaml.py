"""One item of a list in the plain forms of YAML: keys and values, lists, brackets and braces that end on their line.

Anything else (text over several lines, tags, doubled keys, tabs, odd indentation) is `Unusual` and left to the full
reader: what is read here is read as it would be there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

Scalar = Callable[[str], Any]
"""What a plain scalar means."""
_Line = tuple[int, str]
"""Its indentation and what stands there."""

_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):(?:[ ]+(.*))?$")
_BLOCK_PLAIN = re.compile(
    r"""(?:[^\s\-?:,\[\]{}#&*!|>'"%@`]|-(?=[^\s])|[?:](?=[^\s]))(?:[^:#]|:(?=\S)|(?<=\S)\#)*$""", re.VERBOSE
)
_FLOW_PLAIN = re.compile(
    r"""(?:[^\s\-?:,\[\]{}#&*!|>'"%@`]|-(?=[0-9.]))(?:[^,\[\]{}:#?]|:(?=[^\s,\[\]{}])|(?<=\S)\#)*""", re.VERBOSE
)
_FLOW_KEY = re.compile(r"([A-Za-z_][A-Za-z0-9_]*):[ ]+")
_SINGLE = re.compile(r"'((?:[^']|'')*)'")
_DOUBLE = re.compile(r'"(?:[^"\\]|\\(?:["\\/bnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4}))*"')
_COMMENT = re.compile(r"[ ]+#.*$")
_ODD = re.compile(r"[^\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Unusual(Exception):
    """Not one of the plain forms."""


def read_item(text: str, scalar: Scalar) -> Any:
    """The value of an item that begins with its dash. Raises Unusual."""
    lines: list[_Line] = []
    for raw in text.split("\n"):
        line = raw.rstrip(" ")
        content = line.lstrip(" ")
        if not content or content[0] == "#":
            continue
        if _ODD.search(content):
            raise Unusual
        lines.append((len(line) - len(content), content))
    reader = _Reader(lines, scalar)
    value = reader.block(lines[0][0])
    if reader.at < len(lines) or not isinstance(value, list) or len(value) != 1:
        raise Unusual
    return value[0]


class _Reader:
    """Reads lines from `at` on."""

    def __init__(self, lines: list[_Line], scalar: Scalar) -> None:
        self.at = 0
        self._lines = lines
        self._scalar = scalar

    def block(self, indent: int) -> Any:
        content = self._lines[self.at][1]
        value = self._list(indent) if content == "-" or content.startswith("- ") else self._mapping(indent)
        if self.at < len(self._lines) and self._lines[self.at][0] > indent:
            raise Unusual
        return value

    def _mapping(self, indent: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while self.at < len(self._lines) and self._lines[self.at][0] == indent:
            entry = _KEY.match(self._lines[self.at][1])
            if entry is None or entry[1] in found:
                raise Unusual
            self.at += 1
            found[entry[1]] = self._value(entry[2] or "", indent, beside=True)
        return found

    def _list(self, indent: int) -> list[Any]:
        found: list[Any] = []
        while self.at < len(self._lines) and self._lines[self.at][0] == indent:
            content = self._lines[self.at][1]
            if content != "-" and not content.startswith("- "):
                break
            rest = content[1:].lstrip(" ")
            if rest.startswith("- "):
                raise Unusual
            if _KEY.match(rest):
                inner = indent + len(content) - len(rest)
                self._lines[self.at] = (inner, rest)
                found.append(self._mapping(inner))
                if self.at < len(self._lines) and self._lines[self.at][0] > indent:
                    raise Unusual
            else:
                self.at += 1
                found.append(self._value(rest, indent, beside=False))
        return found

    def _value(self, written: str, indent: int, *, beside: bool) -> Any:
        """What is written on the line, or on those below it; a list may stand `beside` its key."""
        if written and written[0] != "#":
            if self.at < len(self._lines) and self._lines[self.at][0] > indent:
                raise Unusual
            return self._inline(written)
        if self.at == len(self._lines):
            return None
        below, content = self._lines[self.at]
        if below > indent or (beside and below == indent and (content == "-" or content.startswith("- "))):
            return self._list(below) if below == indent else self.block(below)
        return None

    def _inline(self, written: str) -> Any:
        if written[0] in "[{'\"":
            value, end = self._flow(written, 0)
            if (rest := written[end:]) and not _COMMENT.match(rest):
                raise Unusual
            return value
        plain = _COMMENT.sub("", written) if " #" in written else written
        if not _BLOCK_PLAIN.match(plain):
            raise Unusual
        return self._scalar(plain)

    def _flow(self, text: str, at: int) -> tuple[Any, int]:
        """A value in brackets, braces or quotes, or a plain one inside these, and where it ends."""
        begin = text[at : at + 1]
        if begin == "'":
            if single := _SINGLE.match(text, at):
                return single[1].replace("''", "'"), single.end()
            raise Unusual
        if begin == '"':
            if double := _DOUBLE.match(text, at):
                return json.loads(double[0]), double.end()
            raise Unusual
        if begin == "[":
            return self._flow_list(text, at + 1)
        if begin == "{":
            return self._flow_mapping(text, at + 1)
        plain = _FLOW_PLAIN.match(text, at)
        if plain is None:
            raise Unusual
        return self._scalar(plain[0].rstrip(" ")), plain.end()

    def _flow_list(self, text: str, at: int) -> tuple[list[Any], int]:
        found: list[Any] = []
        at = _after_spaces(text, at)
        while text[at : at + 1] != "]":
            value, at = self._flow(text, at)
            found.append(value)
            at = _after_comma(text, at, "]")
        return found, at + 1

    def _flow_mapping(self, text: str, at: int) -> tuple[dict[str, Any], int]:
        found: dict[str, Any] = {}
        at = _after_spaces(text, at)
        while text[at : at + 1] != "}":
            key = _FLOW_KEY.match(text, at)
            if key is None or key[1] in found:
                raise Unusual
            found[key[1]], at = self._flow(text, key.end())
            at = _after_comma(text, at, "}")
        return found, at + 1


def _after_spaces(text: str, at: int) -> int:
    while text[at : at + 1] == " ":
        at += 1
    return at


def _after_comma(text: str, at: int, end: str) -> int:
    """Behind the comma, or at the end of the brackets."""
    at = _after_spaces(text, at)
    if text[at : at + 1] == ",":
        after = _after_spaces(text, at + 1)
        if after == at + 1 and text[after : after + 1] not in {"[", "{", "'", '"'}:
            raise Unusual
        return after
    if text[at : at + 1] != end:
        raise Unusual
    return at
