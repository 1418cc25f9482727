"""Code that runs before any submission's, so that Python and NumPy have set up what notebooks use.

A fork inherits what was set up: caches of attributes, specialised bytecode, first imports. It need not do it
again, nor copy the memory in which it is kept. None of this is a step of an exercise.
"""

from __future__ import annotations

import asyncio
import gc
import linecache
import sys

from . import loop
from .display import Recorder
from .frames import encode
from .shell import Stream

SETUP = (
    "import numpy as np\nprint(np.array([0.5, 1.0]))\nnp.array([0.5, 1.0])",
    "def f():\n    raise NotImplementedError\nf()",
    "(",
)
"""Cells that IPython needs once."""
CELLS = (
    """
import numpy as np

def total(values, axis=-1, scale=1.0):
    values = np.asarray(values, dtype=float) / scale
    return np.sum(values, axis=axis, keepdims=True)

def slope(f, x):
    return (f(x + 1.0) - f(x)) / 1.0
""",
    """
for name, row in (("a", [1.0, 2.0]), ("b", [3.0, -4.0])):
    x = np.array(row)
    print(f"{name:8}{x[0]:12.4f}{np.max(x):12.2e}", x, total(x), total(x, axis=0, scale=2.0))
    assert np.allclose(x, row, atol=1e-8), f"{row}, you gave {x}"
    assert np.isclose(x[0], row[0]) and np.array_equal(x, row) and np.shape(x) == (2,) and np.ndim(x) == 1
table = np.random.default_rng(0).normal(0, 1, (6, 3))
labels = np.arange(6) % 3
print(f"{table}\\n{table.mean(axis=0)} {table.std()} {table.min():.4f} {table.max():.4f} {labels}")
one, two = table.copy(), np.empty_like(table)
one[np.arange(6), labels] -= 1.0
two[:] = np.zeros((6, 3)) + np.ones(3) - one * 2
for index in np.ndindex(2, 2):
    two[index] += 1e-5
""",
    """
with np.errstate(all="ignore"):
    y = np.log(np.abs(table)) + np.exp(-table) - np.log1p(table**2) + np.expm1(-np.sqrt(np.abs(table)))
    y = np.where(np.isfinite(y), y, 0.0) + np.maximum(table, 0.0) + np.clip(table, -1.0, 1.0)
y = np.expand_dims(np.squeeze(np.max(y, axis=1, keepdims=True), axis=1), 1) + np.mean(y, axis=0) + np.var(y)
y = np.abs(np.stack([y, y]).reshape(2, -1)), np.concatenate([y, y]), np.argmax(y, axis=1), np.cumsum(y)
print(np.allclose(y[0], y[0] * 1.0), np.any(np.isnan(y[0])), np.linspace(0, 1, 3), np.finfo(float).eps, y[2])
for dtype in (np.float64, np.float32, np.float16):
    print(f"{dtype.__name__}: {float(np.finfo(dtype).max):.2g}")
square = table.T @ table + np.eye(3)
print(np.linalg.solve(square, np.ones(3)), np.linalg.slogdet(square), np.linalg.cholesky(square), np.diag(square))
assert table.shape == (6, 3), f"the shape is {table.shape}"
""",
)
"""What many cells do."""
TIMES = 12
"""Rehearsals after which Python specialises no more bytecode."""


class _Requests:
    """A channel with requests to call a function, whose answers nobody reads."""

    def __init__(self):
        import numpy as np

        x = np.array([[0.5, 1.0], [2.0, -1.0]])
        array = {"t": "array", "dtype": x.dtype.str, "shape": list(x.shape), "strides": None, "writeable": True}
        axis, scale = {"t": "int", "v": "0"}, {"t": "float", "v": (0.5).hex()}
        of_total = {"args": [array], "kwargs": {"axis": axis, "scale": scale}}
        of_slope = {"args": [{"t": "callback", "id": 0}, array], "kwargs": {}}
        room = {"room": 1 << 14, "extra": 0, "spare": 0, "asked": 1 << 14}
        self.pending = [
            ({"function": "total", "calls": [of_total, of_total], **room}, x.tobytes() * 2),
            ({"function": "slope", "calls": [of_slope], **room}, x.tobytes()),
        ]
        self.sent = []

    def send(self, message, blobs=()):
        self.sent.append(message)
        encode(message), b"".join(blobs)

    def receive(self):
        return {"value": (0.5).hex(), "error": None}, b""


def set_up(worker):
    """Run the cells that set up what IPython sets up once; then drop the shell for the next worker's."""
    run(worker, SETUP)
    worker.shell.clear_instance()
    linecache.clearcache()


def rehearse(worker):
    """Do what a submission's process does, in a worker that serves none; return what it would send."""
    streams = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = Stream("stdout", worker), Stream("stderr", worker)
    try:
        run(worker, CELLS)
        worker.channel = requests = _Requests()
        for message, blob in requests.pending:
            worker.calls(message, blob)
    finally:
        sys.stdout, sys.stderr = streams
    linecache.clearcache()
    gc.collect(1)  # a full collection would empty the lists of free objects, too
    gc.freeze()
    return requests.sent


def run(worker, cells):
    """Run cells in a worker that serves no submission."""
    worker.recorder = Recorder(worker.output_bytes)
    worker.loop = asyncio.new_event_loop()
    for cell in cells:
        loop.run(worker.loop, worker.loop.create_task(worker.shell.run_cell_in_loop(cell)))
    worker.loop.close()
