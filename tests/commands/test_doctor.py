"""What ``doctor`` says of a machine: the truth about each hole, and what to do."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from conftest import CHECKOUT
from sampling import sampled

from autograder.cli import main
from autograder.commands import doctor, probes
from autograder.commands.doctor import Machine, examine
from autograder.commands.platforms import PLATFORMS
from autograder.commands.probes import PROBES
from autograder.sandbox import policy, seccomp, ways
from autograder.sandbox.confine import landlock
from autograder.sandbox.process import SessionEndedError

pytestmark = pytest.mark.sandbox
PERFECT_FILE = CHECKOUT / "tests" / "submissions" / "softmax" / "perfect.py"
HOLES = {
    "no other process can be signalled": ("kill", "tgkill"),
    "the kernel signals no other process for it": ("fcntl", "ioctl"),
    "no file is opened neither to read nor to write": ("open", "openat"),
    "no file is emptied or cut that is not opened to write": ("open", "openat"),
    "no device takes a command": ("ioctl",),
}
"""Of each probe of the filter, the calls whose rules it tries."""


def examined(machine=None):
    return {finding.name: finding for finding in examine(machine or Machine())}


@pytest.mark.parametrize("way", sampled(ways.WAYS, every=0, deep=["chroot"]))
def test_in_each_way_every_barrier_holds_and_the_json_names_them(way, monkeypatch):
    if why := ways.obstacle(way):
        pytest.skip(f"{way}: {why}")
    monkeypatch.setenv(ways.CHOICE, way)
    shown = CliRunner().invoke(main, ["doctor", "--json"])
    assert shown.exit_code == 0, shown.output
    said = json.loads(shown.output)
    assert (said["kernel"], said["isolation"], said["ways"][way]) == (os.uname().release, way, None)
    assert 0 <= said["abi"] <= 6
    assert {probe["name"] for probe in said["probes"]} >= {probe.name for probe in PROBES}
    assert [probe for probe in said["probes"] if not probe["held"]] == []
    assert all(set(probe) == {"name", "held", "fix"} for probe in said["probes"])


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("setpriv"), reason="only root can drop root's rights")
@pytest.mark.parametrize("dropped", sampled(["-all", "-dac_override,-fowner", "-kill"], every=0, rest=3))
def test_root_without_rights_isolates_and_grades_as_an_ordinary_user_does(dropped, tmp_path):
    """A hardened container's root: it can let no other user run submissions."""
    (tmp_path / "seed").write_bytes(bytes(range(32)))
    for words, said in (
        (["doctor"], "This machine can grade."),
        (["check", "softmax", str(PERFECT_FILE), "--seed-file", str(tmp_path / "seed")], ": 4 / 4"),
    ):
        command = ["setpriv", "--bounding-set", dropped, sys.executable, "-m", "autograder", *words]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert said in done.stdout


def test_where_no_way_holds_it_says_why_and_what_to_do(monkeypatch):
    monkeypatch.setattr(ways, "obstacle", lambda way: f"{way} is forbidden")
    shown = CliRunner().invoke(main, ["doctor"])
    assert shown.exit_code == 2
    assert "✗ Grading needs Landlock" in shown.output
    assert "namespace: namespace is forbidden; chroot: chroot is forbidden" in shown.output
    assert "This machine can't grade." in shown.output
    for platform, what in PLATFORMS.items():
        assert f"- {platform}: {what}" in shown.output
    said = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).output)
    assert said["isolation"] is None
    (missing,) = [probe for probe in said["probes"] if not probe["held"]]
    assert missing["fix"]


@pytest.mark.slow
def test_it_finds_each_hole_that_is_open(monkeypatch):
    """The filter without its rules, and the oldest Landlock: doctor says what works, and what to do."""
    monkeypatch.setattr(landlock, "NEWEST", 1)
    monkeypatch.delenv(ways.CHOICE, raising=False)
    open_again = {call for calls in HOLES.values() for call in calls}
    kept = {call: rule for call, rule in seccomp.rules().items() if call not in open_again}
    monkeypatch.setattr(seccomp, "rules", lambda: kept)
    found = [finding for finding in examine(Machine()) if not finding.held]
    for name in HOLES:
        (hole,) = [finding for finding in found if finding.name.startswith(name)]
        assert "it worked" in hole.name
        assert "seccomp" in hole.fix


@pytest.mark.slow
def test_an_attempt_that_goes_wrong_by_itself_is_not_taken_for_refused(monkeypatch):
    broken = probes.Probe("nothing", ("no_such_name()",), "mend it")
    monkeypatch.setattr(doctor, "PROBES", (broken,))
    assert not examined()["nothing (no_such_name(): NameError)"].held


