"""Other people's scanners for many names: the same names, the same texts, whole words only."""

from __future__ import annotations

import importlib
import re
import statistics
import time
from collections.abc import Callable, Sequence

Scan = Callable[[str], int]
ROUNDS = 3


def measure_peers(names: Sequence[str], texts: Sequence[str]) -> None:
    """Print how long each takes to build and to scan a text, and how many names it finds."""
    print(f"{len(names):,} names on {len(texts)} texts of {statistics.mean(map(len, texts)):.0f} characters:")
    for name, package, module, build in (
        ("ahocorasick-rs", "ahocorasick-rs", "ahocorasick_rs", _rust),
        ("pyahocorasick", "pyahocorasick", "ahocorasick", _pyahocorasick),
        ("spaCy PhraseMatcher", "spacy", "spacy", _spacy),
        ("hyperscan", "hyperscan", "hyperscan", _hyperscan),
    ):
        try:
            importlib.import_module(module)
        except ImportError:
            print(f"  {name:20} left out: it is not installed; pip install {package}, then run this again")
            continue
        began = time.perf_counter()
        scan = build(names)
        built = time.perf_counter() - began
        rounds = []
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = sum(scan(text) for text in texts)
            rounds.append((time.perf_counter() - began) / len(texts) * 1e6)
        print(f"  {name:20} {statistics.median(rounds):9.1f} us a text   built in {built:5.1f} s   {found:,} found")


def _whole(text: str, start: int, end: int) -> bool:
    return not (start and text[start - 1].isalnum()) and not text[end : end + 1].isalnum()


def _rust(names: Sequence[str]) -> Scan:
    module = importlib.import_module("ahocorasick_rs")
    automaton = module.AhoCorasick(names, implementation=module.Implementation.ContiguousNFA)

    def scan(text: str) -> int:
        found = automaton.find_matches_as_indexes(text, overlapping=True)
        return sum(_whole(text, start, end) for _, start, end in found)

    return scan


def _pyahocorasick(names: Sequence[str]) -> Scan:
    automaton = importlib.import_module("ahocorasick").Automaton()
    for name in names:
        automaton.add_word(name, len(name))
    automaton.make_automaton()
    return lambda text: sum(_whole(text, last + 1 - size, last + 1) for last, size in automaton.iter(text))


def _spacy(names: Sequence[str]) -> Scan:
    """Tokenising is part of it: a text comes as text."""
    spacy = importlib.import_module("spacy")
    matching = importlib.import_module("spacy.matcher")
    blank = spacy.blank("en")
    matcher = matching.PhraseMatcher(blank.vocab)
    matcher.add("name", [blank.make_doc(name) for name in names])
    return lambda text: len(matcher(blank.make_doc(text)))


def _hyperscan(names: Sequence[str]) -> Scan:
    hyperscan = importlib.import_module("hyperscan")
    database = hyperscan.Database()
    flags = hyperscan.HS_FLAG_UTF8 | hyperscan.HS_FLAG_SOM_LEFTMOST
    database.compile(
        expressions=[re.escape(name).encode() for name in names],
        ids=list(range(len(names))),
        elements=len(names),
        flags=[flags] * len(names),
    )

    def scan(text: str) -> int:
        raw = text.encode()
        spans: list[tuple[int, int]] = []
        database.scan(raw, match_event_handler=lambda _, start, end, __, ___: spans.append((start, end)))
        # bytes of one code point that is no ASCII letter are left as they are: the count is close, not exact
        return sum(_whole(raw.decode("latin-1"), start, end) for start, end in spans)

    return scan
