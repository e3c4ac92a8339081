"""Never twice, never silently lost: a run is killed at every instant that matters, and run again."""

from __future__ import annotations

import fcntl
import random
import re
import shutil
import threading
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli.delivery.crash_points import LEFTOVERS, SENDING
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.runner.dispatcher import OTHER_TEXT
from nurture_cli.runner.recover import recover_from_journal
from nurture_cli.store import departures
from nurture_cli.store.database import writing
from nurture_cli.store.instance import adopt
from tests.delivery.server import Fault, Server
from tests.examples import examples
from tests.runner.house import AT, DAY, House
from tests.runner.lives import KILLED, Life, Lives

# Between these and the next commit nobody can know whether the mail arrived.
IN_DOUBT = {"noted", "after_dot", "after_250", "before_sent_commit"}
SHARED = 1e9
KILLS = examples(60)
MANY = 13 * KILLS  # more contacts than are written to between so many kills


class Collector:
    """A program beside the runs that takes every file out of a folder as soon as it is there."""

    def __init__(self, folder: Path) -> None:
        self.carried: list[str] = []  # Message-IDs
        self._folder = folder
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._work)

    def __enter__(self) -> Collector:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._over.set()
        self._thread.join()
        self.carry()

    def carry(self) -> None:
        """Take what is there."""
        for file in self._folder.glob("*.eml"):
            away = file.rename(self._folder.parent / "carried.eml")  # only one can do that
            found = re.search(rb"^Message-ID:\s*<([^>]+)>", away.read_bytes(), re.MULTILINE | re.IGNORECASE)
            assert found is not None
            self.carried.append(found[1].decode())

    def _work(self) -> None:
        while not self._over.wait(0.001):
            self.carry()


def check(house: House, sink: Server, *, most_unknown: int) -> set[int]:
    """Everything ended as sent or in doubt, nothing arrived twice; returns the contacts in doubt."""
    arrived = house.written_to(mail.message_id for mail in sink.accepted)
    states = house.states()
    unknown = {contact for contact, state in states.items() if state == "unknown"}
    sent = {contact for contact, state in states.items() if state == "sent"}

    assert max(arrived.values(), default=0) <= 1
    assert sent | unknown == set(house.ask("SELECT id FROM contact"))
    assert sent <= set(arrived)
    assert len(unknown) <= most_unknown
    assert set(arrived) <= sent | unknown
    return unknown


@pytest.mark.parametrize("point", SENDING)
@pytest.mark.parametrize("hit", [1, 3])
def test_a_run_killed_at_a_point_of_a_send_loses_nothing_and_repeats_nothing(
    house: House, sink: Server, lives: Lives, point: str, hit: int
) -> None:
    house.build(sink.port)
    hit = 1 if point.endswith("claim") else hit
    code = lives.live(Life(str(house.folder), AT, point=point, hit=hit))
    again = lives.live(Life(str(house.folder), AT + 60))

    unknown = check(house, sink, most_unknown=1 if point in IN_DOUBT else 0)
    assert (code, again) == (KILLED, 4 if unknown else 0)  # until a human has resolved it, every run says so
    assert bool(unknown) == (point in IN_DOUBT)


@pytest.mark.parametrize("point", SENDING)
@pytest.mark.parametrize("hit", [1, 2, 4])
def test_a_run_that_shares_commits_parks_one_touch_at_most(
    house: House, sink: Server, lives: Lives, point: str, hit: int
) -> None:
    house.build(sink.port)
    hit = 1 if point.endswith(("claim", "sent_commit")) else hit
    code = lives.live(Life(str(house.folder), AT, point=point, hit=hit, share_below=SHARED))
    lives.live(Life(str(house.folder), AT + 60, share_below=SHARED))

    check(house, sink, most_unknown=1)
    assert code == KILLED


@pytest.mark.parametrize("point", SENDING)
def test_with_several_connections_each_parks_one_touch_at_most(
    house: House, sink: Server, lives: Lives, point: str
) -> None:
    house.build(sink.port, contacts=12, connections=3)
    hit = 1 if point.endswith("claim") else 5
    code = lives.live(Life(str(house.folder), AT, point=point, hit=hit))
    lives.live(Life(str(house.folder), AT + 60))

    check(house, sink, most_unknown=3)
    assert code == KILLED


