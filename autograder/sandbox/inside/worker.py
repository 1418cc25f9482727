"""Carries out the trusted side's requests in the process of one submission."""

from __future__ import annotations

import asyncio
import builtins
import contextlib
import contextvars
import copy
import getpass
import re
import signal
import site
import symtable
import sys
import warnings

from . import loop
from .display import Recorder, name_of, text_of
from .shell import Stream, make_shell, no_input
from .values import MAX_NAME, MAX_NOISE, MAX_WARNINGS, Decoder, Encoder, NotDataError


class Worker:
    """Runs cells and calls functions, one request at a time."""

    def __init__(self, output_bytes):
        self.output_bytes = output_bytes
        self.recorder = Recorder(output_bytes)
        self.channel, self.busy, self.interrupted = None, False, False
        self.figures, self.caught = True, []
        self.room = self.extra = self.spare = self.asked = 0
        self.loop, self.context = None, contextvars.copy_context()
        self.shell = make_shell(self)
        builtins.input, getpass.getpass = no_input, no_input
        site.sethelper(), site.setcopyright()  # as Python does when it starts with its site module
        sys.stdout, sys.stderr = Stream("stdout", self), Stream("stderr", self)
        vars(sys).update(__stdout__=sys.stdout, __stderr__=sys.stderr)

    def interrupt(self, *_):
        self.interrupted = True
        if self.busy:
            raise KeyboardInterrupt

    def serve(self, channel):
        """Answer requests on a channel until it is closed."""
        self.channel = channel
        self.loop = asyncio.new_event_loop()
        asyncio.set_event_loop(self.loop)
        channel.send({"t": "ready"})
        while True:
            message, blob = self.channel.receive()
            if message["op"] == "cell":
                self.answer(self.cell, message)
            elif message["op"] == "names":
                self.answer(self.names, message)
            elif message["op"] == "give_up":
                self.give_up(message["function"], message["why"])
            else:
                self.calls(message, blob)

    def names(self, message, _):
        """Answer which of some names of the notebook cells read."""
        read = set()
        for source in message["cells"]:
            with contextlib.suppress(SyntaxError, ValueError, MemoryError, RecursionError):  # it will not run
                text = self.shell.transform_cell(source)
                read |= names_read(symtable.symtable(text, "<cell>", "exec"))
                if "get_ipython()" in text:  # a magic's arguments are text
                    read.update(re.findall(r"\w+", text))
        return {"t": "names", "names": sorted(read.intersection(message["among"]))}

    def give_up(self, name, why):
        """Replace a function that does not end, so that nothing waits for it again."""

        def given_up(*_, **__):
            raise RuntimeError(why)

        self.shell.user_ns[name] = given_up

    def calls(self, message, blob):
        """Answer the calls one after the other; an interrupt ends them all."""
        decoder, self.interrupted = Decoder(blob, self.ask), False
        self.room, self.extra = message["room"], message["extra"]
        self.spare, self.asked = message["spare"], message["asked"]
        with warnings.catch_warnings(record=True) as self.caught:
            warnings.simplefilter("always")
            self.context.run(self.answer_calls, message["function"], message["calls"], decoder)
        self.channel.send({"t": "done"})

    def answer_calls(self, name, calls, decoder):
        """Answer each call, in the context in which the notebook's cells ran."""
        for described in calls:
            self.answer(self.call, name, described, decoder)
            if self.interrupted:
                break

    def answer(self, action, *args):
        """Run ``action`` and send its reply."""
        if self.recorder.limit != self.output_bytes or not self.recorder.is_unused:
            self.recorder = Recorder(self.output_bytes)
        blobs = []
        try:
            self.busy = True
            reply = action(*args, blobs)
        except KeyboardInterrupt:
            reply = {"t": "raised", "type": "KeyboardInterrupt", "text": "", "printed": "", "warnings": []}
        finally:
            self.busy = False
        self.channel.send(reply, blobs if reply["t"] == "returned" else ())

    def cell(self, message, _):
        self.figures, self.recorder = message["figures"], Recorder(message["output_bytes"])
        if None in (getattr(sys, "stdout", None), getattr(sys, "stderr", None)):  # IPython needs them
            sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
        running = self.loop.create_task(self.shell.run_cell_in_loop(message["source"]), context=self.context)
        try:
            result = loop.run(self.loop, running)
        except KeyboardInterrupt:  # while the cell awaited something
            running.cancel()
            result = self.loop.run_until_complete(running)
        error = result.error_in_exec or result.error_before_exec
        return {
            "t": "cell",
            "outputs": self.recorder.finished(),
            "error": name_of(type(error))[:MAX_NAME] if error else None,
        }

    def call(self, name, described, decoder, blobs):
        args = [decoder.decode(node) for node in described["args"]]
        kwargs = {name: decoder.decode(node) for name, node in described["kwargs"].items()}
        missing = object()
        function = self.shell.user_ns.get(name, missing)
        if function is missing or not callable(function):
            return {"t": "absent", "what": None if function is missing else name_of(type(function))[:MAX_NAME]}
        given = [*args, *kwargs.values()]
        before = list(map(snapshot, given))
        signal.setitimer(signal.ITIMER_REAL, 0)  # stop a timer that the notebook started
        self.caught.clear()
        try:
            value = function(*args, **kwargs)
            value = self.encoded(value, blobs)
        except NotDataError as error:
            return {"t": "unreadable", "what": str(error)}
        except KeyboardInterrupt:
            raise
        except BaseException as error:  # noqa: BLE001  # whatever it raises is the answer
            name, text = name_of(type(error))[:MAX_NAME], text_of(error)[:MAX_NOISE]
            answer = {"t": "raised", "type": name, "text": text}
        else:
            answer = {"t": "returned", "value": value, "changed": differ(before, given)}
        outputs = () if self.recorder.is_unused else self.recorder.finished()
        answer["printed"] = "".join([o.get("text", "") for o in outputs])[:MAX_NOISE]
        said = [f"{name_of(w.category)}: {text_of(w.message)}" for w in self.caught[:MAX_WARNINGS]]
        answer["warnings"] = [text[:MAX_NOISE] for text in said]
        return answer

    def encoded(self, value, blobs):
        """Describe a value, which may take up the room that each has and some of what is spare for all."""
        encoder = Encoder(self.room + min(self.extra, self.spare))
        described = encoder.encode(value)
        self.spare -= max(0, encoder.used - self.room)
        blobs += encoder.blobs
        return described

    def ask(self, ident, point):
        """Have the trusted side evaluate a callback at a point."""
        encoder = Encoder(self.asked)
        try:
            node = encoder.encode(point)
        except NotDataError as error:
            raise ValueError(f"the function was given {error} where an array was expected") from None
        self.channel.send({"t": "asked", "id": ident, "point": node}, encoder.blobs)
        answer, _ = self.channel.receive()
        if answer["error"]:
            raise ValueError(answer["error"])
        return float.fromhex(answer["value"])


def names_read(table):
    """Return the global names that a block of code and the blocks in it read."""
    outermost = table.get_type() == "module"
    symbols = [name for name in table.get_symbols() if name.is_referenced() and (outermost or name.is_global())]
    return {name.get_name() for name in symbols}.union(*map(names_read, table.get_children()))


def differ(before, values):
    """Whether any argument has changed."""
    try:
        return bool(before != list(map(snapshot, values)))
    except Exception:  # noqa: BLE001  # perhaps the rows of a list have become arrays
        return True


def snapshot(value):
    """Copy an argument, to compare it with later."""
    if hasattr(value, "tobytes"):
        return (value.dtype, value.shape, value.tobytes())
    return copy.deepcopy(value) if isinstance(value, list | dict) else value
