"""A PostgreSQL server of the tests' own: a cluster in a folder, reached through a socket in it."""

from __future__ import annotations

import itertools
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from urllib.parse import quote

import sqlalchemy as sa

PASSWORD = "p@ss/w:rd%2"  # each of its signs means something in a URL
SETTINGS = ("fsync=off", "full_page_writes=off", "listen_addresses=", "max_connections=40")


def binaries():
    """The folder of the newest server on this machine, or None."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("initdb")
    found = debian[-1:] or ([Path(on_path).resolve()] if on_path else [])
    return found[0].parent if found else None


def not_root():
    """Whom the server runs as where the tests run as root, whom it refuses."""
    if os.geteuid() != 0:
        return {}
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = known.get("postgres") or known["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


class Server:
    """A running server; its superuser `grader` needs a password."""

    def __init__(self):
        self.folder = Path(tempfile.mkdtemp(prefix="postgres-"))  # a socket's name is at most 107 letters long
        self.bin, self.who, self._numbers = binaries(), not_root(), itertools.count()
        password = self.folder / "password"
        password.write_text(PASSWORD)
        if self.who:
            for path in (self.folder, password):
                os.chown(path, self.who["user"], self.who["group"])
        self.folder.chmod(0o711)
        subprocess.run(
            [
                *(self.bin / "initdb", "-D", self.folder / "data", "--no-sync", "--encoding=UTF8", "--locale=C"),
                *("--username=grader", f"--pwfile={password}", "--auth=scram-sha-256"),
            ],
            check=True,
            capture_output=True,
            cwd=self.folder,
            **self.who,
        )
        self.start()

    def start(self):
        settings = [word for setting in SETTINGS for word in ("-c", setting)]
        self.process = subprocess.Popen(
            [self.bin / "postgres", "-D", self.folder / "data", "-k", self.folder, *settings],
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.who,
        )
        until = time.monotonic() + 300
        while subprocess.run([self.bin / "pg_isready", "-q", "-h", self.folder], check=False).returncode:
            assert self.process.poll() is None, "the server ended"
            assert time.monotonic() < until, "the server doesn't answer"
            time.sleep(0.02)

    def stop(self):
        """End at once: whoever is connected is thrown out."""
        self.process.send_signal(signal.SIGQUIT)
        self.process.wait(timeout=60)

    def remove(self):
        self.stop()
        shutil.rmtree(self.folder)

    def url(self, database, user="grader", password=PASSWORD, driver="postgresql+psycopg"):
        return f"{driver}://{user}:{quote(password, safe='')}@/{database}?host={self.folder}"

    def new(self, template="template1"):
        """A new database, a copy of another one; its URL."""
        name = f"course{next(self._numbers)}"
        self.ask(f"create database {name} template {template}")
        return self.url(name)

    def ask(self, statement, database="postgres"):
        """What a statement gives, asked by the superuser."""
        engine = sa.create_engine(self.url(database), poolclass=sa.NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            result = connection.exec_driver_sql(statement.replace("%", "%%"))
            return result.all() if result.returns_rows else []

    def wait_until_someone_waits(self):
        """Wait until a session waits for a lock that another one holds."""
        until = time.monotonic() + 300
        while not self.ask("select 1 from pg_locks where not granted"):
            assert time.monotonic() < until, "nobody waits for a lock"
            time.sleep(0.02)
