"""What spaCy's models see in a text: spans of places, organisations and people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import spacy

from agents.enrich.charsets import equal_classes_once
from streams.errors import Stop
from streams.frozen import soon_made

Label = Literal["place", "organisation", "person", "other"]
READ = 20_000
"""Code points of a field that a model reads at most; names are found in all of it."""

_LABELS: dict[str, Label] = {
    "GPE": "place", "LOC": "place", "FAC": "place", "ORG": "organisation", "PERSON": "person", "PER": "person",
    "NORP": "other", "MISC": "other", "EVENT": "other", "PRODUCT": "other", "WORK_OF_ART": "other", "LAW": "other",
}  # fmt: skip


class ModelMissing(Stop):
    """A model that the settings name is not installed."""


@soon_made
@dataclass(frozen=True, slots=True)
class ModelSpan:
    """A span a model labelled; offsets in code points."""

    start: int
    end: int
    label: Label


class Recogniser:
    """The models of some languages, each loaded once, with the parts that recognition does not use left out."""

    def __init__(self, models: dict[str, str]) -> None:
        self._models = {language: _load(name) for language, name in models.items()}

    def reads(self, language: str) -> bool:
        """Whether there is a model for the language."""
        return language in self._models

    def spans(self, language: str, texts: Sequence[str]) -> list[list[ModelSpan]]:
        """The labelled spans of each text, in order; empty where there is no model."""
        model = self._models.get(language)
        if model is None:
            return [[] for _ in texts]
        cut = [text if len(text) <= READ else text[:READ] for text in texts]
        return [_spans(doc) for doc in model.pipe(cut, batch_size=32)]


def _load(name: str) -> Any:
    if not spacy.util.is_package(name) and not Path(name).is_dir():
        # a model that another distribution repacks keeps the model's name as its beginning
        name = next((model for model in spacy.util.get_installed_models() if model.startswith(name + "_")), name)
    folder = spacy.util.get_package_path(name) if spacy.util.is_package(name) else Path(name)
    settings = next(iter(sorted(folder.rglob("config.cfg"))), None)
    if settings is None:
        raise ModelMissing(
            f"the spaCy model {name!r} is not installed; run newswatch models add {name}, "
            "or name another under enrich.models"
        )
    config = spacy.util.load_config(settings)
    needed = {"ner", "transformer", "entity_ruler"}
    reads = config["components"].get("ner", {}).get("model", {}).get("tok2vec", {}).get("@architectures", "")
    if "Listener" in reads:
        needed.add("tok2vec")
    unused = [part for part in config["nlp"]["pipeline"] if part not in needed]
    # words with vectors are found by hash: their letters, only there to be shown, take memory and long to load
    with equal_classes_once():
        return spacy.load(name, exclude=[*unused, "strings"])


def _spans(doc: Any) -> list[ModelSpan]:
    found = []
    for entity in doc.ents:
        if entity.label_ in _LABELS and (inside := entity.text.strip()):
            start = entity.start_char + len(entity.text) - len(entity.text.lstrip())
            found.append(ModelSpan(start, start + len(inside), _LABELS[entity.label_]))
    return found
