"""Recording events, by hand and from files, and planning on files alone."""

import json
from pathlib import Path

import pytest

from nurture_cli.clock import SteppingClock
from nurture_cli.keys import read_keys
from tests.conftest import AddPerson, Nurture

EVENTS = "email,kind,asset,at,id\nann@example.com,attended,fair,2026-03-02T10:00,1\n"
CONTACTS = "email,first_name,consent,consent_basis,consent_source,tags\nann@example.com,Ann,express,form,fair,fair\n"


def story(nurture: Nurture, shop: Path, noun: str = "events") -> list[dict[str, object]]:
    """What is kept about Ann."""
    return list(json.loads(nurture("contacts", "show", "ann@example.com", "--json", cwd=shop).out)[noun])


def test_an_event_is_recorded_once(nurture: Nurture, shop: Path, person: AddPerson, clock: SteppingClock) -> None:
    person("ann@example.com")
    words = ["events", "add", "ann@example.com", "clicked", "welcome", "--at", "2026-03-02 09:00"]

    first = nurture(*words, cwd=shop)
    clock.advance(60)
    again = nurture(*words, cwd=shop)

    assert (first.code, first.err) == (0, "ann@example.com clicked welcome is recorded.\n")
    assert (again.code, again.err) == (0, "ann@example.com clicked welcome was recorded already.\n")
    (event,) = story(nurture, shop)
    assert (event["kind"], event["asset"], event["at"]) == ("clicked", "welcome", "2026-03-02T09:00:00+01:00")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["clickd", "welcome"], "Did you mean clicked?"),
        (["requested", "welcom"], "Did you mean welcome?"),
        (["clicked", "welcome", "--at", "soon"], "--at:"),
        (["clicked", "welcome", "--at", "2027-03-02"], "in the future"),
        (["clicked", "a\x1b[2J"], "Control characters"),
    ],
)
def test_an_event_that_cannot_be_is_refused(
    nurture: Nurture, shop: Path, person: AddPerson, words: list[str], said: str
) -> None:
    person("ann@example.com")

    answer = nurture("events", "add", "ann@example.com", *words, cwd=shop)

    assert answer.code == 2
    assert said in answer.err
    assert story(nurture, shop) == []


