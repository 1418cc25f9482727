"""Answers and outputs that are meant to cost the grader itself: its processor time and its memory.

Each entry of :data:`OVERLOADING` is an exercise and a ``.py`` file that answers it. :data:`FOUND` holds what a
review found, the groups after it other attacks of these kinds. :data:`CELLS` holds cells of a student's own.
"""

CHANNEL = """
import json, os, struct
import numpy as np
def write(data):
    while data: data = data[os.write(4, data):]
def frame(text, blob=b""):
    return struct.pack(">II", len(text), len(blob)) + text + blob
def send(message, blob=b""):
    write(frame(json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode(), blob))
def returned(value=True, blob=b"", **more):
    send({"t": "returned", "value": value, "changed": False, "printed": "", "warnings": []} | more, blob)
def received():
    os.read(3, 1 << 20)
"""
EACH = """
import sys
import numpy as np
channel = sys.stdout.worker.channel
def each(change):
    send = channel.send
    def sends(reply, blobs=()):
        send(change(reply) if reply["t"] == "returned" else reply, blobs)
    channel.send = sends
"""
RIGHT = """
import numpy as np
def right(z, axis=-1, temperature=1.0):
    z = np.asarray(z, dtype=float) / temperature
    weights = np.exp(z - np.max(z, axis=axis, keepdims=True))
    return weights / np.sum(weights, axis=axis, keepdims=True)
asked = []
def after_the_first_check(hostile):
    def function(*args, **kwargs):
        asked.append(None)
        return (right if len(asked) <= 14 else hostile)(*args, **kwargs)
    return function
"""


def replying(exercise, change, first=""):
    """A function whose process sends, in place of each reply, what an expression makes of it."""
    return exercise, f"{EACH}\n{first}\neach(lambda reply: {change})\ndef {exercise}(*_, **__):\n    return 1.0\n"


