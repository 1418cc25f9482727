"""What is read of a notebook becomes marks on a page, and one student's work."""

from __future__ import annotations

import json
from contextlib import closing
from types import SimpleNamespace

import msgspec
import pytest

from autograder import intake
from autograder.envelope.nursery import NurseryError
from autograder.envelope.worker import DiedError, ExhaustedError, RequestError
from autograder.notebooks.source import Source, SourceCell
from autograder.similar import reading
from autograder.similar.compare import Work
from autograder.similar.features import answers_of, hash_of
from autograder.similar.parts import Questions
from autograder.similar.reading import NotReadError, Prints, Readers, Service, ShownCell, add, forced_by, joined


@pytest.mark.parametrize(
    ("spans", "length", "found"),
    [
        ([(5, 8), (0, 3)], 9, [(0, 3), (5, 8)]),
        ([(0, 5), (3, 8)], 9, [(0, 8)]),
        ([(0, 8), (2, 3), (7, 9)], 9, [(0, 9)]),
        ([(0, 3), (3, 5), (6, 8)], 9, [(0, 8)]),
        ([(0, 3), (5, 8)], 9, [(0, 3), (5, 8)]),
        ([(0, 3), (5, 12), (14, 20)], 9, [(0, 3), (5, 9)]),
        ([(9, 12)], 9, []),
        ([], 9, []),
    ],
)
def test_marks_that_overlap_or_touch_are_one_and_end_with_the_text(spans, length, found):
    assert joined(spans, length) == found


def test_what_a_student_wrote_in_two_notebooks_is_put_together():
    work = Work()
    add(work, Prints({"f": [3, 1]}, {"f": 7}, {"f": [5]}))
    add(work, Prints({"f": [2**64 - 1, 3], "g": [4]}, {"g": 8}, {"g": [6]}))
    assert {name: list(prints) for name, prints in work.prints.items()} == {"f": [1, 3, 2**64 - 1], "g": [4]}
    assert {name: list(words) for name, words in work.own.items()} == {"f": [5], "g": [6]}
    assert work.shapes == {"f": 7, "g": 8}


def test_adding_copies_what_was_read():
    read = Prints({"f": [1]}, {"f": 7}, {"f": [5]})
    one, other = Work(), Work()
    for work in (one, other):
        add(work, read)
    add(one, Prints({"f": [2]}, {"f": 8}, {"f": [6]}))
    assert list(other.prints["f"]) == [1]
    assert other.shapes == {"f": 7}
    assert read == Prints({"f": [1]}, {"f": 7}, {"f": [5]})


def test_all_bits_stay_where_a_student_had_nothing_before():
    work = Work()
    add(work, Prints({"f": []}, {}, {"f": []}))
    add(work, Prints({"f": [2**63 + 1]}, {}, {"f": [2**63 + 3]}))
    assert [int(each) for each in work.prints["f"]] == [2**63 + 1]
    assert [int(each) for each in work.own["f"]] == [2**63 + 3]


# --- what is read of a notebook --------------------------------------------------------------------------

GIVEN = "import numpy as np  # the library of arrays\nshift = np.max(np.arange(7) + 2 * np.pi)"
STUB = "def f(logits):\n    # your code goes here\n    raise NotImplementedError()"
SOLVED = "def f(logits):\n    weights = np.exp(logits - np.max(logits))\n    return weights / weights.sum()"
OWN = (
    "def f(row):\n    # first take off the top\n    raised = np.exp(row * row + row - 3)\n    return raised / row"
)


def question(name, text, *, solution):
    return SourceCell(
        name, "code", text, grade=not solution, solution=solution, locked=not solution, task=False, points=1.0
    )


def asking(*names):
    cells = [
        cell
        for name in names
        for cell in (question(f"{name}-s", SOLVED, solution=True), question(name, "", solution=False))
    ]
    return Questions(Source(tuple(cells), program=((None, GIVEN), (f"{names[0]}-s", SOLVED))), (GIVEN, STUB))


