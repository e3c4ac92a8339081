"""The moves of a plan: wave by wave, set by set, until nothing moves any more.

A wave looks at every token about which something is new (exit, goal, stage, rules), then takes one step with every
token that can go.
"""

from __future__ import annotations

from nurture_cli.planner.look import Look
from nurture_cli.planner.moves import Moves
from nurture_cli.planner.steps import Steps
from nurture_cli.planner.tokens import FRESH, GOES, SEEN, STUCK
from nurture_cli.planner.world import World
from nurture_cli.reasons import Hold
from nurture_cli.store.database import Connection

STEP_LIMIT = 100  # steps of one contact in one campaign in one plan; only a loop without a wait gets there


def move_all(db: Connection, world: World, at: int) -> None:
    """Move until nothing moves any more; ends because every token has a step limit."""
    moves = Moves(db, world, at)
    look, steps = Look(moves), Steps(moves)
    while True:
        look.look()
        nodes = db.execute(
            f"SELECT node FROM temp.token WHERE doing = {GOES} AND fresh = {SEEN} GROUP BY node"
        ).fetchall()
        fresh = db.execute(f"SELECT EXISTS (SELECT 1 FROM temp.token WHERE fresh = {FRESH})").fetchone()[0]
        if not nodes and not fresh:
            return
        steps.step([node for (node,) in nodes])
        db.execute(
            f"UPDATE temp.token SET doing = {STUCK}, stuck = ? WHERE doing = {GOES} AND steps >= {STEP_LIMIT}",
            (Hold.LOOP,),
        )
