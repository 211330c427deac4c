"""What is made of parts that are opened and closed: connections, processes, threads."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, AsyncExitStack
from types import TracebackType
from typing import Any, Self


class Whole:
    """An asynchronous context manager that owns its parts: opened in their order, closed in the reverse.

    Where one cannot be opened those before it are closed again.
    """

    def __init__(self, *parts: AbstractAsyncContextManager[Any]) -> None:
        self._parts = parts
        self._open = AsyncExitStack()

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as opening:
            for part in self._parts:
                await opening.enter_async_context(part)
            self._open = opening.pop_all()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()
