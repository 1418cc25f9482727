"""What a worker returned is held against what it was asked, cell by cell."""

from __future__ import annotations

import msgspec
import pytest

from autograder.cluster.verdicts import InvalidError, read_graded, read_notebook, read_results
from autograder.cluster.wire import Done, Results
from autograder.grading.submission import Submission, failed
from autograder.notebooks.source import Source, SourceCell

SUBMISSION = Submission(b"{}", "ada", "hw", "one", "ada.ipynb")


def source_of(*points):
    cells = (
        SourceCell(f"cell-{n}", "code", "1.0", grade=True, solution=False, locked=True, task=False, points=most)
        for n, most in enumerate(points)
    )
    return Source(tuple(cells))


def read(source, *scores, isolated=True, **changed):
    """Read a report in which the cells have these scores; their sum is the report's, unless it is given."""
    report = failed(source, SUBMISSION, "no")
    cells = [msgspec.structs.replace(c, score=s) for c, s in zip(report.cells, scores, strict=True)]
    given = {"cells": cells, "score": sum(score or 0.0 for score in scores)} | changed
    content = msgspec.Raw(msgspec.json.encode((msgspec.structs.replace(report, **given), None)))
    return read_graded(content, source, SUBMISSION, isolated=isolated)


@pytest.mark.parametrize("scores", [(0.0, 3.0), (2.0, 0.0), (None, 3.0), (None, None), (0.5, 2.5)])
def test_from_nothing_to_the_maximum_every_mark_is_taken_and_none_at_all_where_a_person_decides(scores):
    report, _ = read(source_of(2.0, 3.0), *scores)
    assert tuple(cell.score for cell in report.cells) == scores


@pytest.mark.parametrize("scores", [(2.5, 0.0), (2.0, 3.5), (-0.5, 3.0), (1.0, -0.5), (2.5, None)])
def test_one_impossible_mark_among_possible_ones_is_refused(scores):
    with pytest.raises(InvalidError, match="can't have"):
        read(source_of(2.0, 3.0), *scores)


def test_cells_in_another_order_or_under_another_name_are_refused():
    source = source_of(2.0, 2.0)
    cells = failed(source, SUBMISSION, "no").cells
    renamed = [cells[0], msgspec.structs.replace(cells[1], grade_id="other")]
    for wrong in (cells[::-1], renamed, [*cells, cells[0]], []):
        with pytest.raises(InvalidError, match="can't have"):
            read(source, 0.0, 0.0, cells=wrong)


def test_a_sum_may_differ_by_rounding_and_by_no_more():
    source = source_of(1.0, 1.0, 1.0)
    assert 0.1 + 0.2 + 0.3 != 0.6
    assert read(source, 0.1, 0.2, 0.3, score=0.6)[0].score == 0.6
    for wrong in (0.6001, 0.5999, 0.0):
        with pytest.raises(InvalidError, match="not their sum"):
            read(source, 0.1, 0.2, 0.3, score=wrong)


@pytest.mark.parametrize("field", ["student", "assignment", "notebook", "file"])
def test_a_report_that_differs_in_whose_it_is_or_of_what_is_refused(field):
    with pytest.raises(InvalidError, match="another submission"):
        read(source_of(1.0), 1.0, **{field: "other"})


def test_a_run_without_isolation_is_taken_only_where_it_was_asked_for():
    assert read(source_of(1.0), 1.0, isolated=False, isolation="none")[0].isolation == "none"
    assert read(source_of(1.0), 1.0, isolation="landlock")[0].isolation == "landlock"
    with pytest.raises(InvalidError, match="without isolation"):
        read(source_of(1.0), 1.0, isolation="none")


def test_a_report_may_come_without_a_notebook():
    assert read_notebook(read(source_of(1.0), 1.0)[1]) is None


def test_results_are_what_was_written():
    results = Results([Done(3, why="no", fault=True), Done(5, msgspec.Raw(b"[1]"))], 1.5, "is full")
    assert read_results(msgspec.json.encode(results)) == results
