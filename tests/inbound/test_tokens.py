"""A token is found in whatever it was copied from, and nothing else passes for one."""

from __future__ import annotations

import base64
import quopri
import struct
from dataclasses import replace
from urllib.parse import quote

import pytest

from nurture_cli.campaign.model import Sender
from nurture_cli.inbound.tokens import Addressees
from nurture_cli.keys import NOBODY, Keys
from nurture_cli.message.unsubscribe import ways_out

from .conftest import Desk

ANN = "ann@x.example"
SENDER = Sender(
    "Mara", "mara@house.example", None, "1 Quay", "https://house.example/u/{token}?a=1&b=2", "off@house.example"
)


@pytest.fixture
def crowd(desk: Desk) -> Desk:
    """Ann and Bob are contacts."""
    desk.contacts("email\nann@x.example\nbob@x.example\n")
    return desk


def token_of(desk: Desk, address: str = ANN) -> str:
    return desk.keys.unsubscribe_token(desk.hash(address), f"c/1/{desk.contact(address).id}/1")


def old_token(keys: Keys, contact: int) -> str:
    """The token of mails that were sent when it named a contact by number."""
    number = struct.pack(">Q", contact)
    return base64.urlsafe_b64encode(number + keys._tag(b"unsubscribe", number)).decode()


def people(desk: Desk) -> Addressees:
    return Addressees(desk.db, desk.keys)


def test_the_token_is_found_in_every_form_in_which_a_mail_carries_it(crowd: Desk) -> None:
    token = token_of(crowd)
    ways = ways_out(SENDER, token)
    in_address = ways_out(replace(SENDER, unsubscribe_mailto="off-{token}@house.example"), token)
    assert ways.url is not None
    assert ways.mailto is not None
    assert in_address.mailto is not None
    wrapped = quopri.encodestring(f"Leave: {ways.url} or write to us".encode().ljust(200)).decode()
    forms = [
        token, f" {token}\n", f"<{token}>", f'"{token}"', ways.url, f"<{ways.url}>", ways.mailto, ways.fields()[0],
        in_address.mailto, in_address.mailto.removeprefix("mailto:"), f"unsubscribe {token}",
        f"Subject: unsubscribe {token}", quote(ways.url, safe=""), quote(quote(ways.url, safe=""), safe=""),
        f"https://track.example/r?to={quote(ways.url, safe='')}&x=1", wrapped, f"https://house.example/u?t=3D{token}",
        f"{token[:10]}=\n{token[10:]}", f"{token[:10]}=\r\n{token[10:]}", f"/u/{token}/confirm", f"u-{token}-x_y",
        "".join(f"%{ord(sign):02X}" for sign in token),
    ]  # fmt: skip

    for form in forms:
        assert people(crowd).of_token(form) == crowd.hash(ANN), form
        assert people(crowd).address_hash(form) == crowd.hash(ANN), form
    assert "=\n" in wrapped


def test_a_token_that_was_changed_at_any_place_or_made_elsewhere_is_none(crowd: Desk) -> None:
    token = token_of(crowd)
    changed = [token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))]
    foreign = Keys(b"x" * 32).unsubscribe_token(crowd.hash(ANN), "c/1/1/1")

    for text in (*changed, token[:-1], token[1:], token.swapcase(), foreign, f"https://house.example/u/{foreign}"):
        assert people(crowd).of_token(text) is None, text
    for text in (*changed, foreign, f"https://house.example/u/{foreign}", "https://house.example/unsubscribe/nothing"):
        with pytest.raises(ValueError, match="no token of this project"):
            people(crowd).address_hash(text)


def test_tokens_of_two_people_in_one_text_are_not_guessed_between(crowd: Desk) -> None:
    text = f"{token_of(crowd)} {token_of(crowd, 'bob@x.example')}"

    with pytest.raises(ValueError, match="several contacts"):
        people(crowd).of_token(text)


def test_each_mail_has_a_token_of_its_own_from_which_nobody_sees_whose_it_is(crowd: Desk) -> None:
    tokens = [crowd.keys.unsubscribe_token(crowd.hash(ANN), f"c/1/1/{hop}") for hop in range(200)]

    assert len({token[at : at + 8] for token in tokens for at in range(0, 48, 8)}) == 6 * 200
    assert {people(crowd).of_token(token) for token in tokens} == {crowd.hash(ANN)}
    assert all(token[0].isalpha() and token[-1].isalpha() for token in tokens)  # no option, and not cut off in a text
    assert tokens[7] == crowd.keys.unsubscribe_token(crowd.hash(ANN), "c/1/1/7")


def test_a_token_stands_for_its_address_whatever_became_of_the_contact(crowd: Desk) -> None:
    cleo = crowd.keys.address_hash("cleo@x.example")

    assert people(crowd).of_token(crowd.keys.unsubscribe_token(cleo, "c/1/99/1")) == cleo


def test_tokens_of_older_mails_name_a_contact(crowd: Desk) -> None:
    ann = old_token(crowd.keys, crowd.contact(ANN).id)

    assert people(crowd).of_token(ann) == people(crowd).of_token(f"https://house.example/u/{ann}") == crowd.hash(ANN)
    assert people(crowd).address_hash(ann) == crowd.hash(ANN)
    for text in (ann[:-1], ann[1:], ann.swapcase(), old_token(Keys(b"x" * 32), 1)):
        assert people(crowd).of_token(text) is None
    with pytest.raises(ValueError, match="not in the database any more"):
        people(crowd).of_token(old_token(crowd.keys, 99))


@pytest.mark.parametrize("old", [False, True])
def test_the_token_of_a_test_mail_stands_for_nobody(crowd: Desk, old: bool) -> None:
    token = old_token(crowd.keys, 0) if old else crowd.keys.unsubscribe_token(NOBODY, "preview")

    with pytest.raises(ValueError, match="test mail"):
        people(crowd).of_token(token)


def test_an_address_as_long_as_a_token_is_an_address(crowd: Desk) -> None:
    long = f"{'a' * 40}@x.example"

    assert people(crowd).of_token(long) is None
    assert people(crowd).address_hash(long) == crowd.keys.address_hash(long)
    with pytest.raises(ValueError, match="needs an @"):
        people(crowd).address_hash("b" * 50)


def test_a_very_long_text_costs_no_more_than_its_beginning(crowd: Desk) -> None:
    assert people(crowd).of_token("A" * 1_000_000 + token_of(crowd)) is None
