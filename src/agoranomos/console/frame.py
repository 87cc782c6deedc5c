"""The frame around every page of the console: where one is, where one can go, in which colours."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal, cast, get_args

from litestar import Request
from litestar.params import QueryParameter
from litestar.response import Template

from agoranomos.console import addresses, showing
from agoranomos.console.deeds import deed
from agoranomos.console.guide.second import looking_as
from agoranomos.console.names import finding_name, queue_name
from agoranomos.console.navigation import seen_by
from agoranomos.console.wording import FRAME, KINDS
from agoranomos.kernel.calendar import ZONE
from agoranomos.web import charts
from agoranomos.web.auth import known_caller_in
from agoranomos.web.i18n import COOKIE_AGE_S, Catalogue
from agoranomos.web.pages import page

AnyRequest = Request[Any, Any, Any]
FromId = Annotated[str, QueryParameter(name="id", max_length=128)]
"""`?id=…`: ids are anything that is printable, and would not all fit into a path."""
Text = Annotated[str, QueryParameter(max_length=128)]
Theme = Literal["light", "dark"]
THEME_COOKIE: Final = "theme"
_SHOWN: Final = {
    "KINDS": KINDS, "ZONE": ZONE, "charts": charts,
    "deed": deed, "finding_name": finding_name, "finding_url": addresses.finding_url, "left": showing.left,
    "moment": showing.moment,
    "money": showing.money, "percent": showing.percent, "queue_name": queue_name, "reason_told": showing.reason_told,
    "score_shown": showing.score, "subject_url": addresses.subject_url, "whole": showing.whole,
    "with_query": addresses.with_query,
}  # fmt: skip
"""What templates of the console may call."""


def view(
    request: AnyRequest, template: str, context: Mapping[str, Any], *, at: str, words: Catalogue = FRAME,
    status: int = 200,
) -> Template:  # fmt: skip
    """`template` within the frame, at the place called `at`, in the words of `words` and of the frame.

    Colours chosen in the address are remembered for a year.
    """
    framed = {
        **_SHOWN,
        **context,
        "at": at,
        "queried": {name: value for name, value in request.query_params.items() if name.isidentifier()},
        "looking_as": looking_as(request),
        "groups": seen_by(known_caller_in(request.scope)),
        "theme": theme_of(request),
    }
    answer = page(request, template, framed, catalogue=FRAME | words, status=status)
    if (asked := request.query_params.get(THEME_COOKIE)) is not None:
        chosen = asked if asked in get_args(Theme) else ""
        answer.set_cookie(
            THEME_COOKIE, chosen, max_age=COOKIE_AGE_S if chosen else 0, samesite="lax", httponly=True
        )  # fmt: skip
    return answer


def theme_of(request: AnyRequest) -> Theme | None:
    """The colours that the reader chose, now or earlier; None: those of the system."""
    asked = request.query_params.get(THEME_COOKIE)
    value = request.cookies.get(THEME_COOKIE) if asked is None else asked
    return cast("Theme", value) if value in get_args(Theme) else None
