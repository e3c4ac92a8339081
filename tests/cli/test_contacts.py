import csv
import io
import json
import stat
from pathlib import Path

import pytest

from tests.conftest import AddPerson, Nurture


def known(nurture: Nurture, shop: Path, email: str = "ann@example.com") -> dict[str, object]:
    """Everything that is known of a contact."""
    answer = nurture("contacts", "show", email, "--json", cwd=shop)
    assert answer.code == 0
    return dict(json.loads(answer.out))


def test_facts_of_a_contact_are_read_as_their_types_demand(nurture: Nurture, shop: Path) -> None:
    words = [
        "first_name=Ann", "employees=200", "vip=yes", "renewal=2026-12-31", "zone=america/new_york", "stage=lead",
        "consent=implied", "consent_basis=offer", "consent_source=phone", "consent_at=2026-03-01",
        "consent_until=2028-03-01",
    ]  # fmt: skip

    assert nurture("contacts", "add", "Ann@Example.COM", *words, cwd=shop).code == 0

    ann = known(nurture, shop)
    assert ann["email"] == "Ann@example.com"
    assert ann["fields"] == {"employees": 200, "vip": True, "renewal": "2026-12-31"}
    assert (ann["zone"], ann["stage"], ann["consent"]) == ("America/New_York", "lead", "implied")
    assert (ann["consent_at"], ann["consent_until"]) == ("2026-03-01T00:00:00+01:00", "2028-03-01T00:00:00+01:00")


