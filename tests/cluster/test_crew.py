"""Workers that are awaited or refused, as the command says it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from conftest import SECRET
from waiting import wait_until

from autograder.cluster.connection import WAITS, ClusterError, LostError, seconds_for
from autograder.cluster.crew import Crew
from autograder.grading.settings import Settings


class Scheduler:
    """A scheduler that says which workers it has."""

    status = "running"

    def __init__(self, *addresses):
        self.addresses = addresses

    def nthreads(self, callback_timeout):
        if not callback_timeout:
            raise TimeoutError
        return dict.fromkeys(self.addresses, 1)


@pytest.fixture
def said():
    return []


@pytest.fixture
def crew(said, monkeypatch):
    monkeypatch.setitem(WAITS, "report", 0.0)
    return lambda *addresses: Crew(Scheduler(*addresses), b"kit", Settings(SECRET), said.append)


def test_without_a_worker_the_command_says_so_and_waits(crew, said):
    assert crew().look(at_once=True) == []
    assert said == ["No worker can grade after 0 s: 0 there, 0 refused. Waiting."]


def test_a_worker_on_another_machine_without_tls_is_refused_and_then_nobody_is_left(crew, said):
    alone = crew("tcp://10.0.0.1:1")
    with pytest.raises(ClusterError, match="None of the 1 workers of the cluster can grade"):
        wait_until(lambda: alone.look(at_once=True))
    assert "Worker tcp://10.0.0.1:1 is refused: it is another machine, and its address is without TLS." in said


def test_a_scheduler_that_is_gone_is_lost(crew):
    lost = crew()
    lost.client.status = "connecting"
    with pytest.raises(LostError, match="connection to the scheduler is lost"):
        lost.look(at_once=True)


def test_waits_are_dasks_to_configure_and_a_wrong_one_is_a_sentence():
    dask = pytest.importorskip("dask")
    assert seconds_for("connect") == 10
    with dask.config.set({"autograder.connect": "1500ms"}):
        assert seconds_for("connect") == 1.5
    with dask.config.set({"autograder.connect": "soon"}), pytest.raises(ClusterError, match="give a time"):
        seconds_for("connect")


def test_a_worker_that_dies_while_its_machine_is_examined_speaks_for_no_other(crew):
    """The doctor runs once on each machine, in one of its workers."""
    examined = crew("tcp://127.0.0.1:1", "tcp://127.0.0.1:2")
    asked, others_wait = [], threading.Event()

    def run(_, way, workers):
        asked.extend(workers)
        if len(asked) == 1:
            others_wait.wait(60)
            raise OSError("Timed out")
        return {workers[0]: b""}

    examined.client.run = run
    with ThreadPoolExecutor(2) as threads:
        dying = threads.submit(examined._examined, "tcp://127.0.0.1:1", "here")
        wait_until(lambda: asked)
        other = threads.submit(examined._examined, "tcp://127.0.0.1:2", "here")
        others_wait.set()
        assert not other.result(60)
        assert isinstance(dying.exception(60), OSError)
    assert asked == ["tcp://127.0.0.1:1", "tcp://127.0.0.1:2"]
