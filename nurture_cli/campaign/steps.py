"""Drafts of steps -> the steps of the model, every name bound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from nurture_cli.campaign.model import (
    Arm,
    Branch,
    Exit,
    Goto,
    Handoff,
    MoveStage,
    Offer,
    Send,
    SetFacts,
    Split,
    SplitArm,
    Step,
    Stream,
    Verb,
    Wait,
    WaitFor,
)
from nurture_cli.campaign.raw_steps import Draft, every
from nurture_cli.campaign.set_step import read_facts
from nurture_cli.language.names import listed
from nurture_cli.language.reading import Reading
from nurture_cli.text.diagnostic import Span
from nurture_cli.text.nodes import MapNode, clip


class StepNames:
    """The ids of all steps of a campaign: `<stage>/<label>`."""

    def __init__(self, sequences: Mapping[str, Sequence[Draft]]) -> None:
        self.ids = {f"{stage}/{draft.label}" for stage, drafts in sequences.items() for draft in every(drafts)}
        self._stages_of: dict[str, list[str]] = {}
        for stage, drafts in sequences.items():
            for draft in every(drafts):
                self._stages_of.setdefault(draft.label, []).append(stage)

    def __contains__(self, written: object) -> bool:
        """Whether some step has this id or this label."""
        return written in self.ids or written in self._stages_of

    def resolve(self, written: str, stage: str | None, span: Span, reading: Reading) -> str:
        """The full id of the step that is meant, by a full id or a label; a label in the same stage goes first."""
        if written in self.ids:
            return written
        stages = self._stages_of.get(written, [])
        if stage in stages:
            return f"{stage}/{written}"
        if len(stages) == 1:
            return f"{stages[0]}/{written}"
        if stages:
            meant = listed([f"{one}/{written}" for one in stages])
            message = f"There is a step `{written}` in more than one stage."
            reading.error("ambiguous-step", span, message, f"Name its stage, too: {meant}.")
        else:
            near = reading.guess(written, [*self._stages_of, *self.ids])
            help = f"Did you mean `{near}`?" if near else "Give the step that you mean an `id:`, and name that."
            reading.error("unknown-step", span, f"This campaign has no step `{clip(written)}`.", help)
        return written


def build_steps(drafts: Sequence[Draft], stage: str, names: StepNames, reading: Reading) -> tuple[Step, ...]:
    """The steps of one list of one stage's sequence; useful only if the reading is sound in the end."""
    return tuple(_build(draft, stage, names, reading) for draft in drafts)


def _build(draft: Draft, stage: str, names: StepNames, reading: Reading) -> Step:
    id, span, values = f"{stage}/{draft.label}", draft.span, draft.values
    arms = [(arm, build_steps(arm.steps, stage, names, reading)) for arm in draft.arms]
    match draft.verb:
        case Verb.SEND:
            return Send(id, span, values["send"], values.place("send"))
        case Verb.WAIT:
            return Wait(id, span, values["wait"])
        case Verb.WAIT_FOR:
            then, otherwise = (steps for _, steps in arms)
            return WaitFor(id, span, values["wait_for"], values["within"], values["since"], then, otherwise)
        case Verb.STREAM:
            offers = tuple(Offer(asset or "", condition, place) for asset, condition, place in draft.items)
            return Stream(id, span, offers, values["every"], values["until"])
        case Verb.BRANCH:
            ways = tuple(
                Arm(arm.values["if"], steps, arm.span) for arm, steps in arms if arm.values and arm.name != "else"
            )
            rest = next((steps for arm, steps in arms if arm.name == "else"), ())
            return Branch(id, span, ways, rest)
        case Verb.SPLIT:
            dealt = tuple(
                SplitArm(arm.name, arm.values["weight"], steps, arm.span) for arm, steps in arms if arm.values
            )
            return Split(id, span, values["split"]["name"] if values["split"] else "", dealt)
        case Verb.SET:
            facts = read_facts(values["set"], reading) if isinstance(values["set"], MapNode) else ((), (), ())
            return SetFacts(id, span, *facts)
        case Verb.STAGE:
            return MoveStage(id, span, values["stage"])
        case Verb.GOTO:
            target, place = values["goto"], values.place("goto")
            return Goto(id, span, names.resolve(target, stage, place, reading) if target else "", place)
        case Verb.HANDOFF:
            return Handoff(id, span)
        case Verb.EXIT:
            return Exit(id, span, values["exit"])
