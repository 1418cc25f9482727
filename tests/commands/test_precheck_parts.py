"""Each part of the check by itself, without a kernel: what is recognised, counted, said and run."""

from __future__ import annotations

import contextlib
import json

import pytest
from notebook_files import as_bytes, code

from autograder.commands import precheck

# --- what follows from what ------------------------------------------------------------------------------


def explained(*cells):
    """How each cell ended, from its text, its name and its error; solution cells with a text of their own."""
    made, wanted = [], []
    for number, (text, name, _) in enumerate(cells):
        kind = "solution" if name.endswith("-solution") else "check" if name else ""
        made.append(code(text, id=f"c{number}", metadata={"nbgrader": {"grade_id": name}} if name else {}))
        if name:
            stub = text if "NotImplementedError" in text else "raise NotImplementedError"
            wanted.append((name, "code", kind, precheck.digest(stub)))
    import nbformat

    book = nbformat.reads(as_bytes(*made).decode(), as_version=4)
    causes = precheck.Causes(book, wanted)
    return [causes.explain(index, error) for index, (_, _, error) in enumerate(cells)]


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


# --- each part by itself ---------------------------------------------------------------------------------


def book_of(*cells):
    """A notebook as nbformat reads it, from text and name of each code cell; a student's own has no name."""
    import nbformat

    made = [
        code(text, id=f"c{number}", metadata={"nbgrader": {"grade_id": name}} if name else {})
        for number, (text, name) in enumerate(cells)
    ]
    return nbformat.reads(as_bytes(*made).decode(), as_version=4)


def wanted_of(*cells):
    """Released cells from name, role and text of each."""
    return [(name, "code", role, precheck.digest(text)) for name, role, text in cells]


TWO = {
    "one": {"one": wanted_of(("setup", "locked", ""), ("f-solution", "solution", ""), ("f", "check", ""))},
    "two": {
        "two": wanted_of(("setup", "locked", ""), ("g-solution", "solution", ""), ("g", "check", "")),
        "more": wanted_of(("setup", "locked", ""), ("h-solution", "solution", "")),
    },
}


@pytest.mark.parametrize(
    ("stem", "theirs", "assignment", "expected"),
    [
        ("one", {"setup", "f"}, None, ("one", "one")),
        ("mine", {"setup", "g"}, None, ("two", "two")),
        ("mine", {"h-solution"}, "two", ("two", "more")),
        ("more", {"h-solution"}, "two", ("two", "more")),
        ("one", {"setup", "g"}, None, "its cells are those of “two”. Is it the right file?"),
        ("mine", {"g", "f", "f-solution"}, "two", "its cells are those of “one”. Is it the right file?"),
        ("mine", {"setup"}, None, "it has none of the cells of “one”, “two”, “more”. Work in"),
        ("one", set(), None, "it has none of the cells of “one”. Work in"),
        ("mine", set(), "two", "it has none of the cells of “two”, “more”. Work in"),
    ],
)
def test_a_file_is_identified_by_the_cells_to_work_in(stem, theirs, assignment, expected):
    if isinstance(expected, tuple):
        assert precheck.identify(TWO, stem, theirs, assignment) == expected
    else:
        with pytest.raises(ValueError, match=expected):
            precheck.identify(TWO, stem, theirs, assignment)


def test_of_two_notebooks_with_as_many_of_the_cells_the_name_decides():
    released = {"a": {"a": wanted_of(("f", "check", ""))}, "b": {"b": wanted_of(("f", "check", ""))}}
    assert precheck.identify(released, "b", {"f"}, None) == ("b", "b")
    assert precheck.identify(released, "mine", {"f"}, "b") == ("b", "b")


def test_a_notebook_of_locked_cells_alone_is_known_by_these():
    released = {"a": {"a": wanted_of(("intro", "locked", ""))}}
    assert precheck.identify(released, "mine", {"intro"}, None) == ("a", "a")


