"""A password that a relay repeats is neither printed nor kept: not in the database, not in any file of the project."""

from __future__ import annotations

import pytest

from nurture_cli.delivery.redaction import encoded
from tests.delivery.server import Fault, Server
from tests.runner.house import House

PASSWORD = "canary-5eed-42"
BOTH = encoded(f"\0me\0{PASSWORD}")


@pytest.mark.parametrize("phase", ["auth", "rcpt", "dot"])
def test_what_a_relay_repeats_of_the_login_is_kept_nowhere(
    house: House, monkeypatch: pytest.MonkeyPatch, phase: str
) -> None:
    monkeypatch.setenv("RELAY_PASSWORD", PASSWORD)
    said = f"550-5.7.8 {PASSWORD}\r\n550 5.7.8 AUTH PLAIN {BOTH} {encoded(PASSWORD)}\r\n".encode()
    with Server(users={"me": PASSWORD}, faults={(phase, 0): Fault(said)}) as sink:
        mail = f"{{type: smtp, host: 127.0.0.1, port: {sink.port}, tls: 'off', user: me, password_env: RELAY_PASSWORD}}"
        house.build(sink.port, contacts=1, mail=mail)
        done = house.run().done

    told = f"{done.closed} {done.ended} {done.stopped_by}" + "".join(
        str(row) for row in house.ask("SELECT coalesce(reply, ''), coalesce(reason, '') FROM touch")
    ) + str(house.ask("SELECT ended FROM run"))  # fmt: skip
    assert "<secret>" in told
    files = b"".join(file.read_bytes() for file in house.folder.rglob("*") if file.is_file())
    for secret in (PASSWORD, BOTH[:12], BOTH[-12:], encoded(PASSWORD)[:12], "5eed"):
        assert secret not in told
        assert secret.encode() not in files
