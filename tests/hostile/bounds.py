"""Attempts to take space, threads and memory of the kernel past their limits, each after :data:`PREPARED`.

Each raises what the kernel answers. ``SPACE`` and ``THREADS`` begin with what a review tried: it filled eight
gigabytes of the disk in a second, and had all of its six thousand threads.
"""

PREPARED = """
import _thread, ctypes, fcntl, mmap, multiprocessing, os, signal, socket, struct, threading, time

libc = ctypes.CDLL(None, use_errno=True)
libc.mmap.restype = ctypes.c_void_p
libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int, ctypes.c_int, ctypes.c_int, ctypes.c_long]

def did(result):
    "Raise what the kernel answered, if that is an error."
    if result in (-1, 2**64 - 1):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result

def new(name="file"):
    return os.open(name, os.O_RDWR | os.O_CREAT | os.O_TRUNC)

def keep(fd, flags=2):
    "Map a page of a file, which keeps its bytes whatever becomes of its name."
    did(libc.mmap(None, 4096, 1, flags, fd, 0))
    os.close(fd)

MEGABYTES = bytes(24 << 20)
kept = []
"""

SPACE = {
    "allocates files that it maps and deletes": """
def softmax(*_):
    for _ in range(250):
        fd = new()
        os.posix_fallocate(fd, 0, 32 << 20)
        keep(fd, 1)
        os.unlink("file")
""",
    "writes files that it maps and deletes": """
def softmax(*_):
    while True:
        fd = new()
        os.write(fd, MEGABYTES)
        keep(fd)
        os.unlink("file")
""",
    "fills the holes of files that it deleted": """
def softmax(*_):
    while True:
        fd = new()
        os.unlink("file")
        os.truncate(fd, len(MEGABYTES))
        kept.append(mmap.mmap(fd, len(MEGABYTES)))
        os.close(fd)
        kept[-1].write(MEGABYTES)
""",
    "writes files that never have a name": """
def softmax(*_):
    while True:
        fd = os.open(".", os.O_RDWR | os.O_TMPFILE)
        os.write(fd, MEGABYTES)
        keep(fd)
""",
    "sends itself files that it deleted": """
here, there = socket.socketpair()

def softmax(*_):
    while True:
        fd = new()
        os.write(fd, MEGABYTES)
        socket.send_fds(here, [b"x"], [fd])
        os.close(fd)
        os.unlink("file")
""",
    "renames a file over the last one, which it maps": """
def softmax(*_):
    while True:
        fd = new("next")
        os.write(fd, MEGABYTES)
        keep(fd)
        os.rename("next", "last")
""",
    "fills a file while a thread deletes it": """
def again():
    while True:
        try: os.unlink("file")
        except OSError: pass

threading.Thread(target=again).start()

def softmax(*_):
    while True:
        fd = new()
        os.write(fd, MEGABYTES)
        keep(fd)
""",
    "makes files with long names in folders without number": """
def softmax(*_):
    while True:
        os.mkdir("d" * 250)
        os.chdir("d" * 250)
        for i in range(99): open("x" * 240 + str(i), "w").close()
""",
    "makes long links without number": """
def softmax(*_):
    for i in range(10**7): os.symlink("x" * 4000, f"link{i}")
""",
}

THREADS = {
    "starts threads with tiny stacks": """
_thread.stack_size(65536)
lock = _thread.allocate_lock()
lock.acquire()

def softmax(*_):
    for _ in range(6000): _thread.start_new_thread(lock.acquire, ())
""",
    "starts threads of the C library": """
thread, settings = ctypes.c_ulong(), ctypes.create_string_buffer(64)
libc.pthread_attr_init(settings)
libc.pthread_attr_setstacksize(settings, ctypes.c_ulong(16384))

def softmax(*_):
    while not libc.pthread_create(ctypes.byref(thread), settings, libc.pause, None): pass
    raise RuntimeError
""",
    "starts threads from threads": """
_thread.stack_size(65536)

def grow():
    try:
        for _ in range(3000): _thread.start_new_thread(grow, ())
    except RuntimeError:
        kept.append("refused")
    time.sleep(9)

def softmax(*_):
    _thread.start_new_thread(grow, ())
    while not kept: time.sleep(0.01)
    raise RuntimeError
""",
}

