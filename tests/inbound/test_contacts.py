from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from nurture_cli.errors import Findings, InputOutput, NurtureError, Refused, WrongUsage
from nurture_cli.inbound.column_map import ColumnMap
from nurture_cli.store.contacts import add_contact, set_stage, stage_moves
from nurture_cli.store.database import writing
from nurture_cli.store.runs import last_imports
from nurture_cli.store.suppressions import lift, suppress, suppression_history, suppression_of
from tests.conftest import A_TUESDAY_MORNING as NOW

from .conftest import CONFIG, Desk

HEAD = "email,first_name,company,consent,consent_basis,consent_source\n"


def numbers(report: object) -> dict[str, int]:
    counts = report.counts  # type: ignore[attr-defined]
    return {name: count for name, count in counts.items() if count}


# --- what becomes of a row


def test_a_row_becomes_a_contact_with_what_it_says_and_nothing_invented(desk: Desk) -> None:
    report = desk.contacts(
        "E-Mail,First Name,Company,Zone,Stage,Consent,Consent Basis,Consent Source,Consent At,Tags,Employees,VIP\n"
        "Zoe@Company.example,Zoë,R&D <x>,Europe/Paris,lead,express,form,fair,2026-03-01,fair;b2b,850,yes\n"
        "bob@company.example,,,,,,,,,,,\n"
    )

    assert numbers(report) == {"rows": 2, "new": 2}
    zoe, bob = desk.contact("zoe@company.example"), desk.contact("bob@company.example")
    assert (zoe.email, zoe.first_name, zoe.company) == ("Zoe@company.example", "Zoë", "R&D <x>")
    assert (zoe.zone, zoe.stage, zoe.stage_at, zoe.created_at) == ("Europe/Paris", "lead", NOW, NOW)
    assert (zoe.consent, zoe.consent_basis, zoe.consent_source) == ("express", "form", "fair")
    assert zoe.consent_at == NOW - 2 * 86400 - 10 * 3600
    assert zoe.tags == {"fair", "b2b"}
    assert zoe.fields == {"employees": 850, "vip": True}
    assert (bob.first_name, bob.company, bob.zone, bob.stage, bob.consent) == (None, None, None, "awareness", "unknown")
    assert (bob.tags, bob.fields) == (frozenset(), {})


def test_ids_follow_the_order_of_the_file(desk: Desk) -> None:
    desk.contacts("email\n" + "".join(f"p{7 * i % 100}@x.example\n" for i in range(100)))

    assert [row[0] for row in desk.db.execute("SELECT email FROM contact ORDER BY id")] == [
        f"p{7 * i % 100}@x.example" for i in range(100)
    ]


def test_names_that_look_like_something_else_stay_texts(desk: Desk) -> None:
    odd = [
        "None",
        "null",
        "NaN",
        "true",
        "O'Brien",
        "Robert'); DROP TABLE contact;--",
        "[/red]",
        "\x1b]0;x\x07",
        "0049",
    ]
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow(["email", "first_name", "last_name"])
    rows.writerows([f"p{at}@x.example", name, "01234"] for at, name in enumerate(odd))

    desk.contacts(out.getvalue())

    assert [desk.contact(f"p{at}@x.example").first_name for at in range(len(odd))] == odd
    assert desk.contact("p0@x.example").last_name == "01234"


def test_the_same_file_twice_changes_nothing_at_all(desk: Desk) -> None:
    content = (
        "email,first_name,zone,stage,consent,consent_at,tags,employees,vip,renewal\n"
        "a@x.example,Ann,PST,lead,express,2026-01-01,one;two,1.50,no,2026-12-31\n"
        "b@x.example,,Europe/Berlin,,withdrawn,,,,,\n"
        "B@X.example,Bob,,,,,,,,\nwrong,,,,,,,,,\n"
    )
    first = desk.contacts(content)
    before = desk.dump()

    second = desk.contacts(content, now=NOW + 5000)

    assert numbers(first) == {
        "rows": 4, "new": 2, "duplicate": 1, "skipped": 1, "leaving": 1, "suppressed": 1, "zones_unknown": 1
    }  # fmt: skip
    assert numbers(second) == {
        "rows": 4, "same": 2, "duplicate": 1, "skipped": 1, "suppressed": 1, "zones_unknown": 1
    }  # fmt: skip
    assert desk.dump() == before


