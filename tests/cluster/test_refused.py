"""What is no cluster, and which workers get no task: each is a sentence, and the exit status is 2."""

from __future__ import annotations

import contextlib
import http.server
import importlib.metadata
import re
import shutil
import socket
import subprocess
import threading
from functools import partial

import clusters
import pytest
from classroom import copied, grade, rows
from conftest import CHECKOUT
from waiting import wait_until

from autograder.sandbox import ways

pytestmark = [pytest.mark.slow, pytest.mark.sandbox]


@pytest.fixture(autouse=True)
def _soon(monkeypatch):
    """A scheduler that does not answer counts as none after two seconds."""
    monkeypatch.setenv("DASK_AUTOGRADER__CONNECT", "2s")


@pytest.fixture
def root(classroom, tmp_path):
    """A class of two: nothing of it may be graded where no worker is admitted."""
    root = copied(classroom, tmp_path / "class")
    for folder in sorted((root / "submitted").iterdir())[2:]:
        shutil.rmtree(folder)
    return root


def refused(root, address):
    status, said = grade(root, "--cluster", address)
    assert status == 2, said
    assert "Traceback" not in said, said
    assert not (root / "autograded").exists()
    return said


# --- addresses -------------------------------------------------------------------------------------------


def test_an_address_that_is_none_is_wrong_usage(root):
    assert "is no cluster's address" in refused(root, "scheduler")
    assert "without TLS anybody on the way" in refused(root, "tcp://10.0.0.1:8786")


def test_a_course_names_its_cluster(root):
    with (root / "nbgrader_config.py").open("a") as config:
        config.write('c.GradeSealed.cluster = "its-own"\n')
    status, said = grade(root)
    assert status == 2
    assert "“its-own” is no cluster's address" in said


def test_an_address_nobody_answers_at(root):
    said = refused(root, f"tcp://127.0.0.1:{clusters.free_port()}")
    assert "No scheduler answers at tcp://127.0.0.1:" in said


@pytest.mark.deep
def test_a_port_that_is_not_a_schedulers(root):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        assert "No scheduler answers at" in refused(root, f"tcp://127.0.0.1:{server.server_port}")
        server.shutdown()


def test_a_port_that_stays_silent(root):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert "No scheduler answers at" in refused(root, f"tcp://127.0.0.1:{silent.getsockname()[1]}")


@pytest.mark.deep
def test_a_scheduler_of_another_version(root, tmp_path):
    with clusters.running(**other_package(tmp_path / "odd", "distributed", "2020.1.0")) as cluster:
        said = refused(root, cluster.address)
    assert "is of another version: distributed 2020.1.0 (here" in said


@pytest.mark.deep
def test_a_scheduler_without_the_package(root, tmp_path):
    with clusters.running(**without_package(tmp_path / "odd")) as cluster:
        cluster.environment = {}
        cluster.add_worker()
        assert "The cluster can't take tasks" in refused(root, cluster.address)


# --- workers ---------------------------------------------------------------------------------------------


def changed_copy(folder):
    """The package with another word in one comment."""
    shutil.copytree(CHECKOUT / "autograder", folder / "autograder", ignore=shutil.ignore_patterns("__pycache__"))
    with (folder / "autograder" / "judging" / "compare.py").open("a") as file:
        file.write("# changed\n")
    return {"PYTHONPATH": str(folder)}


def other_package(folder, name="numpy", version="1.0"):
    """What makes Python say that a package is installed in another version."""
    metadata = folder / f"{name}-{version}.dist-info" / "METADATA"
    metadata.parent.mkdir(parents=True)
    metadata.write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    commands = importlib.metadata.distribution(name).read_text("entry_points.txt")
    metadata.with_name("entry_points.txt").write_text(commands or "")
    return {"PYTHONPATH": str(folder)}


def without_package(folder):
    (folder / "autograder").mkdir(parents=True)
    (folder / "autograder" / "__init__.py").write_text("raise ModuleNotFoundError('autograder')\n")
    return {"PYTHONPATH": str(folder)}