def test_a_digest_ignores_blanks_at_ends_and_nothing_else():
    assert precheck.digest("\n a  \nb\t\n\n") == precheck.digest("a\nb")
    assert len({precheck.digest(text) for text in ("a\nb", "a\n b", "ab", "a\n\nb", "")}) == 5
    assert len(precheck.digest("\udcff")) == 16


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        *(({}, ""), ({"nbgrader": 3}, ""), ({"nbgrader": {}}, ""), ({"nbgrader": {"grade_id": 3}}, "")),
        ({"nbgrader": {"grade_id": "f"}}, "f"),
    ],
)
def test_a_cell_without_a_proper_name_has_an_empty_one(metadata, name):
    assert precheck.grade_id({"metadata": metadata}) == name


def test_only_locked_cells_and_checks_must_be_as_they_were_released():
    wanted = wanted_of(*((role, role, "text") for role in ("locked", "check", "solution", "answer", "task")))
    changed = book_of(*(("other", name) for name, *_ in wanted))
    whole, intact = precheck._cells(changed, wanted)
    assert whole.status == "pass"
    assert (intact.status, intact.message.partition(". ")[0]) == ("fail", "edited: “locked”, “check”")
    same = book_of(*(("text", name) for name, *_ in wanted))
    assert [finding.status for finding in precheck._cells(same, wanted)] == ["pass", "pass"]


def test_an_answer_is_done_when_it_is_no_longer_the_released_text():
    wanted = wanted_of(("why", "answer", "YOUR ANSWER"), ("when", "answer", "YOUR ANSWER"), ("f", "solution", ""))
    book = book_of(("Because.", "why"), ("YOUR ANSWER \n", "when"), ("x", "f"))
    found = [(each.name, each.status, each.judged) for each in precheck._answers(book, wanted)]
    assert found == [
        *(("the answer “why” is written", "pass", False), ("the answer “when” is written", "todo", False)),
    ]
    assert list(precheck._answers(book_of(("x", "f")), wanted)) == []


def running(monkeypatch, stopped, *cells, checks=("f-visible", "g-visible")):
    """What is said about a notebook whose cells ended like this."""
    monkeypatch.setattr(precheck, "run", lambda *_: stopped)
    wanted = wanted_of(*((name, "check", "") for name in checks))
    return list(precheck._running(book_of(*cells), wanted, None, 1.0, None))


CELLS = (("# a\n\nx = 1", ""), ("f()", "f-visible"), ("g()", "g-visible"), ("\n y", ""), ("z", ""), ("w", ""))


def test_a_notebook_in_which_nothing_stopped_runs_and_its_checks_pass(monkeypatch):
    found = running(monkeypatch, {}, *CELLS)
    assert [(each.name, each.status) for each in found] == [
        (precheck.RUNS, "pass"),
        *(("the check “f-visible” passes", "pass"), ("the check “g-visible” passes", "pass")),
    ]


def test_three_cells_that_stopped_are_named_and_the_others_counted(monkeypatch):
    faults = {index: precheck.Stopped("E", "stopped with E.") for index in (0, 3, 4, 5)}
    (runs, *_) = running(monkeypatch, faults, *CELLS)
    assert runs.message == (
        "the cell “# a” (number 1) stopped with E. the cell “y” (number 4) stopped with E. "
        "the cell “z” (number 5) stopped with E. 1 more cells stopped."
    )
    del faults[5]
    faults |= {5: precheck.Stopped("E", "stopped with E.", cause=0), 2: precheck.Stopped("E", "x", cause=0)}
    (runs, _, second) = running(monkeypatch, faults, *CELLS)
    assert runs.message.endswith("(number 5) stopped with E. Cells that stopped because of it: 1.")
    assert second.message == "it x First mend the cell “# a” (number 1)."


def test_a_check_that_fails_is_no_fault_of_the_run_but_one_that_can_not_be_read_is(monkeypatch):
    fails = {1: precheck.Stopped("AssertionError", "stopped with AssertionError: no.")}
    runs, first, second = running(monkeypatch, fails, *CELLS)
    assert (runs.status, first.status, second.status) == ("pass", "fail", "pass")
    assert first.message == "it stopped with AssertionError: no."
    for kind in ("SyntaxError", "IndentationError", "TabError", ""):
        runs, first, _ = running(monkeypatch, {1: precheck.Stopped(kind, "stopped.")}, *CELLS)
        assert (runs.status, first.status) == ("fail", "fail"), kind


