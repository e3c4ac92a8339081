"""The process beside a run makes what the run would make; without it, or when it dies, nothing is different."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from nurture_cli.clock import FixedClock
from nurture_cli.message.outgoing import Outgoing
from nurture_cli.records import Contact
from nurture_cli.runner import worker as room
from nurture_cli.runner.rendering import begin_ahead
from nurture_cli.runner.worker import WORTHWHILE, Wish, Worker, beside
from tests.delivery.endpoint import Endpoint
from tests.delivery.server import Server
from tests.runner.house import AT, DAY, House
from tests.runner.lives import KILLED, Life, Lives

ENOUGH = WORTHWHILE + 30
HOUSES = ("with-worker", "house")


def wish(number: int, **facts: object) -> Wish:
    who = Contact(number, f"c{number}@people.example", b"", "early", 0, fields=facts)  # type: ignore[arg-type]
    return Wish(f"key/{number}", "a", "mail", who, AT)


def tell(worker: Worker, number: int) -> None:
    """Send the process beside this one a signal."""
    assert worker._process.pid is not None
    os.kill(worker._process.pid, number)


def make(wanted: Wish) -> Outgoing:
    if wanted.contact.fields.get("bad"):
        raise ValueError("not with this one")
    address = wanted.contact.email
    return Outgoing(
        wanted.key,
        f"{wanted.contact.id}@here",
        "us@house.internal",
        address,
        b"Hello",
        str(os.getpid()),
        wanted.asset,
        AT,
    )


@pytest.fixture
def worker() -> Iterator[Worker]:
    made = Worker(make)
    yield made
    made.close()


def test_what_was_asked_for_is_made_in_another_process(worker: Worker) -> None:
    worker.ask([wish(1), wish(2)])
    worker.ask([wish(3)])
    taken = [worker.take(f"key/{number}") for number in (1, 2, 3)]

    assert [found and (found[0].key, found[0].recipient, found[1]) for found in taken] == [
        (f"key/{number}", f"c{number}@people.example", AT) for number in (1, 2, 3)
    ]
    assert {found and found[0].body_hash for found in taken} == {str(worker._process.pid)} != {str(os.getpid())}
    assert worker.in_hand == 0


def test_what_was_not_asked_for_or_cannot_be_made_is_for_the_one_who_asks(worker: Worker) -> None:
    worker.ask([wish(1, bad=True), wish(2)])

    assert worker.take("key/9") is None
    assert worker.take("key/1") is None
    assert worker.take("key/2") is not None
    assert worker.take("key/2") is None  # taken


def test_nobody_waits_to_know_whether_a_message_is_there(worker: Worker) -> None:
    tell(worker, signal.SIGSTOP)
    worker.ask([wish(1)])
    assert worker.knows("key/1")
    assert not worker.has("key/1")

    tell(worker, signal.SIGCONT)
    until = time.monotonic() + 10
    while not worker.has("key/1"):
        assert time.monotonic() < until
    assert worker.take("key/1") is not None


def test_what_is_forgotten_does_not_come_back(worker: Worker) -> None:
    worker.ask([wish(1)])
    worker.forget()
    worker.ask([wish(2)])

    assert worker.take("key/2") is not None
    assert worker.take("key/1") is None
    assert worker.in_hand == 0


def test_what_is_still_wanted_is_not_forgotten(worker: Worker) -> None:
    worker.ask([wish(1), wish(2)])
    worker.forget(but={"key/2"})

    assert worker.in_hand == 1
    assert worker.take("key/1") is None
    assert worker.take("key/2") is not None


def test_what_was_begun_before_the_claim_of_a_touch_that_may_have_arrived_is_not_used(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, contacts=ENOUGH, on_unknown="resend")
    house.write_asset("a", body="The news of {{ today }}.")
    lives.live(Life(str(house.folder), AT, point="after_250"))
    lives.live(Life(str(house.folder), AT + 60, point="before_claim"))
    lives.live(Life(str(house.folder), AT + DAY))

    assert set(house.states().values()) == {"sent"}
    first, *rest = sink.accepted
    again = [mail for mail in rest if mail.message_id == first.message_id]
    assert [mail.data.partition(b"\r\n\r\n")[2] for mail in again] == [first.data.partition(b"\r\n\r\n")[2]]
    assert len(rest) == ENOUGH


def test_the_worker_begins_with_the_first_messages_before_they_are_claimed(worker: Worker) -> None:
    channel = SimpleNamespace(pace=SimpleNamespace(pause=0.0), channel=SimpleNamespace(name="mail"))
    context: Any = SimpleNamespace(worker=worker, clock=FixedClock(AT))
    due = [(SimpleNamespace(key=f"key/{n}"), wish(n).contact, SimpleNamespace(name="a")) for n in range(100)]

    begin_ahead(context, cast(Any, channel), cast(Any, due))

    assert [worker.knows(f"key/{n}") for n in (0, 31, 32)] == [True, True, False]


def test_a_dead_worker_is_done_without(worker: Worker) -> None:
    worker.ask([wish(1)])
    tell(worker, signal.SIGKILL)
    worker._process.join()
    for number in (2, 3):
        worker.ask([wish(number)])
        worker.take(f"key/{number}")

    assert not worker.alive
    assert worker.in_hand == 0


def test_a_worker_that_says_nothing_is_done_without(worker: Worker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "PATIENCE", 0.1)
    tell(worker, signal.SIGSTOP)
    worker.ask([wish(1)])

    assert worker.take("key/1") is None
    assert not worker.alive


def test_a_worker_that_cannot_be_told_everything_at_once_is_not_waited_for(worker: Worker) -> None:
    tell(worker, signal.SIGSTOP)
    worker.ask([wish(number, note="x" * 100_000) for number in range(20)])

    assert not worker.alive
    assert worker.take("key/1") is None


def test_a_signal_for_the_whole_terminal_is_not_for_the_worker(worker: Worker) -> None:
    worker.ask([wish(1)])
    worker.take("key/1")
    tell(worker, signal.SIGINT)
    worker.ask([wish(2)])

    assert worker.take("key/2") is not None


ASKER = """
import os, sys
from nurture_cli.runner.worker import Worker
from nurture_cli.store.locks import run_lock
from pathlib import Path
from tests.runner.test_worker import make, wish
with run_lock(Path(sys.argv[1])):
    worker = Worker(make)
    worker.ask([wish(1)])
    worker.take("key/1")  # it is at work
    print(worker._process.pid, flush=True)
    sys.stdin.read()
