"""Apache Kafka's jars from Maven Central, fetched once into a cache outside the repository."""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
_LEAST_JAVA = 17
_FETCH_SECONDS = 600


class KafkaUnavailable(Exception):
    """Kafka cannot be had here: no Java, no Maven, or Maven Central out of reach; `str(error)` is one line."""


def java() -> str:
    """The `java` that runs the broker, of `JAVA_HOME` or the path; raises KafkaUnavailable when older than 17."""
    home = os.environ.get("JAVA_HOME", "")
    program = str(Path(home, "bin", "java")) if home else shutil.which("java")
    if not program or not Path(program).exists():
        raise KafkaUnavailable(f"no java found; Kafka needs a JDK {_LEAST_JAVA} or later")
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False, timeout=60).stderr
    major = re.search(r'version "(\d+)', told)
    if major is None or int(major[1]) < _LEAST_JAVA:
        raise KafkaUnavailable(f"{program} is too old; Kafka needs a JDK {_LEAST_JAVA} or later")
    return program


def cache_directory(pom: Path = POM) -> Path:
    """Where the jars of this pom rest: a name of its own for every content of the pom."""
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "newswatch" / "kafka" / hashlib.sha256(pom.read_bytes()).hexdigest()[:16]


def kafka_jars(pom: Path = POM) -> Path:
    """The directory of jars, fetched when it is not there yet; raises KafkaUnavailable.

    The jars appear under their final name all at once, so a fetch that is cut short or runs twice at the same
    time leaves nothing half done behind.
    """
    jars = cache_directory(pom)
    if jars.is_dir():
        return jars
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailable("no mvn found; Kafka's jars come by Maven")
    jars.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".fetching-", dir=jars.parent) as workshop:
        fetched = Path(workshop, "jars")
        _fetch(maven, pom, fetched)
        with contextlib.suppress(OSError):  # another process was quicker; its jars are the same
            fetched.rename(jars)
    return jars


def _fetch(maven: str, pom: Path, into: Path) -> None:
    command = [
        maven,
        "--batch-mode",
        "--no-transfer-progress",
        "--quiet",
        "--strict-checksums",
        f"--file={pom}",
        "dependency:copy-dependencies",
        "-DincludeScope=runtime",
        f"-DoutputDirectory={into}",
    ]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_FETCH_SECONDS)
    except subprocess.TimeoutExpired as error:
        raise KafkaUnavailable(f"Maven gave no answer within {_FETCH_SECONDS} s") from error
    if done.returncode != 0 or not any(into.glob("kafka_2.13-*.jar")):
        lines = [line for line in done.stdout.splitlines() if "ERROR" in line]
        raise KafkaUnavailable(f"Maven could not fetch Kafka: {lines[0] if lines else done.stdout[-200:]!r}")
