"""A real Apache Kafka for tests: one or several KRaft nodes on loopback, started and ended by process id."""

from __future__ import annotations

import base64
import contextlib
import errno
import os
import random
import signal
import socket
import subprocess
import time
import uuid
from pathlib import Path
from types import TracebackType

from certificates import Certificates
from kafka import KafkaAdminClient
from kafka.errors import KafkaError
from kafka_jars import java, kafka_jars

from streams.orphan import die_with_parent_thread

_START_SECONDS = 90.0
_STOP_SECONDS = 30.0
_HEAP = "-Xmx256m"
USER = "newswatch"
PASSWORD = "a-word-of-tests"


class KafkaFailed(Exception):
    """A node did not start or ended by itself; the message holds the end of its log."""


class _Node:
    """One broker and controller in one process."""

    def __init__(self, number: int, directory: Path, host: str, ports: list[int]) -> None:
        self.number = number
        self.host = host
        self.port, self.controller_port, self.sasl_port, self.tls_port = ports
        self.log = directory / f"node-{number}.log"
        self.settings = directory / f"node-{number}.properties"
        self.data = directory / f"node-{number}-data"
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    def alive(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def accepts(self) -> bool:
        try:
            with socket.create_connection((self.host, self.port), timeout=1):
                return True
        except OSError:
            return False

    def last_words(self) -> str:
        with contextlib.suppress(OSError):
            return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])
        return "(no log)"


