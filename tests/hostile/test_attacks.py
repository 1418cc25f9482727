"""Each attack fails by itself: nothing secret is seen, nothing outside is changed, nobody else is touched."""

from __future__ import annotations

import os
import platform

import pytest
from conftest import SECRET, SHORT
from hostile.attacks import ATTACKS, LIVE, processes_in
from hostile.target import Target
from sampling import sampled

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.judging.calls import Call, Returned

pytestmark = pytest.mark.sandbox


@pytest.fixture(scope="module")
def target(tmp_path_factory):
    with Grader(Settings(SECRET, limits=SHORT)) as grader:
        target = Target(tmp_path_factory.mktemp("target"), grader)
        yield target
        target.close()


@pytest.fixture(scope="module")
def unprotected(tmp_path_factory):
    """The same without the sandbox, to see that the attacks are worth something."""
    with Grader(Settings(SECRET, limits=SHORT, isolated=False)) as grader:
        target = Target(tmp_path_factory.mktemp("unprotected"), grader)
        yield target
        target.close()


@pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are numbered for x86-64")
@pytest.mark.parametrize("attack", sampled(LIVE, every=2, rest=3))
def test_an_attack_is_refused_and_leaves_no_trace(target, attack):
    """Nothing is let through or shown; files, processes, sockets and another session are as they were."""
    target.ready()
    before = target.state()
    shown = target.attacked(attack.cell)
    assert "BREACH" not in shown
    assert target.token not in shown
    assert target.state() == before
    assert target.intruders() == []
    assert target.sibling.ask("double", Call((21,))) == Returned(42)
    assert target.sibling.ask("report", Call(())) == Returned([])
    if os.geteuid() == 0:  # nobody else may see where a process of this kind works
        assert len(processes_in(target.attacker.folder)) == (0 if target.attacker.ended else 1)


@pytest.mark.skipif(platform.machine() != "x86_64" or os.geteuid() != 0, reason="runs as root on x86-64")
@pytest.mark.parametrize("attack", sampled([attack for attack in LIVE if attack.control], every=0, rest=3))
def test_the_same_attack_succeeds_without_the_sandbox(unprotected, attack):
    """So it is the sandbox that refused it, and not a mistake in the attack."""
    assert "BREACH" in unprotected.attacked(attack.cell)
    unprotected.intruders()
    unprotected.plant_files()


def test_there_are_enough_attacks_of_every_kind():
    kinds = [attack.kind for attack in ATTACKS]
    assert {kind: kinds.count(kind) >= 15 for kind in ("peek", "escape", "forge", "exhaust")} == dict.fromkeys(
        ("peek", "escape", "forge", "exhaust"), True
    )
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
