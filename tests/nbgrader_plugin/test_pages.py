"""A page is made in a fork: what it returns is the converter's, and every failure is a sentence about the file."""

from __future__ import annotations

import os

import pytest
from nbconvert.exporters import HTMLExporter

from autograder.envelope.worker import DiedError, ExhaustedError, RequestError
from autograder.intake import RefusedError
from autograder.nbgrader_plugin import pages
from autograder.nbgrader_plugin.pages import ENVELOPE, BoundedExporter


def converting(monkeypatch, result):
    """Let nbconvert return this; return what it is asked."""

    def convert(self, filename, resources=None, **kw):
        return result(filename, resources, kw)

    monkeypatch.setattr(HTMLExporter, "from_filename", convert)


def test_a_page_is_the_converters_with_its_pictures_and_what_was_known_before(monkeypatch):
    def convert(filename, resources, kw):
        resources["seen"] = True  # in the fork alone
        text = f"{filename} {resources['nbgrader']} {kw} {os.getpid() == parent}"
        return text, {"outputs": {"a.png": b"\x00\xff"}, "output_extension": ".html", "more": 1}

    parent = os.getpid()
    converting(monkeypatch, convert)
    given = {"nbgrader": "ada", "outputs": "old"}
    text, resources = BoundedExporter().from_filename("a.ipynb", given, x=1)
    assert text == "a.ipynb ada {'x': 1} False"
    assert resources == {"nbgrader": "ada", "outputs": {"a.png": b"\x00\xff"}, "output_extension": ".html"}
    assert given == {"nbgrader": "ada", "outputs": "old"}


def test_a_page_without_pictures_and_without_anything_known_is_one(monkeypatch):
    converting(monkeypatch, lambda *_: ("é 🙂", {"outputs": None, "output_extension": ".html"}))
    assert BoundedExporter().from_filename("a.ipynb") == ("é 🙂", {"outputs": {}, "output_extension": ".html"})


def test_what_the_converter_can_not_show_is_named_with_its_error(monkeypatch):
    converting(monkeypatch, lambda *_: {}["bin"])
    with pytest.raises(RefusedError) as error:
        BoundedExporter().from_filename("a.ipynb")
    assert str(error.value) == "a.ipynb can't be shown: KeyError: 'bin'"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ExhaustedError("took more than 30 s"), "a.ipynb took more than 30 s to be shown."),
        (DiedError(), "a.ipynb can't be shown: the process that showed it died."),
        (RequestError("KeyError", "'bin'"), "a.ipynb can't be shown: KeyError: 'bin'"),
    ],
)
def test_each_way_to_fail_is_a_sentence_about_the_file(monkeypatch, error, said):
    asked = []

    def fail(_, envelope):
        asked.append(envelope)
        raise error

    monkeypatch.setattr(pages, "in_fork", fail)
    with pytest.raises(RefusedError) as refused:
        BoundedExporter().from_filename("a.ipynb", {})
    assert str(refused.value) == said
    assert asked == [ENVELOPE]


def test_a_page_may_use_half_a_minute_and_a_gigabyte():
    assert (ENVELOPE.seconds, ENVELOPE.processor_seconds, ENVELOPE.memory) == (120, 30, 2**30)
