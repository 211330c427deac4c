"""YAML read into plain data, with the line and column of every value and key, so that a mistake can be shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

KeyPath = tuple[str | int, ...]
"""From the top of the file to a value: keys of mappings and positions in lists."""
_MERGE = "tag:yaml.org,2002:merge"
_PLAIN_TAG = "tag:yaml.org,2002:"
_Entry = tuple[ScalarNode, Node]

# What the YAML reader says, and what a person can do about it.
_ADVICE = (
    (
        r"mapping values are not allowed",
        "a colon makes no sense here: put the value in quotes, or mend the indentation",
    ),
    (r"found character '\\t'|tabs?\b", "a tab stands where spaces must: indent with spaces"),
    (r"could not find expected ':'", 'this line is no "key: value": add the colon, or mend the indentation'),
    (r"expected <block end>", "the indentation does not fit the lines above: line up what belongs together"),
    (
        r"expected '<document start>'",
        "this line does not line up with those above: give all keys of one mapping the same indentation",
    ),
    (r"expected the node content", "something is begun here and never written: finish it, or take it out"),
    (r"end of stream while scanning a quoted|unexpected end of stream", "a quotation mark is never closed: close it"),
    (r"expected ',' or ']'", "a list in brackets is never closed or lacks a comma: close it with ]"),
    (r"expected ',' or '}'", "a mapping in braces is never closed or lacks a comma: close it with }"),
    (r"undefined alias", "this alias (*) has no anchor (&) above it: write the value itself"),
    (r"another document", "a second document (---) begins here: keep one document a file"),
    (r"special characters are not allowed", "a control character stands here: take it out"),
    (r"sequence entries are not allowed", 'a list item ("- ") cannot stand here: begin it on a line of its own'),
    (r"unknown escape character", "a backslash in double quotes begins an escape: use single quotes"),
    (r"cannot start any token", "a value cannot begin with this character: put the value in quotes"),
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something wrong in a file; `line` and `column` count from 1."""

    line: int
    column: int
    message: str
    """What, and what to do."""


class Unreadable(Exception):
    """The file is no YAML at all; `mistake` says where."""

    def __init__(self, mistake: Mistake) -> None:
        super().__init__(mistake.message)
        self.mistake = mistake


@dataclass(slots=True)
class YamlSource:
    """A file's data and where each part of it stands; `mistakes` are those of the writing itself."""

    root: Node
    data: Any = None
    mistakes: list[Mistake] = field(default_factory=list)
    prefix: KeyPath = ()
    """What paths begin with that does not stand in the file."""
    _built: dict[int, Any] = field(default_factory=dict)
    _building: set[int] = field(default_factory=set)

    def where(self, path: KeyPath, *, key: bool = False) -> tuple[int, int]:
        """Line and column of the value at `path`, or of its key; of what surrounds it where it is not there."""
        return self._find(path, key=key)[0]

    def lines_within(self, path: KeyPath, line: int) -> int:
        """How far below the start of the value at `path` a line of that text stands: 0 unless it is a block (|, >)."""
        _, node = self._find(path, key=False)
        return line if isinstance(node, ScalarNode) and node.style in {"|", ">"} else 0

    def _find(self, path: KeyPath, *, key: bool) -> tuple[tuple[int, int], Node]:
        node = self.root
        position = _start(node)
        for step in path[len(self.prefix) :]:
            if isinstance(node, SequenceNode) and isinstance(step, int) and 0 <= step < len(node.value):
                node = node.value[step]
                position = _start(node)
                continue
            if not isinstance(node, MappingNode):
                break
            entry = next((entry for entry in self._entries(node) if entry[0].value == step), None)
            if entry is None:
                break
            node = entry[1]
            is_empty = isinstance(node, ScalarNode) and not node.value and not node.style
            position = _start(entry[0]) if key or is_empty else _start(node)
        return position, node

    def build(self) -> None:
        """Turn the nodes into plain data; every mistake of writing is noted, and the rest goes on."""
        self.data = self._value(self.root)

    def _value(self, node: Node) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node)
        number = id(node)
        if number in self._building:
            self._note(node, "this alias (*) holds itself: write the value out")
            return None
        if number not in self._built:
            self._building.add(number)
            if isinstance(node, SequenceNode):
                self._built[number] = [self._value(one) for one in node.value]
            else:
                self._built[number] = self._mapping(node)
            self._building.discard(number)
        return self._built[number]

    def _mapping(self, node: Node) -> dict[str, Any]:
        seen: dict[str, int] = {}
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                self._note(key, "a key must be a word, not a list or mapping: put values with { or [ in quotes")
            elif key.value in seen and key.tag != _MERGE:
                first = seen[key.value]
                self._note(key, f'the key "{key.value}" stands twice here, first on line {first}: keep one')
            else:
                seen[key.value] = _start(key)[0]
        return {str(key.value): self._value(value) for key, value in self._entries(node)}

    def _entries(self, node: Node, within: frozenset[int] = frozenset()) -> list[_Entry]:
        """Keys and values of a mapping, those merged in (<<) last; of a doubled key the first."""
        entries: dict[str, _Entry] = {}
        merged: list[_Entry] = []
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                continue
            if key.tag == _MERGE:
                parts = value.value if isinstance(value, SequenceNode) else [value]
                for part in parts:
                    if isinstance(part, MappingNode) and id(part) not in within:
                        merged.extend(self._entries(part, within | {id(node)}))
            else:
                entries.setdefault(key.value, (key, value))
        for key, value in merged:
            entries.setdefault(key.value, (key, value))
        return list(entries.values())

    def _scalar(self, node: ScalarNode) -> Any:
        text = str(node.value)
        kind = str(node.tag or "")
        match kind.removeprefix(_PLAIN_TAG):
            case "str" | "timestamp":
                return text
            case "null":
                return None
            case "bool":
                return text.lower() == "true"
            case "int":
                return self._number(node, text, int)
            case "float":
                return self._number(node, text.replace(".inf", "inf").replace(".nan", "nan"), float)
        kind = kind.replace(_PLAIN_TAG, "!!")
        self._note(node, f'the tag "{kind}" is not understood here: leave it out')
        return text

    def _number(self, node: ScalarNode, text: str, kind: type[int] | type[float]) -> Any:
        digits = text.replace("_", "")
        try:
            if kind is int and re.match(r"[-+]?0[xob]", digits):
                return int(digits, 0)
            return kind(digits)
        except ValueError:
            self._note(node, f"{text} cannot be read as a number: put it in quotes, or write it in decimal digits")
            return None

    def _note(self, node: Node, message: str) -> None:
        self.mistakes.append(Mistake(*_start(node), message))


