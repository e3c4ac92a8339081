"""Connecting and sending within one deadline, however many addresses there are and however slowly bytes are taken."""

from __future__ import annotations

import socket
import time


def connected(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to the first address of `host` that answers, each waited for its share of what is left of the time.

    Raises OSError: that of the last address.
    """
    deadline = time.monotonic() + seconds
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    trouble: OSError = TimeoutError("timed out")
    for left, (family, kind, protocol, _, address) in zip(range(len(addresses), 0, -1), addresses, strict=True):
        try:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(max(0.001, (deadline - time.monotonic()) / left))
                sock.connect(address)
            except BaseException:
                sock.close()
                raise
        except OSError as error:
            trouble = error
        else:
            sock.settimeout(seconds)
            return sock
    raise trouble


def send_all(sock: socket.socket, data: bytes, seconds: float) -> None:
    """Send everything; raises OSError. In TLS, `sendall` waits so long for each record."""
    deadline = time.monotonic() + seconds
    rest = memoryview(data)
    be_patient(sock, seconds)
    while sent := sock.send(rest):
        rest = rest[sent:]
        if not rest:
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        sock.settimeout(left)


def be_patient(sock: socket.socket, seconds: float) -> None:
    """Set a time-out where it is not set already: each setting is a system call."""
    if sock.gettimeout() != seconds:
        sock.settimeout(seconds)
