"""Running a notebook gives the outputs that a real kernel gives it.

Every notebook runs twice: by nbclient in ipykernel, and as a submission. What may differ is named in this file,
each with its reason.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import time
from collections import defaultdict
from itertools import groupby
from pathlib import Path

import nbgrader
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from autograder.notebook import IMAGE_TYPES
from autograder.outputs import PLAIN_TYPES, as_nbformat
from autograder.reports.html import clean_html
from autograder.sandbox.policy import EVERYTHING, Limits
from autograder.sandbox.pool import Pool

pytestmark = pytest.mark.sandbox

PATIENT = Limits(cell_seconds=60, submission_seconds=300)
CHECKOUT = Path(__file__).parents[1]
NBGRADER = Path(nbgrader.__file__).parent
FOLDERS = ("docs/source/user_guide", "tests/apps/files", "tests/preprocessors/files")
LEFT_OUT = {
    "infinite-loop.ipynb": "never ends",
    "infinite-loop-with-output.ipynb": "never ends",
    "timeout.ipynb": "sleeps for five seconds and shows nothing",
    "creating_and_grading_assignments.ipynb": "runs nbgrader's commands; a submission can start no process",
    "managing_assignment_files.ipynb": "runs nbgrader's commands",
    "managing_assignment_files_manually.ipynb": "runs nbgrader's commands",
    "managing_the_database.ipynb": "runs nbgrader's commands",
}
ALONE = ("submitted-cheat-attempt.ipynb", "submitted-cheat-attempt-alternative.ipynb")
"""They spoil IPython for every cell that follows."""

# --- what may differ -------------------------------------------------------------------------------------

TEXTS = {
    r"/tmp/ipykernel_\d+/\d+\.py|\b\d{5,}\.py(?=, line)|<ipython-input-\d+-\w+>": (
        "<cell>",
        "a kernel names each cell as a file that isn't there, IPython by its number",
    ),
    r"~?(/[\w.+-]+)*?/(site-packages|python/site)/": ("<site>/", "a submission's Python is a folder of links"),
    r"~?(/[\w.+-]+)*?/lib/python3\.\d+/": ("<lib>/", "a submission's Python is a folder of links"),
    r"\b0x[0-9a-f]{6,}": ("<address>", "addresses differ from process to process"),
    r"display_id=[0-9a-f]{32}": ("display_id=<random>", "it is drawn at random"),
    r"(CPU times|Wall time): .*": (r"\1", "durations"),
    r"\b[\d.]+ \S+ ± [\d.]+ \S+ per loop": ("<time> per loop", "durations"),
}
"""What differs within a text: a pattern, what stands for it here, and why."""


def plain(text):
    for pattern, (stand_in, _) in TEXTS.items():
        text = re.sub(pattern, stand_in, text)
    return text


def same_streams(outputs):
    """A kernel sends each stream in bursts: their order among themselves is lost, and flushes make parts."""
    kept = []
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
            continue
        if not (kept and kept[-1]["output_type"] == "streams"):
            kept.append({"output_type": "streams", "stdout": "", "stderr": ""})
        kept[-1][output["name"]] += plain(output["text"])
    return kept


def without_metadata(output):
    """Hints for a front end, like the width of an image, are not kept."""
    return {name: value for name, value in output.items() if name != "metadata"}


def without_active_content(output):
    """Only types that a page may show are kept, and HTML is cleaned."""
    shown = {}
    for kind, value in output["data"].items():
        if kind in IMAGE_TYPES:
            shown[kind] = value  # byte for byte
        elif kind in PLAIN_TYPES or kind == "text/html":
            shown[kind] = clean_html(plain(value)) if kind == "text/html" else plain(value)
    return {**output, "data": {kind: value for kind, value in shown.items() if kind != "text/html" or value}}


def traced(output):
    """Of a traceback its headline, the notebook's own frames and the exception are compared, without colours.

    A kernel's shell, streams and displays are other functions than ours. In its cells IPython 9.18 finds no
    source: it marks no expression, repeats similar frames, and takes for a frame's line the one that ran last.
    """
    frames = [plain(re.sub(r"\x1b\[[\d;]*m", "", frame)) for frame in output["traceback"]]
    own = [re.findall(r"^(Cell In\[\d+\]), line \d+(.*)", frame, re.MULTILINE) for frame in frames[2:]]
    steps = [step for step, _ in groupby(step for step in own if step)]
    return {
        "output_type": "error",
        "ename": output["ename"][:80],  # cut where they are longer than anybody reads
        "evalue": plain(output["evalue"])[:4000],
        "traceback": [*frames[:2], *steps, frames[-1][:3000]],
    }


def normalised(outputs):
    """The outputs of a cell without what may differ."""
    change = {"error": traced, "stream": dict}
    return same_streams(change.get(o["output_type"], without_active_content)(without_metadata(o)) for o in outputs)


DIFFERENT = {
    "input": "a sentence for the student, and not about front ends",
    "getpass": "a sentence for the student, and not about front ends",
    "update-later": "a cell's outputs have been handed over when the next one runs",
    "background": "what a task prints belongs to the cell in which it is printed",
    "text-fails": "the exception is named, not the failure to describe it",
    "shell": "a submission can start no process",
    "descriptor": "only what passes Python's streams is recorded",
    "front-end-magic": "there is no front end to talk to",
}
"""Cells below that do differ, and why."""

# --- the two ways to run a notebook ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def patient_pool():
    pool = Pool(PATIENT)
    yield pool
    pool.close()


def by_kernel(cells, files, folder):
    """The outputs that ipykernel sends, as nbclient collects them."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    where = {"metadata": {"path": str(folder)}}
    client = NotebookClient(notebook, timeout=120, allow_errors=True, kernel_name="python3", resources=where)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    env = {**os.environ, "NBGRADER_EXECUTION": "autograde"}
    env.pop("PYTEST_CURRENT_TEST", None)  # for ipykernel's own tests it would not watch descriptors
    client.execute(env=env, **quiet)
    return [cell["outputs"] for cell in notebook["cells"]]


