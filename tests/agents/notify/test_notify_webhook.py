"""Webhooks are signed by the Standard Webhooks scheme, as an independent library and raw ed25519 see it."""

from __future__ import annotations

import base64
import contextlib
import json
import logging
import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from notify_receivers import an_alert, http_server, send
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from agents.notify.endpoint import WebhookEndpoint
from agents.notify.signature import NoSecret, signer_of
from streams.addresses import AddressPolicy
from streams.errors import ConfigInvalid, DeliveryFailed, DeliveryRefused

OLD = "whsec_" + base64.b64encode(bytes(range(24))).decode()
NEW = "whsec_" + base64.b64encode(bytes(range(100, 164))).decode()
SEED = bytes(range(32))
PRIVATE = "whsk_" + base64.b64encode(SEED).decode()


def endpoint(url: str, *secrets: str) -> WebhookEndpoint:
    return WebhookEndpoint.model_validate(
        {"id": "desk", "kind": "webhook", "url": f"{url}/hook", "secrets": list(secrets), "timeout_seconds": 5}
    )


async def test_the_independent_library_takes_each_key_during_a_rotation_and_no_other() -> None:
    async with http_server() as posts:
        assert await send(endpoint(posts.url, OLD, NEW), an_alert()) == "200 OK"
    ((headers, body),) = posts.taken
    for secret in (OLD, NEW):
        assert Webhook(secret).verify(body, headers)["data"]["id"] == "a1b2c3"
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + base64.b64encode(b"x" * 24).decode()).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(OLD).verify(body.replace(b"a1b2c3", b"a1b2c4"), headers)


async def test_ed25519_signs_id_timestamp_and_body() -> None:
    async with http_server() as posts:
        await send(endpoint(posts.url, OLD, PRIVATE), an_alert())
    ((headers, body),) = posts.taken
    versions = dict(one.split(",", 1) for one in headers["webhook-signature"].split(" "))
    assert list(versions) == ["v1", "v1a"]
    content = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    public = Ed25519PrivateKey.from_private_bytes(SEED).public_key()
    public.verify(base64.b64decode(versions["v1a"]), content)
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(versions["v1a"]), content + b" ")
    Webhook(OLD).verify(body, headers)  # a receiver that knows only the other version is not put off


async def test_the_timestamp_is_the_attempts_own_and_the_id_the_deliverys() -> None:
    async with http_server() as posts:
        await send(endpoint(posts.url, OLD), an_alert())
        await send(endpoint(posts.url, OLD), an_alert())
    first, second = (headers for headers, _ in posts.taken)
    assert first["webhook-id"] == second["webhook-id"]
    assert first["content-type"] == "application/json"


async def test_without_secrets_nothing_is_signed() -> None:
    async with http_server() as posts:
        await send(endpoint(posts.url), an_alert())
    assert "webhook-signature" not in posts.taken[0][0]


@pytest.mark.parametrize(
    "wrong",
    ["whsec_dG9vIHNob3J0", "whsec_***", "whsk_dG9vIHNob3J0", "hunter2", "whpk_" + base64.b64encode(SEED).decode()],
)
def test_what_is_no_secret_is_refused_and_never_shown(wrong: str) -> None:
    with pytest.raises(NoSecret) as refused:
        signer_of(wrong)
    assert wrong.rsplit("_", maxsplit=1)[-1] not in str(refused.value)


async def test_secrets_come_from_the_environment_and_from_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DESK_SECRET", f" {OLD}\n")
    (tmp_path / "desk.secret").write_text(NEW + "\n", "utf-8")
    async with http_server() as posts:
        await send(endpoint(posts.url, "env:DESK_SECRET", f"file:{tmp_path / 'desk.secret'}"), an_alert())
    ((headers, body),) = posts.taken
    Webhook(OLD).verify(body, headers)
    Webhook(NEW).verify(body, headers)


async def test_a_secret_that_is_not_there_is_one_line_that_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DESK_SECRET", raising=False)
    for secret, what in (("env:DESK_SECRET", "DESK_SECRET"), ("file:/nowhere/at/all", "/nowhere/at/all")):
        with pytest.raises(ConfigInvalid, match=f"endpoint desk, secret 1.*{what}") as invalid:
            await send(endpoint("http://127.0.0.1:9", secret), an_alert())
        assert len(invalid.value.mistakes) == 1