def test_the_documentation_names_each_platform():
    text = (CHECKOUT / "docs" / "instructors.md").read_text()
    for platform in PLATFORMS:
        assert f"| {platform} |" in text


def test_it_takes_limits_so_that_a_slow_machine_can_be_given_longer(monkeypatch):
    """As its own advice says."""
    monkeypatch.setitem(policy.LEAST, "start_seconds", 0)
    hurried = CliRunner().invoke(main, ["doctor", "--limit", "start_seconds=0.01"])
    assert hurried.exit_code == 2
    assert "a submission can't be started here" in hurried.output
    assert "--limit start_seconds=300" in hurried.output
    unknown = CliRunner().invoke(main, ["doctor", "--limit", "start=1"])
    assert "there is no limit called “start”" in unknown.output


# --- what is said about a session that answers so ---------------------------------------------------------


class Session:
    """A session whose cells end with these errors, in turn."""

    def __init__(self, *errors):
        self.errors = list(errors)

    def run_cell(self, _):
        return SimpleNamespace(error=self.errors.pop(0)), None


PROBE = probes.Probe("nothing is open", ("one()", "two()", "three()"), "Close it.")


@pytest.mark.parametrize(
    ("errors", "name", "held"),
    [
        (("PermissionError", "FileNotFoundError", "OSError"), "nothing is open", True),
        (("ModuleNotFoundError",) * 3, "nothing is open", True),
        ((None, "OSError", "OSError"), "nothing is open (one(): it worked)", False),
        (("OSError", "OSError", None), "nothing is open (three(): it worked)", False),
        (("OSError", "NameError", "OSError"), "nothing is open (two(): NameError)", False),
    ],
)
def test_a_barrier_holds_only_if_each_attempt_is_refused(errors, name, held):
    found = doctor._tried(Session(*errors), PROBE)
    assert (found.name, found.held, found.fix) == (name, held, None if held else "Close it.")


def test_each_way_is_described():
    assert doctor._described({"a": None, "b": "it is forbidden"}) == "a works; b (it is forbidden)"


@pytest.mark.parametrize(("held", "status", "last"), [(True, 0, "can grade"), (False, 2, "can't grade")])
def test_one_barrier_that_does_not_hold_is_enough_to_refuse(monkeypatch, capsys, held, status, last):
    findings = [doctor.Finding("first", held, None if held else "Mend it."), doctor.Finding("second", held=True)]
    monkeypatch.setattr(doctor, "examine", lambda *_: iter(findings))
    assert doctor.run({}) == status
    said = capsys.readouterr().out
    assert said.startswith("✓ first\n✓ second\n" if held else "✗ first\n  Mend it.\n✓ second\n")
    assert said.endswith(f"This machine {last}.\n")
    assert doctor.run({}, as_json=True) == status
    shown = json.loads(capsys.readouterr().out)["probes"]
    assert [(probe["name"], probe["held"]) for probe in shown] == [("first", held), ("second", True)]


def pool_of(errors, *, mounted=True, counted=True):
    """A pool whose sessions end their one cell with these errors; an error that is a class is raised."""
    left = list(errors)
    server = SimpleNamespace(scratch=SimpleNamespace(mounted=mounted), counts_threads=counted)

    @contextlib.contextmanager
    def session(*_):
        def run_cell(_):
            if left[0] == "ended":
                left.pop(0)
                raise SessionEndedError("It is gone.")
            return SimpleNamespace(error=left.pop(0)), None

        yield SimpleNamespace(run_cell=run_cell, server=server)

    return SimpleNamespace(session=session)


def test_what_a_submission_may_take_is_bounded_or_said_to_be_open():
    found = list(doctor._try_to_take_more(pool_of(["OSError", "ended", "MemoryError"]), doctor.LIMITS))
    assert [(each.held, each.fix) for each in found] == [(True, None)] * 3
    assert found[0].name.startswith("disk: a submission has a file system of ")
    assert found[1].name == "threads: at most 256; the kernel counts those of each submission apart"
    assert found[2].name == "memory: at most 3072 MB, by the kernel"
    found = list(doctor._try_to_take_more(pool_of([None] * 3), doctor.LIMITS))
    assert [each.name for each in found] == [
        *("disk: a submission can fill it", "threads: any number can be started", "memory: no limit holds"),
    ]
    assert not any(each.held for each in found)
    assert all(each.fix for each in found)
    found = list(doctor._try_to_take_more(pool_of(["E"] * 3, mounted=False, counted=False), doctor.LIMITS))
    assert "no file system can be mounted here" in found[0].name
    assert found[1].name.endswith("so they are looked at from outside")