"""


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="looks for a process in /proc")
def test_the_worker_ends_with_the_one_that_asks_and_holds_no_lock(tmp_path: Path) -> None:
    from nurture_cli.store.locks import run_lock

    database = tmp_path / "nurture.db"
    with subprocess.Popen(
        [sys.executable, "-c", ASKER, str(database)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as asker:  # fmt: skip
        assert asker.stdout is not None
        pid = int(asker.stdout.readline())
        os.kill(pid, signal.SIGSTOP)  # not even now
        open_files = [str(path.readlink()) for path in Path(f"/proc/{pid}/fd").iterdir()]
        asker.kill()
        asker.wait()
        with run_lock(database):
            os.kill(pid, signal.SIGCONT)

    assert not any(str(tmp_path) in name for name in open_files)
    until = time.monotonic() + 10
    while Path(f"/proc/{pid}").exists() and "Z" not in Path(f"/proc/{pid}/stat").read_text().split(") ")[1][:1]:
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_worker_is_there_where_it_is_worth_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room, "active_count", lambda: 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    with beside(make, WORTHWHILE) as worker:
        assert (worker is not None) == (sys.platform == "linux")
    with beside(make, WORTHWHILE - 1) as worker:
        assert worker is None
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0}, raising=False)
    with beside(make, WORTHWHILE) as worker:
        assert worker is None


def test_a_system_without_room_for_a_process_is_no_reason_to_send_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> int:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(room, "active_count", lambda: 1)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1}, raising=False)
    monkeypatch.setattr(os, "fork", refuse)
    with beside(make, WORTHWHILE) as worker:
        assert worker is None


# Whole runs, in a process of their own: one with threads in it, like this one, makes no worker.


def mails(sink: Server) -> list[bytes]:
    return sorted(mail.data for mail in sink.accepted)


def whimsical(house: House, sink: Server, connections: int = 1, channel: str = "mail", hook: int = 9) -> House:
    """Many contacts; what is for c10 to c99 cannot be made."""
    house.build(sink.port, contacts=ENOUGH, connections=connections, hook=hook)
    body = "Dear {{ contact.first_name }}, {{ 12 // (contact.email | length - 18) }}"
    house.write_asset("a", body, channel=channel)
    return house


TOUCHES = "SELECT contact_id, state, reason, body_hash FROM touch ORDER BY contact_id"


def with_and_without(house: House, lives: Lives) -> tuple[list[object], list[object]]:
    """What the ledger says after a run with a worker, and after the same run whose worker dies at once."""
    aside = house.folder.with_name("as-it-was")
    shutil.copytree(house.folder, aside)
    codes = [lives.live(Life(str(house.folder), AT, point="after_250", told=signal.SIGCONT, to_worker=True))]
    ledger = house.ask(TOUCHES)
    house.folder.rename(house.folder.with_name("with-worker"))
    aside.rename(house.folder)
    codes += [lives.live(Life(str(house.folder), AT, point="before_claim", told=signal.SIGKILL, to_worker=True))]

    assert codes == [1, 1]
    return ledger, house.ask(TOUCHES)


@pytest.mark.parametrize("connections", [1, 3])
def test_a_run_with_a_worker_sends_the_very_bytes_of_one_without(
    tmp_path: Path, sink: Server, lives: Lives, connections: int
) -> None:
    house = whimsical(House(tmp_path / "house"), sink, connections)
    ledger, ledger_without = with_and_without(house, lives)
    sent = [mail.data for mail in sink.accepted]

    assert len(sent) == 2 * (ENOUGH - 90)
    assert sorted(sent[: ENOUGH - 90]) == sorted(sent[ENOUGH - 90 :])
    assert ledger == ledger_without


@pytest.mark.parametrize("channel", ["hook", "files"])
def test_other_channels_carry_the_same_as_well(tmp_path: Path, sink: Server, lives: Lives, channel: str) -> None:
    with Endpoint() as endpoint:
        house = whimsical(House(tmp_path / "house"), sink, channel=channel, hook=endpoint.port)
        ledger, ledger_without = with_and_without(house, lives)
    files = [sorted(file.read_bytes() for file in house.folder.with_name(name).glob("files/*")) for name in HOUSES]
    half = len(endpoint.requests) // 2

    assert (half, len(files[0])) == ((ENOUGH - 90, 0) if channel == "hook" else (0, ENOUGH - 90))
    assert endpoint.requests[:half] == endpoint.requests[half:]
    assert files[0] == files[1]
    assert ledger == ledger_without


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("hit", [1, 60])
def test_a_worker_that_dies_on_the_way_is_not_missed(
    house: House, sink: Server, lives: Lives, hit: int, connections: int
) -> None:
    whimsical(house, sink, connections)
    life = Life(str(house.folder), AT, point="before_dot", hit=hit, told=signal.SIGKILL, to_worker=True)
    code = lives.live(life)

    assert code == 1
    assert Counter(house.states().values()) == {"sent": ENOUGH - 90, "failed": 90}
    assert len(mails(sink)) == ENOUGH - 90


@pytest.mark.parametrize("point", ["after_claim", "after_journal", "before_dot", "after_dot", "after_sent_commit"])
def test_a_run_with_a_worker_that_is_killed_repeats_nothing(
    house: House, sink: Server, lives: Lives, point: str
) -> None:
    house.build(sink.port, contacts=ENOUGH)
    hit = 2 if point in ("after_claim", "after_sent_commit") else 150
    code = lives.live(Life(str(house.folder), AT, point=point, hit=hit, share_below=1e9))
    lives.live(Life(str(house.folder), AT + 60, share_below=1e9))

    arrived = house.written_to(mail.message_id for mail in sink.accepted)
    states = Counter(house.states().values())
    assert code == KILLED
    assert set(arrived.values()) == {1}
    assert states["sent"] + states["unknown"] == ENOUGH
    assert states["unknown"] <= 1
    assert len(arrived) >= ENOUGH - 1


def test_a_run_that_is_asked_to_stop_gives_back_what_the_worker_has_made(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, contacts=ENOUGH)
    first = lives.live(Life(str(house.folder), AT, point="after_dot", hit=40, told=signal.SIGTERM))
    taken = len(sink.accepted)
    second = lives.live(Life(str(house.folder), AT + 60))

    assert (first, taken, second) == (143, 40, 0)
    assert Counter(house.states().values()) == {"sent": ENOUGH}
    assert len(sink.accepted) == ENOUGH
