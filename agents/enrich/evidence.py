"""What words beside a name say of its kind: `lac`, `air base`, `province`, ..."""

from __future__ import annotations

import re

from agents.enrich.prefilter import Ending

_OF = r"(?:d['’]\s*|de la |de l['’]|de |du |des |of |del )?(?:the )?"
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (feature, re.compile(rf"\b(?:{words})\s*{_OF}$", re.IGNORECASE))
    for feature, words in (
        ("lake", "lac|lake|lago|сабха|озеро|озера|see|gölü"),
        ("airbase", "base aérienne(?: militaire)?|base militaire|air ?base|military airport|aéroport militaire|"
        "base aérea|"
                "aérodrome(?: militaire)?|авиабаза|авиабазе"),
        ("airport", "aéroport(?: international)?|airport|aeropuerto"),
        ("dam", "barrage|dam|presa|represa"),
        ("mountain", "mont|monts|montagne|montagnes|djebel|jabal|jebel|mount|monte"),
        ("river", "fleuve|rivière|river|río|oued"),
        ("camp", "camp|camp de réfugiés|refugee camp|campo|campamento"),
        ("region", "province|gouvernorat|governorate|provincia|gobernación|область|région"),
    )
)  # fmt: skip
_KINDS_ARABIC: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (feature, re.compile(rf"(?:{words})\s+$"))
    for feature, words in (
        ("lake", "بحيرة|سبخة"),
        ("airbase", "قاعدة|مطار عسكري|القاعدة الجوية في|مطار"),
        ("dam", "سد"),
        ("mountain", "جبل|جبال"),
        ("river", "نهر"),
        ("camp", "مخيم"),
        ("region", "محافظة|ريف"),
    )
)
_AFTER: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (feature, re.compile(rf"^ (?:{words})\b", re.IGNORECASE))
    for feature, words in (
        ("airbase", "air ?base|military airport|airfield|military airfield"),
        ("airport", "airport|international airport"),
        ("dam", "dam"),
        ("lake", "lake"),
        ("river", "river"),
        ("camp", "(?:refugee )?camp"),
        ("region", "province|governorate|oblast|region"),
        ("mountain", "mountain|mountains"),
    )
)


def feature_beside(text: str, start: int, end: int) -> tuple[str, int]:
    """The kind of place that words beside a name say, and where those words begin (`start` if they come after)."""
    before = text[max(0, start - 36) : start]
    after = text[end : end + 24]
    if not _SOME_KIND.ends(before):
        return (_after(after), start) if _SOME_KIND_AFTER.match(after) else ("", start)
    for feature, words in _KINDS if before.isascii() or not _ARABIC.search(before) else _KINDS_ARABIC:
        found = words.search(before)
        if found:
            return feature, start - len(before) + found.start()
    return _after(after), start


def _after(after: str) -> str:
    return next((feature for feature, words in _AFTER if words.match(after)), "")


_ARABIC = re.compile("[\u0600-\u06ff]")
_SOME_KIND = Ending("|".join(words.pattern for _, words in (*_KINDS, *_KINDS_ARABIC)), re.IGNORECASE)
_SOME_KIND_AFTER = re.compile("|".join(words.pattern for _, words in _AFTER), re.IGNORECASE)
