"""The image: sound by hadolint, small, without root; and newswatch runs where its root cannot be written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from dockerfile_parse import DockerfileParser
from queries import DEPLOY
from without_service import without_service

from agents.names.knowledge import load_knowledge
from newswatch.settings import Settings

sys.path.insert(0, str(Path(__file__).parents[1] / "e2e"))
from house import Entry, House, Loopback, rss

REPOSITORY = DEPLOY.parent
DOCKERFILE = DEPLOY / "Dockerfile"
PINNED = re.compile(r"^python:3\.\d+\.\d+-slim$")


def stages() -> list[list[tuple[str, str]]]:
    """The instructions of each stage, in order, as (name, value)."""
    found: list[list[tuple[str, str]]] = []
    for one in DockerfileParser(path=str(DOCKERFILE)).structure:
        if one["instruction"] == "FROM":
            found.append([])
        if one["instruction"] != "COMMENT":
            found[-1].append((one["instruction"], one["value"]))
    return found


def test_hadolint_finds_no_fault() -> None:
    tool = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([tool, "--no-color", DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_hadolint_would_see_a_fault(tmp_path: Path) -> None:
    tool = Path(sys.executable).with_name("hadolint")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE.read_text().replace("USER 10001:10001", "USER root"))
    done = subprocess.run([tool, "--no-color", tmp_path / "Dockerfile"], capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "USER should not be root" in done.stdout


def test_what_builds_stays_behind() -> None:
    built, kept = stages()
    bases = [value.split() for name, value in (*built, *kept) if name == "FROM"]
    assert bases == [[bases[0][0], "AS", "built"], [bases[0][0]]]
    assert PINNED.match(bases[0][0])
    copies = [value.split() for name, value in kept if name == "COPY"]
    assert copies == [["--from=built", "/opt/newswatch", "/opt/newswatch"]]
    assert not any("pip" in value for _, value in kept)


def test_it_runs_as_nobody_special() -> None:
    _, kept = stages()
    (user,) = [value for name, value in kept if name == "USER"]
    number, _, group = user.partition(":")
    assert int(number) == int(group) > 0
    order = [name for name, _ in kept]
    assert order.index("USER") > order.index("COPY")  # what it runs belongs to root: it cannot change itself
    (made,) = [value for name, value in kept if name == "RUN" and "useradd" in value]
    assert f"--uid {number}" in made


def test_an_archive_in_postgresql_can_be_backed_up_from_it() -> None:
    _, kept = stages()
    order = [name for name, _ in kept]
    (at,) = [at for at, (name, value) in enumerate(kept) if name == "RUN" and "postgresql-client" in value]
    assert at < order.index("USER")
    assert "rm -rf /var/lib/apt/lists/*" in kept[at][1]


def test_it_installs_the_committed_lock_and_nothing_else() -> None:
    built, _ = stages()
    installs = [value for name, value in built if name == "RUN" and " install " in value]
    from_lock, of_project = installs
    assert from_lock.endswith("install --require-hashes --only-binary :all: -r requirements.lock")
    assert of_project.endswith("install --no-deps --no-build-isolation .")
    copies = [value.split()[:-1] for name, value in built if name == "COPY"]
    let_through = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    assert copies[0] == ["requirements.lock"]
    for source in (source for copied in copies for source in copied):
        assert (REPOSITORY / source).exists(), source
        assert f"!{source}" in let_through, source
    tracked = subprocess.run(["git", "ls-files", "requirements.lock"], cwd=REPOSITORY, capture_output=True, check=True)
    assert tracked.stdout.strip() == b"requirements.lock"


def test_names_and_models_are_read_where_they_were_left() -> None:
    built, kept = stages()
    homes = [
        re.search(r"XDG_CACHE_HOME=(\S+)", " ".join(value for name, value in stage if name == "ENV"))
        for stage in (built, kept)
    ]
    assert homes[0] is not None
    assert homes[1] is not None
    assert homes[0].group(1) == homes[1].group(1)
    assert homes[0].group(1).startswith("/opt/newswatch/")
    tried = [value for name, value in built if name == "RUN" and "newswatch enrich" in value]
    assert len(tried) == 1
    assert "chmod -R a+rX /opt/newswatch" in tried[0]  # temporary files are their maker's alone


_READ_ONLY = (
    "mount --make-rprivate / && mount --bind {kept} {kept} && mount --bind {cache} {cache} && "
    "mount -o remount,bind,ro {cache} && mount -o remount,bind,ro / && "
    '! touch /written {cache}/written 2>/dev/null && exec "$@"'
)


@pytest.mark.services
@pytest.mark.timeout(300)
async def test_it_runs_where_only_the_data_directory_can_be_written(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        without_service("MOUNTS", "a read-only root is made by mount(8) in a namespace of its own, as root")
    cache = Settings().cache_dir()
    load_knowledge((), cache)  # as it is in the image
    text = "Un convoi a pris lundi la route reliant Alep à Khanasser et Athriya."
    async with Loopback().serving() as loopback:
        loopback.feeds["sample.xml"] = rss([Entry("convoy", "Un convoi attendu", text)])
        house = House(tmp_path / "house", loopback)
        mounted = _READ_ONLY.format(kept=house.directory, cache=cache)
        data = str(house.directory)
        homes = {"HOME": data, "TMPDIR": data, "XDG_CACHE_HOME": str(cache.parent)}
        async with house.running(homes, ["unshare", "--mount", "sh", "-c", mounted, "sh"]):
            await house.until(lambda: loopback.received, 200, "a delivered alert")
