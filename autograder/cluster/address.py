"""The address of a cluster, and whether what is sent there can be read on the way."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LOCAL, LOOPBACK = "local", "localhost"
MOST_LOCAL = 256
FORMS = "tcp://HOST:PORT or tls://HOST:PORT of a scheduler, or local:N for N worker processes here"


class AddressError(ValueError):
    """An address that can't be used. The text is a sentence."""


@dataclass(frozen=True)
class Address:
    """Where a cluster is."""

    text: str
    """The scheduler's address; empty for a cluster that is started here."""
    workers: int = 0
    """How many worker processes are started here."""


def parsed(text: str, *, insecure: bool = False) -> Address:
    """Return the address that a text names.

    Parameters
    ----------
    text
        One of :data:`FORMS`.
    insecure
        Whether the instructor insists on a connection to another machine that anybody on the way can read.

    Raises
    ------
    AddressError
        If it is none, or names another machine without TLS.
    """
    if found := re.fullmatch(rf"{LOCAL}:(\d+)", text):
        if not 1 <= int(found[1]) <= MOST_LOCAL:
            raise AddressError(f"{text}: between 1 and {MOST_LOCAL} worker processes can be started here.")
        return Address("", int(found[1]))
    try:
        parts = urlsplit(text)
        known = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port and not parts.path
    except ValueError:
        known = False
    if not known:
        raise AddressError(f"“{text}” is no cluster's address; give {FORMS}.")
    if not (insecure or is_private(text)):
        raise AddressError(
            f"{text} is another machine, and without TLS anybody on the way reads references, the secret and "
            "marks. Start the cluster with certificates and name it tls://… (docs/scale.md); if the network is "
            "yours alone, insist with --insecure-cluster."
        )
    return Address(text)


def is_private(address: str) -> bool:
    """Whether nobody else can read what goes to an address: it has TLS, or is this machine."""
    parts = urlsplit(address)
    if parts.scheme == "tls" or parts.hostname == LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:  # a name
        return False
