"""Secrets: from where the user keeps them, never from a project's files, and never in a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from nurture_cli.campaign.channels import Smtp
from nurture_cli.campaign.config import parse_config
from nurture_cli.delivery.secrets import read_password
from nurture_cli.errors import Misconfigured
from tests.campaign.project_maker import CONFIG

CANARY = "k4n4rienvogel"


def smtp(**settings: str) -> Smtp:
    return Smtp("smtp.example.org", 587, **settings)


def configure(folder: Path, text: str, mode: int = 0o600) -> dict[str, str]:
    """The environment of a user whose own configuration is `text`."""
    file = folder / "nurture" / "config.yml"
    file.parent.mkdir()
    file.write_text(text)
    file.chmod(mode)
    return {"XDG_CONFIG_HOME": str(folder)}


def private(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_password_comes_from_the_environment(tmp_path: Path) -> None:
    assert read_password("mail", smtp(password_env="PW"), tmp_path, {"PW": CANARY}) == CANARY


def test_a_password_comes_from_a_private_file_of_the_project(tmp_path: Path) -> None:
    private(tmp_path / "password", CANARY + "\n")

    assert read_password("mail", smtp(password_file="password"), tmp_path, {}) == CANARY


def test_a_password_comes_from_the_users_own_command(tmp_path: Path) -> None:
    environ = configure(
        tmp_path, f"channels:\n  mail:\n    host: smtp.example.org\n    password_command: printf '{CANARY}\\nmore'\n"
    )

    assert read_password("mail", smtp(), tmp_path, environ) == CANARY


@pytest.mark.parametrize(
    ("settings", "environ", "words"),
    [
        ({"password_env": "PW"}, {}, r"The environment variable PW, .* is not set"),
        ({"password_env": "PW"}, {"PW": ""}, r"PW is empty"),
        ({"password_env": "PW"}, {"PW": f"{CANARY}\nX: y"}, r"PW holds a line break"),
        ({"password_env": "PW"}, {"PW": CANARY * 999}, r"PW holds a line break .* or is too long"),
        ({"password_file": "nowhere"}, {}, r"cannot be read: No such file"),
        ({"password_file": "open"}, {}, r"can be read by others"),
        ({"password_file": "latin"}, {}, r"not text in UTF-8"),
        ({"password_file": "two"}, {}, r"holds a line break"),
        ({}, {}, r"has a user but no password"),
    ],
)
def test_each_trouble_with_a_password_has_its_sentence_without_the_password(
    tmp_path: Path, settings: dict[str, str], environ: dict[str, str], words: str
) -> None:
    private(tmp_path / "open", CANARY, 0o640)
    (tmp_path / "latin").write_bytes(CANARY.encode() + b"\xff")
    private(tmp_path / "latin", "", 0o600).write_bytes(CANARY.encode() + b"\xff")
    private(tmp_path / "two", f"{CANARY}\n{CANARY}\n")
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "none"), **environ}

    with pytest.raises(Misconfigured, match=words) as raised:
        read_password("mail", smtp(**settings), tmp_path, environ)

    assert CANARY not in f"{raised.value} {raised.value.hint}"


@pytest.mark.parametrize(
    ("text", "mode", "words"),
    [
        ("channels: {mail: {password_command: 'false'}}", 0o600, r"failed with code 1"),
        ("channels: {mail: {password_command: 'true'}}", 0o600, r"prints is empty"),
        ("channels: {mail: {password_command: '/no/such/program'}}", 0o600, r"could not be started"),
        ("channels: {mail: {password_command: ''}}", 0o600, r"could not be started"),
        ('channels: {mail: {password_command: "echo \'x"}}', 0o600, r"quotation mark"),
        ("channels: {mail: {password_command: 'printf \"\\\\377\"'}}", 0o600, r"not text"),
        ("channels: {mail: {password_command: 'echo x'}}", 0o622, r"can be changed by others"),
        (
            "channels: {mail: {password_command: 'echo x', host: other.example.org}}",
            0o600,
            r"to other\.example\.org only",
        ),
        ("channels: [mail", 0o600, r"Your own configuration cannot be read: .*config\.yml:1"),
        ("channels: {other: {password_command: 'echo x'}}", 0o600, r"has a user but no password"),
        ("just text", 0o600, r"has a user but no password"),
    ],
)
def test_each_trouble_with_the_users_own_configuration_has_its_sentence(
    tmp_path: Path, text: str, mode: int, words: str
) -> None:
    with pytest.raises(Misconfigured, match=words):
        read_password("mail", smtp(), tmp_path, configure(tmp_path, text, mode))


def test_a_projects_own_command_is_never_run(tmp_path: Path) -> None:
    witness = tmp_path / "ran"
    channel = f"channels: {{mail: {{type: smtp, host: h.example, user: a, password_command: 'touch {witness}'}}}}\n"

    reading = parse_config((CONFIG + channel).encode(), "nurture.yml", ())

    assert reading.config is None
    assert [found.rule for found in reading.diagnostics] == ["secret-in-file"]
    assert not witness.exists()


def test_what_a_shell_would_expand_is_given_to_the_command_as_it_is(tmp_path: Path) -> None:
    environ = configure(tmp_path, "channels: {mail: {password_command: 'echo $HOME;id'}}")

    assert read_password("mail", smtp(), tmp_path, environ) == "$HOME;id"
