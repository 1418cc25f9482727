"""Each attack fails by itself: nothing secret is seen, nothing outside is changed, nobody else is touched."""

from __future__ import annotations

import contextlib
import copy
import ctypes
import os
import platform
import resource
import secrets
import shutil
import socket
import sqlite3
import struct
import sysconfig
import time

import pytest
from conftest import CHECKOUT, SECRET, SHORT
from hostile.attacks import ATTACKS, EXHAUSTING, FORGED, LIVE, PREAMBLE, processes_in

from autograder import demo, notebook
from autograder.exercise import Call, Returned
from autograder.grading import Grader, Settings, Submission
from autograder.results import to_json
from autograder.sandbox.policy import SANDBOX_UID, WORKER, Limits
from autograder.sandbox.pool import SessionEndedError

pytestmark = pytest.mark.sandbox

SIBLING = """
import ctypes, signal
received = []
for number in (10, 12, 23, 29):
    signal.signal(number, lambda number, _: received.append(number))
def report():
    return received
def double(x):
    return 2 * x
"""


class Target:
    """What attacks may aim at: files, sockets, processes and memory, with one token in all of them."""

    def __init__(self, folder, grader):
        self.token = secrets.token_hex(16)
        self.folder, self.grader = folder / "planted", grader
        self.open = contextlib.ExitStack()
        self.memory = ctypes.create_string_buffer(self.token.encode(), 64)
        self.plant_files()
        self._listen()
        self.pool = grader._pool
        self.sibling = self._session()
        self.sibling.run_cell(SIBLING + f"hidden = ctypes.create_string_buffer({self.token.encode()!r}, 64)")
        self.variable = f"PLANTED_{secrets.token_hex(4)}"
        os.environ[self.variable] = self.token
        self.attacker = None

    def _session(self):
        return self.open.enter_context(self.pool.session((), {}, time.monotonic() + 600))

    def plant_files(self):
        """Files that a student's process owns and might change by their modes: only the sandbox is in its way."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.secret = self.folder / "secret.txt"
        self.secret.write_text(self.token)
        self.seed = self.folder / "seed"
        self.seed.write_text(self.token)
        self.gradebook = self.folder / "gradebook.db"
        with contextlib.closing(sqlite3.connect(self.gradebook)) as database, database:
            database.execute("create table grade (score)")
            database.execute("insert into grade values (?)", [self.token])
        for path in (*self.folder.iterdir(), self.folder):
            os.setxattr(path, "user.mark", b"planted")
            path.chmod(0o777)
            if os.geteuid() == 0:
                os.chown(path, SANDBOX_UID, SANDBOX_UID)
        for parent in self.folder.parents[:3]:
            with contextlib.suppress(PermissionError):
                parent.chmod(parent.stat().st_mode | 0o011)

    def _listen(self):
        self.listening, self.receiving = [], []
        unix, name = str(self.folder.parent / "sock"), f"\0planted-{secrets.token_hex(4)}"
        for family, address in ((2, ("127.0.0.1", 0)), (10, ("::1", 0)), (1, unix), (1, name)):
            with contextlib.suppress(OSError):
                self.listening.append(self._bound(socket.socket(family, socket.SOCK_STREAM), address))
                self.listening[-1].listen()
        for family, address in ((2, ("127.0.0.1", 0)), (1, unix + "-d"), (1, name + "-d")):
            self.receiving.append(self._bound(socket.socket(family, socket.SOCK_DGRAM), address))

    def _bound(self, open_socket, address):
        self.open.enter_context(open_socket)
        open_socket.setblocking(False)
        open_socket.bind(address)
        if isinstance(address, str) and not address.startswith("\0"):
            os.chmod(address, 0o777)
        return open_socket

    def described(self):
        """What an attacker is told: where everything is, never the token."""
        address, _ = self.sibling.run_cell("print(ctypes.addressof(hidden))")
        told = {
            "grader": os.getpid(),
            "address": ctypes.addressof(self.memory),
            "sibling": self.sibling._process.pid,
            "sibling_address": int(address.outputs[0].text),
            "sibling_scratch": str(self.sibling._scratch),
            "variable": self.variable,
            "secret": str(self.secret),
            "folder": str(self.folder),
            "gradebook": str(self.gradebook),
            "seed": str(self.seed),
            "handle": handle_of(self.secret),
            "shared": 0,
            "checkout": str(CHECKOUT),
            "site": sysconfig.get_path("purelib"),
            "worker": WORKER.read_text(),
            "tcp": [s.getsockname()[:2] for s in self.listening if s.family != socket.AF_UNIX],
            "unix": [s.getsockname() for s in self.listening if s.family == socket.AF_UNIX],
            "udp": self.receiving[0].getsockname(),
            "datagram": [s.getsockname() for s in self.receiving[1:]],
        }
        assert self.token not in str(told)
        return told

    def attacked(self, code):
        """Run a cell in the attacker's session, a new one if the last attack ended it; return all it shows."""
        if self.attacker is None or self.attacker.ended:
            self.attacker = self._session()
            done, _ = self.attacker.run_cell(f"{PREAMBLE}\nT = {self.described()!r}")
            assert done.error is None, done.outputs
        try:
            done, late = self.attacker.run_cell(code)
        except SessionEndedError as error:
            return str(error)
        assert late is None
        errors = [o for o in done.outputs if hasattr(o, "ename")]
        assert not errors, f"the attack itself is broken: {errors[0].evalue}"
        return "".join(str(getattr(o, "text", getattr(o, "data", ""))) for o in done.outputs)

    def state(self):
        """Everything about the planted files, some of the checkout's and the worker that could be changed."""
        kept = [self.folder, *sorted(self.folder.iterdir()), CHECKOUT / "solutions" / "softmax.py"]
        kept += [CHECKOUT / "source" / "softmax" / "softmax.ipynb", self.sibling.runtime.folder / "worker.py"]
        return {str(path): described(path) for path in kept}

    def intruders(self):
        """What reached a listening socket."""
        reached = []
        for listening in self.listening:
            with contextlib.suppress(BlockingIOError):
                connection, address = listening.accept()
                connection.close()
                reached.append(address)
        for receiving in self.receiving:
            with contextlib.suppress(BlockingIOError):
                reached.append(receiving.recv(99))
        return reached

    def close(self):
        del os.environ[self.variable]
        self.open.close()


