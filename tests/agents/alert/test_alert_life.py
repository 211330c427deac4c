"""The life of alerts in an archive, whatever happens in whatever order, against a simple model of it."""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import pytest
from builders import NOON, a_mention, an_article
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from life_model import Model, ModelAlert
from sqlalchemy import and_, select

from agents.alert import actions
from agents.alert.timed import run_due
from agents.alert.transaction import record_article
from agents.match.watch import Area, AreaCondition, TownCondition, Watch
from agents.tell.facts import Inhibition
from agents.tell.matchers import parse_matcher
from agents.tell.pace import Digest, EndpointPace, Group, Limit, MuteWindow, Pace
from agents.tell.rules import EndpointRules, Rules
from agents.tell.stages import REASONS
from streams.archive import deliveries
from streams.archive.alert_schema import holds
from streams.archive.deliveries import Outcome
from streams.archive.engine import Archive, open_archive
from streams.archive.schema import alert_revisions, alerts
from streams.archive.schema import deliveries as table
from streams.errors import ChangeRefused
from streams.ids import alert_id, story_id
from streams.records import EnrichedArticle, Evidence, Hit, decode_alert

REPEAT, CLOSE, INHIBIT = timedelta(hours=3), timedelta(hours=20), timedelta(hours=2)
PACE = Pace(repeat_hours=3.0)
WATCHES = {
    "town": Watch(id="town", any=(TownCondition(town="Khanasser"),), close_after_hours=20.0, pace=PACE),
    "country": Watch(id="country", any=(AreaCondition(area=Area(country="SY")),), close_after_hours=20.0, pace=PACE),
}
RULES = Rules(
    {
        "plain": EndpointRules(),
        "digest": EndpointRules(EndpointPace(digest=Digest(every="hour"))),
        "limited": EndpointRules(EndpointPace(limit=Limit(alerts=2))),
        "nights": EndpointRules(EndpointPace(mute=(MuteWindow(start="18:00", end="07:00"),))),
        "pagers": EndpointRules(EndpointPace(), keeps_state=True, bundles=False),
        "grouped": EndpointRules(EndpointPace(group=Group(seconds=600.0))),
    },
    (Inhibition((parse_matcher("scope=country"),), (parse_matcher("scope=place"),), ("country",), INHIBIT),),
)
TEXTS = (
    "Before dawn grain lorries left Khanasser under heavy guard.",
    "Snow closed every school around Khanasser yesterday.",
    "Engineers repaired the water pump which Khanasser market needs.",
    "Donors abroad sent beds for a hospital, Khanasser officials said.",
)
STORIES = st.integers(0, len(TEXTS) - 1)


class Row(NamedTuple):
    """A delivery, with the status of the revision that it tells."""

    id: str
    alert: str
    alert_revision: int
    endpoint: str
    state: str
    reason: str
    together: str | None
    carrier: str | None
    due_at: datetime
    added_at: datetime
    status: str
    why: str


