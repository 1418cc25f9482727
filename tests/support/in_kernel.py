"""Notebooks run by a kernel, as Jupyter runs them."""

from __future__ import annotations

import copy
import os
import subprocess
import tempfile

from nbclient import NotebookClient
from nbclient.exceptions import CellTimeoutError
from traitlets.config import Config


def executed(nb, folder, env=None, **options):
    """Execute a notebook in a folder, in place, and return it.

    If a reply got lost, as happens on a busy machine (issue 312 of nbclient), a copy is executed and returned.
    """
    fresh = copy.deepcopy(nb)
    try:
        return _executed(nb, folder, env, options)
    except CellTimeoutError:
        return _executed(fresh, folder, env, options)


def _executed(nb, folder, env, options):
    where = {"metadata": {"path": str(folder)}}
    options = {"startup_timeout": 600, "kernel_name": "python3", **options}
    env = {**os.environ, **(env or {})}
    env.pop("PYTEST_CURRENT_TEST", None)  # with it, as in its own tests, ipykernel doesn't watch descriptors
    with tempfile.TemporaryDirectory() as sockets:
        # Files, for two kernels that start at the same moment can be given the same TCP port.
        config = Config(KernelManager={"transport": "ipc", "ip": f"{sockets}/kernel"})
        client = NotebookClient(nb, config=config, resources=where, **options)
        return client.execute(env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