def described(path):
    info = path.lstat()
    content = path.read_bytes() if path.is_file() else sorted(os.listdir(path))
    times = (info.st_mtime_ns, info.st_ctime_ns)
    marks = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    return info.st_ino, info.st_nlink, info.st_mode, info.st_uid, info.st_gid, times, marks, content


def handle_of(path):
    """The kernel's handle of a file, with which a process that may read everything opens it past all folders."""
    given = ctypes.create_string_buffer(struct.pack("Ii", 128, 0), 136)
    mount = ctypes.c_int()
    ctypes.CDLL(None).name_to_handle_at(-100, str(path).encode(), given, ctypes.byref(mount), 0)
    return given.raw


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with Grader(Settings(SECRET, limits=SHORT)) as grader:
        target = Target(tmp_path_factory.mktemp("target"), grader)
        yield target
        target.close()


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory):
    """The same without the sandbox, to see that the attacks are worth something."""
    with Grader(Settings(SECRET, limits=SHORT, bare=True)) as grader:
        target = Target(tmp_path_factory.mktemp("unprotected"), grader)
        yield target
        target.close()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are numbered for x86-64")
@pytest.mark.parametrize("attack", LIVE, ids=str)
def test_an_attack_is_refused_and_leaves_no_trace(target, attack):
    """Nothing is let through or shown; files, processes, sockets and another session are as they were."""
    before = target.state()
    shown = target.attacked(attack.cell)
    assert "BREACH" not in shown
    assert target.token not in shown
    assert target.state() == before
    assert target.intruders() == []
    assert target.sibling.ask("double", Call((21,))) == Returned(42)
    assert target.sibling.ask("report", Call(())) == Returned([])
    assert len(processes_in(target.attacker._scratch)) == (0 if target.attacker.ended else 1)


@pytest.mark.skipif(platform.machine() != "x86_64" or os.geteuid() != 0, reason="runs as root on x86-64")
@pytest.mark.parametrize("attack", [attack for attack in LIVE if attack.control], ids=str)
def test_the_same_attack_succeeds_without_the_sandbox(unprotected, attack):
    """So it is the sandbox that refused it, and not a mistake in the attack."""
    assert "BREACH" in unprotected.attacked(attack.cell)
    unprotected.intruders()
    unprotected.plant_files()


# --- forge -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lean(blank):
    """The released notebook without its figures, which cost time and play no part here."""
    cells = [c for c in blank["cells"] if c["cell_type"] != "code" or notebook.grade_id_of(c)]
    return {**blank, "cells": cells}


def graded(grader, source, content, student="forger"):
    files = {"figures.py": b""}
    return grader.grade(source, Submission(content, student, "softmax", "softmax", "softmax.ipynb", files))


def sealed_marks(report):
    return {cell.grade_id: cell.score for cell in report.cells if cell.mode == "sealed"}


