"""A week in a small picture."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

_STEP, _HEIGHT = 2, 18
"""Pixels."""


def sparkline(values: Sequence[float], label: str) -> str:
    """Bars as SVG in the colour of the text, the largest as high as the picture; `label` says it to who cannot see."""
    most = max(values, default=0.0) or 1.0
    bars = "".join(
        f"M{_STEP * number} {_HEIGHT}v-{max(0.5, _HEIGHT * value / most):.1f}" for number, value in enumerate(values)
    )
    width = _STEP * max(1, len(values))
    return (
        f'<svg class="spark" role="img" aria-label="{escape(label)}" width="{width}" height="{_HEIGHT}" '
        f'viewBox="-1 0 {width} {_HEIGHT}"><path d="{bars}" stroke="currentColor" stroke-width="1.5"/></svg>'
    )
