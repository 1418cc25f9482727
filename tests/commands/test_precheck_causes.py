"""Whether an error is a cell's own or follows from another cell, whatever the error is."""

from __future__ import annotations

import nbformat
import pytest
from notebook_files import as_bytes, code

from autograder.commands.precheck import causes, notebooks


def explained(*cells):
    """How each cell ended, from its text, its name and its error; solution cells with a text of their own."""
    made, wanted = [], []
    for number, (text, name, _) in enumerate(cells):
        kind = "solution" if name.endswith("-solution") else "check" if name else ""
        made.append(code(text, id=f"c{number}", metadata={"nbgrader": {"grade_id": name}} if name else {}))
        if name:
            stub = text if "NotImplementedError" in text else "raise NotImplementedError"
            wanted.append((name, "code", kind, notebooks.digest(stub)))
    book = nbformat.reads(as_bytes(*made).decode(), as_version=4)
    found = causes.Causes(book, wanted)
    return [found.explain(index, error) for index, (_, _, error) in enumerate(cells)]


STUB = ("def f(x):\n    raise NotImplementedError", "f-solution", None)
WRITTEN = ("def f(x):\n    return x[0]", "f-solution", None)
NOT_WRITTEN = ("NotImplementedError", "")


def test_a_cell_that_stops_spoils_what_it_changed_and_no_module_that_it_used():
    stopped = ("KeyError", "'x'")
    imports = ("import numpy as np\na = []", "", None)
    changes = ("np.set_printoptions(3)\na.append(1)\n{}['x']", "", stopped)
    _, first, of_module, of_list = explained(
        imports, changes, ("np.ones(2)[3]", "", stopped), ("a[1]", "", stopped)
    )
    assert (first.cause, of_module.cause, of_list.cause) == (None, None, 1)


@pytest.mark.parametrize(
    ("cells", "waits"),
    [
        ([STUB, ("a = f(1)", "", NOT_WRITTEN), ("a + 1", "", ("NameError", "name 'a' is not defined"))], [1, 2]),
        ([STUB, ("a = []\na.append(f(1))", "", NOT_WRITTEN), ("a[0]", "", ("IndexError", "list index"))], [1, 2]),
        (
            [STUB, ("a = []", "", None), ("a.append(f(1))", "", NOT_WRITTEN), ("max(a)", "", ("ValueError", ""))],
            [2, 3],
        ),
        ([STUB, ("a = f(1)", "", NOT_WRITTEN), ("a = 1", "", None), ("a[0]", "", ("TypeError", ""))], [1]),
        ([STUB, ("1 / 0", "", ("ZeroDivisionError", "division by zero"))], []),
        (
            [STUB, ("np.show(f(1))", "", NOT_WRITTEN), ("import np", "", None), ("np.x", "", ("TypeError", ""))],
            [1],
        ),
        ([STUB, ("a = f(", "", ("SyntaxError", "'(' was never closed"))], []),
        ([STUB, ("def g():\n    return f", "g-solution", None), ("g() + 1", "g-visible", ("TypeError", ""))], []),
    ],
    ids=["unset", "half filled", "filled elsewhere", "set again", "own", "a module", "not parsed", "own function"],
)
def test_only_what_needs_an_unwritten_function_waits_whatever_the_error(cells, waits):
    found = explained(*cells)
    assert [index for index, how in enumerate(found) if how and how.waits] == waits


def test_what_follows_from_a_fault_names_the_cell_to_mend():
    fault = ("TypeError", "x")
    found = explained(WRITTEN, ("f(1)", "f-visible", fault), ("b = f(2)", "", fault), ("b", "", ("NameError", "")))
    assert [how.cause if how else None for how in found] == [None, None, 0, 0]
    broken = explained(
        ("def f(x:\n", "f-solution", ("SyntaxError", "")),
        ("f(1)", "f-visible", ("NameError", "name 'f' is not defined")),
    )
    assert broken[0].cause is None
    assert not broken[1].waits


def test_a_syntax_error_after_a_failing_cell_is_its_own():
    found = explained(
        ("1 / 0", "", ("ZeroDivisionError", "")), ("def f(x:\n", "f-solution", ("SyntaxError", "never closed"))
    )
    assert [how.cause for how in found] == [None, None]
    assert "SyntaxError" in found[1].text


@pytest.mark.parametrize(
    ("source", "bound", "read", "changed"),
    [
        ("a = b", {"a"}, {"b"}, set()),
        (
            "import numpy.linalg, os as system\nfrom math import exp as e, log",
            {"numpy", "system", "e", "log"},
            set(),
            set(),
        ),
        ("def f(): pass\nclass C: pass\nasync def g(): pass", {"f", "C", "g"}, set(), set()),
        ("a.append(1)", set(), {"a"}, {"a"}),
        ("a[0] = 1\nb.c = 2", set(), {"a", "b"}, {"a", "b"}),
        ("x = a.pop()", {"x"}, {"a"}, set()),
        ("a[0]; b.c", set(), {"a", "b"}, set()),
        ("def f(x:\nasync def h(\nclass D\ny = 1\nz == 2\n  w = 3", {"f", "h", "D", "y"}, set(), set()),
    ],
)
def test_the_names_that_a_cell_binds_reads_and_changes(source, bound, read, changed):
    assert causes.names_in(source) == (bound, read, changed)


def test_what_a_cell_that_runs_reads_from_a_spoilt_name_is_spoilt_until_it_is_set_anew():
    fault = ("TypeError", "x")
    found = explained(
        *(
            ("a = 1 / 0", "", fault),
            ("b = a", "", None),
            ("b + 1", "", fault),
            ("b = 2", "", None),
            ("b()", "", fault),
        ),
    )
    assert [how.cause if how else None for how in found] == [None, None, 0, None, None]


def test_what_is_taken_from_a_waiting_name_waits_too():
    found = explained(
        *(STUB, ("a = [f]\na[0](1)", "", NOT_WRITTEN), ("b = a", "", None), ("b[0]", "", ("IndexError", "")))
    )
    assert [bool(how and how.waits) for how in found] == [False, True, False, True]


def test_a_check_of_a_function_that_calls_a_broken_one_names_the_broken_one():
    fault = ("TypeError", "x")
    calls = ("def g(x):\n    return f(x)", "g-solution", None)
    found = explained(WRITTEN, ("f(1)", "f-visible", fault), calls, ("g(1)", "g-visible", fault))
    assert [how.cause if how else None for how in found] == [None, None, None, 0]


def test_a_module_whose_function_a_waiting_cell_calls_does_not_wait():
    found = explained(
        *(STUB, ("import np", "", None), ("np.show(f(1))", "", NOT_WRITTEN), ("np.x", "", ("TypeError", "")))
    )
    assert [bool(how and how.waits) for how in found] == [False, False, True, False]
