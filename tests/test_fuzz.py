"""Damaged on purpose: whatever is submitted, there is a verdict for every graded cell, or a refusal that says why.

The seeds are fixed, so that a failure comes back. ``--deep`` runs more of everything.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
import time

import pytest
from conftest import SECRET
from grades import FULL, marks, submitted
from notebook_files import is_proper
from sampling import sampled
from sandbox.replies import mutated as mutated_bytes
from sandbox.replies import reply, seeds
from sandbox.sessions import honest

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.judging.calls import Call, Callback, Raised, Returned, Stopped, Unreadable
from autograder.notebooks import notebook
from autograder.notebooks.notebook import UnreadableError, read
from autograder.notebooks.restore import WrongAssignmentError, restore
from autograder.results import to_json
from autograder.sandbox.channel import HEADER
from autograder.sandbox.policy import Limits
from autograder.sandbox.pool import Pool
from autograder.sandbox.process import SessionEndedError

# --- notebooks -------------------------------------------------------------------------------------------

KEYS = ("cells", "cell_type", "source", "metadata", "nbgrader", "grade_id", "points", "id", "outputs", "nbformat")
KEYS += ("worksheets", "attachments", "kernelspec", "checksum", "grade", "solution", "locked", "task", "input")
TEXTS = (
    "",
    "code",
    "markdown",
    "raw",
    "softmax",
    "logsumexp-solution",
    "\0",
    "\ud800",
    "\u2028\r",
    "🎓" * 99,
    "1e9",
)
TEXTS += (
    "def softmax(z, axis=-1, temperature=1.0):\n    return z",
    "### BEGIN HIDDEN TESTS\n",
    "%%bash\nls",
    "x" * 9999,
)


def junk(chance, depth=3):
    """Any JSON value, now and then with a key that means something."""
    if depth and chance.random() < 0.4:
        size = chance.randrange(4)
        if chance.random() < 0.5:
            return [junk(chance, depth - 1) for _ in range(size)]
        return {chance.choice(KEYS): junk(chance, depth - 1) for _ in range(size)}
    numbers = (0, -1, 4, 1.5, 10**30, float("nan"), float("inf"), True, False, None)
    return chance.choice(numbers + TEXTS)


def places(value, found=None):
    """Every place in a JSON value: the container, and the key or index in it."""
    found = [] if found is None else found
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for key in keys:
        found.append((value, key))
        places(value[key], found)
    return found


def change_a_value(nb, chance):
    holder, key = chance.choice(places(nb))
    holder[key] = junk(chance)


def drop_a_value(nb, chance):
    holder, key = chance.choice(places(nb))
    del holder[key]


def add_a_value(nb, chance):
    holder, _ = chance.choice(places(nb))
    if isinstance(holder, dict):
        holder[chance.choice(KEYS)] = junk(chance)
    else:
        holder.insert(chance.randrange(len(holder) + 1), junk(chance))


def swap_two_values(nb, chance):
    (one, a), (other, b) = chance.choice(places(nb)), chance.choice(places(nb))
    one[a], other[b] = copy.deepcopy(other[b]), copy.deepcopy(one[a])


def on_cells(change):
    def changed(nb, chance):
        if isinstance(nb.get("cells"), list) and nb["cells"]:
            change(nb["cells"], chance)

    return changed


@on_cells
def shuffle_cells(cells, chance):
    chance.shuffle(cells)


@on_cells
def double_a_cell(cells, chance):
    cells.insert(chance.randrange(len(cells) + 1), copy.deepcopy(chance.choice(cells)))


@on_cells
def delete_cells(cells, chance):
    for _ in range(chance.randrange(1, 9)):
        cells.pop(chance.randrange(len(cells))) if cells else None


@on_cells
def swap_metadata(cells, chance):
    one, other = chance.choice(cells), chance.choice(cells)
    if isinstance(one, dict) and isinstance(other, dict):
        one["metadata"], other["metadata"] = other.get("metadata"), one.get("metadata")


@on_cells
def change_a_type(cells, chance):
    cell = chance.choice(cells)
    if isinstance(cell, dict):
        cell["cell_type"] = chance.choice(("code", "markdown", "raw", "heading", 7))


@on_cells
def damage_a_source(cells, chance):
    cell = chance.choice(cells)
    if isinstance(cell, dict) and isinstance(cell.get("source"), str):
        text = mutated_bytes(cell["source"].encode("utf-8", "replace"), chance).decode("latin-1")
        cell["source"] = text if chance.random() < 0.7 else text.splitlines(keepends=True)


@on_cells
def change_flags(cells, chance):
    cell = chance.choice(cells)
    meta = cell.get("metadata") if isinstance(cell, dict) else None
    flags = meta.get("nbgrader") if isinstance(meta, dict) else None
    if isinstance(flags, dict):
        flags[chance.choice(KEYS)] = junk(chance)


def make_it_old(nb, chance):
    nb["worksheets"] = [{"cells": nb.get("cells")}]
    nb["nbformat"] = chance.choice((3, 2, 1, 4, 99, None, "3"))


CHANGES = [change_a_value, drop_a_value, add_a_value, swap_two_values, shuffle_cells, double_a_cell, delete_cells]
CHANGES += [swap_metadata, change_a_type, damage_a_source, change_flags]


def damaged(nb, chance):
    """The bytes of a notebook after a few changes of what it holds, and perhaps of its bytes."""
    nb = copy.deepcopy(nb)
    for _ in range(chance.randint(1, 6)):
        if chance.random() < 0.02:
            make_it_old(nb, chance)
        with contextlib.suppress(TypeError, RecursionError):  # swapped into itself
            chance.choice(CHANGES)(nb, chance)
    try:
        content = json.dumps(nb, ensure_ascii=chance.random() < 0.5).encode("utf-8", "surrogatepass")
    except (ValueError, RecursionError):
        content = b"{}"
    return mutated_bytes(content, chance) if chance.random() < 0.15 else content


def read_and_restored(source, nb, seeds):
    """How many of the damaged notebooks are still graded, refused, and another assignment's."""
    counts = {"graded": 0, "refused": 0, "another's": 0}
    for seed in seeds:
        content = damaged(nb, random.Random(f"notebook {seed}"))
        try:
            book = read(content)
            assert is_proper(unique(book))
            restored = restore(source, book)
        except UnreadableError as error:
            counts["refused"] += 1
            assert_sentence(str(error))
        except WrongAssignmentError as error:
            counts["another's"] += 1
            assert_sentence(str(error))
        else:
            counts["graded"] += 1
            assert_whole(source, restored)
    return counts


