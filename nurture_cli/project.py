"""A project folder: found, read safely, and put together into one `Project` value with all findings."""

from __future__ import annotations

import gc
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nurture_cli.campaign.assets import check_variants, parse_asset
from nurture_cli.campaign.config import parse_config
from nurture_cli.campaign.fingerprint import fingerprint
from nurture_cli.campaign.folder import ASSET_SUFFIXES, CAMPAIGN_SUFFIXES, LAYOUT_MARK, Folder
from nurture_cli.campaign.model import Asset, Campaign, Config
from nurture_cli.campaign.parse import parse_campaign
from nurture_cli.errors import Findings
from nurture_cli.places import CAMPAIGNS, CONFIG_FILE, TEMPLATES
from nurture_cli.plural import how_many
from nurture_cli.text.diagnostic import Diagnostic, Severity


@dataclass(frozen=True, slots=True)
class Project:
    """A project as it is in its folder.

    `campaigns` and `assets` hold what could be read; a campaign there is fully bound, only that an asset which it
    names may be missing here when that asset's own file has an error. `sources` has the text of every file read, for
    showing lines; secrets that stand in one by mistake are blotted out. `hash` changes when any file changes, and
    `fingerprint` when one was written after this reading of them began.
    """

    root: Path
    config: Config | None
    campaigns: Mapping[str, Campaign]
    assets: Mapping[str, Asset]
    diagnostics: tuple[Diagnostic, ...]
    sources: Mapping[str, str] = field(repr=False)
    hash: str
    fingerprint: str

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        """The findings that stop a run."""
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)


def load_project(root: Path) -> Project:
    """Read nurture.yml, every asset and every campaign; what is wrong with them is among the diagnostics."""
    collecting = gc.isenabled()
    gc.disable()  # almost all that is made here stays: looking for garbage would cost a quarter of the time
    try:
        seen = fingerprint(root)  # first: what is written while the files are read must make a difference
        with Folder(root) as folder:
            return _load(root, folder, seen)
    finally:
        if collecting:
            gc.enable()


def _load(root: Path, folder: Folder, seen: str) -> Project:
    templates = folder.files(TEMPLATES, ASSET_SUFFIXES)
    campaign_files = folder.files(CAMPAIGNS, CAMPAIGN_SUFFIXES)
    asset_files = {name: file for name, file in templates.items() if not name.startswith(LAYOUT_MARK)}
    data = folder.read(CONFIG_FILE)
    reading = parse_config(data or b"", CONFIG_FILE, asset_files, campaign_files)
    if data is not None:
        folder.found += reading.diagnostics
    assets: dict[str, Asset] = {}
    for name, file in asset_files.items():
        data = folder.read(file)
        if data is not None:
            asset, found = parse_asset(data, file, reading.names)
            folder.found += found
            if asset is not None:
                assets[name] = asset
    folder.found += check_variants(assets)
    campaigns: dict[str, Campaign] = {}
    for name, file in campaign_files.items():
        data = folder.read(file)
        if data is not None:
            campaign, found = parse_campaign(data, file, reading.names)
            folder.found += found
            if campaign is not None:
                campaigns[name] = campaign
    for name, file in templates.items():
        if name.startswith(LAYOUT_MARK):
            folder.read(file)
    diagnostics = tuple(sorted(folder.found, key=lambda one: one.order))
    sources = _without_secrets(folder.sources, diagnostics)
    return Project(root, reading.config, campaigns, assets, diagnostics, sources, folder.hash, seen)


def require_sound(project: Project) -> Config:
    """The settings of a project; raises Findings if its files have errors."""
    if project.errors or project.config is None:
        count = how_many(len(project.errors), "error")
        raise Findings(f"The files have {count}.", "`nurture check` shows everything that is wrong with them.")
    return project.config


def _without_secrets(sources: Mapping[str, str], diagnostics: Sequence[Diagnostic]) -> dict[str, str]:
    """The texts with everything after the key of a secret blotted out, in its line and the lines indented below it."""
    clean = dict(sources)
    for found in diagnostics:
        if found.rule == "secret-in-file" and found.span.file in clean:
            lines = clean[found.span.file].split("\n")
            at = found.span.line - 1
            lines[at] = lines[at][: found.span.end - 1] + ": …"
            for below in range(at + 1, len(lines)):
                if lines[below].strip() and len(lines[below]) - len(lines[below].lstrip()) < found.span.col:
                    break
                lines[below] = ""
            clean[found.span.file] = "\n".join(lines)
    return clean
