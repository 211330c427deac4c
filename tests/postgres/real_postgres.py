"""A real PostgreSQL for tests: Debian's server in a directory of its own, on loopback, ended by its process id."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from types import TracebackType

import psutil
import psycopg
from real_kafka import free_ports

from streams.orphan import die_with_parent_thread

USER = "newswatch"
PASSWORD = "a pass: w%rd/of@tests"
_START_SECONDS = 60.0
_STOP_SECONDS = 20.0
_OTHER_ACCOUNT = "postgres"
_SETTINGS = {
    "max_connections": "60",
    "shared_buffers": "32MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "jit": "off",
    "log_min_messages": "warning",
    # fsync and synchronous_commit stay on, as in production: what is committed is on the disk
}


class PostgresUnavailable(Exception):
    """PostgreSQL cannot be run here; the message says what to install."""


class PostgresFailed(Exception):
    """The server did not start; the message holds the end of its log."""


def program(name: str) -> str:
    """The newest of Debian's, which are not on the PATH, else what is on it. Raises PostgresUnavailable."""
    debian = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[4]))
    found = str(debian[-1]) if debian else shutil.which(name)
    if found is None:
        raise PostgresUnavailable(f"no {name} found: apt-get install postgresql, or run scripts/install_services.sh")
    return found


class RealPostgres:
    """A server as a context manager: `with RealPostgres() as server: server.fresh("name")` gives an address.

    Port, password and data survive `kill` and `restart`. Start it on a thread that outlives it. As root it runs as
    the account `postgres`, since it refuses to be root.
    """

    def __init__(self, host: str = "127.0.0.1", below: Path | None = None) -> None:
        """`host` is an address of this machine; `below` a directory that any account may pass, such as a small disk."""
        self._host = host
        self._server = program("postgres")
        initdb = program("initdb")
        # not below pytest's own directories: another account cannot pass through those
        self._directory = Path(tempfile.mkdtemp(prefix="newswatch-postgres-", dir=below))
        self._data = self._directory / "data"
        self._log = self._directory / "server.log"
        (self.port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None
        self._account: dict[str, object] = {}
        if os.geteuid() == 0:
            try:
                other = pwd.getpwnam(_OTHER_ACCOUNT)
            except KeyError as error:
                raise PostgresUnavailable("no account `postgres` to run it as: install Debian's postgresql") from error
            os.chown(self._directory, other.pw_uid, other.pw_gid)
            self._account = {"user": other.pw_uid, "group": other.pw_gid, "extra_groups": []}
        secret = self._directory / "password"
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        # rules of a language, as many servers have them: the archive must not depend on them
        rules = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
        made = subprocess.run(  # type: ignore[call-overload]
            [
                *(initdb, f"--pgdata={self._data}", f"--username={USER}", f"--pwfile={secret}"),
                *("--auth=scram-sha-256", "--no-instructions", *rules),
            ],
            capture_output=True,
            text=True,
            check=False,
            cwd=self._directory,
            **self._account,
        )
        if made.returncode != 0:
            raise PostgresFailed(f"initdb: {made.stderr[-2000:]}")
        with (self._data / "pg_hba.conf").open("a") as rules:
            rules.write(f"host all all {self._host}/24 scram-sha-256\n")

    def __enter__(self) -> RealPostgres:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    def address(self, database: str) -> str:
        """The address of a database, without the password."""
        return f"postgresql://{USER}@{self._host}:{self.port}/{database}"

    def fresh(self, database: str, template: str = "template0") -> str:
        """Make a database (a copy of `template`); its address."""
        with self.connect() as connection:
            connection.execute(f'CREATE DATABASE "{database}" TEMPLATE "{template}"'.encode())
        return self.address(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        with self.connect() as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)'.encode())

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A connection of its own, each statement a transaction."""
        return psycopg.connect(self.address(database), password=PASSWORD, autocommit=True)

    def start(self) -> None:
        """Start it and wait until it takes connections."""
        settings = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        where = ["-c", f"port={self.port}", "-c", f"unix_socket_directories={self._directory}"]
        where += ["-c", f"listen_addresses={self._host}"]
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(  # type: ignore[call-overload]
                [self._server, "-D", str(self._data), *settings, *where],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self._directory,
                start_new_session=True,
                preexec_fn=die_with_parent_thread,  # noqa: PLW1509 - one system call, no lock taken
                **self._account,
            )
        deadline = time.monotonic() + _START_SECONDS
        while True:
            try:
                self.connect().close()
                return
            except psycopg.OperationalError as error:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    raise PostgresFailed(f"{error}\n{self._log.read_text(errors='replace')[-3000:]}") from error
            time.sleep(0.05)

    @property
    def alive(self) -> bool:
        """Whether the server's own process lives."""
        return self._process is not None and self._process.poll() is None

    def processor_seconds(self) -> float:
        """Seconds of the processor that the server and those who serve its connections now have used."""
        assert self._process is not None
        server = psutil.Process(self._process.pid)
        return sum(sum(one.cpu_times()[:2]) for one in (server, *server.children(recursive=True)))

    def kill(self) -> None:
        """End the server without warning (SIGKILL), its helpers too."""
        assert self._process is not None
        helpers = psutil.Process(self._process.pid).children(recursive=True)
        self._process.kill()
        self._process.wait()
        for helper in helpers:
            with contextlib.suppress(psutil.NoSuchProcess):
                helper.kill()
        psutil.wait_procs(helpers, timeout=_STOP_SECONDS)  # before they are gone it will not start on the same data

    def stop(self) -> None:
        """End it, whoever is connected."""
        process, self._process = self._process, None
        if process is None or process.poll() is not None:
            return
        process.send_signal(signal.SIGINT)
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGQUIT)
            process.wait()

    def restart(self) -> None:
        """Stop it if it lives, and start it on the same data and port."""
        self.stop()
        self.start()
