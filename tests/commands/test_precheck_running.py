"""How a notebook is run, without a kernel."""

from __future__ import annotations

import contextlib

import pytest
from notebook_files import book_of

from autograder.commands.precheck import causes, running


def test_an_error_is_one_line_of_bounded_length_without_the_kernels_names():
    def error(name, value):
        book = book_of(("x", ""))
        fields = {"output_type": "error", "ename": name, "evalue": value, "traceback": []}
        book.cells[0].outputs = [type(book)(output_type="stream"), type(book)(fields)]
        return running._error_of(book.cells[0])

    assert error("E", "a\n  b") == ("E", "a b")
    assert error("E", "x" * 301) == ("E", "x" * 300)
    assert error("SyntaxError", "bad (2041.py, line 7)") == ("SyntaxError", "bad (line 7)")
    assert error("_IncompleteInputError", "")[0] == "SyntaxError"
    assert running._error_of(book_of(("x", "")).cells[0]) is None


@pytest.fixture
def client(monkeypatch):
    """A client of nbclient's in place of a kernel; ``ends`` says by its text how a cell ends."""
    import nbclient
    from nbformat.v4 import new_output

    class Client:
        def __init__(self, book, **words):
            self.words, self.ran, self.timeouts, self.timeout = words, [], [], None
            Client.made.append(self)

        @contextlib.contextmanager
        def setup_kernel(self, **words):
            if len(Client.made) <= Client.fails_to_start:
                raise RuntimeError("Kernel died before replying to kernel_info")
            yield

        def execute_cell(self, cell, index):
            self.ran.append(index)
            self.timeouts.append(self.timeout)
            end = Client.ends.get(cell.source)
            if isinstance(end, Exception):
                raise end
            cell.outputs = [new_output("stream", text="said")]
            if end:
                cell.outputs.append(new_output("error", ename=end, evalue="bad\nline", traceback=[]))

    Client.ends, Client.made, Client.fails_to_start = {}, [], 0
    monkeypatch.setattr(nbclient, "NotebookClient", Client)
    return Client


TEXTS = (("a = 1", ""), ("b", ""), ("c", ""), ("d", ""))


def ran(folder, *cells, seconds=30.0, shown=None):
    book = book_of(*(cells or TEXTS))
    return running.run(book, folder, seconds, [], lambda *at: None if shown is None else shown.append(at))


def test_every_cell_of_code_runs_in_order_in_the_notebooks_folder_and_an_error_stops_none(client, tmp_path):
    shown = []
    client.ends["b"] = client.ends["c"] = "ValueError"
    book = book_of(*TEXTS)
    book.cells[0].cell_type = "markdown"
    found = running.run(book, tmp_path, 30.0, [], lambda *at: shown.append(at))
    assert {index: how.text for index, how in found.items()} == {
        1: "stopped with ValueError: bad line.",
        2: "stopped with ValueError: bad line.",
    }
    (used,) = client.made
    assert (used.ran, shown) == ([1, 2, 3], [(2, 4), (3, 4), (4, 4)])
    assert (used.words["allow_errors"], used.words["kernel_name"]) == (True, "python3")
    assert used.words["resources"] == {"metadata": {"path": str(tmp_path)}}


def test_what_comes_after_a_cell_that_never_ends_is_not_run_and_is_no_error(client, tmp_path):
    from nbclient.exceptions import CellTimeoutError, DeadKernelError

    client.ends["a = 1"] = "ValueError"
    for error, text in (
        (CellTimeoutError("slow"), "took more than 7 s and was stopped. What comes after it was not run."),
        (DeadKernelError("died"), "ended Python. What comes after it was not run."),
    ):
        client.made.clear()
        client.ends["b"] = error
        found = ran(tmp_path, seconds=7.2)
        assert found.pop(0).kind == "ValueError"
        assert found == {1: causes.Stopped("", text), 2: causes.Stopped("", ""), 3: causes.Stopped("", "")}
        assert client.made[0].ran == [0, 1]


def test_a_cell_has_its_own_time_as_long_as_the_notebook_has_so_much_and_a_second_at_least(
    client, tmp_path, monkeypatch
):
    ticks = iter([0.0, 100.0, 155.0, 179.9, 400.0])
    monkeypatch.setattr(running.time, "monotonic", lambda: next(ticks))
    ran(tmp_path)
    assert client.made[0].timeouts == [30, 25, 1, 1]


def test_a_kernel_that_does_not_start_is_started_once_more(client, tmp_path):
    client.fails_to_start = 1
    assert ran(tmp_path) == {}
    assert [each.ran for each in client.made] == [[], [0, 1, 2, 3]]
    client.made.clear()
    client.fails_to_start = 2
    with pytest.raises(running.CannotRunError, match=r"does not start \(Kernel died before"):
        ran(tmp_path)
    assert len(client.made) == 2


def test_without_a_kernel_it_says_what_to_install(client, tmp_path):
    from jupyter_client.kernelspec import NoSuchKernel

    client.ends["b"] = NoSuchKernel("python3")
    with pytest.raises(running.CannotRunError, match="There is no Python kernel here"):
        ran(tmp_path)
    assert len(client.made) == 1
