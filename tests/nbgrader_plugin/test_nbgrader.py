"""nbgrader's commands with the plug-in: they agree with `autograder grade` and with stock nbgrader."""

from __future__ import annotations

import json
import re
import shutil
from html.parser import HTMLParser
from pathlib import Path

import nbgrader
import pytest
from conftest import CHECKOUT
from course_commands import command, marks
from nbgrader.api import Gradebook as Database

from autograder.commands.demo import submissions
from autograder.grading.cells import NOT_DRAWN, NOT_RUN
from autograder.grading.options import Options
from autograder.notebooks import notebook

pytestmark = pytest.mark.sandbox

GUIDE = Path(nbgrader.__file__).parent / "docs" / "source" / "user_guide"
PLAIN_CONFIG = 'c = get_config()\nc.CourseDirectory.course_id = "course"\n'
SEALED_CONFIG = PLAIN_CONFIG + "from autograder import nbgrader_plugin\nnbgrader_plugin.configure(c)\n"


def behaviour(name):
    return (CHECKOUT / "tests" / "submissions" / "softmax" / f"{name}.py").read_text()


def submit(course, student, content):
    folder = course.folder("submitted", student, "softmax")
    folder.mkdir(parents=True)
    (folder / "softmax.ipynb").write_bytes(content)
    return folder


EITHER_COMMAND = ["autograder", pytest.param("nbgrader", marks=pytest.mark.deep)]
HONEST = ["perfect", "naive", "gradient_not_divided_by_n", "untouched", "wrong_signature"]


@pytest.fixture
def class_of_five(course, blank, lean):
    """The first one's figures are drawn, which takes stock nbgrader long."""
    perfect = behaviour("perfect")
    for name in HONEST:
        text = behaviour(name)
        released = blank if name == HONEST[0] else lean
        filled = submissions.fill_in(released, text, "" if "everything" in text else perfect)
        submit(course, name, submissions.write(filled))
    return course


@pytest.mark.slow
def test_stock_commands_our_command_and_stock_in_process_give_the_same_marks(class_of_five, tmp_path):
    """`nbgrader autograde` with the two lines, `autograder grade`, and nbgrader without them: one set of marks."""
    root = class_of_five.root
    roots = {"plugin": root, "ours": tmp_path / "ours", "stock": tmp_path / "stock"}
    for other in ("ours", "stock"):
        shutil.copytree(root, roots[other])
    config = (root / "nbgrader_config.py").read_text()
    (roots["stock"] / "nbgrader_config.py").write_text(config.replace("nbgrader_plugin.configure(c)", ""))
    command(roots["plugin"], "nbgrader", "autograde", "softmax")
    command(roots["ours"], "autograder", "grade")
    command(roots["stock"], "nbgrader", "autograde", "softmax")
    for name in HONEST:
        found = {how: marks(where, "softmax", name, "logits-and-likelihoods") for how, where in roots.items()}
        assert found["plugin"] == found["ours"] == found["stock"], name
    total = sum(
        score for score, _ in marks(roots["ours"], "softmax", "perfect", "logits-and-likelihoods").values()
    )
    assert total == 23.0


@pytest.mark.slow
def test_feedback_shows_the_message_and_no_hidden_line(class_of_five):
    """`nbgrader generate_feedback` names the mistake; the check call and its import are nowhere."""
    root = class_of_five.root
    command(root, "nbgrader", "autograde", "softmax", "--student", "naive")
    said = command(root, "nbgrader", "generate_feedback", "softmax")
    assert "not recognized" not in said
    page = (root / "feedback/naive/softmax/softmax.html").read_text()
    assert "stays finite for large logits" in page
    assert "exp(z) overflows float64 beyond 709.78" in page
    for hidden in ("HIDDEN TESTS", "from autograder", "check(&quot;", 'check("', "points=4"):
        assert hidden not in page


