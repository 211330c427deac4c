"""Fetching a country's dump from GeoNames."""

from __future__ import annotations

import shutil
import tempfile
import urllib.error
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

from streams.errors import TakingInRefused

ADDRESS = "https://download.geonames.org/export/dump/"
"""Where GeoNames keeps its daily dumps, a zip file a country."""
_TIMEOUT_SECONDS = 30.0
_CHUNK = 1 << 16
_MOST_BYTES = 2 << 30

Fetched = Callable[[int, int | None], None]
"""Told of the bytes fetched so far, and of all where they are known."""


def download_country(country: str, folder: Path, *, address: str, user_agent: str, fetched: Fetched) -> Path:
    """Fetch the dump of a country (ISO 3166-1 alpha-2) into a folder.

    Raises TakingInRefused, in one line that says what to do instead, where there is no network or no such dump.
    """
    target = f"{address.rstrip('/')}/{country}.zip"
    if urlsplit(target).scheme not in ("http", "https"):
        raise TakingInRefused(f"{address} is no http or https address")
    file = folder / f"{country}.zip"
    instead = f"fetch it elsewhere and give the file: newswatch gazetteer import {country}.zip"
    try:
        request = urllib.request.Request(target, headers={"User-Agent": user_agent})  # noqa: S310 - http or https
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            length = answer.headers.get("Content-Length", "")
            total = int(length) if length.isdecimal() else None
            done = 0
            with tempfile.NamedTemporaryFile(dir=folder) as part:
                while chunk := answer.read(_CHUNK):
                    part.write(chunk)
                    done += len(chunk)
                    if done > _MOST_BYTES:
                        raise TakingInRefused(f"{target} is larger than {_MOST_BYTES >> 30} GB; {instead}")
                    fetched(done, total)
                if total is not None and done < total:
                    raise TakingInRefused(f"{target} broke off after {done:,} of {total:,} bytes; try again")
                part.flush()
                shutil.copyfile(part.name, file)
    except urllib.error.HTTPError as error:
        if error.code == 404:
            raise TakingInRefused(f"GeoNames has no dump of {country} ({target} is not found)") from error
        raise TakingInRefused(f"{target} answered {error.code} {error.reason}; {instead}") from error
    except (OSError, HTTPException, ValueError) as error:
        reason = getattr(error, "reason", None) or error
        raise TakingInRefused(f"{target} cannot be fetched ({reason}); {instead}") from error
    return file
