"""What sellers say, as data: replica talk, winks, contact cues, the words around a name, category words.

Read once from `data/vocabulary/*.toml`. Weights there are log-odds; they are facts about language, and the
lines at which something happens are the policy's.
"""

from __future__ import annotations

import hashlib
import tomllib
import uuid
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from agoranomos.kernel.errors import Invalid

_FormT = TypeVar("_FormT")

ReplicaFamily = Literal["copy", "grade", "origin", "hedge"]
EvasionFamily = Literal["wink", "code"]
ContactFamily = Literal[
    "wechat",
    "qq",
    "whatsapp",
    "telegram",
    "line",
    "other_app",
    "phone_cue",
    "add_me",
    "pay_elsewhere",
    "link",
]
RestrictedFamily = Literal["restricted"]
Side = Literal["before", "after", "any"]
CueRole = Literal[
    "compatible",
    "style",
    "negated",
    "second_hand",
    "authenticated",
    "confession",
    "assertion",
    "museum",
    "own_brand",
    "plain",
]


class Term(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phrase that weighs `weight` (log-odds) towards its family's concern when it is meant.

    It does not count inside one of `innocent_in`, nor in a listing that holds one of `innocent_near`.
    `needs_brand`: it counts only beside a brand; `much_copied`: only for goods of kinds that are much copied
    (1:1 of a handbag is a copy, of a monitor a ratio). `restricted`: the class of goods that it names.
    With `slips` its usual mistypings are looked for as well.
    """

    text: str
    family: ReplicaFamily | EvasionFamily | ContactFamily | RestrictedFamily
    weight: float
    lang: str = "en"
    needs_brand: bool = True
    much_copied: bool = False
    slips: bool = False
    innocent_in: tuple[str, ...] = ()
    innocent_near: tuple[str, ...] = ()
    note: str = ""
    restricted: str = ""


class RestrictedTerm(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words for goods of a restricted class; see `Term`."""

    text: str
    weight: float
    lang: str = "zh"
    innocent_in: tuple[str, ...] = ()
    innocent_near: tuple[str, ...] = ()


class RestrictedClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods that may not be sold, or only with a licence; the fields are explained in `restricted.toml`."""

    rule: Literal["prohibited", "licence"]
    name: str
    name_zh: str
    source: str
    terms: tuple[RestrictedTerm, ...]
    kinds: frozenset[str] = frozenset()
    other_kinds: frozenset[str] = frozenset()
    innocent_near: tuple[str, ...] = ()
    shown: str = ""

    def means(self, kinds: frozenset[str], *, stated: bool) -> bool:
        """Whether the words mean these goods in a listing of `kinds` (empty: not known), by its category or its title.

        A title with a word for other goods may still be of these: a semaglutide pen.
        """
        if not kinds or not (stated and self.kinds):
            return not kinds or not kinds <= self.other_kinds
        return bool(kinds & self.kinds)


class Cue(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A phrase that changes what a name beside it means, at most `reach` words or Chinese characters away.

    The longest cue at a place counts; `plain` ones change nothing and shield from a shorter cue inside them
    ("for men" is not "for", "no box" is not "no").
    """

    text: str
    role: CueRole
    side: Side
    reach: int
    lang: str = "en"
    note: str = ""


class CategoryWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words for goods of a category, for accessories to such goods, and in the category paths of marketplaces."""

    terms: tuple[str, ...] = ()
    accessories: tuple[str, ...] = ()
    path: tuple[str, ...] = ()


class Vocabulary(msgspec.Struct, frozen=True):
    """Everything of `data/vocabulary`, terms and cues in file order."""

    terms: tuple[Term, ...]
    cues: tuple[Cue, ...]
    categories: dict[str, CategoryWords]
    version: str
    restricted: dict[str, RestrictedClass] = {}


class _TermFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    term: tuple[Term, ...]


class _CueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cue: tuple[Cue, ...]


class _RestrictedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cls: dict[str, RestrictedClass] = msgspec.field(name="class")


class _CategoryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: dict[str, CategoryWords]


SLIPS_VERSION = b"3"
"""Part of the vocabulary's version: change it with `slipped`, so that no compiled lexicon of old is read."""
_SLIP_MIN = 5
_OTHER_WORDS = frozenset(
    {
        "fist",
        "cone",
        "lone",
        "mater",
        "maser",
        "grad",
        "gade",
        "qualify",
        "supe",
        "sign",
        "replic",
        "wehat",
        "teleram",
    }
)
"""Mistypings that are words or names of their own."""
_FEWEST_CONSONANTS = 4


def slipped(word: str) -> Iterator[str]:
    """`word` as it is mistyped on purpose: a letter left out or doubled, no vowels, torn in two; no words of their own.

    The ways are those of Damerau (1964) without exchange, which the fold covers where sellers use it (0 for o).
    """
    forms = [word[:i] + word[i + 1 :] for i in range(1, len(word))]
    forms += [word[:i] + word[i] + word[i:] for i in range(len(word))]
    bare = word[0] + "".join(letter for letter in word[1:] if letter not in "aeiou")
    forms += [bare] if len(bare) >= _FEWEST_CONSONANTS else []
    forms = [form for form in forms if form not in _OTHER_WORDS]
    forms += [f"{word[:i]} {word[i:]}" for i in range(2, len(word) - 1)]
    yield from dict.fromkeys(form for form in forms if form != word)


def _with_slips(term: Term) -> Iterator[Term]:
    """`term`, and with `slips` the same with one of its longer words mistyped."""
    yield term
    words = term.text.split(" ")
    for i, word in enumerate(words if term.slips else ()):
        if len(word) >= _SLIP_MIN and word.isascii() and word.isalpha():
            for form in slipped(word):
                text = " ".join([*words[:i], form, *words[i + 1 :]])
                yield msgspec.structs.replace(term, text=text, innocent_in=(), slips=False)


_FILES = ("replica.toml", "evasion.toml", "contact.toml", "context.toml", "categories.toml", "restricted.toml")


@cache
def shipped_vocabulary() -> Vocabulary:
    """The vocabulary of the package; raises Invalid with the file's name when a file is not of its form."""
    listed = [term for name in _FILES[:3] for term in _form(name, _TermFile).term]
    listed += _restricted_terms(shipped_restricted())
    known = {term.text for term in listed}
    terms = [one for term in listed for one in _with_slips(term) if one is term or one.text not in known]
    cues = _form("context.toml", _CueFile).cue
    return Vocabulary(tuple(terms), tuple(cues), shipped_categories(), shipped_version(), shipped_restricted())


@cache
def shipped_restricted() -> dict[str, RestrictedClass]:
    """The prohibited and restricted classes of goods alone, for who does not read listings."""
    return _form("restricted.toml", _RestrictedFile).cls


@cache
def shipped_categories() -> dict[str, CategoryWords]:
    """The categories alone, for who does not read listings."""
    return _form("categories.toml", _CategoryFile).category


@cache
def shipped_version() -> str:
    """Of `shipped_vocabulary`, without reading it."""
    return _version(_shipped_files())


def _form(name: str, kind: type[_FormT]) -> _FormT:
    try:
        return msgspec.convert(tomllib.loads(_folder().joinpath(name).read_text("utf-8")), kind)
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"{name} is not TOML: {error}") from error
    except msgspec.ValidationError as error:
        raise Invalid(f"{name}: {error}") from error


