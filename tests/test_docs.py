"""What the documents say is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import CHECKOUT

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


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(document):
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if not target.startswith(("http://", "https://", "#")):
            assert (document.parent / target.partition("#")[0]).exists(), target


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
    from autograder.options import Options
    from autograder.sandbox.policy import Limits

    help_text = CliRunner().invoke(main, ["grade", "--help"]).output
    table = (CHECKOUT / "docs" / "options.md").read_text()
    for option in set(re.findall(r"`(--[a-z-]+)", table + (CHECKOUT / "docs" / "instructors.md").read_text())):
        assert option in help_text, option
    assert set(re.findall(r"^\| `(\w+) = ", table, re.MULTILINE)) == set(Options.class_trait_names(config=True))
    limits = table[table.index("## Limits") :]
    assert set(re.findall(r"`(\w+)`[,| ]", limits)) >= set(Limits.__dataclass_fields__)


def test_the_catalogue_is_fresh():
    from autograder.catalogue import as_markdown

    assert (CHECKOUT / "docs" / "misconceptions.md").read_text(encoding="utf-8") == as_markdown(), (
        "autograder list --markdown > docs/misconceptions.md"
    )
