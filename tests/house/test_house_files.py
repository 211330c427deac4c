"""Rules about the tree itself: sizes, words that do not belong, skips with reasons, marks of service tests."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
ROOMS = ("newswatch", "agents", "streams")
MOST_LINES = 300
SERVICE_FIXTURES = {"real_kafka", "three_kafkas", "kafka_at_hand"}

# Written with a tilde inside each word, which is taken out, so that this file does not hold what it forbids.
FORBIDDEN = {
    what: re.compile(pattern.replace("~", ""))
    for what, pattern in {
        "the address of an index": r"\b(?:py~pi\.(?:org|python)|files\.python~hosted|npm~js\.org|repo1?\.maven\.)",
        "a path of one machine": r"(?<![\w.])/(?:wo~rk|root|home/\w+)/",
        "a note of unfinished work": r"\b(?:TO~DO|FIX~ME|XX~X)\b",
        "a method without a body": r"\bNotImplemented~Error\b",
        "a paper outside the repository": r"\bDES~IGN\b",
    }.items()
}


def own_files() -> list[Path]:
    """Every file of the tree that git keeps or would keep."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=REPOSITORY, capture_output=True, check=True).stdout.decode()
    return [REPOSITORY / name for name in listed.split("\0") if name and (REPOSITORY / name).is_file()]


def test_no_file_of_the_rooms_is_long() -> None:
    files = [path for room in ROOMS for path in (REPOSITORY / room).rglob("*.py")]
    assert len(files) > 20
    lengths = {str(path.relative_to(REPOSITORY)): len(path.read_text().splitlines()) for path in files}
    assert {name: lines for name, lines in lengths.items() if lines >= MOST_LINES} == {}


def test_no_file_is_named_for_nothing() -> None:
    vague = {"utils", "util", "helpers", "helper", "common", "misc"}
    assert [str(path.relative_to(REPOSITORY)) for path in own_files() if path.stem in vague] == []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    found = []
    for path in own_files():
        raw = path.read_bytes()
        if b"\0" in raw[:8_000]:  # a picture: its bytes may read as anything
            continue
        for number, line in enumerate(raw.decode(errors="replace").splitlines(), 1):
            if FORBIDDEN[what].search(line):
                found.append(f"{path.relative_to(REPOSITORY)}:{number}: {line.strip()[:120]}")
    assert found == []


def test_the_forbidden_words_would_be_seen() -> None:
    samples = (
        "https://py~pi.org/simple",
        "see /wo~rk/main/x",
        "# TO~DO: later",
        "raise NotImplemented~Error",
        "as DES~IGN says",
    )
    for sample, pattern in zip(samples, FORBIDDEN.values(), strict=True):
        assert pattern.search(sample.replace("~", "")), sample
    for harmless in ("https://example.org/wo~rk/1", "./wo~rk/x", "/wo~rkers/"):
        assert not FORBIDDEN["a path of one machine"].search(harmless.replace("~", "")), harmless


def parsed_tests() -> Iterator[tuple[str, ast.Module]]:
    for path in sorted((REPOSITORY / "tests").rglob("*.py")):
        yield str(path.relative_to(REPOSITORY)), ast.parse(path.read_text(), filename=str(path))


def skips_without_reason(tree: ast.AST) -> list[int]:
    """Lines of a skip or expected failure that does not say why."""
    told: set[int] = set()
    lines: list[int] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            told.add(id(node.func))
            if name not in ("pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.mark.xfail"):
                continue
            reasons = [keyword.value for keyword in node.keywords if keyword.arg in ("reason", "msg")]
            reasons += node.args[:1] if name in ("pytest.skip", "pytest.mark.skip") else []
            if not reasons or (isinstance(reasons[0], ast.Constant) and not reasons[0].value):
                lines.append(node.lineno)
        elif isinstance(node, ast.Attribute) and id(node) not in told:
            lines += [node.lineno] if ast.unparse(node) in ("pytest.mark.skip", "pytest.mark.xfail") else []
    return lines


def test_every_skip_says_why() -> None:
    assert [f"{name}:{line}" for name, tree in parsed_tests() for line in skips_without_reason(tree)] == []


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("pytest.skip()", [1]),
        ("pytest.skip('')", [1]),
        ("pytest.skip(why)", []),
        ("@pytest.mark.skip\ndef test(): ...", [1]),
        ("@pytest.mark.skipif(x)\ndef test(): ...", [1]),
        ("@pytest.mark.skipif(x, reason='no y here')\ndef test(): ...", []),
    ],
)
def test_a_skip_without_reason_would_be_seen(source: str, lines: list[int]) -> None:
    assert skips_without_reason(ast.parse(source)) == lines


def uses_service_unmarked(tree: ast.Module) -> list[str]:
    """Tests that ask for a fixture of a service and are not marked `services`, nor is their file or class."""
    names: list[str] = []

    def marked(nodes: list[ast.expr]) -> bool:
        return any("pytest.mark.services" in ast.unparse(node) for node in nodes)

    def look(body: list[ast.stmt], covered: bool) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                look(node.body, covered or marked(node.decorator_list))
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test"):
                asked = {argument.arg for argument in node.args.args + node.args.kwonlyargs}
                asked |= {
                    value.value
                    for decorator in node.decorator_list
                    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.usefixtures"
                    for value in decorator.args
                    if isinstance(value, ast.Constant)
                }
                if asked & SERVICE_FIXTURES and not covered and not marked(node.decorator_list):
                    names.append(node.name)

    whole_file = [
        node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and any(ast.unparse(target) == "pytestmark" for target in node.targets)
    ]
    look(tree.body, marked(whole_file))
    return names


def test_what_uses_a_service_is_marked_so() -> None:
    assert [f"{name}::{test}" for name, tree in parsed_tests() for test in uses_service_unmarked(tree)] == []


def test_an_unmarked_service_test_would_be_seen() -> None:
    unmarked = "def test_a(real_kafka): ...\n@pytest.mark.usefixtures('kafka_at_hand')\ndef test_b(): ..."
    marked = "@pytest.mark.services\ndef test_a(real_kafka): ..."
    assert uses_service_unmarked(ast.parse(unmarked)) == ["test_a", "test_b"]
    assert uses_service_unmarked(ast.parse(marked)) == []
    assert uses_service_unmarked(ast.parse("pytestmark = pytest.mark.services\n" + unmarked)) == []
