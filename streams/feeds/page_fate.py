"""What becomes of a page that could not be fetched: a pure decision."""

from __future__ import annotations

from datetime import timedelta

from streams.errors import FetchFailed

REFUSALS = 3
"""Refusals in a row after which a site's pages are left alone."""
REFUSED_FOR = timedelta(hours=6)
_AGAIN = (60.0, 600.0, 3_600.0, 14_400.0)
_FOR_NOW = frozenset({"dns", "network", "timeout", "tls"})
_ASKED_TO_WAIT = frozenset({429, 503})
_PASSING = frozenset({408, 425, *_ASKED_TO_WAIT})


def asks_to_wait(failure: FetchFailed) -> bool:
    """Whether a server wants less of us, rather than that it will not give this page."""
    return failure.status in _ASKED_TO_WAIT


def is_refusal(failure: FetchFailed) -> bool:
    """Whether a server gives no pages to the likes of us."""
    return failure.outcome == "block" and not asks_to_wait(failure)


def retry_wait(failure: FetchFailed, tries: int) -> float | None:
    """Seconds until a page is tried again after `tries` failures, this one included; None where it never is."""
    if failure.outcome == "parse" and failure.status is None and tries == 1:
        return _AGAIN[1]  # its reader was killed, perhaps on a busy machine
    passing = failure.outcome in _FOR_NOW or failure.status in _PASSING or (failure.status or 0) >= 500
    if not passing or tries > len(_AGAIN):
        return None
    return max(_AGAIN[tries - 1], failure.retry_after or 0.0)
