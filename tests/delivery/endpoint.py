"""An HTTP endpoint on this machine that answers as it is told, and remembers what it was asked."""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from dataclasses import dataclass, field


@dataclass
class Endpoint:
    """Reads one request a connection and answers it with `answer`; None hangs up, "" never answers."""

    answer: bytes | None = b"HTTP/1.1 204 No Content\r\n\r\n"
    drip: bool = False
    requests: list[bytes] = field(default_factory=list)
    port: int = 0

    def __enter__(self) -> Endpoint:
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._serving = threading.Thread(target=self.serve, args=(self._listening,), daemon=True)
        self._serving.start()
        return self

    def __exit__(self, *exception: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        # Closed under a thread that is about to accept, its number would soon be that of another socket.
        self._serving.join(5)
        self._listening.close()

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection, contextlib.suppress(OSError):
                request = b""
                while b"\r\n\r\n" not in request or not request.endswith(b"}"):
                    received = connection.recv(65536)
                    if not received:
                        break
                    request += received
                if request:
                    self.requests.append(request)
                    if self.answer is not None:
                        connection.sendall(self.answer)
                    while self.drip:
                        connection.sendall(b"x")
                        time.sleep(0.02)
                    if self.answer == b"":
                        connection.recv(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?a=b"

    @property
    def told(self) -> list[bytes]:
        """The requests without the time of each attempt."""
        return [re.sub(rb"(?m)^webhook-timestamp: \d+\r\n", b"", request) for request in self.requests]
