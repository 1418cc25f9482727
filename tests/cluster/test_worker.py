"""What a worker says about itself, and what it does with a group where something goes wrong."""

from __future__ import annotations

import asyncio
import json
import subprocess
from types import SimpleNamespace

import msgspec
import pytest

from autograder.cluster import worker
from autograder.cluster.verdicts import read_results
from autograder.cluster.versions import card
from autograder.cluster.wire import Card, Group, Kit, packed
from autograder.grading.submission import Submission
from autograder.grading.workers import GraderFaultError, NotGradedError
from autograder.sandbox import ways

KIT = Kit({}, [], {"hw": []}, [])


@pytest.fixture(autouse=True)
def _new(monkeypatch):
    """A worker that has no kit, and room on its disk."""
    monkeypatch.setattr(worker, "_posts", {})
    monkeypatch.setattr(worker.shutil, "disk_usage", lambda _: SimpleNamespace(free=worker.LEAST_DISK))


class Graders:
    """Worker processes that return each submission's content as its report."""

    def __init__(self, dies_of=None, **errors):
        self.asked, self.closed, self._dies_of, self._errors = [], False, dies_of, errors

    def grade_sent(self, root, source, submission):
        self.asked.append((root, source, submission))
        if submission.student in self._errors:
            raise self._errors[submission.student]
        return msgspec.Raw(submission.content)

    def is_alive(self):
        return not self.asked or self.asked[-1][2].student != self._dies_of

    def close(self):
        self.closed = True


def grade(tmp_path, graders, *students, kit="kit"):
    sources = {("hw", "one"): "source of one", ("hw", "two"): "source of two"}
    worker._posts["kit"] = worker._Post(KIT, sources, tmp_path, graders)
    items = [
        packed(10 + n, Submission(b"%d" % n, student, "hw", "two" if n % 2 else "one", f"{student}.ipynb"))
        for n, student in enumerate(students)
    ]
    return read_results(worker.grade_group(msgspec.msgpack.encode(Group(kit, items))))


def test_all_of_a_group_are_graded_in_order_each_against_its_own_source(tmp_path):
    graders = Graders()
    results = grade(tmp_path, graders, "ada", "bea", "cai")
    assert [(done.number, bytes(done.graded)) for done in results.done] == [(10, b"0"), (11, b"1"), (12, b"2")]
    assert (results.unfit, results.seconds >= 0) == (None, True)
    assert [(root, source) for root, source, _ in graders.asked] == [
        (tmp_path, "source of one"),
        (tmp_path, "source of two"),
        (tmp_path, "source of one"),
    ]


def test_one_that_can_t_be_graded_says_whose_fault_it_is_and_the_next_is_graded(tmp_path):
    odd = "b\udcff.ipynb took too long."
    graders = Graders(bea=NotGradedError(odd), cai=GraderFaultError("a fault"))
    results = grade(tmp_path, graders, "ada", "bea", "cai", "dan")
    found = [(done.why, done.fault, done.graded is msgspec.UNSET) for done in results.done]
    assert found == [
        (None, False, False),
        ("b?.ipynb took too long.", False, True),
        ("a fault", True, True),
        (None, False, False),
    ]
    assert results.unfit is None


def test_a_fault_of_the_worker_keeps_what_was_graded_before_it(tmp_path):
    results = grade(tmp_path, Graders(bea=RuntimeError("odd")), "ada", "bea", "cai")
    assert [done.number for done in results.done] == [10]
    assert results.unfit == "met a fault of the grader (RuntimeError: odd)"


def test_a_worker_that_can_start_no_graders_takes_its_last_verdict_back_and_stops(tmp_path):
    """That submission may have been given up only because the process was gone."""
    graders = Graders(dies_of="bea")
    results = grade(tmp_path, graders, "ada", "bea", "cai")
    assert [done.number for done in results.done] == [10]
    assert results.unfit == "has lost the process that starts its graders"
    assert len(graders.asked) == 2


def test_on_a_full_disk_nothing_is_begun(tmp_path, monkeypatch):
    monkeypatch.setattr(worker.shutil, "disk_usage", lambda _: SimpleNamespace(free=worker.LEAST_DISK - 1))
    graders = Graders()
    results = grade(tmp_path, graders, "ada")
    assert (results.done, graders.asked) == ([], [])
    assert results.unfit.startswith("has no room on its disk: 63 MB are left in ")


