"""A cluster grades each class with a crew of its own, which is dismissed at the end."""

from __future__ import annotations

import pytest
from conftest import SECRET

from autograder.cluster import graders
from autograder.course import Course
from autograder.grading.settings import Settings
from autograder.intake import SubmittedNotebook


class Crews:
    """Workers of a class; the list has those that were made."""

    def __init__(self, made, *words, **named):
        self.words, self.named, self.closed, self.slots = words, named, 0, 3
        made.append(self)

    def close(self):
        self.closed += 1


@pytest.fixture
def cluster(monkeypatch):
    """A cluster whose class has the outcomes 0 and 1, what it was asked, and its crews."""
    crews, asked = [], []

    def graded(batch, *words):
        asked.append((batch, *words))
        yield from (0, 1)

    monkeypatch.setattr(graders, "Crew", lambda *words, **named: Crews(crews, *words, **named))
    monkeypatch.setattr(graders, "grade_batch", graded)
    monkeypatch.setattr(graders, "kit_for", lambda *words: words)
    return graders.Cluster("client", Settings(SECRET), print, local=True, insecure=False), asked, crews


def test_a_class_is_graded_by_a_crew_of_its_own_with_every_notebooks_cells(cluster, tmp_path):
    made, asked, crews = cluster
    wanted = [
        (SubmittedNotebook(tmp_path, student, "hw", book), f"cells of {book}")
        for student, book in (("ada", "nb"), ("ada", "more"), ("bob", "nb"))
    ]
    course, settings = Course(tmp_path), Settings(SECRET)
    earlier, idle = (lambda _: None), (lambda: None)
    assert list(made.grade(course, wanted, 2, earlier, idle, 7.0)) == [0, 1]
    [crew], [(batch, *words)] = crews, asked
    assert words == [idle, 7.0]
    sources = {("hw", "nb"): "cells of nb", ("hw", "more"): "cells of more"}
    assert crew.words == ("client", (course, settings, sources))
    assert crew.named == {"settings": settings, "tell": print, "local": True, "insecure": False}
    assert (batch.crew, batch._jobs, batch.submissions.wanted) == (crew, 2, wanted)
    assert (batch.submissions.course, batch.submissions.settings) == (course, settings)
    assert batch.submissions._earlier is earlier
    assert crew.closed == 1
    list(made.grade(course, wanted, None))
    assert len(crews) == 2


def test_a_crew_is_dismissed_when_the_caller_stops_early(cluster, tmp_path):
    made, _, crews = cluster
    outcomes = made.grade(Course(tmp_path), [], None)
    assert next(outcomes) == 0
    assert crews[0].closed == 0
    outcomes.close()
    assert crews[0].closed == 1


def test_the_slots_and_the_slowest_are_those_of_the_latest_class(cluster, tmp_path):
    made, asked, _ = cluster
    assert (made.slots, made.slowest()) == (0, None)
    list(made.grade(Course(tmp_path), [], None))
    asked[0][0].slowest = lambda: ("file", 2.0)
    assert (made.slots, made.slowest()) == (3, ("file", 2.0))
