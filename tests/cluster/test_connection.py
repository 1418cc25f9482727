"""A connection is used only if the scheduler is of the same versions, and every failure is a sentence."""

from __future__ import annotations

import contextlib
import logging
import sys
import threading
import warnings
from types import SimpleNamespace

import pytest

from autograder.cluster import connection
from autograder.cluster.address import Address
from autograder.cluster.connection import (
    INSTALL,
    MUST_AGREE,
    ClusterError,
    _client,
    _find_certificates,
    _nobody,
    _started,
    connected,
    in_background,
    seconds_for,
)

pytest.importorskip("dask")
SAME = dict.fromkeys(MUST_AGREE, "1") | {"numpy": "1"}


class Distributed:
    """As much of Dask's package as a connection asks for."""

    def __init__(self, theirs=SAME, *, ssl=None):
        self.closed, self.made, self._theirs, self._ssl = 0, [], theirs, ssl
        self.versions = SimpleNamespace(get_versions=lambda: {"packages": SAME})

    def Client(self, where, **given):  # noqa: N802  # Dask's name
        self.made.append((where, given))
        return self

    def close(self, timeout):
        self.closed += 1

    def get_versions(self):
        return {"scheduler": {"packages": self._theirs}}

    def Security(self):  # noqa: N802
        return self

    def get_connection_args(self, role):
        assert role == "client"
        if isinstance(self._ssl, Exception):
            raise self._ssl
        return {"ssl_context": self._ssl}


def test_a_client_decodes_no_objects_and_is_closed_at_the_end():
    dask = Distributed()
    with _client(dask, "tcp://here:1") as client:
        assert (client, dask.closed) == (dask, 0)
    assert dask.closed == 1
    [(where, given)] = dask.made
    assert where == "tcp://here:1"
    assert given == {"deserializers": ["dask", "msgpack"], "set_as_default": False, "timeout": 10.0}


def test_a_client_is_given_as_long_as_the_configuration_says():
    import dask

    scheduler = Distributed()
    with dask.config.set({"autograder.connect": "3s"}), _client(scheduler, "tcp://here:1"):
        pass
    assert scheduler.made[0][1]["timeout"] == 3.0


def test_a_client_is_closed_after_an_error_too_and_one_that_can_not_be_closed_hides_none():
    dask = Distributed()

    def close(timeout):
        dask.closed += 1
        raise OSError("gone")

    dask.close = close
    with pytest.raises(KeyError, match="mine"), _client(dask, "tcp://here:1"):
        raise KeyError("mine")
    with _client(dask, "tcp://here:1"):
        pass
    assert dask.closed == 2


@pytest.mark.parametrize("name", MUST_AGREE)
def test_a_scheduler_that_differs_in_what_must_agree_is_left_and_named(name):
    dask = Distributed({**SAME, name: "2"})
    refused = pytest.raises(ClusterError, match=rf"tcp://here:1 is of another version: {name} 2 \(here 1\)\.")
    with refused, _client(dask, "tcp://here:1"):
        pass
    assert dask.closed == 1


def test_all_differences_that_matter_are_named_and_no_other():
    odd = Distributed({**SAME, "python": "2", "tornado": None, "numpy": "2"})
    refused = pytest.raises(ClusterError, match=r": python 2 \(here 1\), tornado None \(here 1\)\. Install")
    with refused, _client(odd, "tcp://here:1"):
        pass
    with _client(Distributed({**SAME, "numpy": "2"}), "tcp://here:1"):
        pass


def test_a_scheduler_with_tls_needs_certificates_that_can_be_read():
    with pytest.raises(ClusterError, match=r"tls://a:1 needs certificates \(none are named\)"):
        _find_certificates(Distributed(), "tls://a:1")
    with pytest.raises(ClusterError, match=r"needs certificates \(no such file\)"):
        _find_certificates(Distributed(ssl=OSError("no such file")), "tls://a:1")
    _find_certificates(Distributed(ssl=object()), "tls://a:1")
    with pytest.raises(ClusterError, match="needs certificates"), _client(Distributed(), "tls://a:1"):
        pass
    plain = Distributed()
    with _client(plain, "tcp://a:1"), _client(Distributed(ssl=object()), "tls://a:1"):
        assert len(plain.made) == 1


def test_who_does_not_answer_is_named_with_the_first_line_of_the_reason():
    assert _nobody("tcp://a:1", 1.5, OSError("refused\nmore")).startswith(
        "No scheduler answers at tcp://a:1 within 1.5 s (refused). Does it run there"
    )
    assert "(TimeoutError)" in _nobody("tcp://a:1", 2.0, TimeoutError())


