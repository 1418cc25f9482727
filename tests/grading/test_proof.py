"""What an instructor is told about a source notebook that does not get full marks, from reports as data."""

from __future__ import annotations

import json

import msgspec
import pytest

from autograder.course import Course, CourseError
from autograder.grading import proof
from autograder.grading.settings import Settings
from autograder.grading.submission import Graded, Submission, failed
from autograder.judging.patience import EndlessError
from autograder.notebooks.source import Source, SourceCell
from autograder.results import CheckResult
from autograder.sandbox.policy import CannotIsolateError, Limits


def cell(name, *, points=2.0, **flags):
    given = {"grade": True, "solution": False, "locked": True, "task": False} | flags
    return SourceCell(name, "code", "1.0", points=points, **given)


SOURCE = Source((cell("first"), cell("answer", solution=True), cell("second"), cell("look", grade=False)))
REPORT = failed(SOURCE, Submission(b""), "no")
FULL = [msgspec.structs.replace(result, score=2.0, message=None) for result in REPORT.cells]


def error(name="ValueError", text=""):
    return {"output_type": "error", "ename": name, "evalue": text}


def found(results=FULL, *, may_raise=frozenset(), **outputs):
    """The faults of the source notebook, with what its cells show, and an own cell at its end."""
    names = ["first", "answer", "second", "look", None]
    cells = [
        {
            "cell_type": "code",
            "metadata": {"nbgrader": {"grade_id": name}} if name else {},
            "source": f"text of {name}",
            "outputs": outputs.get(name or "own", []),
        }
        for name in names
    ]
    report = msgspec.structs.replace(REPORT, cells=list(results))
    return list(proof._faults(SOURCE, Graded(report, {"cells": cells}), frozenset(may_raise)))


def changed(number, **fields):
    return [msgspec.structs.replace(r, **fields) if n == number else r for n, r in enumerate(FULL)]


def test_full_marks_and_cells_without_errors_have_no_fault():
    assert found() == []


def test_a_cell_that_lacks_marks_is_named_with_the_checks_that_it_loses():
    checks = [
        CheckResult(name=name, passed=passed, score=0.0, max_score=1.0)
        for name, passed in (("is right", False), ("is kept", True), ("was not run", None), ("is finite", False))
    ]
    said = "“second” gives the source's own solution 1.5 of 2 points."
    assert found(changed(2, score=1.5, checks=checks)) == [f"{said} It loses “is right”, “is finite”."]
    assert found(changed(2, score=1.5, message="stopped early")) == [f"{said} It stopped early."]
    assert found(changed(2, score=1.5)) == [said]


def test_all_cells_with_a_fault_are_named_in_order():
    none = [msgspec.structs.replace(result, score=0.0) for result in FULL]
    assert [line.split("”")[0] for line in found(none, look=[error()])] == ["“first", "“second", "“look"]


def test_what_a_person_marks_lacks_nothing():
    assert found(changed(1, score=0.0)) == []
    assert found(changed(1, score=None)) == []
    assert found(changed(0, score=None)) == []


def test_a_fault_of_the_exercise_or_the_grader_is_said_whatever_the_mark():
    for score in (None, 2.0):
        (line,) = found(changed(0, score=score, fault="KeyError in draw"))
        assert "“first” can't be judged, for a fault" in line
        assert "(KeyError in draw)" in line


def test_a_cell_that_stops_is_named_by_its_grade_id_or_its_number():
    assert found(look=[error("NameError", "name 'x' is not defined")]) == [
        "“look” (cell 4) stops with NameError: name 'x' is not defined."
    ]
    assert found(own=[{"output_type": "stream"}, error()]) == ["Cell 5 stops with ValueError."]
    assert found(own=[error(text="two\n lines.")]) == ["Cell 5 stops with ValueError: two lines."]


@pytest.mark.parametrize(("size", "shown"), [(300, "x" * 300), (301, "x" * 300 + "…")])
def test_of_an_error_so_much_is_quoted(size, shown):
    assert found(own=[error(text="x" * size)]) == [f"Cell 5 stops with ValueError: {shown}."]


def test_a_cell_that_is_meant_to_stop_or_has_its_marks_all_the_same_has_no_fault():
    assert found(own=[error()], may_raise={"text of None"}) == []
    assert found(first=[error()]) == []
    assert len(found(own=[error()], may_raise={"text of look"})) == 1


def test_a_notebook_that_can_t_be_graded_is_its_message():
    assert list(proof._faults(SOURCE, Graded(REPORT, None), frozenset())) == ["no"]


def test_cells_that_are_meant_to_stop_are_found_by_their_tag():
    cells = [
        {"metadata": {"tags": ["raises-exception"]}, "source": ["1 /", " 0"]},
        {"metadata": {"tags": ["other"]}, "source": "x"},
        {"metadata": {}, "source": "y"},
        {"metadata": {"tags": ["other", "raises-exception"]}, "source": "z"},
    ]
    assert proof._may_raise(json.dumps({"cells": cells}).encode()) == {"1 / 0", "z"}
    for content in (b"", b"{}", b"[1]", b'{"cells": 3}', b'{"cells": [{}]}', b'{"cells": [{"metadata": 3}]}'):
        assert proof._may_raise(content) == frozenset()


