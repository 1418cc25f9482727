"""A connection is used only if the scheduler is of the same versions, and every failure is a sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from autograder.cluster.connection import (
    MUST_AGREE,
    ClusterError,
    _client,
    _find_certificates,
    _nobody,
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
    assert given["deserializers"] == ["dask", "msgpack"]
    assert given["set_as_default"] is False


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


def test_who_does_not_answer_is_named_with_the_first_line_of_the_reason():
    assert _nobody("tcp://a:1", 1.5, OSError("refused\nmore")).startswith(
        "No scheduler answers at tcp://a:1 within 1.5 s (refused). Does it run there"
    )
    assert "(TimeoutError)" in _nobody("tcp://a:1", 2.0, TimeoutError())


def test_a_client_that_can_t_be_made_is_a_sentence():
    dask = Distributed()
    dask.Client = lambda *_, **__: 1 / 0
    refused = pytest.raises(ClusterError, match=r"No scheduler answers at .* \(division by zero\)")
    with refused, _client(dask, "tcp://here:1"):
        pass


def test_what_runs_in_the_background_hands_on_its_result_or_its_error():
    assert in_background(lambda: 7).result(60) == 7
    assert isinstance(in_background(lambda: 1 / 0).exception(60), ZeroDivisionError)


@pytest.mark.parametrize(("text", "seconds"), [("2m", 120.0), (0, 0.0), (3, 3.0)])
def test_a_wait_is_any_time_that_dask_can_read(text, seconds):
    import dask

    with dask.config.set({"autograder.report": text}):
        assert seconds_for("report") == seconds
    assert seconds_for("report") == 30
