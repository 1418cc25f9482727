"""The launchers to copy: what the platforms accept, and that their own commands make a cluster that grades."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import clusters
import pytest
import yaml
from check_jsonschema.builtin_schemas import get_builtin_schema
from classroom import copied, grade, rows
from conftest import CHECKOUT
from jsonschema.validators import validator_for

DEPLOY = CHECKOUT / "deploy"
BIN = Path(sys.executable).parent
OURS = {"CLIENT__CERT": "cluster.pem", "CLIENT__KEY": "cluster.key"}


def compose():
    return yaml.safe_load((DEPLOY / "docker-compose.yml").read_text())


def kubernetes():
    return yaml.safe_load((DEPLOY / "kubernetes.yml").read_text())


def container(role):
    return kubernetes()["spec"][role]["spec"]["containers"][0]


def test_docker_accepts_the_compose_file():
    schema = get_builtin_schema("vendor.compose-spec")
    assert list(validator_for(schema)(schema).iter_errors(compose())) == []


def test_the_kubernetes_manifest_is_a_cluster_of_the_operator():
    found = kubernetes()
    assert (found["apiVersion"], found["kind"]) == ("kubernetes.dask.org/v1", "DaskCluster")
    assert set(found["spec"]) == {"worker", "scheduler"}
    selector = found["spec"]["scheduler"]["service"]["selector"]
    assert selector["dask.org/cluster-name"] == found["metadata"]["name"]
    ports = {port["name"]: port["containerPort"] for port in container("scheduler")["ports"]}
    assert ports == {"tcp-comm": 8786}
    for role in ("worker", "scheduler"):
        mounted = {mount["name"] for mount in container(role)["volumeMounts"]}
        assert mounted == {volume["name"] for volume in found["spec"][role]["spec"]["volumes"]}


def test_every_launcher_uses_tls_and_one_thread_for_each_worker():
    services = compose()["services"]
    commands = [services[role]["command"] for role in ("scheduler", "worker")]
    commands += [container(role)["args"] for role in ("scheduler", "worker")]
    for command in commands:
        assert command[command.index("--protocol") + 1] == "tls"
        assert "--no-dashboard" in command
        assert command[1] == "scheduler" or command[command.index("--nthreads") + 1] == "1"
    assert 'protocol="tls"' in (DEPLOY / "slurm.py").read_text()


def test_scripts_are_sound():
    compile((DEPLOY / "slurm.py").read_text(), "slurm.py", "exec")
    subprocess.run([BIN / "shellcheck", DEPLOY / "certificates.sh"], check=True)


@pytest.mark.slow
@pytest.mark.sandbox
@pytest.mark.skipif(not Path("/usr/bin/openssl").exists(), reason="needs openssl")
def test_the_commands_of_the_compose_file_make_a_cluster_that_grades(classroom, undisturbed, tmp_path):
    tls, port = tmp_path / "tls", clusters.free_port()
    subprocess.run(["sh", DEPLOY / "certificates.sh", tls], check=True, capture_output=True)
    services = compose()["services"]
    started = []
    try:
        for role in ("scheduler", "worker", "worker"):
            words = [word.replace("8786", str(port)) for word in services[role]["command"][1:]]
            words = [word.replace("//scheduler:", "//127.0.0.1:") for word in words]
            names = {
                name: value.replace("/tls", str(tls)) for name, value in services[role]["environment"].items()
            }
            started.append(clusters.start(tmp_path, [*clusters.DASK, *words], names))
            clusters.wait_until(lambda: clusters.answers(port))
        root = copied(classroom, tmp_path / "class")
        with pytest.MonkeyPatch.context() as ours:
            for name, file in {
                "CA_FILE": "ca.pem",
                "CLIENT__CERT": "cluster.pem",
                "CLIENT__KEY": "cluster.key",
            }.items():
                ours.setenv(f"DASK_DISTRIBUTED__COMM__TLS__{name}", str(tls / file))
            status, said = grade(root, "--cluster", f"tls://127.0.0.1:{port}")
    finally:
        for process in started:
            os.killpg(process.pid, 9)
            process.wait()
    assert status == 0, said
    assert rows(root) == rows(undisturbed)
