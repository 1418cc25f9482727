"""Links in a submission are refused before anything follows them, in this package and in nbgrader's own code."""

from __future__ import annotations

import json
import os
import shutil

import pytest
import stock
from damage import SOURCE
from damage import submission as good
from nbgrader.converters import GenerateFeedback
from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import ExchangeCollect
from nbgrader.plugins import ExtractorPlugin
from sampling import sampled

from autograder.commands.grade import grade_into
from autograder.course import Course
from autograder.gradebook.gradebook import Gradebook
from autograder.grading.batch import OneMachine
from autograder.intake import RefusedError, everything_below, refuse_linked_folders, refuse_links
from autograder.nbgrader_plugin.autograde import SealedAutograde
from autograder.nbgrader_plugin.collectors import CollectWithoutLinks, ExtractWithoutLinks
from autograder.nbgrader_plugin.generate_feedback import SealedFeedback

SECRET = "the instructor's own"


def plant(kind, folder, outside):
    """Put a name of something outside into a student's folder."""
    outside.mkdir(exist_ok=True)
    (outside / "secret.txt").write_text(SECRET)
    match kind:
        case "link":
            (folder / "notes.txt").symlink_to(outside / "secret.txt")
        case "dangling link":
            (folder / "notes.txt").symlink_to(outside / "nothing.txt")
        case "linked folder":
            (folder / "notes").symlink_to(outside)
        case "hard link":
            os.link(outside / "secret.txt", folder / "notes.txt")
        case "pipe":
            os.mkfifo(folder / "notes.txt")


KINDS = {
    "link": "is a link; links are not followed",
    "dangling link": "is a link; links are not followed",
    "linked folder": "is a link; links are not followed",
    "hard link": "is a hard link: the same file has a name outside",
    "pipe": "is not a file",
}


@pytest.mark.parametrize(("kind", "said"), KINDS.items())
def test_another_name_of_what_lies_outside_is_refused(tmp_path, kind, said):
    folder = tmp_path / "eve"
    folder.mkdir()
    (folder / "own.txt").write_text("mine")
    plant(kind, folder, tmp_path / "outside")
    with pytest.raises(RefusedError, match=f"notes.* {said}"):
        refuse_links(folder, everything_below(str(folder)))


def test_two_names_within_a_folder_are_the_student_s_own_business(tmp_path):
    (tmp_path / "one.txt").write_text("mine")
    os.link(tmp_path / "one.txt", tmp_path / "two.txt")
    refuse_links(tmp_path, everything_below(str(tmp_path)))


@pytest.mark.parametrize("linked", ["submitted", "submitted/ada", "submitted/ada/softmax"])
def test_a_file_reached_through_a_linked_folder_is_refused(linked, tmp_path):
    (tmp_path / linked).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / linked).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RefusedError, match="is a link") as error:
        refuse_linked_folders(tmp_path / "submitted" / "ada" / "softmax" / "softmax.ipynb", tmp_path)
    assert str(error.value) == f"{tmp_path / linked} is a link; links are not followed."


def test_links_above_the_course_are_the_instructors_own(tmp_path):
    (tmp_path / "real" / "course" / "ada").mkdir(parents=True)
    (tmp_path / "home").symlink_to(tmp_path / "real")
    root = tmp_path / "home" / "course"
    assert refuse_linked_folders(root / "ada" / "softmax.ipynb", root) is None


@pytest.fixture(scope="module")
def released(tmp_path_factory):
    root = tmp_path_factory.mktemp("linked")
    stock.course_of(root, "area", json.dumps(SOURCE).encode(), config=stock.SEALED)
    return root


@pytest.fixture
def root(released, tmp_path):
    return shutil.copytree(released, tmp_path / "course")


def hand_in(root, student):
    book = good((root / "release" / "area" / "area.ipynb").read_bytes())
    stock.submit(root, student, "area", json.dumps(book).encode())
    return root / "submitted" / student / "area"


def leaked(folder):
    """Whether the file outside was copied anywhere below a folder."""
    return any(path.is_file() and SECRET in path.read_text() for path in folder.rglob("*"))


