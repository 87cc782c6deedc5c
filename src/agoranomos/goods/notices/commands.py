"""`agora notices …`: what rights holders say, what waits for a decision, and what each party is told."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol, cast

import click

from agoranomos.goods.notices.actions import Ruling
from agoranomos.goods.notices.form import ABOUT, NoticeForm
from agoranomos.goods.notices.model import KINDS, STATES, Kind, Notice, State, Verdict
from agoranomos.goods.notices.queries import About
from agoranomos.goods.notices.wording import LANGS, Lang
from agoranomos.goods.rooms import Rooms
from agoranomos.kernel import events
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.json_text import decoded
from agoranomos.staff.model import LOCAL
from agoranomos.staff.presenting import approval_shown
from agoranomos.terminal import json_option, write_out

_OUTCOME = click.Choice(["upheld", "rejected"])


class NoticeContext(Context, Protocol):
    """A context with the rooms of the goods desk."""

    @property
    def rooms(self) -> Rooms:
        """The rooms."""


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def notices() -> None:
    """Notices of rights holders: file, list, decide, and the statements of reasons."""


@notices.command("file")
@click.argument("form", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@json_option
@click.pass_obj
def file_notice(context: NoticeContext, form: Path, as_json: bool) -> None:
    """File the notice in FORM, a JSON object; says what the form lacks and until when it is decided."""
    raw = decoded(form.read_bytes(), "form")
    events.typed(raw, NoticeForm)
    notice = context.rooms.notices.file(raw, by=LOCAL)
    write_out(notice, as_json, *_lines(notice))


@notices.command("list")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--kind", type=click.Choice(KINDS), help="Only those.")
@click.option("--holder", help="Only those of this rights holder.")
@click.option("--brand", help="Only those in the name of this brand.")
@click.option("--store", help="Only those against this store.")
@click.option("--waiting", is_flag=True, help="What waits for a decision, in the order in which it is to be decided.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_obj
def list_notices(
    context: NoticeContext, *, state: State | None, kind: Kind | None, holder: str | None, brand: str | None,
    store: str | None, waiting: bool, limit: int, as_json: bool,
) -> None:  # fmt: skip
    """List notices, newest first."""
    service = context.rooms.notices
    about = About(state=state, kind=kind, rights_holder_id=holder, brand_id=brand, store_id=store)
    found = service.waiting(limit) if waiting else service.listed(about, after=None, limit=limit)
    write_out({"items": found}, as_json, *(_line(each) for each in found))


@notices.command("show")
@click.argument("notice_id")
@json_option
@click.pass_obj
def show_notice(context: NoticeContext, notice_id: str, as_json: bool) -> None:
    """Show a notice: what it lacks, what contradicts it, how often its holder was right, what was decided."""
    notice = context.rooms.notices.get(notice_id)
    write_out(notice, as_json, *_lines(notice))


@notices.command("decide")
@click.argument("notice_id")
@click.argument("outcome", type=_OUTCOME)
@click.option(
    "--listing", "listings", multiple=True, metavar="ID=OUTCOME", help="Decide otherwise about one listing; repeatable."
)
@click.option("--reason", default="", help="Why; the parties read it.")
@click.option("--approval", "approval_id", help="The approval of the second person, when it takes one.")
@json_option
@click.pass_obj
def decide_notice(
    context: NoticeContext, *, notice_id: str, outcome: Verdict, listings: tuple[str, ...], reason: str,
    approval_id: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Decide a notice: upheld or rejected."""
    others: dict[str, Verdict] = {}
    for each in listings:
        name, _, word = each.rpartition("=")
        if word not in ("upheld", "rejected") or not name:
            raise click.BadParameter("write ID=upheld or ID=rejected", param_hint="--listing")
        others[name] = cast("Verdict", word)
    ruling = Ruling(outcome=outcome, listings=others, reason=reason)
    found = context.rooms.notices.decide(notice_id, ruling, by=LOCAL, approval_id=approval_id)
    if isinstance(found, Approval):
        write_out(
            approval_shown(found), as_json,
            f"This takes a second person: agora approvals approve {found.approval_id}",
            f"Then: agora notices decide {notice_id} {outcome} … --approval {found.approval_id}",
        )  # fmt: skip
        return
    write_out(found, as_json, *_lines(found))


@notices.command("counter")
@click.argument("notice_id")
@click.argument("statement")
@json_option
@click.pass_obj
def counter_notice(context: NoticeContext, notice_id: str, statement: str, as_json: bool) -> None:
    """Keep the seller's answer to a notice."""
    notice = context.rooms.notices.counter(notice_id, statement, by=LOCAL)
    write_out(notice, as_json, *_lines(notice))


@notices.command("statements")
@click.argument("notice_id")
@click.option("--lang", type=click.Choice(LANGS), default="en", show_default=True)
@json_option
@click.pass_obj
def show_statements(context: NoticeContext, notice_id: str, lang: Lang, as_json: bool) -> None:
    """Show the statements of reasons: one for the rights holder, one for each store."""
    found = context.rooms.notices.statements(notice_id)
    lines = (line for each in found for line in (f"To {each.party.kind} {each.party.id}", "", each.text[lang], ""))
    write_out({"items": found}, as_json, *lines)


@notices.command("strikes")
@click.option("--least", type=click.IntRange(1, 1_000_000), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@json_option
@click.pass_obj
def list_strikes(context: NoticeContext, least: int, limit: int, as_json: bool) -> None:
    """List how many notices by a brand stand upheld against a store, the most first."""
    found = context.rooms.notices.strikes(least, limit)
    write_out({"items": found}, as_json, *(f"{each.notices:4}  {each.brand_id}  {each.store_id}" for each in found))


def _line(notice: Notice) -> str:
    due = f"  decide by {rfc3339(notice.decide_by)}" if notice.waits and notice.decide_by else ""
    outcomes = sorted({each.outcome for each in notice.own if each.outcome is not None})
    ended = f"  {', '.join(outcomes)}" if outcomes else ""
    return (
        f"{notice.notice_id}  {notice.state:10}  {notice.kind:11}  {notice.brand_id}  {notice.rights_holder_id} "
        f"({notice.standing}){due}{ended}"
    )


def _lines(notice: Notice) -> list[str]:
    lines = [_line(notice)]
    lines += [f"  lacks {each}: {ABOUT[each].en} ({ABOUT[each].source})" for each in notice.missing]
    lines += [f"  contradicted: {each}" for each in notice.conflicts]
    if notice.waits and notice.counter_until is not None:
        lines.append(f"  the seller may answer until {rfc3339(notice.counter_until)}")
    for target in notice.targets:
        store = f" of {target.store_id}" if target.store_id else ""
        state = f"in {target.merged_into}" if target.merged_into else target.outcome or "waits"
        lines.append(f"  {target.listing_id}{store}: {state}")
    return lines
