"""A fork server keeps nothing of the submissions that it served: its whole memory is searched from outside."""

from __future__ import annotations

import os
import re
import secrets

import numpy as np
import pytest
from conftest import GENEROUS
from grades import FIGURES, submitted, with_cell

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.judging.calls import Call
from autograder.sandbox import protocol

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.slow,
    pytest.mark.skipif(os.geteuid() != 0, reason="only root may read the memory of a fork server"),
]
READABLE = re.compile(r"^([0-9a-f]+)-([0-9a-f]+) r\S+ \S+ \S+ \S+\s*(.*)$", re.MULTILINE)


def found_in_memory(pid, markers):
    """The markers, given by name, that lie anywhere in a process's memory: heap, arenas, stacks, files."""
    found, seen = set(), 0
    with open(f"/proc/{pid}/maps") as maps, open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for start, end, name in READABLE.findall(maps.read()):
            if name in ("[vvar]", "[vvar_vclock]", "[vsyscall]"):  # the kernel's own
                continue
            memory.seek(int(start, 16))
            content = memory.read(int(end, 16) - int(start, 16))
            seen += len(content)
            found |= {what for what, marker in markers.items() if marker in content}
    assert seen > 32 << 20, "this is less than an interpreter with NumPy takes"
    return found


def distinctive(frame):
    """Pairs of neighbouring floats in a frame's bytes that nobody meets by chance."""
    start = 8 + int.from_bytes(frame[:4])  # after the header and the text
    numbers = np.frombuffer(frame[start : start + (len(frame) - start) // 8 * 8], np.float64)
    random = (
        np.isfinite(numbers)
        & (np.abs(numbers) > 1e-6)
        & (np.vectorize(lambda x: len(repr(x)) > 16, otypes=[bool])(numbers))
    )
    return [numbers[i : i + 2].tobytes() for i in np.flatnonzero(random[:-1] & random[1:])]


@pytest.fixture
def asked(monkeypatch):
    """The frames of all calls that a grader sends from now on."""
    frames = []

    def framed(*args, **kwargs):
        sent = real(*args, **kwargs)
        frames.append(sent[0])
        return sent

    real = protocol.frame_calls
    monkeypatch.setattr(protocol, "frame_calls", framed)
    return frames


def mark():
    return secrets.token_hex(12)


def test_nothing_of_a_submission_and_no_secret_is_left_in_a_fork_server(source, perfect, asked):
    """Neither its cells, its files and its hidden inputs, nor who it was. The fork that serves it has them."""
    secret, student, variable, attached, printed = secrets.token_bytes(32), *(mark() for _ in range(4))
    notebook = with_cell(perfect, f"kept = '{variable}'\nprint('{printed}', open('notes.txt').read())\n1 / 0")
    with Grader(Settings(secret, limits=GENEROUS)) as grader:
        for number in range(2):
            files = FIGURES | {"notes.txt": attached.encode()}
            graded = submitted(grader, source, notebook, student=f"{student}-{number}", files=files)
            assert graded.report.score == 23.0
            assert {printed in str(graded.notebook), attached in str(graded.notebook)} == {True}
        ((server,),) = grader._pool._idle.values()
        inputs = [pair for frame in asked for pair in distinctive(frame)]
        assert server.forks == 2
        assert len(inputs) > 1000
        markers = {
            "the notebook": variable.encode(),
            "the attached file": attached.encode(),
            "what it printed": printed.encode(),
            "the student's id": student.encode(),
            "the course's secret": secret,
            "the course's secret in digits": secret.hex().encode(),
            **{f"hidden input {number}": pair for number, pair in enumerate(inputs[:: len(inputs) // 20])},
        }
        assert found_in_memory(server._process.pid, markers) == set()

        # The search finds what is there: what a server learns on purpose, and a submission in its own process.
        there = dict(list(markers.items())[:3])
        server.learn([f"kept = '{variable}'"])
        assert found_in_memory(server._process.pid, there) == {"the notebook"}
        files, point = {"notes.txt": attached.encode()}, np.random.default_rng().random(9)
        with grader._pool.session((), files, server.warm) as session:
            assert session.server is server
            session.run_cell(f"kept = ['{printed}', open('notes.txt').read()]\ndef f(x):\n    kept.append(x)")
            session.ask("f", Call((point,)))
            there["a hidden input"] = point[:2].tobytes()
            assert found_in_memory(session.pid, there) == set(there)
