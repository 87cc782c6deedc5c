"""The question before what cannot be undone by going back, for browsers without a script.

A form that asks has the question in a field of its own; the script asks at once and says so in another field. Without
the script the first post is answered with the question and with what was chosen, in words, and the answer is the same
post once more, with that field. A form may say in a third field what it is about, where an id alone says little.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from litestar.response import Template

from agoranomos.cases.policy import Clause
from agoranomos.console.frame import AnyRequest, view
from agoranomos.console.saying import said
from agoranomos.web.i18n import language_of

ASK, SURE, ABOUT = "_ask", "_sure", "_about"
_QUESTION_MAX: Final = 300


def asking(clauses: Mapping[str, Clause]) -> Callable[[AnyRequest], Awaitable[Template | None]]:
    """The page with the question; None when there is none, or it was answered. `clauses` of the policy of cases."""

    async def asked_first(request: AnyRequest) -> Template | None:
        if request.method != "POST" or not str(request.content_type[0]).endswith("x-www-form-urlencoded"):
            return None
        form: Any = await request.form()
        if form.get(SURE):
            return None
        given = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and not _own(name)]
        asked = [
            ASK,
            *(f"{ASK}:{value}" for _, value in given),
        ]  # a button's question has the button's value in its name
        question = next((str(form[name]) for name in asked if form.get(name)), "")
        if not question:
            return None
        language = language_of(request)
        words = {name: clause.zh if language == "zh" else clause.en for name, clause in clauses.items()}
        about = [str(form[ABOUT])] if form.get(ABOUT) else [*map(str, request.path_params.values())]
        context = {
            "question": question[:_QUESTION_MAX], "given": given, "back": _back(request),
            "said": said(request.url.path, about, given, language, words),
        }  # fmt: skip
        return view(request, "console/sure.html", context, at="")

    return asked_first


def _own(name: str) -> bool:
    """Whether a field is none of the form's subject."""
    return name in (SURE, ABOUT, "_csrf_token") or name.partition(":")[0] == ASK


def _back(request: AnyRequest) -> str:
    """The page that the form was on, when the browser says so and it is ours."""
    came, own = request.headers.get("referer", ""), str(request.base_url)
    return f"/{came.removeprefix(own).lstrip('/')}" if own and came.startswith(own) else "/"
