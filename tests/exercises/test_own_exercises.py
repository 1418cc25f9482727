"""A course's own exercises: registered beside ours, proven alike, and as docs/writing-exercises.md says."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import warm
from conftest import CHECKOUT
from sampling import sampled

import autograder
from autograder import exercises, judging
from autograder.exercises import builtin
from autograder.judging.model import Misconception
from autograder.judging.prove import faults

PAGE = (CHECKOUT / "docs" / "writing-exercises.md").read_text(encoding="utf-8")
FILES = dict(re.findall(r"^`([\w/]+\.py)`\n\n```python\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL))
BIN = Path(sys.executable).parent


@pytest.fixture
def followed(tmp_path):
    """A course folder with the files that the page shows."""
    (tmp_path / "nbgrader_config.py").write_text("c = get_config()\n")
    for name, text in FILES.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    yield tmp_path
    exercises.use_course(tmp_path / "nowhere")


def run(command, cwd):
    return warm.run(command.split(), cwd, os.environ | {"XDG_DATA_HOME": str(cwd / "data")})


def test_a_course_s_exercise_is_found_beside_ours_until_another_course_is_opened(followed, tmp_path):
    exercises.use_course(followed)
    assert exercises.names()[-1] == (exercises.OWN, "poisson_log_pmf")
    assert exercises.find("poisson_log_pmf").name == "poisson_log_pmf"
    before = exercises.digest_of_own()
    reference = followed / "solutions" / "poisson_log_pmf.py"
    reference.write_text(reference.read_text() + "\n# changed\n")
    exercises.use_course(followed)
    assert exercises.digest_of_own() != before
    exercises.use_course(tmp_path / "nowhere")
    assert not exercises.is_registered("poisson_log_pmf")
    assert exercises.is_registered("softmax")


POISSON = FILES["exercises/poisson_log_pmf.py"]
OLD_IMPORTS = """from autograder.compare import tolerance_for  # noqa: F401
from autograder.exercise import Call, Check, Exercise, Misconceptions
from autograder import leaves_arguments_unchanged, layouts_of, takes_any_layout
"""


def test_the_old_addresses_still_answer_and_name_the_new_one(followed):
    text, places = re.subn(
        r"^from autograder import \((.*?)^\)$\n", OLD_IMPORTS, POISSON, flags=re.MULTILINE | re.DOTALL
    )
    assert places == 1
    (followed / "exercises" / "poisson_log_pmf.py").write_text(text)
    with pytest.warns(FutureWarning) as caught:
        exercises.use_course(followed)
    assert exercises.find("poisson_log_pmf").checks[0].name == "matches the definition on small counts"
    said = [str(warning.message) for warning in caught]
    assert "autograder.exercise is removed in 0.4: write “from autograder import Call” instead." in said
    assert "autograder.compare is removed in 0.4: write “from autograder import tolerance_for” instead." in said
    assert {Path(warning.filename).name for warning in caught} == {"poisson_log_pmf.py"}


def test_an_old_address_has_no_other_names_and_goes_with_the_course(followed, tmp_path):
    exercises.use_course(followed)
    with pytest.raises(ImportError, match="cannot import name 'no_such'"):
        exec("from autograder.exercise import no_such")
    exercises.use_course(tmp_path / "nowhere")
    with pytest.raises(ModuleNotFoundError):
        exec("import autograder.exercise")


def test_everything_that_our_exercises_import_is_public():
    assert set(judging.__all__) | {"__version__", "check", "grade"} == set(autograder.__all__)
    assert all(getattr(autograder, name) is getattr(judging, name) for name in judging.__all__)


BROKEN = {
    "softmax.py": ("exercise = None", "there is an exercise “softmax” already"),
    "mine.py": (
        "import nowhere_at_all",
        "can't be imported: ModuleNotFoundError: No module",
    ),
    "ends.py": ("import sys; sys.exit(3)", "can't be imported: it ends the program."),
    "unfounded.py": ("from ..solution import x", "solution, which is not there."),
    "empty.py": ("", "must define “exercise”, an Exercise whose name is “empty”"),
    "other.py": (
        FILES["exercises/poisson_log_pmf.py"],
        "must define “exercise”, an Exercise whose name is “other”",
    ),
}


@pytest.mark.parametrize(("name", "text", "says"), [(k, *v) for k, v in BROKEN.items()], ids=BROKEN)
def test_an_exercise_that_can_not_be_used_is_named_with_the_reason(followed, name, text, says):
    (followed / "exercises" / name).write_text(text)
    with pytest.raises(exercises.OwnExerciseError, match=re.escape(says)):
        exercises.use_course(followed)


@pytest.mark.parametrize("name", sampled(BROKEN, every=6))
def test_a_command_names_an_exercise_that_can_not_be_used(followed, name):
    text, says = BROKEN[name]
    (followed / "exercises" / name).write_text(text)
    done = run("autograder list", followed)
    assert (done.returncode, says in done.stderr.replace("\n", " ")) == (2, True)


CHOICE = """from autograder import choice

