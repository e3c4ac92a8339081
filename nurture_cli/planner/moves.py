"""What every move of a plan is made with: statements at one instant, arrivals, notes, changes of the contact."""

from __future__ import annotations

from nurture_cli.planner.compile import Parameters
from nurture_cli.planner.tokens import ENDED, GOES, WAITS, WANTS
from nurture_cli.planner.world import World
from nurture_cli.store.database import Connection


class Moves:
    """The tokens of one plan, at one instant.

    Steps change the contact only in `temp.fact` and `temp.tag_delta`; `runner/apply.py` writes it down.
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
            UPDATE temp.token AS t SET node = {to}, hop = t.hop + 1, steps = t.steps + 1, casts = 0,
                last_sid = n.sid, anchor = {anchor}, st = {GOES}, mark = NULL, asset = NULL, due = NULL
            FROM temp.node n WHERE n.node = t.node AND {where}
            """,
            parameters,
        )

    def note(self, kind: str, where: str, parameters: Parameters, outcome: str = "t.mark", facts: str = "'{}'") -> None:
        """Log what the tokens that match `where` decide at their step (t, n: its node, c: the contact)."""
        self.run(
            "INSERT INTO temp.log (tid, hop, kind, sid, outcome, facts)"
            f" SELECT t.tid, t.hop, '{kind}', n.sid, {outcome}, {facts} FROM temp.token t"
            f" JOIN temp.node n ON n.node = t.node JOIN temp.fact c ON c.id = t.cid WHERE {where}",
            parameters,
        )

    def set_stage(self, stage: str, cause: str, contacts: str, parameters: Parameters) -> None:
        """Move these contacts forward to a stage; who is there already, or further, stays."""
        target = parameters.bind(stage)
        moved = f"id IN ({contacts}) AND {earlier_stage(target, row='c')}"
        self.run(
            "INSERT INTO temp.stage_change (cid, old, new, cause)"
            f" SELECT c.id, c.stage, {target}, {parameters.bind(cause)} FROM temp.fact c WHERE c.{moved}",
            parameters,
        )
        changed = self.run(
            f"UPDATE temp.fact AS c SET stage = {target}, stage_at = :now, touched = 1 WHERE c.{moved}", parameters
        )
        if changed:
            self.refresh(contacts, parameters)

    def refresh(self, contacts: str, parameters: Parameters) -> None:
        """Something about these contacts changed: look at all their tokens again, in every campaign."""
        self.run(
            f"UPDATE temp.token SET fresh = 1, st = CASE WHEN st IN ({WAITS}, {WANTS}) THEN {GOES} ELSE st END"
            f" WHERE cid IN ({contacts}) AND st <> {ENDED}",
            parameters,
        )


def earlier_stage(stage: str, row: str = "c") -> str:
    """Whether the contact stands before a stage; one whose stage is not in the list does."""
    rank = "(SELECT s.rank FROM temp.stage_rank s WHERE s.stage = {})"
    return f"coalesce({rank.format(f'{row}.stage')}, -1) < {rank.format(stage)}"
