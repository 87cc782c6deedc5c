"""`agora cases …`: what waits, what is next, what was decided."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

import click
import msgspec

from agoranomos.cases.desk.buyers import ForBuyers
from agoranomos.cases.desk.deciding import Ruling
from agoranomos.cases.desk.model import KINDS, OUTCOMES, STATES, Case, Outcome, State
from agoranomos.cases.desk.queries import About
from agoranomos.cases.policy import Kind
from agoranomos.cases.queue.actions import WHYS, Why
from agoranomos.cases.rooms import Cases
from agoranomos.cases.service import CaseView
from agoranomos.enforcement.model import Want
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.context import Context
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.money import Money
from agoranomos.staff.model import LOCAL
from agoranomos.terminal import json_option, write_out


class CaseContext(Context, Protocol):
    """A context with the rooms of cases."""

    @property
    def cases(self) -> Cases:
        """The rooms."""


limit_option = click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cases() -> None:
    """Cases: what findings gather into, the queues that people take them from, and how they end."""


@cases.command("gather")
@json_option
@click.pass_obj
def gather(context: CaseContext, as_json: bool) -> None:
    """Gather what was found and filed into cases, and run their clocks. A running server does it by itself."""
    service = context.cases.service
    found, moved = service.gather(), service.run_clocks()
    write_out({"findings": found, "clocks": moved}, as_json, f"{found} findings gathered, {moved} clocks ran out.")


@cases.command("queues")
@json_option
@click.pass_obj
def queues(context: CaseContext, as_json: bool) -> None:
    """Show the queues in numbers."""
    found = context.cases.service.queues()
    lines = (
        f"{each.queue:13} {each.open:6} open  {each.held:4} held  {each.overdue:5} overdue  {each.waiting:4} waiting"
        f"  {each.decided} of {each.per_day} decided today"
        for each in found
    )
    write_out({"items": found}, as_json, *lines)


@cases.command("list")
@click.option("--queue", help="Only this queue, in the order in which it is worked through.")
@click.option("--due", is_flag=True, help="What is due first.")
@click.option("--state", type=click.Choice(STATES), help="Only those.")
@click.option("--kind", type=click.Choice(KINDS), help="Only those.")
@click.option("--seller", help="Only those of this seller.")
@limit_option
@json_option
@click.pass_obj
def list_cases(
    context: CaseContext, *, queue: str | None, due: bool, state: State | None, kind: Kind | None, seller: str | None,
    limit: int, as_json: bool,
) -> None:  # fmt: skip
    """List cases: newest first; of a queue, the most harmful first."""
    service = context.cases.service
    if due:
        found = service.due(queue, after=None, limit=limit)
    elif queue is not None and state is None and kind is None and seller is None:
        found = service.page(queue, after=None, limit=limit)
    else:
        about = About(queue=queue, state=state, kind=kind, seller_id=seller)
        found = service.listed(about, after=None, limit=limit)
    write_out({"items": found}, as_json, *(line(each) for each in found))


@cases.command("show")
@click.argument("case_id")
@json_option
@click.pass_obj
def show_case(context: CaseContext, case_id: str, as_json: bool) -> None:
    """Show a case: findings, why it is where it is, other cases of the same, who complained, what was done."""
    found = context.cases.service.view(case_id)
    write_out(found, as_json, *lines_of(found))


@cases.command("next")
@click.argument("queue")
@json_option
@click.pass_obj
def take_next(context: CaseContext, queue: str, as_json: bool) -> None:
    """Take the next case of QUEUE; it is yours for some minutes."""
    _told(context.cases.service.take_next(queue, by=LOCAL, leads=True), as_json)


@cases.command("claim")
@click.argument("case_id")
@json_option
@click.pass_obj
def claim(context: CaseContext, case_id: str, as_json: bool) -> None:
    """Take this case, or say that you still work on it."""
    _told(context.cases.service.pick(case_id, by=LOCAL), as_json)


@cases.command("release")
@click.argument("case_id")
@click.option("--why", type=click.Choice(WHYS), default="break", show_default=True)
@json_option
@click.pass_obj
def release(context: CaseContext, case_id: str, why: Why, as_json: bool) -> None:
    """Give a case back."""
    _told(context.cases.service.release(case_id, why, by=LOCAL), as_json)


@cases.command("assign")
@click.argument("case_id")
@click.argument("person_id")
@json_option
@click.pass_obj
def assign(context: CaseContext, case_id: str, person_id: str, as_json: bool) -> None:
    """Give a case to somebody, from whoever holds it."""
    _told(context.cases.service.assign(case_id, Actor("person", person_id), by=LOCAL), as_json)


@cases.command("escalate")
@click.argument("case_id")
@click.argument("reason")
@json_option
@click.pass_obj
def escalate(context: CaseContext, case_id: str, reason: str, as_json: bool) -> None:
    """Have somebody who leads look at a case."""
    _told(context.cases.service.escalate(case_id, reason, by=LOCAL), as_json)


@cases.command("wait")
@click.argument("case_id")
@click.argument("days", type=click.IntRange(1, 180))
@click.option("--for", "waits_for", default="seller", show_default=True, help="Who is to answer.")
@json_option
@click.pass_obj
def wait(context: CaseContext, case_id: str, days: int, waits_for: str, as_json: bool) -> None:
    """Give a party DAYS to answer; the clock stands still meanwhile."""
    _told(context.cases.service.wait(case_id, waits_for, days, by=LOCAL), as_json)


@cases.command("resume")
@click.argument("case_id")
@json_option
@click.pass_obj
def resume(context: CaseContext, case_id: str, as_json: bool) -> None:
    """The party has answered: the clock goes on."""
    _told(context.cases.service.resume(case_id, by=LOCAL), as_json)


@cases.command("tag")
@click.argument("case_id")
@click.argument("tags", nargs=-1)
@json_option
@click.pass_obj
def tag(context: CaseContext, case_id: str, tags: tuple[str, ...], as_json: bool) -> None:
    """Set the tags of a case."""
    _told(context.cases.service.tag(case_id, tags, by=LOCAL), as_json)


@cases.command("comment")
@click.argument("case_id")
@click.argument("text")
@json_option
@click.pass_obj
def comment(context: CaseContext, case_id: str, text: str, as_json: bool) -> None:
    """Comment on a case; what looks like personal data is taken out."""
    found = context.cases.service.comment(case_id, text, by=LOCAL)
    write_out(found, as_json, f"{found.texts[-1].name}: {found.texts[-1].text}")


@cases.command("open")
@click.argument("subject", metavar="KIND:ID")
@click.argument("text")
@click.option("--key", help="Of one key there is one case; by default the subject.")
@json_option
@click.pass_obj
def open_by_hand(context: CaseContext, subject: str, text: str, key: str | None, as_json: bool) -> None:
    """Open a case by hand, such as on store:store-7."""
    about = _subject(subject)
    _told(context.cases.service.report(key or subject, about, text, by=LOCAL), as_json)


@cases.command("decide")
@click.argument("case_id")
@click.argument("outcome", type=click.Choice(OUTCOMES))
@click.option("--clause", required=True, help="The clause of the policy, such as counterfeit.")
@click.option("--reason", required=True, help="Why; the party reads it.")
@click.option("--subject", "subjects", multiple=True, metavar="KIND:ID", help="About this one only; repeatable.")
@click.option(
    "--action", "wants", multiple=True, metavar="KIND=SUBJECT", help="Such as listing.remove=listing:l1; repeatable."
)
@json_option
@click.pass_obj
def decide(
    context: CaseContext, *, case_id: str, outcome: Outcome, clause: str, reason: str, subjects: tuple[str, ...],
    wants: tuple[str, ...], as_json: bool,
) -> None:  # fmt: skip
    """Decide a case that you hold."""
    ruling = Ruling(
        outcome=outcome, clause=clause, reason=reason, subjects=tuple(map(_subject, subjects)) if subjects else None,
        wants=tuple(_want(each) for each in wants),
    )  # fmt: skip
    case = context.cases.service.decide(case_id, ruling, by=LOCAL)
    write_out(case, as_json, line(case), *map(_buyers, context.cases.service.view(case_id).buyers))


def line(case: Case) -> str:
    """A case in a line."""
    state = case.decision.outcome if case.decision else case.state
    due = f"  due {rfc3339(case.due_at)}" if case.due_at else ""
    held = f"  held by {case.holder} until {rfc3339(case.claim_until)}" if case.holder and case.claim_until else ""
    level = "  escalated" if case.level else ""
    codes = f"  {', '.join(case.codes)}" if case.codes else ""
    money = f"{case.priority / 100:,.2f} {case.currency}"
    return (
        f"{case.case_id}  {case.queue:12} {state:10} {money:>16}  {case.subject.kind}:{case.subject.id}{codes}"
        f"{level}{due}{held}"
    )


def _told(case: Case, as_json: bool) -> None:
    write_out(case, as_json, line(case))


def lines_of(found: CaseView) -> list[str]:
    """All of a case, line by line."""
    case = found.case
    lines = [line(case), f"  {found.why}"]
    lines += [
        f"  {each.code} {each.score:.2f} on {each.subject.kind}:{each.subject.id}: {reason.message}"
        for each in found.findings
        for reason in each.reasons[:1]
    ]
    lines += [f"  before: {line(each)}" for each in found.history]
    lines += [
        f"  {each.account_id} called {each.listing_id} fake: {each.right} right, {each.wrong} wrong before, weighs"
        f" {each.weight:.2f}{' (in bad faith)' if each.doubtful else ''}"
        for each in found.complainants
    ]
    lines += map(_buyers, found.buyers)
    lines += [f"  {each.paper_id} {each.media_type} {each.name}" for each in found.papers]
    lines += [f"  {rfc3339(each.at)} {each.by} {each.name}: {each.text}" for each in found.texts]
    return lines + [f"  {rfc3339(each.at)} {each.actor} {each.verb}{_said(each.params)}" for each in found.steps]


def _said(params: Mapping[str, Any]) -> str:
    told = ", ".join(f"{name} {value}" for name, value in params.items() if isinstance(value, str | int))
    return f" ({told})" if told else ""


def _buyers(each: ForBuyers) -> str:
    paid = ", ".join(str(Money(amount, currency)) for currency, amount in each.refunds.items()) or "nothing"
    waits = f"; {each.waiting:,} actions wait for a second person" if each.waiting else ""
    return (
        f"  buyers of {each.listing_id}: {each.informed:,} told, {each.refunded:,} refunded with {paid},"
        f" {each.stopped:,} parcels stopped ({each.recall_id}, {each.state}){waits}"
    )


def _subject(text: str) -> Subject:
    kind, _, name = text.partition(":")
    try:
        return msgspec.convert({"kind": kind, "id": name}, Subject)
    except msgspec.ValidationError:
        raise click.BadParameter("write KIND:ID, such as listing:l1", param_hint="subject") from None


def _want(text: str) -> Want:
    kind, _, subject = text.partition("=")
    return Want(kind, _subject(subject))
