"""What a fresh machine does once, done before any test waits for it."""

from __future__ import annotations

import pytest

from agents.names.knowledge import load_knowledge
from newswatch.settings import Settings


@pytest.fixture(scope="session", autouse=True)
def compiled_names() -> None:
    """The gazetteer compiled into the user's cache: half a minute on a fresh machine, more on a busy one."""
    assert load_knowledge((), Settings().cache_dir()).find("Alep")
