"""Every query of the deployed rules and dashboards, and the series that a query names."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

DEPLOY = Path(__file__).resolve().parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "rules.yml"
DASHBOARDS = DEPLOY / "grafana" / "dashboards"
_SELECTOR = re.compile(r"\b((?:newswatch[\w:]*|up|process_\w+)(?:\{[^}]*\})?)")


def rules() -> list[dict[str, Any]]:
    """The recording and alerting rules, as written."""
    return [rule for group in YAML(typ="safe").load(RULES.read_text())["groups"] for rule in group["rules"]]


def panels() -> list[tuple[str, str]]:
    """(where, query) of every panel of every committed dashboard."""
    return [
        (f"{path.stem}: {panel['title']}", target["expr"])
        for path in sorted(DASHBOARDS.glob("*.json"))
        for panel in json.loads(path.read_text())["panels"]
        for target in panel["targets"]
    ]


def selectors(query: str) -> list[str]:
    """The series that a query reads, with their matchers."""
    return _SELECTOR.findall(query)
