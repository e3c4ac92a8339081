"""Where passwords and signing secrets come from: the environment, a private file, or the user's own command.

Never from a project's files, on a command line of nurture's, or in a message. nurture runs a command only if the user
wrote it into their own configuration, so that another person's project cannot run one.
"""

from __future__ import annotations

import os
import shlex
import stat
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path

from nurture_cli.campaign.channels import Smtp
from nurture_cli.campaign.model import Channel
from nurture_cli.errors import Misconfigured

LONGEST = 4096  # characters of a secret
COMMAND_PATIENCE = 60  # seconds; a password manager may ask its owner first


def read_password(channel: str, smtp: Smtp, project_root: Path, environ: Mapping[str, str]) -> str:
    """The password of the channel with this name; raises Misconfigured, which says where nurture looked."""
    if smtp.password_env:
        return from_environment(smtp.password_env, channel, environ)
    if smtp.password_file:
        return _from_file(project_root / smtp.password_file)
    mine = _own_settings(channel, environ)
    command = mine.get("password_command")
    if command is None:
        raise Misconfigured(
            f"Channel {channel} has a user but no password.",
            "Name an environment variable with `password_env:` or a private file with `password_file:`, or put "
            f"`password_command` under `channels: {channel}:` in {configuration_file(environ)}.",
        )
    if mine.get("host") not in (None, smtp.host):
        raise Misconfigured(
            f"Channel {channel} of this project speaks to {smtp.host}, but your own configuration "
            f"gives its password to {mine['host']} only.",
            "Is this your project? If so, set `host` there.",
        )
    return _from_command(command, channel)


def from_environment(name: str, channel: str, environ: Mapping[str, str]) -> str:
    """A secret from the variable `name`; raises Misconfigured when it is missing or not a single line."""
    try:
        text = environ[name]
    except KeyError:
        raise Misconfigured(
            f"The environment variable {name}, which channel {channel} reads its secret from, is not set.",
            f"Set {name} where `nurture run` is started; for cron and systemd, `nurture cron` says how.",
        ) from None
    return _whole(text, f"The environment variable {name}")


def variables(channels: Iterable[Channel]) -> Mapping[str, list[str]]:
    """The environment variables that the channels read secrets from, each with the names of these channels."""
    found: dict[str, list[str]] = {}
    for channel in channels:
        variable = channel.settings.secret_env
        if variable:
            found.setdefault(variable, []).append(channel.name)
    return found


def configuration_file(environ: Mapping[str, str]) -> Path:
    """The path of the user's own configuration file."""
    home = environ.get("XDG_CONFIG_HOME") or str(Path(environ.get("HOME") or "~").expanduser() / ".config")
    return Path(home) / "nurture" / "config.yml"


def _from_file(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            text = file.read(LONGEST + 2)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not text in UTF-8"
        raise Misconfigured(f"The password file {path} cannot be read: {reason}.") from None
    _private(path, status, "password file")
    return _whole(text.removesuffix("\n").removesuffix("\r"), f"The password file {path}")


def insist_on_private_variables(path: Path) -> None:
    """Raise Misconfigured if the file from which a job takes its variables exists and others can read it."""
    try:
        status = path.stat()
    except OSError:
        return
    _private(path, status, "file with the job's secrets")


def _private(path: Path, status: os.stat_result, what: str) -> None:
    if stat.S_IMODE(status.st_mode) & 0o077:
        raise Misconfigured(f"The {what} {path} can be read by others.", f"Run: chmod 600 {shlex.quote(str(path))}")
    if status.st_uid not in (os.geteuid(), 0):
        raise Misconfigured(f"The {what} {path} belongs to somebody else.", "Make one of your own.")


def _from_command(command: str, channel: str) -> str:
    what = f"The password command of channel {channel}"
    try:
        words = shlex.split(command)
        done = subprocess.run(
            words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, timeout=COMMAND_PATIENCE, check=False
        )
    except ValueError:
        raise Misconfigured(f"{what} has a quotation mark too many or too few.") from None
    except subprocess.TimeoutExpired:
        raise Misconfigured(f"{what} took longer than {COMMAND_PATIENCE} seconds.") from None
    except (OSError, IndexError):
        raise Misconfigured(f"{what} could not be started.", "Try it in your own shell.") from None
    if done.returncode != 0:
        raise Misconfigured(f"{what} failed with code {done.returncode}.", "Try it in your own shell.")
    first = done.stdout.split(b"\n", 1)[0].removesuffix(b"\r")
    try:
        return _whole(first.decode(), f"The first line of what {what[0].lower()}{what[1:]} prints")
    except UnicodeDecodeError:
        raise Misconfigured(f"{what} printed something that is not text.") from None


def _whole(text: str, what: str) -> str:
    """The secret, if it can be one; the error repeats no word of it."""
    if not text:
        raise Misconfigured(f"{what} is empty.")
    if len(text) > LONGEST or not text.isprintable():
        raise Misconfigured(f"{what} holds a line break or another character that no password has, or is too long.")
    return text


def _own_settings(channel: str, environ: Mapping[str, str]) -> Mapping[str, str]:
    """What the user's own configuration says about the channel."""
    path = configuration_file(environ)
    try:
        with path.open(encoding="utf-8") as file:
            status = os.fstat(file.fileno())
            text = file.read()
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeError):
        raise Misconfigured(f"Your own configuration {path} cannot be read.") from None
    if stat.S_IMODE(status.st_mode) & 0o022 or status.st_uid not in (os.geteuid(), 0):
        raise Misconfigured(
            f"Your own configuration {path} can be changed by others, so its commands are not run.",
            f"Make it your own, and run: chmod go-w {shlex.quote(str(path))}",
        )
    return _channel_settings(text, path, channel)


def _channel_settings(text: str, path: Path, channel: str) -> Mapping[str, str]:
    from nurture_cli.text.nodes import MapNode, Scalar
    from nurture_cli.text.source import read_yaml

    node, diagnostics = read_yaml(text, str(path))
    if diagnostics:
        first = diagnostics[0]
        raise Misconfigured(f"Your own configuration cannot be read: {first.span}: {first.message}")
    for key in ("channels", channel):
        node = node.get(key) if isinstance(node, MapNode) else None
    if not isinstance(node, MapNode):
        return {}
    return {key.text: value.text for key, value in node.entries if isinstance(value, Scalar)}
