"""Templates of endpoints: Jinja2 in its sandbox, where a name that is not known is a mistake.

A template is tried on sample alerts when the settings are read, so that its mistakes are found there and not when an
alert is to be told.
"""

from __future__ import annotations

import re
import traceback
from functools import lru_cache

from jinja2 import StrictUndefined, Template, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from agents.notify.facts import facts_of
from agents.notify.sample import sample_alerts
from agents.notify.words import LANGUAGES, Language
from streams.errors import DeliveryFailed
from streams.records import Alert

LONGEST_TEMPLATE = 20_000
_IN_WORDS = (
    (r"^(?:tuple|list) object has no element (\d+)", r"a list has no item \1 in every alert"),
    (r"'?NoneType'?", "nothing"),
    (r"'?\b(?:dict|tuple|list) object'?", "what stands there"),
)
"""What Python says, in words for who wrote the template."""
_TEXT = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
_HTML = ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=True, keep_trailing_newline=True)


class TemplateMistake(ValueError):
    """A template cannot be used; `line` counts from 1 within it."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(why)
        self.line = line


@lru_cache(maxsize=512)
def _compiled(source: str, html: bool) -> Template:
    return (_HTML if html else _TEXT).from_string(source)


def render(source: str, alert: Alert, language: Language, *, html: bool = False) -> str:
    """A template filled with an alert; with `html` what it names is escaped.

    Raises DeliveryFailed where this alert breaks it.
    """
    try:
        return _compiled(source, html).render(facts_of(alert, language))
    except Exception as error:  # a template is somebody's program
        raise DeliveryFailed(f"the endpoint's template, line {_line(error)}: {_why(error)}") from error


def check_template(source: str, *, html: bool = False) -> None:
    """Try a template on every sample alert in every language; raises TemplateMistake."""
    if len(source) > LONGEST_TEMPLATE:
        raise TemplateMistake(1, f"the template has {len(source)} characters, at most {LONGEST_TEMPLATE} are allowed")
    try:
        template = _compiled(source, html)
        for language in LANGUAGES:
            for alert in sample_alerts():
                template.render(facts_of(alert, language))
    except Exception as error:
        raise TemplateMistake(_line(error), _why(error)) from error


def _line(error: Exception) -> int:
    if isinstance(error, TemplateSyntaxError):
        return error.lineno
    frames = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == "<template>"]
    return (frames[-1] if frames else None) or 1


def _why(error: Exception) -> str:
    said = " ".join(str(error).split()).rstrip(".") or type(error).__name__
    for pattern, words in _IN_WORDS:
        said = re.sub(pattern, words, said)
    return said
