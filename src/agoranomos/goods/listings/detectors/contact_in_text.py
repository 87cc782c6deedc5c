"""Contact details and pay-me-elsewhere hints in the text, in whatever spelling."""

from __future__ import annotations

import re
from collections.abc import Iterable

import msgspec

from agoranomos.goods.listings.evidence import ListingDetector, example, quoted, quotes_of, together
from agoranomos.goods.listings.facts import DigitRun, ListingFacts, Spoken
from agoranomos.goods.listings.model import Concern, Quote, Signal
from agoranomos.goods.listings.phrases import APPS, CONTACT_FAMILIES

CODE = "goods.contact_in_text"
_MOBILE_CN = re.compile(r"^(?:0{0,2}86)?1[3-9]\d{9}$")
# An account name after a cue: letters, digits, _ and -, at least five, with a digit or an underscore in it.
_HANDLE = re.compile(r"[:：\s\-=>→]{0,4}@?((?=[A-Za-z0-9_\-]{5,24})[A-Za-z0-9_\-]*[0-9_][A-Za-z0-9_\-]*)")
_GROUP = re.compile(r"[^\W_]+")
_RANGE = re.compile(r"[./*×~]")
_EMAIL = re.compile(r"[A-Za-z0-9][A-Za-z0-9._%+\-]{1,40}@[A-Za-z0-9\-]{2,30}\.[A-Za-z]{2,6}")


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `mobile`: a number of the form of a mobile number; `number`: another long number beside a cue;
    `handle`: an account name right behind the name of an app; `disguised`: a cue or number written to hide.
    `reach`: characters at most between a cue and its number."""

    mobile: float = 4.2
    number: float = 2.0
    handle: float = 3.2
    disguised: float = 1.5
    weight_max: float = 9.0
    reach: int = 15


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for everything that leads the buyer away."""
    cues = [s for s in facts.spoken if s.term.family in CONTACT_FAMILIES]
    strongest: dict[str, float] = {}
    for cue in cues:
        family = cue.term.family
        strongest[family] = max(strongest.get(family, 0.0), cue.weight)
    numbers = [run for run in facts.runs if _counts(run, cues, settings)]
    handles = [quote for cue in cues if (quote := _handle_after(cue, facts)) is not None]
    handles += _mails(facts) if cues else []
    weight = together(strongest.values()) if strongest else 0.0
    if numbers:
        weight += max(_number_weight(run, settings) for run in numbers)
    if handles:
        weight += settings.handle
    weight = min(weight, settings.weight_max)
    if weight <= 0:
        return
    quotes = quotes_of([*cues, *numbers]) + tuple(handles[:3])
    written, reads = quoted(q.text for q in quotes), quoted(q.reads for q in quotes)
    yield Signal(
        code=CODE,
        concern=Concern.DIVERSION,
        weight=weight,
        message=f"{written} leads buyers off the marketplace; it reads as {reads}.",
        message_zh=f"{written} 把买家引到平台之外，意为 {reads}。",
        quotes=quotes,
        values={"families": sorted(strongest), "numbers": len(numbers), "handles": len(handles)},
    )


def _counts(run: DigitRun, cues: list[Spoken], settings: Settings) -> bool:
    """A mobile number counts by itself; another number only right behind a contact cue, as "QQ 12345678"."""
    if not _grouped(run.text):
        return False
    if _MOBILE_CN.match(run.digits):
        return True
    if not 7 <= len(run.digits) <= 15:
        return False
    return any(
        cue.place.field == run.place.field and 0 <= run.place.start - cue.place.end <= settings.reach for cue in cues
    )


def _grouped(text: str) -> bool:
    """Whether digits stand together as in a telephone number; 13.3 14 15.6 17.3 are sizes."""
    sizes = [len(group) for group in _GROUP.findall(text)]
    return len(sizes) <= 1 or max(sizes) == 1 or (min(sizes[1:]) >= 2 and not _RANGE.search(text))


def _number_weight(run: DigitRun, settings: Settings) -> float:
    weight = settings.mobile if _MOBILE_CN.match(run.digits) else settings.number
    plain = run.text.replace(" ", "").replace("-", "").lstrip("+")
    return weight + (0.0 if plain.isascii() and plain.isdigit() else settings.disguised)


def _mails(facts: ListingFacts) -> list[Quote]:
    found = []
    for field in ("title", "description"):
        for mail in _EMAIL.finditer(getattr(facts.listing, field)):
            found.append(Quote(field, mail.start(), mail.end(), mail[0], mail[0]))  # type: ignore[arg-type]
    return found


def _handle_after(cue: Spoken, facts: ListingFacts) -> Quote | None:
    if cue.term.family not in APPS:
        return None
    text = getattr(facts.listing, cue.place.field)
    found = _HANDLE.match(text, cue.place.end)
    if found is None:
        return None
    return Quote(cue.place.field, found.start(1), found.end(1), found[1], found[1])


DETECTOR = ListingDetector(
    code=CODE,
    version="1",
    about="Contact details and pay-me-elsewhere hints, through homophones, emoji and digits in words.",
    settings=Settings(),
    hits=(
        example("运动鞋 加微信 abc12345 详谈"),
        example("包包 ＋VX：bag_8899"),
        example("shoes whatsapp +86 138 1234 5678"),
        example("鞋 一三八一二三四五六七八"),
    ),
    misses=(example("儿童手表 微信聊天 视频通话"), example("ISBN 9787302423287 教材"), example("Nike running shoes")),
    inspect=inspect,
)
