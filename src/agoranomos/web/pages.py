"""Rendering: one call gives a page its language, its texts and the addresses of its style files."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Request
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template

from agoranomos.web import i18n

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATIC_PATH = "/static"


@cache
def static_url(name: str) -> str:
    """The address of a file in `static/`, with its content's hash so that it may be cached for
    ever.
    """
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"{STATIC_PATH}/{name}?v={digest}"


def engine(folders: Sequence[Path]) -> JinjaTemplateEngine:
    """The template engine over the shared templates and a desk's `folders`.

    Everything is escaped, and a name that a template uses but nobody passed raises: a hole in a
    page is a bug.
    """
    environment = Environment(
        loader=ChoiceLoader(
            [FileSystemLoader(folder) for folder in (HERE / "templates", *folders)]
        ),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static_url"] = static_url
    return JinjaTemplateEngine.from_environment(environment)


def page(
    request: Request[Any, Any, Any],
    template: str,
    context: Mapping[str, Any],
    *,
    catalogue: i18n.Catalogue = i18n.BASE,
    status: int = 200,
) -> Template:
    """`template` in the reader's language; templates get `t(key, **values)`, `language` and `here`.

    A language chosen in the address is remembered for a year.
    """
    language = i18n.language_of(request)
    answer = Template(
        template,
        context={
            **context,
            "t": partial(catalogue.text, language),
            "language": language,
            "html_lang": i18n.HTML_LANG[language],
            "here": request.scope["path"],
        },
        status_code=status,
        media_type="text/html",
    )
    if i18n.asked(request) is not None:
        answer.set_cookie(
            i18n.COOKIE, language, max_age=i18n.COOKIE_AGE_S, samesite="lax", httponly=True
        )
    return answer