def test_cells_that_wait_and_cells_that_follow_are_counted(monkeypatch):
    waits = {index: precheck.Stopped("E", "stopped.", waits=True) for index in (1, 3)}
    runs, first, _ = running(monkeypatch, waits, *CELLS)
    assert (runs.status, runs.message) == ("todo", "2 of its cells wait for functions that are not done yet.")
    assert (first.status, first.message) == ("todo", "not done yet.")
    follow = {index: precheck.Stopped("E", "stopped.", cause=1) for index in (2, 3)}
    runs, _, _ = running(monkeypatch, follow, *CELLS)
    assert runs.message == "1 of its cells stop because of functions whose checks don't pass."


def test_what_was_not_run_is_not_judged(monkeypatch):
    found = running(
        monkeypatch, {0: precheck.Stopped("", "ended Python.")} | precheck._rest(book_of(*CELLS), 0), *CELLS
    )
    assert found[0].message == "the cell “# a” (number 1) ended Python."
    assert [(each.status, each.message) for each in found[1:]] == [("todo", "it was not run.")] * 2
    assert sorted(precheck._rest(book_of(*CELLS), 3)) == [4, 5]


def test_a_check_that_is_not_there_has_no_line(monkeypatch):
    assert [each.name for each in running(monkeypatch, {}, ("x", ""))] == [precheck.RUNS]


def test_an_error_is_one_line_of_bounded_length_without_the_kernels_names():
    def error(name, value):
        book = book_of(("x", ""))
        fields = {"output_type": "error", "ename": name, "evalue": value, "traceback": []}
        book.cells[0].outputs = [type(book)(output_type="stream"), type(book)(fields)]
        return precheck._error_of(book.cells[0])

    assert error("E", "a\n  b") == ("E", "a b")
    assert error("E", "x" * 301) == ("E", "x" * 300)
    assert error("SyntaxError", "bad (2041.py, line 7)") == ("SyntaxError", "bad (line 7)")
    assert error("_IncompleteInputError", "")[0] == "SyntaxError"
    assert precheck._error_of(book_of(("x", "")).cells[0]) is None


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
    assert precheck.names_in(source) == (bound, read, changed)


PARTS = wanted_of(
    *(("f-solution", "solution", ""), ("f-visible", "check", ""), ("g-solution", "solution", "")),
    *(("g-visible", "check", ""), ("q", "solution", ""), ("q", "check", ""), ("why", "answer", "")),
)


def finding(name, status, message="", judged=True):
    return precheck.Finding(name, status, message, judged)


@pytest.mark.parametrize(
    ("findings", "unwritten", "said"),
    [
        ([], [], ""),
        ([finding("the check “g-visible” passes", "fail")], [], "Next: mend part 2, “g”; its check above says"),
        ([finding("the check “g-visible” passes", "fail")], ["f"], "Next: mend part 2, “g”; its check"),
        ([finding("the check “q” passes", "fail")], [], "Next: mend “q”; its check"),
        (
            [finding("the check “g-visible” passes", "todo")],
            ["g", "q"],
            "Part 2, “g”, is not written yet; 1 of 3 parts are.",
        ),
        (
            [finding("the check “f-visible” passes", "fail")],
            ["f"],
            "Part 1, “f”, is not written yet; 2 of 3 parts",
        ),
        ([], ["q"], "“q” is not answered yet; 2 of 3 parts are done. Next: answer it."),
        ([finding("the answer “why” is written", "todo", judged=False)], [], "Next: write the answer “why”."),
        ([finding("the answer “why” is written", "pass", judged=False)], [], ""),
        ([finding("x", "todo")], [], ""),
        (
            [finding(precheck.RUNS, "fail", "the cell “1 / 0” (number 1) stopped with E.")],
            ["f"],
            "Next: mend the first cell that is named above.",
        ),
        (
            [finding(precheck.RUNS, "fail", "the cell “f-solution” (number 1) stopped with E.")],
            ["g"],
            "Part 2, “g”, is not written yet",
        ),
        (
            [finding(precheck.RUNS, "fail", "2 of its cells stop because of")],
            ["g"],
            "Part 2, “g”, is not written yet",
        ),
    ],
)
def test_what_to_do_next_is_the_first_thing_that_is_left(findings, unwritten, said):
    found = precheck.what_next(findings, PARTS, unwritten)
    assert found.startswith(said) if said else found == ""


