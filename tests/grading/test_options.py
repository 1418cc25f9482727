"""Options: set as nbgrader's users set everything, and refused with a sentence where they won't do."""

from __future__ import annotations

import pytest
from traitlets.config import Config

from autograder.grading.options import OptionError, Options, in_course
from autograder.sandbox.policy import Limits


def settings(config, tmp_path, **given):
    if not (tmp_path / "seed").exists():
        (tmp_path / "seed").write_bytes(bytes(range(32)))
    return in_course(config, {"seed_file": str(tmp_path / "seed"), **given}).settings(tmp_path, config)


def config(**options):
    return Config({"GradeSealed": options})


def test_a_course_says_nothing_and_gets_the_defaults(tmp_path):
    found = settings(Config(), tmp_path)
    assert (found.feedback, found.allow, found.limits) == ("messages", (), Limits())
    assert (found.isolated, found.figures) == (True, False)


def test_a_course_s_options_are_obeyed(tmp_path):
    limits = {"memory": "4G", "cell_seconds": 60}
    course = config(feedback="full", allow=["scipy"], limits=limits, figures=True, sandbox="none")
    found = settings(course, tmp_path)
    assert (found.feedback, found.allow, found.isolated, found.figures) == ("full", ("scipy",), False, True)
    assert (found.limits.memory, found.limits.cell_seconds) == (4 << 30, 60.0)


def test_the_command_line_goes_before_the_course_limit_by_limit(tmp_path):
    course = config(feedback="full", limits={"memory": "4G", "cell_seconds": 60})
    found = settings(course, tmp_path, feedback="score", limits={"cell_seconds": "5"})
    assert (found.feedback, found.limits.memory, found.limits.cell_seconds) == ("score", 4 << 30, 5.0)


def test_what_a_course_appends_is_added(tmp_path):
    """`c.GradeSealed.allow.append("scipy")`, before anybody knows what it is appended to."""
    course = Config()
    course.GradeSealed.allow.append("scipy")
    assert settings(course, tmp_path).allow == ("scipy",)


def test_a_word_is_a_list_of_one(tmp_path):
    assert settings(config(allow="scipy"), tmp_path).allow == ("scipy",)


def test_the_seed_file_s_path_is_relative_to_the_course(tmp_path):
    """So that it is the same from wherever a command is run; the secret in it is made once."""
    given = config(seed_file="secret/seed")
    first, second = (in_course(given, {}).settings(tmp_path, given).secret for _ in range(2))
    assert first == second == (tmp_path / "secret" / "seed").read_bytes()


def test_a_seed_file_that_is_none_is_refused(tmp_path):
    (tmp_path / "seed").write_bytes(b"short")
    with pytest.raises(OptionError, match=r"seed file can't be used: .* holds 5 bytes"):
        settings(Config(), tmp_path)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            {"feedback": "loud"},
            "nbgrader_config.py: GradeSealed.feedback must be “score”, “messages” or “full”, not 'loud'",
        ),
        ({"sandbox": None}, "must be “auto” or “none”, not None"),
        ({"allow": [7]}, "GradeSealed.allow must be a list of names"),
        ({"allow": ["sci-py"]}, "“sci-py” can't be the name of a module"),
        (
            {"limits": {"second": 1}},
            "GradeSealed.limits: there is no limit called “second”; there are: cell_seconds",
        ),
        ({"limits": {"memory": "much"}}, "memory must be a positive number .*, not “much”"),
        ({"limits": 60}, "GradeSealed.limits must be a dictionary"),
        ({"seed_file": 7}, "GradeSealed.seed_file must be the path of a file, not 7"),
        ({"figures": "sometimes"}, "GradeSealed.figures must be True or False, not 'sometimes'"),
        ({"follow_through": 1.5}, "GradeSealed.follow_through must be a number from 0 to 1, not 1.5"),
        ({"follow_through": "half"}, "GradeSealed.follow_through must be a number from 0 to 1, not 'half'"),
        (
            {"feedbak": "full"},
            "There is no option GradeSealed.feedbak; there are: allow, class_seconds, cluster, feedback",
        ),
        ({"enabled": False}, "nbgrader gives full marks"),
    ],
    ids=repr,
)
def test_what_won_t_do_is_refused_with_a_sentence(options, said):
    with pytest.raises(OptionError, match=said):
        in_course(config(**options), {})


def test_every_option_has_a_help_text_that_says_more_than_its_name():
    for name, trait in Options.class_traits(config=True).items():
        assert len(trait.help) > 40, name
        assert trait.help.endswith("."), name


@pytest.mark.parametrize("section", ["NotebookClient", "ExecutePreprocessor", "Execute"])
@pytest.mark.parametrize(
    ("timeout", "cell", "whole"),
    [(60, 60, 180), (600, 600, 600), ("90", 90, 180), (None, 180, 180), (-1, 180, 180)],
)
def test_nbgrader_s_own_timeout_is_the_limit_of_a_cell(tmp_path, section, timeout, cell, whole):
    """A course that gave its cells ten minutes doesn't lose marks here; the grader's own option goes before."""
    course = Config({section: {"timeout": timeout}})
    found = settings(course, tmp_path).limits
    assert (found.cell_seconds, found.submission_seconds) == (cell, whole)
    assert found.cell_patience == 0  # it holds exactly, as under nbgrader
    assert settings(course, tmp_path, limits={"cell_seconds": 7}).limits.cell_seconds == 7
