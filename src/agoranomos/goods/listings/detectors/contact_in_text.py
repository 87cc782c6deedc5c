"""Contact details and pay-me-elsewhere hints in the text, in whatever spelling.

Words come from the vocabulary; numbers, account names and addresses are found here by their form. A listing is only
looked at when the sieve (`engine.text.machine`) saw what may reach the report line: a cue and behind it what may be
an account, a number in digits or words or a mailbox, a long number behind a sign, or one of the form of a mobile
number in a Chinese text. Whatever is searched for here is announced by one of these.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from agoranomos.engine.text.announced import SOUND_AS_DIGITS
from agoranomos.engine.text.folding import NO_DIGIT, digit_of
from agoranomos.goods.listings.evidence import (
    ListingDetector,
    example,
    not_within_another,
    quotes_of,
    together,
)
from agoranomos.goods.listings.facts import DigitRun, ListingFacts, Place, Spoken
from agoranomos.goods.listings.model import Concern, Field, Quote, Signal
from agoranomos.goods.listings.phrases import APPS, CONTACT_FAMILIES
from agoranomos.goods.listings.sentences import LISTED_MAX, Saying, listed, reads_otherwise
from agoranomos.goods.listings.vocabulary import Term

CODE = "goods.contact_in_text"
LEADS_AWAY: Final = Saying(
    "{words} leads buyers off the marketplace.",
    "{words} lead buyers off the marketplace.",
    "{words}会把买家引到平台之外。",
)
_MASKED_FROM: Final = 6
BEFORE_NUMBER: Final = 24
"""Characters in front of a number in which is looked for what announces it."""
BEHIND_CUE: Final = 200
"""Characters behind a cue within which an account or a number in words ends, and to spare."""
_NUMBERED: Final = APPS | {"phone_cue", "add_me"}
_MOBILE_CN = re.compile(r"^(?:0{0,2}86)?1[3-9]\d{9}$")
# Toll-free lines of makers and insurers, over which no seller trades: 400-820-8820, 1-800-555-0199. Without signs
# between, what begins with 18 is a mobile number in China.
_SERVICE = re.compile(
    r"^(?:[48]00[ \-]?\d{3,4}[ \-]?\d{3,4}|\+?1?[ .\-]?\(?8(?:00|33|44|55|66|77|88)\)?[ .\-]\d{3}[ .\-]\d{4})$"
)
_NAMED_ACCOUNT = r"(?:\s{0,2}(?:id|no|number|me|us|only|acc|号码?|账号|群|：)(?![A-Za-z]))?"
# An account name after a cue: letters, digits, _ . and -, at least four, with a digit or an underscore in it …
_HANDLE = re.compile(
    _NAMED_ACCOUNT + r"[^\w.;!?\n]{0,6}((?=[A-Za-z0-9_.\-]{4,26})[A-Za-z0-9][A-Za-z0-9_.\-]*[0-9_][A-Za-z0-9_.\-]*)",
    re.IGNORECASE,
)
# … or without one where @ or "id:" says that it is one.
_SAID_HANDLE = re.compile(
    r"(?:\s{0,2}id\s{0,2}[:：]\s{0,2}@?|[^\w.;!?\n]{0,4}@\s?)([A-Za-z][A-Za-z0-9_.]{4,25})",
    re.IGNORECASE,
)
_MEASURE = re.compile(
    r"^(?:ip[x\d]\d|\d+(?:\.\d+)?(?:mah|mm|cm|m|ml|l|g|kg|gb|tb|mb|hz|ghz|khz|w|v|a|inch|in|mp|atm|bit|pcs|pc|s|h|hrs?|"
    r"days?|in1|k|p|rpm|oz|d|th|st|nd|rd|ft|colou?rs?|nm|fps|x\d.*|[\-.]\d.*)?|\d{1,4})$",
    re.IGNORECASE,
)
_DATED = re.compile(r"^(?:19|20)\d\d")
_GROUP = re.compile(r"[^\W_]+")
_RANGE = re.compile(r"[./*×~]")
_EMAIL = re.compile(
    r"[A-Za-z0-9][A-Za-z0-9._%+\-]{1,40}\s?(?:@|\(at\)|\[at\])\s?"
    r"(?:gmail|hotmail|outlook|yahoo|icloud|live|qq|163|126|foxmail|proton(?:mail)?|yandex|mail)\s?(?:\.|\(dot\)|\[dot\])\s?[A-Za-z]{2,4}",
    re.IGNORECASE,
)
# What may stand right before a number to say that it is to be called; a bare number is a code of the maker's.
_CALLED = re.compile(
    r"(?:\b(?:call|phone|tel|telp|tlp|telepon|hp|ph|mob|mobile|cell|sms|text|contact|hotline|nomor|hub|hubungi|gọi|sđt|"
    r"llama(?:r|me)?|celular|cel|fone|ligue)\W{1,6}(?:(?:no|me|us)\W{1,4})?|(?:โทร|电话|電話|手机号?|联系|☎|📞|📲)\W{0,6}(?:号码?\W{0,4})?)$",
    re.IGNORECASE,
)
# Signs for an app: the penguin of QQ, the aeroplane of Telegram, a heart or a V sign (威) for the 信 of 微信.
_SIGNED = re.compile(
    r"(?:🐧|[✈🛩]\ufe0f?\s?号?|✌\ufe0f?\s?[信芯xX]|[薇微嶶溦徽卫威维vV]\s?[❤♥💚💗💌]\ufe0f?|(?<![A-Za-z])[qQ]\s?(?:号|群)?)\W{0,6}$"
)
_WORDS = "zero|oh|one|two|three|four|five|six|seven|eight|nine"
_NUMBER_WORDS = re.compile(
    rf"\W{{0,6}}(?:(?:no|number|id|me|on|at|@)\W{{1,3}}){{0,2}}((?:(?:{_WORDS})[\s\-.,]{{1,3}}){{6,15}}(?:{_WORDS}))",
    re.IGNORECASE,
)
_HAN_RUN = re.compile(r"[^\w]{0,4}号?[^\w]{0,4}([一-鿿〇](?:[\s]?[一-鿿〇]){6,14})")
_LETTER_DIGITS = re.compile(r"\W{0,6}([0-9OoοIl|ƷzZsSbBqg]{8,16})(?![A-Za-z0-9])")


_NAMES: Final = {"wechat": "微信", "qq": "qq", "whatsapp": "whatsapp", "telegram": "telegram", "line": "line"}
"""How an app is called where only its name stands there, in whatever spelling."""
_SHOWN: Final = {name: name for name in _NAMES.values()} | {"qq": "QQ", "whatsapp": "WhatsApp", "telegram": "Telegram"}
# What does more than name an app: adding, looking, asking; and names in Latin letters that are names of it as well.
_DOING: Final = re.compile(
    r"[加➕+看扫搜走同联聊私咨询下单交易转账付款优惠便宜发图我主页头像简介图末群号公众關关]|we ?chat|"
    r"[a-z]+ [a-z]+ [a-z]+|id\b|\b(?:add|my|me|contact|via|join|our|us|for|order)\b",
    re.IGNORECASE,
)
_MAIL_SIGNS: Final = re.compile(r"[@(\[＠﹫（﹙⁽₍︵［﹇]")
"""One of these stands in every address of a mailbox (`_narrow` makes @, ( or [ of it): looked for before that."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Log-odds. `mobile`: a number of the form of a mobile number, or one that is to be called; `number`: another long
    number beside a cue; `handle`: an account name right behind the name of an app; `mail`: the address of a private
    mailbox; `disguised`: a cue or number written to hide. `reach`: characters at most between a cue and its number."""

    mobile: float = 4.2
    number: float = 3.2
    handle: float = 3.2
    mail: float = 3.2
    disguised: float = 1.5
    weight_max: float = 9.0
    reach: int = 15


class _Number(NamedTuple):
    quote: Quote
    weight: float


class _Gathered(NamedTuple):
    cues: list[Spoken]
    strongest: dict[str, float]
    numbers: list[_Number]
    handles: list[Quote]
    mails: list[Quote]
    weight: float


def _gathered(facts: ListingFacts, settings: Settings) -> _Gathered:
    cues = [s for s in facts.spoken if s.term.family in CONTACT_FAMILIES]
    strongest: dict[str, float] = {}
    for cue in not_within_another(cues):
        family = cue.term.family
        strongest[family] = max(strongest.get(family, 0.0), cue.weight)
    numbers = [found for run in facts.runs if (found := _as_number(run, cues, facts, settings)) is not None]
    numbers += [found for cue in cues if (found := _spelled_out(cue, facts, settings)) is not None]
    handles = [quote for cue in cues if (quote := _handle_after(cue, facts)) is not None]
    mails = _mails(facts) if cues else []
    weight = together(strongest.values()) if strongest else 0.0
    if numbers:
        weight += max(number.weight for number in numbers)
    elif handles:
        weight += settings.handle
    if mails:
        weight += settings.mail
    return _Gathered(cues, strongest, numbers, handles, mails, min(weight, settings.weight_max))


def weight_of(facts: ListingFacts, settings: Settings) -> float:
    """What the signal of `inspect` weighs (log-odds), 0 without one: for who needs no words about it."""
    return max(0.0, _gathered(facts, settings).weight)


def inspect(facts: ListingFacts, settings: Settings) -> Iterable[Signal]:
    """One signal for everything that leads the buyer away."""
    cues, strongest, numbers, handles, mails, weight = _gathered(facts, settings)
    if weight <= 0:
        return
    quotes = quotes_of(cues) + tuple(number.quote for number in numbers[:3]) + tuple((handles + mails)[:3])
    message, message_zh = LEADS_AWAY.of(_masked(quote.text) for quote in quotes)
    meant, meant_zh = _meant(quotes, {cue.quote: cue.term.family for cue in cues})
    yield Signal(
        code=CODE,
        concern=Concern.DIVERSION,
        weight=weight,
        message=message + meant,
        message_zh=message_zh + meant_zh,
        quotes=quotes,
        values={
            "families": sorted(strongest),
            "numbers": len(numbers),
            "handles": len(handles) + len(mails),
        },
    )


def _meant(quotes: Iterable[Quote], families: Mapping[Quote, str]) -> tuple[str, str]:
    """A further sentence on what the words stand for that are not written as such; empty without any."""
    pairs = {}
    for quote in quotes:
        app = _NAMES.get(families.get(quote, ""), "")
        plain = quote.reads if not app or _DOING.search(quote.reads) or app in quote.reads.casefold() else _SHOWN[app]
        if reads_otherwise(_narrow(quote.text), plain) and _masked(plain) != _masked(quote.text):
            pairs[_masked(quote.text)] = _masked(plain)
    shown = list(pairs.items())[:LISTED_MAX]
    if not shown:
        return "", ""
    said = listed([f"“{text}” stands for “{reads}”" for text, reads in shown])
    return f" {said}.", "，".join(f"“{text}”即“{reads}”" for text, reads in shown) + "。"


def _masked(text: str) -> str:
    """`text` with the middle of a number or account left out: messages travel further than quotes do."""
    known = sum(char.isalnum() for char in text)
    if known < _MASKED_FROM or not any(digit_of(char) != NO_DIGIT for char in text):
        return text
    return f"{text[:3]}…{text[-2:]}"


def _as_number(run: DigitRun, cues: list[Spoken], facts: ListingFacts, settings: Settings) -> _Number | None:
    """A mobile number counts by itself in a Chinese text; another number only where it is called or behind a cue."""
    text = getattr(facts.listing, run.place.field)
    before = text[max(0, run.place.start - BEFORE_NUMBER) : run.place.start]
    cued = {
        cue.term.family
        for cue in cues
        if cue.place.field == run.place.field
        and cue.term.family in _NUMBERED
        and 0 <= run.place.start - cue.place.end <= settings.reach
        and (cue.place.end == run.place.start or not re.search(r"[A-Za-z]$", before))
    }
    weight = number_weight(
        run.text, run.digits, before, settings,
        behind=bool(cued), app=not APPS.isdisjoint(cued), chinese=_is_chinese(text),
    )  # fmt: skip
    return _Number(run.quote, weight) if weight else None


def number_weight(
    text: str, digits: str, before: str, settings: Settings, *, behind: bool, app: bool, chinese: bool
) -> float:
    """What the number `text` weighs (log-odds), 0 where it is none.

    digits: what it shows; before: at least `BEFORE_NUMBER` characters in front of it; behind: whether a cue announces
    it; app: whether one is the name of an app; chinese: whether it stands in a Chinese text.
    """
    if not _grouped(text) or (_SERVICE.match(text) and not app):
        return 0.0
    if re.search(r"[A-Z]{2,}$", before) and not behind:
        return 0.0  # the register number of a cosmetic or a model: NA18230700549
    plain = text.replace(" ", "").replace("-", "").lstrip("+")
    hidden = 0.0 if plain.isascii() and plain.isdigit() else settings.disguised
    pieces = [digits, *(piece for piece in text.split() if piece.isdigit() and piece.isascii())]
    called = before.rstrip()[-1:] == "+" or bool(_CALLED.search(before))
    weight = 0.0
    if any(_MOBILE_CN.match(each) for each in pieces):
        weight = settings.mobile if behind or called or chinese else 0.0
    elif 7 <= len(digits) <= 15:
        signed = bool(_SIGNED.search(before)) or (called and len(digits) >= 10)
        weight = settings.mobile if signed else (settings.number if behind else 0.0)
    return weight + hidden if weight else 0.0


def _is_chinese(text: str) -> bool:
    return any("一" <= char <= "鿿" for char in text)


def _grouped(text: str) -> bool:
    """Whether digits stand together as in a telephone number; 13.3 14 15.6 17.3 are sizes."""
    sizes = [len(group) for group in _GROUP.findall(text)]
    return len(sizes) <= 1 or max(sizes) == 1 or (min(sizes[1:]) >= 2 and not _RANGE.search(text)) or max(sizes) >= 8


def _spelled_out(cue: Spoken, facts: ListingFacts, settings: Settings) -> _Number | None:
    """A number in words right behind a cue: eight six one …, 伊酒吾耳…, oB2i5IZIBS7I."""
    text = getattr(facts.listing, cue.place.field)
    found = number_in_words(cue.term, cue.text, text, cue.place.end)
    if found is None:
        return None
    place = Place(cue.place.field, *found)
    said = text[place.start : place.end]
    return _Number(Quote(*place, said, said), settings.mobile)


def number_in_words(term: Term, said: str, text: str, end: int) -> tuple[int, int] | None:
    """Where a number in words begins and ends behind the cue `term`, written `said`, which ends at `text[end]`."""
    if term.family not in _NUMBERED:
        return None
    # "phone eight" is itself a cue: the words begin inside it.
    first = re.search(rf"\b(?:{_WORDS})$", said, re.IGNORECASE)
    start = end - (len(first[0]) if first else 0)
    found = _NUMBER_WORDS.match(text, start)
    if found is None:
        found = _HAN_RUN.match(text, start)
        if found is not None and not SOUND_AS_DIGITS.issuperset("".join(found[1].split())):
            found = None
    if found is None and term.family in APPS:
        found = _LETTER_DIGITS.match(text, start)
        if found is not None and sum(char.isdigit() for char in found[1]) < 2:
            found = None
    return None if found is None else found.span(1)


def _mails(facts: ListingFacts) -> list[Quote]:
    fields: tuple[Field, ...] = ("title", "description")
    return [
        Quote(field, mail.start(), mail.end(), mail[0], mail[0])
        for field in fields
        if _MAIL_SIGNS.search(getattr(facts.listing, field))
        for mail in _EMAIL.finditer(_narrow(getattr(facts.listing, field)))
    ]


def holds_mailbox(text: str) -> bool:
    """Whether the address of a private mailbox stands in `text`."""
    return _MAIL_SIGNS.search(text) is not None and _EMAIL.search(_narrow(text)) is not None


class _Narrow(dict[int, str]):
    """For `str.translate`: what each character is as a plain one, if that is one character; filled as it is asked."""

    def __missing__(self, code: int) -> str:
        plain = unicodedata.normalize("NFKC", chr(code))
        self[code] = plain if len(plain) == 1 else chr(code)
        return self[code]


_NARROW: Final = _Narrow()


@lru_cache(maxsize=3)  # the fields of one listing: each cue in a long text asks for the same again
def _narrow(text: str) -> str:
    """`text` with full-width and styled letters as plain ones, every character in its place."""
    return text if text.isascii() else text.translate(_NARROW)


def _handle_after(cue: Spoken, facts: ListingFacts) -> Quote | None:
    text = getattr(facts.listing, cue.place.field)
    found = account_behind(cue.term, text, cue.place.end)
    if found is None:
        return None
    name = _narrow(text)[found[0] : found[1]]
    return Quote(cue.place.field, *found, name, name)


def account_behind(term: Term, text: str, end: int) -> tuple[int, int] | None:
    """Where the account name begins and ends right behind the name of an app, which ends at `text[end]`.

    Unless it is a measure or a model.
    """
    if term.family not in APPS:
        return None
    text = _narrow(text)
    said = _SAID_HANDLE.match(text, end)
    found = said or _HANDLE.match(text, end)
    if found is None:
        return None
    name = found[1].rstrip(".-")
    if not said and (len(name) < 4 or _MEASURE.match(name) or _DATED.match(name)):
        return None
    short = len(term.text) <= 4 and term.text.isascii()
    joint = text[end : found.start(1)]
    if short and not said and (not joint or joint[0] in "-)）_" or name != name.lower() or name[0].isdigit()):
        return None  # WX-3078P is a vacuum cleaner, TG100V22DG a washing machine
    return found.start(1), found.start(1) + len(name)


DETECTOR = ListingDetector(
    code=CODE,
    name="contact details in the text",
    version="5",
    about="Contact details and pay-me-elsewhere hints, through homophones, emoji and digits in words.",
    settings=Settings(),
    hits=(
        example("运动鞋 加微信 abc12345 详谈"),
        example("包包 ＋VX：bag_8899"),
        example("shoes whatsapp +86 138 1234 5678"),
        example("鞋 一三八一二三四五六七八"),
        example("watch catalog on Telegram @bagking"),
        example("bag wechat eight six one five nine four two eight three eight"),
        example("sunglasses call +91 9881533738"),
        example("dress mail me at seller88@gmail.com"),
        example("运动鞋 电话 18885550100"),
        example("包 咨询🐧740232669"),
    ),
    misses=(
        example("儿童手表 微信聊天 视频通话"),
        example("ISBN 9787302423287 教材"),
        example("Nike running shoes"),
        example("phone battery 4500 mAh 128GB"),
        example("Serum BPOM NA18230700549 20ml"),
        example("扫地机器人 全国联保 售后电话 400-820-8820"),
        example("Stroller, warranty hotline 1-800-555-0199 inside manual"),
    ),
    inspect=inspect,
)