FOUND = {
    "an array of millions of rows for a pair": (
        "gaussian_mle",
        """
import numpy as np
def gaussian_mle(x):
    return np.zeros((1 << 22, 1), np.int8)
""",
    ),
    "an array of millions of numbers for a pair": (
        "gaussian_mle",
        """
import numpy as np
def gaussian_mle(x):
    return np.zeros((1 << 24,), np.int8)
""",
    ),
    "thirty megabytes for each call after the first check": (
        "softmax",
        f"""{RIGHT}
@after_the_first_check
def softmax(*_, **__):
    return np.zeros(30 << 20, np.int8)
""",
    ),
    "a wide letter among sixty megabytes of printed text": replying(
        "softmax", 'reply | {"printed": "\\U0001f600" + "x" * 60_000_000}'
    ),
}
ARRAYS = {
    "many short axes": (
        "softmax",
        """
import numpy as np
def softmax(*_, **__):
    return np.zeros((4,) * 11, np.int8)
""",
    ),
    "short axes after one of the right length": (
        "gaussian_mle",
        """
import numpy as np
def gaussian_mle(x):
    return np.zeros((2,) + (4,) * 10, np.int8)
""",
    ),
    "thirty-two axes": (
        "entropy",
        """
import numpy as np
def entropy(p):
    return np.zeros((1,) * 11 + (4,) * 10 + (1,) * 11, np.int8)
""",
    ),
    "no strides": (
        "softmax",
        """
import numpy as np
def softmax(*_, **__):
    return np.broadcast_to(1.0, (2000, 2000))
""",
    ),
    "no strides and more elements than there is memory": (
        "cross_entropy",
        """
import numpy as np
def cross_entropy(*_):
    return np.broadcast_to(1j, (1 << 20, 1 << 20))
""",
    ),
    "a pair of millions each": (
        "moment_match",
        """
import numpy as np
def moment_match(*_):
    return np.zeros(2 << 20), np.zeros(2 << 20)
""",
    ),
    "a pair of which the second is large": (
        "train_softmax_regression",
        """
import numpy as np
def train_softmax_regression(X, y, k, lr=0.5, steps=200):
    return np.zeros((X.shape[1], k)), np.zeros((k,) + (4,) * 9, np.int8), np.zeros(300_000)
""",
    ),
    "long doubles where a curve is drawn": (
        "softmax",
        """
import numpy as np
def softmax(*_, **__):
    return np.zeros((120_000, 2), np.longdouble)
""",
    ),
    "every pair of inputs": (
        "entropy",
        """
import numpy as np
def entropy(p):
    return np.zeros((1900, 1900))
""",
    ),
    "complex numbers after the first check": (
        "softmax",
        f"""{RIGHT}
@after_the_first_check
def softmax(*_, **__):
    return np.zeros((100, 2000), complex)
""",
    ),
    "records of objects": (
        "variance",
        """
import numpy as np
def variance(*_):
    return np.zeros(1 << 20, [("a", "O"), ("b", "f8")])
""",
    ),
}
LISTS = {
    "as many numbers as may be for a pair": (
        "gaussian_mle",
        """
def gaussian_mle(x):
    return [0.5] * 60_000
""",
    ),
    "a pair of long lists": (
        "gaussian_mle",
        """
def gaussian_mle(x):
    return [[0.5] * 30_000, [0.5] * 30_000]
""",
    ),
    "small arrays": (
        "kl_divergence",
        """
import numpy as np
def kl_divergence(*_):
    return [np.zeros(3) for _ in range(20_000)]
""",
    ),
    "empty arrays": (
        "js_divergence",
        f"""{CHANNEL}
empty = {{"t": "array", "dtype": "|b1", "shape": [0]}}
def js_divergence(*_):
    returned({{"t": "list", "items": [empty] * 45_000}})
    received()
""",
    ),
    "empty lists in lists": (
        "entropy",
        """
def entropy(p):
    return [[[] for _ in range(240)] for _ in range(240)]
""",
    ),
    "a tree": (
        "softmax",
        """
def tree(depth):
    return [tree(depth - 1) for _ in range(2)] if depth else [1.0, [2.0]]
def softmax(*_, **__):
    return tree(13)
""",
    ),
    "rows of which the last is shorter": (
        "covariance_matrix",
        """
def covariance_matrix(X):
    return [[0.5] * 200 for _ in range(300)] + [[0.5] * 199]
""",
    ),
    "rows of which the last is long": (
        "covariance_matrix",
        """
def covariance_matrix(X):
    return [[0.5] * X.shape[1] for _ in range(X.shape[1] - 1)] + [[[0.5] * 60_000]]
""",
    ),
    "huge integers": (
        "variance",
        """
def variance(*_):
    return [2**1023 - i for i in range(8_000)]
""",
    ),
    "keys that hash alike": (
        "entropy",
        """
def entropy(p):
    return {i * (2**61 - 1): None for i in range(1, 8_000)}
""",
    ),
    "long keys": (
        "entropy",
        """
def entropy(p):
    return {f"{i:04000}": 0.5 for i in range(15_000)}
""",
    ),
    "long texts": (
        "log_softmax",
        """
def log_softmax(*_, **__):
    return ["x" * 4000] * 15_000
""",
    ),
    "a long text among many empty ones where a curve is drawn": (
        "logsumexp",
        """
def logsumexp(*_, **__):
    return ["x" * 4000] + [""] * 60_000
""",
    ),
    "rows after the first check": (
        "softmax",
        f"""{RIGHT}
@after_the_first_check
def softmax(*_, **__):
    return [[0.5] * 30] * 1900
""",
    ),
}
FRAMES = {
    "more items than a process sends": (
        "softmax",
        f"""{CHANNEL}
def softmax(*_, **__):
    returned({{"t": "list", "items": [None] * 190_000}})
    received()
""",
    ),
    "lists in a list, as short as they can be written": (
        "bernoulli_nll",
        f"""{CHANNEL}
def bernoulli_nll(*_):
    returned({{"t": "list", "items": [{{"t": "list", "items": []}}] * 90_000}})
    received()
""",
    ),
    "an error of sixty megabytes": replying(
        "softmax",
        "raised",
        'raised = {"t": "raised", "type": "ValueError", "text": "x" * 60_000_000, "printed": "", "warnings": []}',
    ),
    "millions of warnings": replying("softmax", 'reply | {"warnings": ["x"] * 12_000_000}'),
    "a million warnings": replying("entropy", 'reply | {"warnings": ["x"] * 1_000_000}'),
    "long warnings": replying("softmax", 'reply | {"warnings": ["\\U0001f600" + "x" * 400_000] * 10}'),
    "a list for a truth value": (
        "softmax",
        f"""{CHANNEL}
def softmax(*_, **__):
    returned(changed=[False] * 600_000)
    received()
""",
    ),
    "lengths of thousands of digits": (
        "softmax",
        f"""{CHANNEL}
lengths = ",".join(["9" * 4000] * 900)
def softmax(*_, **__):
    value = '{{"t":"array","dtype":"<f8","shape":[' + lengths + ']}}'
    write(frame(('{{"t":"returned","value":' + value + '}}').encode()))
    received()
""",
    ),
    "keys that hash alike, in a frame": (
        "softmax",
        f"""{CHANNEL}
pairs = [[{{"t": "int", "v": str(i * (2**61 - 1))}}, None] for i in range(1, 60_000)]
def softmax(*_, **__):
    returned({{"t": "dict", "items": pairs}})
    received()
""",
    ),
    "a frame that comes byte by byte": (
        "softmax",
        f"""{CHANNEL}
data = frame(b" " * 4_000_000)
def softmax(*_, **__):
    for i in range(len(data)): os.write(4, data[i:i + 1])
""",
    ),
    "replies without end": (
        "softmax",
        f"""{CHANNEL}
def softmax(*_, **__):
    while True: returned([])
""",
    ),
    "much beside each right answer": (
        "softmax",
        EACH
        + RIGHT
        + """
softmax = right
each(lambda reply: reply | {"printed": "\\U0001f600" + "x" * 3_500_000})
""",
    ),
    "a little beside each right answer": (
        "softmax",
        EACH
        + RIGHT
        + """
softmax = right
each(lambda reply: reply | {"printed": "\\U0001f600" + "x" * 400, "warnings": ["\\U0001f600" + "x" * 400] * 10})
""",
    ),
    "empty arrays in each answer": replying(
        "sequential_posterior",
        'reply | {"value": {"t": "list", "items": [empty] * 45_000}}',
        'empty = {"t": "array", "dtype": "|b1", "shape": [0]}',
    ),
    "as many empty arrays in each answer as there is room for": replying(
        "sequential_posterior",
        'reply | {"value": {"t": "list", "items": [empty] * 180}}',
        'empty = {"t": "array", "dtype": "|b1", "shape": [0]}',
    ),
    "empty dictionaries in each answer": replying(
        "bayes_posterior", 'reply | {"value": {"t": "list", "items": [{"t": "dict", "items": []}] * 60_000}}'
    ),
}
CALLBACKS = {
    "values at huge points": (
        "numerical_gradient",
        """
import numpy as np
def numerical_gradient(f, x, h=1e-5):
    try: f(np.zeros(15 << 20, bool))
    except ValueError: return np.zeros_like(x)
""",
    ),
    "values at as many points as may be": (
        "numerical_gradient",
        """
import numpy as np
def numerical_gradient(f, x, h=1e-5):
    for _ in range(9_990): f(x)
    return np.zeros_like(x)
""",
    ),
    "values at points that are none": (
        "numerical_gradient",
        """
import numpy as np
def numerical_gradient(f, x, h=1e-5):
    for _ in range(14_000):
        try: f([])
        except ValueError: pass
    return np.zeros_like(x)
""",
    ),
    "right answers from too many points": (
        "numerical_gradient",
        """
import numpy as np
def numerical_gradient(f, x, h=1e-5):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        for _ in range(200):
            gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
""",
    ),
    "right answers from as many points as may be": (
        "numerical_gradient",
        """
import numpy as np
def numerical_gradient(f, x, h=1e-5):
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[index] = h
        for _ in range(4_900 // x.size):
            gradient[index] = (f(x + step) - f(x - step)) / (2 * h)
    return gradient
""",
    ),
    "a point of nested lists": (
        "numerical_gradient",
        """
def numerical_gradient(f, x, h=1e-5):
    try: f([[0.5] * 49] * 1900)
    except ValueError: pass
    return [[0.5] * 30] * 1900
""",
    ),
}
OVERLOADING = FOUND | ARRAYS | LISTS | FRAMES | CALLBACKS

