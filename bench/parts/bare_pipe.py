"""The peer of the enrichment benchmark: the same models over the same batches, and nothing else."""

from __future__ import annotations

from collections.abc import Callable

from agents.enrich.recognise import Recogniser


def make_bare_pipe(models: dict[str, str]) -> Callable[[list[tuple[str, str]]], int]:
    """A function from (language, text) pairs to how many spans the models labelled in them."""
    recogniser = Recogniser(models)
    return lambda batch: bare(recogniser, batch)


def bare(recogniser: Recogniser, batch: list[tuple[str, str]]) -> int:
    """How many spans the models label in (language, text) pairs."""
    found = 0
    for language in {language for language, _ in batch}:
        texts = [text for one, text in batch if one == language]
        found += sum(len(spans) for spans in recogniser.spans(language, texts))
    return found