@pytest.mark.parametrize("point", LEFTOVERS)
@pytest.mark.parametrize("earlier", ["after_claim", "before_dot", "after_250"])
def test_a_run_killed_in_the_middle_of_recovering_is_recovered_by_the_next(
    house: House, sink: Server, lives: Lives, point: str, earlier: str
) -> None:
    house.build(sink.port)
    codes = [
        lives.live(Life(str(house.folder), AT, point=earlier)),
        lives.live(Life(str(house.folder), AT + 60, point=point)),
        lives.live(Life(str(house.folder), AT + 120, point=point)),
    ]
    lives.live(Life(str(house.folder), AT + 180))

    unknown = check(house, sink, most_unknown=1)
    assert codes == [KILLED] * 3
    assert bool(unknown) == (earlier == "after_250")


def last_notes(house: House) -> Path:
    """The notes of the run that was killed."""
    (name,) = house.ask("SELECT departures FROM run")
    return departures.MEMORY / f"nurture-{name}"


def lost(house: House) -> None:
    """The notes are gone, as in another container."""
    last_notes(house).unlink()


def of_another_boot(house: House) -> None:
    """The machine was restarted, and something has kept the file."""
    file = last_notes(house)
    head, name, boot = file.read_bytes()[:128].rstrip(b"\0").split(b"\n")[:3]
    assert len(boot) == 36
    file.write_bytes(b"\n".join((head, name, b"f" * 36, b"")).ljust(128, b"\0") + file.read_bytes()[128:])


def of_another_run(house: House) -> None:
    """Another run's notes are where these should be."""
    file, more = last_notes(house), departures.begin_notes(1)
    assert more is not None
    more.close()
    (departures.MEMORY / f"nurture-{more.name}").rename(file)


def adopted(house: House) -> None:
    """The database was moved, or is a copy."""
    with house.opened() as db, writing(db):
        adopt(db, house.database, AT)


def recovered(house: House) -> None:
    """The database may be a backup."""
    with house.opened() as db:
        recover_from_journal(db, house.folder / JOURNAL_FILE, AT)


@pytest.mark.parametrize("doubt", [lost, of_another_boot, of_another_run, adopted, recovered])
def test_a_touch_is_in_doubt_where_the_notes_of_the_killed_run_cannot_be_trusted(
    house: House, sink: Server, lives: Lives, doubt: Callable[[House], None]
) -> None:
    house.build(sink.port)
    lives.live(Life(str(house.folder), AT, point="before_dot"))
    doubt(house)
    lives.live(Life(str(house.folder), AT + 60))

    assert len(check(house, sink, most_unknown=1)) == 1


def test_a_touch_is_in_doubt_while_the_run_that_marked_it_may_be_alive(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port)
    lives.live(Life(str(house.folder), AT, point="before_dot"))
    with last_notes(house).open() as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        lives.live(Life(str(house.folder), AT + 60))

    assert len(check(house, sink, most_unknown=1)) == 1


def test_no_notes_are_left_behind(house: House, sink: Server, lives: Lives) -> None:
    house.build(sink.port)
    lives.live(Life(str(house.folder), AT, point="before_dot"))
    notes = last_notes(house)
    assert notes.exists()
    lives.live(Life(str(house.folder), AT + 60))

    assert house.ask("SELECT departures FROM run") == [None, None]
    assert not notes.exists()


def test_an_attempt_that_never_left_leaves_the_doubt_about_the_one_before(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, contacts=1, on_unknown="resend")
    lives.live(Life(str(house.folder), AT, point="after_250"))
    lives.live(Life(str(house.folder), AT + 60, point="before_dot"))
    house.write_asset("a", body="Another text.")
    lives.live(Life(str(house.folder), AT + 120))

    assert house.states() == {1: "failed"}
    assert house.ask("SELECT reason FROM touch") == [OTHER_TEXT]


@pytest.mark.parametrize("point", SENDING)
def test_files_and_other_channels_that_take_a_thing_once_are_never_in_doubt(
    house: House, sink: Server, lives: Lives, point: str
) -> None:
    house.build(sink.port, mail="{type: outbox}")
    codes = [
        lives.live(Life(str(house.folder), AT, point=point)),
        lives.live(Life(str(house.folder), AT + 60)),
    ]

    assert codes == [KILLED, 0]
    assert set(house.states().values()) == {"sent"}
    assert len(list((house.folder / "outbox").iterdir())) == 6


