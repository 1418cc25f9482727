"""Which question a student's cells answer, and what of them is the instructor's."""

from __future__ import annotations

import pytest

from autograder.notebooks.source import Source, SourceCell
from autograder.similar import parts
from autograder.similar.parts import Questions, units


def given(name, text="", *, cell_type="code", grade=False, solution=False, task=False):
    locked = not solution and not task
    return SourceCell(name, cell_type, text, grade, solution, locked, task, 1.0 if grade or task else 0.0)


def answer(name, text="", **fields):
    return given(name, text, solution=True, **fields)


def source(*cells, program=None):
    texts = [(cell.grade_id, cell.source) for cell in cells if cell.cell_type == "code"]
    return Source(tuple(cells), program=tuple(texts if program is None else program))


def code(text, name=None):
    return {"cell_type": "code", "source": text, "metadata": {"nbgrader": {"grade_id": name}} if name else {}}


def markdown(text, name=None):
    return {**code(text, name), "cell_type": "markdown"}


F, G = "def f(z):\n    return z", "def g(z):\n    return z"
TWO = source(
    answer("f-solution", F),
    given("f", grade=True),
    answer("g-solution", G),
    given("g", grade=True),
)


def of(asks, *cells):
    """The question, the cell's number and the words of each part."""
    return [
        (part.question, part.cell, " ".join(token.text for each in part.statements for token in each))
        for part in asks.of({"cells": list(cells)})
    ]


# --- the questions ---------------------------------------------------------------------------------------


def test_a_cell_to_fill_in_answers_the_next_graded_cell():
    cells = [
        answer("a"),
        answer("b"),
        given("tests", grade=True),
        given("locked"),
        answer("why", grade=True, cell_type="markdown"),
        given("task", task=True),
        answer("last"),
        answer("very last"),
    ]
    assert Questions(source(*cells)).by_cell == {
        "a": "tests",
        "b": "tests",
        "tests": "tests",
        "why": "why",
        "task": "task",
        "last": "task",
        "very last": "task",
    }


def test_without_a_graded_cell_there_is_no_question_and_no_part():
    asks = Questions(source(answer("a", F), given("locked")))
    assert asks.by_cell == {}
    assert asks.by_name == {}
    assert of(asks, code("x = 1", "a")) == []


def test_functions_answer_the_question_of_the_cell_that_asks_for_them():
    cells = [
        given("helpers", "def shown(): pass"),
        answer("both", f"import math\n{F}\nclass Thing:\n    pass\n{G}\nx = 1"),
        given("tests", "def check_it(): pass", grade=True),
        answer("text", "def h(): pass", cell_type="markdown"),
        given("more", grade=True),
    ]
    assert Questions(source(*cells)).by_name == {"f": "tests", "Thing": "tests", "g": "tests"}


def test_names_stay_that_are_asked_for_or_imported():
    program = (
        (None, "x = y\nimport numpy as np\nimport os"),
        ("i", "from math import pi as circle, e"),
        ("f-solution", F),
    )
    asks = Questions(source(*TWO.cells, program=program))
    assert asks.given == {"f", "g", "import", "from", "as", "numpy", "np", "math", "pi", "circle", "e", "os"}
    assert asks.used == asks.given - {"g"} | {"x", "y", "def", "z", "return"}


# --- a student's parts -----------------------------------------------------------------------------------


def test_a_cell_of_the_students_own_belongs_to_the_question_above_or_to_the_first():
    cells = [code("a = 1"), code("b = 2", "g-solution"), code("c = 3"), code("d = 4", "f-solution"), code("e = 5")]
    assert of(Questions(TWO), *cells) == [
        ("f", 0, "a = 1"),
        ("g", 1, "b = 2"),
        ("g", 2, "c = 3"),
        ("f", 3, "d = 4"),
        ("f", 4, "e = 5"),
    ]


def test_a_cell_of_the_instructors_is_left_out_by_its_name_or_by_its_text():
    asks = Questions(source(*TWO.cells, program=((None, "import numpy"), (None, F))), ("# Write f here", "Write."))
    cells = [
        code("changed = 1", "f"),
        code("import numpy"),
        code(F, "f-solution"),
        code("# Write f here", "f-solution"),
        code("import numpy\nown = 1"),
        markdown("A text between", None),
        markdown("Words for a cell of code", "g"),
    ]
    assert of(asks, *cells) == [("f", 4, "import numpy own = 1")]