@pytest.mark.parametrize(
    ("findings", "status", "last"),
    [
        ([finding("a", "pass")], 0, "All is in order. The hidden tests ask more inputs of the same functions."),
        (
            [finding("a", "todo", judged=False)],
            0,
            "All is in order. The hidden tests ask more inputs of the same functions.",
        ),
        ([finding("a", "fail"), finding("b", "todo"), finding("c", "todo")], 1, "1 to mend, 2 not done yet."),
        ([finding("a", "todo")], 1, "0 to mend, 1 not done yet."),
        ([finding("a", "todo"), finding(precheck.NEXT, "todo", "Next: do it.", judged=False)], 1, "Next: do it."),
    ],
)
def test_the_status_and_the_last_line_count_what_is_judged(monkeypatch, capsys, tmp_path, findings, status, last):
    path = tmp_path / "one.ipynb"
    path.write_text("{}")
    monkeypatch.setattr(precheck, "examine", lambda *_: iter(findings))
    assert precheck.main([str(path)], TWO) == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == last
    assert sum(line[:2] in ("✓ ", "✗ ", "· ") for line in lines) == sum(f.name != precheck.NEXT for f in findings)
    assert precheck.main([str(path), "--json"], TWO) == status
    said = json.loads(capsys.readouterr().out)
    assert len(said["checks"]) == len(findings)
    failed = any(f.status == "fail" for f in findings)
    assert said["status"] == ("fail" if failed else "todo" if status else "pass")


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_time_that_is_none_is_wrong_usage(capsys, tmp_path, seconds):
    (tmp_path / "one.ipynb").write_text("{}")
    with pytest.raises(SystemExit) as caught:
        precheck.main([str(tmp_path / "one.ipynb"), f"--seconds={seconds}"], TWO)
    assert caught.value.code == 2
    assert "--seconds is the time for a cell, more than 0" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        precheck.main([str(tmp_path / "one.ipynb")], {})
    assert "no assignment has been released" in capsys.readouterr().err


