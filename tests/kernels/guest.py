"""A virtual machine with another kernel and this machine's files, for one script."""

from __future__ import annotations

import lzma
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from kernels.debian import Kernel

NEEDED = ("virtio_pci", "9pnet_virtio", "9p", "overlay")
"""Modules that lead to the files; each with those that it depends on."""
INIT = """#!/bin/busybox sh
export PATH=/bin
/bin/busybox --install -s /bin
mount -t proc proc /proc
for module in $(cat /modules/order); do insmod /modules/$module || echo "no $module"; done
share() { mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,$3 $1 $2; }
share files /files ro,cache=loose
mount -t tmpfs -o size=80% tmpfs /changes
mkdir /changes/upper /changes/work
mount -t overlay -o lowerdir=/files,upperdir=/changes/upper,workdir=/changes/work overlay /root
mkdir -p /root/run /root/exchange
for folder in /root/tmp /root/run; do mount -t tmpfs -o mode=1777 tmpfs $folder; done
mount -t devtmpfs dev /root/dev
mkdir -p /root/dev/shm /root/dev/pts
mount -t tmpfs -o mode=1777 tmpfs /root/dev/shm
mount -t devpts devpts /root/dev/pts
mount -t proc proc /root/proc
mount -t sysfs sys /root/sys
share exchange /root/exchange rw,cache=none
ifconfig lo up
umount /proc
exec switch_root /root /bin/sh /exchange/first
"""
FIRST = """
exec > /exchange/output 2>&1 < /dev/null
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
cd {folder}
setsid sh /exchange/script
echo $? > /exchange/status
sync
echo b > /proc/sysrq-trigger
sleep 10
"""


@dataclass(frozen=True)
class Done:
    """What a script did in a guest."""

    status: int | None
    """Its exit status; None if it did not end."""
    output: str
    console: str
    """What the kernel said."""


def run(kernel: Kernel, script: str, folder: Path, *, seconds: float, parameters: str = "") -> Done:
    """Boot a kernel, run a script of the shell as root in it, and stop it.

    The guest has this machine's files. What it changes is gone when it ends. It has no network.

    Parameters
    ----------
    script
        Lines for ``sh``.
    folder
        Where it runs.
    seconds
        How long the guest may take. It is killed then.
    parameters
        More for the kernel's command line.
    """
    with tempfile.TemporaryDirectory() as made:
        work, exchange = Path(made), Path(made, "exchange")
        exchange.mkdir()
        (exchange / "first").write_text(FIRST.format(folder=folder))
        (exchange / "script").write_text(script)
        console = work / "console"
        command = [
            *("qemu-system-x86_64", "-machine", "q35", "-accel", "tcg", "-cpu", "max"),
            *("-smp", "2", "-m", "4096", "-display", "none", "-nic", "none", "-no-reboot"),
            *("-serial", f"file:{console}", "-kernel", kernel.image, "-initrd", initramfs(kernel, work)),
            *("-append", f"console=ttyS0 panic=-1 {parameters}"),
            *shared("files", "/", "readonly=on,multidevs=remap"),
            *shared("exchange", exchange, "multidevs=remap"),
        ]
        try:
            subprocess.run(command, timeout=seconds, check=True, stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            pass
        said = [read(exchange / name) for name in ("status", "output")]
        return Done(int(said[0]) if said[0] else None, said[1], read(console))


def shared(name: str, path: str | Path, options: str) -> list[str]:
    return ["-virtfs", f"local,path={path},mount_tag={name},security_model=none,{options}"]


def read(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def initramfs(kernel: Kernel, work: Path) -> Path:
    """Make the first files of a guest: a busybox, the modules, and the program that mounts the others."""
    root = work / "initramfs"
    for name in ("bin", "modules", "proc", "files", "changes", "root"):
        (root / name).mkdir(parents=True)
    shutil.copy("/bin/busybox", root / "bin")
    order: list[str] = []
    for name in NEEDED:
        add_module(kernel, name, root / "modules", order)
    (root / "modules" / "order").write_text("\n".join(order))
    (root / "init").write_text(INIT)
    (root / "init").chmod(0o755)
    packed = work / "initramfs.cpio"
    with packed.open("wb") as file:
        names = "\n".join(str(path.relative_to(root)) for path in root.rglob("*"))
        subprocess.run(
            ["cpio", "--quiet", "-o", "-H", "newc"], input=names.encode(), stdout=file, cwd=root, check=True
        )
    return packed


def add_module(kernel: Kernel, name: str, folder: Path, order: list[str]) -> None:
    """Put a module into a folder, after those that it depends on; one that is built in has no file."""
    pattern = re.sub("[-_]", "[-_]", name)
    for file in kernel.modules.glob(f"kernel/**/{pattern}.ko*"):
        content = lzma.decompress(file.read_bytes()) if file.suffix == ".xz" else file.read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        for other in depends[1].decode().split(",") if depends and depends[1] else ():
            add_module(kernel, other, folder, order)
        if name not in order:
            (folder / name).write_bytes(content)
            order.append(name)
