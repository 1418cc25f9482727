"""Inputs of every kind that a student may write, of any size, each with the function that reads it.

Every input is made to be slow: an expression has to try again, a list to be searched again, a text to be copied.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbconvert.filters import ansi2html
from notebook_files import as_bytes, code

from autograder.intake import Expected, find_notebooks, read_roster
from autograder.intake.archive import open_zip
from autograder.notebooks import notebook
from autograder.notebooks.outputs import as_nbformat
from autograder.notebooks.restore import WrongAssignmentError, restore
from autograder.notebooks.sanitise import clean_html
from autograder.notebooks.source import Source
from autograder.reports.canvas import into_canvas
from autograder.reports.github import step_summary
from autograder.reports.html import shown
from autograder.reports.junit import reports_as_junit
from autograder.reports.markdown import code as code_span
from autograder.reports.markdown import plain
from autograder.reports.sheet import Sheet
from autograder.sandbox.protocol import DisplayOutput, ErrorOutput, StreamOutput


@dataclass(frozen=True)
class Kind:
    """One kind of hostile input."""

    name: str
    make: Callable[[int], Any]
    """Makes an input of about this size."""
    read: Callable[[Any], object]
    size: int
    """The smallest size at which it is measured."""


KINDS: list[Kind] = []


def kinds(read: Callable[[Any], object], **made: tuple[int, Callable[[int], Any]]) -> None:
    """Add kinds of input that one function reads, by name: the smallest size, and what makes the input."""
    KINDS.extend(Kind(name.replace("_", " "), make, read, size) for name, (size, make) in made.items())


# --- notebooks -------------------------------------------------------------------------------------------


def parsed(content: bytes) -> object:
    """Read a notebook, whether it is one or not."""
    try:
        return notebook.read(content)
    except notebook.UnreadableError as error:
        return error


def value(text: str) -> bytes:
    """A notebook with a value that nothing needs."""
    return f'{{"cells": [], "metadata": {{}}, "nbformat": 4, "x": {text}}}'.encode()


def old(*cells: Any) -> bytes:
    """A notebook of nbformat 3."""
    return json.dumps({"worksheets": [{"cells": cells}], "metadata": {}, "nbformat": 3}).encode()


def old_code(**fields: Any) -> dict[str, Any]:
    return {"cell_type": "code", "input": "x = 1", "language": "python", "metadata": {}, "outputs": [], **fields}


ORDERED = "<<<<<<<\n{0}|||||||\n{0}=======\n{0}>>>>>>>\n"
kinds(
    parsed,
    conflicts_begun=(2000, lambda n: b"<<<<<<<\n" * n),
    conflicts_one_kind_after_the_other=(
        16,
        lambda n: b"<<<<<<<\n" * n + b"|||||||\n" * n + b"=======\n" * n,
    ),
    conflicts_never_ended=(100, lambda n: b"<<<<<<<\n=======\n" * n),
    conflicts_in_order=(1000, lambda n: ORDERED.format("a\n").encode() * n),
    conflicts_of_windows=(25, lambda n: ORDERED.format("a\n").replace("\n", "\r\n").encode() * n),
    conflicts_in_lines_of_blanks=(2000, lambda n: b"<<<<<<< " + b"\n \r" * n + b"<<<<<<< HEAD"),
    empty_objects=(50_000, lambda n: value("[" + "{}," * n + "{}]")),
    lists_in_lists=(20_000, lambda n: value("[" + "[[1]]," * n + "1]")),
    keys=(120_000, lambda n: value("{" + ",".join(f'"{i}":1' for i in range(n)) + "}")),
    one_key=(50_000, lambda n: value("{" + '"a":1,' * n + '"a":2}')),
    brackets_opened=(50_000, lambda n: b"[" * n),
    brackets_nested=(100, lambda n: value("[" * n + "]" * n)),
    escapes=(200_000, lambda n: value('"' + '\\"\\\\' * n + '"')),
    digits=(200_000, lambda n: value("0." + "1" * n)),
    long_integers=(100, lambda n: value("[" + ("9" * 4000 + ",") * n + "1]")),
    signs_in_strings=(640_000, lambda n: value('"' + "[{,:" * n + '"')),
    blanks=(500_000, lambda n: value(" " * n + "1")),
    format_3_cells=(100, lambda n: old(*[old_code()] * n)),
    format_3_outputs=(
        500,
        lambda n: old(old_code(outputs=[{"output_type": "stream", "text": "x", "stream": "stdout"}] * n)),
    ),
    format_3_objects=(5000, lambda n: old(*[{}] * n)),
    format_3_lines=(20_000, lambda n: old(old_code(input=["x\n"] * n))),
    format_3_headings=(5000, lambda n: old({"cell_type": "heading", "level": n, "source": "x\n" * n})),
    cells_of_one_id=(120, lambda n: as_bytes(*[code("", id="a")] * n)),
    cells_with_the_ids_that_come_next=(
        120,
        lambda n: as_bytes(
            *[code("", id=f"own-{n // 2 + i}") for i in range(n // 2)], *[code("", id="a")] * (n // 2)
        ),
    ),
    lines_of_a_source=(50_000, lambda n: as_bytes(code(["x\n"] * n))),
    line_ends_of_old_macs=(100_000, lambda n: as_bytes(code("x\r" * n))),
    attachments=(
        5000,
        lambda n: as_bytes(
            {"cell_type": "markdown", "source": "", "attachments": {f"{i}": {"image/png": "aa"} for i in range(n)}}
        ),
    ),
    attachment_of_blanks=(
        200_000,
        lambda n: as_bytes(
            {"cell_type": "markdown", "source": "", "attachments": {"a": {"image/png": " " * n + "!"}}}
        ),
    ),
    unprintable_names=(
        50_000,
        lambda n: as_bytes(code("", metadata={"nbgrader": {"grade_id": "a\x1b" * n}})),
    ),
    lone_surrogates=(50_000, lambda n: as_bytes(code("\ud800" * n))),
)


def graded(ident: str, **flags: Any) -> dict[str, Any]:
    return code("", metadata={"nbgrader": {"grade_id": ident, "grade": True, "points": 1, **flags}})


SOURCE = Source.from_notebook(notebook.read(as_bytes(*[graded(f"q{i}") for i in range(20)])))


def restored(cells: list[dict[str, Any]]) -> object:
    try:
        return restore(SOURCE, notebook.read(as_bytes(*cells)))
    except WrongAssignmentError as error:
        return error


kinds(
    restored,
    cells_of_one_grade_id=(120, lambda n: [graded("q1")] * n),
    cells_of_others_grade_ids=(120, lambda n: [graded("q1"), *[graded("x" * 500)] * n]),
    cells_of_many_grade_ids=(120, lambda n: [graded(f"x{i}") for i in range(n)]),
    cells_of_many_schemas=(120, lambda n: [graded("q1", schema_version=i / 7) for i in range(n)]),
    cells_without_names=(120, lambda n: [code("x")] * n),
)

# --- deliveries ------------------------------------------------------------------------------------------

EXPECTED = Expected({"softmax": ["softmax"], "bayes": ["dice", "tests"]})


def zipped(names: list[str], content: str = "") -> Path:
    """Write a zip of files; the folder that pytest makes for a test is the current one."""
    path = Path("class.zip")
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name in names:
            archive.writestr(zipfile.ZipInfo(name), content)
    path.write_bytes(held.getvalue())
    return path


def opened(path: Path) -> object:
    from autograder.intake import archive

    archive._cached.cache_clear()
    return open_zip(path)


def found(path: Path) -> object:
    from autograder.intake import archive

    archive._cached.cache_clear()
    return find_notebooks([path], EXPECTED)


kinds(
    opened,
    one_name_of_many_folders=(1500, lambda n: zipped(["a/" * n + "x.ipynb"])),
    names_of_many_folders=(100, lambda n: zipped([f"{i}/" + "a/" * 30 + "x.ipynb" for i in range(n)])),
    one_name_of_marks=(500, lambda n: zipped(["a" + "\u0315\u0300" * n])),
    names_in_one_folder=(300, lambda n: zipped([f"a/{i}.ipynb" for i in range(n)])),
    names_that_differ_in_case=(300, lambda n: zipped([f"a/{'aA'[i % 2]}{i // 2}.ipynb" for i in range(n)])),
)
kinds(
    found,
    loose_notebooks=(600, lambda n: zipped([f"softmax/s{i}/softmax.ipynb" for i in range(n)])),
    loose_notebooks_in_one_folder=(200, lambda n: zipped([f"softmax/s{i}.ipynb" for i in range(n)])),
    names_of_underscores=(60, lambda n: zipped(["_1" * 100 + f"{i}/x.ipynb" for i in range(n)])),
    names_of_attempts=(60, lambda n: zipped(["a_" * 100 + f"{i}.ipynb" for i in range(n)])),
    copies_of_copies=(60, lambda n: zipped([f"ada/{i}" + "-1" * 100 + "x.ipynb" for i in range(n)])),
    attempts_of_one_student=(
        100,
        lambda n: zipped(
            [f"a_ada_attempt_2026-01-{1 + i % 28:02}-{i % 24:02}-00-00_x{i}.ipynb" for i in range(n)]
        ),
    ),
)


def written(name: str, content: str) -> Path:
    path = Path(name)
    path.write_text(content)
    return path


kinds(
    read_roster,
    roster_of_digits=(
        2000,
        lambda n: written("r.csv", f"Identifier,Full name\n1,x\n{'1' * n}x,x\n"),
    ),
)


def exported(content: str) -> Path:
    return zipped(["submission_metadata.yml"], content)


kinds(
    found,
    metadata_of_aliases=(300, lambda n: exported("a: &a [1]\n" + "".join(f"b{i}: *a\n" for i in range(n)))),
    metadata_of_flows=(300, lambda n: exported("a: [" + "{b: 1}," * n + "]")),
)

# --- what pages show -------------------------------------------------------------------------------------

kinds(
    clean_html,
    html_nested=(5000, lambda n: "<div>" * n),
    html_nested_behind_comments=(1500, lambda n: "".join(f"<b id={i}><!--</b>-->" for i in range(n))),
    html_nested_behind_attributes=(1500, lambda n: "<b title='</b>'>" * n),
    html_nested_behind_choices=(1500, lambda n: "<div><select></div></select>" * n),
    html_nested_behind_a_title=(1500, lambda n: "<div><title></div></title>" * n),
    html_attributes=(4000, lambda n: f"<p {' '.join(f'a{i}' for i in range(n))}>"),
    html_attributes_of_the_root=(
        100,
        lambda n: "".join(f"<html {' '.join(f'a{i}x{j}' for j in range(40))}></html>" for i in range(n)),
    ),
    html_paragraphs_of_forgotten_marks=(
        100,
        lambda n: "<p>" + "".join(f"<b id={i}>" for i in range(n)) + "</p>" + "<p>x</p>" * n,
    ),
    html_beside_a_table=(5000, lambda n: "<table>" + "<b></b>" * n),
    html_table=(1000, lambda n: "<table>" + "<tr><td>1</td><td>2</td></tr>" * n + "</table>"),
    html_paragraphs=(5000, lambda n: "<p>x" * n),
    html_entities=(50_000, lambda n: "&amp;&lt" * n),
    html_signs=(20_000, lambda n: "<" * n),
    html_tags_begun=(20_000, lambda n: "<a" * n),
    html_quotes_begun=(10_000, lambda n: '<a b="' * n),
    html_comments_begun=(20_000, lambda n: "<!--" * n),
    html_scripts_begun=(10_000, lambda n: "<script>" * n),
    html_styles=(5000, lambda n: "<style></style>" * n),
    html_blanks_in_an_address=(5000, lambda n: f'<img src="a{" " * n}b">'),
    html_classes=(20_000, lambda n: f'<p class="{"a " * n}">'),
)
kinds(
    lambda text: ansi2html(as_nbformat(StreamOutput("stdout", text))["text"]),
    colours_printed=(15_000, lambda n: "\x1b[31mx" * n),
    colours_begun=(20_000, lambda n: "\x1b[" * n),
    one_long_colour=(20_000, lambda n: "\x1b[" + "1;" * n + "m"),
)
kinds(
    lambda lines: ansi2html("\n".join(as_nbformat(ErrorOutput("E", "", lines))["traceback"])),
    colours_of_a_traceback=(15_000, lambda n: ["\x1b[31mx"] * n),
)
kinds(
    lambda html: as_nbformat(DisplayOutput({"text/html": html})),
    html_displayed=(1500, lambda n: "<i><!--</i>-->" * n),
)
kinds(
    plain,
    markdown_signs=(5000, lambda n: "_*[`<&!|~$#@//www." * n),
    markdown_underscores=(20_000, lambda n: "a_" * n),
    markdown_blanks=(200_000, lambda n: " " * n + "a"),
)
kinds(code_span, markdown_ticks=(100_000, lambda n: "".join("`" * i + " " for i in range(int(n**0.5)))))
kinds(shown, page_signs=(50_000, lambda n: "<&>\"'\x1b\n" * n))
kinds(lambda reasons: reports_as_junit([], reasons), refused_in_junit=(100, lambda n: ["is empty."] * n))
kinds(lambda reasons: step_summary([], reasons), refused_in_a_summary=(2000, lambda n: ["_is_ *empty*."] * n))
kinds(
    lambda text: into_canvas(Sheet.read(text.encode(), "x.csv"), [], "softmax"),
    blanks_in_a_gradebook=(2000, lambda n: f'Student,ID,Softmax (1)\n"{" " * n}x",,\n'),
)
