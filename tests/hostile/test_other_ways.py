"""A sample of the attacks where there is no Landlock; ``pytest --isolation namespace`` runs the whole suite."""

from __future__ import annotations

import platform
from contextlib import closing

import pytest
from conftest import SECRET, SHORT
from hostile.attacks import LIVE
from hostile.target import Target

from autograder.grading.grader import Grader
from autograder.grading.settings import Settings
from autograder.sandbox import ways

SAMPLE = """
opens a file that everybody may read; lists folders; searches the disk; reads /proc;
reads the files of another session; climbs up from its own folder; reads the program it runs in;
opens it by a file handle; writes to files that everybody may write; rewrites the Python that others will get;
links and renames across the border of its folder; signals the grader, another session and init;
leaves for a namespace or a root of its own; connects to Unix sockets; mounts; makes devices; becomes root
"""
ATTACKS = [attack for attack in LIVE if attack.name in SAMPLE.replace(";\n", "; ").strip().split("; ")]
pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are numbered for x86-64"),
]


@pytest.mark.parametrize("way", ["namespace", pytest.param("chroot", marks=pytest.mark.slow)])
def test_the_other_ways_hold_what_landlock_holds(way, tmp_path):
    if why := ways.obstacle(way):
        pytest.skip(f"{way}: {why}")
    assert len(ATTACKS) == SAMPLE.count(";") + 1
    with Grader(Settings(SECRET, limits=SHORT, way=way)) as grader, closing(Target(tmp_path, grader)) as target:
        assert grader.isolation == way
        for attack in ATTACKS:
            target.ready()
            before = target.state()
            shown = target.attacked(attack.cell)
            assert "BREACH" not in shown, attack
            assert target.token not in shown, attack
            assert target.state() == before, attack
        assert target.intruders() == []
