"""What is published: the wheel, the sdist, the version, the citation, and the forms for reports."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tomllib
import zipfile

import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from conftest import CHECKOUT
from jsonschema.validators import validator_for

import autograder

PROJECT = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
STEM = f"logits_and_likelihoods-{PROJECT['version']}"
FORMS = CHECKOUT / ".github" / "ISSUE_TEMPLATE"


def build(folder, into, *kinds):
    pytest.importorskip("hatchling")
    command = [sys.executable, "-m", "hatchling", "build", "--directory", into, *kinds]
    subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    """A folder with the wheel and the sdist of this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    build(CHECKOUT, folder)
    return folder


def names_in_wheel(folder):
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def names_in_sdist(folder):
    with tarfile.open(next(folder.glob("*.tar.gz"))) as sdist:
        members = sdist.getmembers()
    assert all(member.isfile() for member in members), "an sdist holds plain files, and no link"
    return {member.name.removeprefix(f"{STEM}/") for member in members}


def package_files():
    package = CHECKOUT / "autograder"
    return {
        str(path.relative_to(CHECKOUT))
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


# --- what is built ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_wheel_puts_nothing_but_autograder_into_site_packages(dist):
    """Neither ``solutions``, which is a link at the root of the repository, nor tests nor notebooks."""
    names = names_in_wheel(dist)
    assert {name.partition("/")[0] for name in names} == {"autograder", f"{STEM}.dist-info"}
    assert {name for name in names if name.startswith("autograder/")} == package_files()


def test_the_wheel_says_that_it_is_typed_and_holds_the_references(dist):
    assert {"autograder/py.typed", "autograder/solutions/softmax.py"} <= names_in_wheel(dist)


def test_the_sdist_holds_the_package_and_what_describes_it(dist):
    described = {"CHANGELOG.md", "LICENSE", "README.md", "pyproject.toml", "PKG-INFO", ".gitignore"}
    assert names_in_sdist(dist) == package_files() | described


@pytest.mark.slow
def test_the_sdist_builds_the_same_wheel(dist, tmp_path):
    with tarfile.open(next(dist.glob("*.tar.gz"))) as sdist:
        sdist.extraction_filter = getattr(tarfile, "data_filter", None)  # in 3.11.4 and newer
        sdist.extractall(tmp_path)
    build(tmp_path / STEM, tmp_path / "again", "--target", "wheel")
    assert names_in_wheel(tmp_path / "again") == names_in_wheel(dist)


# --- what it says of itself ------------------------------------------------------------------------------


def test_the_version_stands_in_one_place():
    assert autograder.__version__ == PROJECT["version"], "install the checkout again: make setup"
    for path in (CHECKOUT / "autograder").rglob("*.py"):
        assert PROJECT["version"] not in path.read_text(encoding="utf-8"), path


def faults(schema, content):
    schema = get_builtin_schema(f"vendor.{schema}")
    return [error.message for error in validator_for(schema)(schema).iter_errors(content)]


def test_the_citation_is_valid_and_agrees_with_the_package():
    citation = yaml.safe_load((CHECKOUT / "CITATION.cff").read_text(encoding="utf-8"))
    assert faults("citation-file-format", citation) == []
    assert faults("citation-file-format", {**citation, "licence": "x"}) != []
    assert citation["title"] == "Logits & Likelihoods"
    assert citation["version"] == PROJECT["version"]
    assert citation["license"] == PROJECT["license"] == "BSD-3-Clause"
    assert citation["authors"] == PROJECT["authors"] == [{"name": "The Logits & Likelihoods authors"}]


# --- how problems are reported ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(FORMS.glob("*.yml")), ids=lambda path: path.stem)
def test_github_accepts_the_issue_forms(path):
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert faults("github-issue-config" if path.stem == "config" else "github-issue-forms", content) == []


def test_reports_in_public_ask_for_nothing_hidden_and_security_goes_elsewhere():
    config = yaml.safe_load((FORMS / "config.yml").read_text(encoding="utf-8"))
    assert config["blank_issues_enabled"] is False
    assert any("SECURITY.md" in link["about"] for link in config["contact_links"])
    for name in ("wrong-mark", "bug"):
        text = (FORMS / f"{name}.yml").read_text(encoding="utf-8")
        assert "Don't post hidden inputs" in text
    form = yaml.safe_load((FORMS / "wrong-mark.yml").read_text(encoding="utf-8"))
    promise = next(part for part in form["body"] if part["type"] == "checkboxes")
    assert promise["attributes"]["options"][0]["required"] is True


def test_the_security_page_names_what_is_not_defended():
    text = (CHECKOUT / "SECURITY.md").read_text(encoding="utf-8")
    open_classes = text[text.index("## What is not defended") :]
    for words in ("“changed” flag",):
        assert words in open_classes, words
