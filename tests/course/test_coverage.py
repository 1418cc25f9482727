"""docs/coverage.md is true: what it names stands where it says, and every number there is asserted in code."""

from __future__ import annotations

import ast
import re
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass

import pytest
from conftest import CHECKOUT
from played import QUICK, SLOW, cells_of, own_copy, run, texts_of
from sampling import sampled

from autograder import exercises
from autograder.notebooks import notebook

PAGE = (CHECKOUT / "docs" / "coverage.md").read_text(encoding="utf-8")
AS = {
    "text": lambda cell: cell["cell_type"] == "markdown" and len(cell["source"]) > 200,
    "exercise": lambda cell: (notebook.grade_id_of(cell) or "").endswith("-solution"),
    "visible check": lambda cell: (notebook.grade_id_of(cell) or "").endswith("-visible"),
    "demonstration": lambda cell: cell["cell_type"] == "code" and "print(" in cell["source"],
    "figure": lambda cell: cell["source"].startswith("*Figure: "),
    "explorer": lambda cell: cell["source"].startswith("figures.explore"),
    "reflection": lambda cell: "BEGIN MARK SCHEME" in cell["source"],
}


@dataclass(frozen=True)
class Row:
    """A line of a topic's table."""

    topic: str
    idea: str
    seeds: str
    section: str
    kinds: str

    def __str__(self):
        return f"{self.topic}-{re.sub('[^a-z0-9]+', ' ', self.idea.lower()).strip()[:50]}"

    @property
    def numbers(self):
        """What stands in backticks: numbers as a notebook's code writes them."""
        return re.findall(r"`([^`]+)`", self.idea)


def rows():
    """Read every line: those of a topic's table, and those of the slips, which name their notebook."""
    found, under = [], ""
    for line in PAGE.splitlines():
        if heading := re.match(r"## (.+)$", line):
            under = heading[1]
        elif line.startswith("| ") and not line.startswith(("| ---", "| idea", "| slip")):
            idea, seeds, *topic, section, kinds = (part.strip() for part in line.strip("| ").split(" | "))
            found.append(Row(*(topic or [under]), idea, seeds, section, kinds))
    return found


ROWS = rows()
SEEDS = re.findall(r"^- \*\*(\w+)\*\*: ", PAGE, re.MULTILINE)


def cells_in(row):
    """The cells under a row's heading; no two headings of a notebook are alike."""
    return [cell for trail, cell in texts_of(row.topic) if trail[-1] == row.section]


def test_every_topic_and_every_exercise_occurs():
    assert {row.topic for row in ROWS} == set(exercises.TOPICS)
    for topic, name in exercises.names():
        rows_of_it = [row for row in ROWS if row.topic == topic and "exercise" in row.kinds]
        asked = {notebook.grade_id_of(cell) for row in rows_of_it for cell in cells_in(row)}
        assert f"{name}-solution" in asked


def test_no_row_is_doubled():
    doubled = [key for key, count in Counter((row.topic, row.idea) for row in ROWS).items() if count > 1]
    assert not doubled


def test_every_source_document_is_drawn_upon():
    named = [name for row in ROWS for name in row.seeds.split(", ")]
    assert set(named) == set(SEEDS)


def test_each_row_names_a_section_and_what_stands_there():
    for row in ROWS:
        cells = cells_in(row)
        assert cells, f"{row.topic} has no section “{row.section}”"
        for kind in row.kinds.split(", "):
            assert any(AS[kind](cell) for cell in cells), f"no {kind} in “{row.section}” of {row.topic}"


def test_the_numbers_of_each_row_stand_in_its_section():
    for row in ROWS:
        text = "\n".join(cell["source"] for cell in cells_in(row))
        flat = re.sub(r"(?<=\d)[_ ](?=\d{3})", "", text.replace("−", "-"))
        for number in re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d) (?=\d{3})", "", row.idea)):
            assert re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", flat), f"{row}: {number}"


NUMBERS = [(row, number) for row in ROWS for number in row.numbers]
LONG = [(row, number) for row, number in NUMBERS if row.topic not in QUICK]
LONGEST = [(row, number) for row, number in LONG if row.topic != SLOW]


@pytest.mark.parametrize(
    "case", sampled(NUMBERS, every=16, rest=3, slow=LONG, deep=LONGEST, ident="{0[0]}: {0[1]}".format)
)
def test_a_number_is_computed_and_asserted_to_the_digits_given(case):
    """Written wrong by two units of its last digit, up or down, it makes a cell of that section fail."""
    row, number = case
    steps, enough = steps_of(number)
    assert any(
        enough(fails(cell, number, place, step) for step in steps)
        for cell in cells_of(row.topic)
        if cell.trail[-1] == row.section
        for place in range(len(places(ast.parse(cell.text), number)))
    )


def steps_of(number):
    """By how much to change a number, and whether both changes must be noticed; of a count one may do."""
    if re.fullmatch(r"-?\d+", number):
        return (1, -1), any
    step = 2 * 10.0 ** -(len(number.partition(".")[2]) or 4)
    return (step, -step), all


def places(tree, number):
    """The nodes of a cell's code that write a number, with or without `np.`."""
    wanted = ast.unparse(ast.parse(number, mode="eval"))
    return [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.expr) and re.sub(r"\b(np|math)\.", "", ast.unparse(node)) == wanted
    ]


def fails(cell, number, place, step):
    """Whether a cell that writes a number wrong in one place ends with an AssertionError."""
    tree = ast.parse(cell.text)
    wrong = places(tree, number)[place]
    changed = ast.fix_missing_locations(_Instead(wrong, step).visit(tree))
    try:
        run(changed, own_copy(cell.before))
    except AssertionError:
        return True
    except Exception:  # noqa: BLE001  # a number that is no longer an index, a count or a size tells nothing
        return False
    return False


class _Instead(ast.NodeTransformer):
    """Adds a step to one node."""

    def __init__(self, wrong, step):
        self.wrong, self.step = wrong, step

    def visit(self, node):
        if node is self.wrong:
            return ast.BinOp(deepcopy(node), ast.Add(), ast.Constant(self.step))
        return super().visit(node)
