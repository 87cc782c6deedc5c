"""The question before what cannot be undone by going back, for browsers without a script.

A form that asks has the question in a field of its own; the script asks at once and says so in another field. Without
the script the first post is answered with the question, and the answer is the same post once more, with that field.
"""

from __future__ import annotations

from typing import Any, Final

from litestar.response import Template

from agoranomos.console.frame import AnyRequest, view

ASK, SURE = "_ask", "_sure"
_QUESTION_MAX: Final = 300


async def asked_first(request: AnyRequest) -> Template | None:
    """The page with the question; None when there is none, or it was answered."""
    if request.method != "POST" or not str(request.content_type[0]).endswith("x-www-form-urlencoded"):
        return None
    form: Any = await request.form()
    if form.get(SURE):
        return None
    given = [(name, value) for name, value in form.multi_items() if isinstance(value, str) and not _own(name)]
    asked = [ASK, *(f"{ASK}:{value}" for _, value in given)]  # a button's question has the button's value in its name
    question = next((str(form[name]) for name in asked if form.get(name)), "")
    if not question:
        return None
    context = {"question": question[:_QUESTION_MAX], "given": given, "back": _back(request)}
    return view(request, "console/sure.html", context, at="")


def _own(name: str) -> bool:
    """Whether a field is none of the form's subject."""
    return name in (SURE, "_csrf_token") or name.partition(":")[0] == ASK


def _back(request: AnyRequest) -> str:
    """The page that the form was on, when the browser says so and it is ours."""
    came, own = request.headers.get("referer", ""), str(request.base_url)
    return f"/{came.removeprefix(own).lstrip('/')}" if own and came.startswith(own) else "/"
