"""Each decimal number in the prose is computed anew, or listed as one that the text chooses or measures."""

from __future__ import annotations

import importlib
import re

import pytest
from conftest import CHECKOUT
from played import cells_of, marks_of, texts_of

from autograder.exercises import TOPICS

NO_PROSE = re.compile(r"(?ms)```.*?```|`[^`]*`|(?<=\])\([^)]*\)|^#+ .*?$")
NUMBER = re.compile(r"(?<![\w.,])\d+\.\d+(?!\.?\d)")
PRINTED = re.compile(r"\d+(?:\.\d+)?(?:e[+-]?\d+)?")
each_topic = pytest.mark.parametrize("topic", TOPICS)


def prose_of(topic):
    """All text of a notebook and of its answers, without code, addresses and headings."""
    texts = [cell["source"] for _, cell in texts_of(topic) if cell["cell_type"] == "markdown"]
    answers = (CHECKOUT / "source" / topic / "predictions.md").read_text(encoding="utf-8")  # headings are answers
    return NO_PROSE.sub("", "\n\n".join(texts)) + answers.replace("## ", "")


def numbers_of(topic):
    return set(NUMBER.findall(prose_of(topic)))


def told(topic):
    return importlib.import_module(f"stated.{topic}")


def unit(number):
    """Half a unit of the last digit that is written, and a little for binary fractions."""
    return 0.5000001 * 10.0 ** -len(number.partition(".")[2])


@each_topic
def test_every_number_is_computed_or_listed_and_every_entry_stands_in_the_text(topic):
    lists = told(topic)
    known = {*lists.COMPUTED, *lists.GIVEN.split(), *lists.MEASURED.split(), *lists.SEEN.split()}
    stated = numbers_of(topic)
    assert stated - known == set(), "stated, and nobody recomputes it"
    assert known - stated == set(), "recomputed, and nowhere stated"


@each_topic
def test_a_number_is_what_its_formula_gives_to_the_digits_that_are_written(topic):
    wrong = {
        number: abs(float(value))
        for number, value in told(topic).COMPUTED.items()
        if abs(abs(float(value)) - float(number)) > unit(number)
    }
    assert wrong == {}


@pytest.mark.parametrize("topic", [pytest.param(t, marks=marks_of(t) or pytest.mark.slow) for t in TOPICS])
def test_a_number_that_was_measured_is_printed_by_a_cell(topic):
    """As it is, as a share of one that is written in per cent, or with more digits."""
    printed = [float(number) for cell in cells_of(topic) for number in PRINTED.findall(cell.printed)]
    for number in told(topic).MEASURED.split():
        gaps = [min(abs(value - float(number)), abs(100 * value - float(number))) for value in printed]
        assert min(gaps) <= unit(number), number


def test_a_number_that_is_wrong_by_its_last_digit_is_noticed():
    """The rule that the two tests above rely on."""
    assert NUMBER.findall("$-0.6931$, 2.0 σ, 10.5 %, 1.2.3, v1.5, x_0.5") == ["0.6931", "2.0", "10.5"]
    assert abs(0.69315 - 0.6931) <= unit("0.6931")
    assert abs(0.69315 - 0.6933) > unit("0.6933")
