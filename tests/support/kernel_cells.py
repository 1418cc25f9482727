"""Cells whose outputs a kernel and the sandbox must agree on: one notebook, each building on those before it."""

from __future__ import annotations

import re

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
print('around', file=sys.__stdout__); sys.__stdout__.flush(); time.sleep(2)
# %% descriptor
os.write(1, b'raw\n'); time.sleep(2)
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
