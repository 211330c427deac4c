"""What the chaos of deliveries kills: a worker that turns articles into alerts, and a notifier. Run as a program."""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

if __name__ == "__main__":
    sys.path[0] = str(Path(__file__).resolve().parents[2])
    sys.path.append(str(Path(__file__).resolve().parents[1]))

from builders import a_hit, an_enriched
from sqlalchemy import select

from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.notify.deliver import Notifier
from agents.notify.endpoint import WebhookEndpoint
from streams.addresses import AddressPolicy
from streams.archive.engine import Archive
from streams.archive.schema import articles
from streams.clock import utc_now
from streams.errors import ArchiveUnavailable
from streams.records import EnrichedArticle, Hit

_Done = TypeVar("_Done")
REVISED_EVERY = 5
_REVISED_AFTER = 20
ATTEMPT_SECONDS = 1.0


def main() -> None:
    """`worker URL PLAN` or `notifier URL PLAN`, the plan a file of JSON."""
    role, url, plan = sys.argv[1], sys.argv[2], json.loads(Path(sys.argv[3]).read_text("utf-8"))
    logging.disable(logging.ERROR)  # failures are what this is about; a line for each would be thousands
    archive = Archive(url)
    print("ready", flush=True)
    if role == "worker":
        work(archive, plan["alerts"], plan["watches"], plan["a_second"])
    else:
        notify(archive, plan["endpoints"], plan["faster"], plan["begun"])


def work(archive: Archive, alerts: int, watches: dict[str, list[str]], a_second: float) -> None:
    """Record articles, so many a second, each the first of a story; every fifth is corrected a while later.

    What was done before this process began is left as it is; what the archive does not take is tried until it does.
    """
    known = {
        one: Watch(id=one, any=(TownCondition(town="Khanasser"),), notify=tuple(to)) for one, to in watches.items()
    }
    names = list(known)
    done = _patiently(lambda: _done(archive))
    began, count = time.monotonic(), 0
    for number, revision in steps(alerts):
        enriched = telling(number, revision)
        if done.get(enriched.article.id, 0) >= revision:
            continue
        time.sleep(max(0.0, began + count / a_second - time.monotonic()))
        count += 1
        watch = names[number % len(names)]
        hits = [a_hit(enriched, watch)]
        _patiently(partial(_record, archive, enriched, hits, known))


def _record(archive: Archive, enriched: EnrichedArticle, hits: list[Hit], watches: dict[str, Watch]) -> None:
    record_article(archive, enriched, hits, watches, [], utc_now())


def steps(alerts: int) -> Iterator[tuple[int, int]]:
    """Number and revision of each article in turn."""
    for number in range(alerts + _REVISED_AFTER):
        if number < alerts:
            yield number, 1
        before = number - _REVISED_AFTER
        if before >= 0 and before % REVISED_EVERY == 0:
            yield before, 2


def telling(number: int, revision: int) -> EnrichedArticle:
    """An article of a story of its own, whose second revision says something else."""
    what = "left" if revision == 1 else "never reached"
    enriched = an_enriched(str(number), text=f"A convoy {what} Khanasser on day {number}.", first_seen=utc_now())
    article = replace(enriched.article, revision=revision, published=None)
    return replace(enriched, article=article, fingerprint=f"words {number} {revision}")


def _done(archive: Archive) -> dict[str, int]:
    with archive.read() as connection:
        return {
            row.id: row.done_revision for row in connection.execute(select(articles.c.id, articles.c.done_revision))
        }


def _patiently(do: Callable[[], _Done]) -> _Done:
    while True:
        try:
            return do()
        except ArchiveUnavailable:
            time.sleep(0.2)


def notify(archive: Archive, endpoints: dict[str, str], faster: float, begun: float) -> None:
    """Deliver until killed, by a clock that has run `faster` than the wall's since `begun`."""

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=(time.time() - begun) * (faster - 1))

    ends = [
        WebhookEndpoint(id=name, kind="webhook", url=url, timeout_seconds=ATTEMPT_SECONDS)  # type: ignore[arg-type]
        for name, url in endpoints.items()
    ]
    asyncio.run(Notifier(archive, ends, clock, AddressPolicy(["127.0.0.0/8"])).run())


if __name__ == "__main__":
    main()
