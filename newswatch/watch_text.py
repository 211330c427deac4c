"""Watches as YAML, as people write them; what is written here is read back to the very same values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

_PLAIN = re.compile(r"[^\W\d_][\w.'()/-]*(?: [\w.'()/-]+)*")
"""Words that YAML can take for nothing else, but for those that mean true, false or nothing."""
_MEANS_SOMETHING = {"true", "false", "null", "yes", "no", "on", "off", "y", "n", "nan", "inf"}
_ESCAPED = re.compile("[\x7f-\xa0\xad\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_LISTS = ("any", "all", "none")


def watches_yaml(items: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The text of a `watches:` section, an item at a time. Values are what JSON has."""
    yield "watches:\n"
    empty = True
    for item in items:
        empty = False
        yield watch_yaml(item)
    if empty:
        yield "  []\n"


def watch_yaml(item: Mapping[str, Any]) -> str:
    """One item of the section."""
    lines: list[str] = []
    for key, value in item.items():
        if key in _LISTS and value:
            lines.append(f"{key}:")
            lines += [f"  - {_flow(condition)}" for condition in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "".join(f"{'  - ' if at == 0 else '    '}{line}\n" for at, line in enumerate(lines))


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(str(key))}: {_flow(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_flow(one) for one in value)}]"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, float):
        return _number(value)
    return json.dumps(value)


def _number(value: float) -> str:
    written = repr(value)
    mantissa, power, exponent = written.partition("e")
    # YAML takes 1e-05 for a word: a number has its point
    return f"{mantissa if '.' in mantissa else mantissa + '.0'}{power}{exponent}"


def _text(value: str) -> str:
    if _PLAIN.fullmatch(value) and value.lower() not in _MEANS_SOMETHING:
        return value
    return _ESCAPED.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(value, ensure_ascii=False))
