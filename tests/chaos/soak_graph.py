"""The graph of a soak: memory of each process above, articles done below, as SVG without anything to load."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

Points = Sequence[tuple[float, float]]
_WIDTH, _LEFT, _RIGHT = 860, 70, 190
_PANEL, _GAP, _TOP = 220, 60, 30
_MOST_POINTS = 300
_COLOURS = ("#1b6ca8", "#c8553d", "#2a7f62", "#8a5a9e", "#b58900", "#4a4a4a", "#0f9d9d", "#d0679d")


def draw(memory: Mapping[str, Points], done: Points) -> str:
    """The SVG; minutes from left to right, megabytes and articles upwards."""
    last = max([at for points in (*memory.values(), done) for at, _ in points], default=1.0) or 1.0
    height = _TOP + 2 * _PANEL + _GAP + 40
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" '
        f'viewBox="0 0 {_WIDTH} {height}" font-family="sans-serif" font-size="12">',
        f'<rect width="{_WIDTH}" height="{height}" fill="white"/>',
    ]
    parts += _panel("memory of each process, MB", _TOP, memory, last)
    parts += _panel("articles done", _TOP + _PANEL + _GAP, {"articles": done}, last)
    parts.append("</svg>")
    return "\n".join(parts) + "\n"


def _panel(title: str, top: int, lines: Mapping[str, Points], last: float) -> list[str]:
    most = max([value for points in lines.values() for _, value in points], default=1.0) or 1.0
    step = _step(most)
    ceiling = step * (int(most / step) + 1)
    wide = _WIDTH - _LEFT - _RIGHT

    def x(minutes: float) -> float:
        return round(_LEFT + wide * minutes / last, 1)

    def y(value: float) -> float:
        return round(top + _PANEL * (1 - value / ceiling), 1)

    parts = [f'<text x="{_LEFT}" y="{top - 10}" font-weight="bold">{escape(title)}</text>']
    value = 0.0
    while value <= ceiling:
        parts.append(f'<line x1="{_LEFT}" x2="{_LEFT + wide}" y1="{y(value)}" y2="{y(value)}" stroke="#ddd"/>')
        parts.append(f'<text x="{_LEFT - 8}" y="{y(value) + 4}" text-anchor="end">{value:,.0f}</text>')
        value += step
    minutes, pace = 0.0, _step(last)
    while minutes <= last:
        parts.append(f'<text x="{x(minutes)}" y="{top + _PANEL + 18}" text-anchor="middle">{minutes:g} min</text>')
        minutes += pace
    for number, (name, points) in enumerate(sorted(lines.items(), key=lambda one: -max(v for _, v in one[1]))):
        colour = _COLOURS[number % len(_COLOURS)]
        path = " ".join(f"{x(at)},{y(value)}" for at, value in _thinned(points))
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
        parts.append(
            f'<text x="{_LEFT + wide + 12}" y="{top + 14 + 18 * number}" fill="{colour}">{escape(name)}</text>'
        )
    return parts


def _thinned(points: Points) -> Points:
    """Every so many of them, and the last: more than a few hundred cannot be told apart."""
    every = math.ceil(len(points) / _MOST_POINTS)
    return [*points[::every], *points[-1:]] if every > 1 else points


def _step(most: float) -> float:
    """The smallest round step that cuts `most` into eight parts or fewer."""
    power = 10.0 ** math.floor(math.log10(most / 8))
    return next(power * factor for factor in (1, 2, 5, 10) if most / (power * factor) <= 8)
