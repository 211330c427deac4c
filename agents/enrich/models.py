"""spaCy models as packages: which are installed, and installing one more into the running environment."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path

import spacy

from streams.errors import TakingInRefused

RELEASES = "https://github.com/explosion/spacy-models/releases/download"
"""spaCy's own releases of models: `NAME-VERSION/NAME-VERSION-py3-none-any.whl` under it."""
_NAME = re.compile(r"[a-z]{2,3}(_[a-z0-9]+)+")
_VERSION = re.compile(r"\d+(\.\d+)*")
_WHEEL = re.compile(r"(?P<name>[a-z0-9_]+)-(?P<version>[\d.]+)-.*\.whl")
_INSTALL_SECONDS = 1_800
_SPACY = version_of("spacy")
_PIP_ERROR = re.compile(r"^\s*(?:ERROR|error|×|╰─▶)[:\s]*(.+)$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Model:
    """An installed model."""

    package: str
    version: str
    language: str
    """ISO 639-1, as in the settings."""
    recognises: tuple[str, ...]
    """The labels of its named-entity recogniser; none where it has no such part."""


def installed_models() -> list[Model]:
    """The models of the running environment, by name."""
    found = []
    for name in sorted(spacy.util.get_installed_models()):
        meta = spacy.util.get_model_meta(_folder(name))
        labels = meta.get("labels", {}).get("ner", ())
        found.append(Model(name, meta["version"], meta["lang"], tuple(sorted(labels))))
    return found


def _folder(name: str) -> Path:
    """Where a model's package keeps its `meta.json` and `config.cfg`."""
    folder = Path(spacy.util.get_package_path(name))
    return next((path.parent for path in sorted(folder.rglob("config.cfg"))), folder)


def package_of(name: str, packages: list[str] | None = None) -> str:
    """The installed package that a name in the settings means; the name itself where none does.

    A model that another distribution repacks keeps the model's name as its beginning.
    """
    known = packages if packages is not None else list(spacy.util.get_installed_models())
    if name in known:
        return name
    return next((model for model in known if model.startswith(name + "_")), name)


def add_model(name: str, *, version: str | None, address: str) -> Model:
    """Install a model (or a wheel of one) unless it is installed, and check that it loads and recognises names.

    The package index of the environment's own settings is asked first, then spaCy's releases at `address`. Raises
    ValueError for what is no model's name, TakingInRefused where it cannot be had or is of no use.
    """
    wheel = Path(name) if name.endswith(".whl") else None
    if wheel is not None:
        parts = _WHEEL.fullmatch(wheel.name)
        if parts is None or not wheel.is_file():
            raise ValueError(
                f"{name} is no wheel of a model; give its file, such as de_core_news_md-3.8.0-py3-none-any.whl"
            )
        package = parts["name"]
    else:
        package = name.replace("-", "_")
    if not _NAME.fullmatch(package):
        raise ValueError(f"{name!r} is no name of a spaCy model; it is written such as de_core_news_md")
    if version is not None and not _VERSION.fullmatch(version):
        raise ValueError(f"{version!r} is no version; it is written such as 3.8.0")
    if wheel is not None:
        _install(package, [str(wheel)])
    elif importlib.util.find_spec(package) is None or version is not None:
        series = ".".join(_SPACY.split(".")[:2])
        released = version or f"{series}.0"
        wanted = f"{package}=={version}" if version else f"{package}=={series}.*"
        release = f"{address.rstrip('/')}/{package}-{released}/{package}-{released}-py3-none-any.whl"
        _install(package, [wanted], [f"{package} @ {release}"])
    return _checked(package)


def _install(package: str, *ways: list[str]) -> None:
    """Install in the first of the ways that works."""
    installer = _installer()
    refused = []
    with tempfile.TemporaryDirectory(prefix="newswatch-") as folder:
        fixed = Path(folder) / "constraints.txt"
        fixed.write_text(f"spacy=={_SPACY}\n", encoding="utf-8")  # a model must not change what reads it
        for way in ways:
            try:
                ended = subprocess.run(
                    [*installer, "--only-binary", ":all:", "--constraint", str(fixed), *way],
                    capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False,
                )  # fmt: skip
            except (OSError, subprocess.TimeoutExpired) as error:
                refused.append(str(error))
                continue
            if ended.returncode == 0:
                return
            told = _PIP_ERROR.findall(ended.stderr) or ended.stderr.strip().splitlines() or ["no reason was given"]
            what = "cannot be reached" if "Max retries exceeded" in told[-1] else " ".join(told[-1].split())
            refused.append(f"{way[0].rpartition(' @ ')[2]}: {what}")
    raise TakingInRefused(
        f"{package} cannot be installed ({'; '.join(refused)}); check its name and the network, "
        "or fetch its wheel elsewhere and give the file"
    )


def _installer() -> list[str]:
    if importlib.util.find_spec("pip") is not None:
        return [sys.executable, "-m", "pip", "install", "--quiet", "--no-input", "--disable-pip-version-check",
                "--retries", "1"]  # fmt: skip
    uv = shutil.which("uv")
    if uv is None:
        raise TakingInRefused("neither pip nor uv is installed here; install one of them to add models")
    return [uv, "pip", "install", "--quiet", "--python", sys.executable]


_CHECK = """
import json, sys, spacy
nlp = spacy.load(sys.argv[1])
parts = [nlp.get_pipe(name) for name in ("ner", "entity_ruler") if name in nlp.pipe_names]
labels = sorted({label for part in parts for label in part.labels})
if labels:
    nlp("Paris")
print(json.dumps({"version": nlp.meta["version"], "language": nlp.lang, "labels": labels}))
"""


def _checked(package: str) -> Model:
    """The model, loaded in a process of its own: this one may have looked for it before it was there."""
    ended = subprocess.run(
        [sys.executable, "-c", _CHECK, package], capture_output=True, text=True, timeout=_INSTALL_SECONDS, check=False
    )
    if ended.returncode != 0:
        told = (ended.stderr.strip().splitlines() or ["no reason was given"])[-1]
        raise TakingInRefused(f"{package} is installed and does not load: {' '.join(told.split())}")
    told_of = json.loads(ended.stdout.strip().splitlines()[-1])
    if not told_of["labels"]:
        raise TakingInRefused(f"{package} is installed and recognises no names: choose a model with an `ner` part")
    return Model(package, told_of["version"], told_of["language"], tuple(told_of["labels"]))
