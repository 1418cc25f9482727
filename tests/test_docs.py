"""What the documents say is so."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import pytest
import yaml
from conftest import CHECKOUT
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import autograder
from autograder.exercises import TOPICS
from autograder.notebooks import notebook

DOCUMENTS = [*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").rglob("*.md")]


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


def test_the_precheck_that_students_are_shown_finds_its_files():
    for page in ("README.md", "docs/students.md"):
        text = (CHECKOUT / page).read_text()
        (command,) = re.findall(r"^cd (\w+)(?: && |\n)python (\S+) (\S+)", text, re.MULTILINE)
        folder, script, assignment = command
        assert (CHECKOUT / folder / script).is_file(), page
        assert (CHECKOUT / folder / assignment).is_file(), page


PAGES = [*DOCUMENTS, *(path for kind in ("md", "ipynb") for path in sorted(CHECKOUT.glob(f"source/*/*.{kind}")))]
OUTSIDE = {
    "arxiv.org",
    "colah.github.io",
    "creativecommons.org",
    "cs231n.github.io",
    "d2l.ai",
    "distill.pub",
    "doi.org",
    "github.com",
    "probml.github.io",
    "proceedings.mlr.press",
    "seeing-theory.brown.edu",
    "udlbook.github.io",
    "www.inference.org.uk",
}
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
        assert parts.scheme == "https", link
        assert parts.hostname in OUTSIDE, link


def test_the_architecture_names_every_package_and_every_module_at_the_top():
    text = (CHECKOUT / "docs" / "architecture.md").read_text()
    rooms = [
        path
        for path in (CHECKOUT / "autograder").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    ]
    assert len(rooms) > 10
    for path in rooms:
        assert f"`{path.name}" in text or path.name.startswith("__"), path.name


def test_every_decision_has_a_number_a_date_and_four_parts_and_is_listed():
    listed = (CHECKOUT / "docs" / "decisions" / "index.md").read_text()
    records = sorted((CHECKOUT / "docs" / "decisions").glob("[0-9]*.md"))
    assert [int(path.name[:4]) for path in records] == list(range(1, len(records) + 1))
    for path in records:
        text = path.read_text()
        assert re.match(rf"# {int(path.name[:4])}\. .+\n\n\d{{4}}-\d\d-\d\d · (accepted|superseded)", text), (
            path.name
        )
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Context", "Decision", "Consequences"], (
            path.name
        )
        assert path.stem in listed, path.name


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


NAMED = re.compile(r"`((?:autograder|tests|docs|benchmarks|deploy)/[\w./-]+\.\w+)`")


def test_every_file_of_the_project_that_a_document_names_exists():
    """The changelog and the decisions may name what there was."""
    of_now = [page for page in DOCUMENTS if page.stem != "CHANGELOG" and page.parent.name != "decisions"]
    named = [(page.name, name) for page in of_now for name in NAMED.findall(page.read_text())]
    assert named
    assert [(page, name) for page, name in named if not (CHECKOUT / name).exists()] == []


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


# --- the site --------------------------------------------------------------------------------------------


def test_the_api_page_has_every_public_name():
    page = (CHECKOUT / "docs" / "api.rst").read_text()
    documented = set(re.findall(r"^\.\. (?:auto\w+|py:data):: autograder\.(\w+)(?:\n|$)", page, re.MULTILINE))
    assert documented == set(autograder.__all__), "docs/api.rst"


def test_the_course_page_lists_every_topic_in_order():
    page = (CHECKOUT / "docs" / "course.md").read_text()
    assert tuple(re.findall(r"^\| \{doc\}`(\w+) <notebooks/\1>`", page, re.MULTILINE)) == TOPICS
    assert tuple(re.findall(r"^notebooks/(\w+)$", page, re.MULTILINE)) == TOPICS


@cache
def renderer():
    spec = importlib.util.spec_from_file_location("render_notebooks", CHECKOUT / "docs" / "render_notebooks.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def of(floor, topic):
    return nbformat.read(CHECKOUT / floor / topic / f"{topic}.ipynb", 4)


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_takes_its_text_and_code_from_the_release(topic):
    """Whatever the executed notebook holds, only its outputs reach the page."""
    page = renderer().page(of("release", topic), of("source", topic), "")
    assert [cell.source for cell in page.cells[1:]] == [cell.source for cell in of("release", topic).cells[1:]]
    assert renderer().leaks(page, of("source", topic)) == []


@pytest.mark.parametrize("topic", TOPICS)
def test_a_solution_or_a_hidden_test_on_a_page_is_seen(topic):
    source = of("source", topic)
    assert renderer().leaks(source, source) != []
    (line, *_) = renderer().leaks(source, source)
    page = renderer().page(of("release", topic), source, "")
    page.cells[-1] = new_code_cell("", outputs=[new_output("stream", text=f"Traceback:\n    {line}\n")])
    assert renderer().leaks(page, source) == [line]


def cells(*codes):
    return new_notebook(
        cells=[
            new_markdown_cell("# Title", id="0"),
            *(new_code_cell(c, id=str(n)) for n, c in enumerate(codes, 1)),
        ]
    )


def test_a_notebook_is_executed_without_its_hidden_tests(tmp_path):
    hidden = "### BEGIN HIDDEN TESTS\nprint('hidden')\n### END HIDDEN TESTS"
    path = tmp_path / "topic.ipynb"
    nbformat.write(cells("def f():\n    return 42", f"# Hidden tests of f.\n{hidden}", "print(f())"), path)
    released = cells("def f():\n    raise NotImplementedError()", "# Hidden tests of f.", "print(f())")
    page = renderer().page(released, renderer().execute(path), "A note.")
    assert page.cells[0].source.startswith("# Title\n\nA note.")
    assert [cell.outputs for cell in page.cells[1:3]] == [[], []]
    assert page.cells[3].outputs[0].text == "42\n"
    assert "return 42" not in nbformat.writes(page)


@pytest.mark.slow
def test_a_notebook_that_fails_is_named_without_its_code(tmp_path, monkeypatch):
    render_notebooks = renderer()
    monkeypatch.setattr(render_notebooks, "CHECKOUT", tmp_path)
    nbformat.write(cells("answer = 42\nanswer / 0"), tmp_path / "topic.ipynb")
    with pytest.raises(render_notebooks.RenderError, match=r"^topic\.ipynb stops with ZeroDivisionError$"):
        render_notebooks.execute(tmp_path / "topic.ipynb")


def test_a_page_of_an_older_release_is_refused():
    with pytest.raises(renderer().RenderError, match="make release"):
        renderer().page(cells("1"), cells("1", "2"), "")


@pytest.mark.deep
@pytest.mark.parametrize("topic", TOPICS)
def test_the_page_of_a_topic_shows_figures_and_explorers_that_need_no_kernel(topic):
    page = renderer().render(topic)
    shown = [output.get("data", {}) for cell in page.cells for output in cell.get("outputs", ())]
    assert any("image/png" in data for data in shown)
    assert not any("widget" in kind for data in shown for kind in data)
    assert any('<div class="explorer">' in data.get("text/html", "") for data in shown)


def test_only_the_job_that_publishes_may_write_and_actions_are_pinned():
    text = (CHECKOUT / ".github" / "workflows" / "docs.yml").read_text()
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    assert {name: job.get("permissions") for name, job in workflow["jobs"].items()} == {
        "build": None,
        "publish": {"pages": "write", "id-token": "write"},
    }
    assert "github.ref == 'refs/heads/main'" in workflow["jobs"]["publish"]["if"]
    used = re.findall(r"uses: (\S+)", text)
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)