def test_an_asset_that_is_none_of_ours_is_kept_and_said(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com")

    answer = nurture("events", "add", "ann@example.com", "visited", "wellcome", cwd=shop)

    assert answer.code == 0
    assert "did you mean welcome?" in answer.err
    assert len(story(nurture, shop)) == 1


def test_an_unsubscription_holds_at_once(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com", "fair")

    nurture("events", "add", "ann@example.com", "unsubscribed", cwd=shop)

    assert story(nurture, shop, "suppressions")[0]["reason"] == "unsubscribed"
    assert nurture("run", cwd=shop).out == ""


def test_events_are_imported_once_whatever_their_form(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("ann@example.com")
    (tmp_path / "events.csv").write_text(EVENTS + "nobody@example.com,attended,fair,2026-03-02T10:00,2\n")
    (tmp_path / "events.jsonl").write_text(
        '{"email": "ann@example.com", "kind": "attended", "asset": "fair", "at": "2026-03-02T10:00", "id": "1"}\n'
    )

    preview = nurture("events", "import", tmp_path / "events.csv", "--preview", cwd=shop)
    first = nurture("events", "import", tmp_path / "events.csv", "--json", cwd=shop)
    again = nurture("events", "import", tmp_path / "events.jsonl", "--json", cwd=shop)

    assert (preview.code, first.code, again.code) == (1, 1, 0)
    assert (json.loads(first.out)["counts"]["new"], json.loads(first.out)["counts"]["skipped"]) == (1, 1)
    assert json.loads(again.out)["counts"]["same"] == 1
    assert "nobody@example.com" in (tmp_path / "events.csv.rejects.csv").read_text()
    assert len(story(nurture, shop)) == 1


def test_an_export_of_another_system_is_mapped_with_flags(
    nurture: Nurture, shop: Path, person: AddPerson, tmp_path: Path
) -> None:
    person("ann@example.com")
    (tmp_path / "webinar.csv").write_text("Attendee,Join Time\nann@example.com,2026-03-02 18:00\n")
    flags = ["--email", "Attendee", "--map", "Join Time=at", "--set", "kind=attended", "--set", "asset=guide"]

    answer = nurture("events", "import", tmp_path / "webinar.csv", *flags, cwd=shop)

    assert answer.code == 0
    (event,) = story(nurture, shop)
    assert (event["kind"], event["asset"], event["at"]) == ("attended", "guide", "2026-03-02T18:00:00+01:00")


def test_a_plan_can_be_made_from_files_without_database_and_key(nurture: Nurture, shop: Path, tmp_path: Path) -> None:
    for name in ("nurture.db", "nurture.key"):
        (shop / name).unlink()
    fair = (shop / "campaigns/fair.yml").read_text()
    (shop / "campaigns/fair.yml").write_text(
        fair.replace('when: tag("fair"), backfill: true', 'when: attended("fair"), backfill: false').replace(
            "title: After", "# nurture: allow unknown\ntitle: After"
        )
    )
    (shop / "templates/fair.md").write_text((shop / "templates/guide.md").read_text())
    (tmp_path / "contacts.csv").write_text(CONTACTS + "no address,Bob,express,form,fair,\n")
    (tmp_path / "events.csv").write_text(EVENTS)
    before = sorted(path.name for path in shop.iterdir())
    files = ["--contacts", tmp_path / "contacts.csv", "--events", tmp_path / "events.csv"]

    answer = nurture("plan", *files, "--exit-code", "--json", cwd=shop)

    head, due = map(json.loads, answer.out.splitlines())
    assert answer.code == 5
    assert (head["due"], due["email"], due["asset"]) == (1, "ann@example.com", "welcome")
    assert "1 row left out" in answer.err
    assert sorted(path.name for path in shop.iterdir()) == before


def test_events_without_contacts_and_two_databases_are_wrong_usage(
    nurture: Nurture, shop: Path, tmp_path: Path
) -> None:
    for name in ("c.csv", "e.csv"):
        (tmp_path / name).write_text("email\n")

    assert nurture("plan", "--events", tmp_path / "e.csv", cwd=shop).code == 2
    assert nurture("plan", "--contacts", tmp_path / "c.csv", "--db", "x.db", cwd=shop).code == 2
    assert nurture("plan", "--contacts", tmp_path / "none.csv", cwd=shop).code == 74


def test_an_unsubscription_of_a_stranger_is_kept_for_the_day_on_which_they_become_a_contact(
    nurture: Nurture, shop: Path, person: AddPerson
) -> None:
    first = nurture("events", "add", "ann@example.com", "unsubscribed", cwd=shop)
    again = nurture("events", "add", "ann@example.com", "unsubscribed", cwd=shop)
    visited = nurture("events", "add", "ann@example.com", "visited", cwd=shop)
    person("ann@example.com", "fair")

    assert (first.code, first.err) == (
        0, "ann@example.com is not a contact; the address is suppressed all the same (unsubscribed).\n",
    )  # fmt: skip
    assert again.err == "ann@example.com is not a contact; the address is suppressed already.\n"
    assert (visited.code, visited.err.splitlines()[0]) == (2, "error: There is no contact ann@example.com.")
    assert nurture("run", cwd=shop).out == ""


def test_a_bounce_suppresses_when_it_is_hard(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com")

    soft = nurture("events", "add", "ann@example.com", "bounced", "--bounce", "soft", cwd=shop)
    plain = nurture("events", "add", "ann@example.com", "bounced", cwd=shop)
    before = story(nurture, shop, "suppressions")
    hard = nurture("events", "add", "ann@example.com", "bounced", "--bounce", "Permanent", cwd=shop)
    stranger = nurture("events", "add", "bob@example.com", "bounced", "--bounce", "hard", cwd=shop)

    assert (soft.code, plain.code, hard.code, stranger.code, before) == (0, 0, 0, 0, [])
    assert story(nurture, shop, "suppressions")[0]["reason"] == "hard-bounce"
    assert "suppressed all the same (hard-bounce)" in stranger.err
    for words in (["bounced", "--bounce", "hardly"], ["clicked", "--bounce", "hard"]):
        wrong = nurture("events", "add", "ann@example.com", *words, cwd=shop)
        assert wrong.code == 2
        assert "--bounce is only for `bounced`" in wrong.err


def test_a_link_of_a_mail_says_whose_event_it_is(nurture: Nurture, shop: Path, person: AddPerson) -> None:
    person("ann@example.com")
    keys = read_keys(shop)
    token = keys.unsubscribe_token(keys.address_hash("ann@example.com"), "c/1/1/1")
    link = f"https://shop.example/unsubscribe/{token}?utm_source=mail"

    assert nurture("events", "add", link, "unsubscribed", cwd=shop).err == "ann@example.com unsubscribed is recorded.\n"
    assert story(nurture, shop, "suppressions")[0]["reason"] == "unsubscribed"
