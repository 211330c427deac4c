"""A watch ready for matching, and what it asks beside its conditions."""

from __future__ import annotations

from dataclasses import dataclass

from agents.match.conditions import CompiledCondition
from agents.match.facts import Facts
from agents.match.tables import Scope


@dataclass(frozen=True, slots=True)
class CompiledWatch:
    """A watch whose conditions are resolved; conditions are shared between watches that ask the same."""

    id: str
    any: tuple[CompiledCondition, ...]
    all: tuple[CompiledCondition, ...]
    none: tuple[CompiledCondition, ...]
    scope: Scope

    @property
    def languages(self) -> frozenset[str]:
        """Only articles in these, where there are any."""
        return self.scope.languages

    @property
    def outlets(self) -> tuple[str, ...]:
        """Only articles of these hosts and their subdomains, where there are any."""
        return self.scope.outlets

    @property
    def facts_only(self) -> bool:
        """Whether what is denied, planned or long past does not count."""
        return self.scope.facts_only


def fires(watch: CompiledWatch, facts: Facts) -> bool:
    """Whether a watch fires: what must hold first, then what must not, then language and outlet."""
    return (
        all(condition.holds(facts) for condition in watch.all)
        and (not watch.any or any(condition.holds(facts) for condition in watch.any))
        and not any(condition.holds(facts) for condition in watch.none)
        and in_scope(watch.scope, facts)
    )


def in_scope(scope: Scope, facts: Facts) -> bool:
    """Whether an article has a language and an outlet that are taken."""
    return language_wanted(scope, facts) and outlet_wanted(scope, facts)


def language_wanted(watch: CompiledWatch | Scope, facts: Facts) -> bool:
    """Whether articles in this language are taken."""
    return not watch.languages or facts.enriched.language in watch.languages


def outlet_wanted(watch: CompiledWatch | Scope, facts: Facts) -> bool:
    """Whether articles from this outlet are taken: one that is named, or a subdomain of one."""
    outlet = facts.enriched.article.outlet.lower()
    return not watch.outlets or any(outlet == wanted or outlet.endswith(f".{wanted}") for wanted in watch.outlets)