class Lives(RuleBasedStateMachine):
    """Articles come and change, people act, time passes, deliveries are made."""

    template: Path
    archive: Archive

    @initialize()
    def begin(self) -> None:
        self.directory = tempfile.TemporaryDirectory()
        path = Path(self.directory.name) / "archive.sqlite"
        shutil.copy(self.template, path)
        self.archive = Archive(f"sqlite:///{path}")
        self.now = NOON
        self.model = Model(REPEAT, CLOSE, INHIBIT)
        self.articles: dict[int, EnrichedArticle] = {}
        self.firing: dict[int, bool] = {}
        self.arrived: dict[tuple[str, str], list[int]] = {}

    def teardown(self) -> None:
        if hasattr(self, "archive"):
            self.archive.close()
            self.directory.cleanup()

    # what articles do

    @rule(story=STORIES)
    def an_article_comes(self, story: int) -> None:
        if story in self.articles:
            return
        article = an_article(f"story {story}", title=f"News {story}", text=TEXTS[story])
        self.articles[story] = EnrichedArticle(article, "en", (a_mention("Khanasser", article.text),), f"words {story}")
        self._record(story, fires=True)
        for watch, alert in self._alerts(story):
            self.model.alerts[alert] = ModelAlert(watch)
            self.model.tell(alert, "opened", "opened", self.now)

    @rule(story=STORIES)
    def it_names_one_more_place(self, story: int) -> None:
        if self._revise(story, lambda text, number: f"{text} It reached Site{number} too."):
            self._told(story, "updated", "new_name")

    @rule(story=STORIES)
    def its_sentence_is_changed(self, story: int) -> None:
        if self._revise(story, lambda text, number: text.replace("Khanasser", f"Khanasser then place{number}", 1)):
            self._told(story, "corrected", "corrected")

    @rule(story=STORIES)
    def it_is_withdrawn(self, story: int) -> None:
        if not self.firing.get(story):
            return
        self._revise(story, lambda text, _: text, fires=False)
        self._told(story, "retracted", "retracted")

    def _told(self, story: int, status: str, why: str) -> None:
        for _, alert in self._alerts(story) if status == "retracted" else ():
            self.model.alerts[alert].status = status  # all at once, before anybody is told
        for _, alert in self._alerts(story):
            if self.model.alerts[alert].status == "retracted" != status:
                self.model.tell(alert, "updated", "told_again", self.now)
            else:
                self.model.tell(alert, status, why, self.now)

    def _revise(self, story: int, change: object, *, fires: bool = True) -> bool:
        before = self.articles.get(story)
        if before is None:
            return False
        assert callable(change)
        number = before.article.revision + 1
        text = change(before.article.text, f"{story}{number}")
        article = replace(before.article, revision=number, text=text)
        sites = [word for word in text.replace(".", " ").split() if word.startswith("Site")]
        mentions = tuple(a_mention(name, text) for name in ("Khanasser", *sites))
        self.articles[story] = EnrichedArticle(article, "en", mentions, f"words {story} {number}")
        self._record(story, fires=fires)
        return True

    def _record(self, story: int, *, fires: bool) -> None:
        enriched = self.articles[story]
        evidence = tuple(Evidence(one.field, one.start, one.end, one.surface, "named") for one in enriched.mentions)
        kinds = {"town": ("town",), "country": ("area",)}
        hits = [
            Hit(watch, enriched.article.id, "any[0]", kinds[watch], "named", evidence)  # type: ignore[arg-type]
            for watch, _ in self._alerts(story)
        ]
        recorded = record_article(
            self.archive, enriched, hits if fires else [], WATCHES, list(RULES.endpoints), self.now, rules=RULES
        )
        assert recorded.outcome == "ok"
        self.firing[story] = fires

    def _alerts(self, story: int) -> list[tuple[str, str]]:
        """The watches that a story fires, the wider first, with their alerts."""
        watches = ("country", "town") if story % 2 else ("town",)
        identity = story_id(self.articles[story].article.id)
        return [(watch, alert_id(watch, identity)) for watch in watches]

    # what people do

    @precondition(lambda self: self.model.alerts)
    @rule(
        data=st.data(), act=st.sampled_from(("acknowledge", "take_back", "snooze", "unsnooze")), hours=st.integers(1, 9)
    )
    def somebody_acts(self, data: st.DataObject, act: str, hours: int) -> None:
        alert = data.draw(st.sampled_from(sorted(self.model.alerts)))
        one = self.model.alerts[alert]
        until = self.now + timedelta(hours=hours)
        is_open = one.status in ("opened", "updated", "corrected")
        makes_sense = {
            "acknowledge": is_open,
            "take_back": one.acknowledged,
            "snooze": is_open,
            "unsnooze": one.snoozed_until is not None,
        }[act]
        try:
            with self.archive.begin() as connection:
                if act == "snooze":
                    actions.snooze(connection, alert, until, "ana", "later", self.now)
                else:
                    getattr(actions, act)(connection, alert, "ana", "why", self.now)
        except ChangeRefused:
            assert not makes_sense
            return
        assert makes_sense
        if act in ("acknowledge", "take_back"):
            one.acknowledged = act == "acknowledge"
        else:
            one.snoozed_until = until if act == "snooze" else None
            one.held_until = until if act == "snooze" else self.now

    @rule(watch=st.sampled_from(sorted(WATCHES)), hours=st.integers(1, 12))
    def somebody_silences(self, watch: str, hours: int) -> None:
        until = self.now + timedelta(hours=hours)
        with self.archive.begin() as connection:
            silence = actions.add_silence(connection, [f"watch={watch}"], self.now, until, "ana", "quiet", self.now)
        self.model.silences[silence.id] = (watch, until)

    @rule()
    def a_silence_is_ended(self) -> None:
        for silence, (_, until) in list(self.model.silences.items()):
            if until > self.now:
                with self.archive.begin() as connection:
                    actions.expire_silence(connection, silence, "ana", self.now)
                del self.model.silences[silence]
                return

    # what time does

    @rule(minutes=st.sampled_from((5, 11, 45, 60, 150, 181, 600, 1300)))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)

    @rule(minutes=st.sampled_from((0, 1, 61, 181)))
    def the_clock_is_looked_at(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        self._run_due()
        before = self._rows()
        again = run_due(self.archive, RULES, self.now)
        assert (again.closed, again.notices, self._rows()) == ([], [], before), "done twice is not done once"
        self._nothing_due_waits()

    def _run_due(self) -> None:
        known = {alert: one.revision for alert, one in self.model.alerts.items()}
        run_due(self.archive, RULES, self.now)
        rows = self._rows()
        plain = {(row.alert, row.alert_revision) for row in rows if row.endpoint == "plain"}
        new = [row for row in rows if row.alert_revision > known[row.alert] and row.why in ("repeated", "snooze_ended")]
        elsewhere = {(row.alert, row.why) for row in new if (row.alert, row.alert_revision) not in plain}
        self.model.run_due(self.now, elsewhere)

    def _nothing_due_waits(self) -> None:
        muted = self.now.hour >= 18 or self.now.hour < 7
        for row in self._rows():
            if row.state == "held" and not (row.endpoint == "nights" and muted):
                assert row.due_at > self.now, row

    @rule(endpoint=st.sampled_from(sorted(RULES.endpoints)), arrives=st.booleans())
    def deliveries_are_made(self, endpoint: str, arrives: bool) -> None:
        self._deliver(endpoint, arrives)

    def _deliver(self, endpoint: str, arrives: bool) -> bool:
        with self.archive.begin() as connection:
            ids = deliveries.look(connection, {endpoint: 100}, self.now)
            due = deliveries.take(connection, ids, self.now, {endpoint: timedelta(minutes=1)})
            for one in due:
                if arrives:
                    deliveries.settle(connection, [Outcome(one.id, "delivered", self.now)])
                else:
                    deliveries.settle(connection, [Outcome(one.id, "pending", self.now, "no", self.now)])
        for one in due if arrives else ():
            assert endpoint != "pagers" or not one.others
            for alert in (one.alert, *one.others):
                had = self.arrived.setdefault((endpoint, alert.id), [])
                assert not had or had[-1] < alert.revision, "an older revision after a newer, or one twice"
                had.append(alert.revision)
            if endpoint == "plain":
                self.model.alerts[one.alert.id].outcomes[one.alert.revision] = "delivered"
        return bool(due)

    # what must hold

    @invariant()
    def the_archive_is_as_the_model(self) -> None:
        if not hasattr(self, "archive"):
            return
        with self.archive.read() as connection:
            kept = {row.id: row for row in connection.execute(select(alerts))}
        assert set(kept) == set(self.model.alerts)
        for alert, one in self.model.alerts.items():
            row = kept[alert]
            assert (row.status, row.closes_at) == (one.status, one.closes_at), alert
        plain: dict[str, dict[int, str]] = {}
        for row in self._rows():
            if row.endpoint == "plain":
                state = {"suppressed": row.reason, "bundled": "told_with"}.get(row.state, row.state)
                plain.setdefault(row.alert, {})[row.alert_revision] = state
        told = {alert: list(one.outcomes.values()) for alert, one in self.model.alerts.items()}
        assert {alert: [states[key] for key in sorted(states)] for alert, states in plain.items()} == told

    @invariant()
    def everything_has_its_reason_and_is_told_or_listed(self) -> None:
        if not hasattr(self, "archive"):
            return
        rows = self._rows()
        with self.archive.read() as connection:
            names = {(row.endpoint, row.together) for row in connection.execute(select(holds))}
        by_id = {row.id: row for row in rows}
        sent_in: Counter[tuple[str, datetime]] = Counter()
        for row in rows:
            assert row.reason in REASONS, row
            assert row.state in ("pending", "delivered", "held", "bundled", "suppressed"), row
            assert row.state != "held" or (row.endpoint, row.together) in names, "nothing would ever tell it"
            if row.state == "bundled":
                carrier = by_id[row.carrier]
                while carrier.state == "bundled":
                    carrier = by_id[carrier.carrier]
                assert carrier.state in ("pending", "delivered"), row
                assert carrier.endpoint == row.endpoint
            if row.state == "suppressed" and row.endpoint in ("digest", "limited", "nights", "grouped"):
                assert row.reason in (
                    "silenced", "acknowledged", "inhibited", "never_told", "withdrawn_before_told"
                ), row  # fmt: skip
            if row.endpoint == "limited" and row.reason == "sent" and row.status not in ("corrected", "retracted"):
                sent_in[row.endpoint, row.added_at.replace(minute=0, second=0)] += 1
        assert all(count <= 2 for count in sent_in.values()), sent_in

    @rule()
    def in_the_end_what_was_told_and_taken_back_is_known(self) -> None:
        """Everything that is owed arrives; then whoever had what was corrected or retracted had that too."""
        for _ in range(3):
            self.now += timedelta(hours=14)
            self._run_due()
            for endpoint in sorted(RULES.endpoints):
                while self._deliver(endpoint, True):
                    pass
        for row in self._rows():
            had = self.arrived.get((row.endpoint, row.alert), [])
            if row.status in ("corrected", "retracted") and any(one < row.alert_revision for one in had):
                assert had[-1] >= row.alert_revision, row

    def _rows(self) -> list[Row]:
        told = alert_revisions.c
        chosen = select(*(table.c[name] for name in Row._fields[:-2]), told.record, told.reason).join(
            alert_revisions, and_(told.alert == table.c.alert, told.revision == table.c.alert_revision)
        )
        with self.archive.read() as connection:
            rows = connection.execute(chosen.order_by(table.c.id)).tuples().all()
        return [Row(*row[:-2], decode_alert(row[-2]).status, row[-1]) for row in rows]


def live(template: Path, examples: int) -> None:
    Lives.template = template
    open_archive(f"sqlite:///{template}").close()
    checks = [HealthCheck.too_slow, HealthCheck.filter_too_much]
    how = settings(
        max_examples=examples,
        stateful_step_count=25,
        deadline=None,
        phases=[Phase.generate],  # a run is long enough to read as it is, and shrinking one takes minutes
        suppress_health_check=checks,
    )
    run_state_machine_as_test(Lives, settings=how)


def test_alerts_live_as_the_model_says(tmp_path: Path) -> None:
    live(tmp_path / "template.sqlite", 4)


@pytest.mark.slow
def test_alerts_live_as_the_model_says_for_long(tmp_path: Path) -> None:
    live(tmp_path / "template.sqlite", 40)
