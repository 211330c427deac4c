"""A watch as a form: from its definition to fields and back, nothing lost on the way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from anyascii import anyascii

from agents.match.resolved import GROUPS
from agents.match.watch import CONDITION_KINDS, ConditionKind

_KM = {"route": "corridor_km", "town": "within_km"}
_LISTS = ("languages", "outlets", "notify")
STEPS = ("warning", "critical")
"""What an alert may become from so many sources on."""


@dataclass(slots=True)
class ConditionForm:
    """A condition as somebody writes it; all text."""

    group: str = "any"
    kind: ConditionKind = "town"
    names: list[str] = field(default_factory=lambda: [""])
    """One name, words or area; a route has one a place, or the one name of a known road."""
    country: str = ""
    """That a town is narrowed to."""
    km: str = ""


@dataclass(slots=True)
class WatchForm:
    """A watch as somebody writes it."""

    id: str = ""
    name: str = ""
    severity: str = "warning"
    conditions: list[ConditionForm] = field(default_factory=lambda: [ConditionForm()])
    lists: dict[str, str] = field(default_factory=lambda: dict.fromkeys(_LISTS, ""))
    """Languages, outlets and endpoints, each with commas between."""
    sources: str = ""
    steps: dict[str, str] = field(default_factory=lambda: dict.fromkeys(STEPS, ""))
    """From how many sources on it is so severe."""
    facts_only: bool = False
    rest: dict[str, Any] = field(default_factory=dict)
    """What the form does not show; it stays as it is."""


def form_of(definition: Mapping[str, Any]) -> WatchForm:
    """The form of a definition as it was written."""
    known = {"id", "name", "severity", "sources", "severity_by_sources", "facts_only", *GROUPS, *_LISTS}
    steps = definition.get("severity_by_sources") or {}
    return WatchForm(
        id=definition.get("id", ""),
        name=definition.get("name", ""),
        severity=definition.get("severity", "warning"),
        conditions=[_condition(group, one) for group in GROUPS for one in definition.get(group, ())]
        or [ConditionForm()],
        lists={key: ", ".join(definition.get(key, ())) for key in _LISTS},
        sources=str(definition["sources"]) if definition.get("sources", 1) != 1 else "",
        steps={key: str(steps[key]) if steps.get(key) is not None else "" for key in STEPS},
        facts_only=bool(definition.get("facts_only", False)),
        rest={key: value for key, value in definition.items() if key not in known},
    )


def definition_of(form: WatchForm) -> tuple[dict[str, Any], dict[str, tuple[int, int]]]:
    """The definition of a form, without what is empty; and for the path of each name in it (`any[0].route[1]`, or
    `any[0].town`) which condition of the form and which of its names it is."""
    definition: dict[str, Any] = {"id": form.id.strip() or slug(form.name)}
    if form.name.strip():
        definition["name"] = form.name.strip()
    places: dict[str, tuple[int, int]] = {}
    for group in GROUPS:
        written: list[dict[str, Any]] = []
        for index, one in enumerate(form.conditions):
            if one.group != group or not any(name.strip() for name in one.names):
                continue
            condition, steps = _written(one)
            at = f"{group}[{len(written)}]"
            places |= {f"{at}{step}": (index, number) for step, number in steps.items()}
            places[at] = (index, 0)
            written.append(condition)
        if written:
            definition[group] = written
    for key, text in form.lists.items():
        if items := [item.strip() for item in re.split("[,،]", text) if item.strip()]:
            definition[key] = items
    if form.sources.strip():
        definition["sources"] = _number(form.sources)
    if form.facts_only:
        definition["facts_only"] = True
    if form.severity != "warning":
        definition["severity"] = form.severity
    if severities := {key: _number(text) for key, text in form.steps.items() if text.strip()}:
        definition["severity_by_sources"] = severities
    return {**definition, **form.rest}, places


def place_of(at: str, places: Mapping[str, tuple[int, int]]) -> tuple[int, int] | None:
    """Which condition and name of the form a path of the definition stands in; None where it is of neither."""
    while at:
        if at in places:
            return places[at]
        at = re.sub(r"(\.\w+|\[\d+\])$|^\w+$", "", at)
    return None


def slug(name: str) -> str:
    """An id made of a name in any script: `Alep - Khanasser` is `alep-khanasser`."""
    return re.sub("[^a-z0-9]+", "-", anyascii(name).lower()).strip("-")[:60]


def _condition(group: str, written: Mapping[str, Any]) -> ConditionForm:
    kind = next(kind for kind in CONDITION_KINDS if kind in written)
    value = written[kind]
    names = [_area_text(value)] if kind == "area" else [value] if isinstance(value, str) else list(value)
    km = written.get(_KM.get(kind, ""), "")
    return ConditionForm(group, kind, names, written.get("country", ""), f"{km:g}" if km != "" else "")


def _written(one: ConditionForm) -> tuple[dict[str, Any], dict[str, int]]:
    """The condition, and for the path of each name in it which name of the form it is."""
    filled = [(number, name.strip()) for number, name in enumerate(one.names) if name.strip()]
    steps = {f".{one.kind}": filled[0][0]}
    condition: dict[str, Any]
    if one.kind == "route":
        condition = {"route": [name for _, name in filled] if len(filled) > 1 else filled[0][1]}
        steps |= {f".route[{at}]": number for at, (number, _) in enumerate(filled)} if len(filled) > 1 else {}
    elif one.kind == "area":
        condition = {"area": _area(filled[0][1])}
    else:
        condition = {one.kind: filled[0][1]}
    if one.kind == "town" and one.country.strip():
        condition["country"] = one.country.strip().upper()
    if one.kind in _KM and one.km.strip():
        condition[_KM[one.kind]] = _number(one.km)
    return condition, steps


def _area(text: str) -> dict[str, Any]:
    """A country's code, four numbers, or a GeoJSON polygon."""
    if text.startswith("{"):
        try:
            return {"polygon": json.loads(text)}
        except ValueError:
            return {"polygon": {"type": "no JSON"}}  # what watches say of it tells what a polygon is
    numbers = [_number(part) for part in re.split("[,;،]", text)]
    return {"bbox": numbers} if len(numbers) > 1 else {"country": text.upper()}


def _area_text(area: Mapping[str, Any]) -> str:
    if "country" in area:
        return str(area["country"])
    if "bbox" in area:
        return ", ".join(f"{number:.10g}" for number in area["bbox"])
    return json.dumps(area["polygon"])


def _number(text: str) -> float | int | str:
    """The number of a text, in the digits of any script; the text itself where it is none, for others to say so."""
    plain = text.strip().replace("٫", ".")
    try:
        number = float(plain)
    except ValueError:
        return text.strip()
    return int(number) if number.is_integer() and "." not in plain and "e" not in plain.lower() else number
