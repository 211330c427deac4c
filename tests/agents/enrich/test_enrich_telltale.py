"""Function words tell the common languages, and no language from another that is like it."""

import importlib.util
from pathlib import Path

import pytest
import spacy

from agents.enrich.language import identify
from agents.enrich.telltale import told_by_words

FOLDER = Path(spacy.__file__).parent / "lang"
LIKE_OTHERS = ["ca", "da", "nb", "sv", "ro", "lb", "cs", "sk", "hr", "sl", "fi", "hu", "pl", "id", "sq", "lt", "vi"]


def _examples(language: str) -> str:
    spec = importlib.util.spec_from_file_location(f"examples_{language}", FOLDER / language / "examples.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return " ".join(module.sentences)[:400]


TEXTS = {
    "en": "The council said on Tuesday that it had not been told about the convoy, and that nobody was at the bridge "
    "when it was closed by the army.",
    "fr": "Le conseil a dit mardi qu'il n'avait pas été prévenu du passage du convoi, et que personne ne se trouvait "
    "sur le pont quand il a été fermé par l'armée.",
    "es": "El consejo dijo el martes que no le habían avisado del paso del convoy y que no había nadie en el puente "
    "cuando fue cerrado por el ejército.",
    "de": "Der Rat sagte am Dienstag, dass er über den Konvoi nicht unterrichtet worden sei und dass niemand auf der "
    "Brücke war, als sie von der Armee gesperrt wurde.",
}  # fmt: skip


@pytest.mark.parametrize("language", sorted(TEXTS))
def test_a_sentence_is_told(language: str) -> None:
    assert told_by_words(TEXTS[language]) == language
    assert identify("", TEXTS[language], None) == language


@pytest.mark.parametrize("language", LIKE_OTHERS)
def test_another_language_is_not_taken_for_a_common_one(language: str) -> None:
    assert told_by_words(_examples(language)) is None


def test_few_words_tell_nothing() -> None:
    assert told_by_words("") is None
    assert told_by_words("Homs Hama Alep Damas Khanasser Athriya") is None
    assert told_by_words("The bridge to Homs") is None
