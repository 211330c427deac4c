"""Every error newswatch raises on purpose. Its type says what the caller does about it.

NewswatchError
├── RetryLater            the same call may succeed later
│   ├── BrokerUnavailable     Kafka cannot be reached or did not acknowledge
│   ├── ArchiveUnavailable    the database is locked or gone
│   ├── FetchFailed           a feed could not be fetched this time
│   │   └── MovedElsewhere        a page is at another address
│   └── DeliveryFailed        an endpoint did not take an alert this time
├── SetAside              this record can never be processed: to `dead` with its reason, go on
│   ├── MalformedRecord       bytes on a topic that are no record of ours
│   ├── EmptyEntry            a feed entry with nothing to identify or read
│   ├── TooLarge              over a bound that protects the rest
│   ├── EnrichmentFailed      recognising raised on this article, twice
│   ├── AlertingFailed        matching or recording raised on this article
│   └── WorkTimedOut          a worker process was killed over this piece of work
└── Stop                  nothing can be done until a person acts: one line, exit
    ├── ConfigInvalid         the settings file has mistakes
    ├── ArchiveUnusable       the archive is no database, or a newer newswatch's
    ├── ChangeRefused         watches cannot be changed so: an id is taken, a limit reached
    ├── TakingInRefused       a gazetteer dump or a model cannot be taken in
    ├── AddressTaken          a role cannot listen where the settings say
    ├── AlreadyRunning        another `newswatch run` holds the data directory
    ├── WrongInstallation     another distribution's package shadows ours
    └── DeliveryRefused       an endpoint said never to send this again
"""

from __future__ import annotations


class NewswatchError(Exception):
    """Root of the tree; `str(error)` is one line fit to show a person."""


class RetryLater(NewswatchError):
    """The same call may succeed later."""


class BrokerUnavailable(RetryLater):
    """Kafka cannot be reached or did not acknowledge."""


class ArchiveUnavailable(RetryLater):
    """The database is locked or gone."""


class FetchFailed(RetryLater):
    """A feed could not be fetched this time.

    `outcome` is the short class of the failure (`dns`, `network`, `tls`, `http`, `block`, `gone`, `timeout`,
    `too_large`, `refused`, `parse`), used as a metric label; `retry_after` is the server's own wish in seconds and
    `status` that of its answer, where there was one.
    """

    def __init__(self, outcome: str, detail: str, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(f"{outcome}: {detail}")
        self.outcome = outcome
        self.retry_after = retry_after
        self.status = status


class MovedElsewhere(FetchFailed):
    """A page is at another address, which must be asked for on its own terms."""

    def __init__(self, location: str, status: int) -> None:
        super().__init__("http", f"it is at {location[:200]}", status=status)
        self.location = location


class DeliveryFailed(RetryLater):
    """An endpoint did not take an alert this time; `retry_after` is its own wish in seconds, if it had one."""

    def __init__(self, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class SetAside(NewswatchError):
    """This record can never be processed: it goes to `dead` with its reason and the stream goes on."""


class MalformedRecord(SetAside):
    """Bytes on a topic that are no record of ours."""


class EmptyEntry(SetAside):
    """A feed entry with nothing to identify or read."""


class TooLarge(SetAside):
    """Over a bound that protects the rest."""


class EnrichmentFailed(SetAside):
    """Recognising raised on this article, twice."""


class AlertingFailed(SetAside):
    """Matching or recording raised on this article."""


class WorkTimedOut(SetAside):
    """A worker process was killed over this piece of work."""


class Stop(NewswatchError):
    """Nothing can be done until a person acts."""


class ConfigInvalid(Stop):
    """The settings file has mistakes; `mistakes` holds one `file:line:column: what, and what to do` each."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class ArchiveUnusable(Stop):
    """The archive is no database, or a newer newswatch's."""


class ChangeRefused(Stop):
    """Watches cannot be changed so: an id is taken or unknown, a limit reached, another was quicker."""


class TakingInRefused(Stop):
    """A gazetteer dump or a model cannot be taken in: it is none, cannot be fetched, or is too large."""


class AddressTaken(Stop):
    """A role cannot listen where the settings say."""


class AlreadyRunning(Stop):
    """Another `newswatch run` holds the data directory."""


class WrongInstallation(Stop):
    """Another distribution's package shadows ours."""


class DeliveryRefused(Stop):
    """An endpoint said never to send this again (HTTP 410)."""
