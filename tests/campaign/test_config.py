from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nurture_cli.campaign.channels import Outbox, Smtp, Task, Tls, Webhook
from nurture_cli.campaign.config import ConfigReading, parse_config
from nurture_cli.campaign.model import Config, Rate
from nurture_cli.language.expression import InSegment, Type
from nurture_cli.language.names import NameKind
from tests.campaign.project_maker import CONFIG
from tests.examples import examples

DAY = 86400


def read(text: str) -> ConfigReading:
    return parse_config(text.encode(), "nurture.yml", {"ebook"})


def config(text: str) -> Config:
    reading = read(text)
    assert not reading.diagnostics
    assert reading.config is not None
    return reading.config


def test_the_least_that_a_project_needs() -> None:
    found = config("project: X\nzone: UTC\nsender: {name: A, address: a@example.com}\nstages: [one]\n")
    assert (found.name, found.zone, found.stages, found.events) == ("X", "UTC", ("one",), frozenset())
    assert (found.sender.reply_to, found.sender.postal_address, found.sender.unsubscribe_url) == (None, "", None)
    assert found.limits.per_contact == (Rate(1, DAY),)
    assert (found.limits.guard, found.limits.stop_after) == (1000, 3)
    assert {name: channel.settings for name, channel in found.channels.items()} == {
        "mail": Outbox("outbox"), "task": Task(),
    }  # fmt: skip


def test_a_whole_project_is_read() -> None:
    found = config(
        CONFIG
        + """\
events: [trial_started]
limits: {per_contact: [2 per day, 3 per week, 5 per 10 days, 1 per 6 hours], guard: 50, stop_after: 5}
closed: [2026-12-25, 2027-01-01]
channels:
  mail: {type: smtp, host: smtp.example.com, user: anna, password_env: SMTP_PASSWORD, hourly: 100, ramp: [10, 20]}
  safe: {type: smtp, host: 192.0.2.1, tls: tls, password_file: /run/secret, user: b, connections: 4}
  here: {type: smtp, host: 127.0.0.1, tls: off, port: 2525}
  hook: {type: webhook, url: "http://localhost:8080/x", secret_env: S, timeout: 5}
  files: {type: outbox, folder: out/mails, daily: 7}
"""
    )
    assert found.fields == {"employees": Type.NUMBER, "renewal": Type.DATE, "vip": Type.BOOLEAN}
    assert found.events == {"trial_started"}
    assert found.limits.per_contact == (Rate(2, DAY), Rate(3, 7 * DAY), Rate(5, 10 * DAY), Rate(1, 6 * 3600))
    assert found.closed == {"2026-12-25", "2027-01-01"}
    assert found.sender.unsubscribe_url == "https://example.com/u/{token}"
    mail = found.channels["mail"]
    assert (mail.hourly, mail.daily, mail.ramp) == (100, None, (10, 20))
    assert mail.settings == Smtp(
        "smtp.example.com", 587, Tls.STARTTLS, "anna", password_env="SMTP_PASSWORD", connections=1, timeout=60
    )
    assert found.channels["safe"].settings == Smtp(
        "192.0.2.1", 465, Tls.TLS, "b", password_file="/run/secret", connections=4
    )
    assert found.channels["here"].settings == Smtp("127.0.0.1", 2525, Tls.OFF)
    assert found.channels["hook"].settings == Webhook("http://localhost:8080/x", "S", timeout=5)
    assert found.channels["files"].settings == Outbox("out/mails")
    assert str(found.places["sender.unsubscribe.url"]) == "nurture.yml:7:22"
    assert str(found.places["channels.mail.host"]) == "nurture.yml:16:28"
    assert str(found.places["segments.buyers"]) == "nurture.yml:11:11"


def test_segments_may_name_segments_in_any_order() -> None:
    found = config(CONFIG + '  big: in_segment("mid") and employees > 9\n  mid: in_segment("buyers")\n')
    body = found.segments["mid"].condition.body
    assert isinstance(body, InSegment)
    assert body.body is found.segments["buyers"].condition.body


def test_segments_that_go_in_a_circle_do_not_drag_others_along() -> None:
    reading = read(CONFIG + '  x: in_segment("y")\n  y: in_segment("x")\n')
    assert [one.rule for one in reading.diagnostics] == ["segment-circle"]
    assert set(reading.names.segments) == {"buyers"}
    assert NameKind.SEGMENT in reading.names.unsure


