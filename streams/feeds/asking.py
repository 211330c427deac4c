"""How servers are asked, and by what: the settings of it, and the fetchers that keep to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from streams.addresses import AddressPolicy
from streams.feeds.fetch import Fetcher
from streams.feeds.guard import FetchLimits
from streams.feeds.page_text import FullText
from streams.feeds.slots import Slots

_MEGABYTE = 1024 * 1024
_PAGES = "text/html, application/xhtml+xml;q=0.9, */*;q=0.1"


class AskLimits(Protocol):
    """How any server is asked: the `poll:` section of the settings has all of these, and of those below."""

    @property
    def user_agent(self) -> str: ...  # noqa: D102
    @property
    def timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def allow_networks(self) -> Sequence[str]: ...  # noqa: D102


class PollLimits(AskLimits, Protocol):
    """How feeds are fetched and parsed."""

    @property
    def max_document_megabytes(self) -> float: ...  # noqa: D102
    @property
    def parse_timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def parse_processes(self) -> int: ...  # noqa: D102
    @property
    def concurrency(self) -> int: ...  # noqa: D102
    @property
    def least_seconds(self) -> float: ...  # noqa: D102
    @property
    def most_seconds(self) -> float: ...  # noqa: D102
    @property
    def host_spacing_seconds(self) -> float: ...  # noqa: D102


class PageLimits(AskLimits, Protocol):
    """How pages of articles are fetched and read."""

    @property
    def max_page_megabytes(self) -> float: ...  # noqa: D102
    @property
    def parse_timeout_seconds(self) -> float: ...  # noqa: D102
    @property
    def full_text(self) -> FullText: ...  # noqa: D102


def feed_fetcher(limits: PollLimits) -> Fetcher:
    """What fetches feeds."""
    bounds = FetchLimits(int(limits.max_document_megabytes * _MEGABYTE), limits.timeout_seconds)
    return Fetcher(limits.user_agent, bounds, connections=Slots(limits.concurrency).most, policy=_policy(limits))


def page_fetcher(limits: PageLimits) -> Fetcher:
    """What fetches pages of articles."""
    bounds = FetchLimits(int(limits.max_page_megabytes * _MEGABYTE), limits.timeout_seconds)
    return Fetcher(limits.user_agent, bounds, policy=_policy(limits), accept=_PAGES)


def robots_fetcher(limits: AskLimits, most_bytes: int) -> Fetcher:
    """What fetches a site's robots.txt; what is longer than `most_bytes` is cut, not refused."""
    bounds = FetchLimits(most_bytes, limits.timeout_seconds, cut=True)
    accept, policy = "text/plain, */*;q=0.1", _policy(limits)
    return Fetcher(limits.user_agent, bounds, policy=policy, accept=accept, coding="identity")


def hub_fetcher(limits: AskLimits) -> Fetcher:
    """What asks hubs."""
    bounds = FetchLimits(seconds=limits.timeout_seconds)
    return Fetcher(limits.user_agent, bounds, policy=_policy(limits), accept="*/*")


def _policy(limits: AskLimits) -> AddressPolicy:
    return AddressPolicy(limits.allow_networks)
