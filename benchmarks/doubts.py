"""Of the mails that killed runs leave in doubt, how many had never left: runs into a sink, killed at any instant."""

from __future__ import annotations

import shutil
import socket
import subprocess
import threading
import time
from itertools import product
from pathlib import Path
from random import Random

from benchmarks.bench import Bench
from benchmarks.measure import NURTURE, REPOSITORY, Line, MeasurementError, run, table
from benchmarks.people import SEED
from benchmarks.sink import Ledger, converse
from benchmarks.world import Shape, world
from nurture_cli.store.database import open_reader

MOST = 0.03  # of the mails in doubt may never have left
CONNECTIONS = (1, 4)
REPLIES = (0.0, 0.002, 0.01)  # seconds that the sink takes to answer a whole mail
LIFE = 0.4  # at most so many seconds after its first mail a run is killed
PATIENCE = 60.0


def measure(bench: Bench) -> bool:
    """Kill runs, one after the other, over the same list; a new one when it is used up."""
    kills = 170 if bench.proves else 2
    lines: list[Line] = []
    doubts = never_left = 0
    for connections, reply in product(CONNECTIONS, REPLIES) if bench.proves else [(4, 0.0)]:
        parked, unsent = _kill_often(bench, connections, reply, kills)
        doubts, never_left = doubts + parked, never_left + unsent
        name = f"{connections} connection{'s' * (connections > 1)}, answers after {reply * 1000:.0f} ms"
        lines.append(Line(name, f"{unsent} of {parked}", f"{kills} kills", kept=None))
    part = never_left / max(doubts, 1)
    promised = Line("never left, of those in doubt", f"{part:.1%}", "", f"at most {MOST:.0%}", bench.kept(part <= MOST))
    lines.append(promised)
    return table("doubts: mails in doubt that had never left", lines)


def _kill_often(bench: Bench, connections: int, reply: float, kills: int) -> tuple[int, int]:
    """How many mails were in doubt, and how many of these the sink never saw."""
    chance, folder = Random(f"{SEED}/{connections}/{reply}"), bench.folder / "doubts"
    with _Server(reply) as server:
        channel = f"{{type: smtp, host: 127.0.0.1, port: {server.port}, tls: 'off', connections: {connections}}}"
        shutil.rmtree(folder, ignore_errors=True)
        world(folder, Shape(400 * kills, due_in_hundred=100, mixed=False, channel=channel))
        for _ in range(kills):
            before = server.ledger.mails
            process = subprocess.Popen(
                (*NURTURE, "run", "--project", str(folder)), cwd=REPOSITORY, stdout=subprocess.DEVNULL
            )
            limit = time.monotonic() + PATIENCE
            while server.ledger.mails == before and process.poll() is None:
                if time.monotonic() > limit:
                    raise MeasurementError("A run sent nothing for a minute.")
                time.sleep(0.001)
            time.sleep(chance.uniform(0, LIFE))
            process.kill()
            process.wait()
            server.settle()
        run((*NURTURE, "run", "--project", str(folder), "--limit", "1"), ok=(0, 4))  # settles the last one, too
        doubts = _in_doubt(folder / "nurture.db")
        unsent = sum(name.strip("<>").encode() not in server.ledger.seen for name in doubts)
        if server.ledger.again:
            raise MeasurementError(f"{server.ledger.again} mails arrived twice.")
    shutil.rmtree(folder)
    return len(doubts), unsent


def _in_doubt(database: Path) -> list[str]:
    db = open_reader(database)
    try:
        return [row[0] for row in db.execute("SELECT message_id FROM touch WHERE state = 'unknown'")]
    finally:
        db.close()


class _Server:
    """The sink in this process, so that what it saw can be asked at any time."""

    def __init__(self, reply: float) -> None:
        self.ledger = Ledger(reply)
        self._threads: list[threading.Thread] = []
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=16)
        self.port: int = self._listening.getsockname()[1]

    def __enter__(self) -> _Server:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listening.close()

    def settle(self) -> None:
        """Wait until everything that a killed run sent was read."""
        for thread in self._threads:
            thread.join(PATIENCE)
        self._threads.clear()

    def _accept(self) -> None:
        while True:
            try:
                line, _ = self._listening.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(line,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, line: socket.socket) -> None:
        try:
            converse(line, self.ledger)
        except OSError:
            return  # the other side was killed
