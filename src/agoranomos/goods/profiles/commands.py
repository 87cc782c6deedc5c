"""`agora profiles`: how fakes differ between industries, to read and to check."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.goods.listings.policy import ListingPolicy, detector_codes, parse_policy
from agoranomos.goods.profiles.model import Profile
from agoranomos.goods.profiles.reading import parse_profile
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Invalid, NotFound

_WIDTH = 22


class PolicyContext(Protocol):
    """A context with a listing policy."""

    @property
    def policy(self) -> ListingPolicy: ...


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def profiles() -> None:
    """Category profiles: signs, weights, lines, documents and measures by kind of goods."""


@profiles.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def list_command(as_json: bool) -> None:
    """List the profiles in use, in the order in which they are asked."""
    policy: ListingPolicy = click.get_current_context().obj.policy
    if as_json:
        click.echo(msgspec.json.encode([_row(policy, one) for one in policy.profiles.all]).decode())
        return
    for one in policy.profiles.all:
        click.echo(f"{one.name:{_WIDTH}}{one.title}")
        click.echo(f"{'':{_WIDTH}}{', '.join(one.categories) or 'no category of the registry'}; {_said(policy, one)}")
    click.echo(f"{'default':{_WIDTH}}everything else")


@profiles.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def show(name: str, as_json: bool) -> None:
    """Show all that the profile NAME says, with its reasons and sources."""
    policy: ListingPolicy = click.get_current_context().obj.policy
    one = next((each for each in policy.profiles.all if each.name == name), None)
    if one is None:
        known = ", ".join(each.name for each in policy.profiles.all)
        raise NotFound(f"no profile is called {name!r}; there are {known}")
    if as_json:
        click.echo(msgspec.json.encode(_row(policy, one) | {"profile": msgspec.to_builtins(one)}).decode())
        return
    _show(policy, one)


@profiles.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="Print as JSON.")
def check(file: Path, as_json: bool) -> None:
    """Check a profile, or a listing policy with profiles, in FILE (TOML); exit 1 when something in it is wrong."""
    found: list[Profile] = []
    try:
        found = _read(file)
        error = None
    except Invalid as refused:
        error = refused.message
    if as_json:
        said = {"file": str(file), "profiles": [f"{one.name}@{one.version}" for one in found], "error": error}
        click.echo(msgspec.json.encode(said).decode())
    elif error is None:
        for one in found:
            signs = len(one.signs) + len(one.evidence)
            click.echo(
                f"{one.name}@{one.version}: {signs} signs, {len(one.documents)} documents, {len(one.measures)} measures"
            )
        click.echo("Nothing is wrong with it." if found else "It has no profile of its own; nothing is wrong with it.")
    else:
        click.echo(error, err=True)
    if error is not None:
        raise SystemExit(1)


def _read(file: Path) -> list[Profile]:
    """The profiles that a file states. Raises Invalid."""
    raw = file.read_bytes()
    try:
        keys = tomllib.loads(raw.decode("utf-8")).keys()
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"{file.name} is not a TOML file: {error}") from error
    if keys & {"report_line", "profiles", "advice"}:
        policy = parse_policy(raw)
        return list(policy.profiles.all)
    return [parse_profile(file.stem, raw, detector_codes())]


def _row(policy: ListingPolicy, one: Profile) -> dict[str, Any]:
    lines = policy.lines(one.name)
    return {
        "name": one.name,
        "version": one.version,
        "title": one.title,
        "title_zh": one.title_zh,
        "categories": list(one.categories),
        "names": list(one.names),
        "lines": {outcome.value: line for outcome, line in lines.usual.items()},
        "lines_after_warning": {outcome.value: line for outcome, line in lines.after_warning.items()},
    }


def _said(policy: ListingPolicy, one: Profile) -> str:
    return ", ".join(f"{outcome} from {line}" for outcome, line in policy.lines(one.name).usual.items())


def _show(policy: ListingPolicy, one: Profile) -> None:
    click.echo(f"{one.name}: {one.title} ({one.title_zh}), version {one.version}")
    click.echo(one.why.strip())
    click.echo(f"Applies to {', '.join(one.categories) or 'no category of the registry'}")
    if one.names:
        click.echo(f"and to category paths that name {', '.join(one.names)}")
    click.echo("Lines")
    for outcome, line in policy.lines(one.name).usual.items():
        click.echo(f"  {outcome} from {line}{_cost(one, outcome, line)}")
    for outcome, line in policy.lines(one.name).after_warning.items():
        click.echo(f"  {outcome} from {line} for a seller who was warned before")
    for heading, signs in (("Signs", one.signs), ("All evidence of a source", one.evidence)):
        if signs:
            click.echo(heading)
        for code, sign in signs.items():
            click.echo(f"  {code} counts {sign.times:g} times: {sign.why}")
    click.echo("Documents")
    for document in one.documents:
        click.echo(f"  {document.en}: {document.why}{f' [{document.source}]' if document.source else ''}")
    click.echo("Measures, by all evidence together")
    for measure in one.measures:
        click.echo(f"  {measure.action} from {measure.line}: {measure.why}")
    click.echo("Sources")
    for key, citation in one.sources.items():
        click.echo(f"  [{key}] {citation}")


def _cost(one: Profile, outcome: Outcome, line: float) -> str:
    """Why a line is where it is, when it follows from costs and the policy has not set another."""
    costs = one.costs.get(outcome)
    if costs is None or costs.line != line:
        return ""
    return f": a false alarm costs {costs.false_alarm:g}, a missed fake {costs.missed:g}"
