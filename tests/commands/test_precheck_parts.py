"""Each part of the check by itself, without a kernel: what is recognised, counted and said."""

from __future__ import annotations

import json

import pytest
from notebook_files import book_of

from autograder.commands import precheck
from autograder.commands.precheck import causes, checks, notebooks, running

# --- each part by itself ---------------------------------------------------------------------------------


def wanted_of(*cells):
    """Released cells from name, role and text of each."""
    return [(name, "code", role, notebooks.digest(text)) for name, role, text in cells]


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
        assert notebooks.identify(TWO, stem, theirs, assignment) == expected
    else:
        with pytest.raises(ValueError, match=expected):
            notebooks.identify(TWO, stem, theirs, assignment)


def test_of_two_notebooks_with_as_many_of_the_cells_the_name_decides():
    released = {"a": {"a": wanted_of(("f", "check", ""))}, "b": {"b": wanted_of(("f", "check", ""))}}
    assert notebooks.identify(released, "b", {"f"}, None) == ("b", "b")
    assert notebooks.identify(released, "mine", {"f"}, "b") == ("b", "b")


def test_a_notebook_of_locked_cells_alone_is_known_by_these():
    released = {"a": {"a": wanted_of(("intro", "locked", ""))}}
    assert notebooks.identify(released, "mine", {"intro"}, None) == ("a", "a")


def test_a_digest_ignores_blanks_at_ends_and_nothing_else():
    assert notebooks.digest("\n a  \nb\t\n\n") == notebooks.digest("a\nb")
    assert len({notebooks.digest(text) for text in ("a\nb", "a\n b", "ab", "a\n\nb", "")}) == 5
    assert len(notebooks.digest("\udcff")) == 16


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        *(({}, ""), ({"nbgrader": 3}, ""), ({"nbgrader": {}}, ""), ({"nbgrader": {"grade_id": 3}}, "")),
        ({"nbgrader": {"grade_id": "f"}}, "f"),
    ],
)
def test_a_cell_without_a_proper_name_has_an_empty_one(metadata, name):
    assert notebooks.grade_id({"metadata": metadata}) == name


def test_only_locked_cells_and_checks_must_be_as_they_were_released():
    wanted = wanted_of(*((role, role, "text") for role in ("locked", "check", "solution", "answer", "task")))
    changed = book_of(*(("other", name) for name, *_ in wanted))
    whole, intact = checks._cells(changed, wanted)
    assert whole.status == "pass"
    assert (intact.status, intact.message.partition(". ")[0]) == ("fail", "edited: “locked”, “check”")
    same = book_of(*(("text", name) for name, *_ in wanted))
    assert [finding.status for finding in checks._cells(same, wanted)] == ["pass", "pass"]


def test_an_answer_is_done_when_it_is_no_longer_the_released_text():
    wanted = wanted_of(("why", "answer", "YOUR ANSWER"), ("when", "answer", "YOUR ANSWER"), ("f", "solution", ""))
    book = book_of(("Because.", "why"), ("YOUR ANSWER \n", "when"), ("x", "f"))
    found = [(each.name, each.status, each.judged) for each in checks._answers(book, wanted)]
    assert found == [
        *(("the answer “why” is written", "pass", False), ("the answer “when” is written", "todo", False)),
    ]
    assert list(checks._answers(book_of(("x", "f")), wanted)) == []


def said_of_a_run(monkeypatch, stopped, *cells, asked=("f-visible", "g-visible")):
    """What is said about a notebook whose cells ended like this."""
    monkeypatch.setattr(checks, "run", lambda *_: stopped)
    wanted = wanted_of(*((name, "check", "") for name in asked))
    return list(checks._running(book_of(*cells), wanted, None, 1.0, None))


CELLS = (("# a\n\nx = 1", ""), ("f()", "f-visible"), ("g()", "g-visible"), ("\n y", ""), ("z", ""), ("w", ""))


def test_a_notebook_in_which_nothing_stopped_runs_and_its_checks_pass(monkeypatch):
    found = said_of_a_run(monkeypatch, {}, *CELLS)
    assert [(each.name, each.status) for each in found] == [
        (checks.RUNS, "pass"),
        *(("the check “f-visible” passes", "pass"), ("the check “g-visible” passes", "pass")),
    ]


