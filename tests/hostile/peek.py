"""Attempts to see what is hidden, as cells that run after ``PREAMBLE``."""

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
with contextlib.suppress(FileNotFoundError, PermissionError):  # no way leads there, or none for its user
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
    "reads the files of another session": """
? os.listdir(T["sibling_scratch"])
? open(T["sibling_scratch"] + "/figures.py")
""",
    "reads attributes of a file": """
? os.getxattr(T["secret"], "user.mark")
? os.listxattr(T["secret"])
""",
    "watches folders": """
NUMBERS.update(inotify_init1=294, inotify_add_watch=254)
? call("inotify_add_watch", call("inotify_init1", 0), b"/tmp", 0xfff)
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
os.closerange(8, 64)
""",
    "searches for inherited descriptors": """
import asyncio
loop = asyncio.get_event_loop()  # the notebook's own, of three descriptors
for fd in set(range(5, 1024)) - {loop._selector.fileno(), loop._ssock.fileno(), loop._csock.fileno()}:
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
import autograder_inside
folder = os.path.dirname(autograder_inside.__file__)
texts = {name: open(f"{folder}/{name}").read() for name in os.listdir(folder)}
text = "".join(texts.values())
if texts != T["inside"] or any(word in text[::-1] for word in ("tfihs-xam-on", "STSET NEDDIH", "rof_ecnarelot")):
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
