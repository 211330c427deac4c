"""What every warm process must have been told before its next piece of work (see `processes.py`)."""

from __future__ import annotations

from typing import Any


class Briefing:
    """What every process must have been told, in order; a generation ends what was told before it."""

    def __init__(self) -> None:
        self._generation = 0
        self._told: list[Any] = []

    def add(self, message: Any, *, anew: bool) -> None:
        """One more message; `anew` in the place of all before it."""
        if anew:
            self._generation += 1
            self._told = []
        self._told.append(message)

    def after(self, heard: tuple[int, int]) -> tuple[Any, tuple[int, int]] | None:
        """The next message for who has heard so far (generation, messages), and how far it has heard then; or None."""
        generation, count = heard
        count = count if generation == self._generation else 0
        if count >= len(self._told):
            return None
        return self._told[count], (self._generation, count + 1)

    def __len__(self) -> int:
        return len(self._told)