def _restricted_terms(classes: dict[str, RestrictedClass]) -> Iterator[Term]:
    for name, one in classes.items():
        for term in one.terms:
            yield Term(
                text=term.text, family="restricted", weight=term.weight, lang=term.lang, needs_brand=False,
                innocent_in=term.innocent_in, innocent_near=(*one.innocent_near, *term.innocent_near), restricted=name,
            )  # fmt: skip


def kept_vocabulary(cache: Path) -> Vocabulary:
    """The shipped vocabulary, kept under `cache` in a form that is read in a fiftieth of the time."""
    code = hashlib.blake2b(Path(__file__).read_bytes(), digest_size=4).hexdigest()
    path = cache / "vocabularies" / f"{shipped_version()}-{code}.msgpack"
    try:
        return msgspec.msgpack.decode(path.read_bytes(), type=Vocabulary)
    except (OSError, msgspec.DecodeError):
        words = shipped_vocabulary()
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(f".{uuid.uuid4().hex}")
    draft.write_bytes(msgspec.msgpack.encode(words))
    draft.replace(path)
    return words


def _shipped_files() -> dict[str, bytes]:
    return {name: _folder().joinpath(name).read_bytes() for name in _FILES}


def _folder() -> Traversable:
    return files("agoranomos.goods.listings") / "data" / "vocabulary"


def _version(raw: dict[str, bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for content in (*raw.values(), SLIPS_VERSION):
        digest.update(content)
    return digest.hexdigest()