HOSTILE = """
from IPython.display import HTML, Javascript, SVG, display
print("<script>alert('printed')</script>")
display(HTML("<script>alert('html')</script><img src=x onerror=alert('img')><b>bold</b>"))
display(Javascript("alert('js')"))
display(SVG("<svg xmlns='http://www.w3.org/2000/svg'><script>alert('svg')</script></svg>"))
display({"text/x": "<script>alert('mime')</script>", "text/markdown": "<script>alert('md')</script>"}, raw=True)

def softmax(z, axis=-1, temperature=1.0):
    raise ValueError("<script>alert('raised')</script>")
"""


@pytest.mark.slow
def test_a_students_markup_can_not_run_in_the_feedback(course, blank):
    """Scripts, handlers and active MIME types are gone or escaped, in outputs, answers and messages."""
    filled = submissions.fill_in(blank, HOSTILE, behaviour("perfect"))
    answer = next(c for c in filled["cells"] if notebook.grade_id_of(c) == "saturation-answer")
    answer["source"] = "I *think*\n\n<script>alert('answer')</script><p onclick=\"alert('click')\">so</p>"
    submit(course, "mallory", submissions.write(filled))
    command(course.root, "autograder", "grade")
    command(course.root, "nbgrader", "generate_feedback", "softmax")
    page = (course.root / "feedback/mallory/softmax/softmax.html").read_text()
    body = Elements(page[page.index('id="notebook-container"') :])
    assert body.tags & {"script", "iframe", "svg", "style", "object", "embed", "form"} == set()
    assert {name for name in body.attributes if name.startswith("on")} == set()
    assert {"b", "em"} <= body.tags
    assert "alert('printed')" in body.text


class Elements(HTMLParser):
    """The tags, attribute names and text of a piece of HTML."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.attributes, self.text = set(), set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.text += data


@pytest.mark.deep
def test_nbgraders_own_course_gets_the_same_score_for_every_cell(tmp_path):
    """bitdiddle has 1.5 of 13 and hacker 3.0 of 13, from stock nbgrader and from this grader, cell by cell."""
    roots = {"stock": tmp_path / "stock", "ours": tmp_path / "ours", "plugin": tmp_path / "plugin"}
    for how, root in roots.items():
        shutil.copytree(GUIDE / "source" / "ps1", root / "source" / "ps1")
        shutil.copytree(GUIDE / "submitted", root / "submitted")
        (root / "nbgrader_config.py").write_text(PLAIN_CONFIG if how == "stock" else SEALED_CONFIG)
        command(root, "nbgrader", "generate_assignment", "ps1")
    command(roots["stock"], "nbgrader", "autograde", "ps1")
    command(roots["plugin"], "nbgrader", "autograde", "ps1")
    command(tmp_path, "autograder", "grade", "--course", str(roots["ours"]))
    for student, total in (("bitdiddle", 1.5), ("hacker", 3.0)):
        found = {how: marks(root, "ps1", student, "course") for how, root in roots.items()}
        assert found["ours"] == found["stock"] == found["plugin"]
        assert sum(score or 0 for score, _ in found["ours"].values()) == total
        for root in roots.values():
            with Database(f"sqlite:///{root / 'gradebook.db'}", "course") as database:
                submission = database.find_submission("ps1", student)
                assert (submission.score, submission.max_score) == (total, 13.0)


@pytest.mark.slow
@pytest.mark.parametrize("how", EITHER_COMMAND)
def test_a_failed_submission_keeps_no_older_mark(course, blank, how):
    """A new submission that can't be graded has 0, flagged for a person; the others are graded."""
    words = ("nbgrader", "autograde", "softmax", "--force") if how == "nbgrader" else ("autograder", "grade")
    good = submissions.write(submissions.fill_in(blank, behaviour("perfect")))
    folder = submit(course, "ada", good)
    submit(course, "bob", good)
    command(course.root, *words)
    (folder / "softmax.ipynb").write_bytes(good[:3000])
    said = command(course.root, *words, expect=1)
    assert "is cut off or damaged" in said
    ada = marks(course.root, "softmax", "ada", "logits-and-likelihoods")
    assert set(ada.values()) == {(0.0, True)}
    assert not (course.root / "autograded/ada/softmax/softmax.ipynb").exists()
    bob = marks(course.root, "softmax", "bob", "logits-and-likelihoods")
    assert bob["softmax", "softmax"] == (4.0, False)


