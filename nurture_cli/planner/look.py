"""The look at every fresh token: may it stay in the campaign, is it in the right sequence, does a rule fire?"""

from __future__ import annotations

from nurture_cli.campaign.model import Campaign, CampaignRule, OnReply
from nurture_cli.language.expression import Condition
from nurture_cli.planner.bound import Parameters
from nurture_cli.planner.compile import compile_condition, facts_sql, grows
from nurture_cli.planner.funnel import barriers, earlier_stage
from nurture_cli.planner.moves import Moves
from nurture_cli.planner.tokens import ENDED, FRESH, GOES, RESTS, RULES_LEFT, SEEN
from nurture_cli.planner.world import END
from nurture_cli.reasons import End

# A reply that came since the token t entered its campaign.
REPLY = "e.contact_id = t.cid AND e.kind = 'replied' AND e.machine = 0 AND e.at > t.entered AND e.at <= :now"


class Look:
    """Looks at the fresh tokens, once."""

    def __init__(self, moves: Moves) -> None:
        self.moves = moves

    def look(self) -> None:
        """What ends an enrollment first, then the sequence of the contact's stage, then the rules."""
        present = self.moves.db.execute(
            f"SELECT DISTINCT campaign_id FROM temp.token WHERE fresh = {FRESH} ORDER BY campaign_id"
        ).fetchall()
        campaigns = [(campaign_id, self.moves.world.campaigns[campaign_id]) for (campaign_id,) in present]
        for campaign_id, campaign in campaigns:
            self._stop(campaign_id, campaign)
            if campaign.goal is not None:
                self._end(campaign_id, End.GOAL, campaign.goal.condition)
            if campaign.exit is not None:
                self._end(campaign_id, End.EXIT, campaign.exit)
        if campaigns:
            self._route()
        if not any(campaign.rules for _, campaign in campaigns):
            self.moves.db.execute(f"UPDATE temp.token SET fresh = {SEEN} WHERE fresh = {FRESH}")
            return
        self.moves.db.execute(f"UPDATE temp.token SET fresh = {RULES_LEFT} WHERE fresh = {FRESH}")
        for campaign_id, campaign in sorted(campaigns, key=lambda pair: (-pair[1].priority, pair[0])):
            if campaign.rules:
                self._apply_rules(campaign_id, campaign)
        self.moves.db.execute(f"UPDATE temp.token SET fresh = {SEEN} WHERE fresh = {RULES_LEFT}")

    def _end(self, campaign_id: int, end: End, condition: Condition) -> None:
        """End the tokens for which the condition holds, and only then note the facts seen: few tokens end."""
        parameters = Parameters(campaign_id=campaign_id, end=str(end))
        holds = compile_condition(condition.body, self.moves.world.scope, parameters)
        ended = self.moves.run(
            f"""
            UPDATE temp.token AS t SET doing = {ENDED}, ended = :end, stuck = NULL, chosen = 1
            WHERE t.campaign_id = :campaign_id AND t.fresh = {FRESH} AND t.doing <> {ENDED}
              AND EXISTS (SELECT 1 FROM temp.contact_now c WHERE c.id = t.cid AND {holds})
            """,
            parameters,
        )
        if ended:
            facts = facts_sql((condition,), self.moves.world.scope, parameters)
            self.moves.run(
                "INSERT INTO temp.log (tid, hop, kind, step, outcome, facts)"
                f" SELECT t.tid, t.hop, 'ended', '', :end, {facts}"
                " FROM temp.token t JOIN temp.contact_now c ON c.id = t.cid WHERE t.chosen = 1",
                parameters,
            )
            self.moves.db.execute("UPDATE temp.token SET chosen = 0 WHERE chosen = 1")

    def _stop(self, campaign_id: int, campaign: Campaign) -> None:
        """End the tokens of contacts that the funnel takes out: with Sales, returned, bought, replied."""
        reasons = barriers(campaign, "t.cid", "(SELECT c.stage FROM temp.contact_now c WHERE c.id = t.cid)")
        if campaign.on_reply is OnReply.STOP:
            reasons.append((End.REPLIED, f"EXISTS (SELECT 1 FROM main.event e WHERE {REPLY})"))
        cases = " ".join(f"WHEN {holds} THEN '{end}'" for end, holds in reasons)
        ended = self.moves.run(
            f"""
            UPDATE temp.token AS t SET doing = {ENDED}, ended = m.ended, stuck = NULL, chosen = 1
            FROM (SELECT t.tid, CASE {cases} END AS ended FROM temp.token t
                  WHERE t.campaign_id = :campaign_id AND t.fresh = {FRESH} AND t.doing <> {ENDED}) AS m
            WHERE m.tid = t.tid AND m.ended IS NOT NULL
            """,
            Parameters(campaign_id=campaign_id),
        )
        if not ended:
            return
        self.moves.run(
            "INSERT INTO temp.log (tid, hop, kind, step, outcome) SELECT tid, hop, 'ended', '', ended FROM temp.token"
            " WHERE chosen = 1"
        )
        self.moves.run(
            "INSERT OR IGNORE INTO temp.todo (key, cid, title, body)"
            " SELECT 'reply/' || max(e.id), t.cid, 'Answer a reply',"
            f" 'The contact replied; ' || k.name || ' has stopped for them.' FROM temp.token t"
            f" JOIN temp.campaign k ON k.campaign_id = t.campaign_id JOIN main.event e ON {REPLY}"
            f" WHERE t.chosen = 1 AND t.ended = '{End.REPLIED}' GROUP BY t.cid"
        )
        self.moves.db.execute("UPDATE temp.token SET chosen = 0 WHERE chosen = 1")

    def _route(self) -> None:
        """Bring every token to the sequence of its contact's stage, where it left off or at the first step."""
        joined = (
            "FROM temp.token t JOIN temp.contact_now c ON c.id = t.cid"
            " LEFT JOIN temp.route r ON r.campaign_id = t.campaign_id AND r.stage = c.stage"
        )
        astray = f"t.fresh = {FRESH} AND t.doing <> {ENDED} AND t.sequence IS NOT r.sequence"
        self.moves.run(
            f"""
            INSERT OR REPLACE INTO temp.shelf (tid, sequence, step, done, items_sent, anchor)
            SELECT t.tid, t.sequence, iif(n.kind = '{END}' OR n.node IS NULL, t.last_step, n.step),
                   coalesce(n.kind = '{END}', 0), t.items_sent, t.anchor
            {joined} LEFT JOIN temp.node n ON n.node = t.node
            WHERE {astray} AND t.sequence IS NOT NULL
            """
        )
        self.moves.run(
            "INSERT INTO temp.log (tid, hop, kind, step, outcome)"
            f" SELECT t.tid, t.hop + 1, 'sequence', '', coalesce(r.sequence, 'rest') {joined} WHERE {astray}"
        )
        self.moves.run(
            f"""
            UPDATE temp.token AS u SET sequence = m.sequence, node = m.node, hop = hop + 1, items_sent = m.items_sent,
                anchor = :now, doing = iif(m.sequence IS NULL, {RESTS}, {GOES}), stuck = NULL, steps = steps + 1,
                last_step = m.step, asset = NULL
            FROM (
                SELECT t.tid, r.sequence,
                       coalesce(iif(coalesce(s.done, b.step_done) = 1, n.next, n.node), r.first) AS node,
                       coalesce(s.items_sent, b.items_sent, 0) AS items_sent, coalesce(s.step, b.step) AS step
                {joined}
                LEFT JOIN temp.shelf s ON s.tid = t.tid AND s.sequence = r.sequence
                LEFT JOIN main.bookmark b ON b.enrollment_id = t.tid AND b.sequence = r.sequence
                LEFT JOIN temp.place p ON p.campaign_id = t.campaign_id AND p.step = coalesce(s.step, b.step)
                LEFT JOIN temp.node n ON n.node = p.node
                WHERE {astray}
            ) AS m WHERE m.tid = u.tid
            """
        )
        self.moves.db.execute(
            f"UPDATE temp.token SET doing = {RESTS} WHERE doing = {GOES} AND fresh = {FRESH} AND sequence IS NULL"
        )

    def _apply_rules(self, campaign_id: int, campaign: Campaign) -> None:
        """Find the first rule in file order that fires for each token, note it, and do what it says."""
        for number, rule in enumerate(campaign.rules):
            self._match_rule(campaign_id, number, rule)
        for number, rule in enumerate(campaign.rules):
            parameters = Parameters(campaign_id=campaign_id, number=number, rule=rule.id)
            facts = facts_sql((rule.condition,), self.moves.world.scope, parameters)
            outcome = parameters.bind(rule.stage or rule.goto or rule.exit)
            fired = self.moves.run(
                "INSERT INTO temp.log (tid, hop, kind, step, outcome, facts)"
                f" SELECT t.tid, t.hop, 'rule', :rule, {outcome}, {facts}"
                " FROM temp.token t JOIN temp.contact_now c ON c.id = t.cid"
                " WHERE t.campaign_id = :campaign_id AND t.rule = :number",
                parameters,
            )
            if fired:
                self._act(campaign_id, campaign, number, rule)
        self.moves.db.execute("UPDATE temp.token SET rule = NULL WHERE rule IS NOT NULL")

    def _match_rule(self, campaign_id: int, number: int, rule: CampaignRule) -> None:
        parameters = Parameters(campaign_id=campaign_id, number=number, rule=rule.id)
        scope = self.moves.world.scope
        last = (
            "(SELECT max(d.at) FROM main.decision d"
            " WHERE d.enrollment_id = t.tid AND d.kind = 'rule' AND d.step = :rule)"
        )
        first_time = compile_condition(rule.condition.body, scope, parameters)
        newly = compile_condition(rule.condition.body, scope.since(last), parameters)
        static = compile_condition(rule.condition.body, scope.without_events(), parameters)
        asked = f"WHEN {last} IS NULL THEN {first_time} ELSE {newly} AND NOT {static}"
        if grows(rule.condition.body):  # what does not hold does not newly hold either: past decisions are read for few
            asked = f"WHEN NOT {first_time} THEN 0 WHEN {last} IS NULL THEN 1 ELSE {newly} AND NOT {static}"
        extra = ""
        if rule.stage is not None:
            extra = f" AND {earlier_stage(parameters.bind(rule.stage))}"
        elif rule.goto is not None:
            sequence = self.moves.world.nodes[self.moves.world.number(campaign_id, rule.goto)][1].sequence
            extra = f" AND t.sequence = {parameters.bind(sequence)}"
        self.moves.run(
            f"""
            UPDATE temp.token AS t SET rule = :number
            WHERE t.campaign_id = :campaign_id AND t.fresh = {RULES_LEFT} AND t.rule IS NULL AND t.doing <> {ENDED}
              AND NOT EXISTS (SELECT 1 FROM temp.log l WHERE l.tid = t.tid AND l.kind = 'rule' AND l.step = :rule)
              AND EXISTS (SELECT 1 FROM temp.contact_now c WHERE c.id = t.cid{extra}
                AND CASE {asked} END)
            """,
            parameters,
        )

    def _act(self, campaign_id: int, campaign: Campaign, number: int, rule: CampaignRule) -> None:
        parameters = Parameters(campaign_id=campaign_id, number=number, rule=rule.id)
        chosen = "campaign_id = :campaign_id AND rule = :number"
        if rule.exit is not None:
            parameters["ended"] = f"{End.STEP}: {rule.exit}"
            self.moves.run(
                f"UPDATE temp.token SET doing = {ENDED}, ended = :ended, stuck = NULL WHERE {chosen}", parameters
            )
        elif rule.goto is not None:
            parameters["target"] = self.moves.world.number(campaign_id, rule.goto)
            self.moves.run(
                f"UPDATE temp.token SET node = :target, doing = {GOES}, stuck = NULL, hop = hop + 1, items_sent = 0,"
                f" steps = steps + 1, anchor = :now, asset = NULL WHERE {chosen}",
                parameters,
            )
        elif rule.stage is not None:
            cause = f"{campaign.name}/{rule.id}"
            self.moves.set_stage(rule.stage, cause, f"SELECT cid FROM temp.token WHERE {chosen}", parameters)
