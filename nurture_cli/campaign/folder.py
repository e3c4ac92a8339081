"""The files of a project: listed by their names, read only if they are regular files inside the project."""

from __future__ import annotations

import os
import stat
from hashlib import sha256
from pathlib import Path, PurePosixPath

from nurture_cli.campaign.decode import MAX_BYTES
from nurture_cli.campaign.diagnostic import Diagnostic, Severity, Span
from nurture_cli.campaign.kinds import LONGEST_NAME, NAME
from nurture_cli.campaign.model import BodyFormat

CAMPAIGN_SUFFIXES = (".yml", ".yaml")
ASSET_SUFFIXES = tuple(f".{one}" for one in BodyFormat)
LAYOUT_MARK = "_"  # templates that begin so are layouts and parts, not assets

_LEFTOVERS = ("~", ".bak", ".orig", ".rej", ".swp", ".swo", ".tmp")  # of editors and merges


class Folder:
    """Lists and reads the files of one project, and gathers what is wrong with them."""

    def __init__(self, root: Path) -> None:
        self.found: list[Diagnostic] = []
        self.sources: dict[str, str] = {}  # text of every file read
        self._root = root
        self._real = os.path.realpath(root)
        self._digests: list[tuple[str, bytes]] = []

    @property
    def hash(self) -> str:
        """A hash of the names and contents of all files read."""
        whole = sha256()
        for file, digest in sorted(self._digests):
            whole.update(file.encode("utf-8", "surrogateescape") + b"\0" + digest)
        return whole.hexdigest()

    def files(self, folder: str, suffixes: tuple[str, ...]) -> dict[str, str]:
        """The files of a folder that are ours, by stem; of layouts and parts by their whole name."""
        files: dict[str, str] = {}
        for entry in self._entries(folder, suffixes):
            file = f"{folder}/{entry}"
            stem, suffix = PurePosixPath(entry).stem, PurePosixPath(entry).suffix
            if entry.startswith((".", "#")) or entry.endswith(_LEFTOVERS) or stem.lower() == "readme":
                continue
            if suffix.lower() not in suffixes:
                self._ignored(file, suffixes)
                continue
            if suffix not in suffixes or not NAME.match(stem.removeprefix(LAYOUT_MARK)) or len(stem) > LONGEST_NAME:
                message = f"A file cannot be called `{_shown(entry)}` here."
                help = (
                    f"Use small letters a-z, digits, `-` and `_`, at most {LONGEST_NAME}, and the ending {suffixes[0]}."
                )
                self._error("bad-name", file, message, help)
                continue
            name = entry if stem.startswith(LAYOUT_MARK) else stem
            if name in files:
                message = f"This file and {files[name]} would have one name, `{name}`."
                self._error("same-name", file, message, "Rename one of them.")
            files.setdefault(name, file)
        return files

    def read(self, file: str) -> bytes | None:
        """The bytes of a regular file inside the project; None after saying why not."""
        path = self._root / file
        try:
            if path.is_symlink() and not self._inside(path):
                self._error("outside-project", file, "This link leads out of the project.", "Copy the file into it.")
                return None
            if not stat.S_ISREG(path.stat().st_mode):
                self._error("not-a-file", file, "This is not a regular file.", "Put a text file in its place.")
                return None
            handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # what it is now must not hold us up
            with os.fdopen(handle, "rb") as stream:
                size = os.fstat(handle).st_size
                if size > MAX_BYTES:
                    message = f"This file has {size:,} bytes; the most that is read is {MAX_BYTES:,}."
                    self._error("too-large", file, message, "Split it.")
                    return None
                data = stream.read(MAX_BYTES + 1)
        except FileNotFoundError:
            self._error("unreadable-file", file, "This file is missing.", "Restore it, or repair the link to it.")
            return None
        except OSError as error:
            self._error("unreadable-file", file, f"This file cannot be read: {error.strerror}.")
            return None
        self._digests.append((file, sha256(data).digest()))
        self.sources[file] = data.decode("utf-8-sig", "replace").replace("\r\n", "\n").replace("\r", "\n")
        return data

    def _entries(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """The names in a folder, sorted; not those of folders in it, unless they are called like files of ours."""
        path = self._root / folder
        if path.is_symlink() and not self._inside(path):
            self._error("outside-project", folder, "This link leads out of the project.", "Make it a folder.")
            return []
        try:
            with os.scandir(path) as entries:
                return sorted(entry.name for entry in entries if entry.name.endswith(suffixes) or not entry.is_dir())
        except FileNotFoundError:
            return []
        except OSError as error:
            self._error("unreadable-file", folder, f"This folder cannot be read: {error.strerror}.")
            return []

    def _inside(self, path: Path) -> bool:
        real = os.path.realpath(path)
        return os.path.commonpath([real, self._real]) == self._real

    def _ignored(self, file: str, suffixes: tuple[str, ...]) -> None:
        message = "This file is not read: the names of files here end in " + ", ".join(suffixes) + "."
        self.found.append(Diagnostic("ignored-file", Severity.NOTE, _top(file), message, "Rename it, or move it."))

    def _error(self, rule: str, file: str, message: str, help: str | None = None) -> None:
        self.found.append(Diagnostic(rule, Severity.ERROR, _top(file), message, help))


def _top(file: str) -> Span:
    """The beginning of a file, whose name may hold anything."""
    return Span(_shown(file), 1, 1, 1)


def _shown(name: str) -> str:
    """A file's name as it may be printed."""
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in name)
