"""Rubbish, as data: what students hand in that is no solution, and what little of it may earn.

``RUBBISH`` has the expressions that a function returns, ``DONE`` the statements that it runs instead. What is in
``NONSENSE`` stands in a notebook beside the right solutions of what it does not define, and costs the functions it
``SPOILS``. What is in ``CELLS`` takes the place of the right solution of softmax.
"""

from __future__ import annotations

SIX = ("softmax", "logsumexp", "log_softmax", "cross_entropy", "numerical_gradient", "cross_entropy_grad")

PREAMBLE = r"""
import array, asyncio, collections, ctypes, datetime, decimal, enum, fractions, io, itertools, sys, types
import numpy as np
import numpy.ma, numpy.char

def nested(depth, kind=list):
    value = 0.5
    for _ in range(depth):
        value = kind([value])
    return value

def endless(kind=list):
    value = kind()
    value.append(value)
    return value

class Shape(np.ndarray):
    shape = property(lambda self: (2, 3))
    ndim = property(lambda self: "two")
    dtype = property(lambda self: "float64")
    nbytes = property(lambda self: -1)

class Liar:
    __class__ = property(lambda self: np.ndarray)
    __len__ = __index__ = lambda self: -1
    __float__ = __iter__ = __bool__ = __hash__ = __repr__ = __eq__ = lambda *_: 1 / 0

class Text(str):
    __getitem__ = lambda self, key: self
    __str__ = __repr__ = lambda self: 7

class Whole(int):
    __abs__ = __rshift__ = __int__ = __index__ = lambda self, *_: 10**5000

class Meta(type):
    __name__ = property(lambda cls: 1 / 0)
    __repr__ = lambda cls: 1 / 0

class Odd(metaclass=Meta):
    pass

class Pairs(dict):
    items = lambda self: itertools.repeat((1, 2, 3))

Colour = enum.IntEnum("Colour", "red green")
Point = collections.namedtuple("Point", "x y")
"""

RUBBISH = r"""
None
...
NotImplemented
True
'0.5'
''
b'\x00'
'\ud800'
'a\nb\x1b[2J\0'
'x' * 10**7
[]
[[]]
()
{}
set()
{0.5}
frozenset([1])
[[1, 2], [3]]
[None]
['a', 1.0]
[[1], 2]
{'a': 1}
{(1, (2, 3)): 4}
{b'k': 1}
{None: {0.5: [{}]}}
{np.int64(1): 2, (np.float64(1), 2): 3}
{float('nan'): 1, float('inf'): 2}
object()
type
int
np
print
lambda: 0.5
softmax
[softmax] * 6
sys
__builtins__
(x for x in [1.0])
iter([1])
range(3)
map(abs, [1])
zip([1], [2])
reversed([1])
enumerate([1])
float('nan')
float('inf')
-float('inf')
-0.0
5e-324
1e308
1j
complex('nan')
0
10**300
-(10**308)
10**400
10**5000
1 << 100_000
[10**300, 0.5]
[2**63, 2**64, -1]
decimal.Decimal('0.5')
decimal.Decimal('sNaN')
fractions.Fraction(1, 2)
Colour.red
Point(1, 2)
datetime.datetime.now()
datetime.timedelta(1)
memoryview(b'abc')
bytearray(9)
array.array('d', [1])
np.nan
np.array([])
np.array(None)
np.array('x')
np.array([1, 'a', None], dtype=object)
np.bool_(1)
np.zeros(3, bool)
np.zeros((2, 3), int)
np.zeros((2, 3), 'f2')
np.zeros((2, 3), 'c8')
np.zeros((3, 2))
np.zeros((0, 3))
np.zeros((2, 0))
np.zeros((2, 3, 1))
np.zeros((1,) * 32)
np.zeros((1,) * 33)
np.zeros((1,) * 64)
np.zeros((0, 1 << 30))
np.zeros(6)
np.full((2, 3), np.inf)
np.zeros(10**7)
np.void(b'abc')
np.zeros(3, 'V8')
np.zeros(2, [('a', 'f8'), ('b', 'i4')])
np.rec.array([(1, 2.0)])
np.datetime64('2024-01-01')
np.zeros(3, 'M8[s]')
np.timedelta64(1, 'D')
np.array(['a', 'b'])
np.bytes_(b'x')
np.ma.masked
np.ma.masked_array([1.0, 2.0], [True, False])
np.matrix([[1.0, 2.0]])
np.char.array(['a'])
np.float16(0.5)
np.longdouble('1e4000')
np.clongdouble(1)
np.int8(1)
np.uint64(2**64 - 1)
np.broadcast_to(0.5, (10**6, 10**6))
np.broadcast_to(0.5, (2, 3))
np.zeros((2, 3)).view(Shape)
np.nditer([1])
np.dtype('f8')
np.exp
np.random.default_rng(0)
np.poly1d([1])
np.float64
np.ndarray
nested(30)
nested(1000)
nested(100_000)
nested(1000, tuple)
endless()
endless(collections.deque)
[endless()] * 9
[[0.5] * 10**3] * 10**3
[0.5] * 2 * 10**5
['x' * 4000] * 3000
[np.zeros(2), np.zeros(3)]
[np.zeros((10**3, 10**3))] * 9
Liar()
[Liar()]
Text('x')
Whole(1)
Odd()
Odd
Pairs(a=1)
[Colour]
asyncio.sleep(0)
asyncio.Lock()
io.StringIO('0.5')
ctypes.c_double(0.5)
types.SimpleNamespace(x=1)
ValueError('0.5')
(ValueError, 1, 2)
sys.stdout
sys._getframe()
get_ipython()
property(abs)
args
kwargs
(args, kwargs)
args[-1:]
locals()
globals()
""".strip().split("\n")

