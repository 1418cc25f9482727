"""Who grades: this machine's workers or a named cluster, whose failures are sentences with the right status."""

from __future__ import annotations

from contextlib import contextmanager
from types import SimpleNamespace

import click
import pytest

from autograder.cluster import graders as cluster_graders
from autograder.cluster.connection import ClusterError, LostError
from autograder.commands import graders as module
from autograder.commands.graders import StoppedError, graders_for
from autograder.commands.opening import CannotGradeError


def opened(cluster="", *, insecure=False):
    return SimpleNamespace(settings="settings", pool="pool", cluster=cluster, insecure_cluster=insecure)


def test_without_a_cluster_this_machines_workers_grade_in_the_opened_pool(monkeypatch):
    given, open_now = [], []

    @contextmanager
    def workers_for(*words):
        given.append(words)
        open_now.append(True)
        yield "workers"
        open_now.clear()

    monkeypatch.setattr(module, "workers_for", workers_for)
    monkeypatch.setattr(module, "OneMachine", lambda workers: ("one machine", workers))
    with graders_for(opened()) as graders:
        assert graders == ("one machine", "workers")
        assert open_now
    assert (given, open_now) == ([("settings", "pool")], [])


@pytest.fixture
def cluster(monkeypatch):
    """What a cluster was opened with."""
    given = []

    @contextmanager
    def opened_cluster(address, settings, tell, *, insecure):
        given.append((address, settings, insecure))
        tell("2 workers were admitted.")
        yield "the cluster"

    monkeypatch.setattr(cluster_graders, "opened", opened_cluster)
    return given


def test_a_named_cluster_grades_and_what_it_tells_is_printed(cluster, capsys):
    with graders_for(opened("tcp://node:8786", insecure=True)) as graders:
        assert graders == "the cluster"
    ((address, settings, insecure),) = cluster
    assert "node" in str(address)
    assert (settings, insecure) == ("settings", True)
    assert capsys.readouterr().out == "2 workers were admitted.\n"


def test_an_address_without_encryption_is_refused_unless_it_is_asked_for(cluster):
    with pytest.raises(click.UsageError), graders_for(opened("tcp://node:8786")):
        pass
    assert cluster == []


@pytest.mark.parametrize(
    ("error", "kind", "status", "said"),
    [
        (
            LostError("The cluster is gone."),
            StoppedError,
            1,
            "The cluster is gone. What was graded is kept. Run the command again to grade the others.",
        ),
        (ClusterError("Nobody answers."), CannotGradeError, 2, "Nobody answers."),
    ],
)
def test_a_cluster_that_is_lost_is_told_from_one_that_can_not_grade(cluster, error, kind, status, said):
    with pytest.raises(click.ClickException) as caught, graders_for(opened("tcp://node:1", insecure=True)):
        raise error
    assert (type(caught.value), caught.value.exit_code, caught.value.message) == (kind, status, said)