def test_a_kit_that_is_there_is_taken_and_another_is_asked_for(tmp_path):
    assert grade(tmp_path, Graders(), "ada", kit="other").unfit == worker.LOST_KIT
    assert asyncio.run(worker.equip(b"", "kit", 0)) == b""
    assert asyncio.run(worker.equip(b"", "other", 0)).decode() == worker.NEEDS_KIT


def test_the_kit_that_is_dismissed_is_closed_and_no_other(tmp_path):
    graders, other = Graders(), Graders()
    (tmp_path / "own").mkdir()
    worker._posts["other"] = worker._Post(KIT, {}, tmp_path, other)
    worker._posts["kit"] = worker._Post(KIT, {}, tmp_path / "own", graders)
    for _ in range(2):
        assert asyncio.run(worker.dismiss("kit")) == b""
    assert (graders.closed, other.closed, list(worker._posts)) == (True, False, ["other"])
    assert not (tmp_path / "own").exists()


def test_of_kits_the_oldest_makes_room(tmp_path, monkeypatch):
    monkeypatch.setattr(worker, "WorkerPool", lambda settings, first_core: Graders())
    monkeypatch.setattr(worker, "read_kit", lambda content: (KIT, None))
    monkeypatch.setattr(worker.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    contents = [b"1", b"2", b"3"]
    pools = []
    for content in contents:
        assert asyncio.run(worker.equip(content, worker.digest_of(content), 0)) == b""
        pools.append(worker._posts[worker.digest_of(content)].pool)
    assert list(worker._posts) == [worker.digest_of(content) for content in contents[1:]]
    assert [pool.closed for pool in pools] == [True, False, False]


def test_a_workers_graders_begin_at_its_core_and_none_are_started_where_they_can_t_isolate(tmp_path, monkeypatch):
    cores = []

    def pool(settings, first_core):
        cores.append(first_core)
        raise worker.CannotIsolateError("no Landlock")

    monkeypatch.setattr(worker, "WorkerPool", pool)
    monkeypatch.setattr(worker, "read_kit", lambda content: (KIT, None))
    monkeypatch.setattr(worker.tempfile, "mkdtemp", lambda prefix: str(tmp_path))
    assert asyncio.run(worker.equip(b"1", worker.digest_of(b"1"), 3)) == b"can't isolate: no Landlock"
    assert (cores, worker._posts) == ([3], {})


# --- before the first task -------------------------------------------------------------------------------


def test_a_worker_introduces_itself_with_its_card():
    assert msgspec.json.decode(asyncio.run(worker.introduce()), type=Card) == card()


@pytest.fixture
def doctor(monkeypatch):
    """Have the doctor say something; return what it is called with."""
    called = []

    def says(text):
        def run(command, env, **_):
            called.append((command[-2:], env.get(ways.CHOICE)))
            if isinstance(text, Exception):
                raise text
            return SimpleNamespace(stdout=text)

        monkeypatch.setattr(subprocess, "run", run)
        return called

    monkeypatch.delenv(ways.CHOICE, raising=False)
    return says


def probes(**held):
    return json.dumps({"probes": [{"name": name, "held": value} for name, value in held.items()]})


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (probes(files=True, network=True), ""),
        (probes(files=True, network=False), "can't isolate: network"),
        (probes(files=False, network=True, a=False, b=False), "can't isolate: files; a"),
        ("", "can't run autograder doctor: Expecting value"),
        ("{}", "can't run autograder doctor: 'probes'"),
        (OSError("gone"), "can't run autograder doctor: gone"),
        (subprocess.TimeoutExpired("doctor", 300), "can't run autograder doctor: "),
    ],
)
def test_what_a_worker_says_of_its_doctor_is_why_it_can_t_grade(doctor, said, why):
    doctor(said)
    found = asyncio.run(worker.examine("")).decode()
    assert found.startswith(why)
    assert bool(found) == bool(why)


def test_the_doctor_is_asked_about_the_way_that_is_wanted(doctor):
    called = doctor(probes())
    asyncio.run(worker.examine("chroot"))
    asyncio.run(worker.examine(""))
    assert called == [(["doctor", "--json"], "chroot"), (["doctor", "--json"], None)]
