"""Enrichment without its models: words a second of one core, beside what its parts take in other hands.

Articles are invented (300 to 600 words, a name in about 25 words); models read them before the clock starts. Times
are of the processor, all threads, and each article's is the least of several rounds, so that other work on the machine
counts little. The peers are measured in the same run over the same texts: folding by `str.translate`, the same
spellings in the automata of ahocorasick-rs and of pyahocorasick, identification by py3langid.

The whole, models and all, is measured in turns with the bare models over the same batches of sixteen: on these
articles, and on the demonstration's, which are shorter and fuller of names. A worker's cold start and memory are those
of a process of its own.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

PARTS = str(Path(__file__).resolve().parent / "parts")
sys.path.insert(0, PARTS)

import ahocorasick_rs
from bare_pipe import bare
from corpus import corpus
from news import LANGUAGES, names_written, news, words
from py3langid.langid import MODEL_FILE, LanguageIdentifier
from recorded import Recorded

from agents.enrich.enricher import Enricher, enrich_encoded
from agents.enrich.language import identify
from agents.enrich.recognise import Recogniser
from agents.names.gazetteer import JOININGS
from agents.names.key import Folded, fold
from agents.names.knowledge import load_knowledge
from newswatch.settings import Settings
from streams.memory import loading
from streams.records import Article, encode_article

try:
    import ahocorasick as pyahocorasick
except ImportError:
    pyahocorasick = None

ARTICLES, ROUNDS = 150, 15
WHOLE_ARTICLES, WHOLE_ROUNDS, PIECE = 64, 4, 16
COLD_SECONDS, MEMORY_MB, WORDS = 5.0, 700.0, 1_000_000


def main() -> None:
    """Measure and print."""
    settings = Settings()
    models = dict(settings.enrich.models)
    cold_start(models, settings)
    with loading():  # as a worker's processes do
        knowledge = load_knowledge((), settings.cache_dir())
        recogniser = Recogniser(models)
    whole_beside_models(Enricher(knowledge, recogniser), recogniser)
    recorded = Recorded(recogniser)
    enricher = Enricher(knowledge, recorded)
    automata = {how: knowledge.gazetteer.spellings(how).patterns for how in JOININGS}
    peers: list[tuple[str, Callable[[Article, Folded], object]]] = [
        ("fold: str.translate", lambda article, _: article.text.translate(_TABLE)),
        ("fold: ours", lambda article, _: fold(article.text)),
        ("language: py3langid", lambda article, _: _langid().classify(article.text[:800])),
        ("language: ours", lambda article, _: identify(article.title, article.text, None)),
        ("names: ahocorasick-rs", rust_scan(automata)),
        ("names: ours, with what they mean", lambda article, folded: knowledge.scan_all(folded, article.text)),
    ]
    if pyahocorasick is None:
        print("names: pyahocorasick is not installed; `pip install pyahocorasick` measures it too")
    else:
        peers.insert(5, ("names: pyahocorasick", c_scan(automata)))
    for language in LANGUAGES:
        articles = news(ARTICLES, language)
        count = words(articles)
        recorded.recording = True
        enricher.enrich(articles)
        recorded.recording = False
        whole = least(articles, lambda article, _: enricher.enrich([article]))
        took = {name: least(articles, work) for name, work in peers}
        scan = took["names: ahocorasick-rs"]
        print(
            f"\n{language}: {ARTICLES} articles of {count / ARTICLES:.0f} words, a name in "
            f"{count / names_written(articles, language):.0f}; "
            f"{'what the model sees is recorded' if recorded.reads(language) else 'no model'}"
        )
        print(line("everything but the model", count, whole, scan), f"  {count / whole / WORDS:.2f} of {WORDS:,}")
        for name, seconds in took.items():
            print(line(name, count, seconds, scan))


def line(name: str, count: int, seconds: float, scan: float) -> str:
    """A line of the table."""
    per_article = seconds / ARTICLES * 1e6
    rate = f"{count / seconds:13,.0f} words/s {per_article:8.0f} us an article"
    return f"  {name:34}{rate} {seconds / scan:7.2f} times the scan of ahocorasick-rs"


def least(articles: Sequence[Article], work: Callable[[Article, Folded], object]) -> float:
    """Seconds of the processor for all articles, each at its quickest."""
    folded = [fold(article.text) for article in articles]
    best = [float("inf")] * len(articles)
    for _ in range(ROUNDS):
        for at, article in enumerate(articles):
            began = time.process_time()
            work(article, folded[at])
            best[at] = min(best[at], time.process_time() - began)
    return sum(best)


def whole_beside_models(enricher: Enricher, recogniser: Recogniser) -> None:
    """Print the whole enrichment, bytes in and bytes out, beside the bare models over the same batches."""
    mixed = [one for pair in zip(news(WHOLE_ARTICLES // 2, "fr"), news(WHOLE_ARTICLES // 2, "en"), strict=True)
             for one in pair]  # fmt: skip
    for name, articles in (("these", mixed), ("the demonstration's", corpus(WHOLE_ARTICLES))):
        best: dict[tuple[str, int], float] = defaultdict(lambda: float("inf"))
        for _ in range(WHOLE_ROUNDS):
            for start in range(0, len(articles), PIECE):
                batch = articles[start : start + PIECE]
                raw = [encode_article(one) for one in batch]
                pairs = [(one.language or "fr", f"{one.title}\n{one.text}") for one in batch]
                for which, work in (
                    ("bare", lambda pairs=pairs: bare(recogniser, pairs)),
                    ("whole", lambda raw=raw: enrich_encoded(enricher, raw)),
                ):
                    began = time.process_time()
                    work()
                    best[which, start] = min(best[which, start], time.process_time() - began)
        took = {which: sum(best[one] for one in best if one[0] == which) for which in ("bare", "whole")}
        print(
            f"whole, {name} articles of {words(articles) / len(articles):.0f} words: "
            f"{words(articles) / took['whole']:,.0f} words/s; {took['bare'] / took['whole']:.2f} of the bare models"
        )


class _Table(dict[int, str]):
    """Folding as a table for `str.translate`, filled as letters are met."""

    def __missing__(self, code: int) -> str:
        base = unicodedata.normalize("NFKD", chr(code))[0]
        self[code] = base if base.isalnum() else " "
        return self[code]


_TABLE = _Table()
_identifiers: list[LanguageIdentifier] = []


def _langid() -> LanguageIdentifier:
    if not _identifiers:
        _identifiers.append(LanguageIdentifier.from_model_file(MODEL_FILE))
    return _identifiers[0]


def rust_scan(patterns: dict[Any, list[str]]) -> Callable[[Article, Folded], object]:
    """The automata of the Rust crate over the gazetteer's spellings, overlapping matches as offsets."""
    automata = [
        ahocorasick_rs.AhoCorasick(
            listed, store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
        )
        for listed in patterns.values()
    ]

    def scan(_: Article, folded: Folded) -> object:
        # Arabic and Cyrillic spellings are looked for in texts with such letters only
        used = automata[:1] if folded.text.isascii() else automata
        return [automaton.find_matches_as_indexes(folded.text, overlapping=True) for automaton in used]

    return scan


