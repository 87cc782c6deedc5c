"""`agora brands …`: the registry from the command line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec
import pyarrow as pa

from agoranomos.goods.brands import actions, queries
from agoranomos.goods.brands.bands import learn
from agoranomos.goods.brands.importing import import_brands
from agoranomos.goods.brands.model import Brand, fold_name
from agoranomos.goods.brands.proposing import Settings, propose
from agoranomos.goods.brands.registry_file import read_registry
from agoranomos.goods.brands.service import BrandService
from agoranomos.goods.brands.showing import shown
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot
from agoranomos.kernel.context import Context
from agoranomos.kernel.errors import AgoranomosError
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option

_F = TypeVar("_F", bound=Callable[..., None])
_REJECTS_SHOWN = 20
STATUSES = ("accepted", "proposed", "rejected", "merged_into")

registry_option = click.option(
    "--registry",
    type=click.Path(path_type=Path, exists=True),
    help="A file or folder of brands that lies on top of the registry.",
)
listings_argument = click.argument("listings", nargs=-1, required=True, type=click.Path(path_type=Path))


class WrongInput(click.ClickException):
    """A refusal of the system as the command line tells it."""

    exit_code = 2


class _Group(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AgoranomosError as error:
            raise WrongInput(error.message) from error


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
def brands() -> None:
    """The brand registry: what is known, import, proposals, authorised stores, price bands."""


@brands.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True))
@json_option
def import_(files: tuple[Path, ...], as_json: bool) -> None:
    """Import brands from FILES: brand.registered events or brands as JSON lines, CSV, or the
    files of the name-suggestion-index (also its folder). A second run changes nothing.
    """
    context = _context()
    with context.store().transaction() as connection:
        report = import_brands(connection, files, context.now())
    if as_json:
        _print_json(report)
        return
    counts = ("added", "changed", "unchanged", "skipped", "rejected")
    click.echo(" · ".join(f"{getattr(report, name)} {name}" for name in counts))
    for reject in report.rejects[:_REJECTS_SHOWN]:
        place = f"{reject.file}:{reject.line}{' ' + reject.pointer if reject.pointer else ''}"
        click.echo(f"{place}: {reject.reason}", err=True)
    if len(report.rejects) > _REJECTS_SHOWN:
        click.echo(f"… and {len(report.rejects) - _REJECTS_SHOWN} more; see --json", err=True)


@brands.command("list")
@click.option("--query", default="", help="Only brands with this in one of their names.")
@click.option("--status", type=click.Choice(STATUSES), default="accepted", show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--cursor", default="", help="Go on after the page that gave this cursor.")
@registry_option
@json_option
def list_(*, query: str, status: str, limit: int, cursor: str, registry: Path | None, as_json: bool) -> None:
    """List the brands in the order of their ids, page by page."""
    found = [brand for brand in _with_status(status, registry) if brand.brand_id > cursor and _matches(brand, query)]
    page, rest = found[:limit], found[limit:]
    following = page[-1].brand_id if rest else None
    if as_json:
        _print_json({"items": page, "next_cursor": following})
        return
    for brand in page:
        click.echo(_line(brand))
    if not page:
        click.echo("no such brand", err=True)
    if following is not None:
        click.echo(f"{len(rest)} more: --cursor {following}", err=True)


@brands.command()
@click.argument("brand_id")
@registry_option
@json_option
def show(brand_id: str, registry: Path | None, as_json: bool) -> None:
    """Show all that is known of BRAND_ID, also when it is only proposed, rejected or merged."""
    snapshot = _snapshot(registry)
    with _context().store().reading() as connection:
        stored = queries.brand(connection, brand_id)
        evidence = queries.proposal(connection, brand_id)
    brand = snapshot.by_id.get(brand_id) or stored or snapshot.get(brand_id)
    if as_json:
        document = msgspec.to_builtins(brand)
        if evidence is not None:
            document["proposal"] = msgspec.to_builtins(evidence)
        _print_json(document)
        return
    for line in shown(brand, evidence):
        click.echo(line)


@brands.command("propose")
@listings_argument
@click.option("--limit", type=click.IntRange(1, 100_000), default=1_000, show_default=True)
@registry_option
@json_option
def propose_(listings: tuple[Path, ...], limit: int, registry: Path | None, as_json: bool) -> None:
    """Find names in LISTINGS that behave like brands and are unknown, for a person to decide."""
    context, snapshot = _context(), _snapshot(registry)
    with context.store().reading() as connection:
        decided = queries.decided_names(connection)
    proposals = propose(_batches(listings), snapshot, decided, Settings(limit=limit))
    with context.store().transaction() as connection:
        fresh, again = actions.propose(connection, proposals, context.now())
    if as_json:
        _print_json({"new": fresh, "seen_again": again, "proposals": proposals})
        return
    for proposal in proposals:
        names = " / ".join((proposal.name, *proposal.aliases))
        click.echo(f"{proposal.score:.2f}  {proposal.listings:6}  {proposal.brand_id}  {names}")
        click.echo(f"{'':14}{proposal.examples[0]}")
    if proposals:
        click.echo(f"{fresh} new, {again} seen again; decide with: agora brands accept|merge|reject", err=True)
    else:
        click.echo("no unknown name in these listings behaves like a brand", err=True)


@brands.command()
@click.argument("brand_ids", nargs=-1, required=True)
@json_option
def accept(brand_ids: tuple[str, ...], as_json: bool) -> None:
    """Make BRAND_IDS, which were proposed or rejected, part of the registry."""
    _done(_service().accept(brand_ids, by=LOCAL), as_json)


@brands.command()
@click.argument("brand_id")
@click.argument("into")
@json_option
def merge(brand_id: str, into: str, as_json: bool) -> None:
    """Make every name of BRAND_ID another name of INTO."""
    _done([_service().merge(brand_id, into, by=LOCAL)], as_json)


@brands.command()
@click.argument("brand_ids", nargs=-1, required=True)
@json_option
def reject(brand_ids: tuple[str, ...], as_json: bool) -> None:
    """Take BRAND_IDS out of the registry, or refuse them as proposals, and remember that."""
    _done(_service().reject(brand_ids, by=LOCAL), as_json)


@brands.command()
@click.argument("brand_id")
@click.argument("store_ids", nargs=-1)
@click.option("--remove", is_flag=True, help="Take the stores off the list.")
@click.option("--open", "openly", is_flag=True, help="Let every store sell the brand.")
@json_option
def authorise(brand_id: str, store_ids: tuple[str, ...], remove: bool, openly: bool, as_json: bool) -> None:
    """Authorise STORE_IDS to sell BRAND_ID, which closes the brand to all other stores."""
    if openly == bool(store_ids) or (openly and remove):
        raise click.UsageError("give either store ids or --open")
    service = _service()
    done = (
        service.sell_openly(brand_id, by=LOCAL) if openly
        else service.authorise(brand_id, store_ids, remove=remove, by=LOCAL)
    )  # fmt: skip
    _done([done], as_json)


@brands.command("learn")
@listings_argument
@registry_option
@json_option
def learn_(listings: tuple[Path, ...], registry: Path | None, as_json: bool) -> None:
    """Learn price bands by brand, category and currency from LISTINGS."""
    context, snapshot = _context(), _snapshot(registry)
    provenance = f"learned from {', '.join(path.name for path in listings)}"[:500]
    result = learn(_batches(listings), snapshot, provenance, context.now())
    with context.store().transaction() as connection:
        actions.record_bands(connection, result.bands, context.now())
    if as_json:
        _print_json(result)
        return
    for brand_id, bands in result.bands.items():
        for band in bands:
            what = f"{brand_id}  {band.category or 'any category'}"
            click.echo(f"{what}  {band.low} to {band.high}  ({band.n} listings)")
    click.echo(
        f"{result.learned} bands from {result.recognised} of {result.listings} listings; "
        f"{result.refused} combinations of brand and category had too few listings or stores",
        err=True,
    )


@brands.command()
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Default: stdout.")
@registry_option
@click.option("--json", "as_json", is_flag=True, help="JSON lines, which is the only form.")
def export(out: Path | None, registry: Path | None, as_json: bool) -> None:  # noqa: ARG001 - every command has --json
    """Write the whole registry as JSON lines, which `import` and `--registry` read again."""
    lines = b"".join(msgspec.json.encode(brand, order="sorted") + b"\n" for brand in _snapshot(registry).brands)
    if out is None:
        sys.stdout.buffer.write(lines)
    else:
        out.write_bytes(lines)


def _context() -> Context:
    context: Context = click.get_current_context().obj
    return context


def _service() -> BrandService:
    context = _context()
    return BrandService(context.store(), context.now)


def _snapshot(registry: Path | None) -> RegistrySnapshot:
    extra, rejects = read_registry(registry) if registry else ([], [])
    for reject in rejects[:_REJECTS_SHOWN]:
        click.echo(f"{reject.file}:{reject.line} {reject.pointer}: {reject.reason}", err=True)
    with _context().store().reading() as connection:
        return load_snapshot(connection, extra)


def _with_status(status: str, registry: Path | None) -> Sequence[Brand]:
    if status == "accepted":
        return _snapshot(registry).brands
    with _context().store().reading() as connection:
        return [brand for brand in queries.all_brands(connection) if brand.status == status]


def _matches(brand: Brand, query: str) -> bool:
    wanted = fold_name(query)
    return not wanted or any(wanted in fold_name(name) for name in brand.called())


def _batches(listings: Sequence[Path]) -> Iterator[pa.RecordBatch]:
    """The rows of the files `listings` that can be used, as LISTING_SCHEMA; others are counted."""
    from agoranomos.engine.scan.layout import inspect  # noqa: PLC0415 - most commands read no listings
    from agoranomos.engine.scan.raw import Tally  # noqa: PLC0415
    from agoranomos.engine.scan.reading import read_unit  # noqa: PLC0415
    from agoranomos.engine.scan.sources import expand  # noqa: PLC0415
    from agoranomos.engine.scan.units import plan  # noqa: PLC0415

    refused = 0
    sources = [(source, inspect(source)) for source in expand(listings)]
    for unit in plan(sources):
        for slab in read_unit(unit, Tally()):
            refused += len(slab.rejects)
            yield slab.batch
    if refused:
        rows = "1 row" if refused == 1 else f"{refused} rows"
        click.echo(f"{rows} of the listings could not be used; agora scan says why", err=True)


def _line(brand: Brand) -> str:
    stores = brand.authorised_store_ids
    closed = "" if stores is None else "1 store" if len(stores) == 1 else f"{len(stores)} stores"
    facts = (brand.brand_id, " / ".join(brand.names), ",".join(brand.categories), closed)
    return "  ".join(fact for fact in facts if fact)


def _done(changed: Sequence[Brand], as_json: bool) -> None:
    if as_json:
        _print_json({"items": changed})
    else:
        for brand in changed:
            click.echo(f"{brand.standing}: {_line(brand)}")


def _print_json(value: Any) -> None:
    click.echo(msgspec.json.encode(value).decode())