async def test_no_form_of_the_settings_or_logs_shows_a_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with http_server() as posts:
        posts.status, posts.text = 500, "no"
        desk = endpoint(posts.url, OLD)
        with pytest.raises(DeliveryFailed) as failed:
            await send(desk, an_alert())
    shown = "".join([repr(desk), str(desk), desk.model_dump_json(), str(failed.value), caplog.text])
    assert OLD.removeprefix("whsec_") not in shown


async def test_private_addresses_are_refused_unless_they_are_allowed() -> None:
    async with http_server() as posts:
        with pytest.raises(DeliveryFailed, match=r"this machine itself.*notify\.allow_networks"):
            await send(endpoint(posts.url), an_alert(), policy=AddressPolicy())
        named = endpoint(posts.url.replace("127.0.0.1", "localhost"))
        with pytest.raises(DeliveryFailed, match="this machine itself"):
            await send(named, an_alert(), policy=AddressPolicy())
        assert posts.taken == []
        await send(endpoint(posts.url), an_alert(), policy=AddressPolicy(["127.0.0.1"]))
        assert len(posts.taken) == 1


async def test_a_name_that_comes_to_mean_a_private_address_is_refused_when_it_is_dialled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = []

    def resolved(host: str, port: int, *_about: object, **_more: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    async with http_server() as posts:
        monkeypatch.setattr(socket, "getaddrinfo", resolved)
        rebound = endpoint(posts.url.replace("127.0.0.1", "hooks.example.org"), OLD)
        with pytest.raises(DeliveryFailed, match="this machine itself"):
            await send(rebound, an_alert(), policy=AddressPolicy())
        assert asked == ["hooks.example.org"]
        assert posts.taken == []


async def test_answers_mean_what_they_say() -> None:
    async with http_server() as posts:
        posts.status, posts.headers, posts.text = 429, {"retry-after": "30"}, "slow\n down\x07"
        with pytest.raises(DeliveryFailed, match="429 Too Many Requests: slow down") as failed:
            await send(endpoint(posts.url), an_alert())
        assert failed.value.retry_after == 30
        posts.status, posts.headers = 503, {"retry-after": "Fri, 31 Dec 2100 23:59:59 GMT"}
        with pytest.raises(DeliveryFailed) as failed:
            await send(endpoint(posts.url), an_alert())
        assert failed.value.retry_after == 86_400  # believed no further than a day
        posts.status, posts.headers = 302, {"location": posts.url + "/other"}
        with pytest.raises(DeliveryFailed, match="302"):
            await send(endpoint(posts.url), an_alert())
        posts.status = 410
        with pytest.raises(DeliveryRefused, match="410"):
            await send(endpoint(posts.url), an_alert())
    assert len(posts.taken) == 4


_NPM_LIBRARY = "standardwebhooks@1.0.0"
_NODE = """
const { Webhook } = require("standardwebhooks");
let given = "";
process.stdin.on("data", (piece) => (given += piece)).on("end", () => {
  const { secret, headers, body } = JSON.parse(given);
  console.log(new Webhook(secret).verify(body, headers).data.id);
});
"""


@pytest.fixture(scope="session")
def npm_library() -> Path:
    """A directory in which node finds the Standard Webhooks library of npm, fetched once into the user's cache."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        from without_service import without_service  # noqa: PLC0415

        without_service("NPM", "node and npm are not installed")
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "newswatch" / "npm"
    here = root / _NPM_LIBRARY
    if not here.is_dir():
        root.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".fetching-", dir=root) as workshop:
            fetched = Path(workshop, "library")
            fetched.mkdir()
            (fetched / "package.json").write_text('{"private": true}', "utf-8")
            install = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", _NPM_LIBRARY]
            ran = subprocess.run(install, cwd=fetched, capture_output=True, text=True, timeout=180, check=False)
            assert ran.returncode == 0, ran.stderr
            with contextlib.suppress(OSError):  # another process was quicker; its library is the same
                fetched.rename(here)
    return here


@pytest.mark.services
async def test_the_library_from_npm_takes_it_too(npm_library: Path) -> None:
    async with http_server() as posts:
        await send(endpoint(posts.url, OLD, NEW, PRIVATE), an_alert(title="حلب & Alep"))
    ((headers, body),) = posts.taken
    for secret, code in ((OLD, 0), (NEW, 0), ("whsec_" + base64.b64encode(b"x" * 24).decode(), 1)):
        given = json.dumps({"secret": secret, "headers": headers, "body": body.decode()})
        ran = subprocess.run(
            ["node", "-e", _NODE], cwd=npm_library, input=given, capture_output=True, text=True, timeout=60, check=False
        )
        assert ran.returncode == code, ran.stderr
        assert ran.stdout == ("a1b2c3\n" if code == 0 else "")
