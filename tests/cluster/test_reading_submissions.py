"""Which submissions are given out, once more if a worker dies, and when one is to blame."""

from __future__ import annotations

import msgspec
import pytest
from conftest import SECRET, SHORT

from autograder.cluster.submissions import Submissions
from autograder.cluster.verdicts import InvalidError
from autograder.cluster.wire import Done
from autograder.course import Course
from autograder.grading.grader import digest_of
from autograder.grading.outcome import open_submission
from autograder.grading.settings import Settings
from autograder.grading.submission import failed
from autograder.intake import SubmittedNotebook


@pytest.fixture
def some(source, tmp_path):
    """Five submissions; the fourth can't be read."""
    wanted = []
    for number in range(5):
        path = tmp_path / "submitted" / f"s{number}" / "hw" / "softmax.ipynb"
        path.parent.mkdir(parents=True)
        if number != 3:
            path.write_text("{}")
        wanted.append((SubmittedNotebook(path, f"s{number}", "hw", "softmax"), source))
    return Submissions(Course(tmp_path), Settings(SECRET, limits=SHORT), wanted, lambda _: None)


def test_they_are_given_out_in_order_and_what_can_t_be_read_is_finished(some):
    assert some.take(2, until=5) == [0, 1]
    assert some.left == 3
    assert some.take(9, until=5) == [2, 4]
    assert list(some.finished) == [3]
    assert some.finished[3].opened().report.status == "failed"
    assert some.take(9, until=5) == []


def test_none_is_read_too_far_ahead(some):
    assert some.take(9, until=2) == [0, 1]
    assert some.left == 3


def test_what_a_dead_worker_had_comes_first(some):
    taken = some.take(2, until=5)
    some.again(taken, alone=False)
    assert some.take(3, until=5) == [0, 1, 2]


def test_only_a_submission_that_two_workers_die_of_alone_is_to_blame(some):
    some.take(2, until=5)
    some.suspect([0, 1], alone=False)
    assert list(some.alone) == [0, 1]
    some.alone.clear()
    some.suspect([0], alone=True)
    assert list(some.alone) == [0]
    assert not some.finished
    some.suspect([0], alone=True)
    assert list(some.alone) == [0]
    assert "2 workers died while they graded it" in some.finished[0].opened().report.message


# --- what is given out, and what comes back --------------------------------------------------------------


def test_a_task_ends_with_the_submission_that_makes_it_large(some, monkeypatch):
    """The files beside a notebook count, and one that is too large by itself is given out alone."""
    some.read(1)
    monkeypatch.setattr("autograder.cluster.submissions.MOST_BYTES", 4)
    assert some.take(9, until=5) == [0, 1]  # two bytes each
    (some.wanted[2][0].path.parent / "data.csv").write_text("12345")
    assert some.take(9, until=5) == [2]
    assert some.take(9, until=5) == [4]


def with_earlier(some, earlier):
    return Submissions(some.course, some.settings, some.wanted, earlier)


def test_what_has_not_changed_is_finished_with_its_earlier_report_and_the_rest_is_given_out(some, source):
    submission = open_submission(some.course, some.wanted[1][0])
    digest, report = digest_of(some.settings, source, submission), failed(source, submission, "as before")
    noted = {"s0": ("another", report), "s1": (digest, report)}
    again = with_earlier(some, lambda found: noted.get(found.student))
    assert again.take(9, until=3) == [0, 2]
    kept = again.finished[1].opened()
    assert (kept.report, kept.digest, kept.fresh, kept.notebook) == (report, digest, False, None)
    assert list(again.finished) == [1]


def test_those_that_died_with_others_come_back_in_their_order_before_what_waits(some):
    some.take(3, until=5)
    some.again([1, 2], alone=True)
    some.again([0], alone=True)
    assert list(some.alone) == [0, 1, 2]
    assert some.left == 2
    assert some.take(9, until=5) == [4]


def test_a_submission_is_sent_with_its_number_its_student_and_its_file(some):
    some.take(2, until=5)
    item = some.item(1)
    assert (item.number, item.student, item.assignment, item.notebook) == (1, "s1", "hw", "softmax")
    assert item.file.decode() == some.file(1) == "submitted/s1/hw/softmax.ipynb"


@pytest.mark.parametrize(("fault", "score"), [(True, None), (False, 0.0)])
def test_what_a_worker_could_not_grade_has_its_reason_and_no_mark_where_the_grader_is_at_fault(some, fault, score):
    some.take(1, until=5)
    came = some.outcome(Done(0, why="It was too much.", fault=fault)).opened()
    assert (came.report.status, came.report.message) == ("failed", "It was too much.")
    assert {cell.score for cell in came.report.cells} == {score}
    assert (came.digest, came.fresh, came.found.student) == ("", True, "s0")  # it is graded again
    assert some.outcome(Done(0)).opened().report.message == "It could not be graded."


def report_on(some, number, source, notebook):
    report = failed(source, open_submission(some.course, some.wanted[number][0]), "no")
    return Done(number, msgspec.Raw(msgspec.json.encode((report, notebook))))


def test_a_report_is_kept_with_the_digest_of_what_was_sent(some, source):
    some.take(2, until=5)
    came = some.outcome(report_on(some, 1, source, {"cells": []})).opened()
    digest = digest_of(some.settings, source, open_submission(some.course, some.wanted[1][0]))
    assert (came.digest, came.notebook, came.report.student) == (digest, {"cells": []}, "s1")
    with pytest.raises(InvalidError, match="another submission"):
        some.outcome(msgspec.structs.replace(report_on(some, 1, source, None), number=0))


def test_a_notebook_that_is_none_costs_no_mark_and_is_graded_again(some, source):
    some.take(1, until=5)
    came = some.outcome(report_on(some, 0, source, 7)).opened()
    assert came.report.message.startswith("submitted/s0/hw/softmax.ipynb could not be graded: its worker returned")
    assert {cell.score for cell in came.report.cells} == {None}
    assert (came.digest, came.notebook) == ("", None)


def test_what_is_finished_is_not_held_any_longer(some):
    some.take(3, until=5)
    some.finish({number: some.outcome(Done(number)) for number in (0, 2)})
    assert sorted(some.finished) == [0, 2]
    assert list(some._open) == [1]