def test_whatever_decides_about_full_marks_changes_the_digest_and_isolation_does_not():
    settings, files = Settings(b""), {"a": b"1", "b": b"2"}
    first = proof.digest(b"{}", files, settings)
    others = [
        proof.digest(b"{} ", files, settings),
        proof.digest(b"{}", {"a": b"1"}, settings),
        proof.digest(b"{}", {"a": b"2", "b": b"1"}, settings),
        proof.digest(b"{}", {"a": b"1", "c": b"2"}, settings),
        proof.digest(b"{}", files, Settings(b"", allow=("scipy",))),
        proof.digest(b"{}", files, Settings(b"", limits=Limits(cell_seconds=7))),
    ]
    assert len({first, *others}) == 7
    assert proof.digest(b"{}", dict(reversed(files.items())), settings) == first
    assert proof.digest(b"{}", files, Settings(b"", isolated=False)) == first


def settings_of(tmp_path, *lines):
    (tmp_path / "nbgrader_config.py").write_text("\n".join(["c = get_config()", *lines]))
    return proof.settings_for(Course(tmp_path))


def test_the_source_is_graded_under_the_course_s_own_limits_and_without_the_secret(tmp_path, monkeypatch):
    monkeypatch.setattr(proof, "isolation", lambda: "landlock")
    found = settings_of(
        tmp_path,
        "c.Execute.timeout = 90",
        "c.GradeSealed.limits = {'memory': '4G'}",
        "c.GradeSealed.allow = ['scipy']",
    )
    assert (found.secret, found.allow, found.isolated) == (b"", ("scipy",), True)
    assert (found.limits.cell_seconds, found.limits.memory) == (90, 4 << 30)
    assert settings_of(
        tmp_path, "c.Execute.timeout = 90", "c.GradeSealed.limits = {'cell_seconds': 7}"
    ).limits == (Limits().changed({"cell_seconds": 7, "cell_patience": 0.0, "submission_seconds": 180}))
    assert not settings_of(tmp_path, "c.GradeSealed.sandbox = 'none'").isolated
    with pytest.raises(CourseError, match="There is no option"):
        settings_of(tmp_path, "c.GradeSealed.limit = 3")


def test_a_machine_that_can_t_isolate_proves_the_source_without(tmp_path, monkeypatch):
    def isolation():
        raise CannotIsolateError("no Landlock")

    monkeypatch.setattr(proof, "isolation", isolation)
    assert not settings_of(tmp_path).isolated


@pytest.fixture
def graded_as(monkeypatch):
    """Have the source graded with this report."""

    def use(report, needs=()):
        class Grader:
            def __init__(self, settings):
                pass

            def __enter__(self):
                return self

            def __exit__(self, *_):
                pass

            def grade(self, source, submission):
                return Graded(report, {"cells": [{"metadata": {}, "source": "", "outputs": [error()]}]})

        monkeypatch.setattr(proof, "Grader", Grader)
        monkeypatch.setattr(proof, "needs_what_only_shows", lambda *_: iter(needs))

    return use


def test_a_cell_that_is_left_out_is_blamed_first_for_what_lacks_it(graded_as):
    report = msgspec.structs.replace(REPORT, cells=FULL)
    graded_as(report, ["Cell 3 needs it."])
    assert list(proof.faults(SOURCE, b"{}", {}, Settings(b""))) == ["Cell 3 needs it."]
    graded_as(report)
    assert list(proof.faults(SOURCE, b"{}", {}, Settings(b""))) == ["Cell 1 stops with ValueError."]


def test_a_source_without_a_fault_is_not_graded_a_second_time_and_one_that_never_ends_names_its_exercises(
    graded_as, monkeypatch
):
    graded_as(msgspec.structs.replace(REPORT, cells=FULL), ["Cell 3 needs it."])
    monkeypatch.setattr(proof, "_faults", lambda *_: iter(()))
    assert list(proof.faults(SOURCE, b"{}", {}, Settings(b""))) == []

    def endless(self, source, submission):
        assert submission == Submission(b"{}", "", file="The source notebook", files=files, instructors=names)
        raise EndlessError("it took too long.")

    files, names = {"x": b"1"}, frozenset({"x"})
    hidden = "### BEGIN HIDDEN TESTS\ncheck('{0}', {0})\n### END HIDDEN TESTS"
    sealed = [SourceCell(n, "code", hidden.format(n), True, False, True, False, 1.0) for n in ("f", "g")]
    monkeypatch.setattr(proof.Grader, "grade", endless)
    (said,) = proof.faults(Source((*SOURCE.cells, *sealed)), b"{}", files, Settings(b""))
    assert said == "A function of one of the exercises “f”, “g” does not end: it took too long."
