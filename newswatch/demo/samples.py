"""The sample articles and newsrooms that lie beside this file, read and checked."""

from __future__ import annotations

import re
from functools import lru_cache
from html import unescape
from importlib.resources import files
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, model_validator
from ruamel.yaml import YAML

LANGUAGES = ("fr", "en", "ar")
_TAG = re.compile(r"<[^>]+>")
_SPACE = re.compile(r"\s+")


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(_Strict):
    """A newsroom of the demonstration: one feed in one format and language."""

    id: Annotated[str, StringConstraints(pattern=r"^[a-z]+$")]
    title: str
    host: str
    """Host of its article links; its `outlet`."""
    format: Literal["rss2", "atom", "rss1"]
    language: str


class Sample(_Strict):
    """An invented article, and which of the demonstration's watches it must fire."""

    id: str
    feed: str
    minutes: int = Field(ge=0, le=24 * 60)
    """How long before its release it says it was published."""
    fires: tuple[str, ...]
    title: str
    text: str = ""
    html: str = ""
    """The body as HTML, where the feed carries it so; `text` is empty then."""

    @model_validator(mode="after")
    def _one_body(self) -> Sample:
        if bool(self.text) == bool(self.html):
            raise ValueError(f"sample {self.id}: give either text or html")
        return self

    @property
    def plain(self) -> str:
        """The body without tags, on one line."""
        body = self.text or unescape(_TAG.sub(" ", self.html))
        return _SPACE.sub(" ", body).strip()


def read_yaml(name: str) -> Any:
    """The content of a YAML file that lies beside this module."""
    return YAML(typ="safe", pure=True).load((files("newswatch.demo") / name).read_text("utf-8"))


@lru_cache(maxsize=1)
def load_sources() -> tuple[Source, ...]:
    """The newsrooms, in the order of the file."""
    return TypeAdapter(tuple[Source, ...]).validate_python(read_yaml("sources.yaml"))


@lru_cache(maxsize=1)
def load_samples() -> tuple[Sample, ...]:
    """Every sample in the order of release: the languages take turns, a watched road comes first."""
    samples = TypeAdapter(tuple[Sample, ...])
    by_language = [list(samples.validate_python(read_yaml(f"articles_{language}.yaml"))) for language in LANGUAGES]
    turns = max(len(one) for one in by_language)
    return tuple(one[turn] for turn in range(turns) for one in by_language if turn < len(one))
