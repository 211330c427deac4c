"""A long list of watches, read item by item: a file of 100,000 in seconds, each mistake still at its line and column.

The list is cut at its items, and each item is read by itself: by a small reader of the plain forms that people and
`newswatch watches export` write, else by the full one. Where a value stands is only worked out when it is asked for.
A mistake of writing in one item so leaves the others readable.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode

from newswatch.plain_yaml import Unusual, read_item
from newswatch.yaml_source import KeyPath, Mistake, Unreadable, YamlSource, compose, compose_source

LONG = 256 * 1024
"""Characters from which on a file is read so."""
_ACROSS = re.compile(r"(?m)^(?:---|\.\.\.|%)|(?:^|[\s\[{,])[&*][\w]|[\r\x85\u2028\u2029\ufeff]")
"""What reaches across items: several documents, anchors and aliases, other line breaks."""
_HEAD = re.compile(r"(?m)^watches:[ ]*(?:#.*)?\n(?:[ ]*(?:#.*)?\n)*(?P<indent>[ ]*)-(?= |$)")
_BARE = re.compile(r"(?:[ ]*(?:#.*)?\n)*(?P<indent>[ ]*)-(?= |$)")
_NAMED_LINE = re.compile(r"first on line (\d+)")
_SECTION = "watches"


@dataclass(slots=True)
class LongSource(YamlSource):
    """What `YamlSource` tells, of a file whose items are looked at one by one."""

    text: str = ""
    starts: list[int] = field(default_factory=list)
    """Where each item of the data begins in the text."""
    ends: list[int] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    """How many lines stand before each item."""
    indent: int = 0
    cut: tuple[int, int] = (0, 0)
    """After which line of the rest the list stood, and how many lines it has."""

    def where(self, path: KeyPath, *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at `path`, or of its key; of what surrounds it where it is not there."""
        if len(path) >= 2 and path[0] == _SECTION and isinstance(path[1], int) and 0 <= path[1] < len(self.starts):
            number = path[1]
            item = _item(self.text[self.starts[number] : self.ends[number]])
            line, column = item.where((0, *path[2:]), key=key)
            return line + self.lines[number], column
        if self.prefix or (path[:1] == (_SECTION,) and not key):
            return (self.lines[0] if self.lines else 0) + 1, self.indent + 1
        line, column = super(LongSource, self).where(path, key=key)
        return self._moved(line), column

    def _moved(self, line: int) -> int:
        after, more = self.cut
        return line + more if line > after else line


def read_source(text: str) -> YamlSource:
    """A file as data with positions, by the quicker way where that pays. Raises Unreadable."""
    long = read_long(text) if len(text) >= LONG else None
    return long if long is not None else compose_source(text)


def read_long(text: str) -> LongSource | None:
    """The watches of a long file; None where it must be read as a whole. Raises Unreadable for what is around them."""
    text = text.replace("\r\n", "\n")
    if _ACROSS.search(text):
        return None
    head = _HEAD.search(text)
    bare = None if head else _BARE.match(text)
    found = head or bare
    if found is None:
        return None
    indent = len(found["indent"])
    first = found.start("indent")
    last = _end_of_list(text, first, indent)
    if bare and text[last:].strip():
        return None
    before = text.count("\n", 0, first)
    rest = f"{text[:first]}{text[last:]}" if head else "watches:\n"
    cut = (before, text.count("\n", first, last))
    source = _around(rest, cut)
    _read_items(source, text, first, last, indent, before)
    if bare:
        source.data, source.prefix = source.data[_SECTION], (_SECTION,)
    source.mistakes.sort(key=lambda mistake: (mistake.line, mistake.column))
    return source


def _end_of_list(text: str, first: int, indent: int) -> int:
    outside = rf"(?m)^(?! {{{indent}}})[ ]*[^\s#]|^ {{{indent}}}(?!-(?:\s|$))[^\s#]"
    found = re.compile(outside).search(text, first)
    return found.start() if found else len(text)


def _around(rest: str, cut: tuple[int, int]) -> LongSource:
    """The rest of the file, its mistakes moved to where they stand in the whole."""
    try:
        source = LongSource(compose(rest), cut=cut)
    except Unreadable as error:
        after, more = cut
        raise Unreadable(_moved(error.mistake, lambda line: line + more if line > after else line)) from error
    source.build()
    source.mistakes = [_moved(one, source._moved) for one in source.mistakes]
    return source


def _read_items(source: LongSource, text: str, first: int, last: int, indent: int, before: int) -> None:
    source.text, source.indent = text, indent
    marks = [found.start() for found in re.compile(rf"(?m)^ {{{indent}}}-(?= |$)").finditer(text, first, last)]
    data: list[Any] = []
    line = before
    for start, end in zip(marks, [*marks[1:], last], strict=True):
        item = text[start:end]
        try:
            value = read_item(item, _scalar)
        except Unusual:
            value = _in_full(source, item, line)
        if value is not _UNREADABLE:
            data.append(value)
            source.starts.append(start)
            source.ends.append(end)
            source.lines.append(line)
        line += item.count("\n")
    source.data[_SECTION] = data


_UNREADABLE = object()


def _in_full(source: LongSource, text: str, line: int) -> Any:
    """An item by the full reader; its mistakes are noted, and one that is no YAML is left out."""
    try:
        item = _item(text)
    except Unreadable as error:
        source.mistakes.append(_moved(error.mistake, lambda inside: inside + line))
        return _UNREADABLE
    source.mistakes += [_moved(one, lambda inside: inside + line) for one in item.mistakes]
    return item.data[0]


def _moved(mistake: Mistake, move: Callable[[int], int]) -> Mistake:
    """A mistake of a part of the file, with its lines (also one that it names) as in the whole."""
    message = _NAMED_LINE.sub(lambda named: f"first on line {move(int(named[1]))}", mistake.message)
    return Mistake(move(mistake.line), mistake.column, message)


@lru_cache(maxsize=64)
def _item(text: str) -> YamlSource:
    source = YamlSource(compose(text))
    source.build()
    return source


_RESOLVER = YAML(typ="safe", pure=True).resolver


@lru_cache(maxsize=65_536)
def _scalar(text: str) -> Any:
    """What a plain scalar means, as the full reader takes it. Raises Unusual where that reader has something to say."""
    tag = _RESOLVER.resolve(ScalarNode, text, (True, False))
    node = ScalarNode(tag, text)
    source = YamlSource(node)
    node.start_mark = _Mark()
    source.build()
    if source.mistakes:
        raise Unusual
    return source.data


class _Mark:
    line = 0
    column = 0