def test_another_spelling_of_an_address_is_the_same_contact(desk: Desk) -> None:
    desk.contacts("email,company\nAnn@company.example,A\n")
    report = desk.contacts("email,company\n\u200b ANN@COMPANY.example ,B\n")

    assert numbers(report) == {"rows": 1, "changed": 1}
    assert desk.contact("ann@company.example").email == "Ann@company.example"
    assert desk.contact("ann@company.example").company == "B"


def test_of_rows_with_one_address_the_first_counts_and_the_rest_is_told(desk: Desk) -> None:
    desk.contacts("email\nold@x.example\n")
    report = desk.contacts(
        "email,company\nnew@x.example,1\nNEW@x.example,2\nold@x.example,3\nold@X.EXAMPLE,4\nnew@x.example,5\n"
    )

    assert numbers(report) == {"rows": 5, "new": 1, "changed": 1, "duplicate": 3}
    assert (desk.contact("new@x.example").company, desk.contact("old@x.example").company) == ("1", "3")
    assert desk.rejects().splitlines() == [
        "row,reason,email,company",
        "3,The same address stands in row 2.,NEW@x.example,2",
        "5,The same address stands in row 4.,old@X.EXAMPLE,4",
        "6,The same address stands in row 2.,new@x.example,5",
    ]


def test_a_blank_cell_leaves_alone_and_a_token_clears(desk: Desk) -> None:
    desk.contacts("email,first_name,company,zone,industry,employees\na@x.example,Ann,ACME,Europe/Paris,food,7\n")

    blank = desk.contacts("email,first_name,company,zone,industry,employees\na@x.example,, ,,,\n")
    assert numbers(blank) == {"rows": 1, "same": 1}

    report = desk.contacts(
        "email,first_name,company,zone,industry,employees\na@x.example,(none),,(none),(none),8\n"
        "b@x.example,(none),(none),(none),(none),(none)\n",
        clear="(none)",
    )
    assert numbers(report) == {"rows": 2, "changed": 1, "new": 1}
    ann, bob = desk.contact("a@x.example"), desk.contact("b@x.example")
    assert (ann.first_name, ann.company, ann.zone, ann.fields) == (None, "ACME", None, {"employees": 8})
    assert (bob.first_name, bob.company, bob.zone, bob.fields) == (None, None, None, {})


@pytest.mark.parametrize("target", ["stage", "consent", "consent_basis", "consent_at", "tags"])
def test_what_must_not_be_cleared_is_not(desk: Desk, target: str) -> None:
    report = desk.contacts(f"email,{target}\na@x.example,-\nb@x.example,\n", clear="-")

    assert numbers(report) == {"rows": 2, "new": 1, "skipped": 1}
    assert report.reasons == ((f"`{target}` cannot be cleared by an import.", 1),)


# --- rows that are left out


def test_every_row_that_is_left_out_has_its_number_and_its_reason(desk: Desk) -> None:
    report = desk.contacts(
        "email,stage,consent,consent_at,employees\n"
        "a@x.example,lead,,,\n"
        "no address,,,,\n"
        "b@x.example,Boss,,,\n"
        "\n"
        "c@x.example,,subscribed,,\n"
        ",,,,\n"
        "d@x.example,,,03/04/05,\n"
        "e@x.example,,,2031-01-01,\n"
        "f@x.example,,,,9223372036854775808\n"
        "g@x.example,short\n"
        "h@x.example,lead,,,7,long\n"
        "i@x.example,\0,,,\n"
        "j@x.example," + "x" * 10_001 + ",,,\n"
    )  # fmt: skip

    assert numbers(report) == {"rows": 11, "new": 1, "skipped": 10, "empty": 2}
    rejected = list(csv.reader(io.StringIO(desk.rejects())))
    assert [(int(row[0]), row[1][:24]) for row in rejected[1:]] == [
        (3, "There is a space inside "),
        (4, "`Boss` is not a stage: t"),
        (6, "`subscribed` does not sa"),
        (8, "`03/04/05` is not a date"),
        (9, "`2031-01-01` is in the f"),
        (10, "`9223372036854775808` is"),
        (11, "The row has 2 cells, the"),
        (12, "The row has 6 cells, the"),
        (13, "A cell holds a NUL chara"),
        (14, "A cell is longer than 10"),
    ]
    assert rejected[1][2:] == ["no address", "", "", "", ""]
    assert (desk.folder / "rejects.csv").stat().st_mode & 0o777 == 0o600


