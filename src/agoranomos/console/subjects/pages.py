"""One page for any subject: what was said of it, found, answered and done, and what desks know beside."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any, Final

from litestar import Response, Router, get, post
from litestar.params import FromPath, FromQuery, URLEncodedBody
from litestar.response import Redirect, Template

from agoranomos.console.addresses import subject_url
from agoranomos.console.frame import AnyRequest, FromId, Text, view
from agoranomos.console.marking import marked
from agoranomos.console.pictures import albums
from agoranomos.console.rooms import Console
from agoranomos.console.sellers.ties import tied
from agoranomos.console.subjects.queries import known
from agoranomos.console.subjects.wording import TEXTS
from agoranomos.console.wording import KINDS
from agoranomos.enforcement.model import Want
from agoranomos.kernel.calendar import ZONE
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import is_id
from agoranomos.staff.browsers import field
from agoranomos.web.auth import PERMISSION, Caller, caller_of
from agoranomos.web.i18n import Language, language_of

_ASKABLE: Final = {
    "listing": ("listing.remove", "listing.restore"),
    "store": ("store.suspend", "store.close", "store.resume", "payment.freeze"),
    "seller": ("seller.warn",),
    "campaign": ("campaign.stop", "campaign.slow"),
    "principal": ("principal.throttle", "principal.suspend"),
    "review": ("review.hold",),
    "coupon": ("coupon.void",),
}
"""What people ask for on the page of a subject; what needs more than a kind has pages of its own."""


def pages_router(console: Console) -> Router:
    """`/subjects/{kind}?id=…`: ids are anything that is printable, and would not fit into a path."""

    @get("/subjects/{kind:str}", sync_to_thread=True)
    def shown(
        request: AnyRequest, kind: FromPath[str], wanted: FromId = "", as_of: FromQuery[Text] = "",
    ) -> Template:  # fmt: skip
        _require(kind, wanted)
        with console.store.reading() as connection:
            seen = known(connection, kind, wanted)
            compared = albums(console, connection, wanted, seen.findings) if kind == "listing" else []
        caller = caller_of(request)
        context = {
            "seen": seen,
            "albums": compared,
            "marks": marked(seen.said, seen.findings),
            "askable": _ASKABLE.get(kind, ()) if caller.may("actions.request") else (),
            **_of_desk(console, caller, language_of(request), kind, wanted, as_of),
        }
        return view(request, "console/subject.html", context, at="findings", words=TEXTS)

    @post("/subjects/{kind:str}/actions", sync_to_thread=True, opt={PERMISSION: "actions.request"})
    def ask(request: AnyRequest, kind: FromPath[str], data: URLEncodedBody[dict[str, Any]]) -> Response[Any]:
        subject_id, because, wanted = field(data, "id"), field(data, "because").strip(), field(data, "kind")
        _require(kind, subject_id)
        if wanted not in _ASKABLE.get(kind, ()):
            raise Invalid("this cannot be asked for here", pointer="/kind")
        if not is_id(because):
            raise Invalid("name the finding, decision or case that this rests on", pointer="/because")
        want = Want(wanted, Subject(kind, subject_id), {})  # type: ignore[arg-type]
        console.acting.request([want], [because], as_measure=False, by=caller_of(request).actor, key=None)
        return Redirect(subject_url(kind, subject_id), status_code=303)

    return Router("/", route_handlers=[shown, ask], include_in_schema=False, opt={PERMISSION: "findings.read"})


def _require(kind: str, subject_id: str) -> None:
    if kind not in KINDS or not is_id(subject_id):
        raise NotFound("there is nothing with this id")


def _of_desk(
    console: Console, caller: Caller, language: Language, kind: str, subject_id: str, as_of: str
) -> dict[str, Any]:
    """What the sellers desk knows: points as of a day and siblings of a seller, frozen money of a store."""
    nothing: dict[str, Any] = {"points": None, "siblings": None, "freezes": None, "as_of": as_of}
    sellers = console.sellers
    if sellers is None:
        return nothing
    if kind == "seller":
        return nothing | {
            "points": _points(console, subject_id, as_of) if caller.may("conduct.read") else None,
            "siblings": tied(sellers.links, subject_id, language),
        }
    if kind == "store" and caller.may("conduct.read"):
        return nothing | {"freezes": sellers.offices.freezes.listed(state="held", store_id=subject_id)}
    return nothing


def _points(console: Console, seller_id: str, as_of: str) -> Any:
    assert console.sellers is not None
    return console.sellers.offices.points.show(seller_id, as_of=_end_of(as_of))


def _end_of(day: str) -> datetime | None:
    """The last moment of a day of the calendar; None when none was chosen. Raises Invalid."""
    if not day:
        return None
    try:
        return datetime.combine(date.fromisoformat(day), time.max, ZONE)
    except (ValueError, OverflowError):
        raise Invalid("a day is written like 2026-11-22", pointer="/as_of") from None
