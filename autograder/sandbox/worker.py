"""The program inside the sandbox: the only file that runs student code.

It imports nothing of the project and holds nothing worth reading: no reference, no hidden input but the one
it was just sent, no points. It starts confined (the launcher has applied Landlock and seccomp before exec),
gives up what privileges are left, sets its limits, and then obeys one command at a time:

    cell    run source in IPython's own shell; send the outputs a notebook would show
    call    call a function of the notebook with decoded arguments; send its value as data

Frames are ``>II`` (length of the JSON, length of the bytes that follow it). Whatever a submission does to
this process, it can only change what is sent; the trusted side reads that as data and judges values.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import ctypes
import functools
import io
import json
import os
import resource
import signal
import struct
import sys
import warnings

HEADER = struct.Struct(">II")
MAX_DEPTH, MAX_ITEMS, MAX_BYTES, MAX_TEXT = 16, 100_000, 32 << 20, 4000
NOTEBOOK_FILES = 0  # position in sys.path of the folder the notebook runs in


# --- confinement -----------------------------------------------------------------------------------------


def confine(settings):
    """Give up privileges, set limits, and die with the grader."""
    if settings["uid"] is not None:
        become(settings["uid"], keep_reading=settings["keep_reading"])
    ctypes.CDLL(None).prctl(1, int(signal.SIGKILL), 0, 0, 0)  # PR_SET_PDEATHSIG: cleared by a change of user
    for name, value in settings["rlimits"].items():
        resource.setrlimit(getattr(resource, name), (value, value))
    os.umask(0o077)


def become(uid, *, keep_reading):
    """Become an unprivileged user for good.

    ``keep_reading`` keeps CAP_DAC_READ_SEARCH, for an interpreter that lies in a folder only root may enter;
    what can be read is then Landlock's decision alone.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(8, 1, 0, 0, 0)  # PR_SET_KEEPCAPS
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)  # _LINUX_CAPABILITY_VERSION_3, this process
    kept = 1 << 2 if keep_reading else 0  # CAP_DAC_READ_SEARCH
    data = (ctypes.c_uint32 * 6)(kept, kept, 0, 0, 0, 0)
    if libc.capset(header, data) != 0:
        raise OSError(ctypes.get_errno(), "capset failed")


def forgive_own_files():
    """Let changes of mode or times be ignored in the notebook's own folder, so that shutil.copy works.

    The kernel refuses them everywhere, because it can't tell one path from another.
    """
    home = os.path.realpath(os.getcwd()) + os.sep

    def forgiving(change):
        @functools.wraps(change)
        def attempt(path, *args, **kwargs):
            try:
                return change(path, *args, **kwargs)
            except PermissionError:
                if isinstance(path, int) or not os.path.realpath(path).startswith(home):
                    raise

        return attempt

    for name in ("chmod", "utime", "setxattr"):
        setattr(os, name, forgiving(getattr(os, name)))


# --- frames ----------------------------------------------------------------------------------------------


class Channel:
    """Frames to and from the trusted side, on descriptors of its own."""

    def __init__(self):
        self.incoming, self.outgoing = os.dup(0), os.dup(1)
        null = os.open(os.devnull, os.O_RDWR)
        for standard in (0, 1, 2):
            os.dup2(null, standard)
        os.close(null)

    def receive(self):
        lengths = HEADER.unpack(self._read(HEADER.size))
        return json.loads(self._read(lengths[0])), self._read(lengths[1])

    def _read(self, size):
        parts = []
        while size:
            part = os.read(self.incoming, min(size, 1 << 20))
            if not part:
                os._exit(0)  # the trusted side is done with us
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def send(self, message, blobs=()):
        text = json.dumps(message, allow_nan=False, ensure_ascii=False).encode("utf-8", "replace")
        blob = b"".join(blobs)
        data = memoryview(HEADER.pack(len(text), len(blob)) + text + blob)
        while data:
            data = data[os.write(self.outgoing, data) :]


# --- values ----------------------------------------------------------------------------------------------


class NotDataError(Exception):
    """A value that can't cross; the text says what it is."""


def encode(value, blobs, depth=0, budget=None):
    """Describe a value as JSON, with the bytes of arrays set aside in ``blobs``."""
    import numpy as np

    budget = [MAX_ITEMS] if budget is None else budget
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        raise NotDataError("a structure nested too deeply or with too many items")
    if value is None or value is True or value is False:
        return value
    if isinstance(value, np.ndarray | np.generic):
        array = np.array(value, subok=False, order="C")
        if array.dtype.kind not in "biufc":
            raise NotDataError(f"an array of dtype {array.dtype.name[:40]}")
        if array.nbytes + sum(map(len, blobs)) > MAX_BYTES:
            raise NotDataError(f"an array of {array.nbytes} bytes, too large to be an answer,")
        blobs.append(array.tobytes())
        return {"t": "array", "dtype": array.dtype.str, "shape": list(array.shape)}
    if isinstance(value, int):
        if abs(value) >> 1024:
            raise NotDataError("an integer of more than 1024 bits")
        return {"t": "int", "v": str(int(value))}
    if isinstance(value, float):
        return {"t": "float", "v": float.hex(value)}
    if isinstance(value, complex):
        return encode(np.complex128(value), blobs, depth, budget)
    if isinstance(value, str):
        return {"t": "str", "v": value[:MAX_TEXT]}
    if isinstance(value, list | tuple):
        kind = "list" if isinstance(value, list) else "tuple"
        return {"t": kind, "items": [encode(item, blobs, depth + 1, budget) for item in value]}
    if isinstance(value, dict):
        pairs = [
            [encode(k, blobs, depth + 1, budget), encode(v, blobs, depth + 1, budget)] for k, v in value.items()
        ]
        return {"t": "dict", "items": pairs}
    raise NotDataError(f"an object of type {type(value).__name__[:40]}")


