"""What a fresh machine does once, done before any test waits for it."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from agents.names.knowledge import load_knowledge
from newswatch.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def compiled_names() -> None:
    """The gazetteer compiled into the user's cache: half a minute on a fresh machine, more on a busy one."""
    assert load_knowledge((), Settings().cache_dir()).find("Alep")


@pytest.fixture(
    params=[pytest.param("sqlite"), pytest.param("postgresql", marks=pytest.mark.services)],
)
def kept_in(request: pytest.FixtureRequest, tmp_path: Path) -> dict[str, Any]:
    """The settings that keep an archive in SQLite, and in an empty database of a real PostgreSQL."""
    if request.param == "sqlite":
        return {}
    from real_postgres import PASSWORD  # noqa: PLC0415 - for tests of services only

    secret = tmp_path / "database-password"
    secret.write_text(PASSWORD)
    server = request.getfixturevalue("postgres")
    return {"archive": server.fresh(f"house{uuid.uuid4().hex}"), "archive_password": f"file:{secret}"}