def read_text(path: Path) -> str:
    """The text of a file. Raises Unreadable."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise Unreadable(Mistake(1, 1, "there is no such file: check its name, or write it")) from error
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise Unreadable(Mistake(1, 1, f"the file cannot be read ({why}): check its name and rights")) from error
    return decode(raw)


def compose_source(text: str) -> YamlSource:
    """Text as data with positions. Raises Unreadable."""
    source = YamlSource(compose(text))
    try:
        source.build()
    except RecursionError as error:
        raise Unreadable(Mistake(1, 1, "the file nests too deeply to be read: flatten it")) from error
    return source


def compose(text: str) -> Node:
    """The nodes of a text. Raises Unreadable."""
    try:
        root: Node | None = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        raise Unreadable(_syntax(error)) from error
    except ReaderError as error:
        line, column = _line_column(text[: error.position or 0])
        raise Unreadable(Mistake(line, column, _advice(str(error.reason)))) from error
    except RecursionError as error:
        raise Unreadable(Mistake(1, 1, "the file nests too deeply to be read: flatten it")) from error
    except (YAMLError, ValueError) as error:
        raise Unreadable(Mistake(1, 1, _advice(str(error).splitlines()[0]))) from error
    if root is None:
        raise Unreadable(Mistake(1, 1, 'the file is empty: begin with "feeds:" and "watches:"'))
    return root


def decode(raw: bytes) -> str:
    """The text of bytes in UTF-8. Raises Unreadable."""
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _line_column(raw[: error.start].decode("utf-8", "replace"))
        raise Unreadable(Mistake(line, column, "this is not UTF-8: save the file in that encoding")) from error


def _line_column(before: str) -> tuple[int, int]:
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1


def _syntax(error: MarkedYAMLError) -> Mistake:
    problem = str(error.problem or error.context or "this is no YAML")
    begun = re.search("scanning a quoted|parsing a flow|scanning a simple key", str(error.context or "")) is not None
    mark = (error.context_mark if begun else None) or error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Mistake(line, column, _advice(problem))


def _advice(problem: str) -> str:
    for pattern, advice in _ADVICE:
        if re.search(pattern, problem):
            return advice
    return f"the YAML cannot be read ({problem}): mend the quotes, brackets or indentation here"


def _start(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
