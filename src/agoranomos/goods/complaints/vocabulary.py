"""What buyers write of fakes, as data: phrases, the words around them, and what each says and weighs.

Read once from `data/zh.toml`, `data/en.toml` and `data/codes.toml`; those files say how they are laid out.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

import msgspec

from agoranomos.kernel.errors import Invalid

LANGUAGES: Final = ("zh", "en")


class Phrase(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words that say `code`, or, with a `family`, a cue that its readings tell the code of; `instead`: a code of a
    reading → what it is with these words.
    """

    code: str
    pattern: str
    family: str = ""
    instead: dict[str, str] = {}


class Around(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A cue of `family` says `code` when what stands before and behind it in its clause fits both patterns."""

    family: str
    code: str
    before: str = ""
    after: str = ""


class Language(msgspec.Struct, frozen=True):
    """The phrases of a language in file order, how cues are read, and what a cue says otherwise."""

    phrase: tuple[Phrase, ...]
    reading: tuple[Around, ...]
    otherwise: dict[str, str]
    macro: dict[str, str]


class Code(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is said of the goods; weights are natural log-odds (see `data/codes.toml`)."""

    means: str
    weight: float
    means_zh: str = ""
    displeased: float = 0.0
    pleased: float = 0.0
    unbranded: float = 0.0
    untried: float = 0.0
    doubt: bool = False
    settles: bool = False


class Codes(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All codes, and the log-odds of a text in which nothing is said."""

    prior: float
    code: dict[str, Code]


@cache
def shipped_codes() -> Codes:
    """The shipped codes."""
    return msgspec.convert(tomllib.loads(_read("codes.toml").decode()), Codes)


@cache
def shipped_language(lang: str) -> Language:
    """The shipped vocabulary of `lang`, macros filled in; a code that nobody explains is refused."""
    raw = msgspec.convert(tomllib.loads(_read(f"{lang}.toml").decode()), Language)
    known = shipped_codes().code
    said = [*(one.code for one in raw.phrase if not one.family), *(one.code for one in raw.reading)]
    said += [code for one in raw.phrase for code in one.instead.values()]
    for code in (*said, *raw.otherwise.values()):
        if code not in known:
            raise Invalid(f"{lang}.toml says {code!r}, which codes.toml does not explain")
    macros: dict[str, str] = {}
    for name, text in raw.macro.items():
        macros[name] = filled(text, macros)
    return Language(
        tuple(msgspec.structs.replace(one, pattern=filled(one.pattern, macros)) for one in raw.phrase),
        tuple(
            msgspec.structs.replace(one, before=filled(one.before, macros), after=filled(one.after, macros))
            for one in raw.reading
        ),
        raw.otherwise,
        macros,
    )


@cache
def vocabulary_version() -> str:
    """Sixteen hex digits that change with the vocabulary."""
    parts = b"\0".join(_read(f"{name}.toml") for name in (*LANGUAGES, "codes"))
    return hashlib.sha256(parts).hexdigest()[:16]


def filled(pattern: str, macros: dict[str, str]) -> str:
    """`pattern` with each {name} replaced by its macro."""

    def macro(found: re.Match[str]) -> str:
        if found[1] not in macros:
            raise Invalid(f"no macro is called {found[1]!r}")
        return macros[found[1]]

    return re.sub(r"\{([a-z]+)\}", macro, pattern)


def _read(name: str) -> bytes:
    return (files("agoranomos.goods.complaints") / "data" / name).read_bytes()