KERNEL = {
    # And the words that the report must have.
    "allocates more than a file may hold": (
        """
def softmax(*_):
    did(libc.fallocate(new(), 1, ctypes.c_long(0), ctypes.c_long(4 << 30)))  # 1: beyond its end
""",
        "raised OSError",
    ),
    "allocates by another call": (
        """
def softmax(*_):
    space = struct.pack("hhqqiI4I", 0, 0, 0, 4 << 30, 0, 0, 0, 0, 0, 0)
    fcntl.ioctl(new(), 0x40305828, space)  # FS_IOC_RESVSP
""",
        "raised OSError",
    ),
    "gives a thread open files of its own": (
        """
def softmax(*_):
    did(libc.syscall(436, 900, 901, 2))  # close_range, CLOSE_RANGE_UNSHARE
    while True: kept.append(os.pipe())
""",
        "raised PermissionError",
    ),
    "makes rules for Landlock without number": (
        """
def softmax(*_):
    while True:
        rules = did(libc.syscall(444, struct.pack("QQQ", 0, 3, 0), 24, 0))
        for port in range(65536):
            did(libc.syscall(445, rules, 2, struct.pack("QQ", 1, port), 0))
""",
        "raised PermissionError",
    ),
    "installs filters in every thread": (
        """
steps = struct.pack("HBBI", 0x20, 0, 0, 0) * 3999 + struct.pack("HBBI", 6, 0, 0, 0x7fff0000)
filter = ctypes.create_string_buffer(steps)
program = struct.pack("HxxxxxxP", 4000, ctypes.addressof(filter))

def softmax(*_):
    while True: did(libc.syscall(317, 1, 0, program))  # seccomp
""",
        "raised PermissionError",
    ),
    "arms timers without number": (
        """
timer = ctypes.c_void_p()
event = ctypes.create_string_buffer(struct.pack("QiiI", 0, 10, 1, 0), 64)

def softmax(*_):
    for _ in range(1000): did(libc.timer_create(0, event, ctypes.byref(timer)))
""",
        "raised BlockingIOError",
    ),
    "lets signals wait without number": (
        """
signal.pthread_sigmask(signal.SIG_BLOCK, [40])

def softmax(*_):
    for _ in range(1000):
        if libc.pthread_kill(ctypes.c_ulong(threading.get_ident()), 40): raise BlockingIOError
""",
        "raised BlockingIOError",
    ),
    "locks its memory": (
        """
def softmax(*_):
    did(libc.mlock(MEGABYTES, ctypes.c_size_t(1 << 20)))
""",
        "raised OSError",
    ),
    "holds a file's pages in a pipe": (
        """
ends = os.pipe()

def softmax(*_):
    while True:
        fd = new()
        os.write(fd, MEGABYTES[: 1 << 20])
        os.sendfile(ends[1], fd, 0, 1)
        os.close(fd)
""",
        "raised OSError",
    ),
    "fills pipes without number": (
        """
def softmax(*_):
    while True:
        kept.append(os.pipe())
        fcntl.fcntl(kept[-1][1], fcntl.F_SETPIPE_SZ, 1 << 20)
        os.set_blocking(kept[-1][1], False)
        os.write(kept[-1][1], bytes(1 << 20))
""",
        "raised OSError|raised BlockingIOError|raised PermissionError",
    ),
    "watches files without number": (
        """
def softmax(*_):
    while True: did(libc.inotify_init())
""",
        "raised PermissionError",
    ),
    "makes semaphores without number": (
        """
def softmax(*_):
    while True: kept.append(multiprocessing.Semaphore())
""",
        "raised PermissionError|raised FileNotFoundError",
    ),
    "makes files in memory": (
        """
def softmax(*_):
    while True: did(libc.memfd_create(b"x", 0))
""",
        "raised PermissionError",
    ),
    "touches a page in each gigabyte": (
        """
def softmax(*_):
    for i in range(10**6):
        at = did(libc.mmap((1 << 44) + (i << 30), 4096, 3, 0x100022, -1, 0))
        ctypes.memset(at, 1, 1)
""",
        "raised OSError|did not end within 1 s",
    ),
}
