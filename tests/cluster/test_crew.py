"""Workers that are awaited or refused, as the command says it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest
from conftest import SECRET
from waiting import wait_until

from autograder.cluster import worker
from autograder.cluster.connection import WAITS, ClusterError, LostError, seconds_for
from autograder.cluster.crew import LOOK_SECONDS, Crew, Hand
from autograder.cluster.versions import versions
from autograder.cluster.wire import Card, digest_of
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


# --- who is admitted -------------------------------------------------------------------------------------


class Workers(Scheduler):
    """A scheduler whose workers answer as those of this version do, and which notes what each was asked."""

    def __init__(self, **threads):
        self.threads = dict(threads.pop("threads"))
        self.asked, self.equipped, self.looks = [], set(), 0
        self.versions, self.machine, self.doctor = versions(), "here", b""

    def nthreads(self, callback_timeout):
        self.looks += 1
        return dict(self.threads)

    def run(self, function, *arguments, workers, on_error="raise"):
        self.asked += [(address, function.__name__, *arguments) for address in workers]
        return {address: self.answer(address, function.__name__, *arguments) for address in workers}

    def answer(self, address, name, *arguments):
        if name == "introduce":
            return msgspec.json.encode(Card(self.versions, self.machine))
        if name == "examine":
            return self.doctor
        if name == "equip" and not arguments[0] and address not in self.equipped:
            return worker.NEEDS_KIT.encode()
        self.equipped.add(address)
        return b""

    def names(self, address):
        return [name for at, name, *_ in self.asked if at == address]


def local(*numbers):
    return [f"tcp://127.0.0.1:{number}" for number in numbers]


ONE, TWO, THREE = local(1, 2, 3)


def crew_of(said, *, way=None, isolated=True, threads=((ONE, 1),), **more):
    client = Workers(threads=threads)
    return client, Crew(client, b"kit", Settings(SECRET, isolated=isolated, way=way), said.append, **more)


def settled(crew):
    """Look until everybody who is there is admitted or refused; return who went meanwhile."""
    gone = []

    def done():
        gone.extend(crew.look(at_once=True))
        return not crew._arriving

    wait_until(done)
    return gone


def test_a_worker_is_examined_and_gets_the_kit_once_and_then_has_its_threads(said):
    client, crew = crew_of(said, way="namespace", threads=[(ONE, 3), (TWO, 2)])
    settled(crew)
    assert {hand.address: hand.threads for hand in crew.hands.values()} == {ONE: 3, TWO: 2}
    assert crew.slots == 5
    assert client.names(ONE)[-2:] == ["equip", "equip"]
    sent = [arguments for at, name, *arguments in client.asked if (at, name) == (ONE, "equip")]
    assert [content for content, *_ in sent] == [b"", b"kit"]
    assert {digest for _, digest, _ in sent} == {digest_of(b"kit")}
    assert [a for _, name, *a in client.asked if name == "examine"] == [["namespace"]], "once a machine"
    assert said == []


def test_a_worker_that_has_the_kit_already_is_not_sent_it(said):
    client, crew = crew_of(said)
    client.equipped.add(ONE)
    settled(crew)
    assert client.names(ONE) == ["introduce", "examine", "equip"]
    assert list(crew.hands) == [ONE]


@pytest.mark.parametrize("given", [{"local": True}, {"isolated": False}])
def test_nobody_is_examined_who_was_started_here_or_need_not_isolate(said, given):
    client, crew = crew_of(said, **given)
    settled(crew)
    assert list(crew.hands) == [ONE]
    assert "examine" not in client.names(ONE)


def test_each_machine_is_examined(said):
    client, crew = crew_of(said)
    settled(crew)
    client.machine, client.threads[TWO] = "there", 1
    settled(crew)
    assert [at for at, name, *_ in client.asked if name == "examine"] == [ONE, TWO]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"versions": {**versions(), "numpy": "0"}}, "it has numpy 0, here "),
        ({"doctor": b"can't isolate: files"}, "it can't isolate: files."),
        ({"answer": lambda *_: "text"}, "it does not answer as a worker of this version does (TypeError"),
    ],
)
def test_a_worker_that_can_t_grade_is_named_once_and_never_equipped(said, change, why):
    client, crew = crew_of(said)
    vars(client).update(change)
    settled(crew)
    settled(crew)
    assert [f"Worker {ONE} is refused: {why}" in line for line in said] == [True]
    assert (crew.hands, crew.slots) == ({}, 0)
    assert "equip" not in client.names(ONE)


def test_on_another_machine_the_instructors_word_admits_a_worker_without_tls(said):
    _, crew = crew_of(said, insecure=True, threads=[("tcp://10.0.0.1:1", 1)])
    settled(crew)
    assert list(crew.hands) == ["tcp://10.0.0.1:1"]


def test_workers_of_one_machine_get_the_lowest_free_core_each_and_other_machines_count_anew(said):
    elsewhere = "tls://10.0.0.1:1"
    client, crew = crew_of(said, threads=[(ONE, 1), (elsewhere, 1), (TWO, 1)])
    settled(crew)
    assert {address: hand.core for address, hand in crew.hands.items()} == {ONE: 0, TWO: 1, elsewhere: 0}
    assert {(at, a[-1]) for at, name, *a in client.asked if name == "equip"} == {
        (ONE, 0),
        (TWO, 1),
        (elsewhere, 0),
    }
    del client.threads[ONE]
    client.threads[THREE] = 1
    settled(crew)
    assert crew.hands[THREE].core == 0


def test_who_is_gone_is_returned_once_and_may_come_back_even_if_it_was_refused(said):
    client, crew = crew_of(said, threads=[(ONE, 1), (TWO, 1)])
    settled(crew)
    first = crew.hands[ONE]
    assert crew.refuse(TWO, "is full.").address == TWO
    assert said == [f"Worker {TWO} is refused: it is full."]
    settled(crew)
    assert list(crew.hands) == [ONE], "who is refused is not asked again"
    client.threads.clear()
    assert settled(crew) == [first]
    assert settled(crew) == []
    client.threads.update({ONE: 1, TWO: 1})
    settled(crew)
    assert set(crew.hands) == {ONE, TWO}
    assert crew.hands[ONE] is not first


def test_who_is_forgotten_is_admitted_anew(said):
    client, crew = crew_of(said)
    settled(crew)
    client.equipped.clear()
    assert crew.forget(ONE).address == ONE
    assert crew.forget(ONE) is None
    settled(crew)
    assert list(crew.hands) == [ONE]
    assert ONE in client.equipped
    assert said == []


def test_the_scheduler_is_asked_once_a_second_unless_at_once(said):
    client, crew = crew_of(said)
    settled(crew)
    crew._looked = time.monotonic() + 1000
    looks = client.looks
    assert crew.look() == []
    assert client.looks == looks
    crew.look(at_once=True)
    crew._looked = time.monotonic() - LOOK_SECONDS
    crew.look()
    assert client.looks == looks + 2


def test_while_one_worker_may_still_be_admitted_the_command_waits(said, monkeypatch):
    monkeypatch.setitem(WAITS, "report", 0.0)
    client, crew = crew_of(said, threads=[(ONE, 1), (TWO, 1)])
    crew.refuse(ONE, "is full")
    client.run = lambda *_, **__: threading.Event().wait(60)
    crew.look(at_once=True)
    assert said[-1] == "No worker can grade after 0 s: 2 there, 1 refused. Waiting."


def test_while_somebody_grades_nothing_is_said_about_those_who_can_t(said, monkeypatch):
    monkeypatch.setitem(WAITS, "report", 0.0)
    _, crew = crew_of(said, threads=[(ONE, 1), (TWO, 1)])
    crew.hands[ONE] = Hand(ONE, 1, 0)
    crew.refuse(TWO, "is full")
    crew.look(at_once=True)
    assert len(said) == 1


def test_at_its_end_the_admitted_forget_the_kit(said):
    client, crew = crew_of(said, threads=[(ONE, 1), (TWO, 1)])
    settled(crew)
    crew.refuse(TWO, "is full")
    client.asked.clear()
    crew.close()
    assert client.asked == [(ONE, "dismiss", digest_of(b"kit"))]
    client.asked.clear()
    client.status = "closed"
    crew.close()
    assert client.asked == []


def test_a_scheduler_that_does_not_answer_is_lost(said):
    client, crew = crew_of(said)

    def nthreads(callback_timeout):
        raise OSError("cut off")

    client.nthreads = nthreads
    with pytest.raises(LostError, match=r"no longer answers \(OSError\)"):
        crew.look(at_once=True)
