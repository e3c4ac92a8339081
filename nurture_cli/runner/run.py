"""One run, from the lock to the last line: settle what is left over, plan, guard, apply, deliver."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from pathlib import Path

from nurture_cli.campaign.model import Config, Limits
from nurture_cli.clock import Clock
from nurture_cli.delivery.crash_points import CrashPoint, go_on
from nurture_cli.errors import Refused
from nurture_cli.exit_code import ExitCode
from nurture_cli.explain.held_back import HeldBack, held_back
from nurture_cli.explain.nothing_due import Why, why_nothing_is_due
from nurture_cli.keys import Keys, read_keys
from nurture_cli.message.outgoing import Outgoing
from nurture_cli.places import JOURNAL_FILE
from nurture_cli.planner.limits import channel_room, next_room
from nurture_cli.planner.plan import Counts, Plan, Tell, make_plan, nobody_listens
from nurture_cli.planner.recheck import LastLook
from nurture_cli.plural import how_many
from nurture_cli.project import Project, require_sound
from nurture_cli.runner.apply import apply_plan, needs_applying
from nurture_cli.runner.apply_funnel import told_by_task
from nurture_cli.runner.counts import RunCounts
from nurture_cli.runner.leftovers import Leftovers, settle_leftovers
from nurture_cli.store.database import Ballast, Connection, open_writer, run_lock, writing
from nurture_cli.store.departures import begin_notes
from nurture_cli.store.health import refuse_damaged_tables
from nurture_cli.store.instance import record_settled, verify_instance, verify_key
from nurture_cli.store.journal import catch_up, mend, open_journal, witnessing
from nurture_cli.store.ledger import in_doubt
from nurture_cli.store.runs import (
    begin_run,
    biggest_run,
    blocked_with_due,
    finish_run,
    record_blocked,
    record_last_run,
    record_unblocked,
)
from nurture_cli.store.seals import seal_contacts

# A human looks first at a run that is far bigger than any of the last twenty, unless it is small.
FAR_BIGGER, SMALL = 10, 100


def _nobody_listens(done: RunCounts, due: int) -> None:
    """Progress is of no interest."""


@dataclass(frozen=True, slots=True)
class Orders:
    """What the caller asks of a run.

    `confirmed`: so many touches may be due, for a human has seen them. `limit`: send at most so many, the first in the
    plan. `ask_why`: the report of a run with nothing due says why, and why touches are held back.
    """

    confirmed: int | None = None
    limit: int | None = None
    tell: Tell = nobody_listens
    progress: Callable[[RunCounts, int], None] = _nobody_listens
    crash_point: CrashPoint = go_on
    ask_why: bool = False


@dataclass(frozen=True, slots=True)
class Report:
    """What a run came to."""

    at: int
    planned: Counts
    leftovers: Leftovers
    due: int = 0  # what the run was to send: all that is due, or as many as were asked for
    done: RunCounts = field(default_factory=RunCounts)
    journal_rebuilt: bool = False
    in_doubt: int = 0  # touches in doubt that no human has resolved yet, of earlier runs too
    why: tuple[Why, ...] = ()  # nothing was due, when the orders ask for it
    held: tuple[HeldBack, ...] = ()  # when nothing was due and the orders ask for it

    @property
    def exit_code(self) -> int:
        """The exit code of the run."""
        return self.done.exit_code or (ExitCode.IN_DOUBT if self.in_doubt else ExitCode.FINE)


def run(project: Project, database: Path, clock: Clock, orders: Orders | None = None) -> Report:
    """Do what the plan of this instant says.

    Raises Busy when another run is on, Refused when a human must decide first; then nothing was sent and nothing
    moved. The report says what went wrong with single touches, a channel or the disk.
    """
    config, keys = require_sound(project), read_keys(project.root)
    with run_lock(database):
        db = open_writer(database)
        try:
            return _Run(project, config, database, db, clock, keys, Orders() if orders is None else orders).carry_out()
        finally:
            db.close()


@dataclass(frozen=True, slots=True)
class _Run:
    project: Project
    config: Config
    database: Path
    db: Connection
    clock: Clock
    keys: Keys
    orders: Orders

    @property
    def journal_path(self) -> Path:
        return self.database.with_name(JOURNAL_FILE)

    def carry_out(self) -> Report:
        """Bring database and journal together, then do all that the plan says."""
        at = self.clock.now()
        verify_key(self.db, self.keys)
        verify_instance(self.db, self.database, at)
        rebuilt = mend(self.db, self.journal_path)
        catch_up(self.db, self.journal_path)
        with witnessing(self.db, self.journal_path):
            report = self._work(at)
        return replace(report, journal_rebuilt=rebuilt)

    def _work(self, at: int) -> Report:
        db, orders = self.db, self.orders
        leftovers = settle_leftovers(db, self.project, at, orders.crash_point)
        plan = make_plan(self.project, db, at, tell=orders.tell)
        why = why_nothing_is_due(plan) if orders.ask_why else ()
        held = held_back(plan) if orders.ask_why and not plan.counts.due else ()
        due = plan.counts.due if orders.limit is None else min(plan.counts.due, orders.limit)
        _refuse_stranding(plan)
        leads_told = plan.counts.handed if told_by_task(plan) else 0  # a task is a message to Sales, too
        _refuse_blast(db, self.config.limits, due + leads_told, orders)
        if due:
            refuse_damaged_tables(db)
        orders.tell("Writing down what the plan decided")
        cursor = apply_plan(plan) if needs_applying(plan) else plan.snapshot.change
        report = Report(at, plan.counts, leftovers, due, why=why, held=held)
        reopen = _in_use(plan) if blocked_with_due(db) else []
        if due or reopen:
            report = self._deliver(plan, cursor, report, reopen)
        _seal(db)
        now = self.clock.now()
        room_at = next_room(db, plan.world, now)
        with writing(db):
            if not (due or reopen):
                record_unblocked(db, at)
            record_last_run(db, now)
            record_settled(db, self.project.fingerprint, room_at)
        return replace(report, in_doubt=len(in_doubt(db)))

    def _deliver(self, plan: Plan, cursor: int, report: Report, reopen: Sequence[str]) -> Report:
        # Only a run that sends pays for loading what renders and delivers.
        from nurture_cli.delivery.channels import open_messenger
        from nurture_cli.message.render import Renderer
        from nurture_cli.runner.briefs import Briefs, asset_of
        from nurture_cli.runner.context import RunContext, maker
        from nurture_cli.runner.send import deliver
        from nurture_cli.runner.worker import Wish, beside

        db, orders, channels = self.db, self.orders, self.config.channels
        renderer = Renderer(self.project, self.keys)
        ballast = Ballast(self.database, max((each.settings.connections for each in channels.values()), default=1))
        ballast.lay()  # while there is room
        journal = open_journal(db, self.journal_path)
        departures = begin_notes(report.due)
        with writing(db):
            name = None if departures is None else departures.name
            run_id = begin_run(db, at=report.at, due=plan.counts.due, held=plan.counts.held, departures=name)
        messages = Briefs(renderer, self.project, db, plan.briefs())

        def make(wish: Wish) -> Outgoing:
            asset = asset_of(self.project, wish.asset, wish.channel)
            return maker(messages, channels[wish.channel])(asset, wish.contact, key=wish.key, at=wish.at)

        try:
            with beside(make, report.due) as worker:
                context = RunContext(
                    run_id=run_id,
                    clock=self.clock,
                    keys=self.keys,
                    renderer=messages,
                    worker=worker,
                    reopen=reopen,
                    last_look=LastLook(plan, cursor, run_id),
                    insist=renderer.insist_on_finished,
                    room=lambda store, channel, now: channel_room(store, plan.world, channel, now),
                    messenger=partial(
                        open_messenger,
                        project_root=self.project.root,
                        config=self.config,
                        crash_point=orders.crash_point,
                        clock=self.clock,
                    ),
                    journal=journal,
                    departures=departures,
                    ballast=ballast,
                    crash_point=orders.crash_point,
                    progress=lambda done: orders.progress(done, report.due),
                )
                done = deliver(db, self.project, islice(plan.due_in_queue(), orders.limit), context)
        finally:
            if departures is not None:
                departures.close()
            journal.close()
        with writing(db):
            _record(db, run_id, done, at=self.clock.now(), due=plan.counts.due)
        if departures is not None:
            departures.discard()
        return replace(report, done=done)


def _seal(db: Connection) -> None:
    """Seal the contacts that are new or were written since the last run, some at a time: others may want to write."""
    while True:
        with writing(db):
            if not seal_contacts(db):
                return


def _in_use(plan: Plan) -> list[str]:
    """The channels that carry something: all of them are tried, as nothing says which one blocked an earlier run."""
    return [name for (name,) in plan.db.execute("SELECT DISTINCT channel FROM temp.asset ORDER BY channel")]


def _record(db: Connection, run_id: int, done: RunCounts, *, at: int, due: int) -> None:
    """Remember what a run came to; one that was blocked before it claimed anything is counted with those before."""
    if done.blocked and not done.claimed:
        record_blocked(db, at=at, due=due, ended=done.ended, code=done.exit_code, run_id=run_id)
        return
    finish_run(
        db, run_id, at=at, sent=done.sent, failed=done.failed, deferred=done.deferred, unknown=done.unknown,
        ended=done.ended, code=done.exit_code, blocked=done.blocked,
    )  # fmt: skip


def _refuse_stranding(plan: Plan) -> None:
    if plan.counts.stranded:
        places = ", ".join(f"{place} ({count})" for place, count in list(plan.counts.stranded.items())[:5])
        contacts = how_many(sum(plan.counts.stranded.values()), "contact is", "contacts are")
        raise Refused(
            f"{contacts} at steps that are no longer in the files: {places}.",
            "Write under `moved:` in the campaign's file where each step went (`old-id: new-id`), or put it back.",
        )


def _refuse_blast(db: Connection, limits: Limits, due: int, orders: Orders) -> None:
    """The blast guard: raise Refused for more than the file allows, or far more than lately, and not confirmed."""
    if orders.confirmed is not None and due <= orders.confirmed:
        return
    biggest = biggest_run(db)
    said = how_many(due, "touch is due", "touches are due")
    hint = f"Look at `nurture plan`; if it is right: nurture run --confirm {due}"
    if orders.confirmed is not None:
        raise Refused(f"{said}, more than the {orders.confirmed:,} that you confirmed.", hint)
    if due > limits.guard:
        raise Refused(f"{said}, more than `limits.guard` allows in one run ({limits.guard:,}).", hint)
    if biggest is not None and due > SMALL and due > FAR_BIGGER * biggest:
        raise Refused(f"{said}, but only {how_many(biggest, 'was', 'were')} in the biggest of the last runs.", hint)
