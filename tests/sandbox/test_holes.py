"""What the oldest Landlock leaves open is closed by the filter of system calls: without its rule, it is open."""

from __future__ import annotations

import contextlib
import dataclasses
import platform
import subprocess
from dataclasses import dataclass

import pytest
from conftest import GENEROUS
from hostile.attacks import PREAMBLE, Attack
from sampling import sampled

from autograder.sandbox import policy, seccomp
from autograder.sandbox.confine import landlock
from autograder.sandbox.fork_server import ForkServer
from autograder.sandbox.session import Session

pytestmark = [
    pytest.mark.sandbox,
    pytest.mark.skipif(platform.machine() != "x86_64", reason="system calls are numbered for x86-64"),
]
OWNED = """
mine, other = socket.socketpair()
{0}
fcntl.fcntl(mine, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
other.send(b"wake")
"""


@dataclass(frozen=True)
class Hole:
    """A hole: the code that uses it, and what of the filter closes it."""

    code: str
    rules: tuple[str, ...] = ()
    """Calls whose rule closes it."""
    calls: tuple[str, ...] = ()
    """Calls that are in no list of allowed ones."""


HOLES = {
    "a signal by kill": Hole("? os.kill(T['victim'], 9)", ("kill",)),
    "a signal to everybody": Hole("? os.kill(-1, 0)", ("kill",)),
    "a signal to the group": Hole("? os.kill(0, 0)", ("kill",)),
    "a signal by tgkill": Hole("? call('tgkill', T['victim'], T['victim'], 9)", ("tgkill",)),
    "a signal by tkill": Hole("? call('tkill', T['victim'], 9)", (), ("tkill",)),
    "a signal that the kernel sends to an owner": Hole(
        OWNED.format("? fcntl.fcntl(mine, fcntl.F_SETOWN, T['victim'])"), ("fcntl",)
    ),
    "a signal to the owner by its newer name": Hole(
        OWNED.format("? fcntl.fcntl(mine, 15, struct.pack('ii', 1, T['victim']))"), ("fcntl",)
    ),
    "a signal to the owner of an ioctl": Hole(
        OWNED.format("? fcntl.ioctl(mine, 0x8901, struct.pack('i', T['victim']))"), ("ioctl",)
    ),
    "a signal to the owner of a socket": Hole(
        OWNED.format("? fcntl.ioctl(mine, 0x8902, struct.pack('i', T['victim']))"), ("ioctl",)
    ),
    "signals for input by ioctl": Hole(
        "mine, other = socket.socketpair()\n? fcntl.ioctl(mine, 0x5452, struct.pack('i', 1))", ("ioctl",)
    ),
    "another signal than SIGIO": Hole("? fcntl.fcntl(socket.socketpair()[0], 10, 9)", ("fcntl",)),
    "a lease": Hole("open('mine', 'w').close()\n? fcntl.fcntl(open('mine'), 1024, 0)", ("fcntl",)),
    "a notice of changes": Hole("? fcntl.fcntl(os.open('.', 0), 1026, 1)", ("fcntl",)),
    "a file opened neither to read nor to write": Hole("? os.open(T['secret'], 3)", ("openat",)),
    "the same by the older call": Hole("? call('open', T['secret'].encode(), 3)", ("open",)),
    "a readable file emptied": Hole("? os.open(T['readable'], os.O_RDONLY | os.O_TRUNC)", ("openat",)),
    "the same by the older call, emptied": Hole(
        "? call('open', T['readable'].encode(), os.O_RDONLY | os.O_TRUNC)", ("open",)
    ),
    "any file cut": Hole("? os.truncate(T['secret'], 0)", (), ("truncate",)),
}
KILLING = ("by kill", "by tgkill", "by tkill", "an owner", "newer name")
FORGOTTEN = {"tkill": (200, 130), "truncate": (76, 45)}
NUMBERS = "NUMBERS.update(tkill=200)"


@contextlib.contextmanager
def attacked(name, way=None):
    """What an attack prints on a machine with ABI 1, the two files it may aim at, and the process."""
    hole = HOLES[name]
    with policy.runtime(way=way) as runtime:
        secret, readable = runtime.folder / "secret", runtime.folder / "readable"
        for path in (secret, readable):  # before the server: it links what there is when it starts
            path.write_text("kept")
            path.chmod(0o666)
        server = ForkServer(
            dataclasses.replace(runtime, readable=(*runtime.readable, str(readable))), GENEROUS, frozenset()
        )
        user = {"user": server.user.uid} if server.user else {}
        victim = subprocess.Popen(["/bin/sleep", "300"], **user, start_new_session=True)
        try:
            aims = {"victim": victim.pid, "secret": str(secret), "readable": str(readable)}
            cell = Attack("escape", name, hole.code, "").cell
            with Session(server, GENEROUS, {}, (), lambda _: None) as session:
                done, _ = session.run_cell(f"{PREAMBLE}\n{NUMBERS}\nT = {aims!r}\n{cell}")
            assert done.error is None, done.outputs
            yield "".join(getattr(output, "text", "") for output in done.outputs), (secret, readable), victim
        finally:
            victim.kill()
            victim.wait()
            server.close()


@pytest.fixture(autouse=True)
def oldest(monkeypatch):
    monkeypatch.setattr(landlock, "NEWEST", 1)


@pytest.mark.parametrize("name", sampled(HOLES, every=0, rest=3))
def test_the_filter_closes_what_the_oldest_landlock_leaves_open(name):
    with attacked(name) as (printed, files, victim):
        assert "BREACH" not in printed
        assert [path.read_text() for path in files] == ["kept", "kept"]
        assert victim.poll() is None


@pytest.mark.parametrize("name", sampled(HOLES, every=0, rest=3))
def test_without_its_rule_the_hole_is_open(name, monkeypatch):
    hole = HOLES[name]
    kept = {call: rule for call, rule in seccomp.rules().items() if call not in hole.rules}
    monkeypatch.setattr(seccomp, "rules", lambda: kept)
    monkeypatch.setattr(seccomp, "ALLOWED", seccomp.ALLOWED | {call: FORGOTTEN[call] for call in hole.calls})
    with attacked(name, "landlock") as (printed, files, victim):
        assert "BREACH" in printed
        if name.endswith(KILLING):
            assert _dies(victim)
        assert ("" in [path.read_text() for path in files]) == name.endswith(("emptied", "cut"))


def _dies(victim):
    with contextlib.suppress(subprocess.TimeoutExpired):
        return victim.wait(timeout=10) < 0
    return False


def test_an_own_process_and_file_may_be_signalled_and_cut(pool):
    """The rules leave alone what programs do."""
    own = """
import os, signal, threading
caught = []
signal.signal(signal.SIGUSR1, lambda *_: caught.append(1))
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
with open("mine", "w+") as file:
    file.write("all of it")
    file.truncate(3)
open("mine", "r+").truncate(2)
print(len(caught), open("mine").read(), os.isatty(1), os.get_blocking(0))
open("mine", "w").close()
"""
    with pool.session((), {}) as session:
        done, _ = session.run_cell(own)
    assert done.error is None, done.outputs
    assert done.outputs[0].text == "3 al False True\n"
