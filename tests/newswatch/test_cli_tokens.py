"""`newswatch tokens`: a secret shown once, a list without it, and taking it back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from newswatch.cli.main import command_line
from streams.archive import tokens
from streams.archive.engine import open_archive
from streams.errors import ChangeRefused

RUN = CliRunner()


def run(config: Path, *words: str) -> str:
    outcome = RUN.invoke(command_line(["tokens"]), ["tokens", *words, "--config", str(config)])
    if outcome.exception is not None and not isinstance(outcome.exception, SystemExit):
        raise outcome.exception
    assert outcome.exit_code == 0, outcome.output
    return outcome.output


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "newswatch.yaml"
    path.write_text("feeds: []\n")
    return path


def test_a_token_is_made_listed_and_taken_back(config: Path) -> None:
    secret = run(config, "add", "--scope", "read", "--scope", "feeds", "--owner", "desk", "--days", "2").strip()
    (told,) = [json.loads(line) for line in run(config, "list", "--json").splitlines()]
    assert (told["owner"], told["scopes"], told["good"], told["used_at"]) == ("desk", ["feeds", "read"], True, None)
    assert secret not in json.dumps(told)
    with open_archive(f"sqlite:///{config.parent / 'newswatch-data' / 'archive.sqlite'}").read() as connection:
        found = tokens.of_secret(connection, secret)
    assert found is not None
    assert found.id == told["id"]
    assert "revoked" in run(config, "revoke", told["id"])
    assert "revoked" in run(config, "list")
    with pytest.raises(ChangeRefused, match="no good token"):
        run(config, "revoke", told["id"])


def test_an_unknown_scope_is_told_with_those_there_are(config: Path) -> None:
    with pytest.raises(ChangeRefused, match=r"(?s)no scope 'everything'.*watches"):
        run(config, "add", "--scope", "everything")
