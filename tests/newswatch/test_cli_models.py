"""`newswatch models list|add`, with small models of our own in wheels, from a folder and from a server."""

from __future__ import annotations

import functools
import json
import os
import subprocess
import sys
import threading
import zipfile
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import spacy

pytestmark = pytest.mark.slow

VERSION = f"{spacy.__version__.rpartition('.')[0]}.0"


def a_wheel(folder: Path, package: str, *, recognises: bool = True) -> Path:
    """A model of a blank language that knows one place by a rule, as a wheel."""
    nlp = spacy.blank("nl")
    nlp.meta.update(name=package.partition("_")[2], version=VERSION)
    if recognises:
        nlp.add_pipe("entity_ruler").add_patterns([{"label": "GPE", "pattern": "Zwyqq"}])  # type: ignore[attr-defined]
    data = folder / f"{package}-data"
    nlp.to_disk(data)
    wheel = folder / f"{package}-{VERSION}-py3-none-any.whl"
    init = (
        "from pathlib import Path\nfrom spacy.util import load_model_from_init_py, get_model_meta\n"
        f"__version__ = '{VERSION}'\n"
        "def load(**overrides):\n    return load_model_from_init_py(__file__, **overrides)\n"
    )
    inner = f"{package}/{package}-{VERSION}"
    about = f"{package}-{VERSION}.dist-info"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr(f"{package}/__init__.py", init)
        packed.writestr(f"{package}/meta.json", (data / "meta.json").read_text("utf-8"))
        for file in data.rglob("*"):
            if file.is_file():
                packed.write(file, f"{inner}/{file.relative_to(data)}")
        packed.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {VERSION}\n")
        packed.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        packed.writestr(f"{about}/entry_points.txt", f"[spacy_models]\n{package} = {package}\n")
        packed.writestr(f"{about}/RECORD", "")
    return wheel


@pytest.fixture
def aside(tmp_path: Path) -> dict[str, str]:
    """An environment whose packages go to a folder of the test and come from no index."""
    target = tmp_path / "packages"
    return {
        **os.environ, "PIP_TARGET": str(target), "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path / "wheels"),
        "PYTHONPATH": str(target), "NEWSWATCH_MODELS": "http://127.0.0.1:9/releases",
    }  # fmt: skip


def newswatch(*arguments: str, env: dict[str, str], folder: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "newswatch", "models", *arguments], capture_output=True, text=True, timeout=300,
        check=False, env=env, cwd=folder,
    )  # fmt: skip


def test_a_model_of_the_index_is_installed_checked_and_explained(tmp_path: Path, aside: dict[str, str]) -> None:
    (tmp_path / "wheels").mkdir()
    a_wheel(tmp_path / "wheels", "nl_zwyqq_news_sm")
    told = newswatch("add", "nl-zwyqq-news-sm", env=aside, folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert told.stdout.splitlines() == [
        f"nl_zwyqq_news_sm {VERSION} is installed and recognises GPE",
        "to use it, write in the settings under enrich.models: nl: nl_zwyqq_news_sm",
    ]
    rows = [json.loads(row) for row in newswatch("list", "--json", env=aside, folder=tmp_path).stdout.splitlines()]
    found = next(row for row in rows if row["model"] == "nl_zwyqq_news_sm")
    assert (found["version"], found["language"], found["used_for"]) == (VERSION, "nl", None)
    again = newswatch("add", "nl_zwyqq_news_sm", env={**aside, "PIP_FIND_LINKS": "/nowhere"}, folder=tmp_path)
    assert (again.returncode, again.stdout) == (0, told.stdout)


@pytest.fixture
def releases(tmp_path: Path) -> Iterator[str]:
    """A server that has one release, laid out as spaCy's releases are."""
    folder = tmp_path / "served" / f"nl_zwyqq_web_sm-{VERSION}"
    folder.mkdir(parents=True)
    a_wheel(folder, "nl_zwyqq_web_sm")

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path / "served")))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_a_model_the_index_has_not_comes_from_the_releases(
    tmp_path: Path, aside: dict[str, str], releases: str
) -> None:
    told = newswatch("add", "nl_zwyqq_web_sm", "--address", releases, env=aside, folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"nl_zwyqq_web_sm {VERSION} is installed")


def test_a_wheel_from_a_file_is_installed(tmp_path: Path, aside: dict[str, str]) -> None:
    wheel = a_wheel(tmp_path, "nl_zwyqq_file_sm")
    told = newswatch("add", wheel.name, env=aside, folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert told.stdout.startswith(f"nl_zwyqq_file_sm {VERSION} is installed")


def test_what_cannot_be_had_is_one_clear_line(tmp_path: Path, aside: dict[str, str]) -> None:
    told = newswatch("add", "nl_zwyqq_none_sm", env=aside, folder=tmp_path)
    assert (told.returncode, told.stdout) == (1, "")
    *_, line = told.stderr.splitlines()
    assert line.startswith("nl_zwyqq_none_sm cannot be installed (nl_zwyqq_none_sm==")
    assert "No matching distribution found" in line
    assert "-py3-none-any.whl: cannot be reached)" in line
    assert f"http://127.0.0.1:9/releases/nl_zwyqq_none_sm-{VERSION}/" in line
    assert line.endswith("or fetch its wheel elsewhere and give the file")
    assert len(told.stderr.splitlines()) == 2  # and the line that says what is being done


def test_a_model_that_recognises_nothing_is_refused(tmp_path: Path, aside: dict[str, str]) -> None:
    wheel = a_wheel(tmp_path, "nl_zwyqq_dumb_sm", recognises=False)
    told = newswatch("add", wheel.name, env=aside, folder=tmp_path)
    assert told.returncode == 1
    assert told.stderr.splitlines()[-1] == (
        "nl_zwyqq_dumb_sm is installed and recognises no names: choose a model with an `ner` part"
    )


@pytest.mark.parametrize("name", ["nl", "../evil", "requests; rm", "--target", "https://example.org/x_y", "X_Y"])
def test_what_is_no_model_name_is_usage(name: str, tmp_path: Path, aside: dict[str, str]) -> None:
    told = newswatch("add", "--", name, env=aside, folder=tmp_path)
    assert told.returncode == 2
    assert "is no name of a spaCy model" in " ".join(told.stderr.replace("│", " ").split())


def test_models_are_listed_with_what_the_settings_use_them_for(tmp_path: Path, aside: dict[str, str]) -> None:
    told = newswatch("list", env=aside, folder=tmp_path)
    assert told.returncode == 0
    assert "fr_core_news_md" in told.stdout
    assert "used for fr" in told.stdout
