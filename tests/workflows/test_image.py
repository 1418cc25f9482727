"""The container image: built without a daemon, on a base that Debian's packages make; a class is graded inside."""

from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess

import pytest
from classroom import autograded, copied, rows
from conftest import CHECKOUT

pytestmark = [pytest.mark.deep, pytest.mark.sandbox]
INCLUDED = "ca-certificates,python3,python3-venv"
MIRROR = "http://deb.debian.org/debian"
LACKING = [program for program in ("buildah", "mmdebstrap") if shutil.which(program) is None]


def base(folder):
    """Make a Debian with Python: the image's own base lies in a registry."""
    command = ["mmdebstrap", "--variant=minbase", f"--include={INCLUDED}", "bookworm", folder, MIRROR]
    subprocess.run(command, capture_output=True, check=True)


class Store:
    """Where buildah keeps images."""

    def __init__(self, folder):
        self.options = ["--root", folder / "images", "--runroot", folder / "run", "--storage-driver", "overlay"]

    def buildah(self, *words):
        command = ["buildah", *self.options, *words]
        done = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """A container of the image; returns what runs a command in it, and what was printed."""
    if LACKING or os.geteuid() != 0:
        pytest.skip(f"needs root, and {' and '.join(LACKING) or 'nothing else'}")
    folder = tmp_path_factory.mktemp("image")
    base(folder / "base")
    store = Store(folder)
    made = store.buildah("from", "scratch")
    store.buildah("add", "--quiet", made, folder / "base", "/")
    store.buildah("commit", "--quiet", "--rm", made, "base")
    shutil.rmtree(folder / "base")
    (folder / "uv").mkdir()
    (folder / "uv" / "uv.toml").write_text("system-certs = true\n")  # behind a proxy, its certificate lies there
    certificates = ssl.get_default_verify_paths().capath
    shown = [f"--volume={folder / 'uv'}:/etc/uv:ro", f"--volume={certificates}:/etc/ssl/certs:ro"]
    words = ["--quiet", "--isolation", "chroot", "--build-arg", "BASE=localhost/base", *shown, "--tag", "grader"]
    store.buildah("build", *words, ".")
    container = store.buildah("from", "grader")

    def run(*command, course):
        volume = [
            "--isolation",
            "chroot",
            f"--volume={course}:/course",
            f"--volume={course.parent / 'data'}:/data",
        ]
        return store.buildah("run", *volume, "--env", "XDG_DATA_HOME=/data", container, "--", *command)

    yield run
    store.buildah("rm", "--all")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def course(classroom, tmp_path_factory):
    """A class that user 1000 owns."""
    root = copied(classroom, tmp_path_factory.mktemp("contained") / "class")
    for path in [root.parent, *root.parent.rglob("*")]:
        os.chown(path, 1000, 1000)
    return root


def test_it_runs_as_a_user_without_rights_and_can_isolate(image, course):
    assert image("id", "-u", course=course) == "1000"
    found = json.loads(image("autograder", "doctor", "--json", course=course))
    assert found["isolation"] == "landlock"
    assert all(probe["held"] for probe in found["probes"])


def test_a_class_gets_the_same_marks_and_notebooks_inside(image, course, undisturbed):
    image("autograder", "grade", "--jobs", "2", course=course)
    assert rows(course) == rows(undisturbed)
    assert autograded(course).keys() == autograded(undisturbed).keys()
