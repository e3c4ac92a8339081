"""The rows of the bad-input catalogue that are about one file: a campaign or a template, wrong by itself."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A row of the catalogue: a file, how grave the findings in it are, and a piece of each of them in their order."""

    number: int
    file: str
    text: str | bytes
    grave: str  # error, warning, note; "" when nothing is found
    says: tuple[str, ...] = ()


def campaign(number: int, name: str, text: str | bytes, *says: str, grave: str = "error") -> Row:
    """A row about a campaign; `NAME` in the text stands for its name."""
    whole = text if isinstance(text, bytes) else text.replace("NAME", name)
    return Row(number, f"campaigns/{name}.yml", whole, grave, says)


def steps(number: int, name: str, text: str, *says: str, grave: str = "error") -> Row:
    """A row about the steps of an otherwise sound campaign."""
    body = "".join(f"    {line}\n" for line in text.splitlines())
    return campaign(number, name, f"{HEAD}stages:\n  any:\n{body}", *says, grave=grave)


def asset(number: int, name: str, body: str, *says: str, grave: str = "error", **front: str) -> Row:
    """A row about a template; `front` replaces its subject and title, values as YAML."""
    keys = {"title": name, "subject": f"About {name}"} | front
    head = "".join(f"{key}: {value}\n" for key, value in keys.items())
    file = name if "." in name else f"{name}.md"
    return Row(number, f"templates/{file}", f"---\n# nurture: allow unused-asset\n{head}---\n{body}\n", grave, says)


HEAD = 'campaign: NAME\ntitle: NAME\nenter:\n  when: tag("x")\n  backfill: true\nexit: {when: tag("y")}\n'
SOUND = HEAD + "stages:\n  any:\n    - send: welcome\n"
LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
LOOP = "- id: top\n  set: {tag: seen}\n- goto: top\n"

