"""What attacks may aim at."""

from __future__ import annotations

import contextlib
import ctypes
import os
import secrets
import shutil
import socket
import sqlite3
import struct
import sys
import sysconfig

from conftest import CHECKOUT
from hostile.attacks import PREAMBLE

from autograder.sandbox.policy import INSIDE
from autograder.sandbox.process import SessionEndedError

SIBLING = """
import ctypes, signal
received = []
for number in (10, 12, 23, 29):
    signal.signal(number, lambda number, _: received.append(number))
def report():
    return received
def double(x):
    return 2 * x
"""


class Target:
    """What attacks may aim at: files, sockets, processes and memory, with one token in all of them."""

    def __init__(self, folder, grader):
        self.token = secrets.token_hex(16)
        self.folder, self.grader = folder / "planted", grader
        self.open = contextlib.ExitStack()
        self.attacker = None
        self.memory = ctypes.create_string_buffer(self.token.encode(), 64)
        self.plant_files()
        self._listen()
        self.pool = grader._pool
        self.sibling = self._session()
        self.sibling.run_cell(SIBLING + f"hidden = ctypes.create_string_buffer({self.token.encode()!r}, 64)")
        self.variable = f"PLANTED_{secrets.token_hex(4)}"
        os.environ[self.variable] = self.token

    def _session(self):
        return self.open.enter_context(self.pool.session((), {}))

    def plant_files(self):
        """Files that a student's process owns and might change by their modes: only the sandbox is in its way."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.secret = self.folder / "secret.txt"
        self.secret.write_text(self.token)
        self.seed = self.folder / "seed"
        self.seed.write_text(self.token)
        self.gradebook = self.folder / "gradebook.db"
        with contextlib.closing(sqlite3.connect(self.gradebook)) as database, database:
            database.execute("create table grade (score)")
            database.execute("insert into grade values (?)", [self.token])
        for path in (*self.folder.iterdir(), self.folder):
            with contextlib.suppress(OSError):  # in memory, from Linux 6.6 on
                os.setxattr(path, "user.mark", b"planted")
            path.chmod(0o777)
        for parent in self.folder.parents[:3]:
            with contextlib.suppress(PermissionError):
                parent.chmod(parent.stat().st_mode | 0o011)

    def _listen(self):
        self.listening, self.receiving = [], []
        unix, name = str(self.folder.parent / "sock"), f"\0planted-{secrets.token_hex(4)}"
        for family, address in ((2, ("127.0.0.1", 0)), (10, ("::1", 0)), (1, unix), (1, name)):
            with contextlib.suppress(OSError):
                self.listening.append(self._bound(socket.socket(family, socket.SOCK_STREAM), address))
                self.listening[-1].listen()
        for family, address in ((2, ("127.0.0.1", 0)), (1, unix + "-d"), (1, name + "-d")):
            self.receiving.append(self._bound(socket.socket(family, socket.SOCK_DGRAM), address))

    def _bound(self, open_socket, address):
        self.open.enter_context(open_socket)
        open_socket.setblocking(False)
        open_socket.bind(address)
        if isinstance(address, str) and not address.startswith("\0"):
            os.chmod(address, 0o777)
        return open_socket

    def described(self):
        """What an attacker is told: where everything is, never the token."""
        address, _ = self.sibling.run_cell("print(ctypes.addressof(hidden))")
        told = {
            "grader": os.getpid(),
            "address": ctypes.addressof(self.memory),
            "sibling": self.sibling.pid,
            "sibling_address": int(address.outputs[0].text),
            "sibling_scratch": str(self.sibling.folder),
            "variable": self.variable,
            "secret": str(self.secret),
            "folder": str(self.folder),
            "gradebook": str(self.gradebook),
            "seed": str(self.seed),
            "handle": handle_of(self.secret),
            "shared": 0,
            "interpreter": os.path.realpath(sys.executable),
            "checkout": str(CHECKOUT),
            "site": sysconfig.get_path("purelib"),
            "inside": {path.name: path.read_text() for path in INSIDE.glob("*.py")},
            "tcp": [s.getsockname()[:2] for s in self.listening if s.family != socket.AF_UNIX],
            "unix": [s.getsockname() for s in self.listening if s.family == socket.AF_UNIX],
            "udp": self.receiving[0].getsockname(),
            "datagram": [s.getsockname() for s in self.receiving[1:]],
        }
        assert self.token not in str(told)
        return told

    def ready(self):
        """Open the attacker's session, a new one if the last attack ended it; its user owns the planted files."""
        if self.attacker is None or self.attacker.ended:
            self.attacker = self._session()
            done, _ = self.attacker.run_cell(f"{PREAMBLE}\nT = {self.described()!r}")
            assert done.error is None, done.outputs
            if self.attacker.server.user:
                for path in (*self.folder.iterdir(), self.folder):
                    os.chown(path, *[self.attacker.server.user.uid] * 2)

    def attacked(self, code):
        """Run a cell in the attacker's session; return all it shows."""
        self.ready()
        try:
            done, late = self.attacker.run_cell(code)
        except SessionEndedError as error:
            return str(error)
        assert late is None
        errors = [o for o in done.outputs if hasattr(o, "ename")]
        assert not errors, f"the attack itself is broken: {errors[0].evalue}"
        return "".join(str(getattr(o, "text", getattr(o, "data", ""))) for o in done.outputs)

    def state(self):
        """Everything about the planted files, some of the checkout's and the worker that could be changed."""
        kept = [self.folder, *sorted(self.folder.iterdir()), CHECKOUT / "solutions" / "softmax.py"]
        kept += [CHECKOUT / "source" / "softmax" / "softmax.ipynb", *self.inside().glob("*.py")]
        return {str(path): described(path) for path in kept}

    def inside(self):
        """The program that runs beside student code, as it was laid out."""
        (folder,) = self.sibling.server.runtime.python.glob("lib/python*/autograder_inside")
        return folder

    def intruders(self):
        """What reached a listening socket."""
        reached = []
        for listening in self.listening:
            with contextlib.suppress(BlockingIOError):
                connection, address = listening.accept()
                connection.close()
                reached.append(address)
        for receiving in self.receiving:
            with contextlib.suppress(BlockingIOError):
                reached.append(receiving.recv(99))
        return reached

    def close(self):
        del os.environ[self.variable]
        self.open.close()


def described(path):
    info = path.lstat()
    content = path.read_bytes() if path.is_file() else sorted(os.listdir(path))
    times = (info.st_mtime_ns, info.st_ctime_ns)
    marks = {name: os.getxattr(path, name) for name in os.listxattr(path)}
    return info.st_ino, info.st_nlink, info.st_mode, info.st_uid, info.st_gid, times, marks, content


def handle_of(path):
    """The kernel's handle of a file, with which a process that may read everything opens it past all folders."""
    given = ctypes.create_string_buffer(struct.pack("Ii", 128, 0), 136)
    mount = ctypes.c_int()
    ctypes.CDLL(None).name_to_handle_at(-100, str(path).encode(), given, ctypes.byref(mount), 0)
    return given.raw
