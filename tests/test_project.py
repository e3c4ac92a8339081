from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from nurture_cli.errors import Findings, WrongUsage
from nurture_cli.places import find_project
from nurture_cli.project import Project, load_project, require_sound
from nurture_cli.text import files as opening
from nurture_cli.text.decode import MAX_BYTES
from nurture_cli.text.diagnostic import Severity
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
    assert require_sound(project) is project.config


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
    assert error.value.sentence == "The files have 5 errors."
    assert "nurture check" in (error.value.hint or "")


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


SECRET = "canary-7f3a"


def with_secrets(root: Path) -> Path:
    """A project with a key, a repository and a folder beside it, each with a secret in it."""
    make_project(root, {"nurture.key": SECRET, ".git/config": f"[remote]\n\turl = https://x:{SECRET}@git\n"})
    (root.parent / "secret.md").write_text(f"---\ntitle: {SECRET}\n---\n{SECRET}\n")
    return root


def told(project: Project) -> str:
    return repr((project.diagnostics, project.sources, project.assets, project.campaigns, project.config))


@pytest.mark.parametrize(
    ("file", "target"),
    [
        ("templates/_k.txt", "../nurture.key"),
        ("templates/k.txt", "../nurture.key"),
        ("templates/_g.html", "../.git/config"),
        ("templates/out.md", "../../secret.md"),
        ("templates/other.md", "../campaigns/first.yml"),
        ("templates/config.md", "../nurture.yml"),
        ("templates/zero.md", "/dev/zero"),
        ("templates/process.txt", "/proc/self/environ"),
        ("templates/lost.md", "../nowhere.md"),
        ("templates/far.md", "sub/../../../secret.md"),
        ("templates/ending.md", "hello.txt"),
        ("templates/slash.md", "hello.md/"),
        ("templates/dots.md", ".."),
        ("campaigns/x.yml", "../.git/config"),
        ("campaigns/y.yaml", "../nurture.key"),
        ("campaigns/z.yml", "\x1b[31m/\u202e"),
    ],
)
def test_a_link_is_followed_to_a_file_beside_it_alone(tmp_path: Path, file: str, target: str) -> None:
    root = with_secrets(tmp_path / "project")
    (root / file).symlink_to(target)

    project = load_project(root)

    ((place, rule),) = found(project)
    (finding,) = project.diagnostics
    assert (place, rule) == (f"{file}:1:1", "outside-folder")
    assert finding.message.startswith("This is a link to `")
    assert target in finding.message or not target.isprintable()
    assert finding.message.isprintable()
    assert SECRET not in told(project)
    assert file not in project.sources


@pytest.mark.parametrize(
    "target", ["nurture.key", ".git/config", "/etc/passwd", "campaigns/first.yml", "../p/nurture.key"]
)
def test_nurture_yml_is_read_through_no_link_to_another_kind_of_file(tmp_path: Path, target: str) -> None:
    root = with_secrets(tmp_path / "project")
    (root / "nurture.yml").unlink()
    (root / "nurture.yml").symlink_to(target)

    project = load_project(root)

    assert found(project) == [("nurture.yml:1:1", "outside-folder")]
    assert SECRET not in told(project)


@pytest.mark.parametrize(
    "target", ["hello.md", "./hello.md", "../templates/hello.md", "sub/../hello.md", "{}/templates/hello.md"]
)
def test_a_link_to_a_file_beside_it_is_followed(tmp_path: Path, target: str) -> None:
    root = with_secrets(tmp_path / "project")
    (root / "templates" / "same.md").symlink_to(target.format(root))
    (root / "templates" / "again.md").symlink_to("same.md")
    (tmp_path / "link").symlink_to(root)
    (root / "nurture.yml").rename(root / "nurture.work.yml")
    (root / "nurture.yml").symlink_to("nurture.work.yml")

    for place in (root, tmp_path / "link"):
        project = load_project(place)
        assert found(project) == []
        assert {"hello", "same", "again"} <= project.assets.keys()
        assert project.sources["templates/same.md"] == project.sources["templates/hello.md"]


