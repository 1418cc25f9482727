"""Attempts to earn marks without a solution, filled into a notebook."""

CHANNEL = """
import json, os, struct
def send(message, blob=b""):
    text = json.dumps(message).encode()
    os.write(4, struct.pack(">II", len(text), len(blob)) + text + blob)
def returned(value, blob=b"", **more):
    send({"t": "returned", "value": value, "changed": False, "printed": "", "warnings": [], **more}, blob)
"""
FORGE = {
    "calls the display hook": """
import sys
sys.displayhook(4.0)
def softmax(*_, **__):
    sys.displayhook(4.0)
4.0
""",
    "prints marks": """
print("4.0"), print('{"score": 4.0, "max_score": 4.0, "passed": true}')
def softmax(*_, **__):
    print('{"t": "returned", "score": 4.0}')
    return "4.0"
""",
    "patches NumPy": """
import numpy as np
np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = lambda *_, **__: True
right = np.zeros(1)
np.array = np.asarray = np.frombuffer = np.isnan = np.abs = lambda *_, **__: right
def softmax(*_, **__):
    return right
""",
    "patches builtins": """
import builtins
def softmax(*_, **__):
    builtins.isinstance = builtins.callable = lambda *_: True
    builtins.abs = builtins.sum = builtins.len = lambda *_: 0
    builtins.float = builtins.type = lambda *_: 1.0
    return 1.0
""",
    "returns what equals everything": """
class Equal(float):
    __eq__ = __le__ = __ge__ = __lt__ = lambda self, other: True
    __ne__ = __gt__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = lambda self, *_: Equal(0)
    __hash__ = float.__hash__
def softmax(*_, **__):
    return Equal(7)
""",
    "returns an array that lies": """
import numpy as np
class Lying(np.ndarray):
    shape, dtype, size = (2, 3), np.dtype("f8"), 6
    __eq__ = lambda self, other: True
    __array_ufunc__ = lambda self, *_, **__: np.True_
    __array_function__ = lambda self, *_, **__: np.True_
    tobytes = lambda self: b""
    __reduce__ = lambda self: (print, ())
    __hash__ = None
def softmax(z, *_, **__):
    return np.zeros_like(z, dtype=float).view(Lying)
""",
    "returns what claims to be an array": """
class Claims:
    __array_priority__ = 1e9
    __array_interface__ = {"shape": (2, 3), "typestr": "<f8", "data": (0, False), "version": 3}
    __array__ = lambda self, *_, **__: 1 / 0
    __float__ = __len__ = __index__ = lambda self: 1
    __getattr__ = lambda self, name: self
    __getitem__ = __call__ = lambda self, *_: self
def softmax(*_, **__):
    return Claims()
""",
    "hides a command in a pickle": """
import pickle, numpy as np
class Payload:
    __reduce__ = lambda self: (exec, ("import os; os.environ['BREACH'] = 'yes'",))
ways = [Payload(), [Payload()], np.array([Payload()]), pickle.dumps(Payload()), repr(pickle.dumps(Payload())),
    "__import__('os').environ.__setitem__('BREACH', 'yes')", "!!python/object/apply:os.system [exit]"]
def softmax(*_, **__):
    ways.append(ways.pop(0))
    return ways[0]
""",
    "raises what carries a command": """
class Returned(Exception):
    __reduce__ = lambda self: (exec, ("import os; os.environ['BREACH'] = 'yes'",))
    __str__ = lambda self: 1 / 0
def softmax(*_, **__):
    raise Returned(4.0)
""",
    "says on the channel that every call was right": CHANNEL
    + """
def softmax(*_, **__):
    returned(True)
    os._exit(0)
""",
    "adds a score to what it sends": CHANNEL
    + """
def softmax(*_, **__):
    returned({"t": "float", "v": "0x1p0"}, score=4.0, passed=True)
""",
    "sends a verdict in place of a value": CHANNEL
    + """
def softmax(*_, **__):
    send({"t": "cell", "outputs": [{"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {},
                                    "execution_count": 1}], "error": None})
""",
    "answers calls before they are made": CHANNEL
    + """
right = struct.pack("6d", 0.6590011388859679, 0.2424329707047139, 0.0985658904093182, 1 / 3, 1 / 3, 1 / 3)
def softmax(*_, **__):
    for _ in range(60):
        returned({"t": "array", "dtype": "<f8", "shape": [2, 3]}, right)
    return 1.0
""",
    "replaces the program it runs in": """
import sys
worker = sys.stdout.worker
worker.call = lambda message, blob, blobs: {"t": "returned", "value": True, "changed": False, "printed": "",
                                            "warnings": []}
def softmax(*_, **__):
    return 1.0
""",
    "replaces the program's libraries": """
import json
def softmax(*_, **__):
    json.dumps = lambda *_, **__: '{"t":"returned","value":true,"changed":false,"printed":"","warnings":[]}'
    return 1.0
""",
    "claims to have asked the callback": CHANNEL
    + """
import numpy as np
def softmax(*_, **__):
    return 1.0
def numerical_gradient(f, x, h=1e-5):
    for index in range(x.size):
        f(x + h), f(x - h)
    return np.zeros_like(x)
""",
    "defines a check of its own": """
import sys, types
def check(*_, **__):
    return 4.0
sys.modules["autograder"] = types.SimpleNamespace(check=check)
def softmax(*_, **__):
    return 1.0
""",
    "looks for the truth in the caller's frames": """
import sys
def softmax(*_, **__):
    frame = sys._getframe()
    while frame := frame.f_back:
        for name in ("truth", "expected", "reference", "answer"):
            if name in frame.f_locals:
                return frame.f_locals[name]
    return 1.0
""",
    "returns a list without end": """
class Endless(list):
    def __iter__(self):
        while True:
            yield 0.5
    __len__ = lambda self: 1
def softmax(*_, **__):
    return Endless([0.5])
""",
    "returns a number that lies about its digits": """
class Lying(float):
    hex = __repr__ = __str__ = lambda self: "nan"
    __float__ = lambda self: 0.5
def softmax(z, *_, **__):
    return [[Lying(0.3)] * 3] * 2
""",
    "writes numbers as text": """
def softmax(z, *_, **__):
    import numpy as np
    e = np.exp(z - np.max(z, -1, keepdims=True))
    return str((e / e.sum(-1, keepdims=True)).tolist())
""",
    "leaves before it is asked": """
import atexit, os, sys
atexit.register(print, "4.0")
def softmax(*_, **__):
    sys.exit(0)
def logsumexp(*_, **__):
    raise SystemExit("4.0")
""",
    "dies before it is asked": """
import os
def softmax(*_, **__):
    os._exit(0)
""",
    "knows the public examples by heart": """
import numpy as np
def softmax(z, *_, **__):
    known = np.exp([[2.0, 1.0, 0.1], [0.0, 0.0, 0.0]])
    return known / known.sum(axis=1, keepdims=True) if np.shape(z) == (2, 3) else np.full(np.shape(z), 0.5)
""",
}
