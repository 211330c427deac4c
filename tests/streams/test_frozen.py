"""Records that are made sooner are frozen dataclasses in all else."""

from __future__ import annotations

import inspect
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace

import pytest

from streams.frozen import soon_made


@soon_made
@dataclass(frozen=True, slots=True)
class Town:
    """A record."""

    name: str
    people: int = 0
    names: tuple[str, ...] = ()
    near: list[str] = field(default_factory=list, compare=False)


def test_it_is_made_with_places_names_and_defaults() -> None:
    assert Town("Homs") == Town(name="Homs", people=0, names=())
    assert Town("Homs", 7, near=["Hama"]).near == ["Hama"]
    assert Town("Homs").near is not Town("Homs").near
    assert type(Town("Homs")) is Town
    assert [one.name for one in fields(Town)] == ["name", "people", "names", "near"]
    assert list(inspect.signature(Town).parameters) == ["name", "people", "names", "near"]


def test_it_stays_frozen() -> None:
    town = Town("Homs")
    with pytest.raises(FrozenInstanceError):
        town.name = "Hama"  # type: ignore[misc]
    with pytest.raises(FrozenInstanceError):
        del town.people
    with pytest.raises((AttributeError, TypeError)):  # Python 3.11 says so by mistake
        town.mayor = "nobody"  # type: ignore[attr-defined]


def test_what_is_missing_is_told() -> None:
    with pytest.raises(TypeError, match="name"):
        Town()  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="mayor"):
        Town("Homs", mayor="nobody")  # type: ignore[call-arg]


def test_it_is_equal_hashed_changed_shown_and_pickled_as_before() -> None:
    town = Town("Homs", 7, ("Emesa",), ["Hama"])
    assert town == Town("Homs", 7, ("Emesa",))
    assert town != Town("Homs", 8, ("Emesa",))
    assert hash(town) == hash(Town("Homs", 7, ("Emesa",)))
    assert replace(town, people=8) == Town("Homs", 8, ("Emesa",))
    assert repr(town) == "Town(name='Homs', people=7, names=('Emesa',), near=['Hama'])"
    again = pickle.loads(pickle.dumps(town))
    assert type(again) is Town
    assert (again, again.near) == (town, ["Hama"])


def test_other_classes_are_refused() -> None:
    with pytest.raises(TypeError, match="Loose"):

        @soon_made
        @dataclass(slots=True)
        class Loose:
            name: str