ASKS = {"first": asking("f"), "second": asking("g")}


def code(text, name=None):
    return {
        "cell_type": "code",
        "source": text,
        "metadata": {"nbgrader": {"grade_id": name}} if name else {},
        "outputs": [],
        "execution_count": None,
    }


def written(*cells, notebook="first"):
    content = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}).encode()
    return SimpleNamespace(notebook=notebook, read=lambda: content)


def test_a_notebook_is_read_by_the_questions_of_its_name():
    service = Service(ASKS)
    assert service.prints(written(code(OWN, "f-s"))).prints.keys() == {"f"}
    assert service.prints(written(code(OWN, "g-s"), notebook="second")).prints.keys() == {"g"}
    assert service.prints(written(code(STUB, "f-s"))) == Prints({}, {}, {})
    assert service.methods() == {"prints": service.prints, "shown": service.shown}


def test_names_and_remarks_of_the_students_own_are_kept_and_the_instructors_are_not():
    text = OWN.replace("row", "logits").replace("# first", "# your code goes here\n    # first")
    own = Service(ASKS).prints(written(code(text, "f-s"))).own
    assert own == {"f": sorted([hash_of("name raised"), hash_of("remark first take off the top")])}


def test_a_remark_of_a_cell_belongs_to_its_first_part_and_names_to_their_own():
    both = f"# this stands above it all\nsetting = 3\n{OWN}"
    asks = asking("f")
    asks = Questions(
        Source(
            (question("h-s", "", solution=True), question("h", "", solution=False), *asks.source.cells),
            program=asks.source.program,
        )
    )
    own = Service({"first": asks}).prints(
        written(code(both, "h-s"), code(both.replace("setting", "other"), "h-s"))
    )
    remarks = [hash_of("remark this stands above it all"), hash_of("remark first take off the top")]
    assert own.own["h"] == sorted([*remarks, hash_of("name setting"), hash_of("name other")])
    assert own.own["f"] == sorted([hash_of("name row"), hash_of("name raised")])


def test_an_answer_without_statements_of_its_own_has_no_shape():
    service = Service(ASKS)
    assert service.prints(written(code("raise NotImplementedError()", "f-s"))).shapes == {}
    assert service.prints(written(code(OWN, "f-s"))).shapes.keys() == {"f"}


def test_what_is_forced_are_prints_names_and_remarks_of_the_release_and_of_the_solution():
    found = forced_by(ASKS["first"])
    for text in (GIVEN, SOLVED, STUB, "raise NotImplementedError"):
        parts = ASKS["first"].of({"cells": [code(f"{text}\n", "f-s")]})
        assert parts
        assert all(answer.prints.keys() <= found for answer in answers_of(parts, ASKS["first"].given).values())
    said = (
        "remark the library of arrays",
        "remark your code goes here",
        "name weights",
        "name logits",
        "name shift",
    )
    assert {hash_of(each) for each in said} <= found
    assert not {hash_of("name raised"), hash_of("weights"), hash_of("remark weights")} & found


def test_an_unreadable_notebook_is_refused_with_the_reason():
    for request in (Service(ASKS).prints, lambda found: Service(ASKS).shown(found, {})):
        with pytest.raises(intake.RefusedError, match="is empty"):
            request(SimpleNamespace(notebook="first", read=lambda: b" "))


def test_the_page_gets_the_students_cells_in_order_and_the_shared_parts_marked():
    found = written(code(GIVEN), code("x = 1"), code(OWN, "f-s"), code("", "f"), code("y = 2"))
    service = Service(ASKS)
    shared = set(service.prints(found).prints["f"])
    cells = service.shown(found, {"f": shared, "g": {1}})
    assert [(cell.question, cell.text) for cell in cells] == [("f", "x = 1"), ("f", OWN), ("f", "y = 2")]
    (_, marked, _) = cells
    assert marked.marks
    assert "raised = np.exp(row * row + row - 3)" in "".join(OWN[start:end] for start, end in marked.marks)
    for nothing in ({}, {"g": shared}, {"f": {1}}):
        assert all(cell.marks == [] for cell in service.shown(found, nothing))


