"""What `nurture contacts import` prints, and with which code it ends."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.conftest import AddPerson, Nurture

CONSENT = ("--set", "consent=implied", "--set", "consent_basis=contract", "--set", "consent_source=crm")
STATUS = "Email,Status\na@x.example,Active\nb@x.example,Unsubscribed\nc@x.example,Unsubscribed\nd@x.example,Bounced\n"


def lines(nurture: Nurture, shop: Path, content: str, *words: str, name: str = "people.csv") -> list[str]:
    (shop / name).write_text(content)
    return nurture("contacts", "import", name, *words, cwd=shop).out.splitlines()


# --- opt-outs


@pytest.mark.parametrize("more", [(), ("--preview",)])
def test_opt_outs_that_nobody_reads_stop_an_import(nurture: Nurture, shop: Path, more: tuple[str, ...]) -> None:
    (shop / "people.csv").write_text(STATUS)

    answer = nurture("contacts", "import", "people.csv", *CONSENT, *more, cwd=shop)

    assert (answer.code, answer.out) == (3, "")
    assert answer.err.splitlines() == [
        "error: people.csv holds contacts who opted out, bounced, complained or never agreed, and the import would "
        "ignore that. Nothing was imported.",
        "help: `Status` says so in 3 rows: `Unsubscribed` 2 times, `Bounced`.",
        '    To take it as it says:      --map "Status=suppressed"',
        '    If it means something else: --map "Status=ignore"',
    ]
    assert json.loads(nurture("contacts", "list", "--json", cwd=shop).out or "[]") == []


def test_the_refusal_can_be_read_by_programs(nurture: Nurture, shop: Path) -> None:
    (shop / "unsubscribed.csv").write_text(STATUS)

    answer = nurture("contacts", "import", "unsubscribed.csv", "--json", cwd=shop)

    assert answer.code == 3
    assert json.loads(answer.out) == {
        "file": "unsubscribed.csv",
        "opt_outs": [
            {"column": "Status", "read_as": None, "map_to": "suppressed", "rows": 3,
             "values": {"Unsubscribed": 2, "Bounced": 1}}
        ],
        "file_name_says": "unsubscribed",
    }  # fmt: skip


def test_read_as_opt_outs_they_are_counted_and_never_mailed(nurture: Nurture, shop: Path) -> None:
    told = lines(nurture, shop, STATUS, *CONSENT, "--map", "Status=suppressed")

    assert told == [
        "people.csv: UTF-8, comma separated",
        "4 rows: 4 new, 0 changed, 0 the same, 0 repeated, 0 left out.",
        "  read: email from Email, suppressed from Status",
        "  3 contacts opted out, bounced or complained, according to this file, and are suppressed from now on",
    ]
    again = lines(nurture, shop, STATUS, *CONSENT, "--map", "Status=suppressed")
    assert again[3:] == ["  3 contacts are suppressed: nothing is sent to them"]


def test_what_one_project_exports_another_takes_in_and_mails_nobody_who_left(
    nurture: Nurture, shop: Path, tmp_path: Path
) -> None:
    lines(nurture, shop, STATUS, *CONSENT, "--map", "Status=suppressed")
    nurture("contacts", "export", "all.csv", cwd=shop)
    other = tmp_path / "other"
    assert nurture("init", str(other)).code == 0

    answer = nurture("contacts", "import", str(shop / "all.csv"), cwd=other)

    assert answer.code == 0
    held = nurture("suppress", "list", "--json", cwd=other).out
    found = {one["email"]: one["reason"] for one in map(json.loads, held.splitlines())}
    assert found == {"b@x.example": "unsubscribed", "c@x.example": "unsubscribed", "d@x.example": "hard-bounce"}


# --- consent


def test_without_consent_it_says_what_follows(nurture: Nurture, shop: Path) -> None:
    told = lines(nurture, shop, "email\n" + "".join(f"p{at}@x.example\n" for at in range(4)), "--preview")

    assert told[-3:] == [
        "None of the 4 contacts has recorded consent, so nothing can be sent to them.",
        "  Record it: --set consent=... --set consent_basis=... --set consent_source=...",
        "Nothing was changed (--preview).",
    ]


def test_what_it_says_works_when_typed(nurture: Nurture, shop: Path) -> None:
    told = lines(nurture, shop, "email\na@x.example\n")
    assert told[-2:] == [
        "The contact has no recorded consent, so nothing can be sent to them.",
        "  Record it: import the file again with --raise-consent --set consent=... --set consent_basis=... "
        "--set consent_source=...",
    ]

    lines(nurture, shop, "email\na@x.example\n", "--raise-consent", *CONSENT)

    ann = json.loads(nurture("contacts", "show", "a@x.example", "--json", cwd=shop).out)
    assert (ann["consent"], ann["consent_basis"], ann["consent_source"]) == ("implied", "contract", "crm")


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        (
            "email,consent\na@x.example,express\nb@x.example,express\n", ("--set", "consent_source=web"),
            ["The 2 contacts have consent without its basis, so nothing can be sent to them.",
             "  Record it: import the file again with --raise-consent --set consent_basis=..."],
        ),
        (
            "email,consent,consent_basis\na@x.example,express,\nb@x.example,express,form\nc@x.example,no,\n", (),
            ["1 of the 3 contacts has no recorded consent, so nothing can be sent to them.",
             "2 of the 3 contacts have consent without its basis or source, so nothing can be sent to them.",
             '  Record it: import the file again with --raise-consent --value "consent_basis:=..." '
             "--set consent_source=..."],
        ),
        ("email,consent\na@x.example,withdrawn\n", (), []),
        ("email\na@x.example\n", CONSENT, []),
    ],
)  # fmt: skip
def test_what_consent_lacks_is_named(
    nurture: Nurture, shop: Path, content: str, words: tuple[str, ...], said: list[str]
) -> None:
    told = lines(nurture, shop, content, *words)

    assert [line for line in told if "consent" in line and not line.startswith("  read:")] == said


# --- words


def test_columns_that_are_not_read_come_with_the_map_to_type(nurture: Nurture, shop: Path) -> None:
    told = lines(nurture, shop, "Vorname,Name,Email,Handy,Abteilung\nAnna,Berg,a@x.example,1,R&D\n", "--preview")

    assert told[2:5] == [
        "  read: first_name from Vorname, last_name from Name, email from Email",
        "  not read: Handy, Abteilung",
        '    to read: --map "Handy=phone"',
    ]


def test_a_field_that_is_none_is_answered_with_those_there_are(nurture: Nurture, shop: Path) -> None:
    (shop / "people.csv").write_text("Vorname,email\nAnna,a@x.example\n")

    answer = nurture("contacts", "import", "people.csv", "--map", "Vorname=vorname", cwd=shop)

    assert answer.code == 2
    assert "There is no field `vorname`. Did you mean `first_name`?" in answer.err
    assert "Fields: email, first_name, last_name, company," in answer.err


def test_zones_that_are_none_are_named_with_their_rows(nurture: Nurture, shop: Path) -> None:
    told = lines(nurture, shop, "email,zone\na@x.example,PST\nb@x.example,Utopia\nc@x.example,PST\n", *CONSENT)

    assert told[3:] == [
        "  3 contacts have a time zone that is not known; the project's zone counts for them",
        "    row 2: `PST` (2 times), row 3: `Utopia`; write a place, such as Europe/Berlin",
    ]


def test_one_of_everything_is_said_of_one(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("kept@x.example", consent="unknown", stage="customer")
    told = lines(
        nurture, shop,
        "email,zone,stage,suppressed,consent\nkept@x.example,CET,lead,,express\nleft@x.example,,,yes,\n"
        "no address,,,,\n,,,,\n",
        *CONSENT[2:],
    )  # fmt: skip

    assert told[1:] == [
        "3 rows: 1 new, 1 changed, 0 the same, 0 repeated, 1 left out.",
        "  1 empty row",
        "  read: email, zone, stage, suppressed, consent",
        "  1 contact opted out, bounced or complained, according to this file, and is suppressed from now on",
        "  1 contact has less consent here than in the file, and keeps it (--raise-consent takes the file's)",
        "  1 contact is further on than in the file, and stays there",
        "  1 contact has a time zone that is not known; the project's zone counts for them",
        "    row 2: `CET`; write a place, such as Europe/Berlin",
        "  1 row left out: There is a space inside the address.",
        "  see people.csv.rejects.csv",
        "1 of the 2 contacts has no recorded consent, so nothing can be sent to them.",
    ]


def test_a_folder_is_no_file(nurture: Nurture, shop: Path) -> None:
    answer = nurture("contacts", "import", "..", cwd=shop)

    assert answer.code == 74
    assert "`..` is a folder." in answer.err


def test_a_report_as_json_has_everything_that_the_words_have(nurture: Nurture, shop: Path) -> None:
    (shop / "people.csv").write_text("email,zone,Handy\na@x.example,PST,1\n")

    told = json.loads(nurture("contacts", "import", "people.csv", "--json", "--preview", cwd=shop).out)

    assert told["columns"] == {"email": "email", "zone": "zone"}
    assert (told["ignored"], told["likely"]) == (["Handy"], {"Handy": "phone"})
    assert told["lacking"] == {"consent": 1, "consent_basis": 0, "consent_source": 0}
    assert told["zones"] == [{"zone": "PST", "row": 2, "rows": 1}]


# --- tags


def test_tags_of_a_file_are_told_and_come_back_from_an_export(nurture: Nurture, shop: Path) -> None:
    told = lines(nurture, shop, 'email,TAGS\na@x.example,"""fair, 2026"",""Kunde"""\n', "--tag", "web")

    assert "  tags: Kunde (1), fair, 2026 (1), web (1)" in told
    nurture("contacts", "export", "all.csv", cwd=shop)
    again = json.loads(nurture("contacts", "import", "all.csv", "--json", cwd=shop).out)
    assert (again["counts"]["same"], again["other_tags"]) == (1, 0)
    assert again["tags"] == [{"tag": tag, "rows": 1} for tag in ("Kunde", "fair, 2026", "web")]
    wrong = nurture("contacts", "import", "all.csv", "--tag", "a\u202eb", cwd=shop)
    assert (wrong.code, "`a·b` is not a tag" in wrong.err) == (2, True)


# --- moving from another tool


def test_a_list_of_subscribers_hints_at_those_who_left_until_they_are_imported(nurture: Nurture, shop: Path) -> None:
    content, name = "email\na@x.example\n", "subscribed_members_export_1a.csv"
    hint = "You have not imported a list of people who left yet. If you have one: nurture suppress import FILE"

    assert lines(nurture, shop, content, name=name)[-1] == hint
    assert hint not in lines(nurture, shop, content)
    (shop / "unsubscribed.csv").write_text("email\nb@x.example\n")
    nurture("suppress", "import", "unsubscribed.csv", cwd=shop)
    assert hint not in lines(nurture, shop, content, name=name)


def test_people_who_never_agreed_are_imported_with_what_is_said(nurture: Nurture, shop: Path) -> None:
    (shop / "nonsubscribed_export.csv").write_text("email\na@x.example\n")

    stopped = nurture("contacts", "import", "nonsubscribed_export.csv", *CONSENT, cwd=shop)

    assert stopped.code == 3
    assert 'To mail none of them:       nurture contacts import "nonsubscribed_export.csv" --set consent=unknown' in (
        stopped.err
    )
    words = ("contacts", "import", "nonsubscribed_export.csv", "--set", "consent=unknown")
    assert nurture(*words, "--dry-run", cwd=shop).out.endswith("Nothing was changed (--preview).\n")
    assert nurture("contacts", "list", "--json", cwd=shop).out == ""
    assert nurture(*words, cwd=shop).code == 0


def test_an_export_onto_a_folder_says_so(nurture: Nurture, shop: Path) -> None:
    answer = nurture("contacts", "export", "..", cwd=shop)

    assert (answer.code, answer.err.splitlines()[0]) == (74, "error: .. is a folder.")


def test_status_says_who_of_the_suppressed_is_a_contact(nurture: Nurture, shop: Path) -> None:
    lines(nurture, shop, "email\na@x.example\nb@x.example\n")
    nurture("suppress", "add", "a@x.example", "s@x.example", "t@x.example", cwd=shop)

    told = nurture("status", cwd=shop).out.splitlines()

    assert told[0].endswith(", 1 of them suppressed.")
    assert told[1] == "2 more suppressed addresses belong to no contact."