@pytest.mark.slow
@pytest.mark.parametrize("how", EITHER_COMMAND)
def test_cells_that_only_draw_are_left_out_with_a_gradebook_too(course, blank, how):
    """The gradebook doesn't hold their tags: they come from the source notebook."""
    words = ("nbgrader", "autograde", "softmax") if how == "nbgrader" else ("autograder", "grade")
    submit(course, "ada", submissions.write(submissions.fill_in(blank, behaviour("perfect"))))
    command(course.root, *words)
    book = notebook.read(course.folder("source", assignment="softmax").joinpath("softmax.ipynb").read_bytes())
    left_out = [cell["id"] for cell in book["cells"] if "tags" in cell["metadata"]]
    graded = json.loads((course.root / "autograded/ada/softmax/softmax.ipynb").read_text())
    shown = {cell["id"]: cell.get("outputs") for cell in graded["cells"]}
    assert len(left_out) > 5
    assert {"".join(shown[ident][0]["text"]) for ident in left_out} == {NOT_DRAWN, NOT_RUN}


@pytest.mark.slow
@pytest.mark.parametrize("how", EITHER_COMMAND)
def test_a_linked_folder_is_refused(course, blank, tmp_path, how):
    """A student's folder that is a link is not entered, wherever it leads."""
    words = ("nbgrader", "autograde", "softmax") if how == "nbgrader" else ("autograder", "grade")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "softmax.ipynb").write_bytes(submissions.write(submissions.fill_in(blank, behaviour("perfect"))))
    folder = course.folder("submitted", "eve", "softmax")
    folder.parent.mkdir(parents=True)
    folder.symlink_to(elsewhere)
    assert "is a link" in command(course.root, *words, expect=1)
    assert set(marks(course.root, "softmax", "eve", "logits-and-likelihoods").values()) == {(0.0, True)}


@pytest.mark.slow
@pytest.mark.parametrize("how", EITHER_COMMAND)
def test_a_link_in_a_submission_is_refused_before_it_is_followed(course, blank, how):
    """Neither the source notebook nor any other file ends up in autograded/ through a link."""
    words = ("nbgrader", "autograde", "softmax") if how == "nbgrader" else ("autograder", "grade")
    submit(course, "bob", submissions.write(submissions.fill_in(blank, behaviour("perfect"))))
    folder = submit(course, "eve", submissions.write(submissions.fill_in(blank, behaviour("perfect"))))
    (folder / "data.txt").symlink_to(course.folder("source", assignment="softmax") / "softmax.ipynb")
    said = command(course.root, *words, expect=1)
    assert "is a link" in said
    assert not list((course.root / "autograded").glob("eve/**/*.txt"))
    assert set(marks(course.root, "softmax", "eve", "logits-and-likelihoods").values()) == {(0.0, True)}
    assert marks(course.root, "softmax", "bob", "logits-and-likelihoods")["softmax", "softmax"] == (4.0, False)


@pytest.mark.slow
@pytest.mark.parametrize("how", EITHER_COMMAND)
def test_a_manual_mark_and_a_comment_survive_a_regrade(course, blank, how):
    """A manual mark stays and is flagged for a person to check, as in nbgrader."""
    again = (
        ("nbgrader", "autograde", "softmax", "--force")
        if how == "nbgrader"
        else ("autograder", "grade", "--force")
    )
    submit(course, "ada", submissions.write(submissions.fill_in(blank, behaviour("naive"), behaviour("perfect"))))
    command(course.root, "autograder", "grade")
    url = f"sqlite:///{course.root / 'gradebook.db'}"
    with Database(url, "logits-and-likelihoods") as database:
        database.find_grade("softmax", "softmax", "softmax", "ada").manual_score = 3.5
        database.find_comment("softmax-solution", "softmax", "softmax", "ada").manual_comment = "Nearly."
        database.db.commit()
    command(course.root, *again)
    with Database(url, "logits-and-likelihoods") as database:
        grade = database.find_grade("softmax", "softmax", "softmax", "ada")
        found = (grade.auto_score, grade.manual_score, grade.score, grade.needs_manual_grade)
        assert found == (3.0, 3.5, 3.5, True)
        assert database.find_comment("softmax-solution", "softmax", "softmax", "ada").comment == "Nearly."