def c_scan(patterns: dict[Any, list[str]]) -> Callable[[Article, Folded], object]:
    """The same with pyahocorasick."""
    automata = []
    for listed in patterns.values():
        automaton = pyahocorasick.Automaton()
        for number, pattern in enumerate(listed):
            automaton.add_word(pattern, number)
        automaton.make_automaton()
        automata.append(automaton)

    def scan(_: Article, folded: Folded) -> object:
        used = automata[:1] if folded.text.isascii() else automata
        return [list(automaton.iter(folded.text)) for automaton in used]

    return scan


def cold_start(models: dict[str, str], settings: Settings) -> None:
    """Print how soon a worker is ready and its memory."""
    load_knowledge((), settings.cache_dir())  # compiled, if it was not
    run = subprocess.run(
        [sys.executable, str(Path(PARTS) / "worker_start.py"), json.dumps([models, str(settings.cache_dir())])],
        capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )  # fmt: skip
    ready, busy, memory, worked = json.loads(run.stdout.splitlines()[-1])
    print(f"a worker is ready after {ready:.1f} s, {busy:.1f} s of the processor (at most {COLD_SECONDS:.0f})")
    print(f"its memory is {memory:.0f} MB then and {worked:.0f} MB after nine batches (at most {MEMORY_MB:.0f})")


if __name__ == "__main__":
    logging.disable(logging.WARNING)
    main()
