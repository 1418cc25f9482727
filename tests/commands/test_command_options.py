"""What the options take, and what they hand on."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from autograder.cli import WITHOUT_DIFF, finish, main
from autograder.commands.options import Number, Output, grading_options_in, limits_in, together


@pytest.mark.parametrize("name", ["gradebook.db", "hw.ipynb", "mine.py", "a.sqlite", "a.sqlite3", "HW.IPYNB"])
def test_somebodys_work_is_never_written_over(tmp_path, name):
    path = tmp_path / name
    assert Output().convert(str(path), None, None) == path
    path.write_text("")
    with pytest.raises(click.BadParameter, match="is there already"):
        Output().convert(str(path), None, None)


def test_any_other_file_may_be_written_anew(tmp_path):
    for name in ("a.json", "py", "a.csv"):
        (tmp_path / name).write_text("")
        assert Output().convert(str(tmp_path / name), None, None) == tmp_path / name


def test_a_dash_is_the_standard_output_only_where_something_is_written_there():
    assert Output(stdout=True).convert("-", None, None) == Path("-")
    with pytest.raises(click.BadParameter, match="“-” is no name"):
        Output().convert("-", None, None)
    assert Output().convert("-x", None, None) == Path("-x")


def test_a_number_is_in_its_range_ends_included_and_nan_in_none():
    share = Number(0, 1)
    assert [share.convert(text, None, None) for text in ("0", "0.5", "1")] == [0.0, 0.5, 1.0]
    for text in ("nan", "-0.1", "1.1", "x"):
        with pytest.raises(click.BadParameter):
            share.convert(text, None, None)


def test_options_stand_in_the_given_order():
    both = together(click.option("--first"), click.option("--second"))

    @click.command()
    @both
    def work(first, second):
        """Work."""

    assert [each.name for each in work.params] == ["first", "second"]


def test_limits_are_read_by_name_the_last_of_one_name_counts():
    assert limits_in([]) == {}
    assert limits_in(["cell_seconds=60", "memory=4G", "cell_seconds=50"]) == {"cell_seconds": "50", "memory": "4G"}
    for word in ("second=1", "cell_seconds", "cell_seconds=x", "cell_seconds=1=2"):
        with pytest.raises(click.BadParameter):
            limits_in([word])


UNSET = {"allow": (), "feedback": None, "seed_file": None, "sandbox": None, "isolation": None, "limits": ()}


def test_what_the_command_line_leaves_out_is_for_the_course_to_say():
    assert grading_options_in(UNSET | {"follow_through": None}) == {}


@pytest.mark.parametrize("name", ["follow_through", "class_seconds"])
def test_0_is_a_choice(name):
    assert grading_options_in(UNSET | {"follow_through": None, name: 0.0}) == {name: 0.0}


def test_what_the_command_line_sets_is_handed_on(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    given = {"allow": ("scipy", "math"), "feedback": "full", "seed_file": Path("seed"), "sandbox": "none"}
    given |= {"isolation": "chroot", "limits": ("cell_seconds=60",), "follow_through": 0.5}
    more = {"figures": True, "class_seconds": 5.0, "cluster": "local:2", "insecure_cluster": True}
    assert grading_options_in(given | more) == given | more | {
        "allow": ["scipy", "math"],
        "seed_file": str(tmp_path / "seed"),
        "limits": {"cell_seconds": "60"},
    }


@pytest.mark.parametrize(
    ("complete", "lowest", "least", "status"),
    [
        *((True, 0.0, None, 0), (True, 50.0, 50.0, 0), (True, 49.9, 50.0, 3), (True, 0.0, 0.0, 0)),
        *((False, 100.0, None, 1), (False, 0.0, 50.0, 1)),
    ],
)
def test_the_status_says_first_whether_all_was_graded_then_the_lowest_mark(complete, lowest, least, status):
    try:
        finish((complete, lowest), {"fail_under": least})
        found = 0
    except SystemExit as ended:
        found = ended.code
    assert found == status


@pytest.mark.parametrize(
    "words",
    [
        *(["--no-gradebook"], ["--results", "r.jsonl"], ["--junit", "r.xml"], ["--gradescope", "r.json"]),
        *(["--github-summary"], ["--feedback-dir", "out"], ["--fail-under", "50"]),
    ],
)
def test_a_comparison_takes_no_option_that_writes(words):
    done = CliRunner().invoke(main, ["grade", "--diff", *words])
    assert done.exit_code == 2
    assert f"leave out {words[0]}." in done.output
    assert words[0].removeprefix("--").replace("-", "_") in WITHOUT_DIFF


def test_gradescope_grades_in_the_sandbox_and_no_mark_fails_a_run(tmp_path):
    for words in (["--sandbox", "none"], ["--fail-under", "0"]):
        done = CliRunner().invoke(main, ["gradescope-zip", "softmax", str(tmp_path / "out.zip"), *words])
        assert (done.exit_code, "in the sandbox or not at all" in done.output) == (2, True)


# --- what a command hands on -----------------------------------------------------------------------------


HERE = Path("here")
LOOK = {"results": None, "html": None, "json": None, "names": False}
EXPORT = {"course": None, "results": None, "assignment": None, "show_students": False}
SHEETS = {"into": Path("s.csv")}


@pytest.mark.parametrize(
    ("words", "function", "given", "options"),
    [
        ("explain ada hw f --course here", "explain.run", ({}, HERE, "ada", "hw", "f"), {}),
        ("explain ada hw --sandbox none", "explain.run", ({"sandbox": "none"}, None, "ada", "hw", None), {}),
        (
            "similar hw --against a --against b --html h --json - --names --results r --jobs 3 --course here",
            "similar.run",
            (
                HERE,
                "hw",
                {
                    "jobs": 3,
                    "against": (Path("a"), Path("b")),
                    "results": Path("r"),
                    "html": Path("h"),
                    "json": Path("-"),
                    "names": True,
                },
            ),
            {},
        ),
        ("similar hw", "similar.run", (None, "hw", LOOK | {"jobs": None, "against": ()}), {}),
        ("report", "report.run", (None, LOOK | {"course": None, "slides": None}), {}),
        (
            "report hw --course here --results r --slides s --html - --names",
            "report.run",
            (
                "hw",
                LOOK
                | {
                    "course": HERE,
                    "slides": Path("s"),
                    "results": Path("r"),
                    "html": Path("-"),
                    "names": True,
                },
            ),
            {},
        ),
        (
            "export canvas --into s.csv m.csv --column T --assignment hw",
            "export.run",
            ("canvas", Path("m.csv"), EXPORT | SHEETS | {"column": "T", "assignment": "hw"}),
            {},
        ),
        (
            "export moodle --into s.csv m.csv --results r --show-students",
            "export.run",
            ("moodle", Path("m.csv"), EXPORT | SHEETS | {"results": Path("r"), "show_students": True}),
            {},
        ),
        ("export csv m.csv --course here", "export.run", ("csv", Path("m.csv"), EXPORT | {"course": HERE}), {}),
        ("new assignment a", "new.new_assignment", (None, "a", None), {}),
        ("new assignment a --exercise f --course here", "new.new_assignment", (HERE, "a", "f"), {}),
        ("new exercise f --assignment a --course here", "new.new_exercise", (HERE, "f", "a"), {}),
        ("new exercise f", "new.new_exercise", (None, "f", None), {}),
        ("release", "release.run", (None, ()), {}),
        ("release a b --course here", "release.run", (HERE, ("a", "b")), {}),
        ("gradescope-zip hw o.zip", "gradescope_zip.run", ({}, None, "hw", Path("o.zip")), {}),
        ("list", "list.run", (None,), {"markdown": False}),
        ("list --markdown --course here", "list.run", (HERE,), {"markdown": True}),
        ("prove", "prove.run", (None, ()), {"every": False}),
        ("prove f g --all --course here", "prove.run", (HERE, ("f", "g")), {"every": True}),
        ("gradebook copy a b", "gradebook.copy", ("a", "b"), {}),
        ("doctor", "doctor.run", ({},), {"as_json": False}),
        ("doctor --json --limit cell_seconds=5", "doctor.run", ({"cell_seconds": "5"},), {"as_json": True}),
        ("demo", "demo.run", (None, None), {}),
        ("demo --into here --jobs 2", "demo.run", (HERE, 2), {}),
    ],
)
def test_a_command_hands_on_its_words_and_ends_with_the_status_of_its_work(
    words, function, given, options, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    calls = []

    def work(*args, **more):
        calls.append((args, more))
        return 1

    monkeypatch.setattr(f"autograder.commands.{function}", work)
    done = CliRunner().invoke(main, words.split())
    assert calls == [(given, options)], done.output
    has_status = function.endswith(".run") and function not in ("report.run", "list.run", "gradescope_zip.run")
    assert done.exit_code == int(has_status)


@pytest.mark.parametrize(
    ("outcome", "words", "status"),
    [((True, 40.0), "", 0), ((True, 40.0), "--fail-under 50", 3), ((False, 100.0), "", 1)],
)
def test_check_hands_on_every_file_and_its_status_is_that_of_a_grading(
    outcome, words, status, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    calls = []

    def work(*args, **more):
        calls.append((args, more))
        return outcome

    monkeypatch.setattr("autograder.commands.check.run", work)
    rest = ["--json", "--junit", "j.xml", "--student", "ada", "--course", "here", "--sandbox", "none"]
    done = CliRunner().invoke(main, ["check", "softmax", "a.py", "b.py", *rest, *words.split()])
    assert done.exit_code == status, done.output
    files = {"as_json": True, "junit": Path("j.xml"), "folder": HERE}
    assert calls == [(({"sandbox": "none"}, "softmax", (Path("a.py"), Path("b.py")), "ada"), files)]


@pytest.mark.parametrize(("words", "is_asked"), [("hw.ipynb --assignment hw", True), ("-h", False)])
def test_precheck_hands_on_all_words_and_the_released_cells_of_the_course_that_it_needs(
    words, is_asked, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    calls = []

    def work(*args, **more):
        calls.append((args, more))
        return 1

    monkeypatch.setattr("autograder.commands.precheck.main", work)
    monkeypatch.setattr("autograder.commands.release.released_cells", lambda course: f"cells of {course}")
    monkeypatch.setattr("autograder.commands.opening.open_course", lambda folder: f"the course in {folder}")
    done = CliRunner().invoke(main, ["precheck", *words.split()])
    cells = "cells of the course in None" if is_asked else {}
    assert calls == [((tuple(words.split()), cells), {"prog": "autograder precheck"})], done.output
    assert done.exit_code == 1
