"""Facts of a contact that are worked out, not stored with it: named in conditions like fields."""

from __future__ import annotations

from dataclasses import dataclass

from nurture_cli.language.expression import Type


@dataclass(frozen=True, slots=True)
class MeasureName:
    """One of them, for the binder, the messages and the reference."""

    name: str
    gives: Type
    sentence: str
    example: str


MEASURES = {
    one.name: one
    for one in (
        MeasureName(
            "fit", Type.NUMBER, "How well the contact matches the audience: the points of `fit:`.", "fit >= 40"
        ),
        MeasureName(
            "interest",
            Type.NUMBER,
            "How much interest the contact shows now: the points of its responses, halved every half-life, rounded.",
            "interest >= 25",
        ),
        MeasureName(
            "grade", Type.TEXT, "Fit and interest in the matrix of `grades:`: A1 to C3.", 'grade in ["A1", "B1"]'
        ),
        MeasureName(
            "furthest_stage",
            Type.TEXT,
            "The furthest stage the contact was ever in.",
            'furthest_stage == "opportunity"',
        ),
        MeasureName(
            "company_interest",
            Type.NUMBER,
            "The interest of all people of the contact's company, weighted by role.",
            "company_interest >= 80",
        ),
    )
}