def test_nothing_behind_the_sign_clears_a_field(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", company="Example", employees=5)

    nurture("contacts", "set", "ann@example.com", "company=", "employees=", cwd=shop)

    ann = known(nurture, shop)
    assert (ann["company"], ann["fields"]) == (None, {"employees": None, "vip": None, "renewal": None})


def test_the_same_facts_once_more_are_no_change(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", first_name="Ann")

    assert "had these values already" in nurture("contacts", "set", "ann@example.com", "first_name=Ann", cwd=shop).err


@pytest.mark.parametrize(
    ("fact", "said"),
    [
        ("employees=many", "employees: `many` is not a number"),
        ("vip=perhaps", "vip: `perhaps` is neither"),
        ("renewal=31/12/2026", "renewal: `31/12/2026` is not a date"),
        ("stage=leed", "stage: `leed` is not a stage: the stages are `name`, `lead`, `customer`"),
        ("zone=Pacific/Aukland", "Did you mean Pacific/Auckland"),
        (
            "zone=PST",
            "`PST` names no place, so its summer time is not known. Write one, such as America/Los_Angeles.",
        ),
        ("zone=CET", "`CET` names no place, so its summer time is not known. Write one, such as Europe/Berlin or"),
        ("zone=EST", "Write one, such as America/New_York."),
        ("zone=Japan", "`Japan` names no place, so its summer time is not known. Write one, such as Europe/Berlin."),
        ("zone=+02:00", "`+02:00` is not a time zone. Write a place, such as Europe/Berlin."),
        ("consent=maybe", "consent: `maybe` is not a consent"),
        ("frist_name=Ann", "Did you mean first_name?"),
        ("first_name", "`first_name` is not a field with a value."),
        ("stage=", "stage cannot be cleared"),
        ("email=", "email cannot be cleared"),
        ("email=a@b@c", "`a@b@c` is not an email address"),
        ("first_name=a\x1b[2J", "control characters"),
    ],
)
def test_a_fact_that_cannot_be_is_refused_and_nothing_is_changed(
    nurture: Nurture, shop: Path, person: AddPerson, fact: str, said: str
) -> None:
    person("ann@example.com", first_name="Ann")
    before = known(nurture, shop)

    answer = nurture("contacts", "set", "ann@example.com", "company=New", fact, cwd=shop)

    assert answer.code == 2
    assert said in answer.err
    assert known(nurture, shop) == before


def test_a_contact_that_is_unknown_or_no_address_is_named(nurture: Nurture, shop: Path) -> None:
    unknown = nurture("contacts", "show", "nobody@example.com", cwd=shop)
    none = nurture("contacts", "show", "no address", cwd=shop)

    assert (unknown.code, none.code) == (2, 2)
    assert "There is no contact nobody@example.com." in unknown.err


def test_tags_come_and_go(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair", "press")

    nurture("contacts", "untag", "ann@example.com", "press", "other", cwd=shop)

    assert known(nurture, shop)["tags"] == ["fair"]
    assert "had none of these tags" in nurture("contacts", "untag", "ann@example.com", "press", cwd=shop).err


def test_a_condition_selects_contacts(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair", employees=500)
    person("bob@example.com", employees=500)
    person("cat@example.com", "fair")

    listed = nurture("contacts", "list", "--where", 'employees > 100 and tag("fair")', "--json", cwd=shop)

    assert [json.loads(line)["email"] for line in listed.out.splitlines()] == ["ann@example.com"]
    assert nurture("contacts", "list", cwd=shop).out.count("@example.com") == 3


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("employee > 5", "Did you mean `employees`?"),
        ("employees >", "error:"),
        ('employees > "5"', "error:"),
        ('"; DROP TABLE contact; --"', "error:"),
        ("__import__('os')", "error:"),
        ("x" * 5000, "error:"),
        ("(" * 500, "error:"),
    ],
)
def test_a_condition_that_is_wrong_is_shown_with_a_caret(nurture: Nurture, shop: Path, where: str, said: str) -> None:
    answer = nurture("contacts", "list", "--where", where, cwd=shop)

    assert answer.code == 2
    assert said in answer.err


def test_hostile_data_is_shown_inert_and_exported_harmless(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    evil = "=cmd|'/c calc'!A1"
    (tmp_path / "in.csv").write_text(
        'email,first_name,company\nann@example.com,"\x1b]0;pwned\x07[red]x[/]",' + evil + "\n", newline=""
    )
    nurture("contacts", "import", tmp_path / "in.csv", cwd=shop)

    seen = nurture("contacts", "list", cwd=shop, terminal=True)
    shown = nurture("contacts", "show", "ann@example.com", cwd=shop)
    exported = nurture("contacts", "export", cwd=shop)
    raw = nurture("contacts", "export", "--raw", cwd=shop)

    assert "\x1b]0" not in seen.out + shown.out
    assert "\\x1b]0;pwned\\x07[red]x[/]" in "".join(seen.out.split("\n")) or "pwned" in seen.out
    (row,) = csv.DictReader(io.StringIO(exported.out))
    assert row["company"] == "'" + evil
    (row,) = csv.DictReader(io.StringIO(raw.out))
    assert row["company"] == evil


def test_an_export_comes_back_as_it_was_and_is_for_its_owner_alone(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("ann@example.com", "fair", "press", company="=1+1", employees=-5, vip="no", consent_at="2026-03-01")
    person("bob@example.com", stage="lead", phone="+49 40 1", renewal="2026-12-31")
    out = tmp_path / "out.csv"

    exported = nurture("contacts", "export", out, cwd=shop)
    back = nurture("contacts", "import", out, "--json", cwd=shop)

    assert exported.code == 0
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    counts = json.loads(back.out)["counts"]
    assert (counts["rows"], counts["same"]) == (2, 2)


def test_an_import_accounts_for_every_row(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text("Mail,Deal\nann@example.com,Won\nANN@example.com,Won\nnot an address,Won\n")
    flags = ["--email", "Mail", "--map", "Deal=stage", "--value", "stage:Won=customer", "--tag", "fair"]

    preview = nurture("contacts", "import", file, *flags, "--preview", cwd=shop)
    first = nurture("contacts", "import", file, *flags, cwd=shop)
    second = nurture("contacts", "import", file, *flags, "--json", cwd=shop)

    line = "3 rows: 1 new, 0 changed, 0 the same, 1 repeated, 1 left out."
    assert (preview.code, first.code, second.code) == (1, 1, 1)
    assert preview.out.splitlines()[-1] == "Nothing was changed (--preview)."
    assert line in preview.out
    assert line in first.out
    assert json.loads(second.out)["counts"]["new"] == 0
    assert "not an address" in (tmp_path / "in.csv.rejects.csv").read_text()
    assert (known(nurture, shop)["stage"], known(nurture, shop)["tags"]) == ("customer", ["fair"])


def test_a_saved_map_is_read_and_its_mistakes_are_shown_in_place(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_text("Mail,Deal\nann@example.com,Won\n")
    mapping = tmp_path / "map.yml"
    mapping.write_text("columns:\n  Mail: email\n  Deal: satge\n")

    wrong = nurture("contacts", "import", tmp_path / "in.csv", "--mapping", mapping, cwd=shop)
    mapping.write_text("columns:\n  Mail: email\n  Deal: ignore\nconstants:\n  source: fair\n")
    right = nurture("contacts", "import", tmp_path / "in.csv", "--mapping", mapping, cwd=shop)

    assert (wrong.code, right.code) == (1, 0)
    assert "map.yml:3:9: error:" in wrong.err
    assert "  3 |   Deal: satge\n    |         ^^^^^" in wrong.err
    assert known(nurture, shop)["source"] == "fair"


@pytest.mark.parametrize("content", [b"PK\x03\x04rest", b"", b"email\n", b"name\nAnn\n", b"\xff\xfe\x00bad"])
def test_a_file_that_is_no_table_of_contacts_is_refused_with_a_sentence(
    nurture: Nurture, shop: Path, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / "in.csv").write_bytes(content)

    answer = nurture("contacts", "import", tmp_path / "in.csv", cwd=shop)

    assert answer.code in (0, 1, 2)
    assert answer.code or content == b"email\n"
    assert "Traceback" not in answer.err


def test_a_file_that_is_not_there_is_code_74(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    assert nurture("contacts", "import", tmp_path / "none.csv", cwd=shop).code == 74


@pytest.mark.parametrize("words", [["add", "bob@example.com"], ["set", "ann@example.com"]])
def test_a_zone_with_a_sign_is_taken_with_a_warning(
    nurture: Nurture, shop: Path, person: AddPerson, words: list[str]
) -> None:
    person("ann@example.com")

    turned = nurture("contacts", *words, "zone=Etc/GMT+5", cwd=shop)
    usual = nurture("contacts", "set", words[1], "zone=Europe/Berlin", cwd=shop)

    assert (turned.code, usual.code) == (0, 0)
    assert "Note that Etc/GMT+5 means 5 hours behind UTC, the opposite of what it looks like" in turned.err
    assert "Mind" not in usual.err


@pytest.mark.parametrize(
    ("facts", "missing"),
    [
        (["consent=express"], "consent_basis and consent_source are"),
        (["consent=implied", "consent_basis=fair"], "consent_source is"),
        (["consent_basis=fair", "consent_source=list"], "consent is"),
        (["consent_until=2030-01-01"], "consent, consent_basis and consent_source are"),
    ],
)
def test_what_consent_lacks_is_said_with_what_to_type(
    nurture: Nurture, shop: Path, facts: list[str], missing: str
) -> None:
    added = nurture("contacts", "add", "ann@example.com", cwd=shop)
    answer = nurture("contacts", "set", "ann@example.com", *facts, cwd=shop)

    assert added.err.startswith("Added ann@example.com.\nNothing can be sent to ann@example.com yet: consent, ")
    assert f"Nothing can be sent to ann@example.com yet: {missing} missing.\n  nurture contacts set" in answer.err
    names = [word.partition("=")[0] for word in answer.err.split() if word.endswith("=...")]
    values = {"consent": "express"}
    after = nurture("contacts", "set", "ann@example.com", *(f"{n}={values.get(n, 'form')}" for n in names), cwd=shop)
    assert (after.code, after.err) == (0, "Changed ann@example.com.\n")


def test_nothing_is_said_of_consent_when_it_is_whole_withdrawn_or_not_spoken_of(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com")
    nurture("contacts", "add", "bob@example.com", cwd=shop)

    ann, bob = "ann@example.com", "bob@example.com"
    for email, fact in ((ann, "consent=implied"), (ann, "consent=withdrawn"), (bob, "role=it")):
        assert nurture("contacts", "set", email, fact, cwd=shop).err == f"Changed {email}.\n"


def test_a_contact_who_left_stays_out_under_a_new_address_and_is_said_to(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com")
    assert nurture("suppress", "add", "ann@example.com", "--unsubscribed", cwd=shop).code == 0

    answer = nurture("contacts", "set", "ann@example.com", "email=ann@example.org", cwd=shop)

    assert (answer.code, "suppressed like the old one (unsubscribed)" in answer.err) == (0, True)
    assert "nothing is sent" in nurture("explain", "ann@example.org", cwd=shop).out
