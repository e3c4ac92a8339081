"""`nurture unsubscribe`: the token that every mail carries ends what is sent to its contact."""

import io
import json
import re
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.keys import Keys, read_keys
from tests.conftest import AddPerson, Answer, Nurture

ANN, BOB = "ann@example.com", "bob@example.com"


def token_of(nurture: Nurture, shop: Path, email: str = ANN) -> str:
    keys = read_keys(shop)
    return keys.unsubscribe_token(keys.address_hash(email), f"c/1/{known(nurture, shop, email)['id']}/1")


def known(nurture: Nurture, shop: Path, email: str = ANN) -> dict[str, object]:
    return dict(json.loads(nurture("contacts", "show", email, "--json", cwd=shop).out))


def suppressions(nurture: Nurture, shop: Path) -> list[tuple[str, str, str]]:
    listed = map(json.loads, nurture("suppress", "list", "--json", cwd=shop).out.splitlines())
    return [(one["email"], one["reason"], one["source"]) for one in listed]


def test_what_stands_in_a_mail_that_was_sent_unsubscribes_its_reader(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    for email in (ANN, BOB, "cleo@example.com"):
        person(email, "fair")
    nurture("run", cwd=shop)
    texts = {}
    for file in (shop / "outbox").rglob("*.eml"):
        mail = message_from_bytes(file.read_bytes(), policy=policy.default)
        texts[mail["To"]] = mail
    link = re.search(r"https://shop\.internal/unsubscribe/\S+", texts[ANN].get_body(("plain",)).get_content())
    assert link is not None
    _, mailto = texts[BOB]["List-Unsubscribe"].split(", ")

    answer = nurture("unsubscribe", link[0], mailto, cwd=shop)

    assert (answer.code, answer.out) == (0, "")
    assert answer.err == (
        "ann@example.com is unsubscribed; nurture never writes to it again.\n"
        "bob@example.com is unsubscribed; nurture never writes to it again.\n"
    )
    assert sorted(suppressions(nurture, shop)) == [
        (ANN, "unsubscribed", "link to unsubscribe"),
        (BOB, "unsubscribed", "link to unsubscribe"),
    ]
    (event,) = known(nurture, shop)["events"]  # type: ignore[misc]
    assert (event["kind"], event["source"]) == ("unsubscribed", "link to unsubscribe")


def test_a_second_time_changes_nothing(nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock) -> None:
    person(ANN)
    token = token_of(nurture, shop)
    nurture("unsubscribe", token, cwd=shop)
    before = known(nurture, shop)
    clock.advance(60)

    again = nurture("unsubscribe", token, token, cwd=shop)

    assert (again.code, again.err) == (0, "ann@example.com was suppressed already (unsubscribed).\n" * 2)
    assert known(nurture, shop) == before


def test_a_link_in_a_mail_to_an_earlier_address_is_answered_with_what_is_left_to_do(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    person(ANN, "fair")
    token = token_of(nurture, shop)
    nurture("contacts", "set", ANN, "email=ann@new.example", cwd=shop)

    answers = [nurture("unsubscribe", token, cwd=shop) for _ in range(2)]

    told = "If the contact has another address by now, type `nurture suppress add EMAIL --unsubscribed`.\n"
    assert [(answer.code, answer.err) for answer in answers] == [
        (0, "An address that no contact has now is unsubscribed; nurture never writes to it again.\n" + told),
        (0, "An address that no contact has now was suppressed already (unsubscribed).\n" + told),
    ]


def test_it_counts_again_when_the_contact_had_come_back_and_more_than_a_bounce(
    nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock
) -> None:
    person(ANN)
    token = token_of(nurture, shop)
    nurture("unsubscribe", token, cwd=shop)
    nurture("suppress", "remove", ANN, "--why", "signed up again", "--although", "unsubscribed", cwd=shop)
    clock.advance(60)
    nurture("suppress", "add", ANN, cwd=shop)
    clock.advance(60)

    assert nurture("unsubscribe", token, "--why", "web page", cwd=shop).code == 0

    assert suppressions(nurture, shop) == [(ANN, "unsubscribed", "web page")]
    assert len(known(nurture, shop)["events"]) == 2  # type: ignore[arg-type]


def test_a_token_that_is_none_is_refused_and_the_others_count(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person(ANN)
    person(BOB)
    token = token_of(nurture, shop)
    tampered = token[:-1] + ("A" if token[-1] != "A" else "B")
    foreign = Keys(b"x" * 32).unsubscribe_token(b"a" * 16, "c/1/1/1")

    answer = nurture("unsubscribe", tampered, f"https://shop.example/u/{foreign}", BOB, token, cwd=shop)

    assert answer.code == 1
    assert f"`{tampered}` unsubscribes nobody. It holds no token of this project" in answer.err
    assert answer.err.count("error:") == 3
    assert "help: To suppress an address: nurture suppress add EMAIL --unsubscribed" in answer.err
    assert [email for email, *_ in suppressions(nurture, shop)] == [ANN]


def test_a_script_hands_tokens_over_line_by_line_and_reads_json(
    nurture: Nurture, shop: Path, person: AddPerson, monkeypatch: pytest.MonkeyPatch
) -> None:
    person(ANN)
    person(BOB)
    first, second = token_of(nurture, shop), token_of(nurture, shop, BOB)
    given = (
        f"Subject: unsubscribe {first}\r\n\n<https://shop.example/unsubscribe/{second[:9]}=\n{second[9:]}>\nw\xe9b\n"
    )

    with monkeypatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(given.encode("latin-1"))))
        answer = nurture("unsubscribe", "-", "--json", cwd=shop)

    told = [json.loads(line) for line in answer.out.splitlines()]
    assert answer.code == 0
    assert [(one["email"], one["outcome"]) for one in told] == [(ANN, "unsubscribed"), (BOB, "unsubscribed")]
    assert told[0]["token"] == f"Subject: unsubscribe {first}"


@pytest.mark.parametrize("raw", [b"", b"\n \r\n"])
def test_an_empty_standard_input_unsubscribes_nobody_and_tokens_beside_it_count(
    nurture: Nurture, shop: Path, person: AddPerson, raw: bytes
) -> None:
    person(ANN)

    alone = from_stdin(nurture, shop, raw)
    beside = from_stdin(nurture, shop, raw, token_of(nurture, shop), "--json")

    assert (alone.code, alone.out) == (1, "")
    assert alone.err == "error: Standard input is empty; nobody is unsubscribed.\n"
    assert beside.code == 1
    assert [json.loads(line)["outcome"] for line in beside.out.splitlines()] == ["refused", "unsubscribed"]


# --- a whole mail

HEAD = "Return-Path: <x@mail.example>\nFrom: Ann <ann@example.com>\nTo: Off <off@shop.example>\nSubject: {subject}\n"
LINK = "https://shop.example/unsubscribe/{token}"
MAILS = {
    "recipient": HEAD.replace("off@", "off-{token}@").replace("{subject}", "x") + "\nbye {other}\n",
    "subject": HEAD.replace("{subject}", "unsubscribe {token}") + "\nbye {other}\n",
    "encoded subject": HEAD.replace("{subject}", "=?utf-8?q?unsubscribe_{encoded}?=") + "\nbye\n",
    "header": HEAD + f"List-Unsubscribe: <mailto:off@shop.example?subject=unsubscribe%20{{token}}>,\n <{LINK}>\n\nHi\n",
    "reply": HEAD + f"\nPlease stop.\n\n> Hello Ann,\n> {LINK}\n>> more\n",
    "wrapped reply": HEAD + "\nStop\n> https://shop.example/unsubscribe/{first}\n> {second}\n> more\n",
    "quoted-printable": HEAD
    + "MIME-Version: 1.0\nContent-Transfer-Encoding: quoted-printable\n\nleave https://shop.example/u?t=3D{first}=\n{second}\n",
    "windows": (HEAD + f"\n{LINK}\n").replace("\n", "\r\n"),
}


def from_stdin(nurture: Nurture, shop: Path, raw: bytes, *words: str) -> Answer:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(raw)))
        return nurture("unsubscribe", "-", *words, cwd=shop)


