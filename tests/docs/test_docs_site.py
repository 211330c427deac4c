"""The site of the documentation: its reference says everything that the code has, and it needs no other host."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import typer
from prometheus_client.metrics import MetricWrapperBase

from newswatch.cli.main import command_line
from newswatch.settings import Settings
from streams import metrics


@pytest.fixture(scope="module")
def reference(repository: Path) -> ModuleType:
    """The hook as mkdocs loads it."""
    spec = spec_from_file_location("reference", repository / "scripts" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def section(page: str, title: str) -> str:
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL)
    assert found, title
    return found[1]


def commands(command: Any, name: str) -> Iterator[tuple[str, Any]]:
    for part, one in getattr(command, "commands", {}).items():
        yield from commands(one, f"{name} {part}")
    if not getattr(command, "commands", {}) or getattr(command, "invoke_without_command", False):
        yield name, command


def test_every_command_stands_there_with_its_options(reference: ModuleType) -> None:
    page = reference.commands()
    known = list(commands(typer.main.get_command(command_line()), "newswatch"))
    assert len(known) > 40
    for name, command in known:
        told = section(page, name)
        for one in command.params:
            if one.param_type_name == "option" and one.name != "help":
                assert all(f"`{opt}`" in told for opt in one.opts), (name, one.opts)


def test_every_setting_and_metric_stands_there(reference: ModuleType) -> None:
    keys = re.findall(r"^\| `([\w.]+)` \|", reference.settings(), re.MULTILINE)
    assert {key.partition(".")[0] for key in keys} == set(Settings.model_fields)
    assert len(keys) == len(set(keys)) > 50
    told = re.findall(r"^\| `(\w+)` \|", reference.told_metrics(), re.MULTILINE)
    known = [one for one in vars(metrics).values() if isinstance(one, MetricWrapperBase)]
    assert sorted(told) == sorted(one._name + ("_total" if one._type == "counter" else "") for one in known)


def test_every_address_of_the_api_stands_there_with_what_it_takes(reference: ModuleType) -> None:
    page = reference.api()
    told = reference.schema()
    count = 0
    for path, methods in told["paths"].items():
        for method, one in methods.items():
            described = section(page, f"{method.upper()} {path.replace('/api/v1', '')}")
            assert all(f"`{it['name']}`" in described for it in one.get("parameters", ()))
            count += 1
    assert count > 60


def test_the_site_is_whole_and_fetches_nothing_from_elsewhere(repository: Path, tmp_path: Path) -> None:
    built = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(tmp_path / "site")],
        cwd=repository, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert built.returncode == 0, built.stdout + built.stderr
    pages = sorted((tmp_path / "site").rglob("*.html"))
    assert {"index.html", "tour.html", "commands.html", "settings.html", "metrics.html", "api.html"} <= {
        page.name for page in pages
    }
    for page in pages:
        text = page.read_text("utf-8")
        loaded = re.findall(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"?(?:https?:)?(//[^\" >]+)", text)
        assert loaded == [], page.name
        for image in re.findall(r"<img[^>]+src=\"?([^\" >]+)", text):
            assert (page.parent / image).is_file(), (page.name, image)
    for style in (tmp_path / "site").rglob("*.css"):
        assert not re.search(r"(?:url\(|@import\s+)[\"']?(?:https?:)?//", style.read_text("utf-8")), style.name