exercise = choice(
    "{name}", topic="own", right="a", wrong={{"b": ("mixed-up", "That is the other one. Which was asked?")}}
)
"""


def written(root, *names, text=CHOICE):
    """A course folder with a question of each name."""
    (root / "exercises").mkdir(parents=True, exist_ok=True)
    for name in names:
        (root / "exercises" / f"{name}.py").write_text(text.format(name=name))
    return root


@pytest.fixture
def nobody_s(tmp_path):
    yield tmp_path
    exercises.use_course(tmp_path / "nowhere")


def test_exercises_of_a_course_come_after_ours_by_name_without_helpers_and_go_with_it(nobody_s):
    one, other = written(nobody_s / "one", "zeta", "alpha", "beta"), written(nobody_s / "other", "gamma")
    for helper in ("_shared.py", "notes.txt"):
        (one / "exercises" / helper).write_text("raise ValueError")
    exercises.use_course(one)
    ours = builtin.names()
    assert exercises.names() == (*ours, ("own", "alpha"), ("own", "beta"), ("own", "zeta"))
    assert exercises.everything() == (*exercises.names(), *builtin.items())
    assert exercises.course_in_use() == one
    assert [exercises.find(name).name for name in ("alpha", "zeta", "softmax", "two_dice")] == [
        *("alpha", "zeta", "softmax", "two_dice")
    ]
    exercises.use_course(other)
    assert exercises.names() == (*ours, ("own", "gamma"))
    assert exercises.course_in_use() == other
    assert not exercises.is_registered("alpha")
    exercises.use_course(nobody_s / "empty")
    assert exercises.names() == ours
    assert exercises.course_in_use() == nobody_s / "empty"


def test_a_file_that_changed_is_read_again_with_what_it_imports(nobody_s):
    root = written(nobody_s, "alpha", text="from ..solutions.counts import exercise\n")
    (root / "solutions").mkdir()
    for letters in ("ab", "abc"):
        wrong = dict.fromkeys(letters[1:], ("mixed-up", "That is the other one. Which was asked?"))
        (root / "solutions" / "counts.py").write_text(
            f"from autograder import choice\nexercise = choice('alpha', topic='own', right='a', wrong={wrong})\n"
        )
        exercises.use_course(root)
        assert exercises.find("alpha").letters == letters


def test_only_modules_of_a_course_are_forgotten(nobody_s, monkeypatch):
    others = ("autograder_course_of_mine", "autograder_courses.exercises", "json")
    for name in others:
        monkeypatch.setitem(sys.modules, name, json)
    exercises.use_course(written(nobody_s / "one", "alpha"))
    assert "autograder_course.exercises.alpha" in sys.modules
    exercises.use_course(nobody_s / "empty")
    assert all(sys.modules[name] is json for name in others)
    assert not [name for name in sys.modules if name.partition(".")[0] == "autograder_course"]


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda file: file.write_text(CHOICE.format(name="two_dice")), "there is an exercise “two_dice” already"),
        (lambda file: file.mkdir(), "is no file that can be read"),
        (lambda file: file.write_text("1 +"), "can't be imported: SyntaxError: invalid syntax"),
        (lambda file: file.write_text("raise KeyError('x')"), "can't be imported: KeyError: 'x'"),
        (lambda file: file.write_text("exercise = 'mine'"), "must define “exercise”, an Exercise whose name is"),
    ],
    ids=["a question of ours", "a folder", "half a sum", "an error", "no exercise"],
)
def test_what_is_no_exercise_is_named_and_no_exercise_is_registered(nobody_s, make, says):
    file = written(nobody_s, "alpha") / "exercises" / ("two_dice.py" if "already" in says else "mine.py")
    make(file)
    with pytest.raises(exercises.OwnExerciseError, match=re.escape(says)) as refused:
        exercises.use_course(nobody_s)
    assert str(refused.value).startswith(f"{file}")
    assert exercises.names() == builtin.names()


def test_a_file_that_is_not_there_is_named_with_the_place_where_it_is_looked_for(nobody_s):
    root = written(nobody_s, "alpha", text="from ..solutions.counts import exercise\n")
    with pytest.raises(exercises.OwnExerciseError) as refused:
        exercises.use_course(root)
    file, place = root / "exercises" / "alpha.py", root / "solutions"
    assert str(refused.value) == f"{file} can't be imported: it needs {place}, which is not there."
    (root / "solutions").mkdir()
    with pytest.raises(
        exercises.OwnExerciseError, match=re.escape(f"needs {place / 'counts'}, which is not there")
    ):
        exercises.use_course(root)


def test_an_import_without_an_end_is_stopped(nobody_s, monkeypatch):
    monkeypatch.setattr("autograder.judging.patience.IMPORT_SECONDS", 0.05)
    root = written(nobody_s, "alpha", text="while True:\n    pass\n")
    with pytest.raises(exercises.OwnExerciseError, match=r"can't be imported: its import took more than .*\.$"):
        exercises.use_course(root)


def digest(root):
    exercises.use_course(root)
    return exercises.digest_of_own()


def test_the_digest_is_of_names_and_texts_of_exercises_and_solutions_wherever_the_course_lies(nobody_s):
    nothing = digest(nobody_s / "empty")
    root = written(nobody_s / "one", "alpha")
    seen = [nothing, digest(root)]
    assert digest(written(nobody_s / "copy", "alpha")) == seen[-1]
    (root / "solutions").mkdir()
    for passed_over in ("notes.py", "exercises/data.txt", "solutions/notes.md"):
        (root / passed_over).write_text("")
        assert digest(root) == seen[-1]
    shared, renamed = root / "exercises" / "_shared.py", root / "exercises" / "_common.py"
    for change in (
        lambda: shared.write_text("a"),
        lambda: shared.write_text("b"),
        lambda: shared.rename(renamed),
        lambda: renamed.rename(root / "solutions" / "_common.py"),
    ):
        change()
        seen.append(digest(root))
    assert len(set(seen)) == len(seen)
    assert digest(nobody_s / "empty") == nothing


def test_the_digest_does_not_depend_on_the_order_in_which_a_folder_is_listed(nobody_s, monkeypatch):
    root = written(nobody_s, "alpha", "beta", "gamma")
    before, listed = digest(root), Path.glob
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: sorted(listed(folder, pattern), reverse=True))
    backwards = digest(root)
    monkeypatch.setattr(Path, "glob", lambda folder, pattern: sorted(listed(folder, pattern)))
    assert digest(root) == backwards == before


# --- the proof -------------------------------------------------------------------------------------------


def changed(**fields):
    return dataclasses.replace(exercises.find("logsumexp"), **fields)


def with_check(**fields):
    first, *others = exercises.find("logsumexp").checks
    return changed(checks=(dataclasses.replace(first, **fields), *others))


def with_mistake(name, function, message="This is a mistake that somebody makes."):
    known = exercises.find("logsumexp").misconceptions
    return changed(misconceptions=(*known, Misconception(name, function, message)))


def right(z, axis=-1):
    return exercises.find("logsumexp").reference(z, axis)


FAULTY = {
    "no sentence": (lambda: with_check(name="Values."), "“Values.” does not go on after the function's name"),
    "one word": (lambda: with_check(name="holds"), "“holds” does not go on after the function's name"),
    "no weight": (lambda: with_check(weight=0.0), "weighs nothing"),
    "no hidden input": (lambda: with_check(inputs=lambda _: ()), "asks no hidden input"),
    "one input for all": (
        lambda: with_check(inputs=lambda _: [with_check().checks[0].example]),
        "every student the same",
    ),
    "a wrong reference": (lambda: changed(reference=lambda z, axis=-1: 1 / 0), "the reference does not answer"),
    "no mistake": (lambda: with_mistake("none", right), "“none” keeps all marks"),
    "a mistake twice": (
        lambda: with_mistake("again", exercises.find("logsumexp").misconceptions[0].function),
        "“again” is not recognised",
    ),
    "a name that is no slug": (lambda: with_mistake("No Slug", lambda z, axis=-1: 7.0), "lower-case words"),
    "a message that tells nothing": (lambda: with_mistake("mute", lambda z, axis=-1: 7.0, "Wrong"), "20 to 400"),
}


@pytest.mark.slow
def test_a_mistake_that_costs_one_student_more_than_another_is_a_fault():
    def now_and_then(z, axis=-1):
        return right(z, axis) + (np.sum(z) > 0 and np.shape(z) == (5,))

    assert "the mistake “lucky” costs one student more than another" in faults(with_mistake("lucky", now_and_then))


@pytest.mark.parametrize(("make", "says"), FAULTY.values(), ids=FAULTY)
def test_a_fault_of_an_exercise_is_a_sentence(make, says):
    assert any(says in fault for fault in faults(make(), range(1)))


def test_check_in_a_notebook_finds_the_exercises_of_the_course_it_lies_in(followed, tmp_path, monkeypatch):
    from autograder import check

    exercises.use_course(tmp_path / "no course")
    monkeypatch.chdir(followed)
    assert check("poisson_log_pmf", lambda *_: None) == 0.0
    assert exercises.is_registered("poisson_log_pmf")


@pytest.mark.parametrize("name", ["takes lists", "is stable", "sums to one along any axis"])
def test_two_words_are_a_sentence(name):
    assert not [fault for fault in faults(with_check(name=name), students=()) if "does not go on" in fault]