DONE = r"""
raise ValueError
raise ValueError('line one\nline two\x1b[2J\0\ud800')
raise ValueError('x' * 10**7)
raise ValueError(endless())
raise type('A name\nof its own' * 99, (Exception,), {})
raise Meta('X', (Exception,), {})
raise type('Silent', (Exception,), {'__str__': lambda self: 1 / 0})
raise type('Wordy', (Exception,), {'__str__': lambda self: 7})
raise 7
raise KeyboardInterrupt
raise SystemExit(3)
raise GeneratorExit
raise StopIteration(0.5)
raise MemoryError
raise ExceptionGroup('many', [ValueError(1), ExceptionGroup('more', [KeyError(2)])])
raise Warning('a warning')
raise NotImplementedError
raise NotImplementedError('but really')
assert False
yield 0.5
return (yield)
return (lambda f: f(f))(lambda f: f(f))
return sys.exit()
import nothing_of_this_name
exec('def')
return undefined
return eval('-' * 10**6 + '1')
sys.stdout = sys.stderr = None; return 1.0
for z in args: z[...] = 0
args[0].shape = (-1,); return args[0]
args[0].flags.writeable = True; args[0].fill(7); return 1.0
args[0].resize(1000, refcheck=False); return args[0]
del sys.modules['numpy']; return 1.0
sys.modules.clear(); return 1.0
__builtins__.__dict__.clear(); return 1.0
globals().clear(); return 1.0
ctypes.string_at(0)
np.ctypeslib.as_array((ctypes.c_double * 6).from_address(1)); return 1.0
""".strip().split("\n")

NONSENSE = {
    "takes nothing": """
def softmax():
    return 0.5
""",
    "takes too much": """
def softmax(a, b, c, d, e, f):
    return 0.5
""",
    "takes its arguments by other names": """
def softmax(*, logits):
    return logits
""",
    "swaps its arguments": """
def cross_entropy(y, logits):
    return float(np.mean(logits[0]))
""",
    "is a class": """
class softmax:
    pass
""",
    "is a class that takes everything": """
class softmax:
    def __init__(self, *_, **__): pass
""",
    "is a coroutine": """
async def later(z, *_, **__):
    return np.exp(z)
softmax = later
""",
    "is a generator": """
def softmax(z, axis=-1, temperature=1.0):
    yield np.exp(z)
""",
    "is a number": """
softmax = 0.5
""",
    "is a module": """
softmax = np
""",
    "is None": """
softmax = None
""",
    "is a string": """
softmax = 'np.exp(z) / np.exp(z).sum()'
""",
    "is an exception": """
softmax = ValueError
""",
    "is an attribute that fails": """
softmax = type('Odd', (), {'__call__': property(lambda self: 1 / 0)})()
""",
    "is a type that can't be named": """
softmax = type.__new__(type('M', (type,), {'__name__': 7}), 'X', (), {})
""",
    "is only declared": """
def softmax(z, axis=-1, temperature=1.0): ...
""",
    "calls itself": """
def softmax(z, *_, **__):
    return softmax(z)
""",
    "is abs": """
softmax = abs
""",
    "is print": """
softmax = print
""",
    "is eval": """
softmax = eval
""",
    "deletes itself": """
def softmax(z, axis=-1, temperature=1.0):
    del globals()['softmax']
    return np.exp(z)
""",
    "works once": """
def softmax(z, axis=-1, temperature=1.0):
    globals()['softmax'] = None
    e = np.exp(z)
    return e / e.sum(-1, keepdims=True)
""",
    "becomes a module": """
def logsumexp(z, axis=-1):
    globals().update(logsumexp=np, log_softmax=np, cross_entropy=np)
""",
    "spoils all others": """
def softmax(*_, **__):
    globals().clear()
""",
    "asks at no point": """
def numerical_gradient(f, x, h=1e-5):
    return f
""",
    "asks more often than it may": """
def numerical_gradient(f, x, h=1e-5):
    for _ in range(10_100):
        try: f(x)
        except ValueError: pass
""",
    "asks from a function within": """
def numerical_gradient(f, x, h=1e-5):
    return f(f(f(x)))
""",
}