def test_what_can_be_read_of_a_broken_file_is_known() -> None:
    reading = read(CONFIG.replace("zone: Europe/Berlin", "zone: nowhere").replace("vip: boolean", "vip: bool"))
    assert reading.config is None
    assert reading.names.stages == ("awareness", "decision", "customer")
    assert reading.names.unsure == {NameKind.FIELD, NameKind.SEGMENT} - (
        {NameKind.SEGMENT} if reading.names.segments else set()
    )


def test_a_file_that_is_no_yaml_leaves_only_the_assets_sure() -> None:
    reading = read("project: 'X\n")
    assert reading.config is None
    assert reading.names.unsure == frozenset(NameKind) - {NameKind.ASSET}
    assert reading.names.assets == {"ebook"}


@pytest.mark.parametrize(
    "address",
    ["a", "a@b",
     "a@@b.com", "a b@c.com", "a@b..com", ".a@b.com", "a.@b.com", "a@-b.com", "a@b-.com", "a@b.c,d@e.f",
     "A <a@b.com>", '"a@b.com\\r\\nBcc: x"', "a@b.com\\n",
     "ü@b.com", "a@bücher.de", "a@[127.0.0.1]", "a" * 65 + "@b.com",
     '"(a)@b.com"'],
)  # fmt: skip
def test_a_sender_is_exactly_one_address(address: str) -> None:
    text = CONFIG.replace("address: anna@example.com", f"address: {address}")
    assert [one.rule for one in read(text).diagnostics] in (["bad-address"], ["control-character"])


@pytest.mark.parametrize(
    "address", ["a@b.de", "A.b+c_d@sub.example-one.com", "o'neil@example.co.uk", "a@xn--bcher-kva.de"]
)
def test_an_address_that_can_be_written_to_is_taken(address: str) -> None:
    assert config(CONFIG.replace("address: anna@example.com", f"address: {address}")).sender.address == address


@pytest.mark.parametrize(
    "key", ["password", "Password", "smtp_passwd", "secret", "api_key", "access-token", "token", "passphrase"]
)
def test_a_secret_is_never_read_nor_repeated(key: str) -> None:
    reading = read(CONFIG + f"channels: {{mail: {{type: smtp, host: h, {key}: hunter2}}}}\n")
    assert [one.rule for one in reading.diagnostics] == ["secret-in-file"]
    assert "hunter2" not in repr(reading)


def test_tls_may_be_off_only_on_this_machine() -> None:
    for host, fine in (
        ("localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("mail.local", False),
        ("127.0.0.1.evil.com", False),
    ):
        reading = read(CONFIG + f'channels: {{mail: {{type: smtp, host: "{host}", tls: off}}}}\n')
        assert [one.rule for one in reading.diagnostics] == ([] if fine else ["no-tls"])


@pytest.mark.parametrize(
    ("url", "fine"),
    [("https://x.example/h", True), ("http://localhost/h", True), ("http://127.0.0.1:8080/h", True),
     ("http://[::1]:1/h", True),
     ("http://x.example/h", False), ("http://localhost.evil.com/", False), ("http://localhost@evil.com/", False),
     ("https://a:b@x.example/", False), ("ftp://x/", False),
     ("//x/", False), ("https://", False), ("https://x y/", False),
     ("https://x:99999/", False), ("https://[x/", False), ("javascript:alert(1)", False)],
)  # fmt: skip
def test_a_webhook_goes_out_encrypted_or_stays_here(url: str, fine: bool) -> None:
    reading = read(CONFIG + f'channels: {{hook: {{type: webhook, url: "{url}"}}}}\n')
    assert [one.rule for one in reading.diagnostics] == ([] if fine else ["bad-url"])


@pytest.mark.parametrize("folder", ["../x", "/x", "a/../../x", "C:\\\\x", "file://x", "."])
def test_an_outbox_stays_in_the_project(folder: str) -> None:
    reading = read(CONFIG + f'channels: {{mail: {{type: outbox, folder: "{folder}"}}}}\n')
    assert [one.rule for one in reading.diagnostics] == ["bad-path"]


@settings(max_examples=examples(150), deadline=None)
@given(st.data())
def test_a_mangled_file_is_read_whole_or_explained(data: st.DataObject) -> None:
    text = list(CONFIG)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text) - 1))
        text[at] = data.draw(
            st.sampled_from(["", " ", "\n", ":", "- ", "[", "{", "}", '"', "x", "3", "&", "*", "!", "|", "#"])
        )
    reading = read("".join(text))
    assert (reading.config is None) == bool(reading.diagnostics)
