"""Watches that change while articles are matched."""

from __future__ import annotations

import gc
import threading
from dataclasses import replace
from typing import Any

import pytest
from small_world import ENTITIES, WORLD, SmallWorld, compiled, read

from agents.match.compile import WatchResolver
from agents.match.explain import explain
from agents.match.live import LiveWatches
from agents.match.matcher import match
from agents.match.resolved import KeptWatch, ResolvedCondition, ResolvedWatch
from agents.match.watch import Watch
from agents.names.entity import Entity


def watch(name: str, town: str, /, **more: Any) -> Watch:
    return Watch.model_validate({"id": name, "any": [{"town": town}], **more})


def fired(live: LiveWatches, text: str) -> list[str]:
    return [hit.watch for hit in match(read(text), live.matcher)]


def test_a_change_holds_at_once_and_a_changed_watch_keeps_its_place() -> None:
    live = LiveWatches([watch("a", "Homs"), watch("b", "Hama"), watch("c", "Homs")], WORLD)
    assert fired(live, "Homs and Hama.") == ["a", "b", "c"]
    live.apply([watch("d", "Hama"), watch("a", "Rastan")], ["b"])
    assert fired(live, "Homs and Hama.") == ["c", "d"]
    assert fired(live, "Homs and Rastan.") == ["a", "c"]
    live.apply([watch("b", "Homs"), watch("d", "Homs")], [])
    assert fired(live, "Homs and Rastan.") == ["a", "c", "d", "b"]
    assert len(live.matcher) == 4


def test_removed_first_then_changed_and_the_last_of_several_changes_wins() -> None:
    live = LiveWatches([watch("a", "Homs"), watch("b", "Homs")], WORLD)
    live.apply([watch("a", "Hama"), watch("a", "Homs"), watch("a", "Rastan")], ["a", "a", "unknown"])
    assert [one.id for one in live.matcher] == ["b", "a"]
    assert fired(live, "Homs, Hama and Rastan.") == ["b", "a"]
    assert len(live.matcher) == 2


def test_whoever_took_a_matcher_keeps_it() -> None:
    live = LiveWatches([watch("a", "Homs")], WORLD, merge_at=2)
    before = live.matcher
    live.apply([watch("b", "Homs")], ["a"])
    live.wait()
    assert [hit.watch for hit in match(read("Homs"), before)] == ["a"]
    assert fired(live, "Homs") == ["b"]


def test_what_cannot_be_resolved_is_told_and_the_old_watch_goes_on() -> None:
    live = LiveWatches([watch("a", "Homs"), watch("lost", "Xyzzy")], WORLD)
    assert [(one.watch, one.level) for one in live.problems] == [("lost", "error")]
    (problem,) = live.apply([watch("b", "Hama"), watch("a", "Xyzzy")], [])
    assert (problem.watch, problem.position, problem.level, problem.path) == ("a", 1, "error", ("any", 0, "town"))
    assert fired(live, "Homs and Hama.") == ["a", "b"]


def test_a_stored_meaning_whose_ground_is_gone_is_told() -> None:
    corridor = ResolvedCondition("route", (("place:homs",), ("place:atlantis",)), 5.0)
    stored = ResolvedWatch("gone", (corridor,), (), ())
    live = LiveWatches([watch("a", "Homs"), stored, watch("c", "Homs")], WORLD)
    (problem,) = live.problems
    assert (problem.watch, problem.level) == ("gone", "error")
    assert "place:atlantis" in problem.message
    assert fired(live, "Homs") == ["a", "c"]
    (again,) = live.apply([stored._replace(id="a")], [])
    assert (again.watch, again.level) == ("a", "error")
    assert fired(live, "Homs") == ["a", "c"]


def test_many_changes_are_merged_and_change_nothing() -> None:
    towns = ["Homs", "Hama", "Rastan", "Athriya", "Damas"]
    live = LiveWatches([watch(f"w{number}", towns[number % 5]) for number in range(50)], WORLD, merge_at=20)
    inside = {f"w{number}": towns[number % 5] for number in range(50)}
    for step in range(200):
        name = f"w{step * 7 % 80}"
        if step % 3:
            inside[name] = towns[step % 5]
            live.apply([watch(name, towns[step % 5])], [])
        else:
            inside.pop(name, None)
            live.apply([], [name])
        if step % 25 == 0:
            live.wait()
    live.wait()
    assert live.merges >= 3
    for town in towns:
        assert fired(live, f"{town} slept.") == [name for name, watched in inside.items() if watched == town]
    assert len(live.matcher) == len(inside)
    live.close()


