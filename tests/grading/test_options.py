"""Options: set as nbgrader's users set everything, and refused with a sentence where they won't do."""

from __future__ import annotations

from pathlib import Path

import pytest
from traitlets.config import Config

from autograder.grading.options import OptionError, Options, in_course, limits_of_nbgrader
from autograder.results import FOLLOW_THROUGH
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
        ({"follow_through": -0.1}, "must be a number from 0 to 1"),
        ({"follow_through": float("nan")}, "must be a number from 0 to 1"),
        ({"class_seconds": -1}, "must be a number of seconds, 0 or more"),
        ({"class_seconds": float("inf")}, "must be a number of seconds, 0 or more"),
        ({"class_seconds": float("nan")}, "must be a number of seconds, 0 or more"),
        ({"allow": ["scipy", "a..b"]}, "“a..b” can't be the name of a module"),
        ({"isolation": "best"}, "must be “auto”, “landlock”, “namespace” or “chroot”, not 'best'"),
        ({"cluster": 4}, "must be an address, as tls://scheduler:8786 or local:4, not 4"),
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


@pytest.mark.parametrize("options", [{"follow_through": part} for part in (0, 0.5, 1)] + [{"class_seconds": 0}])
def test_the_ends_of_a_range_may_be_chosen(options):
    (name, value), *_ = options.items()
    assert getattr(in_course(config(**options), {}), name) == value


def test_a_wrong_word_on_the_command_line_is_not_blamed_on_the_course():
    with pytest.raises(OptionError, match=r"^GradeSealed\.feedback must be"):
        in_course(config(feedback="full"), {"feedback": "loud"})


def test_the_way_of_isolating_is_the_best_one_unless_one_is_named(tmp_path):
    assert settings(Config(), tmp_path).way is None
    assert settings(config(isolation="chroot"), tmp_path).way == "chroot"
    assert settings(config(follow_through=0), tmp_path).follow_through == 0


def test_a_seed_file_in_the_home_folder_or_none(tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", "/home/ada")
    assert in_course(config(seed_file="~/seed"), {}).seed_path(tmp_path) == Path("/home/ada/seed")
    assert in_course(config(seed_file="seed"), {}).seed_path(tmp_path) == tmp_path / "seed"
    assert in_course(config(), {}).seed_path(tmp_path) is None


def test_a_module_that_is_not_installed_is_said_before_anything_is_graded(tmp_path):
    with pytest.raises(OptionError, match=r"^GradeSealed\.allow: No module “nothing_like_it” is installed"):
        settings(config(allow=["json", "nothing_like_it"]), tmp_path)


def test_of_nbgrader_s_own_sections_the_last_counts_and_a_text_is_no_time():
    sections = {"Execute": {"timeout": 7}, "NotebookClient": {"timeout": 5}, "ExecutePreprocessor": {"timeout": 6}}
    assert limits_of_nbgrader(Config(sections))["cell_seconds"] == 7
    del sections["Execute"]
    assert limits_of_nbgrader(Config(sections))["cell_seconds"] == 6
    for half in (7.5, "7.5"):
        assert limits_of_nbgrader(Config({"Execute": {"timeout": half}}))["cell_seconds"] == 7.5
    assert limits_of_nbgrader(Config({"Execute": {"timeout": "soon"}}))["cell_seconds"] == 180
    assert limits_of_nbgrader(Config({"Execute": {"timeout": 0}}))["cell_seconds"] == 180
    assert limits_of_nbgrader(Config({"Execute": {"allow_errors": True}})) == {}


def test_a_course_that_sets_nothing_has_these_options():
    options = in_course(Config(), {})
    assert {name: getattr(options, name) for name in options.trait_names(config=True)} == {
        "feedback": "messages",
        "allow": [],
        "limits": {},
        "class_seconds": 0.0,
        "cluster": "",
        "insecure_cluster": False,
        "seed_file": "",
        "figures": False,
        "follow_through": FOLLOW_THROUGH,
        "sandbox": "auto",
        "isolation": "auto",
    }


def test_a_seed_file_that_can_not_be_read_is_named_with_the_reason(tmp_path):
    (tmp_path / "seed" / "in").mkdir(parents=True)
    with pytest.raises(OptionError) as refused:
        settings(config(), tmp_path)
    path = tmp_path / "seed"
    said = f"The seed file can't be used: {path}: Is a directory. --seed-file names another one."
    assert str(refused.value) == said


def test_an_option_on_the_command_line_is_one_name_and_both_ends_of_a_limit_hold(tmp_path):
    assert Options.class_traits()["allow"].from_string("scipy.stats") == ["scipy.stats"]
    course = config(limits={"memory": "4G", "files": 100})
    found = in_course(course, {"limits": {"files": 50, "threads": 9}})
    assert found.limits == {"memory": "4G", "files": 50, "threads": 9}
    assert in_course(course, {}).limits == {"memory": "4G", "files": 100}


def test_a_limit_of_the_command_line_that_is_none_is_not_blamed_on_the_course():
    with pytest.raises(OptionError, match=r"^GradeSealed\.limits: there is no limit called “x”"):
        in_course(config(limits={"memory": "4G"}), {"limits": {"x": 1}})
    with pytest.raises(
        OptionError, match=r"^nbgrader_config\.py: GradeSealed\.limits: there is no limit called “x”"
    ):
        in_course(config(limits={"x": 1}), {})


def test_what_is_appended_prepended_or_updated_changes_what_was_there():
    course = Config()
    course.GradeSealed.allow.extend(["a", "b"])
    course.GradeSealed.limits.update({"files": 50})
    found = in_course(course, {"follow_through": 0.0, "feedback": "score"})
    assert (found.allow, found.limits, found.follow_through) == (["a", "b"], {"files": 50}, 0.0)
    assert found.feedback == "score"
