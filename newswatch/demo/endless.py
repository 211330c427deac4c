"""Fresh articles without end, made from `templates.yaml`, so that the demonstration stays alive."""

from __future__ import annotations

import random
from collections.abc import Iterator

from pydantic import BaseModel, ConfigDict, TypeAdapter

from newswatch.demo.samples import Sample, read_yaml

_SENTENCES = 5


class _Templates(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    feeds: tuple[str, ...]
    places: tuple[str, ...]
    subjects: tuple[str, ...]
    titles: tuple[str, ...]
    openings: tuple[str, ...]
    sentences: tuple[str, ...]


def endless(seed: int = 0) -> Iterator[Sample]:
    """Samples with ids `x-1`, `x-2`, ...; each carries its own number, so no two have the same words.

    The same seed gives the same samples in the same order. `fires` is empty: nothing is promised of these.
    """
    by_language = TypeAdapter(dict[str, _Templates]).validate_python(read_yaml("templates.yaml"))
    chance = random.Random(seed)  # noqa: S311 (nothing secret: it only varies the news)
    number = 0
    while True:
        for templates in by_language.values():
            number += 1
            yield _sample(templates, number, chance)


def _sample(templates: _Templates, number: int, chance: random.Random) -> Sample:
    slots = {
        "place": chance.choice(templates.places),
        "subject": chance.choice(templates.subjects),
        "number": 100 + number,
        "hour": chance.randint(5, 22),
        "count": chance.randint(3, 90),
    }
    body = [chance.choice(templates.openings), *chance.sample(templates.sentences, _SENTENCES)]
    title = chance.choice(templates.titles).format(**slots)
    return Sample(
        id=f"x-{number}",
        feed=chance.choice(templates.feeds),
        minutes=chance.randint(0, 5),
        fires=(),
        title=title[0].upper() + title[1:],
        text=" ".join(body).format(**slots),
    )
