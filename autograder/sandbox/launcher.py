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

PROGRAM = "import sys; sys.path.append(sys.argv[1]); from confine.program import main; main()"
"""What runs in the process until it becomes the command. It needs no installed package."""


class Launcher:
    """A process that waits until it is given a command; a context manager that ends it if it is given none."""

    def __init__(self) -> None:
        self.launched = False
        self._orders, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", PROGRAM, str(Path(__file__).parent)],
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
        command: Sequence[str],
        folder: str,
        environment: Mapping[str, str],
        readable: Sequence[str] | None,
        *,
        abi: int,
        mount: str | None,
        owner: int | None,
        files: Mapping[str, bytes],
    ) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Make the process confine itself and become a command.

        Before that, it sends a byte over the socket, and with it a descriptor of the file system that it mounted.

        Parameters
        ----------
        command
            The program and its arguments.
        folder
            The working folder, and the only one that the command may write to.
        environment
            The command's whole environment.
        readable
            Everything else that the command may read; None runs it without confinement.
        abi
            The newest ABI of Landlock whose rights are asked for.
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
            "command": command,
            "folder": folder,
            "environment": environment,
            "readable": readable,
            "abi": abi,
            "mount": mount,
            "owner": owner,
            "files": {name: content.decode("utf-8", "replace") for name, content in files.items()},
        }
        text = json.dumps(order).encode()
        with contextlib.suppress(BrokenPipeError):  # the process died; the first read from the command finds out
            self._orders.sendall(len(text).to_bytes(4) + text)
        return self._process, self._orders