class RealKafka:
    """Apache Kafka as a context manager: `with RealKafka(tmp_path) as kafka: ... kafka.bootstrap`.

    It listens on loopback only, or on a `host` of this machine, and writes only into `directory`. Nodes are numbered
    from 1 and are broker and controller at once; ports and data survive `kill` and `restart`. Start it on a thread that
    outlives it (the test's own): on Linux the nodes die with the thread that started them. Raises KafkaUnavailable
    where Kafka cannot be had, KafkaFailed where it would not run.
    """

    def __init__(
        self, directory: Path, *, nodes: int = 1, secure: Certificates | None = None, host: str = "127.0.0.1"
    ) -> None:
        """With certificates it also listens by TLS: for SASL (`USER`, `PASSWORD`), and for client certificates."""
        directory.mkdir(parents=True, exist_ok=True)
        self._secure = secure
        self._java = java()
        self._jars = kafka_jars()
        ports = free_ports(4 * nodes)
        self._nodes = [_Node(n + 1, directory, host, ports[4 * n : 4 * n + 4]) for n in range(nodes)]
        for node in self._nodes:
            node.settings.write_text(self._settings_of(node))
        self._format()

    @property
    def bootstrap(self) -> str:
        """`host:port[,host:port...]` of every node, dead ones too."""
        return ",".join(node.address for node in self._nodes)

    @property
    def sasl_bootstrap(self) -> str:
        """Where it listens by TLS for a user's name and password."""
        return ",".join(f"127.0.0.1:{node.sasl_port}" for node in self._nodes)

    @property
    def tls_bootstrap(self) -> str:
        """Where it listens by TLS and asks for a certificate."""
        return ",".join(f"127.0.0.1:{node.tls_port}" for node in self._nodes)

    def pid(self, node: int) -> int | None:
        """The process id of a node, or None where it does not live."""
        process = self._nodes[node - 1].process
        return process.pid if process is not None and process.poll() is None else None

    @property
    def pids(self) -> list[int]:
        """The process ids of the living nodes."""
        return [node.process.pid for node in self._nodes if node.process is not None and node.alive]

    def __enter__(self) -> RealKafka:
        try:
            for node in self._nodes:
                self._launch(node)
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def kill(self, node: int = 1) -> None:
        """End a node without warning (SIGKILL)."""
        process = self._nodes[node - 1].process
        assert process is not None
        process.kill()
        process.wait()

    def restart(self, node: int = 1) -> None:
        """Stop a node if it lives, start it again on its own data and ports, and wait until the cluster is whole."""
        self._end([self._nodes[node - 1]])
        self._launch(self._nodes[node - 1])
        self.wait_until_ready()

    def stop(self) -> None:
        """End every node: SIGTERM, then SIGKILL for one that does not go."""
        self._end(self._nodes)

    def wait_until_ready(self) -> None:
        """Return when every living node answers and the cluster's own metadata counts them all."""
        deadline = time.monotonic() + _START_SECONDS
        trouble = "nobody asked yet"
        while time.monotonic() < deadline:
            for node in self._nodes:
                if node.process is not None and node.process.poll() not in (None, -signal.SIGKILL):
                    raise KafkaFailed(f"node {node.number} ended by itself:\n{node.last_words()}")
            living = [node for node in self._nodes if node.alive]
            if living and all(node.accepts() for node in living):
                trouble = self._unready(living)
                if not trouble:
                    return
            time.sleep(0.1)
        words = "\n".join(node.last_words() for node in self._nodes)
        raise KafkaFailed(f"Kafka was not ready within {_START_SECONDS:g} s ({trouble}):\n{words}")

    def _unready(self, living: list[_Node]) -> str:
        try:
            with KafkaAdminClient(
                bootstrap_servers=[node.address for node in living], bootstrap_timeout_ms=5000, request_timeout_ms=5000
            ) as admin:
                known = {broker["broker_id"] for broker in admin.describe_cluster()["brokers"]}
        except KafkaError as error:
            return f"{type(error).__name__}: {error}"
        missing = {node.number for node in living} - known
        return f"metadata does not list nodes {sorted(missing)}" if missing else ""

    def _launch(self, node: _Node) -> None:
        with node.log.open("ab") as log:
            node.process = subprocess.Popen(
                [*self._command("-Xms64m", _HEAP), "kafka.Kafka", str(node.settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=node.settings.parent,
                start_new_session=True,  # Ctrl-C is for the test run, which then ends us in order
                preexec_fn=die_with_parent_thread,  # noqa: PLW1509 - one system call, no lock taken
            )

    def _end(self, nodes: list[_Node]) -> None:
        processes = [node.process for node in nodes if node.process is not None and node.alive]
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + _STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _format(self) -> None:
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=").replace("-", "_")
        for node in self._nodes:
            command = [*self._command(_HEAP), "kafka.tools.StorageTool", "format", "--cluster-id", cluster]
            if self._secure is not None:
                command += ["--add-scram", f"SCRAM-SHA-512=[name={USER},password={PASSWORD}]"]
            done = subprocess.run(
                [*command, "--config", str(node.settings)], capture_output=True, text=True, check=False, timeout=120
            )
            if done.returncode != 0:
                raise KafkaFailed(
                    f"storage of node {node.number} was not formatted: {done.stdout[-2000:]}{done.stderr[-2000:]}"
                )

    def _command(self, *heap: str) -> list[str]:
        return [
            self._java,
            *heap,
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",  # up sooner; tests never run long enough to earn the second compiler back
            f"-Dlog4j2.configurationFile={Path(__file__).with_name('log4j2.properties')}",
            "-cp",
            f"{self._jars}/*",
        ]

    def _settings_of(self, node: _Node) -> str:
        copies = min(3, len(self._nodes))
        settings = {
            "process.roles": "broker,controller",
            "node.id": node.number,
            "controller.quorum.voters": ",".join(f"{n.number}@127.0.0.1:{n.controller_port}" for n in self._nodes),
            "controller.listener.names": "CONTROLLER",
            "listeners": f"PLAINTEXT://{node.address},CONTROLLER://127.0.0.1:{node.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{node.address}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
            "log.dirs": node.data,
            "auto.create.topics.enable": "false",  # as in production: a topic nobody created is a mistake
            "offsets.topic.num.partitions": 4,
            "offsets.topic.replication.factor": copies,
            "transaction.state.log.num.partitions": 1,
            "transaction.state.log.replication.factor": copies,
            "transaction.state.log.min.isr": max(1, copies - 1),
            "group.initial.rebalance.delay.ms": 0,
            "broker.heartbeat.interval.ms": 500,
            "broker.session.timeout.ms": 4000,  # a killed node may come back only when the cluster has given it up
            "log.cleaner.dedupe.buffer.size": 4 * 1024 * 1024,  # its default is half of our heap
        }
        if self._secure is not None:
            settings |= self._secure_settings(self._secure, node)
        return "".join(f"{key}={value}\n" for key, value in settings.items())

    @staticmethod
    def _secure_settings(secure: Certificates, node: _Node) -> dict[str, object]:
        where = {"SASL": f"127.0.0.1:{node.sasl_port}", "TLS": f"127.0.0.1:{node.tls_port}"}
        listeners = ",".join(f"{name}://{address}" for name, address in where.items())
        plain = f'org.apache.kafka.common.security.plain.PlainLoginModule required user_{USER}="{PASSWORD}";'
        scram = "org.apache.kafka.common.security.scram.ScramLoginModule required;"
        return {
            "listeners": f"PLAINTEXT://{node.address},CONTROLLER://127.0.0.1:{node.controller_port},{listeners}",
            "advertised.listeners": f"PLAINTEXT://{node.address},{listeners}",
            "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_SSL,TLS:SSL",
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": secure.broker,
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": secure.authority,
            "listener.name.tls.ssl.client.auth": "required",
            "listener.name.sasl.sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512",
            "listener.name.sasl.plain.sasl.jaas.config": plain,
            "listener.name.sasl.scram-sha-512.sasl.jaas.config": scram,
        }


def free_ports(count: int) -> list[int]:
    """`count` loopback ports that are free now.

    They lie below the range from which systems take the local ports of outgoing connections, so that no
    connection takes the port of a node while it is down between `kill` and `restart`. Test processes that run beside
    each other draw from shares of their own, since a port is free until its node has started.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    shares = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    ports: list[int] = []
    while len(ports) < count:
        port = random.randrange(21000 + worker, 32000, shares)
        with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError as error:
                if error.errno not in (errno.EADDRINUSE, errno.EACCES):
                    raise
                continue
        if port not in ports:
            ports.append(port)
    return ports
