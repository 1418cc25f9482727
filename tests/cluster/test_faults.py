"""Workers, nannies, schedulers and writers that die lose nothing, and nothing is graded into the book twice."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess

import clusters
import pytest
from classroom import CLASS, autograded, copied, grade, rows
from waiting import wait_until

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]
DEADLY = """
import os, signal
from autograder.grading import workers
grade_sent = vars(workers).setdefault("as_it_was", workers.WorkerPool.grade_sent)  # this may be loaded twice
def deadly(self, root, source, submission):
    if submission.student in {students!r}:
        os.kill(os.getpid(), signal.SIGKILL)
    return grade_sent(self, root, source, submission)
workers.WorkerPool.grade_sent = deadly
"""
"""What a worker loads so that it dies of some submissions, as the kernel kills one that needs too much memory."""


def graded_so_far(root):
    return len(list((root / "autograded").rglob("*.ipynb")))


def kill(pid):
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def same(root, undisturbed):
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)


@pytest.mark.deep
def test_a_submission_that_takes_every_worker_with_it_gets_its_verdict_and_others_go_on(
    classroom, undisturbed, tmp_path
):
    root = copied(classroom, tmp_path / "class")
    preload = tmp_path / "deadly.py"
    preload.write_text(DEADLY.format(students={"s05"}))
    with clusters.running() as cluster:
        for _ in range(2):
            cluster.add_worker("--preload", str(preload))
        status, said = grade(root, "--cluster", cluster.address, "--show-students")
    assert status == 1, said + cluster.text
    assert "s05/softmax/softmax.ipynb could not be graded: 2 workers died while they graded it." in said
    theirs, ours = rows(undisturbed), rows(root)
    assert [row for row in ours["grade"] if row[0] != "s05"] == [row for row in theirs["grade"] if row[0] != "s05"]
    assert {row[2] for row in ours["grade"] if row[0] == "s05"} == {0.0}


@pytest.mark.deep
def test_a_worker_that_is_killed_costs_nothing(cluster, classroom, undisturbed, tmp_path):
    root = copied(classroom, tmp_path / "class")
    process = grade(root, "--cluster", cluster.address, wait=False)
    wait_until(lambda: graded_so_far(root) > 2)
    kill(cluster.worker_pids()[0])
    said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    same(root, undisturbed)


@pytest.mark.deep
def test_a_nanny_that_is_killed_costs_nothing(classroom, undisturbed, tmp_path):
    root = copied(classroom, tmp_path / "class")
    with clusters.running(workers=2) as cluster:
        process = grade(root, "--cluster", cluster.address, wait=False)
        wait_until(lambda: graded_so_far(root) > 2)
        kill(cluster.nannies[1].pid)
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    same(root, undisturbed)


def test_a_dead_scheduler_is_a_sentence_and_the_next_command_takes_up_where_it_was(
    classroom, undisturbed, tmp_path
):
    root = copied(classroom, tmp_path / "class")
    with clusters.running(workers=2) as cluster:
        process = grade(root, "--cluster", cluster.address, wait=False)
        wait_until(lambda: graded_so_far(root) > 2)
        kill(cluster.scheduler.pid)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 1, said
    assert "scheduler" in said
    assert "Run the command again" in said
    assert "Traceback" not in said, said
    before = {path: path.stat().st_mtime_ns for path in (root / "autograded").rglob("*.ipynb")}
    assert 2 < len(before) < CLASS
    assert grade(root, "--cluster", "local:2")[0] == 0
    same(root, undisturbed)
    assert sum(path.stat().st_mtime_ns == time for path, time in before.items()) >= len(before) - 1


@pytest.mark.deep
def test_a_writer_that_is_killed_has_lost_nothing(classroom, undisturbed, tmp_path):
    root = copied(classroom, tmp_path / "class")
    with clusters.running(workers=2) as cluster:
        process = grade(root, "--cluster", cluster.address, wait=False)
        wait_until(lambda: graded_so_far(root) > 4)
        kill(process.pid)
        process.communicate()
        status, said = grade(root, "--cluster", cluster.address)
    assert status == 0, said
    same(root, undisturbed)


@pytest.mark.deep
def test_a_worker_that_is_cut_off_is_left_out(classroom, undisturbed, tmp_path):
    """It is stopped, as one whose network is gone: the scheduler gives it up after its `worker-ttl`."""
    root = copied(classroom, tmp_path / "class")
    with clusters.running(workers=2, DASK_DISTRIBUTED__SCHEDULER__WORKER_TTL="4s") as cluster:
        process = grade(root, "--cluster", cluster.address, wait=False)
        wait_until(lambda: graded_so_far(root) > 4)
        os.kill(cluster.nannies[0].pid, signal.SIGSTOP)
        os.kill(cluster.worker_pids()[0], signal.SIGSTOP)
        said, _ = process.communicate(timeout=300)
    assert process.returncode == 0, said
    same(root, undisturbed)


@pytest.mark.deep
def test_a_worker_without_room_on_its_disk_is_named_and_the_others_go_on(classroom, undisturbed, tmp_path):
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=80m", "tmpfs", small], check=False)
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    root = copied(classroom, tmp_path / "class")
    try:
        with clusters.running(workers=1) as cluster:
            cluster.add_worker(TMPDIR=str(small))
            wait_until(lambda: len(cluster.worker_pids()) == 2)
            process = grade(root, "--cluster", cluster.address, wait=False)
            wait_until(lambda: graded_so_far(root) > 2)
            (small / "filled").write_bytes(bytes(30 << 20))
            said, _ = process.communicate(timeout=300)
    finally:
        subprocess.run(["umount", "-l", small], check=True)
    assert process.returncode == 0, said
    assert "is refused: it has no room on its disk" in said
    same(root, undisturbed)
