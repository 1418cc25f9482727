"""What goes to a worker and comes back is the same data, and nothing but data."""

from __future__ import annotations

import asyncio
import os
from dataclasses import replace

import msgspec
import pytest
from conftest import SECRET, SHORT

from autograder.cluster import worker
from autograder.cluster.verdicts import InvalidError, read_graded, read_notebook, read_results
from autograder.cluster.wire import Group, digest_of, kit_for, lay_out_own, packed, read_kit, unpacked
from autograder.commands.demo import submissions
from autograder.course import Course
from autograder.grading.settings import Settings
from autograder.grading.submission import Submission, failed

SETTINGS = Settings(SECRET, "full", SHORT, ("scipy",), figures=True, follow_through=0.25)
ODD = os.fsdecode(b"data-\xff.csv")


@pytest.fixture
def own_course(tmp_path):
    """A course with a file beside its notebook and an exercise of its own."""
    for name, content in {
        "source/hw/data.csv": b"1,2",
        f"source/hw/{ODD}": b"odd",
        "exercises/twice.py": b"exercise = 1",
        "solutions/ours.py": b"def twice(x): return 2 * x",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    return Course(tmp_path)


@pytest.fixture
def kit(own_course, source):
    return kit_for(own_course, SETTINGS, {("hw", "softmax"): source})


SUBMISSION = Submission(
    b"{}", "alice", "hw", "softmax", ODD, {"data.csv": b"1,2", "mine.py": b"x = 1"}, frozenset({"data.csv"})
)


def test_a_kit_brings_settings_sources_and_own_exercises_as_they_are(kit, source, tmp_path):
    found, settings = read_kit(kit)
    assert repr(settings) == repr(SETTINGS)  # an integer stays one: digests and messages depend on it
    assert [(a, n, repr(s)) for a, n, s in found.sources] == [("hw", "softmax", repr(source))]
    assert dict(found.beside["hw"]) == {b"data.csv": b"1,2", b"data-\xff.csv": b"odd"}
    assert dict(found.own)[b"solutions/ours.py"] == b"def twice(x): return 2 * x"


def test_a_submission_is_sent_without_the_instructors_files_and_arrives_with_them(kit):
    item = packed(7, SUBMISSION)
    assert [name for name, _ in item.files] == [b"mine.py"]
    sent = msgspec.msgpack.decode(msgspec.msgpack.encode(item), type=type(item))
    assert unpacked(sent, read_kit(kit)[0]) == SUBMISSION


def test_a_group_holds_nothing_but_plain_data(kit):
    content = msgspec.msgpack.encode(Group(digest_of(kit), [packed(0, SUBMISSION)]))
    assert set(msgspec.msgpack.decode(content)) == {"kit", "items"}  # any reader of the format can read it


def test_a_kit_is_the_same_whatever_the_order_of_its_sources(own_course, source):
    (own_course.root / "source" / "ex").mkdir()
    (own_course.root / "source" / "ex" / "other.csv").write_bytes(b"3")
    keys = [("hw", "b"), ("ex", "a"), ("hw", "a")]
    kits = [kit_for(own_course, SETTINGS, dict.fromkeys(order, source)) for order in (keys, keys[::-1])]
    assert kits[0] == kits[1]
    found, _ = read_kit(kits[0])
    assert [key for *key, _ in found.sources] == [["ex", "a"], ["hw", "a"], ["hw", "b"]]
    assert {name: set(dict(files)) for name, files in found.beside.items()} == {
        "ex": {b"other.csv"},
        "hw": {b"data-\xff.csv", b"data.csv"},
    }


def test_of_a_course_only_the_python_files_of_its_exercises_and_solutions_go_along(own_course, source):
    for name in ("exercises/notes.txt", "solutions/key.csv", "grades.py"):
        (own_course.root / name).write_bytes(b"secret")
    found, _ = read_kit(kit_for(own_course, SETTINGS, {("hw", "softmax"): source}))
    assert [name for name, _ in found.own] == [b"exercises/twice.py", b"solutions/ours.py"]


def test_own_exercises_are_laid_out_as_they_were(kit, tmp_path):
    root = tmp_path / "elsewhere"
    root.mkdir()
    found, _ = read_kit(kit)
    lay_out_own(found, root)
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.py")}
    assert files == {"exercises/twice.py": b"exercise = 1", "solutions/ours.py": b"def twice(x): return 2 * x"}


def test_two_assignments_may_have_a_file_of_one_name(own_course, source):
    (own_course.root / "source" / "ex").mkdir()
    (own_course.root / "source" / "ex" / "data.csv").write_bytes(b"another")
    kit, _ = read_kit(kit_for(own_course, SETTINGS, {("hw", "a"): source, ("ex", "a"): source}))
    theirs = replace(SUBMISSION, assignment="ex", files={"data.csv": b"another"})
    assert unpacked(packed(0, theirs), kit) == theirs
    assert unpacked(packed(0, SUBMISSION), kit) == SUBMISSION


def test_a_students_file_of_the_instructors_name_is_sent_as_the_students(kit):
    """It is one that students edit: the course lets it stand."""
    edited = replace(SUBMISSION, files={"data.csv": b"mine"}, instructors=frozenset())
    item = packed(0, edited)
    assert (item.files, item.ours) == ([(b"data.csv", b"mine")], [])
    assert unpacked(item, read_kit(kit)[0]) == edited


# --- results ---------------------------------------------------------------------------------------------


def graded(source, **changed):
    report = msgspec.structs.replace(failed(source, SUBMISSION, "no"), **{"file": "data-?.csv"} | changed)
    return msgspec.Raw(msgspec.json.encode((report, {"cells": []})))


def test_a_report_on_what_was_asked_is_taken(source):
    report, ran = read_graded(graded(source), source, SUBMISSION, isolated=True)
    assert (report.student, read_notebook(ran)) == ("alice", {"cells": []})
    with pytest.raises(InvalidError, match="no notebook"):
        read_notebook(msgspec.Raw(b"[1]"))


def with_cell(source, **changed):
    cells = failed(source, SUBMISSION, "no").cells
    return {
        "cells": [msgspec.structs.replace(cells[0], **changed), *cells[1:]],
        "score": changed.get("score", 0.0),
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda _: {"student": "bob"}, "another submission"),
        (lambda _: {"file": "other.ipynb"}, "another submission"),
        (lambda source: {"cells": failed(source, SUBMISSION, "no").cells[1:]}, "can't have"),
        (lambda source: with_cell(source, score=99.0), "can't have"),
        (lambda source: with_cell(source, score=-1.0), "can't have"),
        (lambda source: with_cell(source, max_score=99.0), "can't have"),
        (lambda _: {"score": 1.0}, "not their sum"),
        (lambda _: {"max_score": 1000.0}, "not their sum"),
        (lambda _: {"isolation": "none"}, "without isolation"),
    ],
)
def test_a_report_that_can_t_be_one_is_refused(source, change, said):
    with pytest.raises(InvalidError, match=said):
        read_graded(graded(source, **change(source)), source, SUBMISSION, isolated=True)


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"done": [{}], "seconds": 1}', "text", None, object()])
def test_results_that_are_none_are_refused(content):
    with pytest.raises(InvalidError):
        read_results(content)


