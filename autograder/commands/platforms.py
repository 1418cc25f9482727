"""What to do on each platform so that submissions can be isolated there, as ``autograder doctor`` prints it."""

from __future__ import annotations

BOOT = "add landlock to the boot parameter lsm= (in GRUB_CMDLINE_LINUX; then update-grub, and restart)"
PROFILE = "abi <abi/4.0>, include <tunables/global> profile autograder PYTHON flags=(unconfined) { userns, }"
FLAGS = "docker run --cap-add SYS_ADMIN --security-opt seccomp=unconfined --security-opt apparmor=unconfined"
PLATFORMS = {
    "Ubuntu 22.04, 24.04 and newer": (
        f"Landlock is on. If it is missing, {BOOT}. Python on 22.04: “apt install python3.11-venv”."
    ),
    "Ubuntu 24.04 without Landlock": (
        "root needs nothing; an ordinary user needs an AppArmor profile that allows user namespaces. Put "
        f"“{PROFILE}” into /etc/apparmor.d/autograder, with the interpreter's real path for PYTHON, and run "
        "“apparmor_parser -r /etc/apparmor.d/autograder”."
    ),
    "Debian 12 and newer": "Landlock is on; nothing to do.",
    "Debian 11": (
        "there is no Landlock. Root needs nothing; an ordinary user, “sysctl kernel.unprivileged_userns_clone=1”."
    ),
    "RHEL, Alma, Rocky 8, and 9 up to 9.5": (
        "there is no Landlock. Root needs nothing; an ordinary user, “sysctl user.max_user_namespaces=15000”. "
        "Python: “dnf install python3.11”."
    ),
    "RHEL, Alma, Rocky 9.6 and newer": "Landlock is on; nothing to do.",
    "GitHub's hosted runners": "nothing to do. For a job in a container, see Docker.",
    "Docker, Podman": (
        "Landlock is the host's; Docker 23 and newer allow its calls. Without it, run as the container's root: "
        f"that is enough for a root of links (chroot). For a mount namespace: “{FLAGS}”."
    ),
    "Kubernetes": (
        "Landlock is the node's. Without it, run as the container's root, with the default capabilities (CHOWN, "
        "DAC_OVERRIDE, FOWNER, MKNOD, SETGID, SETUID, SYS_CHROOT)."
    ),
    "Docker Desktop, WSL2": (
        "update them (“wsl --update”): newer kernels have Landlock. If it is switched off in WSL2, write "
        "“kernelCommandLine = lsm=landlock” below “[wsl2]” in .wslconfig, and run “wsl --shutdown”."
    ),
    "gVisor, older Gradescope hosts": "there is no Landlock; a mount namespace works there.",
    "Apptainer": "Landlock is the host's. If the host has none, install the package on the host itself.",
    "other kernels": (
        "Linux 5.13 or newer, with CONFIG_SECURITY_LANDLOCK=y and CONFIG_SECCOMP_FILTER=y; if Landlock is "
        f"switched off, {BOOT}."
    ),
}
"""What to do, by platform."""


def advice() -> list[str]:
    """Return a line for each platform."""
    return [f"{platform}: {what}" for platform, what in PLATFORMS.items()]
