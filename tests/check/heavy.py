"""Projects of which each has very much of one thing, to be answered soon and in little memory."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from tests.campaign.project_maker import CAMPAIGN, CONFIG

Files = dict[str, str]
WIDE = "country in [{}]".format(", ".join(f'"c{n}"' for n in range(150)))
CASES: dict[str, Callable[[int], Files]] = {}


def case(make: Callable[[int], Files]) -> Callable[[int], Files]:
    """Register a project by the name of its maker."""
    CASES[make.__name__] = make
    return make


def upto(size: int, make: Callable[[int], str]) -> str:
    """`make(0)`, `make(1)` and so on, together about `size` characters."""
    parts: list[str] = []
    for number in count():
        parts.append(make(number))
        size -= len(parts[-1])
        if size <= 0:
            break
    return "".join(parts)


def campaign(steps: str, more: str = "") -> Files:
    head = CAMPAIGN.partition("    - send")[0]
    return {"campaigns/first.yml": more + head + steps}


def config(more: str, without: str = "") -> Files:
    kept = CONFIG
    if without:
        kept = "".join(line for line in CONFIG.splitlines(keepends=True) if not line.startswith(without))
    return {"nurture.yml": kept + more}


def template(body: str, head: str = "") -> Files:
    return {"templates/hello.md": f"---\ntitle: hello\nsubject: Hello\n{head}---\n{body}"}


def html(body: str) -> Files:
    head, _, _ = CAMPAIGN.partition("    - send")
    return {
        "templates/page.html": f"---\ntitle: page\nsubject: Hello\n---\n{body}",
        "campaigns/first.yml": head + "    - send: page\n",
    }


# Steps of a campaign.
@case
def sends_of_one_asset(size: int) -> Files:
    return campaign(upto(size, lambda _: "    - send: hello\n"))


@case
def sends_and_waits(size: int) -> Files:
    return campaign(upto(size, lambda _: "    - send: hello\n    - wait: 1 day\n"))


@case
def sends_with_ids(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - send: hello\n      id: s{n}\n"))


@case
def waits(size: int) -> Files:
    return campaign(upto(size, lambda _: "    - wait: 1 day\n"))


@case
def exits(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - exit: because {n}\n"))


@case
def gotos(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - goto: s{n + 1}\n      id: s{n}\n"))


@case
def gotos_round(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - send: hello\n      id: s{n}\n    - goto: s{n // 2}\n      id: g{n}\n"))


@case
def stage_steps(size: int) -> Files:
    return campaign(upto(size, lambda _: "    - stage: decision\n"))


@case
def sets(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - set: {{employees: {n}, tag: t{n}}}\n"))


@case
def handoffs(size: int) -> Files:
    return campaign(upto(size, lambda _: "    - handoff: sales\n"))


@case
def wait_fors(size: int) -> Files:
    return campaign(
        upto(size, lambda n: f'    - wait_for: did("clicked", "hello", times={n % 900 + 1})\n      within: 3 days\n')
    )


@case
def wait_fors_nested(size: int) -> Files:
    def step(n: int) -> str:
        return (
            f'    - wait_for: clicked("hello")\n      id: w{n}\n      within: 3 days\n      then: [{{send: hello}}]\n'
            "      else: [{wait: 1 day}]\n"
        )

    return campaign(upto(size, step))


@case
def branches(size: int) -> Files:
    return campaign(
        upto(size, lambda n: f"    - branch: [{{if: employees > {n}, then: [{{send: hello}}]}}, {{else: []}}]\n")
    )


@case
def branch_arms(size: int) -> Files:
    return campaign(
        "    - branch:\n"
        + upto(size, lambda n: f"        - {{if: employees > {n}, then: []}}\n")
        + "        - {else: []}\n"
    )


@case
def branch_arms_of_lists(size: int) -> Files:
    def arm(n: int) -> str:
        countries = ", ".join(f'"{n}.{m}"' for m in range(180))
        return f"        - {{if: 'country in [{countries}]', then: []}}\n"

    return campaign("    - branch:\n" + upto(size, arm) + "        - {else: []}\n")


@case
def branch_arms_of_long_conditions(size: int) -> Files:
    def arm(n: int) -> str:
        parts = " or ".join(f"employees == {n}{m:02}" for m in range(90))
        return f"        - {{if: '{parts}', then: []}}\n"

    return campaign("    - branch:\n" + upto(size, arm) + "        - {else: []}\n")


@case
def branch_arms_of_and_or(size: int) -> Files:
    def arm(n: int) -> str:
        parts = " and ".join(f"(employees > {n}{m} or employees < {m}{n} or vip)" for m in range(40))
        return f"        - {{if: '{parts}', then: []}}\n"

    return campaign("    - branch:\n" + upto(size, arm) + "        - {else: []}\n")


@case
def branch_arms_with_events(size: int) -> Files:
    def arm(n: int) -> str:
        parts = " and ".join(f'not did("clicked", "hello", within="{n + m + 1} days")' for m in range(30))
        return (
            f"        - {{if: {parts}, then: []}}\n".replace("{if: ", '{if: "')
            .replace(", then", '", then')
            .replace('did("clicked", "hello", within="', "did('clicked', 'hello', within='")
            .replace(' days")', " days')")
        )

    return campaign("    - branch:\n" + upto(size, arm) + "        - {else: []}\n")


@case
def splits(size: int) -> Files:
    return campaign(
        upto(
            size,
            lambda n: (
                f"    - split: {{name: x{n}, arms: {{a: {{weight: 1, then: [{{send: hello}}]}}, b: {{weight: 1}}}}}}\n"
            ),
        )
    )


@case
def split_arms(size: int) -> Files:
    arms = upto(size, lambda n: f"          a{n}: {{weight: 1, then: [{{send: hello}}]}}\n")
    return campaign("    - split:\n        name: x\n        arms:\n" + arms)


@case
def streams(size: int) -> Files:
    return campaign(upto(size, lambda _: "    - stream: [hello, guide]\n      every: 2 days\n"))


@case
def stream_items(size: int) -> Files:
    return campaign("    - every: 2 days\n      stream:\n" + upto(size, lambda _: "        - hello\n"))


@case
def stream_items_with_conditions(size: int) -> Files:
    items = upto(size, lambda n: f"        - {{send: hello, if: employees > {n}}}\n")
    return campaign("    - every: 2 days\n      stream:\n" + items)


@case
def nested_branches(size: int) -> Files:
    opening, closing = "{branch: [{if: vip, then: [", "]}, {else: []}]}"
    deep = opening * 8 + "{send: hello}" + closing * 8
    return campaign(upto(size, lambda _: f"    - {deep}\n"))


@case
def rules(size: int) -> Files:
    text = "rules:\n" + upto(size, lambda n: f"  - {{if: employees > {n}, stage: decision}}\n")
    return {"campaigns/first.yml": CAMPAIGN + text}


@case
def rules_going_to_steps(size: int) -> Files:
    text = "rules:\n" + upto(size // 2, lambda n: f"  - {{if: employees == {n}, goto: s{n}}}\n")
    return campaign(upto(size // 2, lambda n: f"    - send: hello\n      id: s{n}\n"), "").copy() | {
        "campaigns/first.yml": campaign(upto(size // 2, lambda n: f"    - send: hello\n      id: s{n}\n"))[
            "campaigns/first.yml"
        ]
        + text
    }


@case
def moved(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + "moved:\n" + upto(size, lambda n: f"  awareness/x{n}: awareness/hello\n")}


@case
def moved_chain(size: int) -> Files:
    return {
        "campaigns/first.yml": CAMPAIGN + "moved:\n" + upto(size, lambda n: f"  awareness/x{n}: awareness/x{n + 1}\n")
    }


@case
def campaigns_many(size: int) -> Files:
    made = max(1, size // 250)
    return {
        f"campaigns/c{n}.yml": CAMPAIGN.replace(
            "campaign: first", f"campaign: c{n}\nobjective: new\npriority: 5"
        ).replace('did("downloaded", "ebook")', f"employees > {n}")
        for n in range(made)
    }


@case
def unknown_keys(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + upto(size, lambda n: f"key{n}: 1\n")}


@case
def unknown_assets(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - send: unknown{n}\n"))


@case
def broken_conditions(size: int) -> Files:
    return campaign(upto(size, lambda n: f"    - wait_for: employes > > {n}\n      within: 3 days\n"))


# Conditions.
@case
def condition_and(size: int) -> Files:
    return campaign("    - wait_for: " + upto(size, lambda n: f"employees > {n} and ") + "vip\n      within: 1 day\n")


@case
def condition_nots(size: int) -> Files:
    return campaign("    - wait_for: " + "not " * (size // 4) + "vip\n      within: 1 day\n")


@case
def condition_brackets(size: int) -> Files:
    return campaign("    - wait_for: " + "(" * (size // 2) + "vip" + ")" * (size // 2) + "\n      within: 1 day\n")


@case
def conditions_deep(size: int) -> Files:
    deep = "not (" * 16 + "vip" + ")" * 16
    return campaign(upto(size, lambda _: f"    - wait_for: {deep}\n      within: 1 day\n"))


@case
def segments_many(size: int) -> Files:
    return config(upto(size, lambda n: f"  s{n}: employees > {n}\n"))


@case
def segments_alike(size: int) -> Files:
    return config(upto(size, lambda n: f"  s{n}: employees > 1\n"))


@case
def segments_chained(size: int) -> Files:
    return config("  s0: vip\n" + upto(size, lambda n: f'  s{n + 1}: in_segment("s{n}")\n'))


@case
def segments_chained_backwards(size: int) -> Files:
    made = size // 28
    lines = [f'  s{n + 1}: in_segment("s{n}")\n' for n in range(made)]
    return config("".join(reversed(lines)) + "  s0: vip\n")


@case
def segments_doubling(size: int) -> Files:
    return config("  s0: vip\n" + upto(size, lambda n: f'  s{n + 1}: in_segment("s{n}") or in_segment("s{n}")\n'))


@case
def segments_in_a_circle(size: int) -> Files:
    return config(upto(size, lambda n: f'  s{n}: in_segment("s{n + 1}")\n') + "  s0x: vip\n")


@case
def segments_used_everywhere(size: int) -> Files:
    wide = f"  wide: {WIDE}\n"
    return config(wide + upto(size, lambda n: f'  s{n}: in_segment("wide") and employees > {n}\n'))


@case
def segments_used_in_a_campaign(size: int) -> Files:
    wide = f"  wide: {WIDE}\n"
    return config(wide) | campaign(
        "    - branch:\n"
        + upto(size, lambda n: f"        - {{if: 'in_segment(\"wide\") and employees > {n}', then: []}}\n")
        + "        - {else: []}\n"
    )


# nurture.yml.
@case
def stages_many(size: int) -> Files:
    return (
        config("stages:\n" + upto(size, lambda n: f"  - s{n}\n"), "stages")
        | campaign("    - send: hello\n")
        | {"campaigns/first.yml": CAMPAIGN.replace("awareness", "s0")}
    )


@case
def stages_with_criteria(size: int) -> Files:
    text = upto(size, lambda n: f"  - {{stage: s{n}, when: interest >= {n}, back: [{{to: s0, for: [r{n}]}}]}}\n")
    text = text.replace(", back: [{to: s0, for: [r0]}]", "", 1)
    return config("stages:\n" + text, "stages") | {"campaigns/first.yml": CAMPAIGN.replace("awareness", "s0")}


@case
def stages_handing_over(size: int) -> Files:
    text = "  - awareness\n" + upto(size, lambda n: f"  - {{stage: s{n}, when: interest >= {n}, handoff: sales}}\n")
    return config("stages:\n" + text, "stages")


@case
def stages_each_with_a_sequence(size: int) -> Files:
    made = size // 30
    stages = "stages: [" + ", ".join(f"s{n}" for n in range(made)) + "]\n"
    head = CAMPAIGN.partition("  awareness")[0]
    return config(stages, "stages") | {
        "campaigns/first.yml": head + "".join(f"  s{n}:\n    - send: hello\n" for n in range(made))
    }


@case
def ways_back(size: int) -> Files:
    ways = upto(size, lambda n: f"      - {{to: awareness, for: [r{n}]}}\n")
    stages = "stages:\n  - awareness\n  - decision\n  - stage: customer\n    back:\n" + ways
    return config(stages, "stages")


@case
def recycling(size: int) -> Files:
    return config("recycling:\n" + upto(size, lambda n: f"  r{n}: {{rest: 9 days, then: first}}\n"))


@case
def fit_rules(size: int) -> Files:
    return config("fit:\n" + upto(size, lambda n: f"  - {{if: employees > {n}, points: 3}}\n"))


@case
def signals(size: int) -> Files:
    return config("radar:\n" + upto(size, lambda n: f"  - {{signal: s{n}, if: employees > {n}, task: Call}}\n"))


@case
def signals_alike(size: int) -> Files:
    text = '  - {signal: s%d, if: \'burst(times=3, within="7 days", after="60 days")\', task: Call}\n'
    return config("radar:\n" + upto(size, lambda n: text % n))


@case
def fields_many(size: int) -> Files:
    return config("fields:\n" + upto(size, lambda n: f"  f{n}: number\n"), "fields").copy() | config(
        "fields:\n  employees: number\n  vip: boolean\n" + upto(size, lambda n: f"  f{n}: number\n"), "fields"
    )


@case
def events_many(size: int) -> Files:
    return config("events:\n" + upto(size, lambda n: f"  - e{n}\n"))


@case
def channels_many(size: int) -> Files:
    return config(
        "channels:\n  mail: {type: outbox}\n" + upto(size, lambda n: f"  c{n}: {{type: outbox, folder: o{n}}}\n")
    )


@case
def limits_many(size: int) -> Files:
    return config("limits:\n  per_contact:\n" + upto(size, lambda n: f"    - {n + 1} per {n + 1} days\n"))


@case
def closed_many(size: int) -> Files:
    return config(
        "closed:\n" + upto(size, lambda n: f"  - {2000 + n // 360 % 90}-{n // 28 % 12 + 1:02}-{n % 28 + 1:02}\n")
    )


@case
def aliases_of_much(size: int) -> Files:
    much = "&a [" + ", ".join(["{send: hello}"] * (size // 1600)) + "]"
    return campaign(
        f"    - branch: [{{if: vip, then: {much}}}, {{else: []}}]\n"
        + "    - branch: [{if: vip, then: *a}, {else: []}]\n" * 99
    )


@case
def brackets(size: int) -> Files:
    return {"campaigns/first.yml": "[" * size}


@case
def braces_in_yaml(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + "title: " + "{{" * (size // 2)}


@case
def dashes(size: int) -> Files:
    return {"campaigns/first.yml": "- " * (size // 2)}


@case
def one_long_line(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + "title: " + "x" * size}


@case
def long_text_in_quotes(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + 'title: "' + "\\t" * (size // 2) + '"\n'}


@case
def comments(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + "# nurture: allow x\n" * (size // 19)}


@case
def allowances(size: int) -> Files:
    return campaign(
        upto(size, lambda _: "    - send: hello  # check: allow duplicate-asset-in-campaign, it is meant\n")
    )


@case
def no_yaml(size: int) -> Files:
    return {"campaigns/first.yml": ": ? ! & * " * (size // 10)}


@case
def tabs(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + "\tx: 1\n" * (size // 6)}


@case
def repeated_keys(size: int) -> Files:
    return {"campaigns/first.yml": CAMPAIGN + "title: x\n" * (size // 9)}


# Templates.
@case
def assets_many(size: int) -> Files:
    return {
        f"templates/a{n}.md": "---\ntitle: a\nsubject: Hi {{ contact.first_name }}\n---\nText\n"
        for n in range(size // 1000)
    }


@case
def assets_varying(size: int) -> Files:
    made = size // 1000
    return {
        f"templates/a{n}.md": f"---\ntitle: a\nsubject: Hi\nvariant_of: a{(n + 1) % made}\n---\nText\n"
        for n in range(made)
    }


@case
def layouts_including_each_other(size: int) -> Files:
    made = max(2, size // 20_000)
    text = "".join(f"{{% include '_p{n}.html' %}}" for n in range(made))
    return {f"templates/_p{n}.html": text for n in range(made)} | template("{% include '_p0.html' %}")


@case
def includes_of_one(size: int) -> Files:
    return template("{% include '_p.md' %}\n" * (size // 23)) | {"templates/_p.md": "x"}


@case
def partials_doubling(size: int) -> Files:
    made = min(60, size // 100)
    return {f"templates/_p{n}.md": f"{{% include '_p{n + 1}.md' %}}" * 2 for n in range(made)} | template(
        "{% include '_p0.md' %}"
    )


@case
def topics_many(size: int) -> Files:
    return template("Text", "topics:\n" + upto(size, lambda n: f"  - t{n}\n"))


@case
def headers_unknown(size: int) -> Files:
    return template("Text", upto(size, lambda n: f"key{n}: 1\n"))


@case
def subject_long(size: int) -> Files:
    return {
        "templates/hello.md": "---\ntitle: hello\nsubject: '" + "{{ contact.first_name }}" * (size // 24) + "'\n---\nx"
    }


BODIES = {
    "openings": "{{",
    "statements": "{%",
    "remarks": "{#",
    "closings": "}}",
    "triples": "{{{",
    "spaced": "{{ ",
    "names": "{{ contact.first_name }} ",
    "different_lines": "{{ contact.first_name }}\n",
    "defaults": '{{ contact.first_name | default("you") }}\n',
    "ifs": "{% if contact.first_name %}x{% endif %}\n",
    "opened_ifs": "{% if vip %}",
    "opened_fors": "{% for x in [1] %}",
    "raws": "{% raw %}",
    "sets": "{% set a = 1 %}",
    "wrong_names": "{{ contact.frist_name }}\n",
    "unknown_filters": "{{ contact.first_name | x }}\n",
    "misspelt": "{{ contact.first_name }\n",
    "foreign": "*|FNAME|* ",
    "percents": "%FIRST_NAME% ",
    "stars": "*",
    "bars": "*|",
    "squares": "[",
    "links": "[a](https://example.com/a) ",
    "pictures": "![a](https://example.com/a.png) ",
    "references": "[a]: https://example.com\n",
    "emphasis": "*a **b ",
    "underscores": "_a __b ",
    "ticks": "`",
    "tick_runs": "` `` ",
    "quotes": "> ",
    "lists": "- a\n",
    "nested_lists": "- ",
    "numbers": "1. ",
    "rules": "---\n",
    "headings": "# a\n",
    "angles": "<",
    "tags": "<a>",
    "closing_tags": "</a>",
    "divs": "<div>",
    "attributes": "<a b='",
    "hrefs": "<a href=x>",
    "images": "<img src=x alt=>",
    "comments_open": "<!--",
    "entities": "&amp;",
    "scripts": "<script>",
    "styles": "<style>",
    "tables": "|a|b|\n|-|-|\n",
    "pipes": "|",
    "blanks": " ",
    "lines": "\n",
    "tabs": "\t",
    "letters": "x",
    "urls": "https://example.com/x ",
    "https": "https://",
    "mails": "a@b.c ",
    "ats": "@",
    "backslashes": "\\",
    "dollars": "${a",
    "wide": "中",
    "marks": "á",
    "parens": "](",
    "image_opens": "![",
    "footnotes": "[^1]",
    "tildes": "~~a",
    "fences": "```\n",
    "doctype": "<!doctype ",
    "cdata": "<![CDATA[",
    "processing": "<?",
    "todo": "TODO ",
    "lorem": "lorem ipsum ",
    "unfinished": "[your name] ",
    "example": "https://example.com/{token} ",
    "crlf": "a\\\n",
    "hard_breaks": "a  \n",
    "indented": "    a\n",
    "setext": "a\n===\n",
    "brackets_and_blanks": "[ ",
    "chevrons": "<<",
    "guillemets": "«first name",
    "opens_and_name": "{{ A b ",
    "conditions": "<!--[if mso]>",
    "block": "{% block a %}",
    "macro": "{% macro m() %}{% endmacro %}",
    "minus": "{{- 1 -}} ",
    "lists_in": "{{ [1,1,1,1,1,1,1,1] }}\n",
    "sums": "{{ 1+1+1+1+1+1+1+1+1+1 }}\n",
    "dots": "{{ a.a.a.a.a.a.a.a.a.a.a.a }}\n",
    "bare": "www.example.com ",
    "unsub": "{{ unsubscribe_url }} ",
}


def _register_bodies() -> None:
    for name, text in BODIES.items():

        def markdown(size: int, text: str = text) -> Files:
            return template(text * (size // len(text)))

        def page(size: int, text: str = text) -> Files:
            return html(text * (size // len(text)))

        CASES[f"markdown_{name}"] = markdown
        CASES[f"html_{name}"] = page


_register_bodies()


@case
def expression_deep(size: int) -> Files:
    return template("{{ " + "(" * (size // 2) + "1" + ")" * (size // 2) + " }}")


@case
def expression_long(size: int) -> Files:
    return template("{{ 1" + " + 1" * (size // 4) + " }}")


@case
def name_long(size: int) -> Files:
    return template("{{ " + "a." * (size // 2) + "a }}")


@case
def names_all_different(size: int) -> Files:
    return template(upto(size, lambda n: f"{{{{ contact.n{n} }}}} "))


@case
def quotes_deep(size: int) -> Files:
    return template("\n".join("> " * n + "a" for n in range(int(size**0.5))))


@case
def lists_deep(size: int) -> Files:
    return template("\n".join("  " * n + "- a" for n in range(int(size**0.5))))
