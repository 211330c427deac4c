"""The documentation tells every setting, metric, topic, command and field, and no other."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import click
import pytest
import typer
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel
from pydantic_core import PydanticUndefined
from ruamel.yaml import YAML

from agents.match.watch import CONDITION_KINDS, Area, RouteCondition, TownCondition, Watch
from agents.notify.endpoint import Endpoint, MailTemplates
from agents.notify.facts import facts_of
from agents.notify.sample import sample_alerts
from agents.tell.inhibit import InhibitRule
from agents.tell.labels import LABELS
from agents.tell.pace import Digest, EndpointPace, Group, Limit, MuteWindow
from agents.tell.stages import REASONS, STAGES
from newswatch.cli.main import command_line
from newswatch.config_file import load_settings
from newswatch.settings import Settings
from streams import metrics, topics
from streams.feeds.catalogue import Feed
from streams.records import Alert, AlertPlace, Evidence

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.glob("*.md"), ROOT / "README.md", ROOT / "CONTRIBUTING.md"])
_NESTED = {"kafka", "poll", "enrich", "alerts", "notify", "web", "limits", "retention"}


def rows(page: str, section: str | None = None) -> list[list[str]]:
    """The cells of every table row of a page (or of one `##` section), header rows left out."""
    text = (DOCS / page).read_text("utf-8")
    if section is not None:
        found = re.search(rf"^##+ {re.escape(section)}\n(.*?)(?=^##+ |\Z)", text, re.MULTILINE | re.DOTALL)
        assert found, f"{page} has no section {section}"
        text = found.group(1)
    lines = [line for line in text.splitlines() if line.startswith("| ") or line.startswith("|-")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if not line.startswith("|-")]
    headers = {
        index for index, line in enumerate(lines) if index + 1 < len(lines) and lines[index + 1].startswith("|-")
    }
    kept = [index for index, line in enumerate(lines) if not line.startswith("|-")]
    return [row for index, row in zip(kept, cells, strict=True) if index not in headers]


def names(page: str, section: str | None = None) -> list[str]:
    """What stands in backquotes at the head of the rows."""
    return [found.group(1) for row in rows(page, section) if (found := re.match(r"`([^`]+)`", row[0]))]


def settings_keys() -> Iterator[tuple[str, Any]]:
    """Every key of the settings file with its default."""
    for name, field in Settings.model_fields.items():
        yield name, field.default
        if name in _NESTED:
            assert isinstance(field.annotation, type)
            assert issubclass(field.annotation, BaseModel)
            for inner, inner_field in field.annotation.model_fields.items():
                yield f"{name}.{inner}", inner_field.default
    for name, field in Feed.model_fields.items():
        yield f"feeds[].{name}", field.default


def test_every_setting_is_documented_and_no_other() -> None:
    documented = names("own-feeds.md", "Every setting")
    assert sorted(documented) == sorted(key for key, _ in settings_keys())
    assert len(documented) == len(set(documented))


def test_defaults_of_settings_are_as_documented() -> None:
    told = {row[0].strip("`"): row[1] for row in rows("own-feeds.md", "Every setting")}
    for key, default in settings_keys():
        if isinstance(default, str | int | float | Path) and not isinstance(default, bool) and default != "":
            shown = f"{default:g}" if isinstance(default, float) else str(default)
            assert told[key].startswith(f"`{shown}`") or key == "feeds[].id", f"{key}: {told[key]} is not {shown}"
        elif default is PydanticUndefined:
            assert told[key] == "required", key
        elif isinstance(default, dict):
            for name, value in default.items():
                assert name in told[key], key
                assert value in told[key], key


def test_bounds_of_settings_are_as_documented() -> None:
    told = {row[0].strip("`"): row[2] for row in rows("own-feeds.md", "Every setting")}
    models = {f"{name}.": Settings.model_fields[name].annotation for name in _NESTED} | {"feeds[].": Feed}
    for prefix, model in models.items():
        assert isinstance(model, type)
        assert issubclass(model, BaseModel)
        for name, field in model.model_fields.items():
            for bound in field.metadata:
                for kind in ("ge", "le"):
                    limit = getattr(bound, kind, None)
                    if limit is not None:
                        shown = re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)", told[prefix + name])
                        assert str(limit) in shown, f"{prefix}{name}: {kind} {limit} is not in {told[prefix + name]!r}"


def test_every_key_of_a_watch_is_documented_and_no_other() -> None:
    assert sorted(names("watches.md", "The other keys")) == sorted(Watch.model_fields)
    conditions = rows("watches.md", "Conditions")
    assert sorted(row[0].strip("`") for row in conditions) == sorted(CONDITION_KINDS)
    told = {row[0].strip("`"): row[2] for row in conditions}
    for kind, model in (("town", TownCondition), ("route", RouteCondition), ("area", Area)):
        for key in model.model_fields:
            assert key == kind or f"`{key}`" in told[kind], f"{kind} takes {key}"


def test_every_key_of_an_endpoint_is_documented_and_no_other() -> None:
    text = (DOCS / "endpoints.md").read_text("utf-8").split("## Secrets")[0]
    told = re.findall(r"^\| `([^`]+)`", text, re.MULTILINE)
    kinds = get_args(get_args(Endpoint)[0])
    assert sorted(told) == sorted({key for kind in kinds for key in kind.model_fields})
    for kind in kinds:
        (name,) = get_args(kind.model_fields["kind"].annotation)
        assert f"`{name}`" in text


def test_every_key_of_a_pace_and_of_inhibition_is_documented_and_no_other() -> None:
    inner = {"mute[]": MuteWindow, "limit": Limit, "digest": Digest, "group": Group}
    known = [
        *EndpointPace.model_fields,
        *(f"{name}.{key}" for name, model in inner.items() for key in model.model_fields),
    ]
    assert sorted(names("alerts.md", "Pace")) == sorted([*known, *InhibitRule.model_fields])


def test_every_label_and_reason_of_alerts_is_documented_and_no_other() -> None:
    assert names("alerts.md", "Silences") == list(LABELS)
    text = (DOCS / "alerts.md").read_text("utf-8").split("## Why it was told, or not")[1]
    told = names("alerts.md", "Why it was told, or not")
    assert told == [*(stage.__name__ for stage in STAGES), "sent"]
    assert all(f"`{reason}`" in text for reason in REASONS)


def test_everything_that_a_template_may_name_is_documented_and_no_other() -> None:
    told = names("endpoints.md", "Templates")
    fields = {field.name for field in dataclasses.fields(Alert)}
    facts = facts_of(sample_alerts()[0], "en")
    assert told[:3] == list(MailTemplates.model_fields)
    assert sorted(told[3:]) == sorted((set(facts) - fields) | {"sources"})


def test_every_field_of_an_alert_is_documented_and_no_other() -> None:
    told = names("endpoints.md", "What a webhook carries")
    envelope = ["type", "timestamp", "data"]
    headers = ["content-type", "webhook-id", "webhook-timestamp", "webhook-signature"]
    fields = [field.name for record in (Alert, Evidence, AlertPlace) for field in dataclasses.fields(record)]
    assert told == [*envelope, *headers, *fields]


def test_every_metric_is_documented_with_its_labels_and_no_other() -> None:
    known = {}
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase):
            name = value._name + ("_total" if value._type == "counter" else "")
            known[name] = list(value._labelnames)
    told = {row[0].strip("`"): re.findall(r"`([^`]+)`", row[1]) for row in rows("operating.md", "Metrics")}
    assert told == known


def test_every_topic_is_documented_and_no_other() -> None:
    assert sorted(names("architecture.md")) == sorted(topic.name for topic in topics.ALL)


def commands() -> Iterator[tuple[str, click.Command]]:
    """Every command with its full name."""
    top = typer.main.get_command(command_line())
    assert hasattr(top, "commands")
    for name, command in top.commands.items():
        if hasattr(command, "commands"):
            if getattr(command, "invoke_without_command", False):
                yield f"newswatch {name}", command
            for inner, inner_command in command.commands.items():
                yield f"newswatch {name} {inner}", inner_command
        else:
            yield f"newswatch {name}", command


COMMANDS = list(commands())


def test_every_command_is_documented_and_no_other() -> None:
    told = re.findall(r"^## (newswatch .+)$", (DOCS / "cli.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(told) == sorted(name for name, _ in COMMANDS)


@pytest.mark.parametrize(
    ("name", "command"), list(commands()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_option_of_a_command_is_documented_and_no_other(name: str, command: click.Command) -> None:
    known = {
        max(parameter.opts, key=len)
        for parameter in command.params
        if parameter.param_type_name == "option" and parameter.name != "help"
    }
    assert set(names("cli.md", name)) == known


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text("utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} points to {target}"


def test_the_index_lists_every_page() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    for page in DOCS.glob("*.md"):
        if page.name != "index.md":
            assert f"({page.name})" in index
            assert f"(docs/{page.name})" in readme


def examples() -> Iterator[tuple[str, str]]:
    """Every YAML block of the documentation."""
    for page in PAGES:
        text = page.read_text("utf-8")
        for number, block in enumerate(re.findall(r"^ *```yaml\n(.*?)^ *```", text, re.MULTILINE | re.DOTALL)):
            yield f"{page.stem}-{number}", block


@pytest.mark.parametrize(("where", "block"), list(examples()), ids=lambda value: value[:20])
def test_examples_are_valid_settings(where: str, block: str, tmp_path: Path) -> None:
    example = YAML(typ="safe").load(block)
    (tmp_path / "newswatch.yaml").write_text(block, "utf-8")
    settings = load_settings(tmp_path / "newswatch.yaml")
    for key, value in example.items():
        shown = getattr(settings, key)
        assert len(shown) == len(value) if isinstance(value, list) else shown, f"{where}: {key}"


def test_the_readme_gives_both_commands_and_the_credit() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for part in ("make demo", "make test", "check-config", "GeoNames", "CC BY 4.0"):
        assert part in readme


def test_make_targets_that_are_named_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES:
        named = re.findall(r"`make ([a-z-]+)", page.read_text("utf-8"))
        assert set(named) <= targets, page.name