class Decoder:
    """Turn the trusted side's description of arguments back into values."""

    def __init__(self, blob, ask):
        self.blob, self.used, self.ask = blob, 0, ask

    def decode(self, node):
        if not isinstance(node, dict):
            return node
        kind = node["t"]
        if kind == "array":
            return self.array(node)
        if kind == "callback":
            return lambda point: self.ask(node["id"], point)
        if kind == "dict":
            return {self.decode(k): self.decode(v) for k, v in node["items"]}
        if kind in ("list", "tuple"):
            items = [self.decode(item) for item in node["items"]]
            return items if kind == "list" else tuple(items)
        return {"int": int, "float": float.fromhex, "str": str}[kind](node["v"])

    def array(self, node):
        """Rebuild an array with the strides and the writeable flag it had."""
        import numpy as np

        shape, strides, dtype = tuple(node["shape"]), node["strides"], np.dtype(node["dtype"])
        size = dtype.itemsize * int(np.prod(shape, dtype=int))
        data = np.frombuffer(self.blob, dtype, size // dtype.itemsize, self.used).reshape(shape)
        self.used += size
        if size:
            span = [(n - 1) * s for n, s in zip(shape, strides, strict=True)]
            offset = -sum(s for s in span if s < 0)
            buffer = bytearray(offset + sum(s for s in span if s > 0) + dtype.itemsize)
            array = np.ndarray(shape, dtype, buffer, offset, strides)
            array[...] = data
        else:
            array = data.copy()
        array.flags.writeable = node["writeable"]
        return array


# --- outputs ---------------------------------------------------------------------------------------------


class Recorder:
    """The outputs of one cell or call, capped by size."""

    def __init__(self, limit):
        self.outputs, self.left = [], limit
        self.clear_next = self.cut = False

    def add(self, output):
        output = json.loads(json.dumps(output, default=repr, allow_nan=False))
        size = len(json.dumps(output))
        self._append(output, size) if size <= self.left else self._cut()

    def stream(self, name, text):
        kept = text[: self.left]
        last = self.outputs[-1] if self.outputs and not self.clear_next else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"] += kept
            self.left -= len(kept)
        elif kept:
            self._append({"output_type": "stream", "name": name, "text": kept}, len(kept))
        if len(kept) < len(text):
            self._cut()

    def _append(self, output, size):
        if self.clear_next:
            self.outputs.clear()
            self.clear_next = False
        self.outputs.append(output)
        self.left -= size

    def _cut(self):
        """Say once that something is missing; record no more."""
        if not self.cut:
            note = "\n[output cut: it was longer than a grader keeps]\n"
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": note})
        self.cut, self.left = True, 0

    def display(self, data, metadata, transient, *, update):
        ident = (transient or {}).get("display_id")
        data, metadata = _plain(data), metadata or {}
        if update:
            for output in self.outputs:
                if ident is not None and output.get("_id") == ident:
                    output.update(data=data, metadata=metadata)
        else:
            self.add({"output_type": "display_data", "data": data, "metadata": metadata, "_id": ident})

    def finished(self):
        for output in self.outputs:
            output.pop("_id", None)
        return self.outputs


def _plain(data):
    return {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the notebook."""

    encoding, errors = "utf-8", "strict"

    def __init__(self, name, worker):
        self.kind, self.worker = name, worker

    def writable(self):
        return True

    def write(self, text):
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if text:
            self.worker.recorder.stream(self.kind, text)
        return len(text)


def make_shell(worker):
    """Give IPython's own shell, with its outputs recorded as a notebook's."""
    from IPython.core.displayhook import DisplayHook
    from IPython.core.displaypub import DisplayPublisher
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Publisher(DisplayPublisher):
        def publish(self, data, metadata=None, *, transient=None, update=False, **_):
            worker.recorder.display(data, metadata, transient, update=update)

        def clear_output(self, wait=False):
            if wait:
                worker.recorder.clear_next = True
            else:
                worker.recorder.outputs.clear()

    class Hook(DisplayHook):
        def start_displayhook(self):
            pass

        def write_output_prompt(self):
            pass

        def write_format_data(self, format_dict, md_dict=None):
            worker.recorder.add(
                {
                    "output_type": "execute_result",
                    "execution_count": self.prompt_count,
                    "data": _plain(format_dict),
                    "metadata": md_dict or {},
                }
            )

        def finish_displayhook(self):
            pass

    class Shell(InteractiveShell):
        def _showtraceback(self, etype, evalue, stb):
            worker.recorder.add(
                {
                    "output_type": "error",
                    "ename": str(etype.__name__),
                    "evalue": _text(evalue),
                    "traceback": [str(line) for line in stb],
                }
            )

        def enable_gui(self, gui=None):
            pass

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "linux"
    config.InteractiveShell.cache_size = 0
    return Shell.instance(config=config, display_pub_class=Publisher, displayhook_class=Hook)


def _text(value):
    try:
        return str(value)[:MAX_TEXT]
    except BaseException:  # noqa: BLE001  # a student's __str__
        return ""


def no_input(*_):
    """Stand in for input(): nobody sits at this notebook."""
    raise RuntimeError("input() can't be used here: nobody is there to answer while a notebook is graded")


# --- commands --------------------------------------------------------------------------------------------


class Worker:
    """Obeys the commands of the trusted side, one at a time."""

    def __init__(self, settings):
        self.channel = Channel()
        self.output_bytes = settings["output_bytes"]
        self.recorder = Recorder(self.output_bytes)
        self.busy = False
        signal.signal(signal.SIGINT, self.interrupt)
        import builtins
        import getpass
        from _sitebuiltins import _Helper  # what the site module would have given

        self.shell = make_shell(self)
        builtins.input, builtins.help, getpass.getpass = no_input, _Helper(), no_input
        sys.stdout, sys.stderr = Stream("stdout", self), Stream("stderr", self)
        sys.path.insert(NOTEBOOK_FILES, "")

    def interrupt(self, *_):
        if self.busy:
            raise KeyboardInterrupt

    def serve(self):
        self.channel.send({"t": "ready"})
        while True:
            message, blob = self.channel.receive()
            blobs = []
            self.recorder = Recorder(self.output_bytes)
            try:
                self.busy = True
                reply = self.cell(message) if message["op"] == "cell" else self.call(message, blob, blobs)
            except KeyboardInterrupt:
                reply = {
                    "t": "raised",
                    "type": "KeyboardInterrupt",
                    "text": "",
                    "printed": "",
                    "warnings": [],
                }
            finally:
                self.busy = False
            self.channel.send(reply, blobs if reply["t"] == "returned" else ())

    def cell(self, message):
        result = self.shell.run_cell(message["source"], store_history=True)
        error = result.error_in_exec or result.error_before_exec
        return {
            "t": "cell",
            "outputs": self.recorder.finished(),
            "error": type(error).__name__ if error else None,
        }

    def call(self, message, blob, blobs):
        missing = object()
        function = self.shell.user_ns.get(message["function"], missing)
        if function is missing or not callable(function):
            return {"t": "absent", "what": None if function is missing else type(function).__name__[:40]}
        decoder = Decoder(blob, self.ask)
        args = [decoder.decode(node) for node in message["args"]]
        kwargs = {name: decoder.decode(node) for name, node in message["kwargs"].items()}
        before = [snapshot(value) for value in (*args, *kwargs.values())]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            try:
                value = function(*args, **kwargs)
                value = encode(value, blobs)
            except NotDataError as error:
                return {"t": "unreadable", "what": str(error)}
            except KeyboardInterrupt:
                raise
            except BaseException as error:  # noqa: BLE001  # whatever it raises is its answer
                answer = {"t": "raised", "type": type(error).__name__[:80], "text": _text(error)}
            else:
                after = [snapshot(value) for value in (*args, *kwargs.values())]
                answer = {"t": "returned", "value": value, "changed": before != after}
        answer["printed"] = "".join(o.get("text", "") for o in self.recorder.finished())[:MAX_TEXT]
        answer["warnings"] = [f"{w.category.__name__}: {_text(w.message)}"[:MAX_TEXT] for w in caught[:10]]
        return answer

    def ask(self, ident, point):
        """Evaluate a callback on the trusted side."""
        blobs = []
        try:
            node = encode(point, blobs)
        except NotDataError as error:
            raise ValueError(f"the function was given {error} where an array was expected") from None
        self.channel.send({"t": "asked", "id": ident, "point": node}, blobs)
        answer, _ = self.channel.receive()
        if answer["error"]:
            raise ValueError(answer["error"])
        return float.fromhex(answer["value"])


def snapshot(value):
    """Copy an argument so that a change can be seen."""
    if hasattr(value, "tobytes"):
        return (value.dtype.str, value.shape, value.tobytes())
    return copy.deepcopy(value) if isinstance(value, list | dict) else value


def main():
    """Confine this process and serve."""
    settings = json.loads(sys.argv[1])
    sys.argv = [""]
    confine(settings)
    forgive_own_files()
    sys.path.append(settings["site"])
    with contextlib.suppress(BrokenPipeError):
        Worker(settings).serve()


if __name__ == "__main__":
    main()
