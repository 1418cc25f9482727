"""Grade a course on SLURM: start workers as batch jobs, grade, and end them.

Run it on the login node, in the course's folder, with an environment that all nodes see and that holds
``logits-and-likelihoods[cluster]`` and ``dask-jobqueue``. What ``autograder grade`` takes may follow::

    python slurm.py --jobs 20 --cores 16 -- --assignment softmax --results marks.jsonl

Certificates are made in ``~/.autograder-tls`` (only you can read them), so that nobody on the network reads
references or marks. For PBS, take ``PBSCluster`` in place of ``SLURMCluster``.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from pathlib import Path
from typing import Any

from dask_jobqueue import SLURMCluster
from distributed.security import Security

FOLDER = Path.home() / ".autograder-tls"
FRUGAL = ("WORKER__PROFILE__ENABLED=false", "ADMIN__TICK__INTERVAL=1s", "ADMIN__SYSTEM_MONITOR__INTERVAL=10s")
OPENSSL = ["openssl", "req", "-x509", "-newkey", "rsa:3072", "-nodes", "-days", "30"]


def certificates(folder: Path) -> dict[str, str]:
    """Make a certificate for scheduler, workers and client, unless it exists; return Dask's settings for it."""
    authority, key, certificate = folder / "ca.pem", folder / "cluster.key", folder / "cluster.pem"
    if not certificate.exists():
        folder.mkdir(mode=0o700, exist_ok=True)
        signed = ["-CA", str(authority), "-CAkey", str(folder / "ca.key")]
        own = ["-keyout", str(folder / "ca.key"), "-out", str(authority)]
        subprocess.run([*OPENSSL, "-subj", "/CN=autograder", *own], check=True, capture_output=True)
        issued = ["-keyout", str(key), "-out", str(certificate)]
        subprocess.run([*OPENSSL, "-subj", "/CN=cluster", *signed, *issued], check=True, capture_output=True)
    roles = ("client", "scheduler", "worker")
    return {
        "tls_ca_file": str(authority),
        **{f"tls_{role}_cert": str(certificate) for role in roles},
        **{f"tls_{role}_key": str(key) for role in roles},
    }


def cluster(options: argparse.Namespace, tls: dict[str, str]) -> Any:
    """Return a cluster whose workers are SLURM jobs: one process of one thread for each core."""
    return SLURMCluster(
        queue=options.partition,
        account=options.account,
        cores=options.cores,
        processes=options.cores,
        memory=f"{4 * options.cores}GB",
        walltime=options.time,
        protocol="tls",
        security=Security(require_encryption=True, **tls),
        scheduler_options={"dashboard_address": None},
        worker_extra_args=["--no-dashboard"],
        job_script_prologue=[f"export DASK_DISTRIBUTED__{name}" for name in FRUGAL],
        log_directory="slurm-logs",
    )


def main() -> int:
    """Start workers, grade, end them; return the exit status of ``autograder grade``."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", type=int, default=4, help="batch jobs (nodes)")
    parser.add_argument("--cores", type=int, default=8, help="cores of each job")
    parser.add_argument("--partition")
    parser.add_argument("--account")
    parser.add_argument("--time", default="02:00:00")
    parser.add_argument("grade", nargs="*", help="what autograder grade takes")
    options = parser.parse_args()
    tls = certificates(FOLDER)
    names = {
        "CA_FILE": tls["tls_ca_file"],
        "CLIENT__CERT": tls["tls_client_cert"],
        "CLIENT__KEY": tls["tls_client_key"],
    }
    environment = [f"DASK_DISTRIBUTED__COMM__TLS__{name}={value}" for name, value in names.items()]
    with cluster(options, tls) as started:
        started.scale(jobs=options.jobs)
        command = [
            sys.executable,
            "-m",
            "autograder",
            "grade",
            "--cluster",
            started.scheduler_address,
            *options.grade,
        ]
        return subprocess.run(["env", *environment, *command], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
