"""The languages of the pages: which one a reader gets, and the texts in it.

A desk brings its own texts as a `Catalogue`; a catalogue that lacks a text in one of the languages
does not start, so that no page ever shows half of each.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, cast, get_args

from litestar import Request

Language = Literal["en", "zh"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
COOKIE = "lang"
COOKIE_AGE_S = 365 * 24 * 3600
# What the browser is told, so that Chinese text gets Chinese letter forms and not Japanese ones.
HTML_LANG: Final[Mapping[Language, str]] = {"en": "en", "zh": "zh-Hans"}


class Catalogue:
    """Texts by key and language; `{name}` in a text is filled from the arguments of `text`."""

    def __init__(self, texts: Mapping[str, tuple[str, str]]) -> None:
        """`texts` maps a key to (English, Chinese); empty texts are refused."""
        for key, pair in texts.items():
            if len(pair) != len(LANGUAGES) or not all(pair):
                raise ValueError(f"the text {key!r} needs English and Chinese")
        self._texts: dict[Language, dict[str, str]] = {
            language: {key: pair[place] for key, pair in texts.items()} for place, language in enumerate(LANGUAGES)
        }

    def text(self, language: Language, key: str, **values: object) -> str:
        """The text `key`; an unknown key raises, because a page with a hole in it is a bug."""
        found = self._texts[language][key]
        return found.format(**values) if values else found

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of all texts, in order."""
        return tuple(self._texts["en"])

    def __or__(self, other: Catalogue) -> Catalogue:
        merged = Catalogue({})
        for language in LANGUAGES:
            merged._texts[language] = {**self._texts[language], **other._texts[language]}
        return merged


BASE = Catalogue(
    {
        "skip": ("Skip to the content", "跳到正文"),
        "tagline": ("An honest market", "诚信市场"),
        "language": ("Language", "语言"),
        "request": ("Request", "请求编号"),
        "account": ("Your account", "我的账户"),
        "sign-out": ("Sign out", "退出登录"),
        "foot": (
            "Agoranomos was the magistrate who kept a Greek market honest.",
            "Agoranomos 是古希腊维护市场诚信的官员。",
        ),
        "problem.back": ("Go to the start", "返回首页"),
        "problem.not-found": ("There is nothing at this address", "此地址没有内容"),
        "problem.conflict": (
            "That does not fit what is already recorded",
            "与已有记录不一致",
        ),
        "problem.forbidden": ("You have no right to do that", "您没有此操作的权限"),
        "problem.sign-in-needed": ("Sign in first", "请先登录"),
        "problem.invalid": ("Something in the request is not right", "请求内容有误"),
        "problem.too-large": ("That is more than we can take at once", "内容过大"),
        "problem.method-not-allowed": ("That cannot be done at this address", "此地址不支持该操作"),
        "problem.stale-form": ("This page was open for too long", "页面停留时间过长"),
        "problem.stale-form.help": (
            "Nothing was sent. Go back, load the page again and repeat your last step.",
            "内容尚未提交。请返回并刷新页面，然后重试。",
        ),
        "problem.unavailable": ("We cannot do that at the moment", "暂时无法处理"),
        "problem.internal": ("Something went wrong on our side", "系统出现问题"),
        "problem.help": (
            "If it happens again, give the request number below to support.",
            "如再次出现，请将下方的请求编号提供给客服。",
        ),
    }
)


def _weight(params: str) -> float:
    """The q of `;q=0.8`; 1 without one, 0 when it cannot be read."""
    for param in params.split(";"):
        name, _, value = param.strip().partition("=")
        if name == "q":
            try:
                return float(value)
            except ValueError:
                return 0.0
    return 1.0


def preferred(accept_language: str) -> Language:
    """The language that `Accept-Language` asks for first; English when it names neither."""
    best: tuple[float, Language] = (0.0, "en")
    for part in accept_language[:500].split(","):
        tag, _, params = part.strip().partition(";")
        primary = tag.split("-")[0].lower()
        weight = _weight(params)
        if primary in LANGUAGES and weight > best[0]:
            best = (weight, primary)
    return best[1]


def asked(request: Request[Any, Any, Any]) -> Language | None:
    """The language that the address names with `?lang=`, if it is one of ours."""
    value = request.query_params.get("lang")
    return cast("Language", value) if value in LANGUAGES else None


def language_of(request: Request[Any, Any, Any]) -> Language:
    """The reader's language: the address, else an earlier choice, else the browser's wish."""
    remembered = request.cookies.get(COOKIE)
    if (named := asked(request)) is not None:
        return named
    if remembered in LANGUAGES:
        return remembered
    return preferred(request.headers.get("accept-language", ""))