def unique(book):
    return {**book, "cells": [{**cell, "id": str(i)} for i, cell in enumerate(book["cells"])]}


def assert_sentence(text):
    assert text.strip()
    assert "\n" not in text
    assert len(text) < 1000
    text.encode()


def assert_whole(source, restored):
    """The instructor's marked cells are there once each, as they were; what was mended is said in sentences."""
    cells = restored.notebook["cells"]
    assert is_proper(restored.notebook)
    assert len({cell["id"] for cell in cells}) == len(cells)
    found = [ident for cell in cells if (ident := notebook.grade_id_of(cell))]
    assert len(set(found)) == len(found)
    for wanted in source.cells:
        if wanted.locked or wanted.is_marked:
            (cell,) = (cell for cell in cells if notebook.grade_id_of(cell) == wanted.grade_id)
            assert cell["cell_type"] == wanted.cell_type
            assert not wanted.locked or cell["source"] == wanted.source
            assert {**notebook.nbgrader_of(cell), "checksum": None} == {**wanted.metadata(), "checksum": None}
    assert len(notebook.digest(restored.notebook)) == 32
    for repair in restored.repairs:
        assert_sentence(repair)


@pytest.mark.deep
@pytest.mark.slow
def test_a_thousand_damaged_notebooks_are_restored_or_refused(source, perfect):
    counts = read_and_restored(source, perfect, range(1000))
    assert sum(counts.values()) == 1000
    assert counts["graded"] > 300
    assert counts["refused"] > 30


@pytest.mark.deep
def test_many_thousand_damaged_notebooks_are_restored_or_refused(source, perfect):
    assert read_and_restored(source, perfect, range(1000, 20_000))["graded"] > 6000


SMALL = Limits(cell_seconds=10, call_seconds=5, submission_seconds=600)


@pytest.fixture(scope="module")
def hurried():
    with Grader(Settings(SECRET, limits=SMALL)) as grader:
        yield grader


def graded_whatever_it_is(grader, source, content):
    """Grade bytes, hold the report against what every report must be, and return its status."""
    report = submitted(grader, source, content).report
    wanted = source.marked
    assert [(cell.grade_id, cell.max_score) for cell in report.cells] == [(c.grade_id, c.points) for c in wanted]
    assert report.max_score == sum(cell.points for cell in wanted)
    for cell in report.cells:
        assert cell.score is None or 0 <= cell.score <= cell.max_score
        assert cell.score == cell.max_score or cell.message or cell.checks
        for check in cell.checks:
            assert check.passed is True or check.message.split("\n")[0].strip()
    assert report.score == sum(cell.score or 0.0 for cell in report.cells)
    assert report.status == "graded" or report.message.endswith(".")
    for text in (report.message or "x", *report.repairs, *(cell.message or "x" for cell in report.cells)):
        assert_sentence(text)
    assert len(to_json(report)) < 100_000
    return report.status