def test_rejects_never_hold_a_formula(desk: Desk) -> None:
    desk.contacts("email,first_name\n=cmd|' /C calc'!A0,\"=1+1\"\n")

    assert desk.rejects().splitlines()[1].endswith(",'=cmd|' /C calc'!A0,'=1+1")


def test_no_rejects_file_is_made_when_there_is_nothing_to_reject(desk: Desk) -> None:
    report = desk.contacts("email\na@x.example\n")

    assert report.rejects is None
    assert not (desk.folder / "rejects.csv").exists()


def test_reasons_are_counted_the_most_frequent_first(desk: Desk) -> None:
    report = desk.contacts("email\na b@x.example\nc d@x.example\nx@y\n")

    assert report.reasons == (
        ("There is a space inside the address.", 2),
        ("The domain needs a dot, as in company.example.", 1),
    )


# --- consent, suppression and stages


def test_consent_goes_down_and_never_up_unless_it_is_said(desk: Desk) -> None:
    desk.contacts(HEAD + "a@x.example,,,implied,contract,crm\nb@x.example,,,express,form,web\nc@x.example,,,,,\n")
    content = HEAD + "a@x.example,,,express,click,page\nb@x.example,,,implied,contract,crm\nc@x.example,,,express,f,w\n"

    report = desk.contacts(content)

    assert numbers(report) == {"rows": 3, "changed": 1, "same": 2, "consent_kept": 2}
    found = [desk.contact(f"{name}@x.example") for name in "abc"]
    assert [(one.consent, one.consent_basis, one.consent_source) for one in found] == [
        ("implied", "contract", "crm"), ("implied", "contract", "crm"), ("unknown", None, None),
    ]  # fmt: skip

    raised = desk.contacts(content, raise_consent=True)

    assert numbers(raised) == {"rows": 3, "changed": 2, "same": 1}
    assert [desk.contact(f"{name}@x.example").consent for name in "abc"] == ["express", "implied", "express"]


def test_implied_consent_may_end_earlier_but_not_later(desk: Desk) -> None:
    head = "email,consent,consent_until\n"
    desk.contacts(head + "a@x.example,implied,2027-01-01\nb@x.example,implied,\n")
    until = desk.contact("a@x.example").consent_until
    assert until is not None

    desk.contacts(head + "a@x.example,implied,2028-01-01\nb@x.example,,2028-01-01\n")
    assert desk.contact("a@x.example").consent_until == until
    assert desk.contact("b@x.example").consent_until == until + 365 * 86400

    desk.contacts(head + "a@x.example,implied,2026-12-31\n")
    assert desk.contact("a@x.example").consent_until == until - 86400


def test_a_missing_basis_is_not_filled_in_behind_ones_back(desk: Desk) -> None:
    desk.contacts("email,consent\na@x.example,express\n")

    report = desk.contacts("email,consent_basis,consent_source\na@x.example,form,web\n")

    assert numbers(report) == {"rows": 1, "same": 1, "proof_kept": 1}
    assert desk.contact("a@x.example").consent_basis is None


def test_who_withdraws_by_a_file_is_suppressed_and_stays_so(desk: Desk) -> None:
    desk.contacts(HEAD + "a@x.example,,,express,f,w\n")

    report = desk.contacts(HEAD + "a@x.example,,,withdrawn,,\nnew@x.example,,,withdrawn,,\n")

    assert numbers(report) == {"rows": 2, "changed": 1, "new": 1, "leaving": 2, "suppressed": 2}
    for name in ("a", "new"):
        held = suppression_of(desk.db, desk.hash(f"{name}@x.example"))
        assert held is not None
        assert (held.reason, held.source) == ("unsubscribed", "import file.csv")

    again = desk.contacts(HEAD + "a@x.example,Ann,,express,f,w\n", raise_consent=True)
    assert numbers(again) == {"rows": 1, "changed": 1, "suppressed": 1}


