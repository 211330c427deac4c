"""Short words and acronyms that are names at home only: of a town, of a country's actor."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from agents.enrich.enricher import Enricher
from agents.match.facts import MIN_CONFIDENCE
from streams.records import Article

_DAY = datetime(2026, 3, 1, tzinfo=UTC)
_FILLER = " We wrote the parser over two long winters, and nobody has asked us for a refund so far." * 4


def named(enricher: Enricher, text: str, language: str) -> set[str]:
    """The entities that a watch could fire on."""
    (found,) = enricher.enrich([Article("a", 1, "feed", "", None, "", text, language, _DAY, _DAY)])
    return {one.entity for one in found.mentions if one.entity and one.confidence >= MIN_CONFIDENCE}


@pytest.mark.parametrize(
    ("text", "language", "entity"),
    [
        ("I have had the pleasure of working with Leonard and Sam on a new book." + _FILLER, "en", "geonames:170654"),
        ("The library reads JSON, RDF and plain text." + _FILLER, "en", "actor:rwandan-army"),
        ("Their game runs on GNU systems as well." + _FILLER, "en", "actor:gnu"),
        ("Das Gerät lässt sich noch heute mit wenigen Handgriffen öffnen.", "de", "geonames:1140026"),
        ("A spokesman at Google denied it.", "en", "geonames:4280539"),  # Topeka was called so for a month
        ("Monster cut two hundred jobs, and Monster Energy sponsored the race.", "en", "geonames:2867543"),
        ("The GCC maintainers thanked those who help on IRC.", "en", "actor:gcc"),
        ("The GCC maintainers thanked those who help on IRC.", "en", "actor:irc"),
        ("The International Rugby Council (IRC) met in Goma. The IRC will vote in May.", "en", "actor:irc"),
        ("She came home to the States in May, and left the Americas in June.", "en", "geonames:4267553"),
    ],
)
def test_a_word_far_from_home_is_no_name(enricher: Enricher, text: str, language: str, entity: str) -> None:
    assert entity not in named(enricher, text, language)


@pytest.mark.parametrize(
    ("text", "language", "entity"),
    [
        ("RDF troops crossed into Goma at night, Congolese officers said." + _FILLER, "en", "actor:rwandan-army"),
        ("The GNU in Tripoli, Libya, promised to pay." + _FILLER, "en", "actor:gnu"),
        ("The GCC met in Riyadh and condemned the strike.", "en", "actor:gcc"),
        ("The IRC opened a clinic in Goma.", "en", "actor:irc"),
        ("The Rapid Support Forces (RSF) left Nyala. The RSF denied it.", "en", "actor:rsf-sudan"),
        ("Across the border, Mora and Diffa took in families from Maiduguri." + _FILLER, "en", "geonames:2445704"),
        ("A ferry left Munster for the Rhine.", "en", "geonames:2867543"),
        ("SDF shuts a checkpoint", "en", "actor:sdf"),  # a headline that says nothing of where it plays
        ("L'attaque a frappé Alep à l'aube.", "fr", "geonames:170063"),
        ("Ein Sprecher in Genf lehnte das ab.", "de", "geonames:2660646"),
    ],
)
def test_it_is_one_at_home(enricher: Enricher, text: str, language: str, entity: str) -> None:
    assert entity in named(enricher, text, language)
