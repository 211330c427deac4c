"""The locks: every package pinned by hash, no address of any index, and in step with pyproject.toml."""

from __future__ import annotations

import importlib.util
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from newswatch.settings import Settings

REPOSITORY = Path(__file__).resolve().parents[2]
LOCKS = ("requirements.lock", "requirements-dev.lock")


def project() -> dict[str, Any]:
    return tomllib.loads((REPOSITORY / "pyproject.toml").read_text())


def blocks(lock: str) -> list[str]:
    """One requirement with its hashes each, comments left out."""
    lines = [line for line in (REPOSITORY / lock).read_text().splitlines() if not line.lstrip().startswith("#")]
    return "\n".join(lines).replace("\\\n", " ").splitlines()


def pins(lock: str) -> dict[str, set[str]]:
    """The locked versions by canonical name; several where they depend on the Python version."""
    versions: dict[str, set[str]] = {}
    for block in blocks(lock):
        requirement = Requirement(block.split(" --hash")[0])
        (specifier,) = requirement.specifier
        assert specifier.operator == "==", block[:80]
        versions.setdefault(canonicalize_name(requirement.name), set()).add(specifier.version)
    return versions


@pytest.mark.parametrize("lock", LOCKS)
def test_every_package_is_pinned_by_hash(lock: str) -> None:
    assert len(blocks(lock)) > 50
    assert [block[:80] for block in blocks(lock) if not re.search(r"--hash=sha256:[0-9a-f]{64}\b", block)] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_holds_an_address_or_a_path(lock: str) -> None:
    text = (REPOSITORY / lock).read_text()
    for sign in ("://", "--index-url", "--extra-index-url", "--find-links", " /", "=/", "git+", "@ "):
        assert sign not in text, sign


@pytest.mark.parametrize(("lock", "group"), [("requirements.lock", None), ("requirements-dev.lock", "dev")])
def test_what_the_project_asks_for_is_locked_at_a_version_it_allows(lock: str, group: str | None) -> None:
    asked = list(project()["project"]["dependencies"])
    if group:
        asked += project()["dependency-groups"][group]
    locked = pins(lock)
    wrong = []
    for requirement in map(Requirement, asked):
        versions = locked.get(canonicalize_name(requirement.name), set())
        if not versions or not all(requirement.specifier.contains(version, prereleases=True) for version in versions):
            wrong.append(f"{requirement}: locked {sorted(versions)}; run `make lock`")
    assert wrong == []


def test_the_tests_run_on_the_very_versions_that_users_get() -> None:
    users, developers = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: versions for name, versions in users.items() if developers.get(name) != versions} == {}


@pytest.mark.parametrize("lock", LOCKS)
def test_the_lock_builds_the_project_without_fetching_a_build_tool(lock: str) -> None:
    (version,) = pins(lock)["setuptools"]
    (needed,) = project()["build-system"]["requires"]
    assert Requirement(needed).specifier.contains(version)


def test_every_model_of_the_default_settings_comes_with_the_lock() -> None:
    locked = pins("requirements.lock")
    for language, model in Settings().enrich.models.items():
        assert importlib.util.find_spec(model), f"{language}: no package {model!r} is installed"
        assert canonicalize_name(model) in locked, f"{language}: {model!r} is in no lock"
