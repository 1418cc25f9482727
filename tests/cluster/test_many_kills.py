"""Fifty processes killed at random moments, and the gradebook is that of an undisturbed run."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter

import clusters
import pytest
from classroom import autograded, copied, grade, rows

pytestmark = [pytest.mark.deep, pytest.mark.slow, pytest.mark.sandbox]
KILLS = 50
KINDS = {"worker": 5, "nanny": 2, "scheduler": 1, "writer": 2}
"""How often each is killed, compared with the others."""


def target(kind, cluster, writer):
    """The process to kill; None if there is none at the moment."""
    if kind == "worker":
        return random.choice(cluster.worker_pids() or [None])
    alive = [nanny.pid for nanny in cluster.nannies if nanny.poll() is None]
    return {"nanny": random.choice(alive or [None]), "scheduler": cluster.scheduler.pid, "writer": writer.pid}[
        kind
    ]


def mend(cluster, port):
    """Start what is dead, as an operator or a platform does."""
    if cluster.scheduler.poll() is not None:
        cluster.scheduler = clusters.start_scheduler(cluster.folder, port)
    cluster.nannies = [nanny for nanny in cluster.nannies if nanny.poll() is None]
    while len(cluster.nannies) < 2:
        cluster.add_worker()


def test_fifty_kills_leave_the_gradebook_of_an_undisturbed_run(classroom, undisturbed, tmp_path):
    root = copied(classroom, tmp_path / "class")
    random.seed(20261123)
    killed, ended = Counter(), Counter()
    with clusters.running(workers=2) as cluster:
        port = int(cluster.address.rpartition(":")[2])
        writer = grade(root, "--cluster", cluster.address, wait=False)
        while killed.total() < KILLS:
            time.sleep(random.uniform(0.2, 6))
            kind = random.choices(list(KINDS), KINDS.values())[0]
            pid = target(kind, cluster, writer) if writer.poll() is None else None
            if pid:
                os.kill(pid, signal.SIGKILL)
                killed[kind] += 1
                time.sleep(0.3)
            mend(cluster, port)
            if writer.poll() is not None:
                said = writer.communicate()[0]
                ended[writer.returncode] += 1
                assert writer.returncode in {0, 1, -signal.SIGKILL}, said
                assert "Traceback" not in said
                assert writer.returncode != 1 or "scheduler" in said, said
                force = ["--force"] if writer.returncode == 0 else []
                writer = grade(root, *force, "--cluster", cluster.address, wait=False)
        said, _ = writer.communicate(timeout=600)
        assert writer.returncode in {0, 1}, said
        status, said = grade(root, "--cluster", "local:2")
    print(f"killed {dict(killed)}; commands ended with {dict(ended)}")
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
    assert autograded(root) == autograded(undisturbed)
