"""What the tests in a browser share: one JupyterLab server, one Chromium, a course and a student's folder."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import CHECKOUT

from autograder.commands.demo import submissions
from autograder.course import Course


def behaviour(name):
    """A student's functions of the softmax assignment."""
    return (CHECKOUT / "tests" / "submissions" / "softmax" / f"{name}.py").read_text()


def pytest_collection_modifyitems(items):
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def chromium():
    """A headless Chromium; skips on a machine without one."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs Playwright: pip install playwright")
    from browser.lab import chromium_at

    with playwright.sync_playwright() as driver:
        path = chromium_at(driver)
        if path is None:
            pytest.skip("needs Chromium: apt-get install chromium-headless-shell, or playwright install chromium")
        arguments = ["--disable-gpu", "--disable-quic", "--disable-background-networking"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium's own sandbox refuses root
        browser = driver.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(chromium, released_course, tmp_path_factory):
    """JupyterLab, started in a course that it shows beside a student's folder."""
    from browser.lab import serve

    root = tmp_path_factory.mktemp("served")
    shutil.copytree(released_course.root, root / "course")
    shutil.copytree(CHECKOUT / "release", root / "student")
    with serve(root, root / "course", tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def course(server):
    """The course that the server shows."""
    return Course(server.root / "course")


@pytest.fixture(scope="session")
def new_page(chromium):
    """Open pages that reach nothing but this machine, each a person's of its own."""

    from browser.lab import PATIENCE

    @contextmanager
    def opened():
        context = chromium.new_context(viewport={"width": 1280, "height": 900})
        context.set_default_timeout(PATIENCE)
        context.route(re.compile(r"^https?://(?!127\.0\.0\.1:)"), lambda route: route.abort())
        yield context.new_page()
        context.close()

    return opened


@pytest.fixture
def page(new_page):
    """A new page."""
    with new_page() as opened:
        yield opened


@pytest.fixture(scope="session")
def submit(course, blank):
    """Hand in a softmax notebook with such functions, and perfect ones for the rest; return its folder."""
    perfect = behaviour("perfect")

    def hand_in(student, text, change=lambda cells: None):
        folder = course.folder("submitted", student, "softmax")
        shutil.copytree(CHECKOUT / "release" / "softmax", folder)
        book = submissions.fill_in(blank, text, "" if "everything" in text else perfect)
        change(book["cells"])
        (folder / "softmax.ipynb").write_bytes(submissions.write(book))
        return folder

    return hand_in


@pytest.fixture(scope="session")
def run(server, course):
    """Run a command of this environment in the course, beside the server."""

    def command(*words):
        done = subprocess.run(
            words, cwd=course.root, env=server.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr

    return command