POINTS = r"""
None
'x'
[]
{}
[[1], 2]
1j * x
x.astype(object)
np.zeros((1,) * 64)
f
x[:0]
np.zeros((0, 1 << 30))
['x' * 4000] + [1] * 90_000
10**300
np.zeros(10**6)
x.astype('f4')
""".strip().split("\n")
"""Where no function of an array has a value."""
NONSENSE |= {
    f"asks for the value at {point}": f"def numerical_gradient(f, x, h=1e-5):\n    return f({point})"
    for point in POINTS
}

SPOILS = {
    "swaps its arguments": ("cross_entropy",),
    "becomes a module": ("logsumexp", "log_softmax", "cross_entropy"),
    "spoils all others": SIX,
}
"""Where it is not softmax, and cross_entropy_grad with it."""
SPOILS |= {name: ("numerical_gradient",) for name in NONSENSE if name.startswith("asks ")}

CELLS = {
    "binary junk": bytes(range(256)).decode("latin-1") * 9,
    "a picture": b"\x89PNG\r\n\x1a\n\0\0".decode("latin-1"),
    "null characters": "\0",
    "a null character in a line": "def softmax(z):\0\n    return z",
    "emoji": "🎓 = 4.0\n🎓",
    "half an emoji": "\ud83d",
    "right to left": "# \u202e\nsoftmax\u200b = 1\n\ufeff",
    "only comments": "# def softmax\n\n   # (z): return z\n#",
    "white space": " \n\t\n\f\n\r\n \u3000",
    "nothing": "",
    "prose": "I would take the exponential and divide by the sum.",
    "html": "<script>alert(1)</script>",
    "another language": "softmax <- function(z) exp(z) / sum(exp(z))",
    "Python 2": "print 'softmax'",
    "a shell": "!python -c 'import os'\n!!ls",
    "every magic at once": "%%bash\n%%html\n%%javascript\nsoftmax",
    "a magic without end": "%" * 9999,
    "questions": "softmax?\nsoftmax??\n?\n",
    "brackets": "(" * 100_000,
    "minus signs": "-" * 100_000 + "1",
    "a tower of attributes": "a" + ".a" * 100_000,
    "indentation": "\n".join(" " * i + "if 1:" for i in range(150)),
    "one long line": "x = '" + "y" * 3_000_000 + "'",
    "twenty thousand lines": "x = 1\n" * 20_000,
    "a number of a million digits": "x = " + "9" * 1_000_000,
    "a huge constant": "x = 'y' * (1 << 40)",
    "a literal of every kind": "\\N{SNOWMAN}\n'\\N{NOTHING}'\n'\\xZZ'\nb'ü'\n0777\n1__0",
    "a coding line": "# -*- coding: rot13 -*-\nqrs fbsgznk(m): erghea m",
    "a future": "from __future__ import braces, barry_as_FLUFL\n1 <> 2",
    "a diff": "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> mine",
    "a notebook": '{"cells": [], "nbformat": 4}',
    "return outside a function": "return 4.0",
    "await outside everything": "await 4.0",
    "an error of many lines": "raise ValueError('one\\ntwo\\r\\x1b[2J\\0')",
    "a syntax error in a lambda": "softmax = lambda z: (yield return)",
    "deletions": "del In, Out\ndel __builtins__\ndel softmax",
}
