"""The tests of the rules stand on fragments; these are about the fragments."""

from __future__ import annotations

from pathlib import Path

from tests.check.fragments import BASE, build


def test_a_key_of_a_fragment_replaces_that_of_the_base(tmp_path: Path) -> None:
    build(tmp_path, "# campaigns/example.yml\nexit:\n  when: replied()\n")

    text = (tmp_path / "campaigns" / "example.yml").read_text()
    assert "exit:\n  when: replied()\npace:" in text
    assert "customer" not in text


def test_a_key_under_sender_replaces_only_that_one(tmp_path: Path) -> None:
    build(tmp_path, "# nurture.yml\nsender:\n  address: a@example.com\n")

    text = (tmp_path / "nurture.yml").read_text()
    assert "  name: Ines Example\n  address: a@example.com\n  postal_address:" in text


def test_a_file_that_the_base_lacks_begins_as_a_copy(tmp_path: Path) -> None:
    build(tmp_path, "# templates/extra.md\ntitle: One more\n# campaigns/other.yml\npriority: 7\n")

    assert (tmp_path / "templates" / "extra.md").read_text().startswith("---\ntitle: One more\nkind: article\n")
    assert (tmp_path / "campaigns" / "other.yml").read_text().startswith("campaign: other\n")


def test_a_body_below_the_keys_replaces_the_body(tmp_path: Path) -> None:
    build(tmp_path, "# templates/hello.md\nsubject: New\n---\nThe body.\n")

    text = (tmp_path / "templates" / "hello.md").read_text()
    assert text.endswith("---\nThe body.\n")
    assert "subject: New\n" in text


def test_a_whole_file_replaces_the_file(tmp_path: Path) -> None:
    whole = (BASE / "campaigns" / "library.yml").read_text()
    build(tmp_path, f"# campaigns/example.yml\n{whole}")

    assert (tmp_path / "campaigns" / "example.yml").read_text() == whole
