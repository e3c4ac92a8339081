"""`nurture suppress`, and what `contacts` tells of suppressed people."""

import csv
import json
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.keys import read_keys
from tests.conftest import A_TUESDAY_MORNING, AddPerson, Nurture
from tests.delivery.server import Fault, Server
from tests.projects import SHOP, make_database, write_files

ANN, BOB = "ann@example.com", "bob@example.com"


def suppressed(nurture: Nurture, shop: Path) -> list[tuple[str | None, str]]:
    listed = map(json.loads, nurture("suppress", "list", "--json", cwd=shop).out.splitlines())
    return [(one["email"], one["reason"]) for one in listed]


@pytest.mark.parametrize(
    "text", ["*@competitor.com", "%@competitor.com", "@competitor.com", "competitor.com", " @COMPETITOR.com "]
)
@pytest.mark.parametrize("command", [("add",), ("remove", "--why", "x")])
def test_a_whole_domain_is_refused_with_what_to_do_instead(
    nurture: Nurture, shop: Path, text: str, command: tuple[str, ...]
) -> None:
    answer = nurture("suppress", *command, ANN, text, cwd=shop)

    assert answer.code == 2
    assert f"`{text}` means a whole domain, and only single addresses can be suppressed." in answer.err
    assert ("nurture contacts list --where '\"@competitor.com\" in email'" in answer.err) == (command == ("add",))
    assert suppressed(nurture, shop) == []


@pytest.mark.parametrize("text", ["ann*@competitor.com", "%ann@competitor.com"])
def test_a_pattern_is_no_address_of_anybody(nurture: Nurture, shop: Path, text: str) -> None:
    for words in (("suppress", "add", text), ("contacts", "add", text)):
        answer = nurture(*words, cwd=shop)

        assert answer.code == 2
        assert f"`{text}` is not an email address. This is a pattern" in answer.err


