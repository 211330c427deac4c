"""One change of live watches: what the next matcher has in force, and packing everything in force anew."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents.match.compiled import CompiledWatches, DeltaView
from agents.match.delta import Delta
from agents.match.packing import Packer
from agents.match.tables import Tables, merged


class Change:
    """A matcher to be, while watches are dropped, and added to the newest delta."""

    def __init__(self, matcher: CompiledWatches, newest: Delta) -> None:
        self._matcher = matcher
        self._newest = newest
        self._gone = set(matcher.gone)
        self._views = [(view.delta, view.upto, set(view.gone)) for view in matcher.deltas]
        if not any(delta is newest for delta, _, _ in self._views):
            self._views.append((newest, 0, set()))

    def drop(self, watch: str, but: int = -1) -> int | None:
        """Take a watch out wherever it is in force, but as the number `but` of the newest delta.

        Its place in the order of hits, or None where it was nowhere.
        """
        order = None
        for delta, upto, gone in self._views:
            newest = delta is self._newest
            for number in delta.numbers_of(watch):
                if number not in gone and (number < upto or newest) and not (newest and number == but):
                    gone.add(number)
                    order = delta.orders[number]
        position = self._matcher.base.find(watch)
        if position is not None and position not in self._gone:
            self._gone.add(position)
            order = self._matcher.base.order(position)
        return order

    def done(self) -> CompiledWatches:
        """The next matcher."""
        views = tuple(
            DeltaView(delta, len(delta) if delta is self._newest else upto, frozenset(gone))
            for delta, upto, gone in self._views
        )
        return replace(self._matcher, gone=frozenset(self._gone), deltas=views)


def size(matcher: CompiledWatches) -> int:
    """How many changes stand beside the packed watches."""
    return len(matcher.gone) + sum(view.upto for view in matcher.deltas)


def packed_anew(matcher: CompiledWatches, packer: Packer) -> Tables:
    """Everything in force in a matcher as one set of tables; the packer takes what is not packed yet."""
    base = matcher.base.tables
    keep = np.ones(len(base), dtype=bool)
    keep[list(matcher.gone)] = False
    for view in matcher.deltas:
        for number in view.numbers():
            packer.add(view.delta.resolved[number], view.delta.orders[number])
    fresh = packer.tables()
    return merged([base, fresh], [keep, np.ones(len(fresh), dtype=bool)])
