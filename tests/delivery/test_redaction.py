"""What a server repeats of what it was told in confidence: gone, in whatever form; other words stay."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest

from nurture_cli.delivery.redaction import MARK, Redaction, encoded, written

USER, PASSWORD = "news@example.org", 'pä"ss & wörd/+~42?canary'
TRIPLE = encoded(f"\0{USER}\0{PASSWORD}")
redact = Redaction((*written(PASSWORD), TRIPLE))


def base64(text: str) -> str:
    return b64encode(text.encode()).decode()


ECHOES = {
    "plain": PASSWORD,
    "in capitals": PASSWORD.upper(),
    "base64": base64(PASSWORD),
    "base64 without padding": base64(PASSWORD).rstrip("="),
    "base64 for web addresses": urlsafe_b64encode(PASSWORD.encode()).decode(),
    "the line AUTH PLAIN": TRIPLE,
    "the line AUTH PLAIN without padding": TRIPLE.rstrip("="),
    "the line AUTH PLAIN, cut": TRIPLE[:-12],
    "with the name twice": base64(f"{USER}\0{USER}\0{PASSWORD}"),
    "with a colon": base64(f"{USER}:{PASSWORD}"),
    "name and password of AUTH LOGIN": f"{base64(USER)} {base64(PASSWORD)}",
    "hexadecimal": PASSWORD.encode().hex(),
    "hexadecimal with colons": PASSWORD.encode().hex(":"),
    "escaped bytes": "".join(f"\\x{byte:02x}" for byte in PASSWORD.encode()),
    "each byte with a percent sign": "".join(f"%{byte:02X}" for byte in PASSWORD.encode()),
    "as in a web address": quote(PASSWORD, safe=""),
    "JSON": json.dumps(PASSWORD),
    "HTML": html.escape(PASSWORD),
    "a Python text": repr(PASSWORD),
    "quoted": f"<{PASSWORD}>",
    "in two lines": f"{TRIPLE[:30]}\n{TRIPLE[30:]}",
    "in two lines that begin with a status": f"{TRIPLE[:-3]}\n5.7.8 {TRIPLE[-3:]}",
}


@pytest.mark.parametrize("echo", ECHOES.values(), ids=list(ECHOES))
def test_a_secret_is_unreadable_in_every_form(echo: str) -> None:
    said = redact(f"5.7.8 I do not like {echo}\n5.7.8 at all")

    assert said.startswith("5.7.8 I do not like ")
    assert said.endswith("at all")
    assert MARK in said
    rest = said.removeprefix("5.7.8 I do not like ").removesuffix("\n5.7.8 at all")
    left = rest.replace(MARK, "").replace("5.7.8", "").replace(base64(USER), "")
    assert sum(letter.isalnum() for letter in left) == 0, rest


def test_other_words_stay_and_so_do_the_status_and_the_name() -> None:
    words = f"5.7.8 Error: authentication failed for {USER} (queued as 4XyZ123ABC)\n5.7.8 see https://example.org/?p=1"

    assert redact(words) == words
    assert Redaction()(words) == words


@pytest.mark.parametrize("secret", ["me", "x1!", "!!!!-----", "日本"])
def test_a_short_secret_is_found_as_a_word_by_itself(secret: str) -> None:
    told = Redaction((*written(secret), encoded(f"\0{USER}\0{secret}")))

    assert told(f"not {secret} but some others") == f"not {MARK} but some others"
    assert told(f"not {encoded(secret)} but some others") == f"not {MARK} but some others"
    assert MARK in told(encoded(f"\0{USER}\0{secret}"))


def test_no_secret_at_all_hides_nothing() -> None:
    assert Redaction(written(""))("anything goes") == "anything goes"