NOTHING = dict.fromkeys(
    ("softmax", "logsumexp", "log_softmax", "cross_entropy", "numerical_gradient", "cross_entropy_grad"), 0.0
)
PERFECT = (CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py").read_text()


def honest_gets_full_marks(grader, source, lean):
    return graded(grader, source, demo.write(demo.fill_in(lean, PERFECT)), "honest").report.score == 20.0


@pytest.mark.parametrize("attack", FORGED, ids=str)
def test_a_forgery_earns_nothing_and_the_next_submission_its_full_marks(grader, source, lean, attack):
    """Every sealed cell has 0, a reason for each check, and nothing the submission says is taken for a verdict."""
    came = graded(grader, source, demo.write(demo.fill_in(lean, attack.code)))
    report = came.report
    own = [cell["outputs"] for cell in came.notebook["cells"] if cell["id"] == "own"]
    assert "error" not in str(own), "the attack itself is broken"
    assert "not defined" not in str(report.cells[0])
    assert sealed_marks(report) == NOTHING
    assert (report.status, report.score, report.max_score) == ("graded", 0.0, 24.0)
    assert all(check.message for cell in report.cells for check in cell.checks)
    assert "BREACH" not in os.environ
    assert honest_gets_full_marks(grader, source, lean)


def cell_of(nb, name):
    return next(cell for cell in nb["cells"] if notebook.grade_id_of(cell) == name)


def full(text="4.0"):
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def saved_outputs(nb):
    cell_of(nb, "softmax")["outputs"] = [full()]


def edited_test(nb):
    cell_of(nb, "softmax")["source"] = "4.0"


def edited_check(nb):
    cell_of(nb, "softmax")["source"] = 'from autograder import check\ncheck("softmax", softmax, points=400)'


def edited_visible_cell(nb):
    cell_of(nb, "softmax-visible")["source"] = "import sys\nsys.displayhook(4.0)\n4.0"


def more_points(nb):
    for cell in nb["cells"]:
        if "nbgrader" in cell["metadata"]:
            cell["metadata"]["nbgrader"] |= {"points": 100, "grade": True}


def doubled_test(nb):
    twin = copy.deepcopy(cell_of(nb, "softmax")) | {"source": "4.0", "outputs": [full()]}
    nb["cells"] += [twin, copy.deepcopy(twin)]


def text_for_a_test(nb):
    cell_of(nb, "softmax")["cell_type"] = "markdown"


def marked_by_hand(nb):
    cell_of(nb, "softmax")["metadata"]["nbgrader"] |= {"solution": True, "task": True, "points": 4}


def no_test(nb):
    nb["cells"].remove(cell_of(nb, "softmax"))


def not_graded(nb):
    cell_of(nb, "softmax")["metadata"]["nbgrader"] |= {"grade": False, "locked": False}


def answer_named_as_test(nb):
    nb["cells"].remove(cell_of(nb, "softmax"))
    cell_of(nb, "softmax-solution")["metadata"]["nbgrader"]["grade_id"] = "softmax"


def cell_of_its_own(nb):
    extra = copy.deepcopy(cell_of(nb, "softmax")) | {"source": "100.0", "id": "bonus", "outputs": [full("100.0")]}
    extra["metadata"]["nbgrader"] |= {"grade_id": "bonus", "points": 100}
    nb["cells"].append(extra)


def other_kernel(nb):
    nb["metadata"] = {"kernelspec": {"name": "bash", "display_name": "sh", "language": "bash"}, "score": 24}


FORGED_NOTEBOOKS = (
    *(saved_outputs, edited_test, edited_check, edited_visible_cell, more_points, doubled_test, text_for_a_test),
    *(marked_by_hand, no_test, not_graded, answer_named_as_test, cell_of_its_own, other_kernel),
)


@pytest.mark.parametrize("forge", FORGED_NOTEBOOKS, ids=lambda forge: forge.__name__)
def test_a_forged_notebook_earns_nothing(grader, source, lean, forge):
    """Cells, points and flags are the instructor's; whatever the file says of itself counts for nothing."""
    nb = demo.fill_in(lean, "def softmax(*_, **__):\n    return 1.0")
    forge(nb)
    report = graded(grader, source, demo.write(nb)).report
    assert sealed_marks(report) == NOTHING
    assert (report.status, report.score, report.max_score) == ("graded", 0.0, 24.0)
    assert [(cell.grade_id, cell.max_score) for cell in report.cells] == [
        (cell.grade_id, cell.points) for cell in source.marked
    ]


# --- exhaust ---------------------------------------------------------------------------------------------

SMALL = Limits(
    cell_seconds=1, call_seconds=1, grace_seconds=0.5, submission_seconds=20, memory=1 << 30, scratch_size=16 << 20
)


@pytest.fixture(scope="module")
def hurried():
    with Grader(Settings(SECRET, limits=SMALL)) as grader:
        yield grader


def memory_in_use():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * resource.getpagesize()


@pytest.mark.parametrize("attack", EXHAUSTING, ids=str)
def test_exhausting_something_costs_the_submission_alone(hurried, attack):
    """The grader comes back in time and no larger, says what happened, and grades the next one as ever."""
    before, started = memory_in_use(), time.monotonic()
    result = hurried.grade_file("softmax", attack.code.encode(), file="mine.py", student="")
    assert time.monotonic() - started < SMALL.submission_seconds + 5
    assert memory_in_use() - before < 256 << 20
    assert (result.score, result.passed) == (0.0, False)
    assert attack.says in str([result.message, *(check.message for check in result.checks)])
    assert len(to_json(result)) < 20_000
    assert processes_in(next(iter(hurried._pool._runtimes.values())).folder) == []
    honest = hurried.grade_file("softmax", PERFECT.encode(), file="perfect.py", student="")
    assert honest.passed


def test_there_are_enough_attacks_of_every_kind():
    kinds = [attack.kind for attack in ATTACKS]
    assert {kind: kinds.count(kind) >= 15 for kind in ("peek", "escape", "forge", "exhaust")} == dict.fromkeys(
        ("peek", "escape", "forge", "exhaust"), True
    )
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
