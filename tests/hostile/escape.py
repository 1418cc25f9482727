"""Attempts to reach or change what is outside, as cells that run after ``PREAMBLE``."""

ESCAPE = {
    "connects by TCP": """
for to in (*T["tcp"], ("192.0.2.1", 80)):
    ? socket.create_connection(to, 1).send(b"out")
""",
    "connects past the rules for TCP": """
? socket.socket().sendto(b"out", 0x20000000, tuple(T["tcp"][0]))
? socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect(tuple(T["tcp"][0]))
? socket.socket().listen()
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
with contextlib.suppress(FileNotFoundError, PermissionError):  # no way leads there, or none for its user
    fd = os.open(T["secret"], os.O_PATH)
    ? call("fchmodat2", fd, b"", 0o777, 0x1000)
    ? call("fchownat", fd, b"", os.getuid(), -1, 0x1000)
    ? call("utimensat", fd, b"", 0, 0x1000)
    os.close(fd)
""",
    "rewrites the Python that others will get": """
top = os.environ["PYTHONHOME"]
import autograder_inside
for path in (autograder_inside.__file__, np.__file__, os.__file__, top + "/site/new.py"):
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
? os.posix_spawn(T["interpreter"], ["python", "-c", "1"], {})
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
    "changes limits, priority and place of another session": """
? call("prlimit64", T["sibling"], 7, (ctypes.c_uint64 * 2)(100, 100), 0)
? os.setpriority(os.PRIO_PROCESS, T["sibling"], 1)
? os.sched_setaffinity(T["sibling"], {0})
? os.sched_setscheduler(T["sibling"], os.SCHED_BATCH, os.sched_param(0))
""",
    "changes attributes of a file by the newest calls": """
NUMBERS.update(setxattrat=463, removexattrat=466, file_setattr=469)
value = ctypes.create_string_buffer(b"x")
described = struct.pack("QII", ctypes.addressof(value), 1, 0)
? call("setxattrat", -100, T["secret"].encode(), 0, b"user.x", described, 16)
? call("removexattrat", -100, T["secret"].encode(), 0, b"user.mark")
? call("file_setattr", -100, T["secret"].encode(), struct.pack("QIIII", 0x80, 0, 0, 0, 0), 24, 0)
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
interpreter, arguments = T["interpreter"], ["python", "-S", "-c", program % T["secret"]]
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