def test_articles_are_matched_in_threads_while_watches_change() -> None:
    """The watch of Homs is only ever replaced by itself: each article must find it, whatever goes on."""
    live = LiveWatches([watch("homs", "Homs")] + [watch(f"w{n}", "Hama") for n in range(300)], WORLD, merge_at=30)
    article = read("Homs slept.")
    wrong: list[list[str]] = []
    ending = threading.Event()

    def look() -> None:
        while not ending.is_set():
            if (found := [hit.watch for hit in match(article, live.matcher)]) != ["homs"]:
                wrong.append(found)

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for step in range(300):
        live.apply([watch("homs", "Homs"), watch(f"w{step}", "Rastan")], [f"w{step // 2}"])
    ending.set()
    for thread in threads:
        thread.join()
    live.close()
    assert wrong == []
    assert live.merges >= 1


def test_a_failed_merge_leaves_everything_in_force(monkeypatch: pytest.MonkeyPatch) -> None:
    live = LiveWatches([watch("a", "Homs")], WORLD, merge_at=2)

    def fail(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr("agents.match.live.packed_anew", fail)
    live.apply([watch("b", "Homs"), watch("c", "Homs")], [])
    live.wait()
    live.apply([watch("a", "Hama")], ["b"])
    live.wait()
    assert fired(live, "Homs and Hama.") == ["a", "c"]
    assert live.merges == 0
    monkeypatch.undo()
    live.apply([watch("d", "Homs")], [])
    live.wait()
    assert live.merges == 1
    assert fired(live, "Homs and Hama.") == ["a", "c", "d"]


def test_definitions_and_explanations_of_packed_and_of_new_watches() -> None:
    live = LiveWatches([watch("a", "Homs", severity="critical"), watch("b", "Homs")], WORLD)
    live.apply([watch("b", "Hama", name="Bee"), watch("c", "Rastan")], [])
    assert live.watch("a") == watch("a", "Homs", severity="critical")
    assert live.watch("b") == watch("b", "Hama", name="Bee")
    assert live.watch("d") is None
    assert not explain(read("Homs slept."), live.matcher, "b").fires
    assert explain(read("Hama slept."), live.matcher, "b").fires
    assert explain(read("Homs slept."), live.matcher, "a").fires
    with pytest.raises(KeyError):
        explain(read("Homs slept."), live.matcher, "d")
    live.apply([], ["a", "c"])
    assert live.watch("a") is None
    assert live.watch("c") is None


def test_entities_that_only_a_watch_knows() -> None:
    depot = Entity("place:our-depot", "place", "Depot 7", ("Depot 7",), 35.0, 37.0, "SY", source="watch:a")
    told = ResolvedWatch("a", (ResolvedCondition("town", ((depot.id,),)),), (), (), entities=(depot,))
    live = LiveWatches([told, watch("b", "Homs")], WORLD)
    assert live.entities == (depot,)
    wider = SmallWorld((*ENTITIES, depot))
    assert [hit.reason for hit in match(read("Depot 7 burnt.", world=wider), live.matcher)] == ["Depot 7 is named."]
    near = ResolvedCondition("town", ((depot.id,),), 50.0)
    live.apply([ResolvedWatch("c", (near,), (), (), entities=(depot,))], ["a"])
    assert live.entities == (depot,)
    (hit,) = match(read("Salamiyah slept."), live.matcher)
    assert (hit.watch, hit.reason) == ("c", "Salamiyah lies 4.7 km from Depot 7.")
    live.apply([], ["c"])
    assert live.entities == ()


def test_phrases_come_one_at_a_time() -> None:
    live = LiveWatches([Watch.model_validate({"id": "p0", "any": [{"phrase": "red tea"}]})], WORLD, merge_at=1000)
    for number in range(1, 40):
        live.apply([Watch.model_validate({"id": f"p{number}", "any": [{"phrase": f"tea {number}"}]})], [])
    assert fired(live, "Red tea 7, tea 17 and tea 39.") == ["p0", "p7", "p17", "p39"]
    live.apply([], ["p17"])
    assert fired(live, "Red tea 7, tea 17 and tea 39.") == ["p0", "p7", "p39"]


def test_only_facts_where_that_is_asked_for() -> None:
    live = LiveWatches([watch("all", "Homs"), watch("facts", "Homs", facts_only=True)], WORLD)
    live.apply([watch("new", "Homs", facts_only=True)], [])
    article = read("Homs was not hit.")
    denied = replace(article, mentions=tuple(replace(one, modality="negated") for one in article.mentions))
    assert [hit.watch for hit in match(article, live.matcher)] == ["all", "facts", "new"]
    assert [hit.watch for hit in match(denied, live.matcher)] == ["all"]


def test_no_watches_at_all() -> None:
    live = LiveWatches([], WORLD, merge_at=1)
    assert fired(live, "Homs") == []
    live.apply([watch("a", "Homs")], [])
    live.wait()
    assert fired(live, "Homs") == ["a"]
    live.apply([], ["a"])
    live.wait()
    assert fired(live, "Homs") == []
    assert len(live.matcher) == 0


def kept(written: Watch) -> KeptWatch:
    resolved = WatchResolver(WORLD).resolve(written)
    assert resolved is not None
    return KeptWatch(written.id, resolved.to_json(), resolved.definition)


def test_what_many_ask_alike_is_read_once_and_each_fires() -> None:
    given = [
        watch("a", "Homs"),
        watch("b", "Homs", none=[{"phrase": "red tea"}]),
        watch("c", "Homs", languages=["fr"]),
        watch("d", "Homs", severity="critical"),
        watch("e", "Homs", none=[{"phrase": "red tea"}]),
        watch("f", "Homs", languages=["fr"]),
    ]
    plain, packed = LiveWatches(given, WORLD), LiveWatches(map(kept, given), WORLD)
    assert [packed.watch(one.id) for one in given] == given
    for text in ("Homs", "Homs and red tea.", "Hama"):
        assert match(read(text), packed.matcher) == match(read(text), plain.matcher)
    assert fired(packed, "Homs and red tea.") == ["a", "d"]
    assert [len(live.matcher.base.tables.source) for live in (plain, packed)] == [2, 2]


def test_what_cannot_be_read_is_resolved_anew_or_told() -> None:
    old = KeptWatch("old", '{"id":"old","any":[["town"]]}', '{"id": "old", "any": [{"town": "Homs"}]}')
    again = KeptWatch("again", '{"id":"again","any":[["town"]]}', '{"id": "again", "any": [{"town": "Hama"}]}')
    newer = KeptWatch("newer", "", '{"id": "newer", "any": [{"weather": "rain"}]}')
    live = LiveWatches([old, again, newer], WORLD)
    assert fired(live, "Homs") == ["old"]
    assert fired(live, "Hama") == ["again"]
    (problem,) = live.problems
    assert (problem.watch, problem.position, problem.level) == ("newer", 2, "error")
    assert "was it written by a newer newswatch?" in problem.message


def test_the_collector_is_left_as_it_was() -> None:
    assert gc.isenabled()
    LiveWatches([watch("a", "Homs")], WORLD)
    assert gc.isenabled()


def test_a_resolved_watch_rests_as_json() -> None:
    written = Watch.model_validate(
        {
            "id": "w",
            "any": [{"route": ["Alep", "Khanasser", "أثريا"], "corridor_km": 7.5}, {"route": "M5"}],
            "all": [{"town": "Homs", "within_km": 12}, {"area": {"bbox": [35, 33, 38, 37]}}],
            "none": [{"phrase": "savon d'Alep"}, {"actor": "Daech"}],
            "languages": ["fr"],
            "outlets": ["https://www.sana.sy/"],
            "facts_only": True,
        }
    )
    resolved = WatchResolver(WORLD).resolve(written)
    assert resolved is not None
    back = ResolvedWatch.from_json(resolved.to_json(), resolved.definition)
    assert back == resolved
    text = "Homs and Khanasser."
    made = compiled(written.model_dump(exclude_defaults=True))
    assert match(read(text, language="fr", outlet="sana.sy"), LiveWatches([back], WORLD).matcher) == match(
        read(text, language="fr", outlet="sana.sy"), made
    )
    for broken in ("[]", "{}", '{"id": "w", "any": [1]}', "nothing"):
        with pytest.raises(ValueError, match="no resolved watch"):
            ResolvedWatch.from_json(broken)
