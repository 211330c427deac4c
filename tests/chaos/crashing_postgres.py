"""A PostgreSQL of one's own on loopback, from the system's programs, that can be killed and started again."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

from streams.broker import free_port

_HOMES = ("/usr/lib/postgresql", "/usr/pgsql", "/usr/local/pgsql")
_START_SECONDS = 60.0
_SETTINGS = """
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 40
shared_buffers = 64MB
"""


def postgres_programs() -> Path | None:
    """The directory of the newest PostgreSQL's programs, or None where there is none."""
    found = [path for home in _HOMES for path in Path(home).glob("*/bin/postgres")]
    on_path = shutil.which("postgres")
    if found:
        return max(found, key=lambda path: float(path.parents[1].name)).parent
    return Path(on_path).parent if on_path else None


class CrashingPostgres:
    """The server; it never runs as root, so under root it runs as `postgres`."""

    def __init__(self, programs: Path) -> None:
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="newswatch-postgres-"))
        self._data = self._folder / "data"
        self._log = self._folder / "log"
        self._as: dict[str, Any] = {}
        if os.geteuid() == 0:
            user = pwd.getpwnam("postgres")
            self._as = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
            os.chown(self._folder, user.pw_uid, user.pw_gid)
        self._run("initdb", "-D", self._data, "-U", "newswatch", "-A", "trust", "-E", "UTF8", "--no-locale")
        with (self._data / "postgresql.conf").open("a", encoding="utf-8") as file:
            file.write(_SETTINGS)
        self.port = free_port()
        self._server: subprocess.Popen[bytes] | None = None
        self.start()
        self._run("createdb", "-h", "127.0.0.1", "-p", self.port, "-U", "newswatch", "newswatch")

    @property
    def url(self) -> str:
        """Its address for the archive."""
        return f"postgresql+psycopg://newswatch@127.0.0.1:{self.port}/newswatch"

    def start(self) -> float:
        """Start it and wait until it takes connections; seconds that took, the recovery from a crash included."""
        began = time.monotonic()
        with self._log.open("ab") as log:
            program = [str(self._programs / "postgres"), "-D", str(self._data), "-p", str(self.port)]
            self._server = subprocess.Popen(program, stdout=log, stderr=log, cwd="/", **self._as)
        ready = [str(self._programs / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        while subprocess.run(ready, check=False, cwd="/").returncode != 0:
            if self._server.poll() is not None or time.monotonic() - began > _START_SECONDS:
                raise RuntimeError(f"PostgreSQL did not start: {self._log.read_text('utf-8', 'replace')[-2000:]}")
            time.sleep(0.05)
        return time.monotonic() - began

    def kill(self) -> None:
        """End all its processes at once, by SIGKILL."""
        assert self._server is not None
        mother = psutil.Process(self._server.pid)
        family = [*mother.children(recursive=True), mother]
        for process in reversed(family):
            try:
                process.kill()
            except psutil.NoSuchProcess:
                continue
        psutil.wait_procs(family, timeout=30)
        self._server.wait()

    def close(self) -> None:
        """End it and remove all that it kept."""
        self.kill()
        shutil.rmtree(self._folder)

    def _run(self, name: str, *arguments: object) -> None:
        command = [str(self._programs / name), *map(str, arguments)]
        subprocess.run(command, check=True, capture_output=True, cwd="/", **self._as)
