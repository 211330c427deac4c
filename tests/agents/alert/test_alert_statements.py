"""What an article costs the archive does not grow with the watches that it hits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from alert_batches import statements
from builders import a_hit, an_enriched

from agents.alert.kept import KeptStories
from agents.alert.transaction import record_article
from agents.match.watch import TownCondition, Watch
from agents.tell.facts import Inhibition
from agents.tell.matchers import parse_matcher
from agents.tell.pace import Digest, EndpointPace, Group, Limit, Pace
from agents.tell.rules import EndpointRules, Rules
from streams.archive.engine import Archive
from streams.records import EnrichedArticle

MANY = 25
PACE = Pace(repeat_hours=4.0, limit=Limit(alerts=50))
WATCHES = {f"w{number}": Watch(id=f"w{number}", any=(TownCondition(town="Khanasser"),), pace=PACE)
           for number in range(MANY)}  # fmt: skip
RULES = Rules(
    {
        "plain": EndpointRules(EndpointPace(limit=Limit(alerts=100, per="minute"))),
        "digest": EndpointRules(EndpointPace(digest=Digest(every="hour"))),
        "grouped": EndpointRules(EndpointPace(group=Group(seconds=60.0))),
    },
    (Inhibition((parse_matcher("scope=country"),), (parse_matcher("scope=place"),), ("country",), timedelta(hours=6)),),
)
WORDS = "Khanasser. " + " ".join(f"word{number}" for number in range(60))


def cost(archive: Archive, stories: KeptStories, enriched: EnrichedArticle, watches: Sequence[str]) -> list[str]:
    hits = [a_hit(enriched, watch) for watch in watches]
    with statements() as said:
        record_article(
            archive, enriched, hits, WATCHES, list(RULES.endpoints), enriched.article.first_seen, rules=RULES,
            stories=stories,
        )  # fmt: skip
    return said


def life(archive: Archive, story: str, watches: Sequence[str]) -> list[int]:
    """The statements of an article that opens alerts, of a copy, of a revision that corrects them, and of its end."""
    stories = KeptStories()
    given = [
        an_enriched(f"{story} one", text=f"{WORDS} {story}", fingerprint=story),
        an_enriched(f"{story} two", text=f"{WORDS} {story}", fingerprint=story, outlet="other.example"),
        an_enriched(f"{story} one", text=f"No more {WORDS} {story}", fingerprint=f"{story} 2", revision=2),
        an_enriched(f"{story} one", text="Nothing of the kind.", fingerprint=f"{story} 3", revision=3),
    ]
    return [len(cost(archive, stories, one, watches if one.mentions else [])) for one in given]


def test_many_hits_take_as_many_statements_as_one(sqlite_archive: Archive) -> None:
    life(sqlite_archive, "first", ["w0"])  # what waits for the digest is begun here
    few = life(sqlite_archive, "few", ["w1"])
    many = life(sqlite_archive, "many", list(WATCHES)[2:])
    assert many == few
    assert max(few) < 40
