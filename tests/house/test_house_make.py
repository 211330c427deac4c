"""Makefile, .ci/run and the scripts under them: what they call, and what they do when something is wrong."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]


def program(path: Path, body: str) -> None:
    """Write a small shell program."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(0o755)


def dry_run(target: str) -> str:
    return subprocess.run(
        ["make", "--dry-run", target], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout


def test_make_test_checks_and_runs_everything_but_services() -> None:
    said = dry_run("test")
    for part in (
        "ruff check .",
        "ruff format --check .",
        "-m mypy",
        "lint-imports",
        '-m "not services and not long and not slow"',
    ):
        assert part in said, part
    assert "install_services" not in said


def test_make_test_services_installs_and_runs_just_the_rest() -> None:
    said = dry_run("test-services")
    beside, alone = said.index('-m "(services or slow) and not long"'), said.index("-m pytest -m long")
    assert said.index("scripts/install_services.sh") < beside < alone


def test_the_two_test_targets_look_at_the_whole_of_tests() -> None:
    for target in ("test", "test-services"):
        lines = [line for line in dry_run(target).splitlines() if "-m pytest" in line]
        assert lines
        for line in lines:
            assert "tests/" not in line
            assert "--ignore" not in line
            assert " -k " not in line


def test_help_lists_the_targets_that_people_use() -> None:
    said = subprocess.run(["make", "help"], cwd=REPOSITORY, capture_output=True, text=True, check=True).stdout
    for target in ("demo", "test", "test-services", "lint", "bench", "lock", "clean"):
        assert f"make {target} " in said, target


@pytest.mark.parametrize(("failing", "code"), [("", 0), ("test", 1), ("test-services", 1), ("test test-services", 1)])
def test_ci_runs_both_targets_and_fails_when_either_fails(tmp_path: Path, failing: str, code: int) -> None:
    shutil.copytree(REPOSITORY / ".ci", tmp_path / "house" / ".ci")
    calls = tmp_path / "calls"
    program(
        tmp_path / "bin" / "make",
        f'echo "$1 CI=$CI" >> {calls}\nfor name in {failing}; do [ "$1" != "$name" ] || exit 2; done\n! read -r line',
    )
    environment = {"PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}
    ran = subprocess.run(
        [tmp_path / "house" / ".ci" / "run"],
        env=environment,
        stdin=subprocess.PIPE,  # never answered: nothing may wait for a person
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )
    assert calls.read_text().splitlines() == ["test CI=true", "test-services CI=true"]
    assert ran.returncode == code, ran.stderr


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A house of its own, whose Pythons are recorded stand-ins that hand their questions to the real one."""
    house = tmp_path / "house"
    (house / "scripts").mkdir(parents=True)
    shutil.copy(REPOSITORY / "scripts" / "environment.sh", house / "scripts")
    for name in ("requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        (house / name).write_text("a==1\n")
    inside = tmp_path / "inside"
    program(inside, f'case "$*" in *pip?install*) echo "$*" >> {tmp_path}/pip ;; *) exec {sys.executable} "$@" ;; esac')
    program(
        tmp_path / "bin" / "python3.12",
        f'if [ "$2" = venv ]; then echo made >> {tmp_path}/made; mkdir -p .venv/bin; cp {inside} .venv/bin/python\n'
        f'else exec {sys.executable} "$@"; fi',
    )
    for missing in ("python3.13", "python3.11", "python3", "python"):  # too old, or a name without an interpreter
        program(tmp_path / "bin" / missing, "exit 1")
    return house


def environment(house: Path, kind: str = "dev", **variables: str) -> subprocess.CompletedProcess[str]:
    path = f"{house.parent / 'bin'}:/usr/bin:/bin"
    return subprocess.run(
        [house / "scripts" / "environment.sh", kind],
        env={"PATH": path, **variables},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []


def test_the_environment_takes_the_python_that_suits(house: Path) -> None:
    ran = environment(house)
    assert ran.returncode == 0, ran.stderr
    assert "(python3.12)" in ran.stderr
    assert ran.stdout == ""
    from_lock, of_project = lines(house.parent / "pip")
    assert "--require-hashes" in from_lock
    assert from_lock.endswith("-r requirements-dev.lock")
    assert "--no-deps --no-build-isolation --editable ." in of_project


def test_without_a_suitable_python_there_is_one_clear_line(house: Path) -> None:
    program(house.parent / "bin" / "python3.12", "exit 1")
    ran = environment(house)
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert "no suitable Python" in line
    assert "3.11, 3.12 or 3.13" in line
    assert not (house / ".venv").exists()


def test_the_environment_is_renewed_only_when_what_it_rests_on_changes(house: Path) -> None:
    def installs() -> int:
        assert environment(house).returncode == 0
        return len(lines(house.parent / "pip")) // 2

    assert [installs(), installs()] == [1, 1]
    for number, name in enumerate(("requirements-dev.lock", "pyproject.toml"), 2):
        (house / name).write_text("b==2\n")
        assert [installs(), installs()] == [number, number]
    (house / "requirements.lock").write_text("c==3\n")  # of no concern to the environment for tests
    assert installs() == 3
    assert lines(house.parent / "made") == ["made"]


def test_what_the_tests_need_serves_the_demo_too(house: Path) -> None:
    assert environment(house, "dev").returncode == 0
    assert environment(house, "run").returncode == 0
    assert len(lines(house.parent / "pip")) == 2


def test_an_installation_that_was_cut_short_is_done_again(house: Path) -> None:
    program(house.parent / "inside", f'case "$*" in *pip?install*) exit 1 ;; *) exec {sys.executable} "$@" ;; esac')
    assert environment(house).returncode != 0
    assert not list((house / ".venv").glob("installed-*"))


def test_a_moved_house_gets_a_new_environment(house: Path) -> None:
    assert environment(house).returncode == 0
    moved = house.rename(house.parent / "moved")
    assert environment(moved).returncode == 0
    assert lines(house.parent / "made") == ["made", "made"]


def test_a_broken_environment_is_made_again(house: Path) -> None:
    assert environment(house).returncode == 0
    program(house / ".venv" / "bin" / "python", "exit 127")
    assert environment(house).returncode == 0
    assert lines(house.parent / "made") == ["made", "made"]


def test_the_services_script_asks_for_nothing_where_all_is_there(tmp_path: Path) -> None:
    program(tmp_path / "java", "echo 'openjdk version \"21.0.1\" 2023-10-17' >&2")
    program(tmp_path / "mvn", "exit 0")
    for there in (
        "prometheus-alertmanager",
        "postgres",
        "pg_dump",
        "prometheus",
        "promtool",
        "kcat",
        "ip",
        "systemd-analyze",
    ):
        program(tmp_path / there, "exit 0")
    program(tmp_path / "apt-get", "echo apt-get was called; exit 1")
    for there in ("node", "npm", "chromium"):
        program(tmp_path / there, f"echo {there} was called; exit 1")
    axe = tmp_path / ".cache/newswatch/npm/axe-core@4.11.0/node_modules/axe-core/axe.min.js"
    axe.parent.mkdir(parents=True)
    axe.touch()
    ran = subprocess.run(
        [REPOSITORY / "scripts" / "install_services.sh"],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin", "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stdout) == (0, "")
    assert "Java 21" in ran.stderr


def test_the_services_script_installs_what_is_missing_or_too_old(tmp_path: Path) -> None:
    program(tmp_path / "java", "echo 'openjdk version \"11.0.2\" 2019-01-15' >&2")
    program(tmp_path / "id", "echo 0")
    program(tmp_path / "apt-cache", "exit 0")
    program(tmp_path / "apt-get", f'echo "$*" >> {tmp_path}/apt')
    program(tmp_path / "ls", "exit 2")  # nothing below /usr/lib/postgresql
    for tool in ("sed", "head"):
        (tmp_path / tool).symlink_to(shutil.which(tool) or tool)
    ran = subprocess.run(
        ["/bin/sh", REPOSITORY / "scripts" / "install_services.sh"],
        env={"PATH": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    update, install = lines(tmp_path / "apt")
    assert update.startswith("update")
    for package in ("openjdk-17-jdk-headless", "maven", "prometheus-alertmanager", "postgresql", "prometheus", "kcat"):
        assert package in install.split()
