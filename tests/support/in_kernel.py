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
    """Return a notebook with the outputs of a kernel that runs in a folder.

    It runs once more if a reply got lost, as happens on a busy machine (issue 312 of nbclient).
    """
    try:
        return _executed(nb, folder, env, options)
    except CellTimeoutError:
        return _executed(nb, folder, env, options)


def _executed(nb, folder, env, options):
    where = {"metadata": {"path": str(folder)}}
    options = {"startup_timeout": 600, "kernel_name": "python3", **options}
    env = {**os.environ, **(env or {})}
    env.pop("PYTEST_CURRENT_TEST", None)  # with it, as in its own tests, ipykernel doesn't watch descriptors
    with tempfile.TemporaryDirectory() as sockets:
        # Files, for two kernels that start at the same moment can be given the same TCP port.
        config = Config(KernelManager={"transport": "ipc", "ip": f"{sockets}/kernel"})
        client = NotebookClient(copy.deepcopy(nb), config=config, resources=where, **options)
        return client.execute(env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
