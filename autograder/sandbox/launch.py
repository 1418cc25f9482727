"""Start a warm process: confined by sandlock, or bare where an instructor chose to do without isolation."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, Any, Protocol

from autograder.sandbox.policy import DENIED_SYSCALLS, Limits, Runtime


class Process(Protocol):
    """A started process."""

    pid: int
    stdin: IO[bytes]
    stdout: IO[bytes]

    def end(self, seconds: float = 0.0) -> int:
        """Give it some seconds to end by itself, kill it, and return the signal that ended it (0: none)."""


def launch(runtime: Runtime, settings: str, scratch: Path, limits: Limits) -> Process:
    """Start a warm process that may write to one folder."""
    if runtime.isolated:
        return _Confined(runtime, settings, scratch, limits)
    return _Bare(runtime, settings, scratch)


class _Confined:
    def __init__(self, runtime: Runtime, settings: str, scratch: Path, limits: Limits) -> None:
        from sandlock import Sandbox, StdioMode  # noqa: PLC0415  # Linux only

        sandbox = Sandbox(
            fs_readable=[str(runtime.python), *runtime.readable, "/dev/urandom"],
            fs_writable=[str(scratch), "/dev/null"],
            clean_env=True,
            env=runtime.environment(str(scratch)),
            cwd=str(scratch),
            max_processes=2,  # itself and one submission: so nothing can outlive that
            max_open_files=limits.open_files,
            extra_deny_syscalls=list(DENIED_SYSCALLS),
            no_coredump=True,
        )
        command = [*runtime.command(), settings]
        self._process: Any = sandbox.popen(
            command, stdin=StdioMode.PIPED, stdout=StdioMode.PIPED, stderr=StdioMode.NULL
        )
        self.pid: int = self._process.pid
        self.stdin, self.stdout = self._process.stdin, self._process.stdout

    def end(self, seconds: float = 0.0) -> int:
        if not seconds:
            self._process.kill()
        result = self._process.wait(timeout=seconds or None)  # kills it when the time is up
        self.stdin.close()
        self.stdout.close()
        return signal.SIGKILL if result.reason.name == "KILLED" else max(result.signal or 0, 0)


class _Bare:
    def __init__(self, runtime: Runtime, settings: str, scratch: Path) -> None:
        self._process = subprocess.Popen(
            [*runtime.command(), settings],
            env=runtime.environment(str(scratch)),
            cwd=scratch,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=sys.platform != "win32",
        )
        assert self._process.stdin is not None  # for the type checker; it is a pipe
        assert self._process.stdout is not None
        self.pid, self.stdin, self.stdout = self._process.pid, self._process.stdin, self._process.stdout

    def end(self, seconds: float = 0.0) -> int:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=seconds)
        self._process.kill()
        code = self._process.wait()
        for stream in (self.stdin, self.stdout):
            with contextlib.suppress(OSError):
                stream.close()
        return max(-code, 0)