CELLS = {
    "a megabyte for each cell": (150, "print('x' * 2_000_000)"),
    "wide letters for each cell": (150, "print('\\U0001f600' + 'x' * 2_000_000)"),
    "small outputs for each cell": (
        30,
        "import sys\nfor _ in range(20_000): print('a'); print('b', file=sys.stderr)",
    ),
    "tags for each cell": (100, "from IPython.display import HTML\ndisplay(HTML('<b>x</b>' * 100_000))"),
    "open tags for each cell": (
        100,
        "from IPython.display import HTML\ndisplay(HTML('<p><a><b>' * 160 + 'x' * 900_000))",
    ),
    "errors after errors": (200, "raise ValueError('\\U0001f600' + 'x' * 4_000)"),
    "results after results": (40, "import sys\nfor _ in range(100): sys.displayhook('x' * 60_000)"),
    "lines of a traceback without number": (
        60,
        f"""{CHANNEL}
error = {{"output_type": "error", "ename": "", "evalue": "", "traceback": ["x"] * 200_000}}
send({{"t": "cell", "outputs": [error], "error": None}})
received()
""",
    ),
    "types without number": (
        60,
        f"""{CHANNEL}
data = {{f"text/x-{{i}}": "" for i in range(50_000)}}
send({{"t": "cell", "outputs": [{{"output_type": "display_data", "data": data}}], "error": None}})
received()
""",
    ),
    "a process for each cell": (60, "print('x' * 900_000)", "import os\nos._exit(0)"),
}
"""How many times cells stand in a notebook, and their sources."""
