"""Grading on Debian's kernels, in each way of isolating that they have."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys

import pytest
from conftest import CHECKOUT
from kernels.debian import SUITES, kernel
from kernels.guest import Guest

from autograder.commands.demo import submissions
from autograder.sandbox import ways

pytestmark = pytest.mark.kernels
PYTHON = f"{sys.executable} -P -m"
SLOW = "--limit start_seconds=600"
HOSTILE = f'{PYTHON} pytest -q -n 0 -p no:cacheprovider -m "not slow" --slowness 20 tests/hostile/'
COMMANDS = {
    "doctor": f"{PYTHON} autograder doctor --json {SLOW}",
    "check": f"{PYTHON} autograder check softmax /exchange/files/mine.py --json {SLOW}",
    "grade": f"{PYTHON} autograder grade /exchange/files/anna/softmax.ipynb --no-gradebook {SLOW} "
    "--results $HOME/results.jsonl >&2 && cat $HOME/results.jsonl",
    "forge": f"{HOSTILE}test_forged.py",
    "escape": f"{HOSTILE}test_attacks.py -k refused",
}
NOT_FORGING = ("doctor", "check", "grade", "escape")
NO_LANDLOCK = "lsm=yama,apparmor"
USER_NAMESPACES = "echo 1 > /proc/sys/kernel/unprivileged_userns_clone"
"""What doctor says to do on Debian 11; newer ones allow it by themselves."""
SECONDS = {"doctor": 300, "check": 180, "grade": 300, "forge": 1800, "escape": 1800}
"""How long each may take in a guest that is emulated, on a busy machine."""


@pytest.fixture(scope="session")
def files(tmp_path_factory, lean):
    """What is graded: a right function, and a notebook with all functions right."""
    folder = tmp_path_factory.mktemp("files")
    right = CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py"
    shutil.copy(right, folder / "mine.py")
    shutil.copytree(CHECKOUT / "release" / "softmax", folder / "anna")
    notebook = submissions.write(submissions.fill_in(lean, right.read_text()))
    (folder / "anna" / "softmax.ipynb").write_bytes(notebook)
    return folder


def pytest_generate_tests(metafunc):
    if "version" in metafunc.fixturenames:
        versions = metafunc.config.getoption("--kernels").split()
        if unknown := set(versions) - set(SUITES):
            raise pytest.UsageError(f"--kernels knows {', '.join(SUITES)}, not {', '.join(unknown)}")
        metafunc.parametrize("version", versions)


PROGRAMS = ("qemu-system-x86_64", "busybox", "cpio", "dpkg-deb")
"""What a guest needs here; ``.ci/install`` brings them."""


@pytest.fixture
def booted(version):
    """The kernel of a version; where it can't be had, the test is skipped, but fails in CI."""
    give_up = pytest.fail if "CI" in os.environ else pytest.skip
    if missing := [program for program in PROGRAMS if not shutil.which(program)]:
        give_up(f"no {', '.join(missing)} on this machine; .ci/install brings them")
    try:
        return kernel(version)
    except OSError as error:
        give_up(f"Debian's kernel {version} can't be had: {error}")


@pytest.fixture
def tried(files):
    """Run some of ``COMMANDS`` in a guest, and hold what they say against the way that must be taken."""

    def run(guest: Guest, names: tuple[str, ...], way: str, *, chosen: bool = False):
        choice = f"export {ways.CHOICE}={way}; " if chosen else ""
        commands = {name: choice + COMMANDS[name] for name in names}
        steps, console = guest.run(commands, files, seconds=120 + sum(SECONDS[name] for name in names))
        who = "root" if guest.root else "an ordinary user"
        lines = [f"{guest.kernel.release}, {way}, {who}:"]
        for name, step in steps.items():
            found = re.findall(r"\d+ (?:failed|passed|skipped)", step.output)
            lines.append(f"  {name}: exit status {step.status}; {step.seconds} s {', '.join(found)}")
        print(*lines, sep="\n")  # make test-kernels shows it
        for name, step in steps.items():
            said = f"{name}:\n{step.output[-9000:]}\n{step.errors[-3000:]}"
            assert step.status == 0, said if step.status is not None else f"{said}\n{console[-3000:]}"
        said = {name: json.loads(steps[name].output) for name in {"doctor", "check", "grade"} & set(names)}
        assert {one["isolation"] for one in said.values()} <= {way}
        assert said.get("check", {"score": 4})["score"] == 4
        assert said.get("grade", {"score": 23})["score"] == 23

    return run


def best(version):
    """The way that a kernel takes by itself: Debian has Landlock since Linux 5.13."""
    return "namespace" if version == "5.10" else "landlock"


def test_a_kernel_grades_in_its_best_way(tried, booted, version):
    """Every barrier that doctor tries holds, and a right function has full marks."""
    tried(Guest(booted, cores=1), ("doctor", "check"), best(version))


@pytest.mark.deep
@pytest.mark.parametrize("root", [True, False], ids=["root", "user"])
def test_a_kernel_holds_forgers_and_escapes(tried, booted, version, root):
    """As root and as an ordinary user, notebooks are graded, and nothing hostile gets anywhere."""
    tried(Guest(booted, root=root, prepare=USER_NAMESPACES), tuple(COMMANDS), best(version))


@pytest.mark.deep
def test_a_kernel_with_landlock_switched_off_takes_a_namespace(tried, booted, version):
    """Doctor's table says so; Debian 11 has no Landlock in the first place."""
    if best(version) == "namespace":
        pytest.skip("it takes one anyway")
    tried(Guest(booted, parameters=NO_LANDLOCK), NOT_FORGING, "namespace")


@pytest.mark.deep
def test_a_kernel_holds_in_a_root_of_links(tried, booted, version):
    tried(Guest(booted), NOT_FORGING, "chroot", chosen=True)


@pytest.mark.deep
def test_a_kernel_that_lets_an_ordinary_user_do_nothing_is_no_place_to_grade(files, booted, version):
    """As Debian 11 is before doctor's advice is followed."""
    guest = Guest(booted, root=False, parameters=NO_LANDLOCK, prepare=USER_NAMESPACES.replace("echo 1", "echo 0"))
    steps, console = guest.run({"doctor": COMMANDS["doctor"]}, files, seconds=300)
    assert steps["doctor"].status == 2, console[-3000:]
    said = json.loads(steps["doctor"].output)
    assert said["isolation"] is None
    assert "Operation not permitted" in said["ways"]["namespace"]