@pytest.mark.slow
def test_help_all_shows_every_option(course):
    """`nbgrader autograde --help-all` shows them after nbgrader's own classes."""
    shown = command(course.root, "nbgrader", "autograde", "--help-all")
    assert "Autograde(BaseConverter) options" in shown
    words = " ".join(shown.split())
    for name, trait in Options.class_traits(config=True).items():
        assert f"--GradeSealed.{name}=" in shown
        assert " ".join(trait.help.split()) in words


@pytest.mark.slow
def test_every_command_obeys_the_options_and_the_command_line_comes_first(course, blank):
    """`c.GradeSealed.feedback`, nbgrader's `--GradeSealed.feedback` and `autograder grade --feedback`."""
    submit(
        course, "naive", submissions.write(submissions.fill_in(blank, behaviour("naive"), behaviour("perfect")))
    )
    with (course.root / "nbgrader_config.py").open("a") as config:
        config.write('c.GradeSealed.feedback = "score"\n')
    grade = ("autograder", "grade", "--results", "results.jsonl", "--no-gradebook")

    def shows_a_cause():
        found = [*course.root.glob("results.jsonl"), *course.root.glob("autograded/**/*.ipynb")]
        return {"overflows float64" in path.read_text() for path in found}

    command(course.root, *grade)
    assert shows_a_cause() == {False}
    command(course.root, *grade, "--feedback", "messages")
    assert shows_a_cause() == {True}
    (course.root / "results.jsonl").unlink()
    said = command(course.root, "nbgrader", "autograde", "softmax", "--GradeSealed.feedback=loud", expect=1)
    assert "GradeSealed.feedback must be “score”, “messages” or “full”, not 'loud'." in said
    assert "Traceback" not in said
    assert not (course.root / "autograded").exists()
    said = command(course.root, "nbgrader", "autograde", "softmax")
    assert shows_a_cause() == {False}
    assert re.search(r"naive: [\d.]+ / 27", said)
    command(course.root, "nbgrader", "autograde", "softmax", "--force", "--GradeSealed.feedback=full")
    assert shows_a_cause() == {True}


@pytest.mark.slow
@pytest.mark.parametrize("how", EITHER_COMMAND)
def test_each_line_shows_verdict_and_repairs_and_the_last_counts_the_cells_that_wait_for_a_person(
    course, blank, how
):
    """nbgrader's log and the table of `autograder grade` show the repairs and count the cells that wait."""
    words = (
        ("nbgrader", "autograde", "softmax") if how == "nbgrader" else ("autograder", "grade", "--show-students")
    )
    for student in ("ada", "bob"):
        book = submissions.fill_in(blank, behaviour("perfect"))
        answer = next(c for c in book["cells"] if notebook.grade_id_of(c) == "saturation-answer")
        answer["source"] = "It is flat."
        if student == "bob":
            book["cells"] = [c for c in book["cells"] if notebook.grade_id_of(c) != "softmax"]
        submit(course, student, submissions.write(book))
    said = " ".join(command(course.root, *words).split())
    assert "put back what was missing: “softmax”" in said
    assert "2 answers wait to be marked by a person" in said
    assert "softmax: saturation-answer (2)" in said
    if how == "nbgrader":
        assert "ada: 23 / 27; waits for a person: saturation-answer" in said
        assert "bob: 23 / 27; waits for a person: saturation-answer; repaired: put back" in said
