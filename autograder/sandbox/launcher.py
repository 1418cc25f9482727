"""Processes that wait to become warm processes: the first can be started before anything else is known."""

from __future__ import annotations

import contextlib
import json
import socket
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

LAUNCH = Path(__file__).with_name("launch.py")


class Launcher:
    """A process that waits for its order; a context manager that ends it if none came."""

    def __init__(self) -> None:
        self.launched = False
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", str(LAUNCH)],
                env={"LANG": "C.UTF-8"},
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self.launched:
            self._process.kill()
            self._process.communicate()
            self._orders.close()

    def launch(
        self, command: Sequence[str], folder: str, environment: Mapping[str, str], readable: Sequence[str] | None
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Have it become a command that runs in a folder; return it, and the socket that is its standard input.

        Parameters
        ----------
        command
            A program and its arguments.
        folder
            Where it runs, and all that it may write to.
        environment
            Its whole environment.
        readable
            All that it may read besides; None runs it without confinement.
        """
        self.launched = True
        order = {"command": command, "folder": folder, "environment": environment, "readable": readable}
        text = json.dumps(order).encode()
        with contextlib.suppress(BrokenPipeError):  # it died: whoever waits for the command hears of it
            self._orders.sendall(len(text).to_bytes(4) + text)
        return self._process, self._orders
