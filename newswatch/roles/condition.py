"""How a role is: alive is not ready. And its settings file, which it may be asked to read again."""

from __future__ import annotations

import asyncio

from newswatch import systemd


class Readiness:
    """Whether a role does its work at this moment; until it says so it does not."""

    def __init__(self) -> None:
        self._why = "it is starting"
        self.archive = ""
        """What is wrong with the archive; the heart of the role tells."""

    def ready(self) -> None:
        """The role does its work."""
        self._why = ""
        systemd.tell("READY=1")

    def not_ready(self, why: str) -> None:
        """The role lives, and does not do its work."""
        self._why = why

    def why_not(self) -> str:
        """Why the role is not ready; empty where it is."""
        return self._why or self.archive


class Reload(asyncio.Event):
    """Set when the settings file is to be read again; who asked and waits is told what is wrong with it."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[asyncio.Future[tuple[str, ...]]] = []

    async def ask(self) -> tuple[str, ...]:
        """Have the file read again; its mistakes, for which everything stays as it was."""
        answer: asyncio.Future[tuple[str, ...]] = asyncio.get_running_loop().create_future()
        self._waiting.append(answer)
        self.set()
        return await answer

    def begin(self) -> None:
        """The file is being read: what asks from now on waits for the next reading."""
        self.clear()
        systemd.tell_reloading()

    def answer(self, mistakes: tuple[str, ...]) -> None:
        """The file was read."""
        waiting, self._waiting = self._waiting, []
        systemd.tell("READY=1")
        for one in waiting:
            if not one.done():
                one.set_result(mistakes)
