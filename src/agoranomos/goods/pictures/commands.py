"""`agora pictures …`: known fakes and the brands' own pictures, from the command line."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import click
import msgspec

from agoranomos.engine.pictures.guard import Guard
from agoranomos.goods.pictures import actions, queries
from agoranomos.goods.pictures.adding import NOT_ADDED, Added, add_files, files_in
from agoranomos.goods.pictures.eyes import Eyes
from agoranomos.goods.pictures.model import ROLES, SKIPPED, Reference, Role, Seen
from agoranomos.goods.pictures.service import PictureService
from agoranomos.goods.pictures.stripping import line, strip_files
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.terminal import json_option

LOCAL = Actor("system", "command_line")
_SHOWN = 20
_TELL_EVERY_S = 2.0


class PicturesContext(Context, Protocol):
    """A context that also knows where pictures are kept."""

    def pictures(self) -> PictureService: ...


brand_option = click.option("--brand", "brand_id", metavar="BRAND_ID", help="The brand that the pictures show.")
role_option = click.option("--role", type=click.Choice(ROLES), help="Only known fakes, or only the brands' own.")
folder_argument = click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, exists=True))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def pictures() -> None:
    """Known pictures: of fakes, and the brands' own. Listings that show them are found by `agora scan`."""


@pictures.command("add-fakes")
@folder_argument
@brand_option
@json_option
def add_fakes(folder: Path, brand_id: str | None, as_json: bool) -> None:
    """Add the pictures in DIR as known fakes. A second run changes nothing."""
    _add("fake", folder, brand_id, as_json)


@pictures.command("add-genuine")
@folder_argument
@brand_option
@json_option
def add_genuine(folder: Path, brand_id: str | None, as_json: bool) -> None:
    """Add the pictures in DIR as a brand's own, which others may show. A second run changes nothing."""
    _add("genuine", folder, brand_id, as_json)


@pictures.command("list")
@role_option
@click.option("--brand", "brand_id", metavar="BRAND_ID", help="Only pictures of this brand.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--after", type=int, default=0, help="Go on after this number.")
@json_option
def list_(*, role: Role | None, brand_id: str | None, limit: int, after: int, as_json: bool) -> None:
    """List what is known, in the order in which it was added."""
    with _context().store().reading() as connection:
        found = queries.page(connection, role=role, brand_id=brand_id, after=after, limit=limit + 1)
    page, following = found[:limit], found[limit - 1].number if len(found) > limit else None
    if as_json:
        _print_json({"items": page, "next_after": following})
        return
    for each in page:
        click.echo(_line(each))
    if not page:
        click.echo("no such picture is known", err=True)
    if following is not None:
        click.echo(f"There are more: --after {following}", err=True)


@pictures.command()
@click.argument("name")
@role_option
@json_option
def remove(name: str, role: Role | None, as_json: bool) -> None:
    """Forget the pictures called NAME (or with this content hash)."""
    context = _context()
    with context.store().transaction() as connection:
        gone = actions.remove(connection, name, role, by=LOCAL, now=context.now())
    if as_json:
        _print_json({"items": gone})
        return
    for each in gone:
        click.echo(f"removed: {_line(each)}")


@pictures.command()
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@json_option
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """Say which known pictures each FILE shows, and how sure that is."""
    context = _context()
    with Eyes(Path("/"), context.pictures().references(), context.pictures().caches()) as eyes:
        seen = eyes.look([str(file.resolve()) for file in files]).seen
    if as_json:
        items = [_checked(str(file), each) for file, each in zip(files, seen, strict=True)]
        _print_json({"items": items})
        return
    for file, each in zip(files, seen, strict=True):
        if each.skipped is not None:
            click.echo(f"{file}: not looked at, {SKIPPED[each.skipped]}")
        elif not each.resembles:
            click.echo(f"{file}: shows no known picture")
        for one in each.resembles:
            brand = f" of {one.brand_id}" if one.brand_id else ""
            click.echo(f"{file}: {one.role} {one.name}{brand}, probability {one.score:.2f}: {one.how}")
        for code in each.codes:
            click.echo(f"{file}: a {code.kind} that says {code.text}")


@pictures.command("strip")
@click.argument("files", metavar="FILE…", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@click.option("--out", "folder", metavar="DIR", required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option("--names", type=click.Choice(("own", "content")), default="own", show_default=True,
              help="The copies have the names of the files, or names made of their content.")  # fmt: skip
@json_option
def strip_(files: tuple[Path, ...], folder: Path, names: str, as_json: bool) -> None:
    """Copy each photo FILE into DIR without what tells where, when, by whom and with what it was taken.

    The picture itself stays as it is, to the byte. Exit 1 when one could not be copied; --json says which, and why.
    """
    made = strip_files(files, folder, by_content=names == "content")
    if as_json:
        _print_json({"items": made})
    else:
        for each in made:
            click.echo(line(each), err=each.skipped is not None)
    if any(each.skipped is not None for each in made):
        raise SystemExit(1)


def _checked(file: str, seen: Seen) -> dict[str, Any]:
    return {
        "file": file, "skipped": seen.skipped, "content": seen.content or None,
        "resembles": list(seen.resembles), "codes": list(seen.codes),
    }  # fmt: skip


def _add(role: Role, folder: Path, brand_id: str | None, as_json: bool) -> None:
    if brand_id is not None and not is_id(brand_id):
        raise Invalid("a brand id has 1 to 128 printable characters")
    context = _context()
    paths = files_in(folder)
    caches = context.pictures().caches()
    with caches.signatures() as cache, Guard() as guard:
        report = add_files(
            context.store(), role, paths, brand_id=brand_id, cache=cache, guard=guard, by=LOCAL,
            clock=context.now, tell=_progress(len(paths)),
        )  # fmt: skip
    if report.added or report.changed:
        context.pictures().references()  # brings the index up to date, so that the next scan need not
    if as_json:
        _print_json(report)
        return
    _say(report)


def _say(report: Added) -> None:
    counts = ("added", "changed", "unchanged", "skipped")
    click.echo(" · ".join(f"{getattr(report, name):,} {name}" for name in counts))
    for reason, count in report.skipped_by_reason.items():
        click.echo(f"  {count:>6,}  skipped, {reason}: {NOT_ADDED[reason]}")
    for each in report.skips[:_SHOWN]:
        click.echo(f"{each.file}: {each.reason}", err=True)
    if len(report.skips) > _SHOWN:
        click.echo(f"… and {len(report.skips) - _SHOWN:,} more; see --json", err=True)


def _progress(total: int) -> Callable[[int], None]:
    said = time.monotonic()

    def tell(done: int) -> None:
        nonlocal said
        if time.monotonic() - said >= _TELL_EVERY_S:
            said = time.monotonic()
            click.echo(f"{done:,} of {total:,} files", err=True)

    return tell


def _line(each: Reference) -> str:
    added = rfc3339(each.added_at) if each.added_at else ""
    facts = (each.role, each.name, each.brand_id or "", added, each.content[:12])
    return "  ".join(fact for fact in facts if fact)


def _context() -> PicturesContext:
    context: PicturesContext = click.get_current_context().obj
    return context


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.encode(value).decode())
