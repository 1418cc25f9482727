"""What is asked of the process of one submission: run a cell, call a function."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import partial
from typing import Any

from autograder.judging.calls import Answer, Call, Stopped
from autograder.sandbox import protocol
from autograder.sandbox.answers import Evaluation, read_answer
from autograder.sandbox.budget import ENVELOPE_BYTES, reply_of_cell, room_for
from autograder.sandbox.channel import OverdueError, frame
from autograder.sandbox.inside.display import OUTPUT_BYTES
from autograder.sandbox.process import Process, SessionEndedError
from autograder.sandbox.timing import TimeLeft
from autograder.sandbox.values import GarbledError


class Session(Process):
    """The process of one submission, to which requests are sent."""

    _unfinished: Iterator[Answer] = iter(())

    def close(self) -> None:
        self._unfinished = iter(())
        super().close()

    def run_cell(
        self,
        source: str,
        *,
        figures: bool = True,
        kept: bool = True,
        time_left: TimeLeft | None = None,
        reference: Callable[[], float] | None = None,
    ) -> tuple[protocol.CellDone, str | None]:
        """Run a cell's source.

        Parameters
        ----------
        source
            Python and IPython's magics.
        figures
            Whether figures are drawn. If not, they appear as text alone.
        kept
            Whether the outputs are of any interest. If not, only what decides about marks is sent.
        time_left
            The time that the cell shares with others; by default it has its own.
        reference
            Returns how long the cell takes with the reference's functions, in seconds.

        Returns
        -------
        CellDone
            Its outputs.
        str or None
            A sentence if the cell was interrupted because its time was up.

        Raises
        ------
        SessionEndedError
            If the process ended meanwhile.
        """
        self._finish()
        most = self.budget.of_cell if kept else 0
        request = frame({"op": "cell", "source": source, "figures": figures, "output_bytes": most})
        self._most = reply_of_cell(most)
        with self.budget.watch:
            limits = self.limits
            timer = self._timer(limits.cell_seconds, time_left, reference, limits.cell_patience)
            reply, _, late = self._exchange(request, timer, "the cell", time_left)
        if isinstance(reply, protocol.ExceptionRaised) and late:
            return protocol.CellDone([], "KeyboardInterrupt"), late
        if not isinstance(reply, protocol.CellDone):
            raise self._garbled()
        size = self._received + OUTPUT_BYTES * len(reply.outputs)
        if size > self._most:
            raise self._garbled()
        self.budget.outputs -= size if kept else 0
        return reply, late

    def names_read(self, cells: Sequence[str], among: Collection[str]) -> set[str]:
        """Return those of some names of the notebook that cells read. None of the cells is run.

        Raises
        ------
        SessionEndedError
            If the process ended meanwhile.
        """
        self._finish()
        request = frame({"op": "names", "cells": list(cells), "among": sorted(among)})
        with self.budget.watch:
            reply, _, late = self._exchange(request, self._timer(self.limits.cell_seconds), "reading its cells")
        if late:
            raise self._end(late)
        if not isinstance(reply, protocol.NamesRead):
            raise self._garbled()
        return set(reply.names)

    def ask(self, function: str, call: Call) -> Answer:
        """Call a function of the notebook.

        Raises
        ------
        SessionEndedError
            If the process ended meanwhile.
        """
        answers = list(self.ask_all(function, [call], [0]))
        if not answers:
            raise SessionEndedError(self._ended)
        return answers[0]

    def ask_all(
        self,
        function: str,
        calls: Sequence[Call],
        sizes: Sequence[int],
        time_left: TimeLeft | None = None,
        reference: Callable[[Call], float] = lambda _: 0.0,
    ) -> Iterator[Answer]:
        """Call a function of the notebook several times, in one request.

        Parameters
        ----------
        function
            The function's name.
        calls
            The arguments of each call.
        sizes
            The size of the right answer to each call, see :func:`~autograder.judging.sizes.size_of`.
        time_left
            The time that the calls share with others of the same function.
        reference
            Returns how long the reference takes for a call, in seconds.

        Returns
        -------
        iterator
            An answer for each call, as it comes. It ends early with :class:`Stopped` if a call was interrupted. It
            ends early without an answer for a call that ended the process; :attr:`ended` says why. Answers that
            nobody waits for are read and dropped at the next request. Whoever takes the answers lets the budget's
            watch run meanwhile.

        Raises
        ------
        SessionEndedError
            If the process had ended before.
        """
        self._finish()
        if self._ended:
            raise SessionEndedError(self._ended)
        self._unfinished = self._answers(function, calls, room_for(sizes), time_left, reference)
        return self._unfinished

    def give_up(self, function: str, why: str) -> None:
        """Replace a function of the notebook by one that raises a RuntimeError with a sentence.

        Raises
        ------
        SessionEndedError
            If the process has ended.
        """
        self._finish()
        if self._ended:
            raise SessionEndedError(self._ended)
        request = frame({"op": "give_up", "function": function, "why": why})
        try:
            self._send(request, self._timer(self.limits.call_seconds).latest)
        except OverdueError:
            raise self._end("its process took no request.") from None

    def _answers(
        self,
        function: str,
        calls: Sequence[Call],
        room: int,
        time_left: TimeLeft | None,
        reference: Callable[[Call], float],
    ) -> Iterator[Answer]:
        limits, budget = self.limits, self.budget
        extra = budget.extra
        self._most = ENVELOPE_BYTES + room + extra
        request, callbacks = protocol.frame_calls(
            function,
            calls,
            room=room,
            extra=extra,
            spare=budget.answers,
            asked=min(limits.point_bytes, room + extra),
        )
        with contextlib.suppress(SessionEndedError):
            for number, of_call in enumerate(callbacks):
                most = room + budget.extra
                # The process goes on while what it has sent is judged, so that its next answer may be here.
                if not request and not of_call and (ready := self._receive_ready()):
                    (reply, blob), points = ready, []
                else:
                    evaluation = Evaluation(of_call, limits.point_bytes)
                    timer = self._timer(limits.call_seconds, time_left, partial(reference, calls[number]))
                    reply, blob, late = self._exchange(request, timer, function, time_left, evaluation)
                    points, request = evaluation.points, b""
                    if late:
                        yield Stopped(late, seconds=timer.seconds)
                        return
                if isinstance(reply, protocol.Done) and number:  # the process interrupted itself
                    return
                answer, size = self._read(function, reply, blob, points, most)
                budget.answers -= max(0, size - room)
                yield answer
            timer = self._timer(limits.call_seconds)
            reply, _, late = self._exchange(b"", timer, function, None, Evaluation((), 0))
            if not isinstance(reply, protocol.Done):
                raise self._garbled()

    def _read(
        self, function: str, reply: protocol.Reply, blob: bytes, points: Sequence[Any], room: int
    ) -> tuple[Answer, int]:
        try:
            return read_answer(function, reply, blob, points, room)
        except GarbledError:
            raise self._garbled() from None

    def _finish(self) -> None:
        """Read the answers that nobody waited for."""
        for _ in self._unfinished:
            pass