def as_submission(cells, files, pool):
    """The outputs that the same cells have in a submission."""
    with pool.session({EVERYTHING}, files, time.monotonic() + PATIENT.submission_seconds) as session:
        done = [session.run_cell(cell)[0] for cell in cells]
    return [[as_nbformat(output) for output in cell.outputs] for cell in done]


def both(cells, files, pool, folder):
    """Pairs of a cell's outputs: a kernel's, and ours."""
    theirs, ours = by_kernel(cells, files, folder), as_submission(cells, files, pool)
    return [(normalised(a), normalised(b)) for a, b in zip(theirs, ours, strict=True)]


# --- nbgrader's notebooks and our own --------------------------------------------------------------------


def code_of(path):
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return [source for source in sources if source.strip()]


def notebooks():
    """nbgrader's notebooks by folder, each program once; those in a folder share a kernel to save time."""
    seen, found = set(), defaultdict(list)
    for path in (path for folder in FOLDERS for path in sorted((NBGRADER / folder).rglob("*.ipynb"))):
        program = tuple(code_of(path))
        if path.name not in LEFT_OUT and program and program not in seen:
            seen.add(program)
            group = path if path.name in ALONE else path.parent
            found[str(group.relative_to(NBGRADER))].append(path)
    return found


NOTEBOOKS = notebooks()


@pytest.mark.parametrize("group", NOTEBOOKS)
def test_nbgrader_s_notebooks_show_what_they_show_in_a_kernel(group, patient_pool, tmp_path):
    folder = NOTEBOOKS[group][0].parent
    files = {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file() and p.suffix != ".ipynb"}
    cells = [(path.name, cell) for path in NOTEBOOKS[group] for cell in ("%reset -f", *code_of(path))]
    pairs = both([cell for _, cell in cells], files, patient_pool, tmp_path)
    for (name, cell), (theirs, ours) in zip(cells, pairs, strict=True):
        assert ours == theirs, f"{name}: {cell}"


def test_what_is_left_out_is_there():
    found = {path.name for folder in FOLDERS for path in (NBGRADER / folder).rglob("*.ipynb")}
    assert {*LEFT_OUT, *ALONE} <= found
    assert sum(map(len, NOTEBOOKS.values())) > 30


def test_our_own_notebook_shows_what_it_shows_in_a_kernel(patient_pool, tmp_path):
    """Its sealed cells don't run in a submission: they are asked instead."""
    folder = CHECKOUT / "source" / "softmax"
    cells = [cell for cell in code_of(folder / "softmax.ipynb") if "from autograder import" not in cell]
    files = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.py")}
    for cell, (theirs, ours) in zip(cells, both(cells, files, patient_pool, tmp_path), strict=True):
        assert ours == theirs, cell


# --- cells of our own ------------------------------------------------------------------------------------

