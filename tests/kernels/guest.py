"""Virtual machines with another kernel and this machine's files, which run some commands and end."""

from __future__ import annotations

import contextlib
import lzma
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from conftest import CHECKOUT
from kernels.debian import Kernel

ACCELERATOR = os.environ.get("QEMU_ACCEL", "tcg")
"""How QEMU runs the guest: emulated, unless the caller knows that ``kvm`` works here. It may be there and hang."""
CPU = "Nehalem"
"""The oldest that NumPy's wheels run on: what newer ones have costs an emulator up to twice the time."""
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
export HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8
export PYTHONDONTWRITEBYTECODE=1
cd {checkout}
run() {{
  name=$1; shift
  began=$(date +%s)
  setsid "$@" > /exchange/$name.out 2> /exchange/$name.err < /dev/null
  echo $? $(($(date +%s) - began)) > /exchange/$name.status
}}
. /exchange/script
sync
echo b > /proc/sysrq-trigger
sleep 10
"""
UNPRIVILEGED = """
folder={python}
while folder=$(dirname "$folder"); [ "$folder" != / ]; do chmod o+x "$folder"; done
folder={checkout}/file
while folder=$(dirname "$folder"); [ "$folder" != / ]; do chmod o+x "$folder"; done
mkdir -m 777 /tmp/home
export HOME=/tmp/home
"""
AS_USER = "setpriv --reuid=1000 --regid=1000 --clear-groups"
"""An ordinary user, who reaches the interpreter and the checkout wherever they lie."""


@dataclass(frozen=True)
class Step:
    """What a command did in a guest."""

    status: int | None
    """Its exit status; None if the guest was stopped before it ended."""
    seconds: int | None
    output: str
    errors: str


@dataclass(frozen=True)
class Guest:
    """How to run commands in a guest."""

    kernel: Kernel
    root: bool = True
    """Whether the commands run as root, or as an ordinary user."""
    parameters: str = ""
    """More for the kernel's command line."""
    cores: int = 2
    """To emulate a second one takes half as long again where two guests run at a time."""
    prepare: str = ""
    """Lines of the shell that root runs before."""

    def run(self, commands: Mapping[str, str], files: Path, *, seconds: float) -> tuple[dict[str, Step], str]:
        """Boot, run commands of the shell one after the other in the checkout, and stop.

        The guest has this machine's files, and what it changes is gone when it ends. It has no network.

        Parameters
        ----------
        commands
            By name.
        files
            A folder that is copied to ``/exchange/files``.
        seconds
            How long the guest may take; it is killed then.

        Returns
        -------
        dict, str
            What each command did, and the kernel's messages.
        """
        with tempfile.TemporaryDirectory() as made:
            work, exchange = Path(made), Path(made, "exchange")
            shutil.copytree(files, exchange / "files")
            (exchange / "files").chmod(0o755)
            (exchange / "first").write_text(FIRST.format(checkout=CHECKOUT))
            (exchange / "script").write_text(self._script(commands))
            exchange.chmod(0o755)
            with contextlib.suppress(subprocess.TimeoutExpired):
                subprocess.run(self._command(work), timeout=seconds, check=True, stdin=subprocess.DEVNULL)
            steps = {}
            for name in commands:
                ended, *said = (_read(exchange / f"{name}.{end}") for end in ("status", "out", "err"))
                status, took = map(int, ended.split()) if ended else (None, None)
                steps[name] = Step(status, took, *said)
            return steps, _read(work / "console")

    def _script(self, commands: Mapping[str, str]) -> str:
        lines, before = [self.prepare], ""
        if not self.root:
            python = os.path.realpath(sys.executable)
            lines.append(UNPRIVILEGED.format(python=shlex.quote(python), checkout=shlex.quote(str(CHECKOUT))))
            before = AS_USER
        lines += [f"run {name} {before} sh -c {shlex.quote(command)}" for name, command in commands.items()]
        return "\n".join(lines)

    def _command(self, work: Path) -> list[str | Path]:
        return [
            *("qemu-system-x86_64", "-machine", "q35", "-accel", ACCELERATOR, "-cpu", CPU),
            *("-smp", str(self.cores), "-m", "4096", "-display", "none", "-nic", "none", "-no-reboot"),
            *("-serial", f"file:{work}/console", "-kernel", self.kernel.image),
            *("-initrd", _initramfs(self.kernel, work)),
            *("-append", f"console=ttyS0 panic=-1 mitigations=off {self.parameters}"),
            *_shared("files", Path("/"), "readonly=on,multidevs=remap"),
            *_shared("exchange", work / "exchange", "multidevs=remap"),
        ]


def _shared(name: str, path: Path, options: str) -> list[str]:
    return ["-virtfs", f"local,path={path},mount_tag={name},security_model=none,{options}"]


def _read(file: Path) -> str:
    return file.read_text(errors="replace") if file.exists() else ""


def _initramfs(kernel: Kernel, work: Path) -> Path:
    """Make the first files of a guest: a busybox, the modules, and the program that mounts the others."""
    root = work / "initramfs"
    for name in ("bin", "modules", "proc", "files", "changes", "root"):
        (root / name).mkdir(parents=True)
    shutil.copy(shutil.which("busybox") or "busybox", root / "bin" / "busybox")
    order: list[str] = []
    for name in NEEDED:
        _add_module(kernel, name, root / "modules", order)
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


def _add_module(kernel: Kernel, name: str, folder: Path, order: list[str]) -> None:
    """Put a module into a folder, after those that it depends on; one that is built in has no file."""
    pattern = re.sub("[-_]", "[-_]", name)
    for file in kernel.modules.glob(f"kernel/**/{pattern}.ko*"):
        content = lzma.decompress(file.read_bytes()) if file.suffix == ".xz" else file.read_bytes()
        depends = re.search(rb"\0depends=([^\0]*)\0", content)
        for other in depends[1].decode().split(",") if depends and depends[1] else ():
            _add_module(kernel, other, folder, order)
        if name not in order:
            (folder / name).write_bytes(content)
            order.append(name)