def test_a_link_to_a_link_out_of_the_folder_is_not_followed_and_a_circle_ends(tmp_path: Path) -> None:
    root = with_secrets(tmp_path / "project")
    (root / "templates" / "one.md").symlink_to("two.md")
    (root / "templates" / "two.md").symlink_to("../../secret.md")
    (root / "templates" / "loop.md").symlink_to("loop.md")
    (root / "templates" / "lost.md").symlink_to("nowhere.md")
    os.mkfifo(root / "templates" / "pipe.md")
    (root / "templates" / "to-pipe.md").symlink_to("pipe.md")

    project = load_project(root)

    assert found(project) == [
        ("templates/loop.md:1:1", "unreadable-file"),
        ("templates/lost.md:1:1", "unreadable-file"),
        ("templates/one.md:1:1", "outside-folder"),
        ("templates/pipe.md:1:1", "not-a-file"),
        ("templates/to-pipe.md:1:1", "not-a-file"),
        ("templates/two.md:1:1", "outside-folder"),
    ]
    assert SECRET not in told(project)


@pytest.mark.parametrize("target", ["../other/templates", "campaigns", ".git", "nowhere", "templates", "{}/moved"])
def test_a_folder_that_is_a_link_is_not_read(tmp_path: Path, target: str) -> None:
    make_project(tmp_path / "other", {"templates/secret.md": f"---\ntitle: {SECRET}\n---\n{SECRET}\n"})
    root = with_secrets(tmp_path / "project")
    (root / "templates").rename(root / "moved")
    (root / "templates").symlink_to(target.format(root))

    project = load_project(root)

    assert ("templates:1:1", "outside-folder") in found(project)
    assert dict(project.assets) == {}
    assert SECRET not in told(project)


def test_links_to_folders_and_of_editors_beside_the_files_are_passed_over(tmp_path: Path) -> None:
    root = with_secrets(tmp_path / "project")
    (root / "campaigns" / ".#first.yml").symlink_to("ada@laptop.4711:1764400000")
    (root / "campaigns" / "sub").symlink_to("..")
    (root / "campaigns" / "folder.yml").symlink_to("..")

    assert found(load_project(root)) == [
        ("campaigns/folder.yml:1:1", "outside-folder"),
        ("campaigns/sub:1:1", "ignored-file"),
    ]


@pytest.mark.parametrize("file", ["templates/hello.md", "campaigns/first.yml", "nurture.yml"])
def test_a_link_that_is_put_there_between_looking_and_opening_is_not_followed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, file: str
) -> None:
    root = with_secrets(tmp_path / "project")
    look = opening._look

    def look_and_be_overtaken(name: str, folder: int) -> os.stat_result:
        seen = look(name, folder)
        if name == Path(file).name and not (root / file).is_symlink():
            (root / file).unlink()
            (root / file).symlink_to(root / "nurture.key")
        return seen

    monkeypatch.setattr(opening, "_look", look_and_be_overtaken)
    project = load_project(root)

    assert (f"{file}:1:1", "unreadable-file") in found(project)
    assert SECRET not in told(project)


def test_more_files_than_people_write_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nurture_cli.campaign.folder.MOST_FILES", 5)
    make_project(tmp_path / "many", {f"campaigns/c{number}.yml": "x" for number in range(6)})
    assert ("campaigns:1:1", "too-large") in found(load_project(tmp_path / "many"))

    monkeypatch.setattr("nurture_cli.campaign.folder.MOST_FILES", 100)
    monkeypatch.setattr("nurture_cli.campaign.folder.MOST_BYTES", 5_000)
    files = {f"templates/big{number}.md": ASSET + b"x" * 2_000 for number in range(3)}
    rules = [rule for _, rule in found(make_project(tmp_path / "much", files))]
    assert "too-large" in rules


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
