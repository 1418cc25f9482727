"""Where a cluster is, and whether what goes there can be read on the way."""

from __future__ import annotations

import subprocess
import sys

import pytest

from autograder.cluster.address import Address, AddressError, is_private, parsed


def test_the_three_forms_are_read():
    assert parsed("local:4") == Address("", 4)
    assert parsed("tcp://127.0.0.1:8786") == Address("tcp://127.0.0.1:8786")
    assert parsed("tls://scheduler.example:8786") == Address("tls://scheduler.example:8786")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "local",
        "local:",
        "local:x",
        "scheduler:8786",
        "tcp://host",
        "tcp://:8786",
        "ucx://a:1",
        "tcp://a:99999",
        "tcp://127.0.0.1:0",
        "tls://host:8786/path",
        "tcp://[::1:8786",
        "local:4 ",
        "xlocal:4",
        "http://127.0.0.1:8786",
    ],
)
def test_what_is_none_is_refused_with_the_forms_that_are(text):
    with pytest.raises(AddressError, match="local:N for N worker processes"):
        parsed(text)


@pytest.mark.parametrize("text", ["local:0", "local:257"])
def test_so_many_processes_are_not_started(text):
    with pytest.raises(AddressError, match="between 1 and 256"):
        parsed(text)


def test_one_process_and_the_most_are_started():
    assert [parsed(f"local:{number}").workers for number in (1, 256)] == [1, 256]


@pytest.mark.parametrize("text", ["tcp://10.0.0.1:8786", "tcp://scheduler:8786", "tcp://[2001:db8::1]:8786"])
def test_another_machine_without_tls_needs_the_instructors_word(text):
    with pytest.raises(AddressError, match="--insecure-cluster"):
        parsed(text)
    assert parsed(text, insecure=True) == Address(text)


def test_loopback_and_tls_are_private_and_a_name_is_not():
    assert all(map(is_private, ["tcp://127.0.0.1:1", "tcp://127.3.2.1:1", "tcp://[::1]:1", "tls://10.0.0.1:1"]))
    assert is_private("tcp://localhost:1")
    assert not any(map(is_private, ["tcp://10.0.0.1:1", "tcp://localhost.example:1", "tcp://0.0.0.0:1"]))


@pytest.mark.slow
def test_dask_is_imported_only_where_a_cluster_is_named():
    code = (
        "import sys, autograder.cli, autograder.commands.grade, autograder.nbgrader_plugin, "
        "autograder.cluster.address, autograder.cluster.graders\n"
        "print([name for name in ('distributed', 'dask') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
