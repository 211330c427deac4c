"""Try a text: what it names, and why each watch fires on it or not."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from html import escape

from nicegui import ui

from agents.match.explain import Explanation
from newswatch.web.api.reading import GivenArticle, explained_given
from newswatch.web.house import House
from newswatch.web.pages.frame import Reader, frame
from newswatch.web.pages.marked import Mark, marked
from newswatch.web.pages.words import direction
from streams.records import EnrichedArticle

_MOST_TEXT = 200_000


@dataclass(frozen=True, slots=True)
class _Answer:
    enriched: EnrichedArticle
    explanations: list[Explanation]


async def show(reader: Reader, house: House) -> None:
    """The view."""
    say = reader.say
    with frame(reader, "read", say("read")), ui.element("div").classes("column"):
        ui.html(f"<h1>{say('read')}</h1>", sanitize=False)
        title = ui.input(say("title_field")).props("outlined").style("width: 100%")
        text = ui.textarea(say("text_field")).props("outlined autogrow").style("width: 100%")
        button = ui.element("button").classes("act").props('type="button" data-act="ask"')
        with button:
            ui.html(escape(say("ask")), sanitize=False, tag="span")
        said = ui.label().classes("quiet").props('role="status"')
        answer = ui.element("div").props('aria-live="polite"')

        async def ask() -> None:
            if not (title.value or text.value):
                said.text = say("nothing_given")
                return
            said.text = say("reading")
            given = GivenArticle(title=(title.value or "")[:1_000], text=(text.value or "")[:_MOST_TEXT])
            enriched, explanations = await asyncio.to_thread(explained_given, given, house)
            said.text = ""
            answer.clear()
            with answer:
                _show_answer(_Answer(enriched, explanations), reader)

        button.on("click", ask)


def _show_answer(answer: _Answer, reader: Reader) -> None:
    article = answer.enriched.article
    way = direction(answer.enriched.language)
    parts = []
    for field, text in (("title", article.title), ("text", article.text)):
        marks = [
            Mark(one.start, one.end, one.kind, f"{one.kind}: {one.name} ({one.confidence:.0%})")
            for one in answer.enriched.mentions
            if one.field == field
        ]
        if text:
            parts.append(f"<p>{marked(text, marks)}</p>")
    ui.html(f'<div class="text" dir="{way}">{"".join(parts)}</div>', sanitize=False)
    for one in answer.explanations:
        fires = reader.say("fires" if one.fires else "fires_not")
        colour = "critical" if one.fires else "info"
        ui.html(
            f'<article class="alert {colour}"><h2><bdi>{escape(one.watch)}</bdi>: {escape(fires)}</h2>'
            f"<p><bdi lang='en'>{escape(one.reason)}</bdi></p>"
            f"<p class='quiet'><bdi>{escape(one.clause)}</bdi></p></article>",
            sanitize=False,
        )
