"""The rules, one a file; the docstring of each is its manual page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

from nurture_cli.check.rules import (
    again_without_event,
    backward_stage_move,
    bad_include,
    bad_link,
    body_empty,
    body_too_large,
    criteria_never_met,
    criteria_overtaken,
    duplicate_asset_in_campaign,
    empty_sequence,
    ends_at_entry,
    expired_asset,
    fast_track,
    fit_from_events,
    fit_out_of_reach,
    footer_in_english,
    foreign_placeholder,
    gap_longer_than_wait,
    goto_other_stage,
    handoff_at_once,
    handoff_without_deadline,
    handoff_without_sales,
    impossible_condition,
    layout_without_body,
    lead_needs_both,
    link_not_set,
    loop_without_end,
    loop_without_wait,
    missing_postal_address,
    missing_unsubscribe,
    no_reply_sender,
    no_way_back,
    no_way_out,
    offer_too_early,
    one_click_unsubscribe,
    opened_moves,
    overlapping_rules,
    placeholder_domain,
    placeholder_text,
    possible_placeholder,
    preheader_too_long,
    priority_tie,
    reason_without_track,
    repeated_stream_item,
    role_mismatch,
    sales_stage_order,
    sales_without_address,
    same_subject,
    sequence_never_runs,
    sequence_with_sales,
    shared_split_name,
    sla_without_owner,
    stage_mismatch,
    stage_never_entered,
    stage_never_left,
    stage_not_covered,
    subject_cut_off,
    subject_empty,
    subject_too_long,
    tag_case,
    template_syntax,
    track_leads_nowhere,
    track_without_reason,
    undefined_variable,
    unguarded_variable,
    unreachable_arm,
    unreachable_step,
    unresolved_placeholder,
    unused_asset,
    wait_forever,
)
from nurture_cli.check.survey import Survey
from nurture_cli.text.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing that can be wrong with a project; `docs` is Markdown, its first line a sentence."""

    id: str
    severity: Severity
    check: Callable[[Survey], Iterator[Diagnostic]]
    docs: str

    @property
    def summary(self) -> str:
        """What the rule is about, in one sentence."""
        return self.docs.partition("\n")[0]


class RuleModule(Protocol):
    """What a file in this folder offers."""

    ID: str
    SEVERITY: Severity
    __doc__: str | None

    def check(self, survey: Survey) -> Iterator[Diagnostic]: ...


_MODULES: tuple[RuleModule, ...] = (
    again_without_event,
    backward_stage_move,
    bad_include,
    bad_link,
    body_empty,
    body_too_large,
    criteria_never_met,
    criteria_overtaken,
    duplicate_asset_in_campaign,
    empty_sequence,
    ends_at_entry,
    expired_asset,
    fast_track,
    fit_from_events,
    fit_out_of_reach,
    footer_in_english,
    foreign_placeholder,
    gap_longer_than_wait,
    goto_other_stage,
    handoff_at_once,
    handoff_without_deadline,
    handoff_without_sales,
    impossible_condition,
    layout_without_body,
    lead_needs_both,
    link_not_set,
    loop_without_end,
    loop_without_wait,
    missing_postal_address,
    missing_unsubscribe,
    no_reply_sender,
    no_way_back,
    no_way_out,
    offer_too_early,
    one_click_unsubscribe,
    opened_moves,
    overlapping_rules,
    placeholder_domain,
    placeholder_text,
    possible_placeholder,
    preheader_too_long,
    priority_tie,
    reason_without_track,
    repeated_stream_item,
    role_mismatch,
    sales_stage_order,
    sales_without_address,
    same_subject,
    sequence_never_runs,
    sequence_with_sales,
    shared_split_name,
    sla_without_owner,
    stage_mismatch,
    stage_never_entered,
    stage_never_left,
    stage_not_covered,
    subject_cut_off,
    subject_empty,
    subject_too_long,
    tag_case,
    template_syntax,
    track_leads_nowhere,
    track_without_reason,
    undefined_variable,
    unguarded_variable,
    unreachable_arm,
    unreachable_step,
    unresolved_placeholder,
    unused_asset,
    wait_forever,
)

RULES: tuple[Rule, ...] = tuple(
    Rule(module.ID, module.SEVERITY, module.check, (module.__doc__ or "").strip()) for module in _MODULES
)
