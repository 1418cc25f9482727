"""The workers of a run: who is admitted, what each has been sent, and who is gone."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import msgspec

from autograder.cluster import versions, worker
from autograder.cluster.address import is_private
from autograder.cluster.connection import ClusterError, LostError, in_background, seconds_for
from autograder.cluster.wire import Card, digest_of
from autograder.grading.settings import Settings

LOOK_SECONDS = 1.0
"""Seconds between two looks at who is there."""
ANSWER_SECONDS = 30.0
"""Seconds within which a scheduler answers that is alive."""
CLOSE_SECONDS = 5.0
AT_A_TIME = 32
"""Workers that are admitted at the same time."""


@dataclass
class Hand:
    """An admitted worker."""

    address: str
    threads: int
    core: int
    sent: list[Any] = field(default_factory=list)
    """The tasks that it has, in the order in which it gets to them."""


class Crew:
    """Admits workers, and sees who is gone.

    Parameters
    ----------
    client
        The connection to the scheduler.
    kit
        What each worker gets before its first task.
    settings
        The settings of the run.
    tell
        Prints a line for the instructor.
    local
        Whether the workers were started by this process; then the doctor has nothing to find out.
    insecure
        Whether workers on other machines may do without TLS.
    """

    def __init__(
        self,
        client: Any,
        kit: bytes,
        settings: Settings,
        tell: Callable[[str], None],
        *,
        local: bool = False,
        insecure: bool = False,
    ) -> None:
        self.client, self.kit, self.digest = client, kit, digest_of(kit)
        self.hands: dict[str, Hand] = {}
        self._settings, self._tell, self._local, self._insecure = settings, tell, local, insecure
        self._refused: dict[str, str] = {}
        self._arriving: dict[str, Future[str]] = {}
        self._cores: dict[str, int] = {}
        self._machines: dict[str, Future[str]] = {}
        self._lock = threading.Lock()
        self._at_a_time = threading.Semaphore(AT_A_TIME)
        self._looked = -LOOK_SECONDS
        self._patience = seconds_for("report")
        self._since = self._told = time.monotonic()

    @property
    def slots(self) -> int:
        """How many submissions are graded at the same time."""
        return sum(hand.threads for hand in self.hands.values())

    def look(self, *, at_once: bool = False) -> list[Hand]:
        """Admit who is new, and return the workers that are gone since the last look.

        The scheduler is asked once a second, or ``at_once``.

        Raises
        ------
        LostError
            If the scheduler does not answer.
        ClusterError
            If all workers are refused.
        """
        waits = time.monotonic() - self._looked < LOOK_SECONDS
        if waits and not at_once and not any(future.done() for future in self._arriving.values()):
            return []
        there = self._there()
        self._looked = time.monotonic()
        gone = [self.hands.pop(address) for address in list(self.hands) if address not in there]
        for known in (self._refused, self._cores, self._arriving):
            for address in [address for address in known if address not in there]:
                del known[address]
        for address, threads in there.items():
            if address not in self.hands and address not in self._refused:
                self._welcome(address, threads)
        self._report(len(there))
        return gone

    def refuse(self, address: str, why: str) -> Hand | None:
        """Send a worker nothing more; return it if it was admitted."""
        self._refused[address] = why
        self._tell(f"Worker {address} is refused: it {why.rstrip('.')}.")
        return self.hands.pop(address, None)

    def forget(self, address: str) -> Hand | None:
        """Treat a worker as one that is new; return it if it was admitted."""
        return self.hands.pop(address, None)

    def close(self) -> None:
        """Have all workers forget the kit, and kill what they still grade."""
        hands = list(self.hands)
        if self.client.status == "running" and hands:
            ask = partial(self.client.run, worker.dismiss, self.digest, workers=hands, on_error="ignore")
            wait([in_background(ask)], CLOSE_SECONDS)

    # --- who is there ------------------------------------------------------------------------------------

    def _there(self) -> dict[str, int]:
        if self.client.status == "running":
            try:
                return dict(self.client.nthreads(callback_timeout=ANSWER_SECONDS))
            except Exception as error:  # noqa: BLE001  # distributed raises many kinds when the scheduler is gone
                raise LostError(f"The scheduler no longer answers ({type(error).__name__}).") from None
        raise LostError("The connection to the scheduler is lost.")

    def _report(self, there: int) -> None:
        now = time.monotonic()
        if self.hands:
            self._since = self._told = now
        elif now - self._told >= self._patience:
            self._told = now
            if there and len(self._refused) == there:
                raise ClusterError(f"None of the {there} workers of the cluster can grade; each is named above.")
            waited = f"{now - self._since:.0f} s"
            self._tell(
                f"No worker can grade after {waited}: {there} there, {len(self._refused)} refused. Waiting."
            )

    # --- admission ---------------------------------------------------------------------------------------

    def _welcome(self, address: str, threads: int) -> None:
        if address not in self._arriving:
            host = urlsplit(address).hostname or ""
            taken = {core for other, core in self._cores.items() if urlsplit(other).hostname == host}
            self._cores[address] = next(core for core in range(len(taken) + 1) if core not in taken)
            self._arriving[address] = in_background(partial(self._obstacle, address, self._cores[address]))
        elif self._arriving[address].done():
            why = self._arriving.pop(address).result()
            if why:
                self.refuse(address, why)
            else:
                self.hands[address] = Hand(address, threads, self._cores[address])

    def _obstacle(self, address: str, core: int) -> str:
        """Return why a worker can't grade: the end of a sentence about it, or nothing."""
        if not (self._insecure or is_private(address)):
            return "is another machine, and its address is without TLS"
        try:
            with self._at_a_time:
                return self._tried(address, core)
        except Exception as error:  # noqa: BLE001  # what a worker without the package, or a dying one, raises
            return f"does not answer as a worker of this version does ({type(error).__name__}: {error})"

    def _tried(self, address: str, core: int) -> str:
        """Return why a worker can't grade; otherwise it has the kit now."""
        card = msgspec.json.decode(self._ask(address, worker.introduce), type=Card)
        why = versions.difference(versions.versions(), card.versions)
        if not why and self._settings.isolated and not self._local:
            why = self._examined(address, card.machine)
        why = why or self._ask(address, worker.equip, b"", self.digest, core).decode()
        if why == worker.NEEDS_KIT:
            why = self._ask(address, worker.equip, self.kit, self.digest, core).decode()
        return why

    def _examined(self, address: str, machine: str) -> str:
        """Return what the doctor says about a machine; it runs once on each, in another worker if one dies."""
        while True:
            with self._lock:
                found = self._machines.get(machine)
                mine = found is None
                found = self._machines.setdefault(machine, Future())
            if mine:
                return self._examine(address, machine, found)
            with suppress(Exception):  # what befell that worker says nothing about this one
                return found.result()

    def _examine(self, address: str, machine: str, found: Future[str]) -> str:
        try:
            said = self._ask(address, worker.examine, self._settings.way or "").decode()
        except BaseException as error:
            with self._lock:
                del self._machines[machine]
            found.set_exception(error)
            raise
        found.set_result(said)
        return said

    def _ask(self, address: str, function: Callable[..., Any], *arguments: Any) -> bytes:
        answer = self.client.run(function, *arguments, workers=[address])[address]
        if not isinstance(answer, bytes):
            raise TypeError("its answer is not bytes")
        return answer