def test_withdrawing_outlives_a_weaker_suppression(desk: Desk) -> None:
    desk.contacts(HEAD + "a@x.example,,,express,f,w\n")
    address = desk.hash("a@x.example")
    with writing(desk.db):
        suppress(desk.db, address, reason="hard-bounce", source="relay", at=NOW)

    desk.contacts(HEAD + "a@x.example,,,withdrawn,,\n")

    assert [(one.reason, one.lifted_why) for one in suppression_history(desk.db, address)] == [
        ("hard-bounce", "replaced by: unsubscribed"), ("unsubscribed", None),
    ]  # fmt: skip


def test_a_suppressed_address_is_imported_but_stays_suppressed(desk: Desk) -> None:
    desk.contacts("email\na@x.example\n")
    address, later = desk.hash("a@x.example"), desk.keys.address_hash("later@x.example")
    with writing(desk.db):
        suppress(desk.db, address, reason="complaint", source="mailbox", at=NOW)
        suppress(desk.db, later, reason="manual", source="command line", at=NOW)
    before = desk.db.execute("SELECT * FROM suppression").fetchall()

    report = desk.contacts("email,first_name\na@x.example,Ann\nlater@x.example,Lou\nb@x.example,Bob\n")

    assert numbers(report) == {"rows": 3, "new": 2, "changed": 1, "suppressed": 2}
    assert desk.db.execute("SELECT * FROM suppression").fetchall() == before


def test_who_asked_to_be_erased_is_not_taken_in_again(desk: Desk) -> None:
    gone = desk.keys.address_hash("gone@x.example")
    with writing(desk.db):
        suppress(desk.db, gone, reason="erased", source="request", at=NOW)

    report = desk.contacts("email,first_name\nGone@x.example,Gus\nb@x.example,Bob\n")

    assert numbers(report) == {"rows": 2, "new": 1, "skipped": 1}
    assert report.reasons == (("This person asked to be erased and is not taken in again.", 1),)
    with writing(desk.db):
        lift(desk.db, gone, why="came back", at=NOW)
    assert numbers(desk.contacts("email\ngone@x.example\n")) == {"rows": 1, "new": 1}


def test_a_stage_goes_forward_with_its_cause_and_never_back(desk: Desk) -> None:
    desk.contacts("email,stage\na@x.example,name\nb@x.example,customer\n")

    report = desk.contacts("email,stage\na@x.example,lead\nb@x.example,lead\n", now=NOW + 60)

    assert numbers(report) == {"rows": 2, "changed": 1, "same": 1, "stage_kept": 1}
    ann = desk.contact("a@x.example")
    assert (ann.stage, ann.stage_at) == ("lead", NOW + 60)
    assert stage_moves(desk.db, ann.id) == [("name", "lead", NOW + 60, "import file.csv")]
    assert desk.contact("b@x.example").stage == "customer"


def test_the_furthest_stage_is_kept_until_a_file_brings_a_contact_as_far_again(desk: Desk) -> None:
    desk.contacts("email,stage\na@x.example,lead\n")
    with writing(desk.db):
        set_stage(
            desk.db, desk.contact("a@x.example"), "awareness", stages=CONFIG.stages, cause="test", now=NOW, reason="r"
        )
    furthest = []
    for stage in ("awareness", "name", "customer"):
        desk.contacts(f"email,stage,first_name\na@x.example,{stage},A{stage}\n")
        furthest.append(desk.contact("a@x.example").furthest_stage)

    assert furthest == ["lead", "lead", ""]


def test_a_stage_that_is_no_longer_declared_is_left(desk: Desk) -> None:
    desk.contacts("email\na@x.example\n")
    with writing(desk.db):
        set_stage(desk.db, desk.contact("a@x.example"), "former", stages=CONFIG.stages, cause="test", now=NOW)

    assert numbers(desk.contacts("email,stage\na@x.example,awareness\n")) == {"rows": 1, "changed": 1}


# --- zones


