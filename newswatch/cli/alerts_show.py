"""`newswatch alerts list|show|why|sources`: alerts as they stand, and why they do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, Literal

import typer

from newswatch.cli.alert_options import AlertId, AsJson, minute, the_alert
from newswatch.cli.backtest import json_line, parse_since
from newswatch.cli.options import DEFAULT_CONFIG, Config
from newswatch.config_file import load_settings
from streams.archive import alert_labels, alert_log, audit, held, told
from streams.archive.alert_lives import OPEN
from streams.archive.alert_log import ListedAlert
from streams.archive.alerts import Telling, tellings_of
from streams.archive.engine import open_archive
from streams.clock import utc_now
from streams.records import encode_alert

Status = Literal["open", "waiting", "opened", "updated", "corrected", "retracted", "closed"]


def list_all(
    config: Config = DEFAULT_CONFIG,
    limit: Annotated[int, typer.Option(min=1, max=100_000, help="At most so many, newest first.")] = 50,
    status: Annotated[Status | None, typer.Option(help="Only those that stand so; open is all that stand.")] = None,
    watch: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this watch.")] = None,
    since: Annotated[str | None, typer.Option(metavar="WHEN", help="Only opened since: 12h, 7d, or a date.")] = None,
    as_json: AsJson = False,
) -> None:
    """List alerts as they stand, with who sees to each and how many revisions some endpoint was not told of."""
    now = utc_now()
    with open_archive(load_settings(config).archive_url()).read() as connection:
        statuses = () if status is None else OPEN if status == "open" else (status,)
        start = parse_since(since, now) if since else None
        rows = alert_log.list_alerts(connection, limit, statuses=statuses, watch=watch, since=start)
    for row in rows:
        print(json_line(_as_json(row)) if as_json else _line(row, now))
    if not rows and not as_json:
        print("no alerts")


def show(alert: AlertId, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show an alert as it stands, every revision of it, and what people did."""
    with open_archive(load_settings(config).archive_url()).read() as connection:
        known = the_alert(connection, alert)
        (row,) = alert_log.list_alerts(connection, 1, alert=known)
        revisions = told.revisions_of(connection, known)
        actions = audit.changes_of(connection, known)
        labels = alert_labels.of_alert(connection, known)
    if as_json:
        history = [{"revision": one.alert.revision, "at": one.at.isoformat(), "status": one.alert.status,
                    "changes": one.alert.changes} for one in revisions]  # fmt: skip
        done = [{"at": one.at.isoformat(), "who": one.who, "action": one.action, "detail": json.loads(one.detail)}
                for one in actions]  # fmt: skip
        said = [{**asdict(one), "at": one.at.isoformat()} for one in labels]
        print(json_line({**_as_json(row), "revisions": history, "actions": done, "labels": said}))
        return
    one = row.alert
    print(_line(row, utc_now()))
    print(f"  {one.reason}\n  « {' '.join(one.quote.split())} »\n  {one.title} · {one.outlet} {one.url or ''}".rstrip())
    for place in one.places:
        print(f"  at {place.name} ({place.country or '?'}), {place.lat:.4f} {place.lon:.4f}")
    for told_one in revisions:
        changes = "; ".join(told_one.alert.changes)
        print(
            f"  {minute(told_one.at)}  revision {told_one.alert.revision}  {told_one.alert.status}  {changes}".rstrip()
        )
    for action in actions:
        print(f"  {minute(action.at)}  {action.action} by {action.who}  {action.said()}".rstrip())


