"""The connection to a cluster's scheduler; every way in which it fails is a sentence."""

from __future__ import annotations

import contextlib
import logging
import threading
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from functools import partial
from typing import Any, TypeVar

from autograder.cluster.address import Address

T = TypeVar("T")
WAITS = {"connect": 10.0, "report": 30.0}
"""Seconds until a silent scheduler counts as none, and until the command says that no worker is there."""
INSTALL = "A cluster needs Dask: pip install 'logits-and-likelihoods[cluster]'."
FRUGAL = {
    "distributed.worker.profile.enabled": False,
    "distributed.admin.tick.interval": "1s",
    "distributed.admin.system-monitor.interval": "10s",
    "distributed.admin.system-monitor.gil.enabled": False,
    "distributed.scheduler.work-stealing": False,
    "distributed.scheduler.active-memory-manager.start": False,
}
"""Keeps Dask's processes, which share cores with the graders, from looking at themselves all the time; and the
scheduler from moving tasks: each names its worker."""
PLAIN = ["dask", "msgpack"]
"""How results are decoded: nothing that comes from a worker is unpickled."""
MUST_AGREE = ("python", "dask", "distributed", "msgpack", "tornado")


class ClusterError(Exception):
    """The cluster can't grade. The text is a sentence."""


class LostError(ClusterError):
    """The scheduler is gone in the midst of a run; what was graded before is in the gradebook."""


def seconds_for(wait: str) -> float:
    """Return how long one of :data:`WAITS` takes, as Dask's configuration says: ``autograder.connect`` and so on.

    Raises
    ------
    ClusterError
        If the configuration holds no time there.
    """
    import dask  # noqa: PLC0415  # only where a cluster is named

    text = dask.config.get(f"autograder.{wait}", WAITS[wait])
    try:
        return float(dask.utils.parse_timedelta(text))
    except (AttributeError, LookupError, TypeError, ValueError):
        raise ClusterError(
            f"Dask's configuration says autograder.{wait} = {text!r}; give a time, as 20s."
        ) from None


@contextlib.contextmanager
def connected(address: Address) -> Iterator[Any]:
    """Connect to a scheduler, or start a cluster here; yield a ``distributed.Client``.

    Raises
    ------
    ClusterError
        If Dask is not installed, nobody answers, the certificates are missing, or the versions differ.
    """
    try:
        import distributed  # noqa: PLC0415  # only where a cluster is named
    except ImportError:
        raise ClusterError(INSTALL) from None
    for name in [name for name in logging.root.manager.loggerDict if name.partition(".")[0] == "distributed"]:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)  # failures are sentences of ours
    with contextlib.ExitStack() as stack:
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")  # versions are compared below; the size of a task is ours to choose
        where = address.text or stack.enter_context(_started(address.workers)).scheduler_address
        yield stack.enter_context(_client(distributed, where))


@contextlib.contextmanager
def _started(workers: int) -> Iterator[Any]:
    """Start a scheduler and so many workers on this machine, of one thread each."""
    import dask  # noqa: PLC0415
    import distributed  # noqa: PLC0415

    dask.config.set(FRUGAL)
    start: Any = distributed.LocalCluster
    cluster = start(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address=None,
        memory_limit=0,
        silence_logs=logging.CRITICAL + 1,
    )
    try:
        yield cluster
    finally:
        with contextlib.suppress(Exception):  # it was killed, perhaps
            cluster.close(timeout=5)


@contextlib.contextmanager
def _client(distributed: Any, where: str) -> Iterator[Any]:
    if where.startswith("tls://"):
        _find_certificates(distributed, where)
    seconds = seconds_for("connect")
    try:
        connect = partial(distributed.Client, deserializers=PLAIN, set_as_default=False)
        # What answers in another language may keep Dask waiting for ever.
        client = in_background(partial(connect, where, timeout=seconds)).result(2 * seconds)
    except Exception as error:  # noqa: BLE001  # whatever answers there need not be a scheduler
        raise ClusterError(_nobody(where, seconds, error)) from None
    try:
        theirs = client.get_versions()["scheduler"]["packages"]
        ours = distributed.versions.get_versions()["packages"]
        differ = [name for name in MUST_AGREE if theirs.get(name) != ours.get(name)]
        if differ:
            found = ", ".join(f"{name} {theirs.get(name)} (here {ours.get(name)})" for name in differ)
            raise ClusterError(
                f"The scheduler at {where} is of another version: {found}. Install the same on both."
            )
        yield client
    finally:
        with contextlib.suppress(Exception):  # the scheduler may be gone
            client.close(timeout=2)


def _nobody(where: str, seconds: float, error: Exception) -> str:
    why = str(error).splitlines()[0] if str(error) else type(error).__name__
    return (
        f"No scheduler answers at {where} within {seconds:g} s ({why}). Does it run there, with the same "
        "version of Dask, and with TLS if the address says so?"
    )


def _find_certificates(distributed: Any, where: str) -> None:
    """Raise ClusterError unless Dask's configuration names certificates that can be read."""
    why = "none are named"
    try:
        if distributed.Security().get_connection_args("client").get("ssl_context"):
            return
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        why = str(error)
    raise ClusterError(
        f"{where} needs certificates ({why}): set DASK_DISTRIBUTED__COMM__TLS__CA_FILE, and "
        "DASK_DISTRIBUTED__COMM__TLS__CLIENT__CERT and __KEY (docs/scale.md)."
    )


def in_background(work: Callable[[], T]) -> Future[T]:
    """Run a function in a thread that the command does not wait for at its end: a worker may never answer."""
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  # whoever asks for the result gets it
            future.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return future
