"""What sellers say, as data: replica talk, winks, contact cues, the words around a name, category words.

Read once from `data/vocabulary/*.toml`. Weights there are log-odds; they are facts about language, and the
lines at which something happens are the policy's.
"""

from __future__ import annotations

import hashlib
import tomllib
import uuid
from collections.abc import Collection, Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import ascii_lowercase
from typing import Final, Literal, TypeVar

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
Asked = Literal["told", "always", "register"]
"""When a listing without a number lacks one: where a description is told that would hold it; always; or only where the
marketplace keeps a register of the stores that have shown their licence."""
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


PLAIN: Final = 6.0
LIKELY: Final = 4.8
DOUBTFUL: Final = 3.4
BESIDE: Final = 1.3
"""What words for restricted goods weigh (log-odds); the prior is −4, and each further word counts half."""
_PLURAL_MIN: Final = 4


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


class RestrictedWords(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Words of a restricted class that need no remark of their own, by how surely they name it.

    `plain`: say it by themselves, whatever else the title names; `likely`: mean it unless the title names other goods;
    `doubtful`: half of it, enough beside any other word of the class; `beside`: everyday words that add to one
    of these, and are looked for only where one stands.
    """

    plain: tuple[str, ...] = ()
    likely: tuple[str, ...] = ()
    doubtful: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def terms(self) -> Iterator[RestrictedTerm]:
        """Each once, with its weight; English ones in the plural, too."""
        seen: set[str] = set()
        for weight, texts in ((PLAIN, self.plain), (LIKELY, self.likely), (DOUBTFUL, self.doubtful)):
            for text in texts:
                lang = "en" if text.isascii() else "zh"
                plural = lang == "en" and len(text) >= _PLURAL_MIN and text[-1].isalpha() and text[-1] not in "sxyz"
                for form in (text, f"{text}s") if plural else (text,):
                    if form not in seen:
                        seen.add(form)
                        yield RestrictedTerm(text=form, weight=weight, lang=lang)


class RestrictedClass(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Goods that may not be sold, or only with a licence; the fields are explained in `docs/restricted-goods.md`."""

    rule: Literal["prohibited", "licence"]
    name: str
    name_zh: str
    source: str
    terms: tuple[RestrictedTerm, ...] = ()
    words: RestrictedWords = RestrictedWords()
    asked: Asked = "told"
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

    def asking(self, registers: Collection[str]) -> Vocabulary:
        """The words that are looked for where the marketplace keeps `registers` of licences: everyday goods, such as
        sunscreen, are looked for only where somebody can say who may sell them.
        """
        left = {name for name, one in self.restricted.items() if one.asked == "register" and name not in registers}
        kept = sorted(
            name for name in registers if name in self.restricted and self.restricted[name].asked == "register"
        )
        terms = tuple(term for term in self.terms if term.restricted not in left)
        return msgspec.structs.replace(self, terms=terms, version=":".join([self.version, *kept]))

    @property
    def beside(self) -> frozenset[str]:
        """The everyday words of all restricted classes."""
        return frozenset(text for one in self.restricted.values() for text in one.words.beside)


class _TermFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    term: tuple[Term, ...]


class _CueFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cue: tuple[Cue, ...]


class _RestrictedFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    cls: dict[str, RestrictedClass] = msgspec.field(name="class")


class _CategoryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    category: dict[str, CategoryWords]


SLIPS_VERSION = b"5"
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
        "telegraf",
        "replice",
        "replico",
        "replican",
        "replicar",
        "replicam",
        "repliki",
        "qualita",
        "qualite",
        "tripel",
    }
)
"""Mistypings that are words or names of their own."""
_SAME_SHAPE = {"i", "l"}
"""For the fold these are one letter, so that what sets the one for the other is the word itself, disguised."""
_FEWEST_CONSONANTS = 4
_TURNED_MIN = 6
_EXCHANGED_MIN = 7
"""Fewest letters of a word that is still known with two of them the wrong way round, or one exchanged."""


