"""The commands on alerts and silences, over an archive with a few alerts in it."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from builders import a_hit, an_enriched
from typer.testing import CliRunner

from agents.alert.timed import run_due
from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from newswatch.alert_rules import rules_of
from newswatch.cli.main import command_line
from newswatch.config_file import load_settings
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.errors import ChangeRefused

WATCHES = {
    "road": Watch(id="road", any=(TownCondition(town="Khanasser"),), severity="critical"),
    "town": Watch(id="town", any=(TownCondition(town="Khanasser"),), sources=2),
}
CONFIG = "endpoints:\n  - {id: desk, kind: console}\n  - {id: hourly, kind: console, pace: {digest: {every: hour}}}\n"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "newswatch.yaml"
    path.write_text(CONFIG)
    record(path, "one", ("road", "town"))
    return path


def record(
    config: Path, name: str, watches: tuple[str, ...], text: str = "", outlet: str = "outlet.example", words: str = ""
) -> None:
    settings, now = load_settings(config), utc_now()
    times = {"published": now, "first_seen": now}
    text = text or "A convoy left Khanasser at night."
    enriched = an_enriched(name, outlet=outlet, text=text, fingerprint=words or name, **times)
    hits = [a_hit(enriched, watch) for watch in watches]
    archive = open_archive(settings.archive_url())
    record_article(archive, enriched, hits, WATCHES, ["desk", "hourly"], now, rules=rules_of(settings))
    archive.close()


def newswatch(config: Path, *arguments: str) -> str:
    result = CliRunner().invoke(
        command_line(["alerts", "silences", "deliveries"]),
        [*arguments, "-c", str(config)],
        env={"NEWSWATCH_OWNER": "ana"},
    )
    if result.exception is not None:
        raise result.exception
    return result.stdout


def listed(config: Path, *arguments: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in newswatch(config, *arguments, "--json").splitlines()]


def test_alerts_are_listed_shown_and_explained(config: Path) -> None:
    (road,) = listed(config, "alerts", "list", "--status", "open")
    (town,) = listed(config, "alerts", "list", "--status", "waiting", "--watch", "town")
    assert (road["watch"], road["standing"], road["untold"]) == ("road", "opened", 0)
    shown = newswatch(config, "alerts", "show", str(road["id"])[:8])
    assert "« A convoy left Khanasser at night. »" in shown
    assert "revision 1  opened" in shown
    lines = newswatch(config, "alerts", "why", str(road["id"])).splitlines()
    assert lines[0].startswith("revision 1 (opened) to desk: pending, sent")
    assert lines[1].startswith("revision 1 (opened) to hourly: held, digested: until ")
    assert newswatch(config, "alerts", "why", str(town["id"])) == (
        "not told yet: waiting_for_sources; told by outlet.example\n"
    )
    assert newswatch(config, "alerts", "list", "--watch", "none") == "no alerts\n"


def test_who_copied_whom_is_shown(config: Path) -> None:
    record(config, "two", ("road",), outlet="copies.example", words="one")
    (road,) = listed(config, "alerts", "list", "--watch", "road")
    first, copy = newswatch(config, "alerts", "sources", str(road["id"])).splitlines()
    assert "outlet.example  new_story  Title of one" in first
    assert copy.startswith("  ")
    assert "copies.example" in copy
    rows = listed(config, "alerts", "sources", str(road["id"]))
    assert [row["copy_of"] for row in rows] == [None, rows[0]["article"]]


def test_an_alert_is_acknowledged_snoozed_and_the_reverse(config: Path) -> None:
    (road,) = listed(config, "alerts", "list", "--watch", "road")
    alert = str(road["id"])
    assert newswatch(config, "alerts", "ack", alert[:6], "--comment", "called") == f"{alert} is acknowledged\n"
    assert "acknowledged by ana" in newswatch(config, "alerts", "list")
    assert "snoozed until" in newswatch(config, "alerts", "snooze", alert, "--for", "4h")
    assert newswatch(config, "alerts", "unsnooze", alert) == f"{alert} is no longer snoozed\n"
    newswatch(config, "alerts", "ack", alert, "--take-back", "--by", "ben")
    (done,) = listed(config, "alerts", "show", alert)
    actions = done["actions"]
    assert isinstance(actions, list)
    assert [(one["action"], one["who"]) for one in actions] == [
        ("alert.acknowledge", "ana"), ("alert.snooze", "ana"), ("alert.unsnooze", "ana"), ("alert.take_back", "ben"),
    ]  # fmt: skip
    assert actions[0]["detail"] == {"comment": "called"}
    shown = newswatch(config, "alerts", "show", alert)
    assert "alert.acknowledge by ana  called" in shown
    assert "alert.snooze by ana  until 2" in shown


def test_alerts_are_called_right_or_wrong(config: Path) -> None:
    (road,) = listed(config, "alerts", "list", "--watch", "road")
    alert = str(road["id"])
    assert newswatch(config, "alerts", "label", "wrong", alert[:8]) == f"{alert} is labelled wrong by ana\n"
    assert newswatch(config, "alerts", "label", "right", alert, "--comment", "it was there") == (
        f"{alert} is labelled right by ana\n"
    )
    labels = listed(config, "alerts", "show", alert)[0]["labels"]
    assert isinstance(labels, list)
    assert [(one["who"], one["label"], one["comment"]) for one in labels] == [("ana", "right", "it was there")]
    told = CliRunner().invoke(command_line(["status"]), ["status", "-c", str(config)])
    assert "alerts of road called right: 1 of 1 (100%)" in told.stdout
    newswatch(config, "alerts", "label", "right", alert, "--take-back")
    assert listed(config, "alerts", "show", alert)[0]["labels"] == []
    (town,) = listed(config, "alerts", "list", "--status", "waiting")
    with pytest.raises(ChangeRefused, match="waits for more sources"):
        newswatch(config, "alerts", "label", "wrong", str(town["id"]))


def test_what_makes_no_sense_is_refused_in_one_line(config: Path) -> None:
    (town,) = listed(config, "alerts", "list", "--status", "waiting")
    refusals = {
        ("alerts", "ack", "ffff"): "no alert has the id ffff",
        ("alerts", "ack", str(town["id"])): "waits for more sources",
        ("alerts", "unsnooze", str(town["id"])): "is not snoozed",
        ("silences", "add", "contry=SY", "--for", "1h"): 'did you mean "country"',
        ("silences", "add", "country=SY", "--for", "2020-01-01"): "say a later end",
        ("silences", "expire", "abc"): "no silence has the id abc",
    }
    for arguments, says in refusals.items():
        with pytest.raises(ChangeRefused, match=says):
            newswatch(config, *arguments)
    (road,) = listed(config, "alerts", "list", "--watch", "road")
    with pytest.raises(ChangeRefused, match="no alert has the id"):
        newswatch(config, "alerts", "ack", "")
    with pytest.raises(ChangeRefused, match="say a time to come"):
        newswatch(config, "alerts", "snooze", str(road["id"]), "--for", "2020-01-01")


def test_a_silence_is_previewed_added_obeyed_and_ended(config: Path) -> None:
    told = newswatch(config, "silences", "preview", "country=SY", "severity=critical")
    assert told.splitlines()[-1] == "1 of 1 revisions, of 1 alerts; 0 told all the same"
    assert newswatch(config, "silences", "preview", "owner!=file").splitlines()[-1].startswith("0 of 1")
    added = newswatch(config, "silences", "add", "country=SY", "--for", "2h", "--comment", "exercise")
    silence = added.split()[1]
    assert 'country="SY"' in newswatch(config, "silences", "list")
    record(config, "other", ("road",), "Snow closed every school around Khanasser yesterday.")
    rows = listed(config, "deliveries", "list", "--state", "suppressed")
    assert {(row["endpoint"], row["reason"]) for row in rows} == {("desk", "silenced"), ("hourly", "silenced")}
    assert f"silence {silence} by ana until" in newswatch(config, "alerts", "why", str(rows[0]["alert"]))
    assert newswatch(config, "silences", "expire", silence) == f"silence {silence} is over\n"
    assert newswatch(config, "silences", "list") == "no silences\n"
    assert "over" in newswatch(config, "silences", "list", "--all")
    with pytest.raises(ChangeRefused, match="ended at"):
        newswatch(config, "silences", "expire", silence)


def test_a_digest_is_told_as_one_and_says_so(config: Path) -> None:
    record(config, "other", ("road",), "Snow closed every school around Khanasser yesterday.")
    archive = open_archive(load_settings(config).archive_url())
    done = run_due(archive, rules_of(load_settings(config)), utc_now() + timedelta(hours=1))
    archive.close()
    assert done.notices == ["released", "released"]
    states = {row["state"] for row in listed(config, "deliveries", "list", "--endpoint", "hourly")}
    assert states == {"pending", "bundled"}