FILES = (
    campaign(1, "b01", "", "empty"),
    campaign(2, "b02", "# nothing but this\n", "empty"),
    campaign(3, "b03-list", "- a\n- b\n", "list"),
    campaign(3, "b03-text", "just words\n", "text"),
    campaign(4, "b04", f"{SOUND}---\ncampaign: other\n", "second document"),
    campaign(5, "b05", f"{SOUND}title: again\n", "a second time"),
    campaign(6, "b06", f"{SOUND}prioritty: 3\n", "priority"),
    campaign(7, "b07", f"{HEAD}stages:\n\tany: []\n", "tab"),
    campaign(8, "b08-loop", "campaign: &a [*a]\n", "repeats"),
    campaign(8, "b08-many", "a: &a x\nb: [" + "*a, " * 101 + "]\n", "alias"),
    campaign(9, "b09", LAUGHS, "aliases"),
    campaign(10, "b10", "[" * 20_000, "nested"),
    campaign(11, "b11", "# " + "x" * 1_000_001, "1,000,000"),
    campaign(12, "b12", f"{SOUND}objective: !!python/object/apply:os.system [id]\n", "!"),
    campaign(13, "b13", f"{SOUND}objective: !include /etc/passwd\n", "!"),
    campaign(14, "b14", f"%YAML 3.0\n---\n{SOUND}", "%"),
    campaign(15, "b15", SOUND.replace("title: NAME", "title: no"), grave=""),
    campaign(15, "b15-truth", SOUND.replace("title: NAME", "title: true"), "quotes"),
    steps(16, "b16", "- wait: 9:30\n- wait: 12:00:00\n- send: welcome\n", "9:30", "12:00:00"),
    steps(17, "b17", "- wait: 010\n- send: welcome\n", "010"),
    steps(
        18, "b18", "".join(f"- wait: {text}\n" for text in ("1_000d", "-3d", "3 fortnights", "0d", "1e9d")),
        "1_000d", "-3d", "fortnights", "0d", "1e9d",
    ),
    asset(19, "b19", "Hello, this is text.", "2024-02-30", expires="2024-02-30"),
    campaign(20, "b20-bom", b"\xef\xbb\xbf" + SOUND.replace("NAME", "b20-bom").encode(), grave=""),
    campaign(20, "b20-crlf", SOUND.replace("NAME", "b20-crlf").replace("\n", "\r\n").encode(), grave=""),
    campaign(20, "b20-end", SOUND.rstrip("\n"), grave=""),
    campaign(21, "b21-utf16", SOUND.encode("utf-16"), "UTF-16"),
    campaign(21, "b21-latin", SOUND.replace("title: NAME", "title: Größe").encode("latin-1"), "UTF-8"),
    campaign(22, "b22-half", SOUND.replace("title: NAME", 'title: "\\ud800"'), "escape"),
    campaign(22, "b22-nul", SOUND.replace("title: NAME", 'title: "\\0"'), "control"),
    campaign(22, "b22-raw", SOUND.replace("title: NAME", "title: a\x07b"), "control"),
    steps(23, "b23", LOOP, "without waiting"),
    campaign(
        23, "b23-waits", SOUND.replace('exit: {when: tag("y")}\n', "")
        + "    - {id: pause, wait: 1 day}\n    - goto: pause\n", "Nobody ever leaves", "leads out", grave="warning",
    ),
    steps(24, "b24", "- send: welcome\n- goto: welcom\n", "welcome"),
    steps(25, "b25", "- exit: done\n- send: welcome\n", "No contact reaches this step", grave="warning"),
    steps(26, "b26", "- branch:\n    - if: tag('a')\n      then: []\n", "else"),
    steps(
        27, "b27", "- branch:\n    - if: vip\n      then: [{send: welcome}]\n"
        "    - if: vip and employees > 5\n      then: [{send: guide}]\n    - else: []\n",
        "arm", grave="warning",
    ),
    steps(28, "b28-same", "- {id: a, send: welcome}\n- {id: a, send: guide}\n", "`a`"),
    steps(28, "b28-case", "- {id: a, send: welcome}\n- {id: A, send: guide}\n", "`A`"),
    steps(28, "b28-twin", "- {id: a, send: welcome}\n- {id: а, send: guide}\n", "`а`"),
    steps(
        29, "b29", "".join(f"- {{id: '{id}', send: welcome}}\n" for id in ("a/b", "..", "a b", "🙂")),
        "a/b", "..", "a b", "🙂",
    ),
    steps(
        30, "b30", "".join(
            f"- send: '{path}'\n"
            for path in ("../../etc/passwd", "/etc/passwd", "C:\\x", "file:///etc/passwd", "%2e%2e/x")
        ),
        "../../etc/passwd", "/etc/passwd", "C:", "file:", "%2e%2e/x",
    ),
    steps(31, "b31", "- send: welcom\n", "welcome"),
    asset(33, "b33-none", "Hello, this is text.", "subject", subject='""'),
    asset(33, "b33-blank", "Hello, this is text.", "subject", subject='"   "'),
    asset(33, "b33-long", "Hello, this is text.", "subject", subject="x" * 998),
    asset(33, "b33-lines", "Hello, this is text.", "line", subject='"a\\nb"'),
    campaign(35, "b35-shut", f"{SOUND}pace: {{window: 'Mon-Fri 09:00-09:00'}}\n", "never open"),
    campaign(35, "b35-wraps", f"{SOUND}pace: {{window: 'Mon-Fri 22:00-06:00'}}\n", grave=""),
    campaign(38, "b38-text", SOUND.replace('tag("x")', "company == '\"; DROP TABLE contact;--'"), grave=""),
    campaign(38, "b38-field", SOUND.replace('tag("x")', "contact.id == 1"), "contact."),
    campaign(39, "b39", SOUND.replace('tag("x")', "employes > 5"), "employees"),
    campaign(40, "b40", SOUND.replace('tag("x")', "employees > 'many'"), "number"),
    campaign(41, "b41", SOUND.replace('tag("x")', "matches(company, '(a+)+$')"), "matches"),
    asset(43, "b43", "Hello, this is text.", "quotes", subject="{{ contact.company }}"),
    campaign(44, "b44", f"x: &x {{priority: 3}}\n<<: *x\n{SOUND}", "`x`", "<<"),
    asset(45, "b45", "Hello {{ contact.frist_name }}.", "first_name"),
    asset(46, "b46", "{{ contact.__class__.__mro__ }}", "nothing else"),
    asset(48, "b48", "{% include '../nurture.yml' %}", "../nurture.yml"),
    asset(50, "b50", "Hello\n\n{% if contact.company %}", "endif"),
    asset(
        54, "b54", "".join(
            f"[a]({link}) " for link in ("javascript:alert(1)", "data:text/html,x", "//evil.example", "/x", "http://a:b@c.example")
        ),
        "javascript:", "data:", "protocol", "relative", "password",
    ),
    asset(58, "b58", f"![big](data:image/png;base64,{'A' * 900_000})", "data:"),
    asset(58, "b58-more", f"![big](data:image/png;base64,{'A' * 5_000_000})", "1,000,000"),
    asset(59, "b59", "Hello *|FNAME|*, %FNAME%, [[name]].", "FNAME", "FNAME", "[[name]]"),
    asset(60, "b60", "Hello {{ contact.first_name }}.", "first_name", grave="warning"),
)  # fmt: skip
