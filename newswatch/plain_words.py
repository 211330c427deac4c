"""What is wrong with a value, in words for the person who wrote it."""

from __future__ import annotations

import types
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic_core import ErrorDetails

from agents.match.watch import CONDITION_KINDS
from newswatch.yaml_source import KeyPath

_PATTERNS = {
    r"^[a-z0-9][a-z0-9_.-]{0,99}$": "must be made of small letters, digits and _ . - and begin with a letter or digit",
    r"^[A-Z]{2}$": "must be a country's two capital letters (ISO 3166), such as SY",
    r"^[a-z]{2}$": "must be a language's two small letters (ISO 639-1), such as fr",
    r"^(\d{1,3}(\.\d{1,3}){3}|\[[0-9a-fA-F:]+\]|localhost):\d{1,5}$": "must be address:port, such as 127.0.0.1:8787",
}
_BOUNDS = {
    "greater_than": ("gt", "above"),
    "greater_than_equal": ("ge", "at least"),
    "less_than": ("lt", "below"),
    "less_than_equal": ("le", "at most"),
}
_LIST = 'write [one, two], or each on a line of its own that begins with "- "'
_NUMBERS = {"int_type", "int_parsing", "int_from_float", "float_type", "float_parsing", "finite_number"}


def trace(location: Sequence[str | int], data: Any) -> tuple[KeyPath, bool]:
    """The location of an error as a path of the file, without the names of variants, which no file has.

    The second value is False where the error speaks of a variant that was not meant: of text where a list was
    written, or the reverse.
    """
    path: list[str | int] = []
    meant = True
    for step in location:
        if isinstance(step, str) and step.startswith("tuple["):
            meant = meant and isinstance(data, list)
        elif step == "constrained-str":
            meant = meant and not isinstance(data, list)
        elif isinstance(step, str) and (step == "[key]" or step.startswith("<")):
            continue
        elif isinstance(data, dict) and isinstance(step, str):
            if step in data or step == location[-1]:
                path.append(step)
                data = data.get(step)
            # else the kind of an endpoint
        elif isinstance(data, list) and isinstance(step, int):
            path.append(step)
            data = data[step] if step < len(data) else None
    return tuple(path), meant


def keys_at(model: type[BaseModel], location: Sequence[str | int]) -> list[str]:
    """The keys that the mapping at an error's location may have; empty where any key may stand."""
    found: list[Any] = [model]
    for step in location:
        found = [inner for one in found for inner in _step(one, step)] or [
            variant for one in found for variant in _variants(one) if _is_called(variant, step)
        ]
    keys: list[str] = []
    for one in found:
        for variant in _variants(one):
            if isinstance(variant, type) and issubclass(variant, BaseModel):
                keys += [name for name in variant.model_fields if name not in keys]
            elif get_origin(variant) is dict:
                keys += [key for option in _variants(get_args(variant)[0]) for key in _literals(option)]
    return keys