CELLS = r"""
# %% imports
import asyncio, base64, contextlib, io, logging, math, os, sys, threading, time, traceback, warnings
import numpy as np
import matplotlib.pyplot as plt
from IPython.display import (
    HTML, JSON, Image, Javascript, Latex, Markdown, Math, Pretty, ProgressBar, clear_output, update_display
)
# %% interleaved
print('a'); print('b', file=sys.stderr); print('c', end=''); print('d', file=sys.stderr)
# %% flushed
print('a', flush=True); print('b', file=sys.stderr, flush=True); sys.stdout.flush(); print('c')
# %% around-a-display
print('before'); print('err', file=sys.stderr); display(1); print('after')
# %% print-arguments
print(b'x', 1, None, 'ü ∑ 🎉', sep='|', end='!\n'); print(); print('', end='')
# %% control-characters
print('10%\r20%\r30%'); print('ab\bc'); print('\x1b[31mred\x1b[0m a\x00b')
# %% write
sys.stderr.write('e'); sys.stdout.writelines(['a\n', 'b\n']); sys.stdout.write('written\n')
# %% write-bytes
sys.stdout.write(b'x')
# %% no-buffer
hasattr(sys.stdout, 'buffer'), hasattr(sys.stdout, 'reconfigure')
# %% stream-attributes
sys.stdout.name, sys.stdout.encoding, sys.stdout.errors, sys.stdout.isatty(), sys.stdout.writable()
# %% original-stdout
print('around', file=sys.__stdout__); sys.__stdout__.flush(); time.sleep(0.5)
# %% descriptor
os.write(1, b'raw\n'); time.sleep(0.5)
# %% redirected
with contextlib.redirect_stdout(io.StringIO()) as hidden:
    print('hidden')
hidden.getvalue()
# %% swapped
kept, sys.stdout = sys.stdout, io.StringIO()
print('hidden')
# %% swapped-back
text, sys.stdout = sys.stdout.getvalue(), kept
text
# %% thread
worker = threading.Thread(target=lambda: print('threaded'))
worker.start(); worker.join()
# %% logging
logging.warning('from root'); logging.info('hidden'); logging.getLogger('x').error('from x')
# %% logging-handler
log = logging.getLogger('mine'); log.addHandler(logging.StreamHandler(sys.stdout)); log.setLevel('INFO')
log.info('mine'); log.propagate
# %% help
def documented(x):
    'Doc of it.'
help(documented); help(len)
# %% help-pane
documented?
# %% source-pane
documented??
# %% magic-pane
%pinfo len
# %% result
1 + 1
# %% result-none
None
# %% several-results
1
2
# %% result-in-block
if True:
    5
# %% suppressed
1 + 1;
# %% suppressed-comment
1 + 1;  # quiet
# %% not-suppressed
'a;'
# %% only-a-comment
# nothing
# %% after-a-comment
'counted'
# %% last-result
41 + 1
# %% last-result-used
_ + 1
# %% last-results
_, __, ___
# %% out
sorted(Out)[-1] == len(In) - 2, Out[max(Out)], _oh is Out
# %% in
In[-1], _i, len(In)
# %% own-underscore
_ = 5
# %% own-underscore-kept
6
# %% own-underscore-still
_
# %% own-underscore-gone
del _
7
# %% last-result-again
_
# %% all-results
get_ipython().ast_node_interactivity = 'all'
# %% all-results-shown
1
2
x = 3
# %% all-results-off
get_ipython().ast_node_interactivity = 'last_expr'
# %% pretty
list(range(100)), {'b': {str(i): i for i in range(20)}}, {3, 1, 2}
# %% long
list(range(1500)), 'x' * 3000, np.arange(2000)
# %% objects
object(), print, int, math, lambda: 1, np.float64(1.5), np.arange(4.0).reshape(2, 2)
# %% displayhook
sys.displayhook(4)
# %% precision
%precision 3
math.pi
# %% rich
class Rich:
    def _repr_html_(self): return '<b>x</b><script>1</script>'
    def _repr_latex_(self): return '$x$'
    def _repr_markdown_(self): return '*x*'
    def _repr_svg_(self): return '<svg/>'
    def _repr_json_(self): return {'a': 1}
    def __repr__(self): return 'Rich'
Rich()
# %% rich-displayed
display(Rich(), 1, 'two'); print('after'); display()
# %% own-pretty
class Pretty2:
    def _repr_pretty_(self, p, cycle): p.text('pretty')
[Pretty2()]
# %% own-display
class Shows:
    def _ipython_display_(self): print('myself')
Shows()
# %% mime-bundle
class Bundle:
    def _repr_mimebundle_(self, include=None, exclude=None): return {'text/plain': 'm', 'application/x-own': 'z'}
Bundle()
# %% raw-bundle
display({'text/plain': 'raw', 'text/html': '<u>raw</u>'}, raw=True)
# %% no-bundle
display('no', raw=True)
# %% classes
display(Markdown('*m*'), HTML('<i>i</i>'), Latex('$y$'), Pretty('p'), JSON({'a': [1]}), Javascript('1'), Math('x'))
# %% progress
for _step in ProgressBar(3): pass
# %% png
dot = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='
display(Image(base64.b64decode(dot), width=10)); Image(base64.b64decode(dot))
# %% png-of-an-object
class Dot:
    def _repr_png_(self): return base64.b64decode(dot)
    def __repr__(self): return 'dot'
Dot()
# %% update
handle = display('old', display_id=True); display('other'); handle.update('new')
# %% update-by-name
display(1, display_id='one'); display(2, display_id='two'); update_display(HTML('<b>u</b>'), display_id='one')
# %% update-nothing
update_display('nothing', display_id='nowhere'); print('x')
# %% displayed-again
display('first', display_id='three'); display('again', display_id='three')
# %% update-later
display('early', display_id='four');
# %% update-of-an-earlier-cell
update_display('late', display_id='four')
# %% clear
print('gone'); display('gone', display_id='five'); clear_output(); update_display(1, display_id='five'); print(2)
# %% clear-wait
for i in range(3):
    clear_output(wait=True); print(i)
# %% clear-wait-without-more
print('stays'); clear_output(wait=True)
# %% clear-wait-display
print('gone'); clear_output(wait=True); display('kept')
# %% clear-wait-result
print('gone'); clear_output(wait=True); 7
# %% clear-wait-error
print('gone'); clear_output(wait=True); 1 / 0
# %% clear-much
for i in range(30):
    clear_output(wait=True); print(str(i) * 50_000)
# %% time
%time sum(range(10))
# %% time-cell
%%time
y = 1
y + 1
# %% timeit
%timeit -n 2 -r 2 1 + 1
# %% capture
%%capture said
print('caught'); display('shown'); print('err', file=sys.stderr)
8
# %% captured
said.stdout, said.stderr, len(said.outputs)
# %% capture-shown
said.show()
# %% who
a_number = 1
%who int
# %% written
%%writefile made.py
value = 7
# %% imported
%run made.py
import made
value, made.value
# %% unknown-magic
%nosuchmagic
# %% html-magic
%%html
<b>h</b>
# %% history
%history -n 1-2
# %% shell
!echo hi
# %% front-end-magic
%autosave 0
# %% awaited
await asyncio.sleep(0.01); print('woke'); await asyncio.sleep(0, 'value')
# %% async-for
async def numbers():
    yield 1
async for number in numbers(): print(number)
# %% running-loop
asyncio.get_event_loop() is asyncio.get_running_loop(), asyncio.current_task() is None
# %% task
async def later():
    await asyncio.sleep(0)
    return 3
task = asyncio.create_task(later()); print('now')
# %% task-awaited
await task, await asyncio.gather(later(), later())
# %% background-started
async def prints(): await asyncio.sleep(0.01); print('from behind')
behind = asyncio.ensure_future(prints())
# %% background
await behind
# %% second-loop
coroutine = later()
try:
    asyncio.run(coroutine)
finally:
    coroutine.close()
# %% loop-taken
coroutine = later()
try:
    asyncio.get_event_loop().run_until_complete(coroutine)
finally:
    coroutine.close()
# %% await-fails
async def fails(): raise ValueError('late')
await fails()
# %% timeout
await asyncio.wait_for(asyncio.sleep(3), 0.01)
# %% print-options
np.set_printoptions(precision=2); np.seterr(divide='raise'); np.array([1 / 3])
# %% print-options-kept
print(np.array([1 / 3])); np.array([1.0]) / 0
# %% print-options-in-a-task
await asyncio.sleep(0); print(np.array([1 / 3])); np.set_printoptions(precision=5)
# %% print-options-after-a-task
np.seterr(divide='warn'); np.array([1 / 3])
# %% warning
warnings.warn('careful')
# %% deprecation
def old(): warnings.warn('old', DeprecationWarning)
old(); old()
# %% numpy-warning
np.array([1.0]) / 0
# %% syntax-warning
1 is 1
# %% error
def f(): raise KeyError('k')
try:
    f()
except KeyError as error:
    raise ValueError('line one\nline two') from error
# %% library-error
np.zeros(2) @ np.zeros(3)
# %% not-defined
undefined_name
# %% assertion
assert 1 == 2, 'not equal'
# %% no-text
raise ValueError
# %% noted
error = ValueError('x'); error.add_note('a note'); raise error
# %% group
raise ExceptionGroup('many', [ValueError(1), TypeError(2)])
# %% no-exception
raise 5
# %% missing-module
import nosuchmodule
# %% recursion
def down(): down()
down()
# %% syntax
def f(:
# %% indentation
def f():
return 1
# %% return-outside
return 5
# %% odd-text
class Odd(Exception):
    def __str__(self): return 'odd: ' + super().__str__()
raise Odd('x')
# %% long-text
raise type('E' * 100, (Exception,), {})('x' * 5000)
# %% own-traceback
class Own(Exception):
    def _render_traceback_(self): return ['custom', 'lines']
raise Own('x')
# %% text-fails
class Bad(Exception):
    def __str__(self): raise RuntimeError('no text')
raise Bad('x')
# %% repr-fails
class BadRepr:
    def __repr__(self): raise RuntimeError('no repr')
display(BadRepr()); print('goes on'); BadRepr()
# %% html-fails
class BadHtml:
    def _repr_html_(self): raise RuntimeError('no html')
    def __repr__(self): return 'BadHtml'
BadHtml()
# %% exit
sys.exit(3)
# %% interrupt
raise KeyboardInterrupt('x')
# %% cancelled
raise asyncio.CancelledError('c')
# %% after-an-exit
'alive', sys.last_value
# %% print-exc
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()
# %% traceback-magic
%tb
# %% input
input('name? ')
# %% getpass
import getpass; getpass.getpass()
# %% stdin
sys.stdin.readline()
# %% figure
plt.plot([1, 3, 2]); plt.title('$x^2$')
# %% figure-shown
plt.plot([1, 3, 2]); plt.show(); print('after')
# %% figures
%matplotlib inline
fig, ax = plt.subplots(figsize=(2, 2)); ax.plot([1]); plt.figure(figsize=(1, 1)); print('p');
# %% figure-result
fig
# %% figure-closed
plt.subplots(); plt.close(); print('none')
# %% figure-and-error
plt.plot([1]); raise ValueError('x')
# %% warning-between
print('first')
calls = 1
(1)(2) if calls == 0 else 'never called'
# %% return-outside
print('never printed')
return
# %% await-nowhere
awaited = 'async and await, but in a text'; awaited
# %% future-not-reached
1 / 0
from __future__ import annotations
# %% future-not-yet
def annotated(a: missing): ...
# %% future
from __future__ import annotations
def annotated(a: missing): ...
annotated.__annotations__
# %% future-stays
def later(a: missing): ...
later.__annotations__
# %% transformer
import ast
class Doubles(ast.NodeTransformer):
    def visit_Constant(self, node):
        return ast.copy_location(ast.Constant(node.value * 2), node)
get_ipython().ast_transformers.append(Doubles())
# %% transformed
print(1); 20 + 1
# %% untransformed
get_ipython().ast_transformers.clear()
# %% all-expressions
get_ipython().ast_node_interactivity = 'all'
# %% all-shown
1; 2
3
# %% assignment-shown
get_ipython().ast_node_interactivity = 'last_expr_or_assign'
# %% assigned
shown = 6 * 7
# %% as-before
get_ipython().ast_node_interactivity = 'last_expr'
hidden = 1
# %% names
__name__, '__file__' in globals(), __doc__, type(get_ipython()).__name__, exit.rewrite, type(license).__name__
# %% reset
keep = 1
%reset -f
'keep' in globals()
"""


def cells_by_name():
    parts = re.split(r"^# %% (\S+)\n", CELLS, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_cells_show_what_they_show_in_a_kernel(patient_pool, tmp_path):
    """One notebook, whose cells build on one another; the cells said to differ do."""
    cells = cells_by_name()
    pairs = both(list(cells.values()), {}, patient_pool, tmp_path)
    for name, (theirs, ours) in zip(cells, pairs, strict=True):
        if name in DIFFERENT:
            assert ours != theirs, name
        else:
            assert ours == theirs, name
    assert set(DIFFERENT) <= set(cells)