def test_the_help_for_a_domain_does_what_it_says(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("x@competitor.com")
    person(ANN)
    listed = nurture("contacts", "list", "--where", '"@competitor.com" in email', cwd=shop)
    (tmp_path / "there.txt").write_text("".join(line.partition("\t")[0] + "\n" for line in listed.out.splitlines()))

    assert nurture("suppress", "import", tmp_path / "there.txt", cwd=shop).code == 0
    assert suppressed(nurture, shop) == [("x@competitor.com", "manual")]


def test_several_addresses_at_once_all_or_nothing(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person(ANN)
    nurture("suppress", "add", BOB, cwd=shop)

    wrong = nurture("suppress", "add", ANN, "bob", cwd=shop)
    right = nurture("suppress", "add", ANN, BOB, "--unsubscribed", "--json", cwd=shop)
    again = nurture("suppress", "add", ANN, cwd=shop)

    assert (wrong.code, wrong.err.splitlines()[0]) == (
        2, "error: `bob` is not an email address. An address needs an @.",
    )  # fmt: skip
    assert [json.loads(line) for line in right.out.splitlines()] == [
        {"email": ANN, "changed": True, "suppressed": "unsubscribed"},
        {"email": BOB, "changed": True, "suppressed": "unsubscribed"},
    ]
    assert again.err == "ann@example.com was suppressed already (unsubscribed).\n"
    gone = nurture("suppress", "remove", ANN, BOB, "--why", "back", "--although", "unsubscribed", "--json", cwd=shop)
    assert [json.loads(line)["changed"] for line in gone.out.splitlines()] == [True, True]
    assert suppressed(nurture, shop) == []


def test_the_link_of_a_mail_says_whom(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person(ANN)
    keys = read_keys(shop)
    link = f"https://shop.example/unsubscribe/{keys.unsubscribe_token(keys.address_hash('ann@example.com'), 'c/1/1/1')}"

    added = nurture("suppress", "add", link, cwd=shop)
    other = nurture("suppress", "add", link[:-1], cwd=shop)

    assert added.err == "nurture never writes to ann@example.com again.\n"
    assert suppressed(nurture, shop) == [(ANN, "manual")]
    assert other.code == 2
    assert "It holds no token of this project" in other.err


def test_an_empty_list_says_so_on_a_terminal_and_is_nothing_in_a_pipe(nurture: Nurture, shop: Path) -> None:
    assert nurture("suppress", "list", cwd=shop, terminal=True).err == "No address is suppressed.\n"
    assert nurture("suppress", "list", cwd=shop).out == "email\treason\tsource\tat\taddress_hash\n"
    assert nurture("suppress", "list", "--json", cwd=shop, terminal=True).err == ""
    assert nurture("suppress", "list", cwd=shop).err == ""


def test_contacts_say_who_is_suppressed_and_why(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person(ANN)
    person(BOB)
    nurture("suppress", "add", BOB, "--unsubscribed", cwd=shop)
    nurture("suppress", "add", "stranger@example.com", cwd=shop)
    nurture("suppress", "add", ANN, cwd=shop)
    nurture("suppress", "remove", ANN, "--why", "asked", cwd=shop)
    nurture("contacts", "export", tmp_path / "all.csv", cwd=shop)

    listed = [json.loads(line) for line in nurture("contacts", "list", "--json", cwd=shop).out.splitlines()]
    piped = list(csv.DictReader(nurture("contacts", "list", cwd=shop).out.splitlines(), delimiter="\t"))
    exported = list(csv.DictReader((tmp_path / "all.csv").read_text().splitlines()))

    assert [(one["email"], one["suppressed"]) for one in listed] == [(ANN, None), (BOB, "unsubscribed")]
    assert [one["suppressed"] for one in piped] == ["", "unsubscribed"]
    assert [one["suppressed"] for one in exported] == ["", "unsubscribed"]
    assert "unsubscribed" in nurture("contacts", "list", cwd=shop, terminal=True, columns=140).out
    some = nurture("contacts", "export", "--where", 'consent == "express"', cwd=shop)
    assert some.out.count("unsubscribed") == 1


def test_a_dash_is_standard_output(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person(ANN)

    answer = nurture("contacts", "export", "-", cwd=shop)

    assert answer.out == nurture("contacts", "export", cwd=shop).out
    assert (answer.code, answer.err) == (0, "")
    assert not (shop / "-").exists()


def test_a_file_of_addresses_is_taken_in_and_said(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person(ANN, "fair")
    file = tmp_path / "unsubscribed.csv"
    file.write_text("Email,Status\nann@example.com,\nbob@example.com,bounced\ncleo@example.com,active\nno,x\n")

    preview = nurture("suppress", "import", file, "--preview", "--json", cwd=shop)
    before = suppressed(nurture, shop)
    answer = nurture("suppress", "import", file, cwd=shop)

    assert (preview.code, json.loads(preview.out)["counts"]["new"], before) == (1, 2, [])
    assert answer.code == 1
    assert answer.out == (
        f"{file}: UTF-8, comma separated\n"
        "4 rows: 2 new, 0 for a stronger reason, 0 the same, 0 repeated, 1 passed over, 1 left out.\n"
        "  addresses: Email\n"
        "  reasons: 1 unsubscribed, 1 hard-bounce\n"
        "  read from: Status; `unsubscribed` where that says nothing\n"
        "  1 of the new addresses is a contact\n"
        '  1 row does not say that its contact opted out; to suppress them all the same: --map "Status=ignore"\n'
        "  1 row left out: An address needs an @.\n"
        f"  see {file}.rejects.csv\n"
    )
    assert set(suppressed(nurture, shop)) == {(None, "hard-bounce"), (ANN, "unsubscribed")}
    assert nurture("run", cwd=shop).out == ""
    wrong = nurture("suppress", "import", file, "--reason", "erased", cwd=shop)
    assert (wrong.code, "There is no reason erased." in wrong.err) == (2, True)


def test_who_left_one_project_gets_nothing_from_another_that_takes_its_export(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    for name in ("ann", "bob", "cleo", "dora", "emil"):
        person(f"{name}@example.com", "fair")
    nurture("suppress", "add", "bob@example.com", "--unsubscribed", cwd=shop)
    nurture("events", "add", "cleo@example.com", "complained", cwd=shop)
    nurture("events", "add", "dora@example.com", "bounced", "--bounce", "hard", cwd=shop)
    nurture("contacts", "set", "emil@example.com", "consent=withdrawn", cwd=shop)
    nurture("contacts", "export", tmp_path / "contacts.csv", cwd=shop)
    other = write_files(tmp_path / "other", SHOP)
    make_database(other, A_TUESDAY_MORNING)

    flags = ["--set", "consent=implied", "--set", "consent_basis=fair", "--set", "consent_source=list"]
    imported = [
        nurture("contacts", "import", tmp_path / "contacts.csv", *words, cwd=other)
        for words in ([], ["--raise-consent"], ["--map", "consent=ignore", *flags])
    ]
    nurture("run", cwd=other)

    assert imported[0].code == 0
    sent = [json.loads(line) for line in nurture("touches", "list", "--json", cwd=other).out.splitlines()]
    assert [one["email"] for one in sent] == ["ann@example.com"]
    held = {
        one["email"]: one["suppressed"]
        for one in map(json.loads, nurture("contacts", "list", "--json", cwd=other).out.splitlines())
    }
    assert held["bob@example.com"] == "unsubscribed"
    assert (held["cleo@example.com"], held["dora@example.com"]) == ("complaint", "hard-bounce")


# --- what is removed, and what an import is taken back to


def test_what_contacts_said_themselves_is_removed_only_by_its_name(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person(ANN)
    nurture("suppress", "add", ANN, "--unsubscribed", cwd=shop)
    nurture("suppress", "add", BOB, cwd=shop)
    remove = ("suppress", "remove", ANN, BOB, "--why", "back")

    refused = nurture(*remove, cwd=shop)
    other = nurture(*remove, "--although", "complaint", cwd=shop)
    unknown = nurture(*remove, "--although", "manual", cwd=shop)
    held = suppressed(nurture, shop)
    removed = nurture(*remove, "--although", "unsubscribed", cwd=shop)

    assert (refused.code, refused.err) == (
        3,
        "error: ann@example.com unsubscribed. Nothing was changed.\n"
        "help: If its owner wants mail again: --although unsubscribed\n",
    )
    assert (other.code, "--although complaint --although unsubscribed" in other.err) == (3, True)
    assert (unknown.code, len(held)) == (2, 2)
    assert (removed.code, removed.err) == (
        0,
        "nurture may write to ann@example.com again (was: unsubscribed).\n"
        "nurture may write to bob@example.com again (was: manual).\n",
    )


@pytest.mark.parametrize(
    ("kind", "words", "reason"),
    [("complained", (), "complaint"), ("bounced", ("--bounce", "hard"), "hard-bounce")],
)
def test_a_complaint_or_a_bounce_stays_until_it_is_named(
    nurture: Nurture, shop: Path, person: AddPerson, kind: str, words: tuple[str, ...], reason: str
) -> None:
    person(ANN)
    nurture("events", "add", ANN, kind, *words, cwd=shop)

    assert nurture("suppress", "remove", ANN, "--why", "x", cwd=shop).code == 3
    assert suppressed(nurture, shop) == [(ANN, reason)]
    assert nurture("suppress", "remove", ANN, "--why", "x", "--although", reason, cwd=shop).code == 0
    assert suppressed(nurture, shop) == []


def test_a_wrong_import_is_taken_back_and_nothing_else(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    for name in ("ann", "bob", "cleo", "dora", "emil"):
        person(f"{name}@example.com")
    nurture("suppress", "add", "ann@example.com", "--unsubscribed", cwd=shop)  # she left before
    nurture("events", "add", "bob@example.com", "bounced", "--bounce", "hard", cwd=shop)
    nurture("suppress", "add", "emil@example.com", cwd=shop)
    clock.advance(60)
    file = shop / "members.csv"
    file.write_text("email\n" + "".join(f"{name}@example.com\n" for name in ("ann", "bob", "cleo", "dora", "x")))
    nurture("suppress", "import", file, cwd=shop)
    clock.advance(60)
    nurture("suppress", "add", "dora@example.com", "--unsubscribed", cwd=shop)  # she left afterwards
    clock.advance(60)

    taken_back = nurture("suppress", "remove", "--imported", file, "--why", "wrong file", cwd=shop)
    after = dict(suppressed(nurture, shop))
    again = nurture("suppress", "remove", "--imported", "members.csv", "--why", "wrong file", cwd=shop)

    assert taken_back.err == (
        "Removed the suppressions of the import of members.csv: 3 addresses (3 manual).\n"
        "1 of them is suppressed for its earlier reason, as before.\n"
    )
    assert after == {
        "ann@example.com": "unsubscribed",
        "bob@example.com": "hard-bounce",
        "dora@example.com": "unsubscribed",
        "emil@example.com": "manual",
    }
    assert (again.code, "No suppression in force comes from the import" in again.err) == (2, True)


def test_the_last_import_of_a_name_is_taken_back_first_and_people_who_left_need_the_reason_named(
    nurture: Nurture, shop: Path, clock: SteppingClock
) -> None:
    (shop / "unsubscribed.csv").write_text(f"email\n{ANN}\n")
    nurture("suppress", "import", "unsubscribed.csv", cwd=shop)
    clock.advance(60)
    (shop / "unsubscribed.csv").write_text(f"email\n{ANN}\n{BOB}\n")
    nurture("suppress", "import", "unsubscribed.csv", cwd=shop)
    remove = ("suppress", "remove", "--imported", "unsubscribed.csv", "--why", "x")

    refused = nurture(*remove, cwd=shop)
    removed = nurture(*remove, "--although", "unsubscribed", "--json", cwd=shop)

    assert (refused.code, refused.err.splitlines()[0]) == (
        3, "error: According to unsubscribed.csv, contacts left on their own: 1 unsubscribed. Nothing was changed.",
    )  # fmt: skip
    assert json.loads(removed.out) == {
        "file": "unsubscribed.csv", "removed": 1, "by_reason": {"unsubscribed": 1}, "restored": 0,
    }  # fmt: skip
    assert len(suppressed(nurture, shop)) == 1


def test_what_a_run_suppressed_is_taken_back_by_its_number(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    with Server(decide=lambda at, _: Fault(b"550 5.1.1 no such user\r\n") if at == "rcpt" else None) as sink:
        channel = f"{{type: smtp, host: 127.0.0.1, port: {sink.port}, tls: 'off'}}"
        text = (shop / "nurture.yml").read_text()
        (shop / "nurture.yml").write_text(text.replace("{type: outbox}", channel))
        person("gone@example.com", "fair")
        nurture("run", cwd=shop)
    before = dict(suppressed(nurture, shop))
    taken_back = nurture("suppress", "remove", "--run", 1, "--why", "a wrong route", cwd=shop)
    again = nurture("suppress", "remove", "--run", 1, "--why", "a wrong route", "--json", cwd=shop)

    assert before == {"gone@example.com": "hard-bounce"}
    assert taken_back.err == "Removed the suppressions that refusals in run 1 caused: 1 address.\n"
    assert json.loads(again.out) == {"run": 1, "removed": 0}
    assert dict(suppressed(nurture, shop)) == {}


@pytest.mark.parametrize("words", [(), (ANN, "--imported", "x.csv"), (ANN, "--run", "1")])
def test_addresses_or_a_file_are_removed_not_both_and_not_neither(
    nurture: Nurture, shop: Path, words: tuple[str, ...]
) -> None:
    assert nurture("suppress", "remove", "--why", "x", *words, cwd=shop).code == 2


@pytest.mark.parametrize(
    ("name", "content", "sign"),
    [
        ("subscribed_members_export_1a2b.csv", "email\nann@x.example\n", "Its name says"),
        ("list.csv", "email,OPTIN_TIME\nann@x.example,2023-04-01 09:12:44\n", "`OPTIN_TIME` in 1 row"),
        ("Abonnenten.csv", "email\nann@x.example\n", "Its name says"),
    ],
)
def test_people_who_want_mail_are_suppressed_only_on_purpose(
    nurture: Nurture, shop: Path, name: str, content: str, sign: str
) -> None:
    (shop / name).write_text(content)

    for more in ((), ("--preview",)):
        stopped = nurture("suppress", "import", name, *more, cwd=shop)
        assert (stopped.code, stopped.out, suppressed(nurture, shop)) == (3, "", [])
        assert sign in stopped.err
        assert f"nurture suppress import {json.dumps(name)} --reason manual" in stopped.err
    assert nurture("suppress", "import", name, "--reason", "manual", cwd=shop).code == 0
    assert {reason for _, reason in suppressed(nurture, shop)} == {"manual"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("subscribers.csv", "email,Status\nann@x.example,unsubscribed\nbob@x.example,active\n"),
        ("unsubscribed.csv", "email,OPTIN_TIME\nann@x.example,2023-04-01 09:12:44\n"),
        ("list.csv", "email,OPTIN_TIME,UNSUB_TIME\nann@x.example,2023-04-01 09:12:44,2024-02-03\n"),
        ("list.csv", "email,OPTIN_TIME\nann@x.example,\n"),
        ("inactive.csv", "email,Active\nann@x.example,no\n"),
        ("no_subscribers.csv", "email\nann@x.example\n"),
    ],
)
def test_lists_of_people_who_left_are_taken_without_a_question(
    nurture: Nurture, shop: Path, name: str, content: str
) -> None:
    (shop / name).write_text(content)

    assert nurture("suppress", "import", name, cwd=shop).code == 0
    assert len(suppressed(nurture, shop)) == 1


def test_a_terminal_gets_a_short_hash_and_only_where_nothing_else_tells_an_address(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person("ann@example.com")
    nurture("suppress", "add", "ann@example.com", "nobody@example.org", cwd=shop)

    piped = nurture("suppress", "list", cwd=shop).out.splitlines()
    seen = nurture("suppress", "list", cwd=shop, terminal=True, columns=80).out.splitlines()

    hashes = [line.split("\t")[-1] for line in piped[1:]]
    assert [len(one) for one in hashes] == [32, 32]
    assert len(seen) == 3
    assert not any(one in line for one in hashes for line in seen)
    assert any(line.startswith(f"(hash {one[:8]}…)") for one in hashes for line in seen)
