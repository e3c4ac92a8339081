"""Runs a command with a witness of everything that the interpreter opens: `python untrusted.py LOG WORDS…`."""

from __future__ import annotations

import json
import sys

WATCHED = (
    "open", "os.scandir", "os.listdir", "os.mkdir", "os.remove", "os.rename", "os.link", "os.symlink",
    "os.truncate", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system",
    "subprocess.Popen", "socket.connect", "socket.bind", "socket.sendto", "socket.getaddrinfo",
    "socket.gethostbyname", "sqlite3.connect", "shutil.copyfile", "shutil.move", "shutil.rmtree",
    "ctypes.dlopen", "urllib.Request",
)  # fmt: skip
seen: list[list[str]] = []


def witness(event: str, arguments: tuple[object, ...]) -> None:
    """Remember an event with what it is about."""
    if event in WATCHED:
        seen.append([event, str(arguments[0]) if arguments else ""])


def main() -> int:
    log, *words = sys.argv[1:]
    sys.addaudithook(witness)
    from nurture_cli.cli.boundary import main as command
    from nurture_cli.clock import SystemClock

    code = command(words, clock=SystemClock())
    told = list(seen)
    with open(log, "w", encoding="utf-8") as file:  # noqa: PTH123  what is witnessed is over
        json.dump(told, file)
    return code


if __name__ == "__main__":
    sys.exit(main())
