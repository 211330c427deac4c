"""An event loop whose time passes only while nothing is to do: a day in seconds, and the same each time."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

_Result = TypeVar("_Result")
START = datetime(2026, 1, 5, tzinfo=UTC)


class _Selector(selectors.SelectSelector):
    """Does not wait: what would have been waited is added to the time."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        assert timeout is not None, "nothing is to do, now or later"
        self.now += max(0.0, timeout)
        return super().select(0)


class VirtualLoop(asyncio.SelectorEventLoop):
    """`time()` is virtual; work for threads is done at once, in no time."""

    def __init__(self) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now

    def clock(self) -> datetime:
        return START + timedelta(seconds=self._virtual.now)

    def run_in_executor(self, _executor: Any, work: Callable[..., _Result], *arguments: Any) -> asyncio.Future[_Result]:  # type: ignore[override]
        future: asyncio.Future[_Result] = self.create_future()
        try:
            future.set_result(work(*arguments))
        except Exception as error:
            future.set_exception(error)
        return future


def run(make: Callable[[VirtualLoop], Coroutine[Any, Any, _Result]]) -> _Result:
    """Run what `make` makes on a loop of its own."""
    loop = VirtualLoop()
    try:
        return loop.run_until_complete(make(loop))
    finally:
        loop.close()
