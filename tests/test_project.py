from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nurture_cli.campaign.decode import MAX_BYTES
from nurture_cli.campaign.diagnostic import Severity
from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.places import find_project
from nurture_cli.project import Project, load_project, require_sound
from tests.campaign.project_maker import ASSETS, CAMPAIGN, CONFIG, make_project

ASSET = b"---\ntitle: T\n---\nText\n"


def found(project: Project) -> list[tuple[str, str]]:
    return [(str(one.span), one.rule) for one in project.diagnostics]


def test_a_sound_project_is_read_whole(tmp_path: Path) -> None:
    project = make_project(tmp_path, {})
    assert project.diagnostics == ()
    assert project.config is not None
    assert (set(project.campaigns), set(project.assets)) == ({"first"}, set(ASSETS))
    assert project.sources["campaigns/first.yml"] == CAMPAIGN
    require_sound(project)


def test_a_project_is_found_from_any_folder_in_it(tmp_path: Path) -> None:
    make_project(tmp_path, {})
    assert find_project(tmp_path) == tmp_path
    assert find_project(tmp_path / "campaigns") == tmp_path
    assert find_project(tmp_path / "templates" / ".." / "campaigns") == tmp_path


def test_a_project_is_found_through_a_link_to_it(tmp_path: Path) -> None:
    make_project(tmp_path / "real", {})
    (tmp_path / "link").symlink_to("real")
    assert find_project(tmp_path / "link" / "campaigns") == tmp_path / "link"
    assert load_project(tmp_path / "link").diagnostics == ()


def test_a_relative_folder_is_looked_up_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_project(tmp_path, {})
    monkeypatch.chdir(tmp_path / "campaigns")
    assert find_project(Path()) == tmp_path
    assert find_project(Path("..")) == tmp_path


def test_a_folder_without_a_project_is_named_and_told_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(WrongUsage) as error:
        find_project(tmp_path)
    assert str(tmp_path) in error.value.sentence
    assert "nurture init" in (error.value.hint or "")
    with pytest.raises(WrongUsage, match="no folder"):
        find_project(tmp_path / "nowhere")
    (tmp_path / "file").touch()
    with pytest.raises(WrongUsage, match="no folder"):
        find_project(tmp_path / "file")


def test_all_files_tell_their_mistakes_at_once(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        {
            "nurture.yml": CONFIG.replace("zone: Europe/Berlin", "zone: Mars"),
            "campaigns/second.yml": "campaign: second\n",
            "campaigns/third.yml": "title: [",
            "templates/bad.md": b"no front matter",
        },
    )
    assert found(project) == [
        ("campaigns/second.yml:1:1", "missing-key"),
        ("campaigns/second.yml:1:1", "missing-key"),
        ("campaigns/third.yml:1:9", "not-yaml"),
        ("nurture.yml:2:7", "bad-zone"),
        ("templates/bad.md:1:1", "no-front-matter"),
    ]
    assert project.config is None
    assert set(project.campaigns) == {"first"}
    assert len(project.errors) == 5
    with pytest.raises(Findings) as error:
        require_sound(project)
    assert error.value.sentence.startswith("The project's files have 5 errors:\n  campaigns/second.yml:1:1: ")
    assert error.value.hint == "Run: nurture check"


def test_a_long_list_of_errors_is_cut_where_a_command_refuses(tmp_path: Path) -> None:
    project = make_project(tmp_path, {f"campaigns/c{n}.yml": "" for n in range(9)})
    with pytest.raises(Findings, match=r"… and 4 more$"):
        require_sound(project)


def test_a_broken_nurture_yml_does_not_blame_the_campaigns(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"nurture.yml": "project: [\n"})
    assert found(project) == [("nurture.yml:1:11", "not-yaml")]
    assert (project.config, dict(project.campaigns)) == (None, {})


def test_a_folder_with_no_nurture_yml_says_so(tmp_path: Path) -> None:
    make_project(tmp_path, {})
    (tmp_path / "nurture.yml").unlink()
    assert found(load_project(tmp_path)) == [("nurture.yml:1:1", "unreadable-file")]


def test_a_campaign_may_name_an_asset_whose_file_is_broken(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"templates/hello.md": b"no front matter"})
    assert found(project) == [("templates/hello.md:1:1", "no-front-matter")]
    assert "first" in project.campaigns
    assert "hello" not in project.assets


