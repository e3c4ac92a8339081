"""Connecting and sending within one deadline, with many addresses and to a slow receiver too."""

from __future__ import annotations

import socket
import time


def connected(host: str, port: int, seconds: float) -> socket.socket:
    """A connection to the first address of `host` that answers; each address gets a share of the time that is left.

    Raises the OSError of the last address.
    """
    deadline = time.monotonic() + seconds
    addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    last_error: OSError = TimeoutError("timed out")
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
            last_error = error
        else:
            sock.settimeout(seconds)
            return sock
    raise last_error


def send_all(sock: socket.socket, data: bytes, seconds: float) -> None:
    """Send everything within so many seconds or raise OSError; in TLS, `sendall` would wait as long for each record."""
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
    """Set a time-out unless it is set already, because setting it is a system call."""
    if sock.gettimeout() != seconds:
        sock.settimeout(seconds)
