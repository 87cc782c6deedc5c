"""Rendering: one call gives a page its language, its texts and the addresses of its style files."""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache, partial
from pathlib import Path
from typing import Any

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined
from litestar import Request
from litestar.plugins.jinja import JinjaTemplateEngine
from litestar.response import Template
from markupsafe import Markup, escape

from agoranomos.web import i18n
from agoranomos.web.auth import known_caller_in

HERE = Path(__file__).parent
STATIC = HERE / "static"
STATIC_PATH = "/static"


@cache
def static_url(name: str) -> str:
    """The address of a file in `static/`, with its hash in it so that caches may keep it."""
    digest = hashlib.blake2b((STATIC / name).read_bytes(), digest_size=6).hexdigest()
    return f"{STATIC_PATH}/{name}?v={digest}"


@cache
def static_there(name: str) -> bool:
    """Whether a file is in `static/`: parts of others are built into the package, and pages do without."""
    return (STATIC / name).is_file()


def with_unseen(text: str) -> Markup:
    """`text` escaped, with a sign in place of each character that has no shape of its own.

    A name that is split by a zero-width space looks like the name itself: whoever is told that it
    is disguised must see where. Joiners that hold an emoji together stay.
    """
    shown = []
    for place, char in enumerate(text):
        joins = char == "\u200d" and unicodedata.category(text[place - 1]) in ("So", "Sk", "Mn")
        if unicodedata.category(char) in ("Cf", "Cc") and char not in "\n\t" and not joins:
            shown.append(Markup('<span class="unseen" title="U+{}"></span>').format(f"{ord(char):04X}"))
        else:
            shown.append(escape(char))
    return Markup("").join(shown)


def engine(folders: Sequence[Path]) -> JinjaTemplateEngine:
    """The template engine over the shared templates and a desk's `folders`.

    Everything is escaped, and a name that a template uses but nobody passed raises: a hole in a
    page is a bug.
    """
    environment = Environment(
        loader=ChoiceLoader([FileSystemLoader(folder) for folder in (HERE / "templates", *folders)]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals["static_url"] = static_url
    environment.globals["static_there"] = static_there
    environment.filters["with_unseen"] = with_unseen
    return JinjaTemplateEngine.from_environment(environment)


def page(
    request: Request[Any, Any, Any],
    template: str,
    context: Mapping[str, Any],
    *,
    catalogue: i18n.Catalogue = i18n.BASE,
    status: int = 200,
) -> Template:
    """`template` in the reader's language; templates get `t(key, **values)`, `language`, `here` and `caller`.

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
            "caller": known_caller_in(request.scope),
        },
        status_code=status,
        media_type="text/html",
    )
    if i18n.asked(request) is not None:
        answer.set_cookie(i18n.COOKIE, language, max_age=i18n.COOKIE_AGE_S, samesite="lax", httponly=True)
    return answer
