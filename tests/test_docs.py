"""What the documents say is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from conftest import CHECKOUT

from autograder.notebooks import notebook

DOCUMENTS = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md")]


@pytest.mark.sandbox
def test_the_readmes_message_is_what_a_student_reads():
    """The block on the first screen is the command's own output, to the letter."""
    shown = re.search(r"```text\n(.*?)```", (CHECKOUT / "README.md").read_text(), re.DOTALL)[1]
    command = [
        Path(sys.executable).parent / "autograder",
        "check",
        "softmax",
        "tests/submissions/softmax/naive.py",
    ]
    printed = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert printed.strip() == shown.strip()


PAGES = [*DOCUMENTS, *(path for kind in ("md", "ipynb") for path in sorted(CHECKOUT.glob(f"source/*/*.{kind}")))]
OUTSIDE = {"creativecommons.org", "doi.org", "github.com"}
"""Where external links lead. They are not followed: tests need no network."""
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)


def prose_of(page):
    """A page's markdown, without code."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        cells = notebook.read(text.encode())["cells"]
        text = "\n\n".join(cell["source"] for cell in cells if cell["cell_type"] == "markdown")
    return re.sub(r"^```.*?^```|`[^`\n]*`|\$[^$]*\$", "", text, flags=re.DOTALL | re.MULTILINE)


def anchors_of(page):
    """What a page's headings are called in links: lower case, hyphens for spaces, no punctuation."""
    text = page.read_text(encoding="utf-8")
    if page.suffix == ".ipynb":
        text = "\n".join(cell["source"] for cell in notebook.read(text.encode())["cells"])
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_page
def test_links_lead_somewhere(page):
    """A file that is there, and in it the heading that is named."""
    prose = prose_of(page)
    for target in re.findall(r"\]\(([^)]+)\)|<(?:a|img)\b[^>]*(?:href|src)=[\"']([^\"']+)", prose):
        place, _, anchor = "".join(target).partition("#")
        if not place.startswith(("http:", "https:", "mailto:")):
            file = page.parent / place if place else page
            assert file.exists(), place
            assert not anchor or anchor in anchors_of(file), f"{place}#{anchor}"


@each_page
def test_external_links_are_well_formed_and_lead_where_we_know(page):
    for link in re.findall(r"\bhttps?:[^\s)>\]]+", prose_of(page)):
        parts = urlsplit(link)
        assert (parts.scheme, bool(parts.path.strip("/"))) == ("https", True), link
        assert parts.hostname in OUTSIDE, link


def test_the_architecture_names_every_module():
    text = (CHECKOUT / "docs" / "architecture.md").read_text()
    for path in (CHECKOUT / "autograder").glob("*.py"):
        assert path.name in text or path.name.startswith("__"), path.name
    for path in (CHECKOUT / "autograder" / "sandbox").glob("*.py"):
        assert path.name in text or path.name == "__init__.py", path.name


def test_every_target_of_make_that_the_documents_name_exists():
    targets = set(re.findall(r"^([a-z-]+):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    for document in DOCUMENTS:
        named = set(
            re.findall(
                r"\bmake ([a-z][a-z-]*(?: [a-z][a-z-]*)*)",
                "\n".join(re.findall(r"`[^`]+`|```.*?```", document.read_text(), re.DOTALL)),
            )
        )
        for words in named:
            assert words.split()[0] in targets, words


def test_every_option_in_the_instructors_tables_exists_and_none_is_missing():
    from click.testing import CliRunner

    from autograder.cli import main
    from autograder.grading.options import Options
    from autograder.sandbox.policy import Limits

    help_text = CliRunner().invoke(main, ["grade", "--help"]).output
    table = (CHECKOUT / "docs" / "options.md").read_text()
    for option in set(re.findall(r"`(--[a-z-]+)", table + (CHECKOUT / "docs" / "instructors.md").read_text())):
        assert option in help_text, option
    assert set(re.findall(r"^\| `(\w+) = ", table, re.MULTILINE)) == set(Options.class_trait_names(config=True))
    limits = table[table.index("## Limits") :]
    assert set(re.findall(r"`(\w+)`[,| ]", limits)) >= set(Limits.__dataclass_fields__)


def test_the_catalogue_is_fresh():
    from autograder.exercises.catalogue import as_markdown

    assert (CHECKOUT / "docs" / "misconceptions.md").read_text(encoding="utf-8") == as_markdown(), (
        "autograder list --markdown > docs/misconceptions.md"
    )
