"""The files of a project: listed by their names, read only if they are regular files in their own folder."""

from __future__ import annotations

import os
from hashlib import sha256
from itertools import islice
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from nurture_cli.campaign.fingerprint import MOST_FILES
from nurture_cli.campaign.keys.kinds import LONGEST_NAME, NAME
from nurture_cli.campaign.model import BodyFormat
from nurture_cli.places import CONFIG_FILE
from nurture_cli.text.decode import MAX_BYTES
from nurture_cli.text.diagnostic import Diagnostic, Severity, Span
from nurture_cli.text.files import LeadsAway, NotAFile, open_file, open_folder, open_root

CAMPAIGN_SUFFIXES = (".yml", ".yaml")
ASSET_SUFFIXES = tuple(f".{one}" for one in BodyFormat)
LAYOUT_MARK = "_"  # templates that begin so are layouts and parts, not assets

MOST_BYTES = 20_000_000  # far more than people write, and little enough for a stranger's files

_LEFTOVERS = ("~", ".bak", ".orig", ".rej", ".swp", ".swo", ".tmp")  # of editors and merges


class Folder:
    """Lists and reads the files of one project, and gathers what is wrong with them; close it after use."""

    def __init__(self, root: Path) -> None:
        self.found: list[Diagnostic] = []
        self.sources: dict[str, str] = {}  # text of every file read
        self._root = os.path.abspath(root)  # noqa: PTH100  a link to the project is followed when it is opened
        self._open: dict[str, int | None] = {"": None}  # folder -> descriptor; None: cannot be read
        self._digests: list[tuple[str, bytes]] = []
        self._bytes = 0
        try:
            self._open[""] = open_root(self._root)
        except OSError as error:
            self._error("unreadable-file", CONFIG_FILE, f"The folder of the project cannot be read: {error.strerror}.")

    def __enter__(self) -> Folder:
        return self

    def __exit__(self, *exception: object) -> None:
        for handle in self._open.values():
            if handle is not None:
                os.close(handle)

    @property
    def hash(self) -> str:
        """A hash of the names and contents of all files read."""
        whole = sha256()
        for file, digest in sorted(self._digests):
            whole.update(file.encode("utf-8", "surrogateescape") + b"\0" + digest)
        return whole.hexdigest()

    def files(self, folder: str, suffixes: tuple[str, ...]) -> dict[str, str]:
        """The project files in a folder, by stem; layouts and parts by their whole name."""
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
                    f"Use lowercase letters a-z, digits, `-` and `_`, at most {LONGEST_NAME},"
                    f" and the ending {suffixes[0]}."
                )
                self._error("bad-name", file, message, help)
                continue
            name = entry if stem.startswith(LAYOUT_MARK) else stem
            if name in files:
                message = f"This file and {files[name]} would have the same name, `{name}`."
                self._error("same-name", file, message, "Rename one of them.")
            files.setdefault(name, file)
        return files

    def read(self, file: str) -> bytes | None:
        """The bytes of a regular file of the project's own; None after saying why not."""
        folder, _, name = file.rpartition("/")
        above = self._opened(folder)
        if above is None:
            return None
        try:
            handle = open_file(name, above, str(PurePosixPath(self._root) / folder))
            with os.fdopen(handle, "rb") as stream:
                data = self._within_bounds(file, stream, os.fstat(handle).st_size)
        except LeadsAway as link:
            message = f"This is a link to `{_shown(link.target)}`; nurture follows only a link to a file beside it."
            self._error("outside-folder", file, message, "Put a copy of the file here.")
            return None
        except NotAFile:
            self._error("not-a-file", file, "This is not a regular file.", "Put a text file in its place.")
            return None
        except FileNotFoundError:
            self._error("unreadable-file", file, "This file is missing.", "Restore it, or repair the link to it.")
            return None
        except OSError as error:
            self._error("unreadable-file", file, f"This file cannot be read: {error.strerror}.")
            return None
        if data is not None:
            self._digests.append((file, sha256(data).digest()))
            text = data.decode("utf-8-sig", "replace")
            self.sources[file] = text.replace("\r\n", "\n").replace("\r", "\n")
        return data

    def _within_bounds(self, file: str, stream: BinaryIO, size: int) -> bytes | None:
        if size > MAX_BYTES:
            message = f"This file has {size:,} bytes; the limit is {MAX_BYTES:,}."
            self._error("too-large", file, message, "Split it.")
            return None
        data = stream.read(MAX_BYTES + 1)
        self._bytes += len(data)
        if self._bytes > MOST_BYTES:
            message = f"The files of the project have more than {MOST_BYTES:,} bytes; this one is not read."
            self._error("too-large", file, message, "Move files that are no longer used out of the project.")
            return None
        return data

    def _opened(self, folder: str) -> int | None:
        """The descriptor of the root or of a folder in it; None, once with the reason, when it cannot be read."""
        root = self._open[""]
        if folder not in self._open:
            self._open[folder] = None
            try:
                self._open[folder] = None if root is None else open_folder(folder, root)
            except FileNotFoundError:
                pass
            except LeadsAway as link:
                message = f"This is a link to `{_shown(link.target)}`; nurture follows no links to folders."
                self._error("outside-folder", folder, message, "Make it a folder.")
            except OSError as error:
                self._error("unreadable-file", folder, f"This folder cannot be read: {error.strerror}.")
        return self._open[folder]

    def _entries(self, folder: str, suffixes: tuple[str, ...]) -> list[str]:
        """The names in a folder, sorted, without folders, unless they are named like project files."""
        handle = self._opened(folder)
        if handle is None:
            return []
        try:
            with os.scandir(handle) as entries:
                names = [
                    entry.name
                    for entry in islice(entries, MOST_FILES + 1)
                    if entry.name.endswith(suffixes) or not entry.is_dir(follow_symlinks=False)
                ]
        except OSError as error:  # relative to a descriptor, so it names nothing alone
            raise OSError(error.errno, error.strerror, str(PurePosixPath(self._root) / folder)) from error
        if len(names) > MOST_FILES:
            message = f"This folder has more than {MOST_FILES:,} files, and none of them is read."
            self._error("too-large", folder, message, "Move files that are no longer used out of the project.")
            return []
        return sorted(names)

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
