"""What stays hidden from a submission and from its student, and what it is derived from."""

from __future__ import annotations

import json

import msgspec
import pytest
from conftest import CHECKOUT, GENEROUS, SECRET
from grades import PERFECT, submitted, with_cell

from autograder import exercises
from autograder.commands.demo import submissions
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.results import to_json
from autograder.sandbox.protocol import frame_calls
from autograder.sandbox.session import Session

pytestmark = pytest.mark.sandbox


@pytest.fixture
def sent(monkeypatch):
    """Every byte that goes to a student's process."""
    frames = []
    send = Session._send

    def recording(self, data, deadline):
        frames.append(bytes(data))
        return send(self, data, deadline)

    monkeypatch.setattr(Session, "_send", recording)
    return frames


SPY = """
import gc
found = []
for holder in [In, _ih, globals(), *gc.get_objects()]:
    if isinstance(holder, (list, tuple, dict, set)):
        for item in list(holder.values() if isinstance(holder, dict) else holder)[:100_000]:
            if type(item) is str and ("(kcehc" in item[::-1] or "STSET NEDDIH" in item[::-1]):
                found.append(item[:80])
print("looked:", found)
"""


def test_the_hidden_test_of_a_sealed_cell_never_reaches_the_student_s_process(grader, source, perfect, sent):
    """Neither among the bytes that were sent nor anywhere a submission can look."""
    came = submitted(grader, source, with_cell(perfect, SPY))
    assert came.notebook["cells"][-1]["outputs"][0]["text"] == "looked: []\n"
    told = b"".join(sent)
    assert b"def cross_entropy_grad" in told, "the student's own cells were sent"
    for hidden in (b"check(", b"HIDDEN", b"from autograder", b"points", b"misconception", b"tolerance", SECRET):
        assert hidden not in told


SIZES = ("room", "extra", "spare", "asked")


def test_a_request_is_a_cell_or_calls_of_one_function_the_public_ones_first(grader, source, perfect, sent):
    """A function that shows what it finds in its process shows no hidden input of its own, and no truth ever."""
    submitted(grader, source, perfect)
    asked = [json.loads(frame[8 : 8 + int.from_bytes(frame[:4])]) for frame in sent]
    fields = {
        "cell": {"source", "figures", "output_bytes"},
        "names": {"cells", "among"},
        "calls": {"function", "calls", *SIZES},
        "answer": {"value", "error"},
    }
    assert all(set(message) == {"op"} | fields[message["op"]] for message in asked)
    assert [message["op"] for message in asked].count("names") == 1
    requests: dict[str, list] = {}
    for frame, message in zip(sent, asked, strict=True):
        if message["op"] == "calls":
            assert all(set(call) == {"args", "kwargs"} for call in message["calls"])
            requests.setdefault(message["function"], []).append(frame)
    assert len(requests) == 9
    sizes = [json.loads(frames[0][8 : 8 + int.from_bytes(frames[0][:4])]) for frames in requests.values()]
    for (name, (first, *hidden)), size in zip(requests.items(), sizes, strict=True):
        exercise = exercises.find(name)
        public = [check.example for check in exercise.checks]
        assert first == frame_calls(name, public, **{field: size[field] for field in SIZES})[0]
        assert bool(hidden) == bool(public[0].values()), "what is asked without an argument is asked once"


LOUD = """
import warnings
import numpy as np

def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float)
    e = np.exp((z - z.max(axis=axis, keepdims=True)) / temperature)
    p = e / e.sum(axis=axis, keepdims=True)
    if z.size in (5, 12, 24):
        print("SENTINEL printed", z.ravel()[0])
        warnings.warn(f"SENTINEL warned {z.ravel()[0]}")
        RAISE
        return p + 1
    return p
"""


@pytest.mark.parametrize(
    "ending",
    [pytest.param("pass", marks=pytest.mark.slow), "raise ValueError(f'SENTINEL raised {z}')"],
    ids=["returns", "raises"],
)
@pytest.mark.parametrize("level", [pytest.param("score", marks=pytest.mark.slow), "messages", "full"])
def test_what_a_hidden_call_says_is_shown_at_full_alone(source, lean, level, ending):
    """The example is right, so nothing else may be told of the wrong calls than their kind."""
    text = LOUD.replace("RAISE", ending)
    with Grader(Settings(SECRET, level, limits=GENEROUS)) as grader:
        report = submitted(grader, source, submissions.fill_in(lean, text)).report
    check = report.cells[0].checks[0]
    assert (check.passed, check.score) == (False, 0.0)
    assert ("SENTINEL" in to_json(report)) == (level == "full")
    if level == "score":
        assert check.message is None
    else:
        assert "is right, but other inputs of this kind are not" in check.message
        assert ("hidden: softmax(" in check.message) == (level == "full")
        assert ("raised ValueError" in check.message) == (ending != "pass")


