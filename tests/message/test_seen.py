"""Every mail of the example and of a new project, and one with all that a mail can have, seen in a browser."""

from __future__ import annotations

import re
from collections.abc import Mapping
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Literal

import pytest

from nurture_cli.keys import Keys
from nurture_cli.message.render import Renderer
from nurture_cli.project import Project, load_project
from nurture_cli.records import Contact
from tests.conftest import Nurture
from tests.message.browser import DESKTOP, PHONE, installed, measured
from tests.message.workshop import AT, Workshop, asset, part

BROWSER = installed()
pytestmark = pytest.mark.skipif(BROWSER is None, reason="Chromium is not installed: no mail is looked at in a browser")

READABLE = 4.5  # contrast, what WCAG asks for at level AA
READER = Contact(
    id=1, email="ann@plant.example", address_hash=b"ann at the plant", stage="customer", stage_at=0, first_name="Ann",
    company="Plant & Sons", fields={"sites": 2.0, "renewal": "2026-12-01", "employees": 250.0},
)  # fmt: skip
LONG = "https://acme.example/" + "a-path-that-never-ends/" * 12
EVERYTHING = f"""\
# A heading

![A wide picture](https://acme.example/wide.png)

<img src="https://acme.example/wide.png" alt="A wide picture with its size" width="2000" height="500">

Hello {{{{ contact.first_name }}}}, read {LONG} and
[this]({LONG}).

{"AVeryLongWord" * 20}

| one | two | three | four | five | six | seven | eight |
| --- | ---: | --- | --- | --- | --- | --- | --- |
| {" | ".join(["Geschwindigkeitsbegrenzung"] * 8)} |

> A quotation of {LONG}

1. A list
   - with `code` and `{"code" * 30}`

```
{"a line of code that is longer than any screen " * 5}
```

---

Best,
Ann
"""


@pytest.fixture
def mails(nurture: Nurture, tmp_path: Path) -> dict[str, str]:
    """The HTML parts, by name."""
    found = {"everything": Workshop().html(EVERYTHING), "in Arabic": Workshop().html(asset(EVERYTHING, language="ar"))}
    for words in (["init", "new"], ["init", "example", "--example"]):
        made = nurture(*words, cwd=tmp_path)
        assert made.code == 0, made.err
        found |= html_of(load_project(tmp_path / words[1]))
    return found


def html_of(project: Project) -> dict[str, str]:
    """The HTML part of each mail of a project that has one."""
    renderer = Renderer(project, Keys(b"s" * 32))
    assert project.config is not None
    found = {}
    for name, made in project.assets.items():
        if made.channel == "mail" and made.format != "txt":
            data = renderer.message(made, READER, key=f"seen/{name}", at=AT).data
            mail = message_from_bytes(data, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            found[f"{project.root.name}: {name}"] = part(mail, "html")
    return found


def seen(mails: Mapping[str, str], folder: Path, width: int, scheme: Literal["light", "dark"]) -> dict[str, Any]:
    assert BROWSER is not None
    found = measured(BROWSER, mails, folder, width=width, scheme=scheme)
    assert found.keys() == mails.keys()
    assert len(found) > 20
    assert {one["dark"] for one in found.values()} == {scheme == "dark"}
    return found


@pytest.mark.parametrize("width", [PHONE, DESKTOP])
def test_no_mail_is_wider_than_the_screen(mails: dict[str, str], tmp_path: Path, width: int) -> None:
    found = seen(mails, tmp_path, width, "light")

    assert {one["width"] for one in found.values()} <= {width, width - 15}  # beside a scroll bar
    assert {name: one["scrolls"] for name, one in found.items() if one["scrolls"] > one["width"]} == {}
    assert {name for name, one in found.items() if one["text"] > 600} == set()
    pictures = found["everything"]["pictures"]
    assert [alt for *_, alt in pictures] == ["A wide picture", "A wide picture with its size"]
    for natural, shown, height, _ in pictures:
        assert natural == 2000
        assert 200 < shown <= min(width, 600)
        assert height == pytest.approx(shown / 4, abs=1)
    assert all(padding >= 6 and line == "1px" for padding, line in found["everything"]["cells"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_can_be_read(mails: dict[str, str], tmp_path: Path, scheme: Literal["light", "dark"]) -> None:
    found = seen(mails, tmp_path, PHONE, scheme)

    assert {name: one["contrast"] for name, one in found.items() if one["contrast"][0] < READABLE} == {}


def test_a_mail_fits_without_its_style_sheet_too(mails: dict[str, str], tmp_path: Path) -> None:
    """Some programs remove <style>, and with it what the layout says there."""
    bare = {name: re.sub(r"<style>.*?</style>", "", html, flags=re.DOTALL) for name, html in mails.items()}
    found = seen(bare, tmp_path, PHONE, "light")

    assert "<style>" not in bare["everything"]
    assert {name: one["scrolls"] for name, one in found.items() if one["scrolls"] > one["width"]} == {}
    assert {name: one["contrast"] for name, one in found.items() if one["contrast"][0] < READABLE} == {}