def test_three_cells_that_stopped_are_named_and_the_others_counted(monkeypatch):
    faults = {index: causes.Stopped("E", "stopped with E.") for index in (0, 3, 4, 5)}
    (runs, *_) = said_of_a_run(monkeypatch, faults, *CELLS)
    assert runs.message == (
        "the cell “# a” (number 1) stopped with E. the cell “y” (number 4) stopped with E. "
        "the cell “z” (number 5) stopped with E. 1 more cells stopped."
    )
    del faults[5]
    faults |= {5: causes.Stopped("E", "stopped with E.", cause=0), 2: causes.Stopped("E", "x", cause=0)}
    (runs, _, second) = said_of_a_run(monkeypatch, faults, *CELLS)
    assert runs.message.endswith("(number 5) stopped with E. Cells that stopped because of it: 1.")
    assert second.message == "it x First mend the cell “# a” (number 1)."


def test_a_check_that_fails_is_no_fault_of_the_run_but_one_that_can_not_be_read_is(monkeypatch):
    fails = {1: causes.Stopped("AssertionError", "stopped with AssertionError: no.")}
    runs, first, second = said_of_a_run(monkeypatch, fails, *CELLS)
    assert (runs.status, first.status, second.status) == ("pass", "fail", "pass")
    assert first.message == "it stopped with AssertionError: no."
    for kind in ("SyntaxError", "IndentationError", "TabError", ""):
        runs, first, _ = said_of_a_run(monkeypatch, {1: causes.Stopped(kind, "stopped.")}, *CELLS)
        assert (runs.status, first.status) == ("fail", "fail"), kind


def test_cells_that_wait_and_cells_that_follow_are_counted(monkeypatch):
    waits = {index: causes.Stopped("E", "stopped.", waits=True) for index in (1, 3)}
    runs, first, _ = said_of_a_run(monkeypatch, waits, *CELLS)
    assert (runs.status, runs.message) == ("todo", "2 of its cells wait for functions that are not done yet.")
    assert (first.status, first.message) == ("todo", "not done yet.")
    follow = {index: causes.Stopped("E", "stopped.", cause=1) for index in (2, 3)}
    runs, _, _ = said_of_a_run(monkeypatch, follow, *CELLS)
    assert runs.message == "1 of its cells stop because of functions whose checks don't pass."


def test_what_was_not_run_is_not_judged(monkeypatch):
    found = said_of_a_run(
        monkeypatch, {0: causes.Stopped("", "ended Python.")} | running._rest(book_of(*CELLS), 0), *CELLS
    )
    assert found[0].message == "the cell “# a” (number 1) ended Python."
    assert [(each.status, each.message) for each in found[1:]] == [("todo", "it was not run.")] * 2
    assert sorted(running._rest(book_of(*CELLS), 3)) == [4, 5]


def test_a_check_that_is_not_there_has_no_line(monkeypatch):
    assert [each.name for each in said_of_a_run(monkeypatch, {}, ("x", ""))] == [checks.RUNS]


PARTS = wanted_of(
    *(("f-solution", "solution", ""), ("f-visible", "check", ""), ("g-solution", "solution", "")),
    *(("g-visible", "check", ""), ("q", "solution", ""), ("q", "check", ""), ("why", "answer", "")),
)


def finding(name, status, message="", judged=True):
    return checks.Finding(name, status, message, judged)


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
            [finding(checks.RUNS, "fail", "the cell “1 / 0” (number 1) stopped with E.")],
            ["f"],
            "Next: mend the first cell that is named above.",
        ),
        (
            [finding(checks.RUNS, "fail", "the cell “f-solution” (number 1) stopped with E.")],
            ["g"],
            "Part 2, “g”, is not written yet",
        ),
        (
            [finding(checks.RUNS, "fail", "2 of its cells stop because of")],
            ["g"],
            "Part 2, “g”, is not written yet",
        ),
    ],
)
def test_what_to_do_next_is_the_first_thing_that_is_left(findings, unwritten, said):
    found = checks.what_next(findings, PARTS, unwritten)
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
        ([finding("a", "todo"), finding(checks.NEXT, "todo", "Next: do it.", judged=False)], 1, "Next: do it."),
    ],
)
def test_the_status_and_the_last_line_count_what_is_judged(monkeypatch, capsys, tmp_path, findings, status, last):
    path = tmp_path / "one.ipynb"
    path.write_text("{}")
    monkeypatch.setattr(precheck, "examine", lambda *_: iter(findings))
    assert precheck.main([str(path)], TWO) == status
    lines = capsys.readouterr().out.splitlines()
    assert lines[-1] == last
    assert sum(line[:2] in ("✓ ", "✗ ", "· ") for line in lines) == sum(f.name != checks.NEXT for f in findings)
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
