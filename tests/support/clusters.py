"""Clusters as people start them: a scheduler and workers, each a process of its own."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from conftest import CHECKOUT
from waiting import wait_until

from autograder.commands.demo import TOPIC, _submit
from autograder.course import Course

DASK = [sys.executable, "-m", "dask.__main__"]
"""The command `dask`."""
QUIET = {
    "DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "warning",
    # Otherwise each process looks a hundred times a second at what it does, as long as the tests run.
    "DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False",
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
}
TALKS = {"DASK_DISTRIBUTED__LOGGING__DISTRIBUTED": "info"}
"""Has a scheduler say who comes."""


@dataclass
class Running:
    """A cluster of this machine."""

    address: str
    folder: Path
    scheduler: subprocess.Popen
    nannies: list[subprocess.Popen] = field(default_factory=list)
    environment: dict[str, str] = field(default_factory=dict)
    text: str = ""
    """What scheduler, nannies and workers said, once they have ended."""

    def add_worker(self, *words, **environment):
        """Start a worker with its nanny, which starts it anew when it dies."""
        command = [
            *DASK,
            "worker",
            self.address,
            "--nthreads",
            "1",
            "--no-dashboard",
            "--memory-limit",
            "0",
            *words,
        ]
        self.nannies.append(start(self.folder, command, self.environment | environment))
        return self.nannies[-1]

    @contextlib.contextmanager
    def another_worker(self, *words, **environment):
        """Start one more worker for a while."""
        nanny = self.add_worker(*words, **environment)
        try:
            yield
        finally:
            end(nanny)
            self.nannies.remove(nanny)

    def arrived(self):
        """How many workers have come so far."""
        return self.log().count("Register worker")

    def worker_pids(self):
        """The processes that the nannies started, which grade."""
        return [pid for nanny in self.nannies for pid in children(nanny.pid) if "spawn_main" in command_line(pid)]

    def log(self):
        return (self.folder / "log").read_text(errors="replace")


def children(pid):
    with contextlib.suppress(OSError):
        lists = [path.read_text() for path in Path(f"/proc/{pid}/task").glob("*/children")]  # of each thread
        return [int(child) for text in lists for child in text.split()]
    return []


def command_line(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    return ""


def start(folder, command, environment):
    with (folder / "log").open("ab") as log:
        return subprocess.Popen(
            command,
            cwd=folder,
            env=os.environ | QUIET | environment,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def end(process):
    """Kill a process and those that it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def start_scheduler(folder, port, *words, **environment):
    command = [*DASK, "scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard", *words]
    process = start(folder, command, TALKS | environment)
    wait_until(lambda: answers(port) or process.poll() is not None)
    assert process.poll() is None, (folder / "log").read_text()
    return process


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def running(workers=0, scheme="tcp", words=(), **environment):
    """Start a scheduler and workers; end them afterwards."""
    folder, port = Path(tempfile.mkdtemp(prefix="cluster-")), free_port()
    scheduler = start_scheduler(folder, port, *words, **environment)
    cluster = Running(f"{scheme}://127.0.0.1:{port}", folder, scheduler, environment=environment)
    try:
        for _ in range(workers):
            cluster.add_worker(*words)
        yield cluster
    finally:
        for process in [*cluster.nannies, cluster.scheduler]:
            end(process)
        cluster.text = cluster.log()
        shutil.rmtree(folder, ignore_errors=True)


def demo_class(root):
    """The class of `autograder demo`, released and submitted, not graded."""
    from autograder.gradebook.gradebook import Gradebook

    root.mkdir()
    shutil.copy(CHECKOUT / "nbgrader_config.py", root)
    shutil.copytree(CHECKOUT / "source" / TOPIC, root / "source" / TOPIC)
    course = Course(root)
    with Gradebook(course) as gradebook:
        gradebook.generate_assignment(TOPIC)
    _submit(course, CHECKOUT / "tests" / "submissions" / TOPIC)
    return root
