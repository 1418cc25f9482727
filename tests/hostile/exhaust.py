"""Attempts to use something up, as ``.py`` files."""

from hostile.bounds import KERNEL, PREPARED, SPACE, THREADS

NO_SPACE = "MB of files|10000 files|nested too deeply|raised OSError|signal 7|filled the disk"
"""Whichever comes first: it is noticed, or a file, or a page of a mapped one, has no place left. On a machine that
allows no file system of a size, the disk fills up a little."""
NO_THREADS = "raised RuntimeError|more than 256 threads"

EXHAUST = {
    # What uses something up, and a pattern that what the report says must match.
    "loops without end": ("while True: pass", "The code before it stopped"),
    "loops in the function": ("def softmax(*_):\n    while True: pass", "did not end within 1 s"),
    "ignores every interrupt": (
        "import signal\ndef softmax(*_):\n    signal.pthread_sigmask(signal.SIG_BLOCK, [2])\n    while True: pass",
        "did not end within 1 s",
    ),
    "stops its own process": (
        "import os\ndef softmax(*_):\n    os.kill(os.getpid(), 19)",
        "did not end within 1 s",
    ),
    "computes a number nobody can hold": ("def softmax(*_):\n    return 9**9**9", "did not end within 1 s"),
    "takes all memory": ("def softmax(*_):\n    return 'x' * (8 << 30)", "raised MemoryError"),
    "takes it bit by bit": (
        "import mmap\nkept = []\ndef softmax(*_):\n    while True: kept.append(mmap.mmap(-1, 1 << 26))",
        "raised OSError",
    ),
    "fills the disk": (
        (
            "import time\ndef softmax(*_):\n    for i in range(9):\n"
            "        open(f'f{i}', 'wb').write(bytes(8 << 20))\n    time.sleep(3)"
        ),
        NO_SPACE,
    ),
    "prints without end": ("def softmax(*_):\n    while True: print('x' * 9999)", "did not end within 1 s"),
    "raises a text without end": ("def softmax(*_):\n    raise ValueError('x' * (50 << 20))", "raised ValueError"),
    "returns more than can be an answer": (
        "import numpy as np\ndef softmax(*_):\n    return np.zeros(8 << 20)",
        "too large to be an answer",
    ),
    "returns a list of millions": (
        "def softmax(*_):\n    return [0.5] * 10**7",
        "a list of 10000000 items",
    ),
    "starts threads without number": (
        (
            "import threading\nwait = threading.Event()\ndef softmax(*_):\n"
            "    while True: threading.Thread(target=wait.wait, daemon=True).start()"
        ),
        "raised RuntimeError|did not end within 1 s",  # on a busy machine it comes less far
    ),
    "forks without end": ("import os\ndef softmax(*_):\n    while True: os.fork()", "raised PermissionError"),
    "calls itself without end": ("def softmax(*_):\n    return softmax()", "raised RecursionError"),
    "opens files without end": (
        "kept = []\ndef softmax(*_):\n    while True: kept.append(open('/dev/null'))",
        "raised OSError",
    ),
    "warns without end": (
        "import warnings\ndef softmax(*_):\n    for i in range(2000): warnings.warn(f'no. {i}')\n    return 1.0",
        "It warned",
    ),
}
EXHAUST |= {name: (PREPARED + code, NO_SPACE) for name, code in SPACE.items()}
EXHAUST |= {name: (PREPARED + code, NO_THREADS) for name, code in THREADS.items()}
EXHAUST |= {name: (PREPARED + code, says) for name, (code, says) in KERNEL.items()}