@pytest.mark.sandbox
@pytest.mark.parametrize("how", sampled(["autograder", "nbgrader"]))
def test_a_submission_with_links_is_refused_before_they_are_followed(root, workers, how):
    """It has 0 and keeps nothing of an older grading; who holds none is graded."""
    for kind in KINDS:
        plant(kind, hand_in(root, kind), root / "source" / "notes")
    hand_in(root, "zoe")
    if how == "autograder":
        course = Course(root)
        with Gradebook(course) as gradebook:
            reports = grade_into(gradebook, OneMachine(workers), course.submitted("area").notebooks, stock.OPTIONS)
        said = "\n".join(filter(None, (report.message for report in reports)))
    else:
        said = stock.run(SealedAutograde, root, "area")["log"]
    for kind, sentence in KINDS.items():
        assert sentence in said
        assert set(stock.marks(root, "area", kind).values()) == {0.0}
        assert not (root / "autograded" / kind / "area" / "area.ipynb").exists()
    assert stock.marks(root, "area", "zoe") == {"double": 2.0, "area": 3.0, "why": None}
    shutil.rmtree(root / "autograded" / "zoe")  # nbgrader copies the instructor's own files there
    assert not leaked(root / "autograded")


@pytest.mark.sandbox
def test_what_only_nbgrader_would_copy_is_looked_at_too(root):
    """It copies .git, which nobody here opens."""
    folder = hand_in(root, "eve") / ".git"
    folder.mkdir()
    plant("link", folder, root.parent / "outside")
    assert "links are not followed" in stock.run(SealedAutograde, root, "area")["log"]
    assert not leaked(root / "autograded")


@pytest.mark.sandbox
@pytest.mark.parametrize(("converter", "copies"), [(GenerateFeedback, True), (SealedFeedback, False)])
def test_feedback_copies_no_link_that_an_unsealed_run_left(root, converter, copies):
    """Student code that ran under stock nbgrader could write into autograded/."""
    hand_in(root, "eve")
    stock.run(SealedAutograde, root, "area")
    plant("link", root / "autograded" / "eve" / "area", root.parent / "outside")
    stock.run(converter, root, "area")
    assert leaked(root / "feedback") == copies


@pytest.mark.parametrize(("plugin", "copies"), [(ExtractorPlugin, True), (ExtractWithoutLinks, False)])
def test_zip_collect_leaves_links_out(tmp_path, plugin, copies):
    archive, extracted = tmp_path / "archive", tmp_path / "extracted"
    archive.mkdir()
    extracted.mkdir()
    (archive / "own.txt").write_text("mine")
    plant("link", archive, tmp_path / "outside")
    plugin().extract(str(archive), str(extracted))
    assert leaked(extracted) == copies
    assert (extracted / "own.txt").read_text() == "mine"


@pytest.mark.parametrize(("exchange", "copies"), [(ExchangeCollect, True), (CollectWithoutLinks, False)])
@pytest.mark.parametrize("kind", ["link", "linked folder"])
def test_collect_copies_a_link_as_a_link(tmp_path, exchange, copies, kind):
    """So that grading refuses it; nbgrader would put the target's content in its place."""
    inbound, submitted = tmp_path / "inbound", tmp_path / "submitted"
    inbound.mkdir()
    plant(kind, inbound, tmp_path / "outside")
    exchange(coursedir=CourseDirectory(root=str(tmp_path))).do_copy(str(inbound), str(submitted))
    assert any(path.is_symlink() for path in submitted.iterdir()) != copies
    content = (path for path in submitted.rglob("*") if not path.is_symlink() and path.is_file())
    assert any(SECRET in path.read_text() for path in content) == copies


def test_two_lines_put_them_in_place(root):
    from nbgrader.apps.zipcollectapp import ZipCollectApp

    nbgraders = stock.api(root, "area")
    assert nbgraders.exchange.collect is CollectWithoutLinks
    assert ZipCollectApp(config=nbgraders.config).extractor_plugin is ExtractWithoutLinks
