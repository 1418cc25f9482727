"""The outputs of a cell, as a notebook shows them, up to a size limit."""

from __future__ import annotations

import base64
import math

from .frames import encode
from .values import MAX_TEXT

DECISIVE_BYTES, LEAST_DECISIVE_BYTES = 64 << 10, 4 << 10
"""Size up to which an error or result is kept, even if the outputs before it reached the limit."""
OUTPUT_BYTES = 512
"""What an output counts for in addition to its size."""
MAX_LINES, MAX_TYPES, MAX_TYPE_NAME = 500, 32, 100
"""Parts of a traceback; MIME types of an output, and the letters of one."""
CUT = "\n[output cut: it was longer than a grader keeps]\n"


class Recorder:
    """The outputs of one cell or call, capped by size."""

    def __init__(self, limit):
        self.limit = limit
        self.decisive = min(DECISIVE_BYTES, max(LEAST_DECISIVE_BYTES, limit))
        self.clear()

    @property
    def is_unused(self):
        """Whether nothing was recorded since it was made, nor ordered."""
        return not self.outputs and self.left == self.limit and not self.clear_next

    def clear(self):
        """Drop all outputs. Dropped outputs no longer count towards the limit."""
        self.outputs, self.left = [], self.limit
        self.beyond = {}
        self.clear_next = self.cut = False

    def add(self, output):
        self._clear_if_due()
        size = _size(output)
        if size + OUTPUT_BYTES <= self.left:
            self._append(output, size)
        elif output["output_type"] in ("error", "execute_result"):
            self._keep(in_short(output, self.decisive - OUTPUT_BYTES))
        else:
            self._cut()

    def _keep(self, output):
        """Keep an error or result beyond the limit; the last of each kind is enough."""
        if output:
            before = self.beyond.get(output["output_type"])
            self.outputs = [other for other in self.outputs if other is not before]
            self.outputs.append(output)
            self.beyond[output["output_type"]] = output
        if not output or before:
            self._cut()

    def stream(self, name, text):
        self._clear_if_due()
        size = _size(text) if len(text) <= self.left else math.inf  # a long one might not fit into memory twice
        kept = text if size <= self.left else _first_bytes(text, max(self.left, 0))
        last = self.outputs[-1] if self.outputs else {}
        if last.get("output_type") == "stream" and last["name"] == name:
            last["text"].append(kept)
            self.left -= size if kept is text else _size(kept)
        elif kept:
            output = {"output_type": "stream", "name": name, "text": [kept]}
            self._append(output, _size(output))
        if len(kept) < len(text):
            self._cut()

    def _clear_if_due(self):
        if self.clear_next:
            self.clear()

    def _append(self, output, size):
        self.outputs.append(output)
        self.left -= size + OUTPUT_BYTES

    def _cut(self):
        """Add one note that outputs are missing, and record no more."""
        if not self.cut:
            self.outputs.append({"output_type": "stream", "name": "stdout", "text": [CUT]})
        self.cut, self.left = True, 0

    def display(self, data, transient, *, update):
        ident = (transient or {}).get("display_id")
        output = {"output_type": "display_data", "data": texts(data), "_id": ident}
        shown = [i for i, other in enumerate(self.outputs) if ident and other.get("_id") == ident]
        growth = sum(_size(output) - _size(self.outputs[i]) for i in shown)
        if growth > self.left:
            self._cut()
            return
        self.left -= growth
        for i in shown:
            self.outputs[i] = dict(output)
        if not update:
            self.add(output)

    def finished(self):
        """Return the outputs in the form in which they are sent."""
        for output in self.outputs:
            output.pop("_id", None)
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        return self.outputs


def texts(data):
    """Return the texts of a MIME bundle, with bytes as base64. Nothing else of it is shown."""
    as_text = {k: base64.b64encode(v).decode() if isinstance(v, bytes) else v for k, v in data.items()}
    shown = [(k[:MAX_TYPE_NAME], v) for k, v in as_text.items() if isinstance(k, str) and isinstance(v, str)]
    return dict(shown[:MAX_TYPES])


def in_short(output, limit):
    """Return an error or result in at most ``limit`` bytes; None if that is not possible."""
    if _size(output) <= limit:
        return output
    if output["output_type"] == "error":
        said = _first_bytes(output["evalue"], limit // 4)
        short = output | {"evalue": said, "traceback": [f"{output['ename']}: {said}"]}
    else:
        short = output | {"data": {k: v for k, v in output["data"].items() if k == "text/plain"}}
    return short if _size(short) <= limit else None


def _size(output):
    """Return the bytes that an output takes when it is sent."""
    return len(encode(output).encode("utf-8", "replace"))


def _first_bytes(text, limit):
    """Return the start of a text that takes at most ``limit`` bytes when it is sent."""
    kept = text[:limit]
    while _size(kept) > limit and kept:
        kept = kept[: min(len(kept) - 1, len(kept) * limit // _size(kept))]
    return kept


def shortened(traceback):
    """Return the end of a traceback, which names the exception."""
    lines, left = [], DECISIVE_BYTES // 2
    for line in reversed([_first_bytes(str(line), MAX_TEXT) for line in traceback][-MAX_LINES:]):
        left -= _size(line)
        if left < 0:
            break
        lines.append(line)
    return lines[::-1]


def name_of(kind):
    """Return the name of a type; a student's metaclass has no say in it."""
    return type.__getattribute__(kind, "__name__")


def text_of(value):
    try:
        return str(value)[:MAX_TEXT]
    except BaseException:  # noqa: BLE001  # a student's __str__
        return ""
