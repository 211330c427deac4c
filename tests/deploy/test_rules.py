"""The rules and dashboards as they are written: tested by promtool, each alert with its runbook, each query known."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from prometheus_client.metrics import MetricWrapperBase
from queries import DASHBOARDS, DEPLOY, RULES, panels, rules, selectors
from ruamel.yaml import YAML

from streams import metrics

ROOT = DEPLOY.parent
sys.path.insert(0, str(DEPLOY / "grafana"))


def alerts() -> list[str]:
    return [rule["alert"] for rule in rules() if "alert" in rule]


def known_series() -> set[str]:
    known = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total", "process_open_fds"}
    known |= {rule["record"] for rule in rules() if "record" in rule}
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase):
            ends = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"]}.get(value._type, [""])
            known |= {value._name + end for end in ends}
    return known


def test_every_query_names_series_that_we_export_or_record() -> None:
    known = known_series()
    asked = [(rule.get("alert") or rule["record"], rule["expr"]) for rule in rules()] + panels()
    assert len(asked) > 30
    for where, query in asked:
        named = selectors(query)
        assert named, where
        assert {re.split(r"\{", one)[0] for one in named} <= known, where


@pytest.mark.parametrize("alert", alerts())
def test_every_alert_has_a_runbook_a_severity_and_both_tests(alert: str) -> None:
    (rule,) = [rule for rule in rules() if rule.get("alert") == alert]
    assert rule["labels"]["severity"] in ("warning", "critical")
    page = ROOT / rule["annotations"]["runbook"]
    text = page.read_text()
    assert text.startswith(f"# {alert}\n")
    for part in ("Look at:", "Do:"):
        assert part in text
    tests = YAML(typ="safe").load((RULES.parent / "rules_test.yml").read_text())["tests"]
    expected = [
        bool(one["exp_alerts"])
        for test in tests
        for one in test.get("alert_rule_test", ())
        if one["alertname"] == alert
    ]
    assert sorted(expected) == [False, True]


def test_every_runbook_belongs_to_an_alert() -> None:
    assert sorted(page.stem for page in (ROOT / "docs" / "runbooks").glob("*.md")) == sorted(alerts())


def test_commands_that_runbooks_name_exist() -> None:
    from newswatch.cli.main import COMMANDS  # noqa: PLC0415

    for page in (ROOT / "docs" / "runbooks").glob("*.md"):
        named = set(re.findall(r"`newswatch ([a-z-]+)", page.read_text()))
        assert named <= set(COMMANDS), page.name


def test_the_dashboards_are_what_their_generator_writes() -> None:
    import generate  # noqa: PLC0415

    assert sorted(path.stem for path in DASHBOARDS.glob("*.json")) == sorted(generate.DASHBOARDS)
    for name in generate.DASHBOARDS:
        assert (DASHBOARDS / f"{name}.json").read_text() == generate.written(name), "run deploy/grafana/generate.py"


@pytest.mark.services
@pytest.mark.parametrize(
    "command", [["test", "rules", "rules_test.yml"], ["check", "config", "prometheus.yml"]], ids=["rules", "config"]
)
def test_promtool_is_content(command: list[str], program_of: Callable[[str, str], str]) -> None:
    promtool = program_of("promtool", "PROMETHEUS")
    done = subprocess.run([promtool, *command], cwd=RULES.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout


@pytest.mark.services
def test_a_rule_that_never_fires_is_noticed(tmp_path: Path, program_of: Callable[[str, str], str]) -> None:
    shutil.copy(RULES.parent / "rules_test.yml", tmp_path)
    (tmp_path / "rules.yml").write_text(RULES.read_text().replace("> 1000", "> 100000"))
    command = [program_of("promtool", "PROMETHEUS"), "test", "rules", "rules_test.yml"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode != 0


@pytest.mark.services
def test_amtool_is_content(program_of: Callable[[str, str], str]) -> None:
    settings = DEPLOY / "alertmanager" / "alertmanager.yml"
    command = [program_of("amtool", "ALERTMANAGER"), "check-config", str(settings)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "SUCCESS" in done.stdout