def test_a_zone_that_is_none_is_kept_as_given_and_counted(desk: Desk) -> None:
    given = ["PST", "GMT+2", "EST5EDT", "Paris", "+02:00", "W. Europe Standard Time"]
    good = ["Europe/Paris", "europe/paris", "America/New York", "UTC", "Etc/GMT+2"]
    rows = "".join(f"p{at}@x.example,{zone}\n" for at, zone in enumerate(given + good))

    report = desk.contacts("email,Time Zone\n" + rows)

    assert numbers(report) == {"rows": 11, "new": 11, "zones_unknown": 6, "zones_etc": 1}
    found = [desk.contact(f"p{at}@x.example") for at in range(11)]
    assert [one.zone_given for one in found] == [*given, *[None] * 5]
    assert [one.zone for one in found] == [
        *[None] * 6, "Europe/Paris", "Europe/Paris", "America/New_York", "UTC", "Etc/GMT+2",
    ]  # fmt: skip

    desk.contacts("email,Time Zone\np0@x.example,America/Los_Angeles\n")
    assert (desk.contact("p0@x.example").zone, desk.contact("p0@x.example").zone_given) == ("America/Los_Angeles", None)


# --- maps, constants and tags


def test_a_map_with_values_constants_and_tags_is_followed(desk: Desk) -> None:
    column_map = ColumnMap(
        {"Deal Stage": "stage", "Land": "country", "Mark": "tags"},
        {"stage": {"Closed Won": "customer", "*": "name"}, "country": {"DE": "Germany"}},
        {"source": "fair 2026", "consent": "implied", "employees": "12"},
        ("fair",),
    )
    content = "email,Deal Stage,Land,Mark\na@x.example,Closed Won,DE,x\nb@x.example,Other,FR,\nc@x.example,,,\n"

    report = desk.contacts(content, column_map=column_map)

    assert numbers(report) == {"rows": 3, "new": 3}
    found = [desk.contact(f"{name}@x.example") for name in "abc"]
    assert [one.stage for one in found] == ["customer", "name", "awareness"]
    assert [one.country for one in found] == ["Germany", "FR", None]
    assert [one.tags for one in found] == [{"fair", "x"}, {"fair"}, {"fair"}]
    assert {(one.source, one.consent, one.fields["employees"]) for one in found} == {("fair 2026", "implied", 12)}


def test_a_text_that_stands_for_nothing_is_a_blank(desk: Desk) -> None:
    values = {"company": {"n/a": ""}, "employees": {"unknown": ""}, "stage": {"-": ""}}

    report = desk.contacts(
        "email,company,employees,stage\na@x.example,n/a,unknown,-\n", column_map=ColumnMap(values=values)
    )

    assert numbers(report) == {"rows": 1, "new": 1}
    assert (desk.contact("a@x.example").company, desk.contact("a@x.example").fields) == (None, {})


def test_a_new_tag_alone_is_a_change(desk: Desk) -> None:
    desk.contacts("email,tags\na@x.example,one\nb@x.example,one\n")

    report = desk.contacts("email,tags\na@x.example,one\nb@x.example,two\n")

    assert numbers(report) == {"rows": 2, "changed": 1, "same": 1}
    assert desk.contact("b@x.example").tags == {"one", "two"}


@pytest.mark.parametrize(
    ("constants", "words"),
    [({"stage": "boss"}, "not a stage"), ({"employees": "x"}, "number"), ({"source": " "}, "without a value")],
)
def test_a_constant_that_cannot_be_read_is_wrong_usage(desk: Desk, constants: dict[str, str], words: str) -> None:
    with pytest.raises(WrongUsage, match=words):
        desk.contacts("email\na@x.example\n", column_map=ColumnMap(constants=constants))


def test_columns_that_are_not_read_are_named_or_refused(desk: Desk) -> None:
    report = desk.contacts("email,Shoe size,First Name\na@x.example,42,Ann\n")

    assert report.ignored == ("Shoe size",)
    assert report.columns == {"email": "email", "First Name": "first_name"}
    with pytest.raises(WrongUsage, match="without a field") as refusal:
        desk.contacts("email,Shoe size,First Name\na@x.example,42,Ann\n", keep=True)
    assert "shoe_size: text" in (refusal.value.hint or "")
    desk.contacts("email,Shoe size\na@x.example,42\n", keep=True, column_map=ColumnMap({"Shoe size": "ignore"}))


# --- all or nothing