def test_what_editors_and_others_leave_behind_is_passed_over(tmp_path: Path) -> None:
    junk = ["campaigns/.#first.yml", "campaigns/first.yml~", "campaigns/#first.yml#", "campaigns/first.yml.bak",
            "campaigns/.first.yml.swp", "campaigns/.gitkeep", "campaigns/README.md", "templates/README.md",
            "templates/.DS_Store", "templates/images/logo.png", "templates/_layout.html", "templates/_layout.txt",
            "templates/4913.tmp", "campaigns/first.yml.orig"]  # fmt: skip
    project = make_project(tmp_path, dict.fromkeys(junk, b"\xff"))
    assert found(project) == []
    assert "templates/_layout.html" in project.sources


def test_a_file_with_another_ending_is_noted(tmp_path: Path) -> None:
    project = make_project(tmp_path, {"campaigns/second.yml.txt": "x", "templates/mail.docx": "x"})
    assert found(project) == [
        ("campaigns/second.yml.txt:1:1", "ignored-file"),
        ("templates/mail.docx:1:1", "ignored-file"),
    ]
    assert {one.severity for one in project.diagnostics} == {Severity.NOTE}
    require_sound(project)


@pytest.mark.parametrize(
    "name", ["Hello.md", "my mail.md", "ünïcode.md", "-x.md", "a.b.md", "x.MD", "\U0001f600.md", "a\nb.md",
             "x" * 65 + ".md",
             "\u0430.md", "a\x1b[2J.md", "\udcff.md"]
)  # fmt: skip
def test_a_name_that_could_be_mistaken_is_refused(tmp_path: Path, name: str) -> None:
    project = make_project(tmp_path, {f"templates/{name}": ASSET})
    assert [rule for _, rule in found(project)] == ["bad-name"]
    assert project.diagnostics[0].message.isprintable()
    assert project.diagnostics[0].span.file.isprintable()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("templates/x.md", "templates/x.html"),
        ("templates/y.txt", "templates/y.md"),
        ("campaigns/x.yml", "campaigns/x.yaml"),
    ],
)
def test_two_files_of_one_name_are_refused(tmp_path: Path, first: str, second: str) -> None:
    project = make_project(tmp_path, {first: ASSET, second: ASSET})
    (twice,) = (one for one in project.diagnostics if one.rule == "same-name")
    assert {twice.span.file} | {name for name in (first, second) if name in twice.message} == {first, second}


def test_links_may_not_lead_out_of_the_project(tmp_path: Path) -> None:
    root = tmp_path / "project"
    make_project(root, {})
    outside = tmp_path / "secret.md"
    outside.write_bytes(ASSET)
    (root / "templates" / "out.md").symlink_to(outside)
    (root / "templates" / "zero.md").symlink_to("/dev/zero")
    (root / "templates" / "up.md").symlink_to("../../secret.md")
    (root / "templates" / "inside.md").symlink_to("hello.md")
    (root / "templates" / "lost.md").symlink_to("nowhere.md")
    (root / "templates" / "loop.md").symlink_to("loop.md")
    project = load_project(root)
    assert found(project) == [
        ("templates/loop.md:1:1", "unreadable-file"),
        ("templates/lost.md:1:1", "unreadable-file"),
        ("templates/out.md:1:1", "outside-project"),
        ("templates/up.md:1:1", "outside-project"),
        ("templates/zero.md:1:1", "outside-project"),
    ]
    assert "inside" in project.assets


def test_a_whole_folder_may_not_lead_out_of_the_project(tmp_path: Path) -> None:
    make_project(tmp_path / "other", {})
    root = tmp_path / "project"
    make_project(root, {})
    for file in (root / "templates").iterdir():
        file.unlink()
    (root / "templates").rmdir()
    (root / "templates").symlink_to("../other/templates")
    project = load_project(root)
    assert ("templates:1:1", "outside-project") in found(project)
    assert dict(project.assets) == {}


def test_what_is_not_a_file_is_never_opened(tmp_path: Path) -> None:
    make_project(tmp_path, {})
    (tmp_path / "templates" / "folder.md").mkdir()
    os.mkfifo(tmp_path / "templates" / "pipe.md")
    os.mkfifo(tmp_path / "campaigns" / "pipe.yml")
    began = time.monotonic()
    project = load_project(tmp_path)
    assert time.monotonic() - began < 5
    assert found(project) == [
        ("campaigns/pipe.yml:1:1", "not-a-file"),
        ("templates/folder.md:1:1", "not-a-file"),
        ("templates/pipe.md:1:1", "not-a-file"),
    ]


