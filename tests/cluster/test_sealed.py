"""On a cluster, student code is as sealed as here: what peeks sees nothing, what forges earns nothing."""

from __future__ import annotations

import json
import platform
import shutil

import pytest
from classroom import PERFECT, copied, grade
from conftest import SECRET, SHORT
from hostile.attacks import FORGED, LIVE, PREAMBLE
from hostile.target import Target

from autograder.commands.demo import submissions
from autograder.grading.grader import Grader
from autograder.grading.settings import Settings

pytestmark = [
    pytest.mark.slow,
    pytest.mark.sandbox,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are numbered for x86-64"),
]
UNENDING = ("returns a list without end", "patches builtins", "replaces the program it runs in")
PEEKS = [attack for attack in LIVE if attack.kind == "peek"]


def handed_in(root, lean, student, answers, cell=""):
    nb = submissions.fill_in(lean, answers, PERFECT if cell else "")
    if cell:
        nb["cells"].append({"cell_type": "code", "id": "peek", "metadata": {}, "source": cell})
    folder = root / "submitted" / student / "softmax"
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(submissions.write(nb))


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    """Files, sockets and a process of another submission on this machine, with a token in all of them."""
    with Grader(Settings(SECRET, limits=SHORT)) as grader:
        target = Target(tmp_path_factory.mktemp("target"), grader)
        yield target
        target.close()


@pytest.fixture(scope="module", params=[6, pytest.param(1, marks=pytest.mark.deep)], ids=["some", "all"])
def graded(request, cluster, classroom, lean, target, tmp_path_factory):
    """Every sixth attack, or all of them, as one class that two workers grade; and an honest student."""
    root = copied(classroom, tmp_path_factory.mktemp("hostile") / "class")
    shutil.rmtree(root / "submitted")
    target.ready()
    before, aims = target.state(), target.described()
    for number, attack in list(enumerate(PEEKS))[:: request.param]:
        code = f"{PREAMBLE}\nT = {aims!r}\n{attack.cell}"
        handed_in(root, lean, f"peek{number:02}", PERFECT, code)
    for number, attack in list(enumerate(FORGED))[:: request.param]:
        if attack.name not in UNENDING:
            handed_in(root, lean, f"forge{number:02}", attack.code)
    handed_in(root, lean, "honest", PERFECT)
    results = root.parent / "results.jsonl"
    status, said = grade(root, "--cluster", cluster.address, "--results", results)
    assert status == 0, said
    assert target.state() == before
    reports = [json.loads(line) for line in results.read_text().splitlines()]
    return root, {report["student"]: report for report in reports}


def test_what_peeks_sees_nothing(graded, target):
    root, reports = graded
    peeked = [student for student in reports if student.startswith("peek")]
    assert len(peeked) > 3
    for student in peeked:
        shown = json.loads((root / "autograded" / student / "softmax" / "softmax.ipynb").read_text())
        [cell] = [cell for cell in shown["cells"] if cell["id"] == "peek"]
        outputs = json.dumps(cell["outputs"])
        assert "BREACH" not in outputs, student
        assert target.token not in outputs, student


def test_what_forges_earns_nothing(graded):
    _, reports = graded
    forged = [report for student, report in reports.items() if student.startswith("forge")]
    assert len(forged) > 2
    for report in forged:
        assert {cell["score"] for cell in report["cells"] if cell["mode"] == "sealed"} == {0.0}, report["student"]
        assert report["isolation"] != "none"


def test_the_honest_student_beside_them_has_full_marks(graded):
    _, reports = graded
    assert reports["honest"]["score"] == 23.0
