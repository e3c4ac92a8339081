"""Contacts out of a seed: the same person for the same number, on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

SEED = 20261122
FIRST_ID = 1_000_001  # seven digits for everybody, so that keys sort as numbers do and rows are added at the end

FIRST = (
    "Ann",
    "Bo",
    "Carla",
    "Dieter",
    "Eva",
    "Farid",
    "Grete",
    "Hugo",
    "Ines",
    "Jonas",
    "Katja",
    "Li",
    "Mara",
    "Nils",
)
LAST = ("Adler", "Berg", "Costa", "Dubois", "Eriksen", "Fuchs", "Gallo", "Haas", "Ivanov", "Jansen", "Klein", "Lopez")
FIRMS = ("Kesselmann", "Nordlack", "Ferro", "Altmann", "Brauhof", "Kemira", "Stahlbau", "Lindt", "Papierfabrik", "Vogt")
TITLES = ("Head of maintenance", "CISO", "Plant manager", "Automation engineer", "Buyer", "IT manager")
ROLES = ("decision-maker", "influencer", "user", "buyer")
COUNTRIES = ("DE", "FR", "AT", "IT", "GB", "PL", "DK", "BE", "US")
INDUSTRIES = ("machinery", "chemicals", "food", "automotive", "energy", "paper")
ZONES = (
    None, "Europe/Berlin", "Europe/Paris", "Europe/Vienna", "Europe/Rome", "Europe/London", "Europe/Warsaw",
    "America/New_York", "America/Los_Angeles", "Asia/Tokyo", "Asia/Kolkata", "Australia/Sydney",
)  # fmt: skip
COLUMNS = (
    "email", "first_name", "last_name", "company", "job_title", "role", "phone", "country", "language", "source",
)  # fmt: skip


def address(number: int) -> str:
    """The address of a contact: unique, in no order, spread over as many firms as a real list has."""
    return f"c{number * 48271 % 2_147_483_647}@firm{number % 40_000}.example"


def rows(count: int) -> Iterator[tuple[str, ...]]:
    """The text columns of `count` contacts, in the order of COLUMNS."""
    chance = Random(SEED)
    pick = chance.choice
    for number in range(FIRST_ID, FIRST_ID + count):
        yield (
            address(number), pick(FIRST), pick(LAST), f"{pick(FIRMS)} {number % 40_000}", pick(TITLES), pick(ROLES),
            f"+49 40 {number}", pick(COUNTRIES), "en", "fair",
        )  # fmt: skip
