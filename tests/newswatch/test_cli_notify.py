"""`newswatch notify test ENDPOINT`, run as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from standardwebhooks.webhooks import Webhook

SECRET = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYX"
SETTINGS = """\
endpoints:
  - {{id: console, kind: console}}
  - {{id: desk, kind: webhook, url: "{url}/hook", secrets: [file:desk.secret]}}
  - {{id: broken, kind: webhook, url: "{url}/broken"}}
  - {{id: unset, kind: webhook, url: "{url}/hook", secrets: [env:NEWSWATCH_TEST_UNSET]}}
notify: {{allow_networks: {networks}}}
"""


class Server(HTTPServer):
    """Takes what is posted to /hook and nothing else."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[tuple[dict[str, str], bytes]] = []


class Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.taken.append((dict(self.headers.items()), body))
        self.send_response(200 if self.path == "/hook" else 500)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def notify(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "newswatch", "notify", *arguments],
        capture_output=True, text=True, timeout=120, check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip


def settings(directory: Path, server: Server, networks: str = "[127.0.0.1]") -> str:
    path = directory / "newswatch.yaml"
    path.write_text(SETTINGS.format(url=f"http://127.0.0.1:{server.server_port}", networks=networks), "utf-8")
    (directory / "desk.secret").write_text(SECRET, "utf-8")
    return str(path)


def test_an_endpoint_gets_a_marked_and_signed_alert_and_its_answer_is_printed(server: Server, tmp_path: Path) -> None:
    ran = notify("test", "desk", "--config", settings(tmp_path, server))
    assert (ran.returncode, ran.stdout) == (0, "desk (webhook) took the test alert: 200 OK\n"), ran.stderr
    ((headers, body),) = server.taken
    Webhook(SECRET).verify(body, headers)
    told = json.loads(body)["data"]
    assert told["watch"] == "newswatch-test"
    assert "TEST" in told["title"]
    assert not (tmp_path / "newswatch-data").exists()  # nothing is kept of it


@pytest.mark.parametrize(
    ("endpoint", "networks", "said"),
    [
        ("broken", "[127.0.0.1]", "broken (webhook) did not take the test alert: the endpoint answered 500"),
        ("desk", "[]", "is this machine itself: only the operator can allow it, under notify.allow_networks"),
        ("unset", "[127.0.0.1]", "the environment variable NEWSWATCH_TEST_UNSET holds no secret"),
        ("nobody", "[]", 'no endpoint has the id "nobody": the settings have console, desk, broken, unset'),
    ],
)
def test_a_failure_is_one_clear_line(server: Server, tmp_path: Path, endpoint: str, networks: str, said: str) -> None:
    ran = notify("--config", settings(tmp_path, server, networks), "test", endpoint)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert said in ran.stderr
    assert ran.stderr.count("\n") == 1
    assert SECRET not in ran.stderr


def test_check_config_notes_a_secret_that_is_not_here_and_shows_none(server: Server, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "newswatch", "check-config", settings(tmp_path, server)],
        capture_output=True, text=True, timeout=240, check=False, env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )  # fmt: skip
    assert ran.returncode == 0, ran.stdout
    assert "note: endpoint unset: the environment variable NEWSWATCH_TEST_UNSET holds no secret" in ran.stderr
    assert "endpoint desk" not in ran.stderr
    assert SECRET not in ran.stdout + ran.stderr