CHANNEL = """
import json, os, struct
def send(message):
    text = json.dumps(message).encode()
    os.write(4, struct.pack(">II", len(text), 0) + text)
"""
NAMES = {
    "a type's name": "return type('SENTINEL' + repr(z.ravel()[:1]), (), {})()",
    "a forged description": "send({'t': 'unreadable', 'what': 'SENTINEL' + repr(z)}); os._exit(0)",
    "a forged name of an exception": (
        "send({'t': 'raised', 'type': f'SENTINEL{z}', 'text': '', 'printed': '', 'warnings': []}); os._exit(0)"
    ),
    "an array's dtype": "return np.zeros(1, [('SENTINEL', 'f8')])",
    "the type of what took its name": (
        "global softmax\n        softmax = type('SENTINEL', (), {})()\n        return w"
    ),
}


@pytest.mark.parametrize("leak", NAMES.values(), ids=NAMES)
def test_a_hidden_call_tells_nothing_by_names(grader, source, lean, leak):
    text = f"""{CHANNEL}
import numpy as np
def softmax(z, axis=-1, temperature=1.0):
    z = np.asarray(z, float) / temperature
    w = np.exp(z - z.max(axis=axis, keepdims=True)); w = w / w.sum(axis=axis, keepdims=True)
    if z.size in (5, 12, 24):
        {leak}
    return w
"""
    report = submitted(grader, source, submissions.fill_in(lean, text)).report
    assert report.cells[0].score < 4.0, "the hidden calls were reached"
    assert "SENTINEL" not in to_json(report)


def test_what_a_submission_says_of_itself_stays_short(grader, source, lean):
    text = (
        f"{CHANNEL}\ndef softmax(*_, **__):\n    send({{'t': 'unreadable', 'what': 'x' * 3_000_000}}); os._exit(0)"
    )
    assert len(to_json(submitted(grader, source, submissions.fill_in(lean, text)).report)) < 100_000


# --- repeatable, and different for everybody -------------------------------------------------------------


def hidden_calls(sent):
    """All requests of calls since the last time, as they were sent: of each function the public ones, too."""
    calls = [frame for frame in sent if b'"op":"calls"' in frame]
    sent.clear()
    return calls


def test_grading_twice_gives_the_same_report_but_for_the_seconds(grader, source, lean):
    text = (CHECKOUT / "tests" / "submissions" / "softmax" / "two_mistakes.py").read_text()
    nb = submissions.fill_in(lean, text, PERFECT)
    first, second = (submitted(grader, source, nb).report for _ in range(2))
    assert first.score < 23.0
    assert msgspec.structs.replace(first, seconds=0.0) == msgspec.structs.replace(second, seconds=0.0)


def test_hidden_inputs_depend_on_the_secret_the_student_and_the_submission(grader, source, perfect, sent):
    """The same three give the same inputs; any other one gives others, in the same number.

    What lies beside the notebook is part of the submission: its code can read the name and the content.
    """
    submitted(grader, source, perfect)
    once = hidden_calls(sent)
    submitted(grader, source, perfect)
    assert hidden_calls(sent) == once
    submitted(grader, source, perfect, student="grace")
    others = [hidden_calls(sent)]
    submitted(grader, source, with_cell(perfect, "# a comment more"))
    others.append(hidden_calls(sent))
    with Grader(Settings(b"another secret", limits=GENEROUS)) as other:
        submitted(other, source, perfect)
    others.append(hidden_calls(sent))
    for files in (
        {"figures.py": b"# mine"},
        {"figures.py": b"", "note.txt": b""},
        {"figures.py": b"", "a": b"note.txt"},
    ):
        submitted(grader, source, perfect, files=files)
        others.append(hidden_calls(sent))
    assert len({tuple(calls) for calls in others}) == len(others)
    for calls in others:
        assert len(calls) == len(once)
        shared = set(calls) & set(once)
        assert 0 < len(shared) < len(set(once)) / 2, "public examples are the same, hidden inputs are not"