def _variants(annotation: Any) -> list[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        return _variants(get_args(annotation)[0])
    if origin in {Union, types.UnionType}:
        return [variant for one in get_args(annotation) for variant in _variants(one)]
    return [annotation]


def _is_called(variant: Any, step: str | int) -> bool:
    """Whether an error's location calls a variant so: a condition by its key, an endpoint by its kind."""
    if not (isinstance(variant, type) and issubclass(variant, BaseModel) and isinstance(step, str)):
        return False
    kind = variant.model_fields.get("kind")
    return step.strip("<>") in variant.model_fields or (kind is not None and step in _literals(kind.annotation))


def _literals(annotation: Any) -> list[str]:
    return [str(one) for one in get_args(annotation)] if get_origin(annotation) is Literal else []


def _step(annotation: Any, step: str | int) -> list[Any]:
    inner: list[Any] = []
    for variant in _variants(annotation):
        if isinstance(step, int) and get_origin(variant) in {tuple, list}:
            inner.append(get_args(variant)[0])
        elif isinstance(variant, type) and issubclass(variant, BaseModel) and step in variant.model_fields:
            inner.append(variant.model_fields[str(step)].annotation)
        elif get_origin(variant) is dict:
            inner.append(get_args(variant)[1])
    return inner


def describe(error: ErrorDetails, path: KeyPath, allowed: Sequence[str]) -> str:
    """What is wrong and what to do; `allowed` are the keys that may stand in the mapping the error is about."""
    kind, context, value = error["type"], error.get("ctx", {}), error["input"]
    name = _name(path)
    if kind == "plain":
        return error["msg"]
    if kind == "extra_forbidden":
        return _unknown_key(str(path[-1]), allowed)
    if "bbox" in path and kind in {"missing", "too_long"}:
        return f"a bbox is four numbers, [west, south, east, north], and this has {len(value)}: write all four"
    if kind == "missing":
        return f'the key "{path[-1]}" is missing here: add it'
    if kind == "union_tag_not_found":
        return _no_kind(value, context)
    if value is None:
        return f"{name} is empty: give it a value, or delete the line"
    if kind in _BOUNDS:
        key, words = _BOUNDS[kind]
        return f"{name} must be {words} {context[key]:g} and this is {_show(value)}: change the number"
    if kind in _NUMBERS:
        whole = "a whole number" if kind.startswith("int") else "a number"
        return f"{name} must be {whole} and this is {_show(value)}: write {whole} without unit or quotes"
    if kind == "string_pattern_mismatch":
        form = _PATTERNS.get(context["pattern"], "must have another form")
        return f"{name} {form}, and this is {_show(value)}: write it so"
    if kind == "literal_error" and error["loc"][-1] == "[key]":
        return _unknown_key(str(path[-1]), allowed)
    if kind == "literal_error":
        return _choice(name, value, str(context["expected"]))
    if kind == "union_tag_invalid":
        return _choice('"kind"', context["tag"], str(context["expected_tags"]))
    return _shape(kind, name, value, context, allowed)


def _shape(kind: str, name: str, value: Any, context: dict[str, Any], allowed: Sequence[str]) -> str:
    if kind in {"tuple_type", "list_type"}:
        return f"{name} must be a list and this is {_show(value)}: {_LIST}"
    if kind in {"model_type", "model_attributes_type", "dict_type"}:
        keys = f" of {', '.join(allowed)}" if allowed else ""
        return f'{name} must be a mapping and this is {_show(value)}: write "key: value" lines{keys} under it'
    if kind in {"string_type", "path_type"}:
        quote = " in quotes" if isinstance(value, int | float) else ""
        return f"{name} must be text and this is {_show(value)}: write text{quote}"
    if kind in {"bool_type", "bool_parsing"}:
        return f"{name} must be true or false and this is {_show(value)}: write one of them without quotes"
    if kind == "string_too_short":
        return f"{name} is empty: write something, or leave the line out"
    if kind == "string_too_long":
        return f"{name} has {len(value)} characters, at most {context['max_length']} are allowed: shorten it"
    if kind in {"url_parsing", "url_scheme", "url_type", "url_syntax_violation", "url_too_long"}:
        return f"{name} must be a web address and this is {_show(value)}: begin it with http:// or https://"
    return f"{name} cannot be {_show(value)}: see the settings page of the documentation"


def _unknown_key(key: str, allowed: Sequence[str]) -> str:
    if key in CONDITION_KINDS:
        return f'"{key}" is a condition of its own: begin a new line with "- {key}:" for it'
    return f'unknown key "{key}": {_nearest(key, allowed)}'


def _nearest(key: str, allowed: Sequence[str]) -> str:
    if close := get_close_matches(key.lower(), allowed, n=1, cutoff=0.6):
        return f'did you mean "{close[0]}"?'
    return f"take it out, or write one of {', '.join(allowed)}"


def _no_kind(value: Any, context: dict[str, Any]) -> str:
    if "kind" in str(context.get("discriminator", "")):
        return 'the key "kind" is missing here: add one, such as kind: console or kind: webhook'
    kinds = f"{', '.join(CONDITION_KINDS[:-1])} or {CONDITION_KINDS[-1]}"
    if isinstance(value, dict) and value:
        for key in value:
            if close := get_close_matches(str(key).lower(), CONDITION_KINDS, n=1, cutoff=0.6):
                return f'unknown key "{key}": did you mean "{close[0]}"?'
        return f"this condition says nothing to look for: give it one of {kinds}"
    return f'a condition is a mapping and this is {_show(value)}: write one of {kinds} before it, as in "town: {value}"'


def _choice(name: str, value: Any, expected: str) -> str:
    options = [option.strip("' ") for option in expected.replace(" or ", ",").split(",")]
    listed = f"{', '.join(options[:-1])} or {options[-1]}" if len(options) > 1 else options[0]
    close = get_close_matches(str(value).lower(), options, n=1, cutoff=0.6)
    advice = f'did you mean "{close[0]}"?' if close else "choose one of them"
    return f"{name} must be {listed} and this is {_show(value)}: {advice}"


def _name(path: KeyPath) -> str:
    if not path:
        return "the file"
    if isinstance(path[-1], str):
        return f'"{path[-1]}"'
    owner = next((step for step in reversed(path) if isinstance(step, str)), "the list")
    return f'item {path[-1] + 1} of "{owner}"'


def _show(value: Any) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, bool):
        return f"{value}".lower()
    if isinstance(value, int | float):
        return f"the number {value}"
    text = str(value)
    return f'"{text[:60]}…"' if len(text) > 60 else f'"{text}"'