@pytest.mark.parametrize("form", [*MAILS, "base64"])
def test_a_whole_mail_unsubscribes_with_one_line_of_answer(
    nurture: Nurture, shop: Path, person: AddPerson, form: str
) -> None:
    person(ANN)
    person(BOB)
    token = token_of(nurture, shop)
    if form == "base64":
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = ANN, "off@shop.example", "Re: x"
        mail.set_content("Grüße")
        mail.add_alternative(f"<a href='{LINK.format(token=token)}'>ü</a>", subtype="html", cte="base64")
        raw = mail.as_bytes()
        assert token.encode() not in raw
    else:
        other = token_of(nurture, shop, BOB)
        encoded = token.replace("_", "=5F")  # a bare one means a blank there
        raw = (
            MAILS[form]
            .format(token=token, encoded=encoded, other=other, first=token[:9], second=token[9:], subject="Re: x")
            .encode()
        )

    answer = from_stdin(nurture, shop, raw)

    assert (answer.code, answer.err) == (0, "ann@example.com is unsubscribed; nurture never writes to it again.\n")
    assert [email for email, *_ in suppressions(nurture, shop)] == [ANN]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_each_mail_of_an_mbox_gets_its_own_answer(nurture: Nurture, shop: Path, person: AddPerson, end: str) -> None:
    person(ANN)
    person(BOB)
    between = "From reader@mail.example  Tue Mar 24 15:30:00 2026\n"
    bodies = [
        f"\nFrom now on\nNo: mails\n\n> {LINK.format(token=token_of(nurture, shop))}\n",
        "\nTake me off\n",
        f"\n{LINK.format(token=token_of(nurture, shop, BOB))}\n",
    ]
    mbox = "\n".join(between + HEAD.format(subject="x") + body for body in bodies).replace("\n", end)

    answer = from_stdin(nurture, shop, mbox.encode())

    assert answer.code == 1
    first, second, third = answer.err.splitlines()
    assert first == "ann@example.com is unsubscribed; nurture never writes to it again."
    assert second.startswith("error: Mail 2 on standard input unsubscribes nobody. It holds no token")
    assert third == "bob@example.com is unsubscribed; nurture never writes to it again."