@pytest.mark.parametrize("content", [b"1", b"[1, 2]", b"[null, {}]", b'[{"student": "alice"}, null]'])
def test_a_report_that_is_none_is_refused(source, content):
    with pytest.raises(InvalidError):
        read_graded(msgspec.Raw(content), source, SUBMISSION, isolated=True)


# --- a worker --------------------------------------------------------------------------------------------


def test_a_worker_without_the_kit_grades_nothing_and_says_so(kit):
    results = read_results(worker.grade_group(msgspec.msgpack.encode(Group(digest_of(kit), []))))
    assert (results.done, results.unfit) == ([], worker.LOST_KIT)
    assert read_results(worker.grade_group(b"nonsense")).unfit.startswith("met a fault of the grader")


def test_a_worker_refuses_a_kit_that_is_not_the_one_that_was_sent(kit):
    assert asyncio.run(worker.equip(b"", digest_of(kit), 0)).decode() == worker.NEEDS_KIT
    assert b"not the one" in asyncio.run(worker.equip(kit + b" ", digest_of(kit), 0))


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_worker_grades_a_group_and_forgets_the_kit(released_course, source, perfect):
    settings = Settings(SECRET, limits=SHORT)
    kit = kit_for(released_course, settings, {("softmax", "softmax"): source})
    digest = digest_of(kit)
    assert asyncio.run(worker.equip(kit, digest, 0)) == b""
    good = Submission(submissions.write(perfect), "alice", "softmax", "softmax", "a.ipynb")
    broken = Submission(b"\xff", "bob", "softmax", "softmax", "b.ipynb")
    content = msgspec.msgpack.encode(Group(digest, [packed(4, good), packed(9, broken)]))
    results = read_results(worker.grade_group(content))
    assert [done.number for done in results.done] == [4, 9]
    assert results.unfit is None
    report, _ = read_graded(results.done[0].graded, source, good, isolated=True)
    assert report.score == report.max_score - 4  # two answers wait for a person
    assert read_graded(results.done[1].graded, source, broken, isolated=True)[0].status == "failed"
    root = worker._posts[digest].root
    asyncio.run(worker.dismiss(digest))
    assert read_results(worker.grade_group(content)).unfit == worker.LOST_KIT
    assert not root.exists()
