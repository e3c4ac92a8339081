"""What `check` and `plan --contacts` can reach when they look at files that a stranger proposes, as in CI."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path

import pytest

import nurture_cli
from nurture_cli.campaign.fingerprint import MOST_FILES
from nurture_cli.campaign.folder import MOST_BYTES
from nurture_cli.check import MOST_ALIKE
from nurture_cli.text.decode import MAX_BYTES
from nurture_cli.text.source import MAX_DEPTH, MAX_VALUES

SECRET = "canary-93c1d7"
SCRIPT = Path(__file__).with_name("untrusted.py")
PROJECT_FILES = {"nurture.yml", "campaigns", "templates"}
PLAN = ("plan", "--contacts", "../contacts.csv", "--events", "../events.csv", "--at", "2026-03-03T10:00")
LIBRARIES = tuple(
    os.path.realpath(place) + "/"
    for place in {sys.prefix, sys.base_prefix, Path(nurture_cli.__file__).parent, *sysconfig.get_paths().values()}
)
SYSTEM = (
    "/etc/localtime",
    "/usr/share/zoneinfo",
    "/usr/lib/zoneinfo",
    "/usr/share/locale",
    "/usr/lib/locale",
    "/dev/null",
)


@dataclass(frozen=True)
class Seen:
    """How a command ended, what it printed, and what it reached for."""

    code: int
    said: bytes
    events: list[tuple[str, str]]


@pytest.fixture
def checkout(shop: Path) -> Path:
    """The shop as somebody proposes it, with secrets of the machine all around."""
    (shop / "nurture.key").write_text(SECRET)
    (shop / "nurture.db").write_text(SECRET)
    (shop / ".git").mkdir()
    (shop / ".git" / "config").write_text(f"[remote]\n\turl = https://ci:{SECRET}@git.internal/shop\n")
    (shop / ".env").write_text(f"RELAY_PASSWORD={SECRET}\n")
    (shop.parent / "home").mkdir()
    (shop.parent / "home" / ".netrc").write_text(f"machine git.internal password {SECRET}\n")
    (shop.parent / "contacts.csv").write_text(
        "email,first_name,tags,consent,consent_basis,consent_source\nann@firm.example,Ann,fair,express,form,fair\n"
    )
    (shop.parent / "events.csv").write_text("email,kind,at\nann@firm.example,visited,2026-03-01\n")
    text = (shop / "nurture.yml").read_text()
    relay = "{type: smtp, host: relay.internal, user: ada, password_env: RELAY_PASSWORD}"
    hook = "{type: webhook, url: 'https://hook.internal/x', secret_env: HOOK_SECRET}"
    (shop / "nurture.yml").write_text(text.replace("{type: outbox}", relay + f", hook: {hook}"))
    return shop


def watch(shop: Path, *words: str) -> Seen:
    """Run a command of nurture in a process with secrets in its environment, and a witness."""
    log = shop.parent / "events.json"
    environment = {
        "PATH": os.environ["PATH"], "PYTHONPATH": str(Path(nurture_cli.__file__).parents[1]),
        "HOME": str(shop.parent / "home"), "TZ": "Europe/Berlin",
        "RELAY_PASSWORD": SECRET, "HOOK_SECRET": SECRET, "CI_JOB": SECRET, "PYTHONDONTWRITEBYTECODE": "1",
    }  # fmt: skip
    ran = subprocess.run(
        [sys.executable, str(SCRIPT), str(log), *words], cwd=shop, env=environment, capture_output=True, timeout=300
    )
    events = [(event, about) for event, about in json.loads(log.read_text())]
    return Seen(ran.returncode, ran.stdout + ran.stderr, events)


def reached(seen: Seen, shop: Path) -> list[tuple[str, str]]:
    """What is neither the project's own nor the interpreter's."""
    own = {os.path.realpath(shop), *(os.path.realpath(shop.parent / name) for name in ("contacts.csv", "events.csv"))}
    names = {file.name for folder in ("campaigns", "templates") for file in (shop / folder).iterdir()} | PROJECT_FILES

    def allowed(event: str, about: str) -> bool:
        if event == "sqlite3.connect":
            return about == ""  # one that SQLite keeps to itself
        if event == "ctypes.dlopen":
            return True
        if event not in ("open", "os.scandir", "os.listdir"):
            return False
        if about.isdecimal():  # a descriptor that was opened before
            return True
        if "/" not in about:
            return about in names  # below a descriptor of the project or of one of its folders
        real = os.path.realpath(shop / about)
        return real in own or (real + "/").startswith(LIBRARIES) or real.startswith(SYSTEM)

    return [(event, about) for event, about in seen.events if not allowed(event, about)]


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "--format", "json"),
        ("check", "--format", "github"),
        (*PLAN, "--text"),
        (*PLAN, "--json"),
    ],
    ids=lambda words: " ".join(words[:1] + words[-1:]),
)
def test_a_look_at_a_project_reads_its_files_and_nothing_else(checkout: Path, words: tuple[str, ...]) -> None:
    seen = watch(checkout, *words)

    assert reached(seen, checkout) == []
    assert ("open", "nurture.yml") in seen.events
    assert seen.code == 0, seen.said
    assert SECRET.encode() not in seen.said


@pytest.mark.parametrize(
    "words", [("check",), ("check", "--format", "json"), ("check", "--format", "github"), (*PLAN, "--text")],
    ids=lambda words: " ".join(words[:1] + words[-1:]),
)  # fmt: skip
def test_links_that_somebody_proposes_show_nothing_of_where_they_lead(checkout: Path, words: tuple[str, ...]) -> None:
    for name, target in (
        ("templates/_k.txt", "../nurture.key"), ("templates/k.md", "../nurture.key"), ("templates/_e.html", "../.env"),
        ("templates/db.txt", "../nurture.db"), ("templates/p.txt", "/proc/self/environ"), ("campaigns/up", "../.."),
        ("campaigns/x.yml", "../.git/config"), ("campaigns/home.yml", "../../home/.netrc"),
    ):  # fmt: skip
        (checkout / name).symlink_to(target)
    (checkout / "templates" / "welcome.md").write_text(
        "---\ntitle: W\nsubject: W\n---\n"
        "{% include '_k.txt' %} {% include '../nurture.key' %} {% include '/etc/passwd' %}\n"
    )
    (checkout / "campaigns" / "y.yml").write_text("campaign: !!python/name:os.environ x\n&a [*a]\n")

    seen = watch(checkout, *words)

    assert reached(seen, checkout) == []
    assert seen.code == 1
    assert SECRET.encode() not in seen.said
    assert b"../nurture.key" in seen.said


def test_a_list_of_contacts_that_is_a_link_is_not_followed(checkout: Path) -> None:
    (checkout / "list.csv").symlink_to(".git/config")

    seen = watch(checkout, "plan", "--contacts", "list.csv")

    assert seen.code == 2
    assert b"list.csv is a link to .git/config" in seen.said
    assert reached(seen, checkout) == []
    assert SECRET.encode() not in seen.said


def test_the_page_on_ci_tells_the_limits_as_they_are() -> None:
    page = (Path(__file__).parents[2] / "docs" / "ci.md").read_text()
    limits = {
        "one file": MAX_BYTES, "values in one YAML file, aliases written out": MAX_VALUES,
        "levels of nesting": MAX_DEPTH, "files in a folder": MOST_FILES, "all files of a project": MOST_BYTES,
        "findings of one rule in one file": MOST_ALIKE,
    }  # fmt: skip

    assert [what for what, limit in limits.items() if f"| {what} | {limit:,}" not in page] == []


MONSTROUS = (
    "{{ a.b }} ",
    "[a](",
    "<!--",
    "{#",
    "{{",
    "{% raw %}",
    "{% include 'x' %}",
    "mailto:",
    "> ",
    "href=x ",
    "[name] ",
    "TODO ",
    "``a ",
    "(",
)


@pytest.mark.slow
@pytest.mark.parametrize("form", ["md", "html", "txt"])
def test_monstrous_templates_take_little_time_and_memory(checkout: Path, form: str) -> None:
    for number, piece in enumerate(MONSTROUS):
        body = piece * (25_000 // len(piece))
        (checkout / "templates" / f"m{number}.{form}").write_text(f"---\ntitle: M\nsubject: M\n---\n{body}\n")

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (6, 6))  # as strict as 120 for eight times the text
        resource.setrlimit(resource.RLIMIT_AS, (300_000_000, 300_000_000))

    ran = subprocess.run(
        [sys.executable, "-m", "nurture_cli", "check"], cwd=checkout, capture_output=True, preexec_fn=bounded
    )

    assert ran.returncode == 1, ran.stderr[-500:]
    assert len(ran.stdout) < 3_000_000
