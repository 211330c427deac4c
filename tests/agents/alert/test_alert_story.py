"""One alert a watch and story: what joins, what opens anew, and that memory and archive decide alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from builders import NOON, an_article, an_enriched
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from agents.alert.kept import KeptStories, joining
from agents.alert.lifecycle import alone
from agents.alert.near import from_bytes
from agents.alert.story import StoryChoice, choose_story
from agents.alert.story_index import StoryIndex
from agents.alert.telling import Told, told
from agents.match.watch import TownCondition, Watch
from streams.archive import alert_lives, alerts
from streams.archive.alerts import Asked
from streams.archive.engine import Archive, open_archive
from streams.ids import alert_id, story_id
from streams.records import EnrichedArticle, Hit

FIRST = (
    "Rebel shelling struck the grain market of Khanasser at dawn on Monday, killing 14 farmers who had come to sell "
    "their harvest, the provincial health office said. Ambulances took 31 wounded people to Aleppo. The governor "
    "ordered the market shut until the roofs of its halls have been inspected by engineers."
)
RELED = "The governor of the province spoke to the press after a long night. " + FIRST
OTHER = (
    "A sandstorm closed the airfield near Athriya for most of the afternoon, and four flights with medical goods had "
    "to wait in the coastal cities. Pilots hope that visibility will be better when the wind turns to the west."
)


def telling(name: str, text: str = FIRST, hours: float = 0.0, outlet: str = "one.example") -> Told:
    at = NOON + timedelta(hours=hours)
    return told(
        an_enriched(name, fingerprint="", title="The market", text=text, outlet=outlet, published=at, first_seen=at)
    )


def choose(new: Told, *known: Told) -> StoryChoice:
    index = StoryIndex()
    for one in known:
        index.place("road", one)
    return index.place("road", new)


def test_an_unknown_article_opens_a_story_of_its_own() -> None:
    new = telling("a1")
    choice = choose_story("road", new, [], lambda _: {})
    assert (choice.is_new, choice.reason, choice.copy_of) == (True, "new_story", None)
    assert choice.story == story_id(new.article)
    assert choice.alert == alert_id("road", choice.story)


def test_a_revision_stays_in_its_story_however_late_and_though_its_words_changed() -> None:
    choice = choose(telling("a1", OTHER, hours=9_000), telling("a1"))
    assert (choice.is_new, choice.reason) == (False, "same_article")


def test_the_same_words_elsewhere_join_the_story_and_say_whom_they_copy() -> None:
    first = telling("a1")
    choice = choose(telling("a2", outlet="two.example", hours=1), first)
    assert (choice.is_new, choice.reason) == (False, "same_words")
    assert (choice.copy_of, choice.copy_outlet) == (first.article, "one.example")


def test_a_near_copy_joins_and_says_whom_it_copies() -> None:
    first = telling("a1")
    choice = choose(telling("a2", RELED, 2, "two.example"), telling("a0", OTHER), first)
    assert (choice.is_new, choice.reason, choice.copy_of) == (False, "near_copy", first.article)
    assert choice.likeness > 0.9


def test_other_words_open_another_story() -> None:
    assert choose(telling("a2", OTHER, 2, "two.example"), telling("a1")).is_new


def test_a_story_takes_new_tellings_for_a_time_after_its_last_one() -> None:
    first, second = telling("a1"), telling("a2", hours=70, outlet="two.example")
    late = telling("a3", hours=130, outlet="three.example")
    assert choose(late, first).is_new
    assert not choose(late, first, second).is_new
    years = telling("a4", hours=20_000)
    assert choose(years, first, second, late).is_new


def test_a_form_filled_in_anew_by_one_outlet_is_a_new_event() -> None:
    form = FIRST.replace("14", "9").replace("31", "17").replace("Monday", "Wednesday")
    assert choose(telling("a2", form, 48), telling("a1")).is_new
    assert choose(telling("a2", form, 2), telling("a1")).is_new
    assert choose(telling("a2", form.replace("Wednesday", "Monday"), 2, "two.example"), telling("a1")).is_new is False


def test_the_article_itself_counts_more_than_its_words() -> None:
    first, second = telling("a1"), telling("a2", OTHER)
    assert choose(telling("a2", FIRST), first, second).story == story_id(second.article)


def test_each_watch_has_stories_of_its_own() -> None:
    index = StoryIndex()
    assert index.place("road", telling("a1")).alert != index.place("town", telling("a1")).alert


def place_live(
    archive: Archive, new: Told, enriched: EnrichedArticle, stories: KeptStories | None = None
) -> dict[str, StoryChoice]:
    stories = stories or KeptStories()
    with archive.begin() as connection:
        choices = stories.place(connection, ["road", "town"], new)
        for watch, choice in choices.items():
            if choice.is_new:
                hit = Hit(watch, new.article, "any[0].town", ("town",), "why", ())
                made = Watch(id=watch, any=(TownCondition(town="Khanasser"),))
                alert = alone(made, hit, enriched, choice.story, choice.alert, NOON)
                alert_lives.keep(connection, alert, "opened", None)
        joined = [joining(one, new) for one in choices.values() if one.reason != "same_article"]
        alerts.join_alerts(connection, joined, NOON)
    stories.remember(joined)
    return choices


TEXTS = (FIRST, RELED, OTHER, FIRST[:190], FIRST.replace("14", "9").replace("31", "17"), "Too short.")


@given(
    st.lists(
        st.tuples(
            st.integers(0, 9), st.sampled_from(TEXTS), st.integers(-100, 300), st.sampled_from(["a.ex", "b.ex", "c.ex"])
        ),
        max_size=12,
    )
)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_archive_decides_what_memory_decides(given_: list[tuple[int, str, int, str]]) -> None:
    archive = open_archive("sqlite://")
    index, stories = StoryIndex(), KeptStories()
    for number, text, hours, outlet in given_:
        at = NOON + timedelta(hours=hours)
        article = an_article(str(number), text=text, outlet=outlet, published=at, first_seen=at)
        enriched = replace(an_enriched(fingerprint=""), article=article, mentions=())
        new = told(enriched)
        live = place_live(archive, new, enriched, stories)
        assert place_live(archive, new, enriched).keys() == live.keys()  # what another worker notes is seen too
        assert live == {watch: index.place(watch, new) for watch in ("road", "town")}
    archive.close()


def test_shingles_and_tellings_come_back_as_they_were_kept(archive: Archive) -> None:
    new = telling("a1")
    place_live(archive, new, an_enriched("a1"))
    with archive.read() as connection:
        assert compared(connection, "none", NOON) == (set(), {new.article})
        found = alerts.tellings(connection, {"road": [new.article, "another"], "none": [new.article]})
        assert found == [new.telling("road", found[0].alert, found[0].story, "new_story", None)]
        assert [list(from_bytes(raw)) for raw in alerts.shingles(connection, found).values()] == [list(new.shingles)]
        assert alerts.tellings_of(connection, found[0].alert) == found
        assert compared(connection, "none", NOON + timedelta(days=30)) == (set(), set())
        assert compared(connection, new.article, NOON + timedelta(days=900)) == ({new.article}, set())


def compared(connection: Connection, article: str, at: datetime) -> tuple[set[str], set[str]]:
    (found,) = alerts.compared(connection, [Asked(["road"], article, "none", at)])
    assert list(found) == ["road"]
    return found["road"].own, found["road"].newest