def test_text_is_an_answer_in_a_cell_that_asks_for_it_unless_it_is_as_it_was():
    why = source(answer("why", "", grade=True, cell_type="markdown"))
    asks = Questions(why, ("Write here.",))
    assert of(asks, markdown("Because\nit is.", "why"), markdown("Write here.", "why"), markdown("More.")) == [
        ("why", 0, "Because it is .")
    ]
    (part,) = asks.of({"cells": [markdown("Because", "why")]})
    assert part.prose
    (part,) = asks.of({"cells": [code("because = 1", "why")]})
    assert not part.prose
    raw = {**markdown("Because", "why"), "cell_type": "raw"}
    assert of(asks, raw) == []


def test_cells_after_so_many_are_not_read(monkeypatch):
    monkeypatch.setattr(parts, "MAX_CELLS", 2)
    assert [part[1] for part in of(Questions(TWO), code("a = 1"), code("b = 2"), code("c = 3"))] == [0, 1]


def by_name(text, name="g-solution"):
    return {part[2].split()[1]: part[0] for part in of(Questions(TWO), code(text, name))}


def test_a_function_answers_its_own_question_in_whatever_cell_it_stands():
    assert by_name(f"{F}\n{G}\ndef other(): pass", "f-solution") == {"f": "f", "g": "g", "other": "f"}


def test_helpers_of_helpers_answer_what_they_help_to_answer_three_deep():
    chain = [
        "def f(z): return one(z)",
        *(
            f"def {a}(z): return {b}(z)"
            for a, b in zip(("four", "three", "two", "one"), ("five", "four", "three", "two"), strict=True)
        ),
        "def five(z): return z",
    ]
    found = by_name("\n".join(chain))
    assert [found[name] for name in ("f", "one", "two", "three")] == ["f"] * 4
    assert found["five"] == "g"


def test_a_helper_of_two_functions_answers_the_first():
    text = "def f(z): return help(z)\ndef g(z): return help(z)\ndef help(z): return z"
    assert by_name(text) == {"f": "f", "g": "g", "help": "f"}
    swapped = "def g(z): return help(z)\ndef f(z): return help(z)\ndef help(z): return z"
    assert by_name(swapped, "f-solution") == {"f": "f", "g": "g", "help": "g"}


def test_text_that_begins_like_a_function_stays_at_its_question():
    why = given("why", "", cell_type="markdown", grade=True, solution=True)
    asks = Questions(source(*TWO.cells, why))
    assert [part[0] for part in of(asks, markdown("def f is short", "why"))] == ["why"]


def test_a_function_that_is_asked_for_helps_no_other():
    assert by_name("def f(z): return g(z)\ndef g(z): return z", "f-solution") == {"f": "f", "g": "g"}


def test_statements_that_use_a_helper_do_not_move_it():
    assert of(Questions(TWO), code("x = help(1)", "f-solution"), code("def help(z): return z", "g-solution")) == [
        ("f", 0, "x = help ( 1 )"),
        ("g", 1, "def help ( z ) : return z"),
    ]


def test_what_is_forced_is_every_text_of_the_instructor_and_what_stands_where_nothing_was_written():
    cells = [answer("f-solution", F), answer("why", "Write a proof.", grade=True, cell_type="markdown")]
    found = Questions(source(*cells, program=((None, "import os"), ("f", F))), ("# Here\nx = 1",)).forced
    texts = [(part.prose, " ".join(token.text for each in part.statements for token in each)) for part in found]
    assert texts == [
        (False, "import os"),
        (False, "def f ( z ) : return z"),
        (False, "raise NotImplementedError ( )"),
        (False, "raise NotImplementedError"),
        (False, "pass"),
        (False, "..."),
        (False, "x = 1"),
        (True, "Write a proof ."),
    ]


# --- the parts of a cell ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", []),
        ("# a remark\n", []),
        ("x = 1\ny = 2", [2]),
        ("def f():\n    x = 1\n    return x", [3]),
        ("x = 1\ndef f():\n    return 1", [1, 2]),
        ("def f():\n    return 1\nx = 1\ny = 1", [2, 2]),
        ("def f():\n    return 1\ndef g():\n    return 2\n", [2, 2]),
        ("class A:\n    def f(self):\n        return 1\nx = A()", [3, 1]),
        ("if x:\n    def f():\n        return 1\ny = 1", [4]),
    ],
)
def test_each_function_or_class_at_the_margin_is_a_part(text, found):
    assert [len(part) for part in units(text)] == found