@pytest.mark.parametrize(
    "content",
    ['email,first_name\na@x.example,Ann\nb@x.example,"open\n', b"email\na@x.example\n\xff\n", "email,email\na,b\n"],
)
def test_a_file_that_is_refused_leaves_nothing_behind(desk: Desk, content: str | bytes) -> None:
    before = desk.dump()

    with pytest.raises(Findings):
        desk.contacts(content)

    assert desk.dump() == before
    assert desk.db.execute("SELECT count(*) FROM sqlite_temp_schema").fetchone() == (0,)


def test_a_file_that_changes_while_it_is_read_leaves_nothing_behind(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    from nurture_cli.store import incoming

    path = desk.file("email\na@x.example\n")
    really = incoming.lay_down_contacts

    def lay_down_and_append(*arguments: object) -> None:
        really(*arguments)  # type: ignore[arg-type]
        with path.open("a") as file:
            file.write("b@x.example\n")

    monkeypatch.setattr(incoming, "lay_down_contacts", lay_down_and_append)
    before = desk.dump()

    with pytest.raises(Refused, match="changed while nurture read it"):
        desk.contacts(path)

    assert desk.dump() == before


def test_rejects_that_cannot_be_written_undo_the_import(desk: Desk) -> None:
    before = desk.dump()

    with pytest.raises(InputOutput):
        desk.contacts("email\na@x.example\nwrong\n", rejects=desk.folder / "nowhere" / "rejects.csv")

    assert desk.dump() == before


def test_a_preview_counts_and_changes_nothing(desk: Desk) -> None:
    desk.contacts("email,stage\na@x.example,name\n")
    before = desk.dump()
    content = "email,stage,tags\na@x.example,lead,x\nb@x.example,lead,y\nwrong,,\n"

    preview = desk.contacts(content, preview=True)

    assert desk.dump() == before
    assert not (desk.folder / "rejects.csv").exists()
    assert desk.contacts(content).counts == preview.counts


def test_an_import_that_changed_something_is_remembered(desk: Desk) -> None:
    path = desk.file("email\na@x.example\n", "leads.csv")
    desk.contacts(path)
    desk.contacts(path)

    [record] = last_imports(desk.db, 10)
    assert (record.kind, record.file, record.at, record.counts["new"]) == ("contacts", "leads.csv", NOW, 1)
    assert len(record.file_hash) == 64


def test_known_contacts_that_change_are_looked_at_by_the_next_run(desk: Desk) -> None:
    desk.contacts("email,company\na@x.example,A\nb@x.example,B\n")

    desk.contacts("email,company\na@x.example,A2\nb@x.example,B\n")

    assert desk.db.execute("SELECT contact_id FROM change").fetchall() == [(desk.contact("a@x.example").id,)]


def test_an_empty_table_is_no_error(desk: Desk) -> None:
    assert numbers(desk.contacts("email,first_name\n")) == {}


def test_progress_is_told_in_rows(desk: Desk) -> None:
    told: list[int] = []
    from nurture_cli.inbound.contacts import ContactOptions, import_contacts

    from .conftest import CONFIG

    path = desk.file("email\n" + "".join(f"p{at}@x.example\n" for at in range(100)))
    import_contacts(desk.db, desk.keys, CONFIG, path, ContactOptions(), now=NOW, advance=told.append)

    assert sum(told) == 100


def test_a_report_can_be_written_as_json(desk: Desk) -> None:
    assert json.loads(json.dumps(desk.contacts("email\na@x.example\n").counts))["new"] == 1


@pytest.mark.parametrize("name", ["missing.csv", "."])
def test_a_file_that_is_not_there_is_an_input_error(desk: Desk, name: str) -> None:
    with pytest.raises(NurtureError) as error:
        desk.contacts(desk.folder / Path(name))
    assert error.value.exit_code == 74


def test_an_import_makes_no_second_contact_of_an_address_whatever_its_hash_is(desk: Desk) -> None:
    desk.contacts("email\nann@company.example\n")
    with writing(desk.db):
        desk.db.execute("UPDATE contact SET address_hash = ?", (bytes(16),))  # as under another key
    before = desk.dump()

    with pytest.raises(Refused, match="nothing was imported"):
        desk.contacts("email\nbob@company.example\nANN@company.example\n")
    with pytest.raises(WrongUsage, match="already"), writing(desk.db):
        add_contact(desk.db, desk.keys, "Ann@company.example", stage="name", now=0)
    assert desk.dump() == before
