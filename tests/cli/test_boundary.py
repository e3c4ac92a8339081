import errno
import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from nurture_cli import errors
from nurture_cli.cli import boundary, output
from nurture_cli.clock import FixedClock
from nurture_cli.exit_code import ExitCode
from tests.conftest import A_TUESDAY_MORNING, Nurture

Outcome = tuple[int, str, str]


@pytest.fixture
def ending_with(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Outcome]:
    """The code and the words of a command that ends with an exception."""

    def run(error: BaseException, *words: str) -> Outcome:
        def invoke(*_: object) -> int:
            raise error

        monkeypatch.setattr(boundary, "_invoke", invoke)
        code = boundary.main(words or ("status",), clock=FixedClock(A_TUESDAY_MORNING))
        return code, *capsys.readouterr()

    return run


KINDS = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, errors.NurtureError)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_an_error_is_its_sentence_its_hint_and_its_code(
    ending_with: Callable[..., Outcome], kind: type[errors.NurtureError]
) -> None:
    code, out, err = ending_with(kind("The thing is broken.", "Mend it."))

    assert (code, out, err) == (kind.exit_code, "", "error: The thing is broken.\nhelp: Mend it.\n")
    assert code in set(ExitCode)


def test_a_sentence_with_data_in_it_cannot_colour_the_terminal(ending_with: Callable[..., Outcome]) -> None:
    _, _, err = ending_with(errors.Refused("There is no \x1b[2J\u202e."))

    assert err == "error: There is no \\x1b[2J\\u202e.\n"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (KeyboardInterrupt(), 130),
        (boundary.Stopped(ExitCode.TERMINATED), 143),
        (output.ReaderGone(), 0),
        (EOFError(), 2),
    ],
    ids=repr,
)
def test_the_ways_to_be_stopped_have_their_codes(
    ending_with: Callable[..., Outcome], error: BaseException, code: int
) -> None:
    assert ending_with(error)[0] == code


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EACCES, errno.EMFILE, errno.EIO])
def test_trouble_with_a_file_is_said_with_its_name(
    ending_with: Callable[..., Outcome], tmp_path: Path, number: int
) -> None:
    file = str(tmp_path / "x.csv")

    code, _, err = ending_with(OSError(number, os.strerror(number), file))

    assert (code, err) == (74, f"error: {file}: {os.strerror(number)}.\n")


def test_a_fault_of_ours_leaves_a_private_log_without_addresses_secrets_or_variables(
    ending_with: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "nurture.yml").touch()
    (tmp_path / ".nurture").mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RELAY_LOGIN", "canary-s3cret")

    code, out, err = ending_with(
        RuntimeError("lost canary-ann@example.com, canary-s3cret"),
        "explain",
        "canary-bob@example.com",
        "--campaign=secret-plans",
    )

    (log,) = (tmp_path / ".nurture").iterdir()
    assert code == 70
    assert out == ""
    assert str(log) in err
    assert "Traceback" not in err
    text = log.read_text()
    assert "RuntimeError: lost <address>, <from the environment>" in text
    assert "command: nurture explain" in text
    assert "test_boundary.py" in text
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    for secret in ("canary", "secret-plans"):
        assert secret not in err.replace(str(tmp_path), "")
        assert secret not in text.replace("<from", "").replace('canary-s3cret")', "")


def test_outside_a_project_the_log_goes_to_the_folder_for_temporary_files(
    ending_with: Callable[..., Outcome], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))

    assert ending_with(RuntimeError("x"))[0] == 70
    assert [path.name.startswith("nurture-fault-") for path in tmp_path.iterdir()] == [True]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("rum",), "There is no command `rum`. Did you mean `nurture run`?"),
        (("zzzz",), "There is no command `zzzz`.\n"),
        (("send",), "There is no command `send`. Mails are sent by `nurture run`."),
        (("SEND",), "There is no command `SEND`. Mails are sent by `nurture run`."),
        (("sned",), "There is no command `sned`. Mails are sent by `nurture run`."),
        (("import", "leads.csv"), "Contacts come in with `nurture contacts import FILE`"),
        (("validate",), "`nurture check` checks the project's files."),
        (("dry-run",), "`nurture plan` shows what a run would do"),
        (("help", "sned"), "There is no command `sned`. Mails are sent by `nurture run`."),
        (("help", "contacts", "foo"), "There is no command `nurture contacts foo`. Choose from: add, export,"),
        (("version", "now"), "There is no command `version`"),
        (("--no-such",), "No such option: --no-such"),
        (("cron", "--every", "often"), "Invalid value for '--every': 'often' is not a valid int"),
        (("cron", "extra"), "Got unexpected extra argument(s) (extra)"),
    ],
)
def test_wrong_words_are_answered_with_a_sentence_and_code_2(
    nurture: Nurture, words: tuple[str, ...], said: str
) -> None:
    answer = nurture(*words)

    assert answer.code == 2
    assert said in answer.err
    assert "--help` shows how to use it." in answer.err
    assert answer.out == ""


def test_without_words_the_help_is_shown_and_the_code_is_2(nurture: Nurture) -> None:
    answer = nurture()

    assert answer.code == 2
    assert "Usage: nurture" in answer.err


def test_signal_handlers_are_put_back(nurture: Nurture) -> None:
    before = signal.getsignal(signal.SIGTERM)

    nurture("--version")

    assert signal.getsignal(signal.SIGTERM) is before


def test_the_log_goes_to_the_project_that_was_named(ending_with: Callable[..., Outcome], tmp_path: Path) -> None:
    (tmp_path / "nurture.yml").touch()
    (tmp_path / ".nurture").mkdir()

    ending_with(RuntimeError("x"), "status", "--project", str(tmp_path))

    assert len(list((tmp_path / ".nurture").iterdir())) == 1
