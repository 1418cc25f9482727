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
