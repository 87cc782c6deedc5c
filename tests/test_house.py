"""The house keeps its order: what reviews would otherwise have to look for."""

from __future__ import annotations

import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

import agoranomos
from agoranomos.engine.detectors import discover
from agoranomos.goods.listings import detectors
from agoranomos.main import cli

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "agoranomos"
# In the projects that this one learns from, 90 % of the files are shorter and trouble sits in the
# tail: a file that nobody reads as a whole collects what belongs elsewhere.
LINES_MAX = 450
LONGER = {
    "access/logs/kernels.py": 580,  # the compiler's cache looks at one file: cut up, it would miss changes
    "engine/features/kernels.py": 560,  # the compiler's cache looks at one file: cut up, it would miss changes
    "engine/text/machine.py": 560,  # one fused pass, compiled as a whole: cut up, it would call
}
"""Files that may be longer, how long, and why."""
# Hosts of package registries end up in lock files, absolute paths in tests and scripts; both work
# on one machine only. Put together here, so that this file is clean by its own rule.
PLACES = re.compile(
    "|".join(
        (
            "pypi" + r"\.org",
            "python" + r"hosted\.org",
            "npmjs" + r"\.(?:org|com)",
            "/wo" + "rk/",
            "/ho" + r"me/\w+/",
            "/Us" + r"ers/\w+/",
            "/ro" + "ot/",
            r"\b[A-Z]:" + r"\\Users\\",
        )
    )
)
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".jsonl",
    ".csv",
    ".lock",
    ".html",
    ".css",
    ".svg",
    ".txt",
    "",
}
GROUPS = (
    "access", "approvals", "audit", "batches", "brands", "cases", "db", "inspections", "jobs", "keys", "lists",
    "notices", "people", "pictures", "profiles", "programmes", "promotions", "queues", "redress", "referrals",
    "retention", "reviews", "rules", "sellers", "testbuys", "webhooks",
)  # fmt: skip
COMMAND_PAGE = ROOT / "docs" / "platform-engineer.md"


def tracked() -> list[Path]:
    """The files that git knows."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in done.stdout.split("\0") if name and (ROOT / name).is_file()]


def commands(group: click.Group = cli, path: str = "agora") -> Iterator[tuple[str, click.Command]]:
    """Every command with its whole name."""
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def test_the_version_is_one() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == agoranomos.__version__


def test_files_stay_short() -> None:
    lengths = {
        path.relative_to(SOURCE).as_posix(): len(path.read_text("utf-8").splitlines()) for path in SOURCE.rglob("*.py")
    }
    too_long = {name: lines for name, lines in lengths.items() if lines > LONGER.get(name, LINES_MAX)}
    assert not too_long, "cut them along what they are about, or say above why not"
    assert all(lengths[name] > LINES_MAX for name in LONGER), "an exception that is not needed"


def test_detectors_have_codes_of_their_own() -> None:
    found = discover(detectors)  # refuses two with one code
    modules = {path.stem for path in (SOURCE / "goods/listings/detectors").glob("*.py")}
    assert {one.code.removeprefix("goods.") for one in found} == modules - {"__init__"}
    assert all(one.about.endswith(".") for one in found)


def test_nothing_points_to_one_machine() -> None:
    for path in tracked():
        if path.suffix not in TEXT:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), start=1):
            place = PLACES.search(line)
            assert place is None, f"{path.relative_to(ROOT)}:{number} names {place}"


def test_every_command_is_documented() -> None:
    row = re.compile(r"^\| `(agora(?: [a-z]+(?:-[a-z]+)*)+)(?: [A-Z\[-][^`]*)?` \|", re.MULTILINE)
    rows = row.findall(COMMAND_PAGE.read_text("utf-8"))
    assert sorted(rows) == sorted(name for name, _ in commands())


def test_the_help_lists_the_documented_commands() -> None:
    said = cli.get_help(click.Context(cli, info_name="agora"))
    for name, _ in commands():
        assert re.search(rf"^  {name.split()[1]} ", said, re.MULTILINE), name


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=lambda one: str(one)[:40])
def test_every_command_explains_itself_and_speaks_json(name: str, command: click.Command) -> None:
    assert command.help, f"{name} has no help text"
    options = {option for each in command.params for option in each.opts}
    assert "--json" in options, f"{name} has no --json"


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_explains_itself(group: str) -> None:
    command = cli.get_command(click.Context(cli), group)
    assert command is not None
    assert command.help