def test_a_huge_file_is_not_read(tmp_path: Path) -> None:
    make_project(tmp_path, {})
    with (tmp_path / "templates" / "huge.md").open("wb") as file:
        file.truncate(2**31)
    project = load_project(tmp_path)
    assert found(project) == [("templates/huge.md:1:1", "too-large")]
    assert f"{2**31:,}" in project.diagnostics[0].message
    assert "templates/huge.md" not in project.sources
    (tmp_path / "templates" / "huge.md").write_bytes(ASSET + b"x" * (MAX_BYTES - len(ASSET)))
    assert load_project(tmp_path).diagnostics == ()


def test_a_file_of_somebody_else_is_told_in_the_words_of_the_system(tmp_path: Path) -> None:
    make_project(tmp_path, {})
    (tmp_path / "campaigns" / "first.yml").chmod(0)
    if os.access(tmp_path / "campaigns" / "first.yml", os.R_OK):
        pytest.skip("this user may read everything")
    assert found(load_project(tmp_path)) == [("campaigns/first.yml:1:1", "unreadable-file")]


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "campaigns").write_text("x")
    (tmp_path / "nurture.yml").write_text(CONFIG.replace("segments:", "xsegments:"))
    assert ("campaigns:1:1", "unreadable-file") in found(load_project(tmp_path))


def test_secrets_are_blotted_out_of_what_is_shown(tmp_path: Path) -> None:
    lines = """\
channels:
  mail:
    type: smtp
    password: hunter2
    token: |
      deep

      deeper
    host: h
  x: {type: outbox, secret: s3cr3t}
"""
    project = make_project(tmp_path, {"nurture.yml": CONFIG + lines})
    assert {rule for _, rule in found(project)} == {"secret-in-file"}
    shown = project.sources["nurture.yml"]
    assert not any(secret in shown for secret in ("hunter2", "deep", "s3cr3t"))
    assert len(shown.split("\n")) == len((CONFIG + lines).split("\n"))
    assert "    host: h" in shown


def test_the_hash_is_that_of_all_files(tmp_path: Path) -> None:
    make_project(tmp_path, {})
    before = load_project(tmp_path).hash
    assert load_project(tmp_path).hash == before
    for file in ("nurture.yml", "campaigns/first.yml", "templates/hello.md", "templates/_layout.html"):
        path = tmp_path / file
        content = path.read_bytes() if path.exists() else None
        path.write_bytes((content or b"") + b"\n")
        assert load_project(tmp_path).hash != before
        path.unlink() if content is None else path.write_bytes(content)
    assert load_project(tmp_path).hash == before


def test_a_variant_of_a_variant_is_found_between_files(tmp_path: Path) -> None:
    project = make_project(
        tmp_path,
        {
            "templates/v1.md": "---\ntitle: V\nvariant_of: hello\n---\n",
            "templates/v2.md": "---\ntitle: V\nvariant_of: v1\n---\n",
        },
    )
    assert found(project) == [("templates/v2.md:3:13", "bad-variant")]


def test_forty_campaigns_and_six_hundred_assets_are_read_quickly(tmp_path: Path) -> None:
    steps = "".join(
        f'    - send: a{n}\n    - wait: 3 days\n    - wait_for: clicked("a{n}")\n      within: 5 days\n'
        for n in range(20)
    )
    head = CAMPAIGN.partition("stages:")[0]
    files: dict[str, str | bytes] = {
        f"campaigns/c{n}.yml": head.replace("campaign: first", f"campaign: c{n}") + "stages:\n  awareness:\n" + steps
        for n in range(40)
    }
    front = b"---\ntitle: T\nkind: article\nstages: [awareness]\ntopics: [x]\nsubject: S\n---\n"
    files |= {f"templates/a{n}.md": front + b"Some text. " * 200 for n in range(600)}
    make_project(tmp_path, files)
    began = time.process_time()
    project = load_project(tmp_path)
    assert time.process_time() - began < 1.5  # a third of it when nothing else runs
    assert (len(project.campaigns), len(project.assets), project.diagnostics) == (41, 603, ())