def test_the_sentence_about_who_does_not_answer_is_whole():
    assert _nobody("tls://a:1", 10.0, OSError()) == (
        "No scheduler answers at tls://a:1 within 10 s (OSError). Does it run there, with the same version of "
        "Dask, and with TLS if the address says so?"
    )


def test_a_client_that_can_t_be_made_is_a_sentence():
    dask = Distributed()
    dask.Client = lambda *_, **__: 1 / 0
    refused = pytest.raises(ClusterError, match=r"No scheduler answers at .* \(division by zero\)")
    with refused, _client(dask, "tcp://here:1"):
        pass


def test_what_runs_in_the_background_hands_on_its_result_or_its_error():
    assert in_background(lambda: 7).result(60) == 7
    assert isinstance(in_background(lambda: 1 / 0).exception(60), ZeroDivisionError)
    assert isinstance(in_background(sys.exit).exception(60), SystemExit)
    assert in_background(lambda: threading.current_thread().daemon).result(60) is True
    assert in_background(threading.get_ident).result(60) != threading.get_ident()


@pytest.mark.parametrize(("text", "seconds"), [("2m", 120.0), (0, 0.0), (3, 3.0)])
def test_a_wait_is_any_time_that_dask_can_read(text, seconds):
    import dask

    with dask.config.set({"autograder.report": text}):
        assert seconds_for("report") == seconds
    assert seconds_for("report") == 30


@pytest.mark.parametrize("text", ["soon", "3 parsecs", None, [3], ""])
def test_a_wait_that_is_no_time_is_named_with_what_it_says(text):
    import dask

    said = f"Dask's configuration says autograder.connect = {text!r}; give a time, as 20s."
    with dask.config.set({"autograder.connect": text}), pytest.raises(ClusterError) as error:
        seconds_for("connect")
    assert str(error.value) == said


@pytest.fixture
def steps(monkeypatch):
    """What connecting does, in its order."""
    steps = []

    @contextlib.contextmanager
    def started(workers):
        steps.append(("start", workers))
        yield SimpleNamespace(scheduler_address="tcp://127.0.0.1:9")
        steps.append("stop")

    @contextlib.contextmanager
    def client(distributed, where):
        steps.append(("connect", distributed.__name__, where))
        yield "client"
        steps.append("leave")

    monkeypatch.setattr(connection, "_started", started)
    monkeypatch.setattr(connection, "_client", client)
    return steps


def test_a_scheduler_that_is_named_is_connected_to_and_none_is_started(steps):
    with connected(Address("tls://a:1")) as client:
        assert client == "client"
    assert steps == [("connect", "distributed", "tls://a:1"), "leave"]


def test_a_cluster_here_is_started_first_and_stopped_after_the_client_has_left(steps):
    with connected(Address("", 3)):
        steps.append("work")
    assert steps == [("start", 3), ("connect", "distributed", "tcp://127.0.0.1:9"), "work", "leave", "stop"]


def test_dask_is_silent_while_and_the_commands_own_warnings_and_logs_are_not(steps):
    loggers = [logging.getLogger(name) for name in ("distributed.of.this.test", "distributedness", "other")]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    before = list(warnings.filters)
    with connected(Address("tcp://127.0.0.1:1")):
        with warnings.catch_warnings(record=True) as caught:
            warnings.warn("a large graph", stacklevel=1)
        assert caught == []
    assert warnings.filters == before
    silent, *others = [logger.level for logger in loggers]
    assert silent > logging.CRITICAL
    assert others == [logging.INFO] * 2


def test_without_dask_the_command_that_installs_it_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ClusterError) as error, connected(Address("", 2)):
        pytest.fail("connected")
    assert str(error.value) == INSTALL


@pytest.mark.parametrize("lost", [False, True])
def test_a_cluster_here_has_workers_of_one_thread_on_this_machine_alone_and_is_closed(monkeypatch, lost):
    import dask
    import distributed

    made, closed = [], []

    def close(timeout):
        closed.append(timeout)
        if lost:
            raise OSError("killed")

    def start(**given):
        made.append((given, dask.config.get("distributed.worker.profile.enabled")))
        return SimpleNamespace(close=close)

    monkeypatch.setattr(distributed, "LocalCluster", start)
    with dask.config.set({"distributed.worker.profile.enabled": True}):
        with _started(3) as cluster:
            assert closed == []
        with pytest.raises(KeyError, match="mine"), _started(2):
            raise KeyError("mine")
    assert cluster.close is close
    (first, profiled), (second, _) = made
    assert profiled is False
    assert (first["n_workers"], second["n_workers"]) == (3, 2)
    assert (first["threads_per_worker"], first["host"]) == (1, "127.0.0.1")
    assert (first["dashboard_address"], first["memory_limit"]) == (None, 0)
    assert first["silence_logs"] > logging.CRITICAL
    assert len(closed) == 2
