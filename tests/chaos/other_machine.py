"""Another machine for a while: a network namespace joined to this one by a cable that can be cut, and small disks."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from pathlib import Path
from types import TracebackType


class NotPermitted(Exception):
    """Namespaces or mounts cannot be made here; the message says what would be needed."""


def _ip(*arguments: str) -> None:
    done = subprocess.run(["ip", *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise NotPermitted(f"ip {' '.join(arguments)}: {done.stderr.strip()}: it takes root, and iproute2")


class OtherMachine:
    """A network namespace as a context manager. It reaches this machine at `here` and is itself at `there`."""

    def __init__(self, number: int | None = None) -> None:
        """`number` below 16384 chooses the addresses, so that several may be at once; this process's where left out."""
        number = os.getpid() % 16384 if number is None else number
        third, fourth = divmod(number * 4, 256)
        self.name = f"newswatch-{number}"
        self.here = f"10.213.{third}.{fourth + 1}"
        self.there = f"10.213.{third}.{fourth + 2}"
        self._cable = f"nw{number}h"
        self._end = f"nw{number}t"

    @property
    def under(self) -> list[str]:
        """What executes a program on it."""
        return ["ip", "netns", "exec", self.name]

    def __enter__(self) -> OtherMachine:
        if shutil.which("ip") is None:
            raise NotPermitted("no ip found: apt-get install iproute2, or run scripts/install_services.sh")
        try:
            _ip("netns", "add", self.name)
            _ip("link", "add", self._cable, "type", "veth", "peer", "name", self._end, "netns", self.name)
            _ip("addr", "add", f"{self.here}/30", "dev", self._cable)
            _ip("link", "set", self._cable, "up")
            _ip("-n", self.name, "addr", "add", f"{self.there}/30", "dev", self._end)
            _ip("-n", self.name, "link", "set", self._end, "up")
            _ip("-n", self.name, "link", "set", "lo", "up")
        except BaseException:
            self._remove()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._remove()

    def cut(self) -> None:
        """Nothing passes any more; nobody is told."""
        _ip("-n", self.name, "link", "set", self._end, "down")

    def mend(self) -> None:
        """It passes again."""
        _ip("-n", self.name, "link", "set", self._end, "up")

    def _remove(self) -> None:
        for command in (["link", "del", self._cable], ["netns", "del", self.name]):
            with contextlib.suppress(NotPermitted):
                _ip(*command)


class SmallDisk:
    """A file system of a few hundred megabytes in memory, as a context manager; it can be filled to the last byte."""

    def __init__(self, path: Path, megabytes: int) -> None:
        self.path = path
        self._megabytes = megabytes
        self._ballast = path / "ballast"

    def __enter__(self) -> SmallDisk:
        self.path.mkdir(parents=True, exist_ok=True)
        options = ["-t", "tmpfs", "-o", f"size={self._megabytes}m,mode=755", "tmpfs"]
        done = subprocess.run(["mount", *options, str(self.path)], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise NotPermitted(f"mount: {done.stderr.strip()}: it takes root")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run(["umount", "--lazy", str(self.path)], check=False, capture_output=True)

    def fill(self) -> None:
        """Leave nothing free."""
        with self._ballast.open("ab") as file:
            for step in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        os.posix_fallocate(file.fileno(), os.fstat(file.fileno()).st_size, step)

    def empty(self) -> None:
        """Give back what was taken."""
        self._ballast.unlink(missing_ok=True)