def test_a_mail_without_a_token_and_one_with_two_get_one_error(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person(ANN)
    person(BOB)
    both = f"{token_of(nurture, shop)}\n{token_of(nurture, shop, BOB)}\n"

    for body, said in ((f"take me off\n{'x' * 40}\n" * 50, "It holds no token"), (both, "tokens of several contacts")):
        answer = from_stdin(nurture, shop, (HEAD.format(subject="x") + "\n" + body).encode())
        assert (answer.code, answer.err.count("error:")) == (1, 1)
        assert answer.err.startswith("error: The mail on standard input unsubscribes nobody. ")
        assert said in answer.err
    assert suppressions(nurture, shop) == []


def test_lines_that_are_no_tokens_are_passed_over_in_a_list(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person(ANN)
    token = token_of(nurture, shop)

    mixed = from_stdin(nurture, shop, f"# last week\n{token}\n\nthat was all\n".encode())
    broken = from_stdin(nurture, shop, f"{token}\n{token[:-1]}\n{BOB}\n".encode())
    nothing = from_stdin(nurture, shop, b"hello\nworld\n")

    assert (mixed.code, mixed.err) == (0, "ann@example.com is unsubscribed; nurture never writes to it again.\n")
    assert (broken.code, broken.err.count("error:")) == (1, 2)
    assert (nothing.code, nothing.err.count("error:")) == (1, 1)


def test_standard_input_is_bounded(nurture: Nurture, shop: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nurture_cli.cli.unsubscribe._MOST", 1000)

    answer = from_stdin(nurture, shop, b"x\n" * 600)

    assert (answer.code, "Standard input is longer than" in answer.err) == (2, True)
