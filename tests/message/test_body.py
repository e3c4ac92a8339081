"""What Markdown becomes in the HTML part."""

from __future__ import annotations

from tests.message.workshop import Workshop

SHOP = Workshop()


def test_a_table_has_room_lines_and_a_way_to_scroll() -> None:
    html = SHOP.html("| one | two |\n| --- | ---: |\n| a | b |")

    assert '<div style="overflow-x:auto;margin:0 0 16px">\n<table border="0" cellpadding="8"' in html
    assert '<td style="border-bottom:1px solid #b3c3c8;vertical-align:top">a</td>' in html
    assert '<td style="text-align:right;border-bottom:1px solid #b3c3c8;vertical-align:top">b</td>' in html
    assert SHOP.text("| one | two |\n| --- | ---: |\n| a | b |") == "one | two\na | b"


def test_lines_of_code_are_wrapped() -> None:
    assert '<pre style="white-space:pre-wrap"><code>' in SHOP.html("    code")
    assert '<code style="white-space:pre-wrap"' in SHOP.html("```\ncode\n```")
