"""The commands over feeds, each a process of its own, against a real server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

pytestmark = pytest.mark.slow

GOLDEN = Path(__file__).parents[1] / "golden" / "feeds"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:  # type: ignore[override]
        pass


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("site")
    for name in ("rss20.xml", "atom.xml", "json_feed.json"):
        (folder / name).write_bytes((GOLDEN / name).read_bytes())
    link = '<link rel="alternate" type="application/rss+xml" title="Desk" href="{}">'
    (folder / "one.html").write_text(f"<html><head>{link.format('rss20.xml')}</head></html>")
    (folder / "two.html").write_text(f"<html><head>{link.format('rss20.xml')}{link.format('atom.xml')}</head></html>")
    teaser = "<item><guid>1</guid><title>t</title><link>{}</link><description>Court.</description></item>"
    for name, path in (("open", "page.html"), ("closed", "closed/page.html"), ("gone", "nowhere.html")):
        items = teaser.format(f"https://wire.example/{path}")
        (folder / f"{name}.xml").write_text(
            "<rss version='2.0' xmlns:a='http://www.w3.org/2005/Atom'><channel><title>w</title>"
            f"<a:link rel='hub' href='https://hub.example/'/>{items}</channel></rss>"
        )
    (folder / "robots.txt").write_text("User-agent: *\nDisallow: /closed/\n")
    words = "Deux camions brûlent encore à l'entrée nord du bourg, disent des habitants joints par téléphone. " * 4
    (folder / "page.html").write_text(
        f"<html><meta charset=utf-8><body><article><p>{words}</p></article></body></html>"
    )
    (folder / "linked.html").write_text(
        "<html><body><a href='atom.xml'>Our feed</a><a href='page.html'>x</a></body></html>"
    )
    (folder / "wrong.html").write_text("<html><body><a href='/feed/'>Feeds</a></body></html>")
    (folder / "feed").mkdir()
    (folder / "feed" / "index.html").write_text("<html><body>soon</body></html>")
    (folder / "none.html").write_text("<html><body>nothing here</body></html>")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    base = f"http://127.0.0.1:{server.server_port}"
    for name in ("open", "closed", "gone"):
        file = folder / f"{name}.xml"
        file.write_text(file.read_text().replace("https://wire.example", base))
    Thread(target=server.serve_forever, daemon=True).start()
    yield base
    server.shutdown()
    server.server_close()


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "newswatch.yaml"
    path.write_text(
        "poll: {allow_networks: [127.0.0.0/8], host_spacing_seconds: 0}\n"
        "feeds:\n  - {id: filed, url: 'https://filed.example/feed', name: Filed}\n"
    )
    return path


def newswatch(config: Path, *arguments: str) -> tuple[int, str, str]:
    command = [sys.executable, "-m", "newswatch", "feeds", *arguments, "--config", str(config)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout, done.stderr


def ids(config: Path) -> list[str]:
    code, out, err = newswatch(config, "list", "--json")
    assert code == 0, err
    return [json.loads(line)["id"] for line in out.splitlines()]


def test_a_site_is_added_by_the_one_feed_it_names(config: Path, site: str) -> None:
    code, out, err = newswatch(config, "add", f"{site}/one.html", "--id", "desk", "--group", "Wires / Near")
    assert (code, out, err) == (0, f"desk  {site}/rss20.xml\n", "")
    assert ids(config) == ["desk", "filed"]
    code, _, err = newswatch(config, "add", f"{site}/rss20.xml")
    assert code == 1
    assert "is among the feeds already" in err


def test_a_site_that_only_links_to_its_feed_is_added_by_that(config: Path, site: str) -> None:
    code, out, err = newswatch(config, "add", f"{site}/linked.html", "--id", "desk")
    assert (code, out, err) == (0, f"desk  {site}/atom.xml\n", "")
    code, _, err = newswatch(config, "add", f"{site}/wrong.html")
    assert (code, err) == (1, f"{site}/wrong.html names {site}/feed/, which is no feed; `--unseen` adds an address all "
                              "the same\n")  # fmt: skip
    (row,) = [json.loads(line) for line in newswatch(config, "list", "--json")[1].splitlines() if '"desk"' in line]
    assert row["name"]  # the feed's own title
    listed = newswatch(config, "list")[1]
    assert "desk" in listed
    assert row["name"].split()[0] in listed
    code, _, err = newswatch(config, "add", "nowhere.invalid/feed")
    assert code == 1
    assert err.startswith("https://nowhere.invalid/feed: dns: ")


def test_what_cannot_be_added_is_one_clear_line(config: Path, site: str) -> None:
    code, _, err = newswatch(config, "add", f"{site}/two.html")
    assert (code, err.splitlines()[0]) == (1, f"{site}/two.html names 2 feeds: add the one that is meant")
    code, _, err = newswatch(config, "add", f"{site}/none.html")
    assert (code, err) == (1, f"{site}/none.html is no feed and names none; `--unseen` adds it all the same\n")
    code, _, err = newswatch(config, "add", "http://10.0.0.1/feed")
    assert code == 1
    assert "10.0.0.1 is an address of a private network: only the operator can allow it" in err
    code, _, err = newswatch(config, "add", f"{site}/rss20.xml", "--id", "filed")
    assert (code, err) == (1, 'the id "filed" is taken by https://filed.example/feed: give another with --id\n')
    assert ids(config) == ["filed"]
    code, _, err = newswatch(config, "add", "http://10.0.0.1/feed", "--unseen", "--every", "5")
    assert (code, err) == (1, 'every_seconds: "every_seconds" must be at least 60 and this is 5: only a server on this '
                              "machine may be polled more often\n")  # fmt: skip
    code, out, _ = newswatch(config, "add", "http://10.0.0.1/feed", "--unseen", "--id", "later")
    assert (code, out) == (0, "later  http://10.0.0.1/feed\n")


def test_probing_says_what_is_there_and_what_would_happen(config: Path, site: str) -> None:
    code, out, err = newswatch(config, "probe", f"{site}/json_feed.json")
    assert (code, err) == (0, "")
    assert "json11 'Observatoire des pistes': 3 entries" in out
    assert "asks can be conditional" in out
    code, out, _ = newswatch(config, "probe", f"{site}/rss20.xml", "--json")
    found = json.loads(out)
    assert (code, found["version"], found["pace"]) == (0, "rss20", "rhythm")
    assert 300 <= found["next_seconds"] <= 3600
    code, out, _ = newswatch(config, "probe", f"{site}/two.html")
    assert code == 1
    assert f"{site}/atom.xml" in out
    code, out, _ = newswatch(config, "probe", f"{site}/missing")
    assert (code, out) == (1, f"{site}/missing: http: status 404 File not found\n")


def test_probing_tells_of_hub_teasers_and_robots(config: Path, site: str) -> None:
    code, out, err = newswatch(config, "probe", f"{site}/open.xml")
    assert (code, err) == (0, "")
    assert "names the hub https://hub.example/, which could send it at once if `web.public_url` were set" in out
    assert "1 of 1 entries are teasers (full_text: auto)" in out
    assert re.search(rf"robots.txt allows {site}/page.html, on which 3\d\d characters are read", out)
    _, out, _ = newswatch(config, "probe", f"{site}/closed.xml")
    assert f"the robots.txt of its site does not allow {site}/closed/page.html" in out
    _, out, _ = newswatch(config, "probe", f"{site}/gone.xml", "--json")
    found = json.loads(out)
    assert (found["hub"], found["teasers"]) == ("https://hub.example/", 1)
    assert found["page"]["robots"] == "allowed"
    assert found["page"]["problem"].startswith("http: status 404")
    with config.open("a") as file:
        file.write("web: {public_url: 'https://news.example'}\n")
    config.write_text(config.read_text().replace("poll: {", "poll: {full_text: never, "))
    _, out, _ = newswatch(config, "probe", f"{site}/open.xml")
    assert "subscribed to at its hub https://hub.example/; polls are the backup" in out
    assert "no page of an article is fetched" in out


def test_lists_go_out_and_come_back(config: Path, site: str, tmp_path: Path) -> None:
    newswatch(config, "add", f"{site}/rss20.xml", "--id", "desk", "--group", "Wires / Near", "--every", "60",
              "--full-text", "always")  # fmt: skip
    code, opml, _ = newswatch(config, "export")
    assert code == 0
    assert 'full_text="always"' in opml
    (tmp_path / "list.opml").write_text(opml)
    other = tmp_path / "other" / "newswatch.yaml"
    other.parent.mkdir()
    other.write_text("{}\n")
    code, out, err = newswatch(other, "import", str(tmp_path / "list.opml"))
    assert (code, out, err) == (0, "2 feeds added, 0 known already, 0 not taken\n", "")
    assert newswatch(other, "export")[1] == opml
    assert newswatch(other, "import", str(tmp_path / "list.opml"))[1].startswith("0 feeds added, 2 known")
    (tmp_path / "taken.opml").write_text(
        opml.replace(f"{site}/rss20.xml", "https://other.example/").replace('id="filed"', 'id="filed-too"')
    )
    code, out, err = newswatch(other, "import", str(tmp_path / "taken.opml"))
    assert (code, out) == (1, "0 feeds added, 1 known already, 1 not taken\n")
    assert err == (
        f'{tmp_path}/taken.opml: https://other.example/: its id "desk" is taken by {site}/rss20.xml: give it another\n'
    )
    (tmp_path / "bad.opml").write_text("<opml>")
    code, _, err = newswatch(other, "import", str(tmp_path / "bad.opml"))
    assert code == 1
    assert err.startswith(f"{tmp_path}/bad.opml: no OPML: ")


def test_feeds_are_paused_resumed_and_removed(config: Path) -> None:
    newswatch(config, "add", "https://kept.example/feed", "--unseen", "--id", "kept")
    assert newswatch(config, "pause", "filed", "kept")[1] == "filed  paused\nkept  paused\n"
    assert newswatch(config, "pause", "filed")[1] == "filed  was paused already\n"
    _, out, _ = newswatch(config, "list", "--json", "--only", "paused")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["filed", "kept"]
    assert newswatch(config, "resume", "filed")[1] == "filed  resumed\n"
    assert newswatch(config, "remove", "kept")[1] == "kept  removed\n"
    code, _, err = newswatch(config, "remove", "filed")
    assert (code, err) == (
        1, '"filed" stands in the settings file: remove it there, or `newswatch feeds pause` it\n',
    )  # fmt: skip
    code, _, err = newswatch(config, "resume", "kept")
    assert (code, err) == (1, "no feed has the id kept: see `newswatch feeds list`\n")
    assert "filed" in newswatch(config, "list")[1]
    code, _, err = newswatch(config, "list", "--only", "well-known")
    assert code == 2
    assert "well" in err
