"""What a template may name of an alert."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from markupsafe import Markup, escape

from agents.notify.words import EXPLANATIONS, HEADINGS, LABELS, SEVERITIES, Language
from streams.records import Alert

TEST_WATCH = "newswatch-test"
"""The watch of alerts that only try an endpoint."""


def facts_of(alert: Alert, language: Language) -> dict[str, Any]:
    """Every field of the alert by its name, and what a reader is told in `language`."""
    told: dict[str, Any] = {field.name: getattr(alert, field.name) for field in fields(alert)}
    # Copies of one agency's wire are one source.
    told["sources"] = max(1, sum(source.copied_from is None for source in alert.sources))
    return told | {
        "heading": HEADINGS[language].get(alert.status, alert.status),
        "explanation": EXPLANATIONS[language].get(alert.status, ""),
        "severity_word": SEVERITIES[language].get(alert.severity, alert.severity),
        "words": LABELS[language],
        "told_in": language,
        "direction": "rtl" if language == "ar" else "ltr",
        "quote_marked": quote_marked(alert),
        "quote_html": quote_html(alert),
        "map_url": map_url(alert),
        "confidence": confidence_percent(alert),
        "is_test": alert.watch == TEST_WATCH,
    }


def quote_marked(alert: Alert, mark: str = "[", end: str = "]") -> str:
    """The quote on one line, its evidence between marks."""
    marked = "".join(f"{mark}{text}{end}" if is_evidence else text for text, is_evidence in _pieces(alert))
    return " ".join(marked.split())


def quote_html(alert: Alert) -> Markup:
    """The quote as HTML, its evidence in `mark` elements."""
    return Markup("").join(
        Markup("<mark>{}</mark>").format(text) if is_evidence else escape(text) for text, is_evidence in _pieces(alert)
    )


def map_url(alert: Alert) -> str | None:
    """Its first place on OpenStreetMap, or None where it has no place."""
    if not alert.places:
        return None
    lat, lon = f"{alert.places[0].lat:.5f}", f"{alert.places[0].lon:.5f}"
    return f"https://www.openstreetmap.org/?mlat={lat}&mlon={lon}#map=11/{lat}/{lon}"


def confidence_percent(alert: Alert) -> int | None:
    """How sure the least sure of its places is, in per cent, or None where it has no place."""
    return round(100 * min(place.confidence for place in alert.places)) if alert.places else None


def _pieces(alert: Alert) -> list[tuple[str, bool]]:
    """The quote in pieces that are evidence or not."""
    pieces, at = [], 0
    for start, stop in apart(alert.quote_spans):
        pieces += [(alert.quote[at:start], False), (alert.quote[start:stop], True)]
        at = stop
    return [*pieces, (alert.quote[at:], False)]


def apart(spans: tuple[tuple[int, int], ...]) -> list[tuple[int, int]]:
    """The spans in order, what overlaps merged into one."""
    merged: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if merged and start < merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
