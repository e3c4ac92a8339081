"""Which domains and addresses wait to be replaced, and which are somebody's own."""

from __future__ import annotations

import pytest

from nurture_cli.message.stand_ins import StandIn, in_address, in_host, in_links


@pytest.mark.parametrize(
    "host",
    [
        "example.com", "www.example.net", "a.b.EXAMPLE.org", "example.de", "shop.example.co.uk", "kelp.example",
        "x.test", "kelp.invalid", "your-domain.tld", "localhost", "app.localhost", "localhost.localdomain", "127.0.0.1",
        "127.12.0.1", "0.0.0.0", "[::1]", "[::]", "192.0.2.7", "[2001:db8::1]", "yourdomain.com", "www.your-domain.com",
        "your-company.co.uk", "mysite.com", "my-company.com", "yourwebsite.io", "your-site", "Example.com.",
    ],
)  # fmt: skip
def test_what_belongs_to_nobody_is_found(host: str) -> None:
    found = in_host(host)

    assert found is not None
    assert found.sort is StandIn.DOMAIN


@pytest.mark.parametrize(
    "host",
    [
        "kelp-works.com", "example.kelp-works.com", "examples.com", "my-example.com", "test.kelp-works.com",
        "latest.com", "intranet", "mail.internal", "kelp.local", "10.0.0.1", "192.168.1.7", "yourshape.com",
        "mysitemap.com", "companyhouse.co.uk", "co.uk", "com", "invalid-parts.com",
        "[2001:470::1]", "mydomains.com", "xn--bcher-kva.com",
    ],
)  # fmt: skip
def test_what_somebody_owns_is_left_alone(host: str) -> None:
    assert in_host(host) is None


@pytest.mark.parametrize("host", ["domain.com", "www.company.com", "acme.com"])
def test_what_somebody_could_own_is_not_certain(host: str) -> None:
    found = in_host(host)

    assert found is not None
    assert found.sort is StandIn.MAYBE


@pytest.mark.parametrize(
    ("address", "pieces"),
    [
        ("you@news.example.com", [(StandIn.DOMAIN, "news.example.com")]),
        ("your.name@kelp-works.com", [(StandIn.WORDS, "your.name")]),
        ("firstname.lastname@kelp-works.com", [(StandIn.WORDS, "firstname.lastname")]),
        ("changeme@your-company.com", [(StandIn.DOMAIN, "your-company.com"), (StandIn.WORDS, "changeme")]),
        ("you@kelp-works.com", [(StandIn.MAYBE, "you")]),
        ("me@kelp-works.com", []),
        ("hello@kelp-works.com", []),
        ("yournamehere.com@kelp-works.com", []),
    ],
)
def test_both_parts_of_an_address_are_looked_at(address: str, pieces: list[tuple[StandIn, str]]) -> None:
    assert [(one.sort, address[one.start : one.end]) for one in in_address(address)] == pieces


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("see https://example.com/a?b=c.", [(StandIn.DOMAIN, "example.com")]),
        ("see https://example.com.", [(StandIn.DOMAIN, "example.com")]),
        ("HTTP://WWW.EXAMPLE.ORG:8080", [(StandIn.DOMAIN, "WWW.EXAMPLE.ORG")]),
        ("[a](mailto:ann@example.com?subject=x)", [(StandIn.DOMAIN, "example.com")]),
        ("www.example.com", [(StandIn.DOMAIN, "www.example.com")]),
        ("ann@example.com", [(StandIn.MAYBE, "example.com")]),
        ("http://[::1]:80/", [(StandIn.DOMAIN, "[::1]")]),
        ("https://{{ contact.country }}.example.com/", [(StandIn.DOMAIN, "{{ contact.country }}.example.com")]),
        ('{{ asset.link or "https://localhost/" }}', [(StandIn.DOMAIN, "localhost")]),
        ("https://me:secret@example.com/", [(StandIn.DOMAIN, "example.com")]),
        ("https://kelp-works.com/example.com?next=www.kelp-works.com", []),
        ("https://kelp-works.com/?to=ann@kelp-works.com", []),
        ("{{ unsubscribe_url }} https://{{ contact.company }}/ example.com", []),
    ],
)
def test_links_are_found_in_a_text(text: str, pieces: list[tuple[StandIn, str]]) -> None:
    assert [(one.sort, text[one.start : one.end]) for one in in_links(text)] == pieces
