"""Secrets of endpoints: written in the settings, or where an environment variable or a file has them.

They are read when they are used, so that only the notifier needs them, and they are never shown.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, SecretStr
from pydantic_core import PydanticCustomError

from streams.errors import ConfigInvalid

_ENVIRONMENT = "env:"
_FILE = "file:"
_LONGEST_FILE = 64 * 1024


def _text(value: object) -> object:
    if isinstance(value, SecretStr):
        value = value.get_secret_value()
    if value is None:
        return value
    if not isinstance(value, str):  # the usual message would show it
        raise PydanticCustomError("plain", "a secret must be text: put it in quotes, or write env:NAME or file:PATH")
    if not value.removeprefix(_ENVIRONMENT).removeprefix(_FILE).strip():
        raise PydanticCustomError("plain", "a secret is empty: write it, or env:NAME, or file:PATH")
    return value


Secret = Annotated[SecretStr, BeforeValidator(_text)]
"""The secret itself, `env:NAME` or `file:PATH`."""


def literal(secret: SecretStr) -> str | None:
    """The secret where the settings themselves have it."""
    value = secret.get_secret_value()
    return None if value.startswith((_ENVIRONMENT, _FILE)) else value


def reveal(secret: SecretStr) -> str:
    """The secret itself; raises ConfigInvalid with one line where its variable or file is not there."""
    value = secret.get_secret_value()
    if value.startswith(_ENVIRONMENT):
        name = value.removeprefix(_ENVIRONMENT).strip()
        found = os.environ.get(name, "")
        if not found.strip():
            raise ConfigInvalid([f"the environment variable {name} holds no secret: set it for the notifier"])
        return found.strip()
    if value.startswith(_FILE):
        path = Path(value.removeprefix(_FILE).strip()).expanduser()
        try:
            with path.open(encoding="utf-8") as file:
                found = file.read(_LONGEST_FILE).strip()
        except (OSError, UnicodeDecodeError) as error:
            why = (error.strerror or str(error)).lower() if isinstance(error, OSError) else "it is no text"
            raise ConfigInvalid([f"the secret file {path} cannot be read ({why}): check its path and rights"]) from None
        if not found:
            raise ConfigInvalid([f"the secret file {path} is empty: write the secret into it"])
        return found
    return value.strip()


def beside(secret: SecretStr, base: Path) -> SecretStr:
    """The same secret with the path of its file made absolute from `base`."""
    value = secret.get_secret_value()
    if not value.startswith(_FILE):
        return secret
    return SecretStr(_FILE + str(base / Path(value.removeprefix(_FILE).strip()).expanduser()))


def without(text: str, *secrets: str) -> str:
    """One line of text in which none of the secrets can be read."""
    for secret in sorted((one for one in secrets if len(one) > 3), key=len, reverse=True):
        text = text.replace(secret, "…")
    return " ".join(text.split())[:500]