def why(alert: AlertId, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Say for each revision and endpoint whether it was told, and if not, why: by its reason's name."""
    with open_archive(load_settings(config).archive_url()).read() as connection:
        known = the_alert(connection, alert)
        (row,) = alert_log.list_alerts(connection, 1, alert=known)
        reasons = held.why(connection, known)
        tellings = tellings_of(connection, known) if row.status == "waiting" else []
    for one in reasons:
        if as_json:
            print(json_line({name: _plain(value) for name, value in asdict(one).items()}))
            continue
        said = ": ".join(part for part in (one.reason, one.detail) if part)
        ending = f", told by {one.carrier}" if one.carrier else ""
        ending += f", not before {minute(one.due_at)}" if one.state in ("held", "pending") else ""
        ending += f", at {minute(one.delivered_at)}" if one.delivered_at else ""
        failed = f" ({' '.join(one.error.split())})" if one.error else ""
        print(f"revision {one.revision} ({one.why}) to {one.endpoint}: {one.state}, {said}{ending}{failed}")
    if row.status == "waiting" and not as_json:
        outlets = ", ".join(sorted({one.origin for one in tellings}))
        print(f"not told yet: waiting_for_sources; told by {outlets}")
    elif not reasons and not as_json:
        print("told to no endpoint: its watch has none")


def sources(alert: AlertId, config: Config = DEFAULT_CONFIG, as_json: AsJson = False) -> None:
    """Show who tells an alert's story, and who copied whom: each copy stands below what it repeats."""
    with open_archive(load_settings(config).archive_url()).read() as connection:
        known = the_alert(connection, alert)
        (row,) = alert_log.list_alerts(connection, 1, alert=known)
        tellings = tellings_of(connection, known)
    titles = {one.article: one for one in row.alert.sources}
    for telling, depth in _as_copied(tellings):
        source = titles.get(telling.article)
        if as_json:
            print(
                json_line(
                    {
                        "article": telling.article, "outlet": telling.outlet, "origin": telling.origin,
                        "told_at": telling.told_at.isoformat(), "reason": telling.reason, "copy_of": telling.copy_of,
                        "withdrawn": source is None, "title": source.title if source else None,
                        "url": source.url if source else None,
                    }
                )
            )  # fmt: skip
            continue
        credit = f" (from {telling.origin})" if telling.origin not in telling.outlet else ""
        what = f"{source.title} {source.url or ''}".strip() if source else "no longer tells it"
        print(f"{'  ' * depth}{minute(telling.told_at)}  {telling.outlet}{credit}  {telling.reason}  {what}")


def _as_copied(tellings: Sequence[Telling]) -> list[tuple[Telling, int]]:
    """Each telling with how many copies deep it is, a copy after what it repeats."""
    known = {one.article for one in tellings}
    children: dict[str | None, list[Telling]] = {}
    for one in tellings:
        children.setdefault(one.copy_of if one.copy_of in known and one.copy_of != one.article else None, []).append(
            one
        )
    found: list[tuple[Telling, int]] = []
    pending = [(one, 0) for one in reversed(children.get(None, []))]
    while pending:
        one, depth = pending.pop()
        found.append((one, depth))
        pending += [(copy, depth + 1) for copy in reversed(children.get(one.article, []))]
    left = [(one, 0) for one in tellings if one not in {telling for telling, _ in found}]
    return [*found, *left]  # two that are said to repeat each other have no beginning


def _line(row: ListedAlert, now: datetime) -> str:
    one = row.alert
    seen_to = f"  acknowledged by {row.acknowledged_by}" if row.acknowledged_by else ""
    later = row.snoozed_until
    snoozed = f"  snoozed until {minute(later)}" if later is not None and later > now else ""
    untold = f"  {row.untold} not told to all" if row.untold else ""
    return (
        f"{minute(one.opened)}  {row.status:<9}  {one.severity:<8}  {one.watch}  {one.id}  "
        f"{len(one.sources)} articles{seen_to}{snoozed}{untold}"
    )


def _as_json(row: ListedAlert) -> dict[str, object]:
    return {
        **json.loads(encode_alert(row.alert)),
        "standing": row.status,
        "told_at": _plain(row.told_at),
        "closes_at": _plain(row.closes_at),
        "acknowledged_by": row.acknowledged_by,
        "snoozed_until": _plain(row.snoozed_until),
        "untold": row.untold,
    }


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
