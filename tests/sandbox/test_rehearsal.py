"""What a fork server rehearses runs without an error, and no submission can tell how often it did."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.sandbox.inside import rehearsal
from autograder.sandbox.pool import Pool

RUN = """
import json, os, sys
from inside import rehearsal
from inside.worker import Worker

worker = Worker(1 << 20)
rehearsal.set_up(worker)
rehearsal.run(worker, rehearsal.CELLS)
outputs = worker.recorder.finished()
os.write(1, json.dumps([outputs, rehearsal.rehearse(worker)]).encode())
"""
PROBE = """
import gc, sys, warnings
import numpy as np
print(sorted(name for name in globals() if not name.startswith("_")), vars(sys.modules["__main__"]) is globals())
print(np.get_printoptions(), np.geterr(), warnings.filters, sys.stdout.worker is sys.stderr.worker)
print(get_ipython().execution_count, get_ipython().user_ns is globals(), gc.isenabled(), [f"{x}" for x in In])
"""


def test_each_cell_and_call_of_the_rehearsal_succeeds():
    """Numbers are printed and values returned: what raises would rehearse nothing."""
    folder = Path(rehearsal.__file__).parents[1]
    done = subprocess.run([sys.executable, "-c", RUN], cwd=folder, capture_output=True, text=True, check=True)
    outputs, sent = json.loads(done.stdout)
    assert [output["output_type"] for output in outputs] == ["stream"]
    assert [message["t"] for message in sent] == ["returned"] * 2 + ["done"] + ["asked"] * 2 + ["returned", "done"]


@pytest.mark.slow
@pytest.mark.sandbox
def test_a_submission_sees_the_same_before_and_after_the_rehearsals(pool: Pool):
    seen = []
    for _ in range(rehearsal.TIMES + 3):
        with pool.session((), {}) as session:
            done, _ = session.run_cell(PROBE)
        assert done.error is None
        seen.append([output.text for output in done.outputs])
    assert seen == [seen[0]] * len(seen)