def test_a_page_shows_so_many_characters_of_a_notebook_and_marks_end_there(monkeypatch):
    found = written(code("x = 1"), code(OWN, "f-s"), code("y = 2"))
    service = Service(ASKS)
    shared = service.prints(found).prints
    monkeypatch.setattr(reading, "SHOWN", 5 + 70)
    cells = service.shown(found, {"f": set(shared["f"])})
    assert [cell.text for cell in cells] == ["x = 1", OWN[:70], ""]
    assert cells[1].marks
    assert all(0 <= start < end <= 70 for start, end in cells[1].marks)
    assert cells[2].marks == []


def test_a_cell_stands_under_the_question_of_its_first_part():
    found = written(code(f"{OWN}\nx = 1", "g-s"), notebook="both")
    both = Questions(
        Source(
            (*ASKS["first"].source.cells, question("g-s", "", solution=True), question("g", "", solution=False))
        )
    )
    (cell,) = Service({"both": both}).shown(found, {})
    assert cell.question == "f"


# --- the processes ---------------------------------------------------------------------------------------


class Nursery:
    """Forks nobody."""

    def __init__(self, _):
        self.closed = 0

    def close(self):
        self.closed += 1


@pytest.fixture
def readers(monkeypatch):
    """Readers whose workers answer at once, or raise what the notebook is."""
    made = []

    class Worker:
        def __init__(self, nursery, envelope):
            assert isinstance(nursery, Nursery)
            assert envelope is reading.ENVELOPE
            made.append(self)

        def request(self, name, found, *more):
            if isinstance(found, Exception):
                raise found
            return found

    monkeypatch.setattr(reading, "Nursery", Nursery)
    monkeypatch.setattr(reading, "Worker", Worker)
    with Readers({}, 1) as found:
        found.made = made
        yield found
    assert found._nursery.closed == 1


def answer(number):
    return msgspec.json.encode(Prints({"f": [number]}, {}, {}))


@pytest.mark.parametrize("count", [0, 1, 3, 10])
def test_notebooks_are_read_in_order_and_none_is_left_out(readers, count):
    readers._ahead = 2
    found = list(readers.prints([answer(number) for number in range(count)]))
    assert [each.prints["f"] for each in found] == [[number] for number in range(count)]


def test_no_more_is_read_ahead_than_allowed(readers):
    """Whoever takes the first has had three more read at most."""
    readers._ahead = 3
    asked = []

    def wanted():
        for number in range(20):
            asked.append(number)
            yield answer(number)

    with closing(readers.prints(wanted())) as found:
        next(found)
        assert asked == [0, 1, 2, 3]
        next(found)
        assert asked == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("error", "said", "workers"),
    [
        (RequestError("RefusedError", "is empty"), "is empty", 1),
        (RequestError("KeyError", "x"), "KeyError: x", 1),
        (ExhaustedError("took too long"), "took too long", 2),
        (DiedError(), "ended the process that read it", 2),
        (NurseryError(), "ended the process that read it", 2),
        (b"nonsense", "ended the process that read it", 2),
    ],
    ids=str,
)
def test_a_notebook_that_cannot_be_read_says_why_and_a_dead_process_is_replaced(readers, error, said, workers):
    broken, good = readers.prints([error, answer(1)])
    assert isinstance(broken, NotReadError)
    assert str(broken) == said
    assert good.prints == {"f": [1]}
    assert len(readers.made) == workers


def test_cells_are_shown_and_none_of_what_cannot_be_read_any_more(readers):
    cells = [ShownCell("f", "x = 1", [(0, 1)])]
    assert readers.shown(msgspec.json.encode(cells), {"f": {1}}) == cells
    assert readers.shown(DiedError(), {}) == []
    assert not hasattr(readers._own, "worker"), "the command's own thread reads nothing"