def test_a_folder_stands_for_its_only_notebook(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.txt").write_text("")
    assert precheck._notebook_at(tmp_path) is None
    (tmp_path / "one.ipynb").write_text("")
    assert (
        precheck._notebook_at(tmp_path) == precheck._notebook_at(tmp_path / "one.ipynb") == tmp_path / "one.ipynb"
    )
    (tmp_path / "two.ipynb").write_text("")
    assert precheck._notebook_at(tmp_path) is None
    assert precheck._no_file(tmp_path) == f"{tmp_path} holds 2 notebooks: name one"
    assert precheck._notebook_at(tmp_path / "three.ipynb") is None
    assert precheck._no_file(tmp_path / "x" / "two.ipynb").endswith("; did you mean two.ipynb?")
    assert precheck._no_file(tmp_path / "three.ipynb") == f"there is no file {tmp_path / 'three.ipynb'}"


def test_the_line_of_progress_is_wiped_with_the_last_cell(capsys):
    precheck._progress(1, 2)
    assert capsys.readouterr().err == "\rrunning cell 1 of 2 …\x1b[K\r"
    precheck._progress(2, 2)
    assert capsys.readouterr().err == "\r\x1b[K"


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


# --- running, without a kernel ---------------------------------------------------------------------------


@pytest.fixture
def client(monkeypatch):
    """A client of nbclient's in place of a kernel; ``ends`` says by its text how a cell ends."""
    import nbclient
    from nbformat.v4 import new_output

    class Client:
        def __init__(self, book, **words):
            self.words, self.ran, self.timeouts, self.timeout = words, [], [], None
            Client.made.append(self)

        @contextlib.contextmanager
        def setup_kernel(self, **words):
            if len(Client.made) <= Client.fails_to_start:
                raise RuntimeError("Kernel died before replying to kernel_info")
            yield

        def execute_cell(self, cell, index):
            self.ran.append(index)
            self.timeouts.append(self.timeout)
            end = Client.ends.get(cell.source)
            if isinstance(end, Exception):
                raise end
            cell.outputs = [new_output("stream", text="said")]
            if end:
                cell.outputs.append(new_output("error", ename=end, evalue="bad\nline", traceback=[]))

    Client.ends, Client.made, Client.fails_to_start = {}, [], 0
    monkeypatch.setattr(nbclient, "NotebookClient", Client)
    return Client


TEXTS = (("a = 1", ""), ("b", ""), ("c", ""), ("d", ""))


def ran(folder, *cells, seconds=30.0, shown=None):
    book = book_of(*(cells or TEXTS))
    return precheck.run(book, folder, seconds, [], lambda *at: None if shown is None else shown.append(at))


def test_every_cell_of_code_runs_in_order_in_the_notebooks_folder_and_an_error_stops_none(client, tmp_path):
    shown = []
    client.ends["b"] = client.ends["c"] = "ValueError"
    book = book_of(*TEXTS)
    book.cells[0].cell_type = "markdown"
    found = precheck.run(book, tmp_path, 30.0, [], lambda *at: shown.append(at))
    assert {index: how.text for index, how in found.items()} == {
        1: "stopped with ValueError: bad line.",
        2: "stopped with ValueError: bad line.",
    }
    (used,) = client.made
    assert (used.ran, shown) == ([1, 2, 3], [(2, 4), (3, 4), (4, 4)])
    assert (used.words["allow_errors"], used.words["kernel_name"]) == (True, "python3")
    assert used.words["resources"] == {"metadata": {"path": str(tmp_path)}}


def test_what_comes_after_a_cell_that_never_ends_is_not_run_and_is_no_error(client, tmp_path):
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    client.ends["a = 1"] = "ValueError"
    for error, text in (
        (CellTimeoutError("slow"), "took more than 7 s and was stopped. What comes after it was not run."),
        (DeadKernelError("died"), "ended Python. What comes after it was not run."),
    ):
        client.made.clear()
        client.ends["b"] = error
        found = ran(tmp_path, seconds=7.2)
        assert found.pop(0).kind == "ValueError"
        assert found == {1: precheck.Stopped("", text), 2: precheck.Stopped("", ""), 3: precheck.Stopped("", "")}
        assert client.made[0].ran == [0, 1]


def test_a_cell_has_its_own_time_as_long_as_the_notebook_has_so_much_and_a_second_at_least(
    client, tmp_path, monkeypatch
):
    ticks = iter([0.0, 100.0, 155.0, 179.9, 400.0])
    monkeypatch.setattr(precheck.time, "monotonic", lambda: next(ticks))
    ran(tmp_path)
    assert client.made[0].timeouts == [30, 25, 1, 1]


def test_a_kernel_that_does_not_start_is_started_once_more(client, tmp_path):
    client.fails_to_start = 1
    assert ran(tmp_path) == {}
    assert [each.ran for each in client.made] == [[], [0, 1, 2, 3]]
    client.made.clear()
    client.fails_to_start = 2
    with pytest.raises(precheck.CannotRunError, match=r"does not start \(Kernel died before"):
        ran(tmp_path)
    assert len(client.made) == 2


def test_without_a_kernel_it_says_what_to_install(client, tmp_path):
    from jupyter_client.kernelspec import NoSuchKernel

    client.ends["b"] = NoSuchKernel("python3")
    with pytest.raises(precheck.CannotRunError, match="There is no Python kernel here"):
        ran(tmp_path)
    assert len(client.made) == 1