@pytest.mark.sandbox
@pytest.mark.parametrize("seed", sampled(range(8), every=8, rest=3))
def test_damaged_notebooks_are_graded_or_refused(hurried, source, perfect, seed):
    """And the next submission gets its full marks."""
    for number in range(5):
        graded_whatever_it_is(hurried, source, damaged(perfect, random.Random(f"graded {seed} {number}")))
    assert marks(submitted(hurried, source, perfect).report) == FULL


@pytest.mark.sandbox
@pytest.mark.deep
@pytest.mark.parametrize("seed", range(8, 108))
def test_many_damaged_notebooks_are_graded_or_refused(hurried, source, perfect, seed):
    for number in range(20):
        graded_whatever_it_is(hurried, source, damaged(perfect, random.Random(f"graded {seed} {number}")))
    assert marks(submitted(hurried, source, perfect).report) == FULL


# --- frames ----------------------------------------------------------------------------------------------

IMPATIENT = Limits(cell_seconds=0.5, call_seconds=0.3, grace_seconds=0.3, submission_seconds=600)
LATEST = 0.3 + 0.3 + 60.0
"""A busy machine needs the last summand."""
SENDS = """
import os
def f(*_):
    for part in PARTS:
        os.write(4, part)
    THEN
"""
THENS = ("return 1.0", "os._exit(0)", "while True: pass", "import time; time.sleep(9)", "os.close(4)", "f()")


@pytest.fixture(scope="module")
def impatient():
    shared = Pool(IMPATIENT)
    yield shared
    shared.close()


def whole_frames(chance):
    """One to three frames as a process would send them, each perhaps damaged in its lengths or its text."""
    frames = []
    for _ in range(chance.randint(1, 3)):
        text, blob = chance.choice(
            [
                *seeds(),
                (b'{"t":"absent","what":null}', b""),
                (b'{"t":"unreadable","what":"x"}', b""),
                (reply(), b""),
            ]
        )
        text = mutated_bytes(text, chance) if chance.random() < 0.6 else text
        lengths = [len(text), len(blob)]
        if chance.random() < 0.3:
            lengths[chance.randrange(2)] = chance.choice((0, 1, len(text) + 1, 1 << 16, 1 << 26, (1 << 32) - 1))
        frame = HEADER.pack(*lengths) + text + blob
        frames.append(mutated_bytes(frame, chance) if chance.random() < 0.2 else frame)
    return frames


def answers_to_frames(pool, seed):
    """What a session makes of a process that sends such frames: an answer or an end for each call, in time."""
    chance = random.Random(f"frames {seed}")
    source = SENDS.replace("PARTS", repr(whole_frames(chance))).replace("THEN", chance.choice(THENS))
    call = Call((Callback(lambda x: float(x.sum()), "sum"),)) if chance.random() < 0.5 else Call((1.0,))
    came = []
    with pool.session((), {}) as session:
        session.run_cell(source)
        for ask in (lambda: session.ask("f", call), lambda: session.ask("f", call), lambda: session.run_cell("1")):
            started = time.monotonic()
            try:
                came.append(type(ask()))
            except SessionEndedError as error:
                said = str(error)
                assert_sentence(said)
                came.append(SessionEndedError)
            assert time.monotonic() - started < LATEST
            assert (came[-1] is SessionEndedError) <= bool(session.ended)
    return came


@pytest.mark.sandbox
def test_whatever_frames_a_process_sends_each_call_has_an_answer_or_an_end(impatient):
    came = [answers_to_frames(impatient, seed) for seed in range(40)]
    assert {kind for kinds in came for kind in kinds} >= {SessionEndedError, Returned, Raised, Stopped}
    assert honest(impatient)


@pytest.mark.sandbox
@pytest.mark.deep
def test_however_many_frames_it_sends(impatient):
    came = [answers_to_frames(impatient, seed) for seed in range(60, 3000)]
    assert {kind for kinds in came for kind in kinds} <= {
        SessionEndedError,
        Returned,
        Raised,
        Stopped,
        Unreadable,
        tuple,
    }
    assert honest(impatient)