@pytest.mark.parametrize("point", SENDING)
def test_a_file_that_was_carried_away_meanwhile_is_never_made_again_and_never_in_doubt(
    house: House, sink: Server, lives: Lives, point: str
) -> None:
    house.build(sink.port, mail="{type: outbox}")
    collector = Collector(house.folder / "outbox")
    codes = []
    for wait in (0, 60):
        codes.append(lives.live(Life(str(house.folder), AT + wait, point=point if wait == 0 else "")))
        collector.carry()

    assert codes == [KILLED, 0]
    assert set(house.states().values()) == {"sent"}
    assert house.written_to(collector.carried) == dict.fromkeys(range(1, 7), 1)
    assert list((house.folder / "outbox").iterdir()) == []


def test_an_outbox_that_was_removed_after_a_death_leaves_its_mail_in_doubt(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, mail="{type: outbox}", contacts=1)
    lives.live(Life(str(house.folder), AT, point="after_250"))
    shutil.rmtree(house.folder / "outbox")

    assert lives.live(Life(str(house.folder), AT + 60)) == 4
    assert house.states() == {1: "unknown"}


@pytest.mark.slow
def test_many_kills_beside_a_program_that_carries_on_never_repeat_and_never_lose_a_file(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, contacts=MANY, mail="{type: outbox}")
    chance = random.Random(20260304)
    with Collector(house.folder / "outbox") as collector:
        for number in range(KILLS):
            share = chance.choice([0, SHARED])
            life = Life(
                str(house.folder), AT + 60 * number, kill_after=chance.uniform(0, 0.08), pause=0.0005, share_below=share
            )
            assert lives.live(life) == -9
        last = lives.live(Life(str(house.folder), AT + 6000))

    assert last == 0
    assert set(house.states().values()) == {"sent"}
    assert house.written_to(collector.carried) == dict.fromkeys(range(1, MANY + 1), 1)
    assert list((house.folder / "outbox").iterdir()) == []


def test_what_is_in_doubt_waits_three_days_and_then_counts_as_sent(house: House, sink: Server, lives: Lives) -> None:
    house.build(sink.port, steps=("send: a", "wait: 1 day", "send: b"), contacts=2)
    lives.live(Life(str(house.folder), AT, point="after_250"))
    codes = [lives.live(Life(str(house.folder), AT + wait)) for wait in (60, 2 * DAY, 3 * DAY, 3 * DAY + 61)]

    states = house.ask("SELECT contact_id, asset, state, reason FROM touch ORDER BY 1, 2")
    assert codes == [4, 4, 4, 0]
    assert [row[:3] for row in states] == [(1, "a", "sent"), (1, "b", "sent"), (2, "a", "sent"), (2, "b", "sent")]
    assert states[0][3] == "assumed after 72 h without contrary evidence"
    assert house.written_to(mail.message_id for mail in sink.accepted) == {1: 2, 2: 2}


def test_a_campaign_that_prefers_twice_to_never_hands_the_same_mail_over_again(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, contacts=1, on_unknown="resend")
    lives.live(Life(str(house.folder), AT, point="after_250"))
    for wait in (60, 120):
        lives.live(Life(str(house.folder), AT + wait))

    first, second = sink.accepted
    assert house.states() == {1: "sent"}
    assert first.message_id == second.message_id
    assert first.data.partition(b"\r\n\r\n")[2] == second.data.partition(b"\r\n\r\n")[2]


def test_a_relay_that_takes_the_mail_and_hangs_up_leaves_it_in_doubt_and_the_rest_goes_on(
    house: House, lives: Lives
) -> None:
    with Server(faults={("dot", 3): Fault(drop=True, accept=True)}) as sink:
        house.build(sink.port)
        codes = [lives.live(Life(str(house.folder), AT + wait)) for wait in (0, 60)]

    assert check(house, sink, most_unknown=1) == {3}
    assert codes == [4, 4]


@pytest.mark.slow
def test_many_kills_at_random_instants_never_repeat_and_never_lose_a_mail(
    house: House, sink: Server, lives: Lives
) -> None:
    house.build(sink.port, contacts=MANY, connections=2)
    chance = random.Random(20260303)
    clock = AT
    parked = 0
    for _ in range(KILLS):
        clock += 60
        share = chance.choice([0, SHARED])
        life = Life(str(house.folder), clock, kill_after=chance.uniform(0, 0.08), pause=0.0005, share_below=share)
        assert lives.live(life) == -9
        left = Counter(house.states().values())
        assert left["committing"] + left["unknown"] - parked <= 2
        parked = left["committing"] + left["unknown"]
    last = lives.live(Life(str(house.folder), clock + 60))

    unknown = check(house, sink, most_unknown=parked)
    assert last == (4 if unknown else 0)
