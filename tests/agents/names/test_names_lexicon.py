"""The lexicon finds what an automaton over the same spellings finds, and nothing else."""

from ahocorasick_rs import AhoCorasick
from hypothesis import given
from hypothesis import strategies as st

from agents.names.entity import Entity
from agents.names.key import fold
from agents.names.lexicon import Lexicon
from agents.names.scan import Meaning
from agents.names.scanner import Scanner, Source
from agents.names.spellings import clitic_length, is_ending

WORDS = [
    " San ", " San Jose ", " San Jose de Mayo ", " Jose ", " de ", " St  Louis ", " Ga  ", " Mayo  ", " La Paz ",
    " Paz ", " 6 Mayo ",
]  # fmt: skip
CLITIC = ["حلب ", "تل رفعت ", "رفعت ", "باب ", "6 حلب "]
INFLECTED = [" Киев", " Нижн Новгород", " Новгород", " Станция ", " Мир"]
PATTERNS = {"word": WORDS, "clitic": CLITIC, "inflected": INFLECTED}
PIECES = [
    "San", "Jose", "de", "Mayo", "St.", "Louis", "Ga.", "La", "Paz", "6", "x", "حلب", "وحلب", "بحلب", "تل", "وتل",
    "رفعت", "باب", "لباب", "قبل", "Киев", "Киева", "Киевский", "Нижн", "Новгород", "Новгороде", "Новгородцы", "Станция",
    "а", "Мира", "LA", "PAZ", ".", ",", "-", "\n", "كحلبي",
]  # fmt: skip


def by_automata(plain: str) -> set[tuple[str, int, int]]:
    """Pattern, start and end of every name, as automata over letters and rules for what is glued tell them."""
    found = set()
    for how, listed in PATTERNS.items():
        for number, start, end in AhoCorasick(listed).find_matches_as_indexes(plain, overlapping=True):
            if how == "word":
                found.add((listed[number], start + 1, start + len(plain[start:end].rstrip())))
            elif how == "clitic":
                begin = plain.rfind(" ", 0, start) + 1
                own = clitic_length(plain[begin:start], False)
                if start - begin <= 4 and own is not None:
                    found.add((listed[number], begin + own, end - 1))
            else:
                stop = plain.find(" ", end)
                if 0 <= stop - end <= 4 and is_ending(plain[end:stop]):
                    found.add((listed[number], start + 1, stop))
    return found


def scanner() -> Scanner:
    """One source whose meanings are named after the pattern."""
    entities = {how: [Meaning(Entity(pattern, "place", pattern)) for pattern in listed]
                for how, listed in PATTERNS.items()}  # fmt: skip
    return Scanner([Source(Lexicon(dict(PATTERNS)), lambda how, at: (entities[how][at],), in_capitals=False)])


SCANNER = scanner()


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join))
def test_the_same_names_as_an_automaton(text: str) -> None:
    folded = fold(text)
    found = {(name.meanings[0].entity.id, name.start + 1, name.end + 1) for name in SCANNER.scan(folded, text)[0]}
    assert found == by_automata(folded.text)


@given(st.lists(st.sampled_from([*PIECES, "A\u0301", "Sa\u0301n", "\u200bJose"]), max_size=25).map(" ".join))
def test_offsets_slice_the_text(text: str) -> None:
    for name in SCANNER.scan(fold(text), text)[0]:
        assert text[name.start : name.end] == name.surface
        assert fold(name.surface).text.split() == name.plain.split()


def test_what_is_remembered_is_bounded(monkeypatch) -> None:
    monkeypatch.setattr("agents.names.scanner._REMEMBERED", 50)
    fresh = scanner()
    for number in range(200):
        text = f"w{number} San Jose de Mayo وحلب"
        assert len(fresh.scan(fold(text), text)[0]) == 6
    assert len(fresh._words) <= 50
    long = "San" * 1000
    assert fresh.scan(fold(long), long) == [[]]
    assert long not in fresh._words