def slipped(word: str) -> Iterator[str]:
    """`word` as it is mistyped on purpose: a letter left out or doubled, no vowels, torn in two; no words of their own.

    Longer ones also with two letters turned round or one exchanged, so that these are the ways of Damerau (1964).
    Short ones are exchanged by the fold alone, where sellers do it (0 for o): "close" is no clone.
    """
    forms = [word[:i] + word[i + 1 :] for i in range(1, len(word))]
    forms += [word[:i] + word[i] + word[i:] for i in range(len(word))]
    bare = word[0] + "".join(letter for letter in word[1:] if letter not in "aeiou")
    forms += [bare] if len(bare) >= _FEWEST_CONSONANTS else []
    if len(word) >= _TURNED_MIN:
        forms += [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(1, len(word) - 1)]
    if len(word) >= _EXCHANGED_MIN:
        forms += [
            word[:i] + letter + word[i + 1 :]
            for i in range(1, len(word))
            for letter in ascii_lowercase
            if {letter, word[i]} != _SAME_SHAPE
        ]
    forms = [form for form in forms if form not in _OTHER_WORDS]
    forms += [f"{word[:i]} {word[i:]}" for i in range(2, len(word) - 1)]
    yield from dict.fromkeys(form for form in forms if form != word)


def _slips(term: Term) -> Iterator[Term]:
    """`term` with one of its longer words mistyped, where it has `slips`."""
    words = term.text.split(" ")
    for i, word in enumerate(words if term.slips else ()):
        if len(word) >= _SLIP_MIN and word.isascii() and word.isalpha():
            for form in slipped(word):
                text = " ".join([*words[:i], form, *words[i + 1 :]])
                yield msgspec.structs.replace(term, text=text, innocent_in=(), slips=False)


_FILES = ("replica.toml", "evasion.toml", "contact.toml", "context.toml", "categories.toml")
_RESTRICTED: Final = "restricted"
"""The folder of restricted goods, a file for each group of classes."""


@cache
def shipped_vocabulary() -> Vocabulary:
    """The vocabulary of the package; raises Invalid with the file's name when a file is not of its form."""
    listed = [term for name in _FILES[:3] for term in _form(name, _TermFile).term]
    listed += _restricted_terms(shipped_restricted())
    known = {term.text for term in listed}
    terms: list[Term] = []
    for term in listed:
        slips = {slip.text: slip for slip in _slips(term) if slip.text not in known}
        known |= slips.keys()
        terms += [term, *slips.values()]
    cues = _form("context.toml", _CueFile).cue
    return Vocabulary(tuple(terms), tuple(cues), shipped_categories(), shipped_version(), shipped_restricted())


@cache
def shipped_restricted() -> dict[str, RestrictedClass]:
    """The prohibited and restricted classes of goods alone, for who does not read listings; raises Invalid where two
    files state one class.
    """
    classes: dict[str, RestrictedClass] = {}
    for name in _restricted_files():
        stated = _form(name, _RestrictedFile).cls
        if twice := classes.keys() & stated.keys():
            raise Invalid(f"{name}: {', '.join(sorted(twice))} is stated in another file as well")
        classes |= stated
    return classes


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
    known = {term.text for one in classes.values() for term in one.terms}
    for name, one in classes.items():
        added = [term for term in one.words.terms() if term.text not in known]
        known |= {term.text for term in added}
        for term in (*one.terms, *added):
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
    return {name: _folder().joinpath(name).read_bytes() for name in (*_FILES, *_restricted_files())}


def _restricted_files() -> tuple[str, ...]:
    return tuple(f"{_RESTRICTED}/{name}" for name in sorted(one.name for one in (_folder() / _RESTRICTED).iterdir()))


def _folder() -> Traversable:
    return files("agoranomos.goods.listings") / "data" / "vocabulary"


def _version(raw: dict[str, bytes]) -> str:
    digest = hashlib.blake2b(digest_size=8)
    for content in (*raw.values(), SLIPS_VERSION):
        digest.update(content)
    return digest.hexdigest()
