"""Reference pages made from the code, for the site of the documentation: commands, settings, metrics, the API.

mkdocs calls `on_files` while it builds (`hooks:` in mkdocs.yml); nothing is written into the tree.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import click
import typer
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from prometheus_client.metrics import MetricWrapperBase
from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from newswatch.cli.main import command_line
from newswatch.settings import Settings
from newswatch.web.app import create_web
from newswatch.web.house import House
from streams import metrics
from streams.archive.engine import open_archive
from streams.clock import utc_now

_METHODS = ("get", "post", "put", "delete")


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Put the reference among the pages."""
    for name, page in pages().items():
        files.append(File.generated(config, f"reference/{name}.md", content=page))
    return files


def pages() -> dict[str, str]:
    """Each page by its name, as Markdown."""
    return {"commands": commands(), "settings": settings(), "metrics": told_metrics(), "api": api()}


def commands() -> str:
    """Every command with its arguments and options."""
    parts = ["# Commands", "Made from the code; [Command line](../cli.md) says more of each."]
    for name, command in _commands(typer.main.get_command(command_line()), "newswatch"):
        parts.append(f"## {name}\n\n{_plain(command.help or '')}")
        rows = []
        for one in command.params:
            if one.name == "help":
                continue
            if one.param_type_name == "option":
                default = "" if one.default in (None, "", False) or callable(one.default) else f"`{one.default}`"
                rows.append((", ".join(f"`{opt}`" for opt in one.opts), default, getattr(one, "help", "") or ""))
            else:
                rows.append((f"`{one.metavar or str(one.name).upper()}`", "", getattr(one, "help", "") or ""))
        if rows:
            parts.append(_table(("argument or option", "default", "meaning"), rows))
    return "\n\n".join(parts) + "\n"


def settings() -> str:
    """Every key of the settings file with its type and default."""
    parts = ["# Settings", "Made from the code; [Your own feeds](../own-feeds.md) says what each does."]
    parts.append(_table(("key", "type", "default"), list(_keys(Settings, ""))))
    return "\n\n".join(parts) + "\n"


def told_metrics() -> str:
    """Every metric with its type, labels and meaning."""
    rows = []
    for value in vars(metrics).values():
        if isinstance(value, MetricWrapperBase):
            name = value._name + ("_total" if value._type == "counter" else "")
            labels = ", ".join(f"`{label}`" for label in value._labelnames)
            rows.append((f"`{name}`", value._type, labels, value._documentation))
    table = _table(("metric", "type", "labels", "meaning"), sorted(rows))
    return f"# Metrics\n\nMade from the code; [Operating](../operating.md) says where they are.\n\n{table}\n"


def api() -> str:
    """Every address of the API with what it takes."""
    told = schema()
    parts = ["# API", "Made from the code; [The API](../api.md) says how to use it."]
    for path, methods in told["paths"].items():
        for method in _METHODS:
            if method in methods:
                parts += list(_operation(method, path, methods[method], told))
    return "\n\n".join(parts) + "\n"


def schema() -> dict[str, Any]:
    """The OpenAPI of the web role."""
    with TemporaryDirectory() as folder:
        archive = open_archive(f"sqlite:///{folder}/archive.sqlite")
        house = House(Path(folder) / "newswatch.yaml", Settings(data_dir=Path(folder)), archive, utc_now)
        told = create_web(house).openapi()
        archive.close()
    return dict(told)


def _operation(method: str, path: str, one: Mapping[str, Any], told: Mapping[str, Any]) -> Iterator[str]:
    yield f"## {method.upper()} {path.replace('/api/v1', '')}\n\n{one['summary']}. {one.get('description', '')}"
    rows = [
        (f"`{it['name']}`", it["in"], "yes" if it.get("required") else "", it.get("description", ""))
        for it in one.get("parameters", ())
    ]
    if rows:
        yield _table(("parameter", "in", "needed", "meaning"), rows)
    body = one.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        named = body["schema"].get("$ref", "").rpartition("/")[2]
        known = told["components"]["schemas"].get(named, {})
        rows = [
            (f"`{name}`", "body", "yes" if name in known.get("required", ()) else "", it.get("description", ""))
            for name, it in known.get("properties", {}).items()
        ]
        yield _table(("parameter", "in", "needed", "meaning"), rows) if rows else "The body is JSON."
        for example in body.get("examples", {}).values():
            yield f"```json\n{json.dumps(example['value'], ensure_ascii=False)}\n```"


def _commands(command: click.Command, name: str) -> Iterator[tuple[str, click.Command]]:
    inner = getattr(command, "commands", None)
    if not inner:
        yield name, command
        return
    if getattr(command, "invoke_without_command", False):
        yield name, command
    for part, one in inner.items():
        yield from _commands(one, f"{name} {part}")


def _keys(model: type[BaseModel], before: str) -> Iterator[tuple[str, str, str]]:
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _keys(field.annotation, f"{before}{name}.")
            continue
        kind = str(getattr(field.annotation, "__name__", "") or field.annotation).replace("typing.", "")
        is_needed = field.default is PydanticUndefined and field.default_factory is None
        default = "needed" if is_needed else f"`{field.default}`" if field.default is not PydanticUndefined else ""
        yield f"`{before}{name}`", f"`{kind}`", default


def _plain(text: str) -> str:
    return " ".join(text.split())


def _table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    lines += ["| " + " | ".join(_plain(cell).replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join(lines)
