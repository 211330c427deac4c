"""What became of a poll: as a record, in the metrics, in the log."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from streams import metrics

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PollReport:
    """What became of one poll.

    `outcome` is `ok` (a document was read), `unchanged` (304, or the same bytes as before), `archive` (nothing could
    be written, the poll is repeated soon), `error` (a fault of our own), or the class of a FetchFailed.
    """

    feed: str
    outcome: str
    error: str | None = None
    new: int = 0
    revised: int = 0
    known: int = 0
    dead: int = 0
    """Of these four, only what was not counted before: the same dead entry is dead once."""
    failures: int = 0
    """Polls failed in a row, this one included."""
    ours: bool = False
    """It failed while most hosts could not be reached, which says nothing of the feed."""

    @property
    def is_failure(self) -> bool:
        """True where the feed could not be read."""
        return self.outcome not in ("ok", "unchanged")


def tell(report: PollReport, failures_before: int, called: str) -> None:
    """Count a poll, and log where a feed begins to fail or is well again (not every failure between).

    `called` is what a person calls the feed, whose id may be a hash.
    """
    metrics.FEED_POLLS.labels(report.outcome).inc()
    tell_entries(report, called)
    if report.is_failure and not report.ours and (failures_before == 0 or report.outcome in ("archive", "error")):
        log.warning("feed %s (%s): %s", report.feed, called, report.error)
    elif not report.is_failure and failures_before:
        log.info("feed %s (%s): well again after %d failed polls", report.feed, called, failures_before)


def tell_entries(report: PollReport, called: str) -> None:
    """Count what a document brought, however it came, and log what is new."""
    for outcome in ("new", "revised", "known", "dead"):
        count = getattr(report, outcome)
        if count:
            metrics.FEED_ENTRIES.labels(outcome).inc(count)
    if report.dead:
        metrics.DEAD_ARTICLES.labels("parse").inc(report.dead)
    if report.new or report.revised:
        log.info("feed %s (%s): %d new, %d revised", report.feed, called, report.new, report.revised)
