"""Results read from a file, and what the exercises say about them."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from dozen import DOZEN, IN_PROCESS, PARTIAL, PERFECT, SECOND_BOOK, cell, report

from autograder import exercises
from autograder.commands.class_facts import facts_of, sentences_of, used_in
from autograder.commands.class_results import ResultsError, known_in, read_results
from autograder.commands.entered import entered_in
from autograder.commands.opening import CannotGradeError
from autograder.course import Course
from autograder.gradebook import marks
from autograder.results import to_json


def test_every_line_is_a_report_in_order_and_blank_ones_are_none(tmp_path):
    path = tmp_path / "r.jsonl"
    reports = [PERFECT, IN_PROCESS, SECOND_BOOK]
    path.write_text("\n".join(["", to_json(PERFECT), "  ", *map(to_json, reports[1:]), "", ""]), encoding="utf-8")
    assert read_results(path) == reports


@pytest.mark.parametrize("line", ["{", "[]", '{"student": "x"}', "null"])
def test_a_line_that_is_no_report_is_named_by_its_number(tmp_path, line):
    path = tmp_path / "r.jsonl"
    path.write_text(f"{to_json(PERFECT)}\n\n{line}\n{line}\n")
    with pytest.raises(ResultsError, match=rf"Line 3 of {path} is none of"):
        read_results(path)


def test_a_file_that_is_no_text_or_not_there_can_not_be_read(tmp_path):
    (tmp_path / "r.jsonl").write_bytes(b"\xff\xfe")
    for name in ("r.jsonl", "none.jsonl"):
        with pytest.raises(ResultsError, match=f"{name} can't be read: "):
            read_results(tmp_path / name)


def test_without_a_name_all_assignments_of_the_gradebook_are_read(monkeypatch, tmp_path):
    gradebook = SimpleNamespace(database=SimpleNamespace(db=None), course=SimpleNamespace(root=tmp_path))
    monkeypatch.setattr(marks, "assignments_of", lambda _: ["bayes", "softmax"])
    assert known_in(gradebook, None) == ["bayes", "softmax"]
    assert known_in(gradebook, "softmax") == ["softmax"]
    for wrong in ("sofmax", ""):
        with pytest.raises(ResultsError, match=f"no assignment “{wrong}”; it has: bayes, softmax"):
            known_in(gradebook, wrong)
    monkeypatch.setattr(marks, "assignments_of", lambda _: [])
    assert known_in(gradebook, None) == []
    with pytest.raises(ResultsError, match="it has: none"):
        known_in(gradebook, "softmax")


def test_a_gradebook_that_is_not_there_is_not_made_and_one_that_is_none_is_a_sentence(tmp_path):
    (tmp_path / "source").mkdir()
    with entered_in(Course(tmp_path)) as gradebook:
        assert gradebook is None
    assert not (tmp_path / "gradebook.db").exists()
    (tmp_path / "gradebook.db").write_text("not a database, and long enough to be looked at" * 100)
    with pytest.raises(CannotGradeError, match="gradebook can't be opened"), entered_in(Course(tmp_path)):
        pass


# --- what the exercises say ------------------------------------------------------------------------------


def test_each_exercise_of_the_results_occurs_once_if_it_is_installed():
    gone = report("x", cell("softmax", PARTIAL.cells[0].checks), cell("not_installed", PARTIAL.cells[0].checks))
    other = report("y", cell("logsumexp", PARTIAL.cells[0].checks))
    assert [exercise.name for exercise in used_in([gone, other, PERFECT, IN_PROCESS])] == ["softmax", "logsumexp"]
    assert list(used_in([])) == []


def test_each_known_mistake_has_the_catalogues_sentence():
    catalogue = exercises.find("softmax").misconceptions
    assert sentences_of(list(DOZEN.values())) == {("softmax", known.name): known.message for known in catalogue}


def test_a_function_s_facts_are_its_parameters_its_file_and_its_right_answers():
    (facts,) = facts_of([PERFECT]).values()
    assert facts.signature == "z, axis=-1, temperature=1.0"
    assert facts.file == "exercises/softmax/softmax.py"
    examples = {f"softmax({check.example})" for check in exercises.find("softmax").checks}
    assert set(facts.truths) == examples


def test_a_question_lies_among_the_items_of_its_topic():
    topic, name = next(iter(exercises.items()))
    (facts,) = facts_of([report("x", cell(name, PARTIAL.cells[0].checks))]).values()
    assert facts.file == f"exercises/{topic}/items/{name}.py"
