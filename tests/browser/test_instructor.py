"""An instructor in the formgrader: our marks, a reflection marked by hand, feedback, and the autograde button."""

from __future__ import annotations

import re

import pytest

pytest.importorskip("playwright")
from playwright.sync_api import expect

from browser.conftest import behaviour
from browser.lab import RUN, Lab

pytestmark = pytest.mark.sandbox

REFLECTION = "saturation-answer"


class Formgrader:
    """The formgrader in a tab of JupyterLab."""

    def __init__(self, page):
        self.page, self.frame = page, page.frame_locator(".jp-MainAreaWidget:not(.lm-mod-hidden) iframe")

    def follow(self, place, link, level):
        """Follow a link of a part of the page, to a page that stands so deep below the first."""
        self.frame.locator(place).get_by_role("link", name=link, exact=True).first.click()
        expect(self.frame.locator(".breadcrumb > li")).to_have_count(level)

    def open_submission(self, student):
        """Manual Grading → softmax → softmax → the student's notebook."""
        self.follow("body", "Manual Grading", 1)
        self.follow("table", "softmax", 2)
        self.follow("table", "softmax", 3)
        expect(self.frame.get_by_role("link", name="Submission #1", exact=True)).to_be_visible()
        self.frame.get_by_role("button", name="Show All Names").click()
        self.follow("table", student, 4)

    def score(self, grade_id):
        """The field for a cell's mark; what was marked automatically is its placeholder."""
        return self.frame.locator(f"input.score#{grade_id}")

    def open_submissions(self):
        """Manage Assignments → the number of softmax's submissions."""
        self.follow("body", "Manual Grading", 1)
        self.follow(".nav-stacked", "Manage Assignments", 1)
        self.frame.locator("td.num-submissions a").click()
        expect(self.frame.locator(".breadcrumb > li")).to_have_count(2)

    def press(self, student, button):
        """Press a button in a student's row, and wait for word of its success."""
        row = self.frame.locator("tr", has=self.frame.locator("td.student-id", has_text=student))
        row.locator(f"td.{button} a").click()
        expect(self.frame.locator(".modal.in .modal-title")).to_have_text("Success", timeout=RUN)
        self.frame.locator(".modal.in").get_by_role("button", name="Close").last.click()
        expect(self.frame.locator(".modal.in")).to_have_count(0)
        return row


@pytest.fixture(scope="module")
def formgrader(new_page, server):
    """The formgrader as Nbgrader → Formgrader opens it."""
    with new_page() as page:
        Lab(page, server).choose("Nbgrader", "Formgrader")
        yield Formgrader(page)


def test_a_mark_given_by_hand_is_kept_and_reaches_the_feedback(formgrader, page, course, submit, run):
    """Our marks stand in the formgrader; one given there survives a regrade, and is in the page made anew."""
    submit("ada", behaviour("naive"))
    run("autograder", "grade")
    formgrader.open_submission("ada")
    expect(formgrader.score("softmax")).to_have_attribute("placeholder", "3")
    expect(formgrader.score("log_softmax")).to_have_attribute("placeholder", "2.5")
    mark = formgrader.score(REFLECTION)
    mark.fill("1.5")
    with formgrader.page.expect_response(lambda answer: answer.request.method == "PUT" and answer.ok):
        mark.press("Tab")
    run("autograder", "grade", "--force")
    formgrader.open_submission("ada")
    expect(mark).to_have_value("1.5")
    formgrader.open_submissions()
    formgrader.press("ada", "generate-feedback")
    page.goto((course.folder("feedback", "ada", "softmax") / "softmax.html").as_uri())
    line = page.locator("#toc li", has=page.locator(f'a[href="#{REFLECTION}"]'))
    expect(line).to_contain_text(f"{REFLECTION}: 1.5 / 2")


def test_the_autograde_button_grades_sealed(formgrader, course, submit):
    """A submission that forges marks in its tests' process gets none of them by the formgrader's button."""
    submit("mallory", behaviour("forger"))
    formgrader.open_submissions()
    row = formgrader.press("mallory", "autograde")
    expect(row.locator("td.score")).to_have_text(re.compile(r"^0 / "))
    graded = course.folder("autograded", "mallory", "softmax") / "softmax.ipynb"
    assert "matches the definition on ordinary logits" in graded.read_text()
