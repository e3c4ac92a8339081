"""What the moves of a plan have in common: to arrive at a step, to note a decision, to change the contact."""

from __future__ import annotations

from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.funnel import WITH_SALES, move_forward, ready
from nurture_cli.planner.tokens import ENDED, EXHAUSTED, FRESH, GOES, WAITS, WANTS, bring_others
from nurture_cli.planner.world import World
from nurture_cli.store.database import Connection


class Moves:
    """The tokens of one plan, at one instant.

    Steps change the contact only in `temp.contact_now` and `temp.tag_delta`; `runner/apply.py` writes it down.
    """

    def __init__(self, db: Connection, world: World, at: int) -> None:
        self.db = db
        self.world = world
        self.at = at

    def run(self, sql: str, parameters: Parameters | None = None) -> int:
        """Execute a statement with `:now` bound; returns how many rows it changed."""
        values = Parameters() if parameters is None else parameters
        values["now"] = self.at
        return self.db.execute(sql, values).rowcount

    def advance(self, where: str, to: str, parameters: Parameters | None = None, anchor: str = "t.anchor") -> None:
        """Move the tokens that match `where` (on t) from their node to `to`; a new arrival, a new hop."""
        self.run(
            f"""
            UPDATE temp.token AS t SET node = {to}, hop = t.hop + 1, steps = t.steps + 1, items_sent = 0,
                last_step = n.step, anchor = {anchor}, doing = {GOES}, decided = NULL, asset = NULL, due = NULL
            FROM temp.node n WHERE n.node = t.node AND {where}
            """,
            parameters,
        )

    def note(
        self, kind: str, where: str, parameters: Parameters, outcome: str = "t.decided", facts: str = "'{}'"
    ) -> None:
        """Log what the tokens that match `where` decide at their step (t, n: its node, c: the contact)."""
        self.run(
            "INSERT INTO temp.log (tid, hop, kind, step, outcome, facts)"
            f" SELECT t.tid, t.hop, '{kind}', n.step, {outcome}, {facts} FROM temp.token t"
            f" JOIN temp.node n ON n.node = t.node JOIN temp.contact_now c ON c.id = t.cid WHERE {where}",
            parameters,
        )

    def set_stage(self, stage: str, cause: str, contacts: str, parameters: Parameters) -> None:
        """Move these contacts forward to a stage; those who are there already, or further, stay."""
        parameters["now"] = self.at
        if move_forward(self.db, self.world, stage, contacts, cause, parameters):
            if self.world.config.funnel.by_name[stage].handoff:
                self.hand_to_sales(contacts, cause, parameters, f"c.stage = {parameters.bind(stage)}")
            self.refresh(contacts, parameters)

    def hand_to_sales(self, contacts: str, cause: str, parameters: Parameters, where: str = "1") -> None:
        """Hand these contacts to Sales, as far as they are ready and not with Sales yet."""
        self.run(
            "INSERT OR IGNORE INTO temp.handing (cid, cause, stage)"
            f" SELECT c.id, {parameters.bind(cause)}, c.stage FROM temp.contact_now c"
            f" WHERE c.id IN ({contacts}) AND {where}"
            f" AND {ready(self.world)} AND NOT {WITH_SALES.format('c.id')}",
            parameters,
        )

    def refresh(self, contacts: str, parameters: Parameters) -> None:
        """Have all tokens of these contacts looked at again, in every campaign: something about them changed."""
        bring_others(self.db, contacts, parameters)
        self.run(
            f"UPDATE temp.token SET fresh = {FRESH},"
            f" doing = iif(doing IN ({WAITS}, {WANTS}, {EXHAUSTED}), {GOES}, doing)"
            f" WHERE cid IN ({contacts}) AND doing <> {ENDED}",
            parameters,
        )
