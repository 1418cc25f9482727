"""What ``autograder doctor`` tries in a student's process: each attempt must fail."""

from __future__ import annotations

from dataclasses import dataclass

REFUSED = frozenset({"PermissionError", "FileNotFoundError", "OSError", "ModuleNotFoundError"})
"""The errors of an attempt that was refused. Another one says that the attempt itself went wrong."""
ISOLATION = "This way of isolating does not hold here. Choose another with --isolation; report it (SECURITY.md)."
FILTER = "The kernel does not apply the filter of system calls (seccomp). Grade where the kernel does."
PREPARED = """
import ctypes, fcntl, os, socket, struct
libc = ctypes.CDLL(None, use_errno=True)
def call(function, *arguments):
    if libc[function](*arguments) < 0:
        raise OSError(ctypes.get_errno(), function)
mine, other = socket.socketpair()
with open("mine", "w") as file:
    file.write("a file of its own")
"""
"""What runs before the attempts. ``T`` names what they aim at: a file of the grader's and a process."""


@dataclass(frozen=True)
class Probe:
    """A sentence that must be true, and the attempts that would show that it isn't."""

    name: str
    attempts: tuple[str, ...]
    fix: str


PROBES = (
    Probe(
        "no file outside its scratch folder can be read",
        ("open(T['secret']).read()", "os.listdir('/')", "os.listdir(os.path.dirname(T['secret']))"),
        ISOLATION,
    ),
    Probe(
        "no file outside its scratch folder can be changed",
        ("open(T['secret'], 'w')", "os.unlink(T['secret'])", "open(os.__file__, 'a')"),
        ISOLATION,
    ),
    Probe("no file's mode can be changed", ("os.chmod(T['secret'], 0o777)",), FILTER),
    Probe("/proc is closed", ("open('/proc/self/environ').read()",), ISOLATION),
    Probe("the network is closed", ("socket.create_connection(('127.0.0.1', 9), 0.2)", "socket.socket()"), FILTER),
    Probe("no process can be started", ("os.fork()",), FILTER),
    Probe(
        "no other process can be signalled",
        ("os.kill(T['process'], 0)", "os.kill(-1, 0)", "call('tgkill', T['process'], T['process'], 0)"),
        FILTER,
    ),
    Probe(
        "the kernel signals no other process for it",
        (
            "fcntl.fcntl(mine, 8, T['process'])",
            "fcntl.fcntl(mine, 15, struct.pack('ii', 1, T['process']))",
            "fcntl.fcntl(mine, 10, 9)",
            "fcntl.ioctl(mine, 0x8901, struct.pack('i', T['process']))",
            "fcntl.ioctl(mine, 0x8902, struct.pack('i', T['process']))",
            "fcntl.ioctl(mine, 0x5452, struct.pack('i', 1))",
            "fcntl.fcntl(os.open('mine', os.O_RDONLY), 1024, 0)",
            "fcntl.fcntl(os.open('.', os.O_RDONLY), 1026, 1)",
        ),
        FILTER,
    ),
    Probe(
        "no file is opened neither to read nor to write", ("os.open(T['secret'], 3)", "os.open('mine', 3)"), FILTER
    ),
    Probe(
        "no file is emptied or cut that is not opened to write",
        ("os.open('mine', os.O_RDONLY | os.O_TRUNC)", "os.truncate('mine', 0)", "os.truncate(T['secret'], 0)"),
        FILTER,
    ),
    Probe("no device takes a command", ("fcntl.ioctl(os.open('/dev/urandom', 0), 0x80045200, bytes(4))",), FILTER),
    Probe(
        "no namespace or root of its own can be entered", ("os.chroot('.')", "call('unshare', 0x10000000)"), FILTER
    ),
    Probe("the grader can't be imported", ("import autograder",), ISOLATION),
    Probe("the solutions can't be imported", ("import solutions",), ISOLATION),
)
FILL_DISK = """
import mmap, os, time
kept = []
for _ in range(128):
    file = os.open("probe", os.O_RDWR | os.O_CREAT)
    os.write(file, bytes(16 << 20))
    kept.append(mmap.mmap(file, 4096))
    os.close(file)
    os.unlink("probe")
time.sleep(1)
"""
START_THREADS = """
import _thread, time
_thread.stack_size(1 << 16)
lock = _thread.allocate_lock()
lock.acquire()
for _ in range({threads}):
    _thread.start_new_thread(lock.acquire, ())
time.sleep(1)
"""
TAKE_MEMORY = "import mmap\nkept = [mmap.mmap(-1, 1 << 20) for _ in range({megabytes})]"
"""What takes more than a submission may have: 2 GB of the disk, and twice its threads and memory."""
