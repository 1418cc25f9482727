"""Right solutions in odd company, as data: each must get full marks.

An oddity is the text of a notebook's other cells. Cells are parted by lines of ``# %%`` and run before the first
solution, but for three kinds: ``before each call`` of any of the six functions, ``below each`` solution, with NAME
for its function, and ``at the end``.
"""

from __future__ import annotations

ODDITIES = {
    # --- noise
    "prints in every call": r"""
# %% before each call
print('called with', args, kwargs)
""",
    "prints megabytes": r"""
print('x' * (3 << 20))
# %% before each call
print('y' * (3 << 20))
""",
    "prints thirty thousand lines": r"""
for i in range(30_000):
    print(i)
""",
    "prints what looks like the protocol": r"""
# %% before each call
print('{"t": "returned"}\0')
""",
    "prints half a surrogate pair": r"""
# %% before each call
print('\ud83d', '\x1b[2J', '\0')
""",
    "writes to every descriptor it knows": r"""
import os, sys
# %% before each call
os.write(1, b'x' * 9999); os.write(2, b'y'); sys.__stdout__.write('z')
""",
    "warns in every way": r"""
import warnings
kinds = [Warning, *Warning.__subclasses__()]
# %% before each call
[warnings.warn(kind.__name__, kind) for kind in kinds]; np.array([1.0]) / 0; np.log([-1.0, 0.0])
""",
    "warns with a category and a text of its own": r"""
import warnings
class Worry(UserWarning):
    __str__ = lambda self: chr(0xd83d) * 99 + chr(0)
# %% before each call
warnings.warn(Worry())
""",
    "logs everything": r"""
import logging
logging.basicConfig(level=1, force=True)
logging.captureWarnings(True)
# %% before each call
logging.getLogger('mine').debug('called with %s', args)
""",
    # --- what happens to warnings and floating-point errors
    "turns warnings into errors": r"""
import warnings
warnings.simplefilter('error')
# %% before each call
warnings.warn('careful')
""",
    "turns them off as one finds it on the net": r"""
import warnings
warnings.warn = lambda *_, **__: None
""",
    "replaces how warnings are shown": r"""
import warnings
warnings.showwarning = warnings.formatwarning = lambda: None
""",
    "leaves a recording of warnings open in every call": r"""
import warnings
# %% before each call
warnings.catch_warnings(record=True).__enter__()
""",
    "has NumPy raise where it overflows": r"""
np.seterr(divide='raise', over='raise', invalid='raise')
""",
    "has NumPy raise, and minds it": r"""
np.seterr(all='raise')
# %% before each call
np.seterr(under='ignore')
""",
    "has NumPy call back": r"""
np.seterrcall(lambda *_: print('oh'))
np.seterr(all='call')
""",
    "has NumPy print its errors": r"""
np.seterr(all='print')
""",
    # --- settings
    "changes how arrays print": r"""
np.set_printoptions(precision=1, threshold=3, legacy='1.13', formatter={'all': lambda _: '?'})
""",
    "has a repr for arrays that fails": r"""
np.set_printoptions(override_repr=lambda a: 1 / 0)
""",
    "fixes the random seeds in every call": r"""
import random
# %% before each call
random.seed(0); np.random.seed(0)
""",
    "changes NumPy's buffer": r"""
np.setbufsize(16)
""",
    "allows less recursion": r"""
import sys
sys.setrecursionlimit(150)
""",
    "allows much recursion": r"""
import sys, threading
sys.setrecursionlimit(10**6)
""",
    "reads the longest integers": r"""
import sys
sys.set_int_max_str_digits(0)
len(str(10**5000))
""",
    "uses few digits for decimals and another place": r"""
import decimal, locale
decimal.getcontext().prec = 1
locale.setlocale(locale.LC_ALL, 'C')
# %%
import os, time
os.environ['TZ'] = 'Asia/Kathmandu'
time.tzset()
""",
    "empties its environment": r"""
import os
os.environ.clear()
os.environ['PYTHONPATH'] = '/nowhere'
""",
    "switches garbage collection off": r"""
import gc
gc.disable()
gc.set_threshold(1)
gc.freeze()
""",
    "watches garbage collection": r"""
import gc
gc.set_debug(gc.DEBUG_SAVEALL)
gc.collect()
""",
    "switches threads a thousand times a second": r"""
import sys
sys.setswitchinterval(1e-6)
""",
    "measures memory": r"""
import tracemalloc
tracemalloc.start(5)
""",
    # --- signals, threads, ends
    "handles every signal": r"""
import signal
for number in signal.valid_signals() - {9, 19, 32, 33}:
    try: signal.signal(number, lambda *_: None)
    except (OSError, ValueError): pass
""",
    "ignores interrupts": r"""
import signal
signal.signal(signal.SIGINT, signal.SIG_IGN)
""",
    "leaves threads running": r"""
import threading, time
def work():
    while True: time.sleep(0.001)
for _ in range(5): threading.Thread(target=work).start()
""",
    "leaves threads that print and one that fails": r"""
import threading, time
def work():
    while True: print('still here'), time.sleep(0.0005)
for _ in range(3): threading.Thread(target=work, daemon=True).start()
threading.Thread(target=lambda: 1 / 0).start()
""",
    "computes in a pool of threads": r"""
import functools
from concurrent.futures import ThreadPoolExecutor
workers = ThreadPoolExecutor(9)
def odd(function):
    return functools.wraps(function)(lambda *a, **k: workers.submit(function, *a, **k).result())
# %% below each
NAME = odd(NAME)
""",
    "registers what happens at exit": r"""
import atexit, sys
atexit.register(lambda: 1 / 0)
atexit.register(print, 'bye')
""",
    "leaves at the end by sys.exit": r"""
# %% at the end
import sys
sys.exit('done')
""",
    "leaves at the end by quit": r"""
# %% at the end
quit()
exit()
raise SystemExit("where quit() does nothing")
""",
    "ends its own process at the end": r"""
# %% at the end
import os
os._exit(0)
""",
    # --- names
    "deletes what it imported once it has been used": r"""
# %% below each
_np = np
del np
np = _np
# %% at the end
del np, figures
""",
    "has names of its own for what everybody knows": r"""
import numpy
print = check = open = input = list = dict = isinstance = lambda *_, **__: None
sum = abs = min = max = range = type = 0
get_ipython = In = Out = _ = __name__ = None
# %% below each
def check(*_): return 0.0
""",
    "imports everything": r"""
from numpy import *
from math import *
from os import *
from numpy import abs
""",
    "calls NumPy otherwise": r"""
import numpy, numpy as jnp
from numpy import (array as a, exp)
np = jnp
""",
    "resets the namespace": r"""
secret = 1
# %%
%reset -f
# %%
import numpy as np
assert 'secret' not in dir()
""",
    "has a variable named as the module under test": r"""
autograder = solutions = softmax_ = 7
""",
    # --- patches
    "patches print and the standard streams": r"""
import builtins, io, sys
builtins.print = lambda *_, **__: None
sys.stdout = sys.stderr = io.StringIO()
""",
    "closes the standard streams": r"""
import sys
sys.stdout.close(), sys.stderr.close(), sys.stdin.close()
""",
    "sends output to a file": r"""
import sys
sys.stdout = open('log.txt', 'w')
print('hello')
""",
    "empties the import path": r"""
import sys
sys.path.clear()
sys.path_hooks.clear()
sys.meta_path.clear()
""",
    "patches time": r"""
import time
time.time = time.monotonic = time.sleep = lambda *_: 0.0
""",
    "replaces the hooks": r"""
import sys, threading
sys.excepthook = sys.displayhook = sys.unraisablehook = threading.excepthook = print
""",
    "traces every line and every call": r"""
import sys
sys.settrace(lambda *_: None)
sys.setprofile(lambda *_: None)
# %%
import sys
sys.settrace(None)
""",
    "watches every import": r"""
import builtins
plain = builtins.__import__
builtins.__import__ = lambda *args, **kwargs: plain(*args, **kwargs)
""",
    "teaches json to write arrays": r"""
import functools, json
class Encoder(json.JSONEncoder):
    def default(self, value): return value.tolist()
json.dumps = functools.partial(json.dumps, cls=Encoder)
""",
    "counts the calls of NumPy's functions": r"""
from collections import Counter
calls, plain_exp = Counter(), np.exp
def counted(*args, **kwargs):
    calls['exp'] += 1
    return plain_exp(*args, **kwargs)
np.exp = counted
""",
    # --- files
    "writes files beside the notebook": r"""
import numpy as np
for i in range(20): open(f'{i}.txt', 'w').write('mine')
np.save('a.npy', np.eye(9)), open('json.py', 'w').write('1 / 0'), open('numpy.py', 'w').write('1 / 0')
""",
    "goes to another folder": r"""
import os
os.makedirs('far/away')
os.chdir('far/away')
os.umask(0o777)
""",
    "goes to a folder that is gone": r"""
import os
os.mkdir('gone')
os.chdir('gone')
os.rmdir('../gone')
""",
    "has its helpers in a file that a cell writes": r"""
%%writefile helpers.py
def same(x):
    return x
# %%
from helpers import same
# %% below each
NAME = same(NAME)
""",
    "writes one module after the other and imports it": r"""
open('part0.py', 'w').write('value = 0')
import part0
# %%
open('part1.py', 'w').write('value = 1')
import part1
# %%
open('part2.py', 'w').write('value = 2')
import part2
""",
    # --- IPython
    "uses magics": r"""
%matplotlib inline
%config InlineBackend.figure_format = 'retina'
%load_ext autoreload
%autoreload 2
# %%
%precision 2
%xmode Verbose
%colors nocolor
# %%
%%capture kept
print('hidden')
# %%
%%time
sorted(range(10))
# %%
%timeit -n 2 -r 2 sorted(range(10))
%who
%env A=1
%cd .
""",
    "installs and lists": r"""
!ls
# %%
!pip install numpy
# %%
%pip install numpy
# %%
%%bash
echo hi
""",
    "uses a magic that isn't there": r"""
%matplotlib qt
# %%
%nosuch
# %%
%%nosuch
x
""",
    "debugs after every error": r"""
%pdb on
# %%
1 / 0
""",
    "stops at a breakpoint": r"""
breakpoint()
""",
    "awaits": r"""
import asyncio
await asyncio.sleep(0)
# %%
async def f():
    return 1
await f()
""",
    "runs an event loop of its own": r"""
import asyncio
async def f():
    return 1
try:
    asyncio.run(f())
except RuntimeError:  # in a notebook there is a loop already
    assert await f() == 1
""",
    "shows a last expression of every kind": r"""
%config InteractiveShell.ast_node_interactivity = 'all'
1
np
2
""",
    "asks for input, and takes no for an answer": r"""
try:
    input('your name? ')
except Exception: pass
""",
    "leaves figures open": r"""
import matplotlib.pyplot as plt
plt.rcParams['figure.max_open_warning'] = 0
for i in range(25): plt.figure(figsize=(1, 1))
plt.plot([1, 2])
plt.ion()
""",
    # --- errors elsewhere
    "raises after all is defined": r"""
# %% at the end
raise RuntimeError('the end')
""",
    "raises what is no exception and what can't be shown": r"""
raise 7
# %%
class Odd(BaseException):
    __str__ = __repr__ = lambda self: 1 / 0
raise Odd
# %%
raise KeyboardInterrupt
# %%
raise GeneratorExit
# %%
raise ExceptionGroup('many', [ValueError(1), KeyError(2)])
""",
    "has cells that don't parse": r"""
def
# %%
x = = 1
# %%
  indented
# %%
print 'two'
# %%
'open
# %%
((((((((((((((((((((((((((((((((((((((((((((((((((((((((((((
""",
    # --- functions of other kinds
    "keeps a cache": r"""
import functools
def odd(function):
    kept = {}
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        key = repr((args, sorted(kwargs.items())))
        if callable(args[0]): return function(*args, **kwargs)
        if key not in kept: kept[key] = function(*args, **kwargs)
        return kept[key].copy() if hasattr(kept[key], 'copy') else kept[key]
    return wrapper
# %% below each
NAME = odd(NAME)
""",
    "binds its functions as partials": r"""
import functools
# %% below each
NAME = functools.partial(NAME)
""",
    "has objects that can be called": r"""
class Callable:
    def __init__(self, f): self.f = f
    def __call__(self, *a, **k): return self.f(*a, **k)
    def __getattr__(self, name): raise RuntimeError(name)
# %% below each
NAME = Callable(NAME)
""",
    "has its functions as methods": r"""
class Model:
    def __init__(self, f): self.f = f
    def run(self, *a, **k): return self.f(*a, **k)
# %% below each
NAME = Model(NAME).run
""",
    "has them as lambdas": r"""
# %% below each
NAME = (lambda plain: lambda *a, **k: plain(*a, **k))(NAME)
""",
    "annotates with what does not exist": r"""
# %% below each
NAME.__annotations__ = {'z': 'Nothing[at, all]', 'return': 7}
""",
    # --- values of other kinds
    "returns arrays of a class of its own": r"""
class Mine(np.ndarray):
    def __repr__(self): return 'mine'
def odd(function):
    return lambda *a, **k: np.asarray(function(*a, **k)).view(Mine)
# %% below each
NAME = odd(NAME)
""",
    "returns views with odd strides": r"""
def odd(function):
    def wrapper(*a, **k):
        value = np.asarray(function(*a, **k))
        wide = np.repeat(value[..., None], 3, axis=-1)[..., 1]
        return wide
    return wrapper
# %% below each
NAME = odd(NAME)
""",
    "returns bytes in the other order, and masked arrays without a mask": r"""
def odd(function):
    return lambda *a, **k: np.ma.masked_array(np.asarray(function(*a, **k)).astype('>f8'))
# %% below each
NAME = odd(NAME)
""",
    "returns nested lists": r"""
def odd(function):
    return lambda *a, **k: function(*a, **k).tolist()
# %% below each
if 'grad' in 'NAME': NAME = odd(NAME)
""",
}

FAIL = {
    "leaves at the end by sys.exit",
    "leaves at the end by quit",
    "ends its own process at the end",
    "installs and lists",
    "uses a magic that isn't there",
    "debugs after every error",
    "stops at a breakpoint",
    "raises after all is defined",
    "raises what is no exception and what can't be shown",
    "has cells that don't parse",
}
"""Those with a cell that stops with an error, after which a notebook goes on."""
