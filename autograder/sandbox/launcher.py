"""Start the process of a fork server early, before its settings are known."""

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


def command(function: str) -> list[str]:
    """Return the command that runs a function of ``confine.program``. It needs no installed package."""
    program = f"import sys; sys.path.append(sys.argv[1]); from confine.program import {function}; {function}()"
    return [sys.executable, "-I", "-S", "-c", program, str(Path(__file__).parent)]


class Launcher:
    """A process that waits until it is given a command; a context manager that ends it if it is given none."""

    def __init__(self) -> None:
        self.launched = False
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                command("main"),
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
        self,
        becomes: Sequence[str],
        folder: str,
        environment: Mapping[str, str],
        confinement: Mapping[str, object] | None,
        *,
        mount: str | None,
        owner: int | None,
        files: Mapping[str, bytes],
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Make the process confine itself and become a command.

        Before that, it sends a byte over the socket, and with it a descriptor of the file system that it mounted.

        Parameters
        ----------
        becomes
            The command: a program and its arguments.
        folder
            The working folder, and the only one that the command may write to.
        environment
            The command's whole environment.
        confinement
            The way of isolating, and what it needs to know (see ``Runtime.confinement``); None runs it without.
        mount
            The options of a file system in memory, to be mounted on the folder if this machine allows it; None for
            no such attempt.
        owner
            The user who is to own the files; None for the current user.
        files
            Texts to write into the folder, by relative path.

        Returns
        -------
        Popen
            The process.
        socket
            The other end of its standard input.
        """
        self.launched = True
        order = {
            "command": becomes,
            "folder": folder,
            "environment": environment,
            "confinement": confinement,
            "mount": mount,
            "owner": owner,
            "files": {name: content.decode("utf-8", "replace") for name, content in files.items()},
        }
        text = json.dumps(order).encode()
        with contextlib.suppress(BrokenPipeError):  # the process died; the first read from the command finds out
            self._orders.sendall(len(text).to_bytes(4) + text)
        return self._process, self._orders