def without_isolation(folder):
    return {ways.CHOICE: "nothing"}


ODD = {
    changed_copy: "is refused: it has autograder ",
    other_package: "is refused: it has numpy 1.0, here ",
    without_package: "is refused: it does not answer as a worker of this version does",
    without_isolation: "is refused: it can't isolate",
}


def test_workers_that_would_give_other_marks_are_refused_by_name_and_the_others_grade(cluster, root, tmp_path):
    wait_until(lambda: cluster.arrived() >= len(cluster.nannies))  # its own come first
    wanted = cluster.arrived() + len(ODD)
    with contextlib.ExitStack() as odd:
        for number, kind in enumerate(ODD):
            odd.enter_context(cluster.another_worker(**kind(tmp_path / f"odd{number}")))
        wait_until(lambda: cluster.arrived() >= wanted)
        status, said = grade(root, "--cluster", cluster.address, "--force")
    assert status == 0, said
    assert [said.count(why) for why in ODD.values()] == [1, 1, 1, 1], said
    assert said.count("is refused") == 4


@pytest.mark.deep
def test_where_all_workers_are_refused_the_command_ends(root, tmp_path, monkeypatch):
    monkeypatch.setenv("DASK_AUTOGRADER__REPORT", "2s")
    with clusters.running() as cluster, cluster.another_worker(**without_isolation(tmp_path)):
        wait_until(cluster.arrived)
        said = refused(root, cluster.address)
    assert "None of the 1 workers of the cluster can grade" in said


@pytest.mark.deep
def test_without_a_worker_it_says_so_and_goes_on_waiting(root, monkeypatch):
    monkeypatch.setenv("DASK_AUTOGRADER__REPORT", "2s")
    with clusters.running() as cluster:
        process = grade(root, "--cluster", cluster.address, wait=False)
        lines = iter(process.stdout.readline, "")
        said = next((line for line in lines if "No worker can grade" in line), "")
        assert re.search(r"No worker can grade after \d+ s: 0 there, 0 refused. Waiting.", said)
        assert process.poll() is None
        cluster.add_worker()
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said


# --- TLS -------------------------------------------------------------------------------------------------


def certificates(folder, *names):
    """A certificate authority, and a certificate of it for each name."""
    folder.mkdir()
    openssl = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    make = partial(subprocess.run, cwd=folder, check=True, capture_output=True)
    make([*openssl, "-subj", "/CN=course", "-keyout", "ca.key", "-out", "ca.pem"])
    for name in names:
        issued = ["-CA", "ca.pem", "-CAkey", "ca.key", "-keyout", f"{name}.key", "-out", f"{name}.pem"]
        make([*openssl, "-subj", f"/CN={name}", *issued])
    return folder


def tls(folder, *roles):
    """What tells Dask where its certificates are."""
    names = {"CA_FILE": folder / "ca.pem"}
    for role in roles:
        names |= {f"{role}__CERT": folder / "cluster.pem", f"{role}__KEY": folder / "cluster.key"}
    return {f"DASK_DISTRIBUTED__COMM__TLS__{name}": str(path) for name, path in names.items()}


@pytest.mark.deep
@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")
def test_tls_on_both_sides(root, tmp_path):
    ours, others = (certificates(tmp_path / name, "cluster") for name in ("ours", "others"))
    words, theirs = ("--protocol", "tls"), tls(ours, "SCHEDULER", "WORKER")
    with (
        clusters.running(workers=1, scheme="tls", words=words, **theirs) as cluster,
        pytest.MonkeyPatch.context() as own,
    ):
        assert "needs certificates" in refused(root, cluster.address)
        assert "No scheduler answers" in refused(root, cluster.address.replace("tls", "tcp"))
        for name, value in tls(others, "CLIENT").items():
            own.setenv(name, value)
        assert "No scheduler answers" in refused(root, cluster.address)
        for name, value in tls(ours, "CLIENT").items():
            own.setenv(name, value)
        status, said = grade(root, "--cluster", cluster.address)
    assert status == 0, said
    assert {row[0] for row in rows(root)["submission"]} == {"s00", "s01"}
