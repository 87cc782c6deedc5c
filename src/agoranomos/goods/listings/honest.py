"""When what looks like a disguise is an honest writing: another word, a code, a capital, another script."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache
from typing import Final

from agoranomos.engine.text.folding import (
    BROKEN,
    CASE,
    INVISIBLE,
    LEET,
    LOOKALIKE,
    MARKED,
    REVERSED,
    ROMANISED,
    SHAPE,
    SPACED,
    SWAPPED,
    TURNED,
    light,
)  # fmt: skip
from agoranomos.engine.text.orthography import is_compatibility_ideograph, only_elsewhere, only_simplified
from agoranomos.engine.text.words import WordTable
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.listings.facts import Place
from agoranomos.goods.listings.texts import Found, ListingTexts

_PIECES: Final = re.compile(r"[\W_]+")
_NOT_LETTERS: Final = re.compile(r"[\W_]")
_CLAUSE_SIGNS: Final = re.compile(r"[，。；：！？、,;:!?…~～（）()《》〈〉【】「」“”‘’\s]+")
"""What parts clauses, remarks and titles of works."""
_EVERYDAY_ZIPF: Final = 3.5
_PARTING: Final = frozenset(" \u3000\n/、，,。；;：:！!？?|")
"""What stands between sentences, clauses and the items of a list."""
_CAMEL: Final = re.compile(r"^(?:[A-Z][a-z]{2,}){2,}$|^[A-Z]{2,}s$|^[A-Z]{2}[a-z]+$")
_CAPITAL_I: Final = re.compile(r"(?<=[a-z])I(?=[a-z])")
_DIGITS: Final = re.compile(r"\d{2,}")
_LETTERS_MIN: Final = 2
_LONG_ENOUGH: Final = 6
_LETTER_PAIRS: Final = ("00", "10", "01")
"""Pairs of digits that are letters as often as numbers: C00L, D10R."""
_PIECE_ZIPF: Final = 3.0
_WORD_ZIPF: Final = 2.0
_TURNED_ZIPF: Final = 3.3
"""From this frequency letters that are a name backwards are the word that they spell; below, the goods decide."""
_SCRIPT_LETTERS_MIN: Final = 3
_SIMPLIFIED_MIN: Final = 1
_OTHER_SHARE: Final = 8
_LETTER_AND_CHARACTER: Final = 2
_INITIALS: Final = 3
_LISTED: Final = frozenset(" \t/-,&+():")
"""What stands between sizes and codes."""
_SHORT_NAME: Final = 3
_IN_FRONT: Final = 8
_REMARKS: Final = re.compile(r"【[^】]*】|\[[^\]]*\]|\([^)]*\)|（[^）]*）")
_NAME_IN_FRONT: Final = re.compile(r"[㐀-鿿]{2,}\s?[（(\[【/]\s?$")
_OWN_SCRIPTS: Final = frozenset({"LATIN", "FULLWIDTH", "MATHEMATICAL"})


def innocent_spelling(one: Found, texts: ListingTexts, words: WordTable, *, ordinary: bool) -> bool:
    """Whether the hit `one` is no disguise; `ordinary`: the name is an everyday word."""
    how, text = one.how, one.text
    if innocent_by_itself(how, text, words, ordinary=ordinary):
        return True
    if how & ROMANISED and (_no_pinyin(text, texts, words) or _chance_initial(one, texts)):
        return True
    if how & ROMANISED and text[-_SHORT_NAME:].isascii() and words.straddled(*texts.edges(one.place))[0]:
        return True  # 完美LED is no 美乐蒂
    if how & LEET and text.isascii() and _code_goes_on(one, texts):
        return True
    if not text.isascii() and how & (SHAPE | REVERSED | SPACED | BROKEN) and not how & INVISIBLE:
        return _chance_in_chinese(one, texts, words)
    if how & (LOOKALIKE | TURNED) and not how & ~(LOOKALIKE | TURNED | CASE):
        return _one_foreign_script(text, texts, one.place)
    return False


def innocent_by_itself(how: int, text: str, words: WordTable, *, ordinary: bool) -> bool:
    """Whether `text`, which writes a phrase as `how` says, is no disguise of it whatever stands around."""
    if how & SWAPPED and not how & ~(SWAPPED | CASE) and _only_words(text, words):
        return True
    if how & MARKED and not how & ~(MARKED | CASE) and (ordinary or words.is_foreign_word(_composed(text))):
        return True
    if how & BROKEN and _chance_break(text, how, words):
        return True
    if how & SPACED and text.isascii() and _chance_initials(text):
        return True
    if how & LEET and not how & LOOKALIKE and chance_digits(text):
        return True
    if how == SHAPE and len(text) <= _SHORT_NAME and words.said_every_day(text):
        return True
    if how & TURNED and text.isascii():
        return True  # an upside-down spelling with no letter turned is another word
    return bool(how & REVERSED) and text.isascii() and words.zipf_anywhere(text.casefold()) >= _TURNED_ZIPF


def in_another_orthography(one: Found, texts: ListingTexts, *, ordinary: bool) -> bool:
    """Whether `one` stands in traditional, Japanese or compatibility characters among simplified ones.

    Who writes in Taiwan or Hong Kong writes the whole listing so; characters that exist in simplified Chinese alone
    show that the writer does not. An everyday word (`ordinary`) must stand as a label of its own or first.
    """
    place = one.place
    if texts.count_around(place, _is_kana_or_hangul):
        return False
    if any(map(is_compatibility_ideograph, one.text)):
        return True
    before, after = texts.around(place)
    if ordinary and (before[-1:].isalnum() or (before.strip() and after[:1].isalnum())):
        return False
    simple = texts.count_around(place, only_simplified)
    return simple >= _SIMPLIFIED_MIN and texts.count_around(place, only_elsewhere) * _OTHER_SHARE <= simple


def _chance_initial(one: Found, texts: ListingTexts) -> bool:
    """Whether a letter beside one character is no name: 中b面, B面A; names stand at the edge of what is around."""
    if len(light(one.text)) != _LETTER_AND_CHARACTER or one.text.isascii():
        return False
    if len(one.text) != _LETTER_AND_CHARACTER:
        return True
    before, after = texts.around(one.place)
    return before[-1:].isalnum() or (after[:1].isascii() and after[:1].isalpha())


def spells_what_stands_before(one: Found, texts: ListingTexts) -> bool:
    """Whether Latin letters in brackets follow Chinese characters, as the Latin form of a name does: 奕佳（YIJIA）."""
    return bool(
        _NAME_IN_FRONT.search(texts.text[one.place.field], max(0, one.place.start - _IN_FRONT), one.place.start)
    )


def _code_goes_on(one: Found, texts: ListingTexts) -> bool:
    """Whether a digit at an edge of `one` goes on a code outside, or an @ an address: A9Star is no G-Star, me@intel.com
    no Intel.
    """
    before, after = texts.around(one.place)
    text = one.text
    if (text[0] == "@" and before[-1:].isalnum()) or (text[-1] == "@" and after[:1].isalnum()):
        return True
    goes_on = after[:1].isascii() and after[:1].isalnum()
    return (text[0].isdigit() and before[-1:].isalnum()) or (text[-1].isdigit() and goes_on)


def _no_pinyin(text: str, texts: ListingTexts, words: WordTable) -> bool:
    """Whether letters that spell a Chinese name are no pinyin: nothing else is Chinese, or they are a word."""
    if any(map(_is_chinese, text)):
        return False
    chinese = any(texts.count(field, _is_chinese) for field in texts.text)
    return not chinese or words.zipf_latin(_composed(text)) >= _WORD_ZIPF


def _only_words(text: str, words: WordTable) -> bool:
    """Whether `text` is made of everyday words ("daily" for Dally) and no capital I stands in for an l."""
    return not _CAPITAL_I.search(text) and all(words.zipf_latin(light(word)) >= _WORD_ZIPF for word in text.split())


def _chance_in_chinese(one: Found, texts: ListingTexts, words: WordTable) -> bool:
    """Whether neighbouring Chinese words make up what was found: 田字格本 田字格 is not Honda (本田).

    So do words on both sides of what ends a sentence or parts the items of a list: 颜色：军绿。厂家直销, 绿/米色.
    """
    text = one.text
    before, after = texts.around(one.place)
    other_character = bool(one.how & (SHAPE | REVERSED))
    blank = bool(one.how & (SPACED | BROKEN)) and text.replace("\u3000", " ").replace(" ", "").isalnum()
    # Of a long name at the head of a title so much is right that no word cut out of its end explains it.
    heads = other_character and len(text) > _SHORT_NAME and not before[-1:].isalnum()
    if (other_character or blank) and not heads and words.straddles(before, text, after):
        return True
    if one.how & (SPACED | BROKEN) and set(_NOT_LETTERS.findall(text)) <= _PARTING and _ends_words(one, texts, words):
        return True
    if other_character and (not stands_as_name(text, before, after) or goes_on_as_words(text, before, after, words)):
        return True
    if one.how & (SPACED | BROKEN) and parts_clauses(text, before, after, words):
        return True
    if not any(map(str.isalnum, before)):
        return False  # no title begins with a single character set apart from the next: 芬 迪现货
    return blank and len(text) <= 3 and (before[-1:].isalnum() or after[:1].isalnum())


def _ends_words(one: Found, texts: ListingTexts, words: WordTable) -> bool:
    """Whether the first or last character makes a word, however rare, with its neighbour outside."""
    before, after = texts.around(one.place)
    return words.is_chinese_word(before[-1:] + one.text[:1]) or words.is_chinese_word(one.text[-1:] + after[:1])


def stands_in_front(one: Found, texts: ListingTexts) -> bool:
    """Whether `one` stands where a title names its brand: first, behind a remark in brackets, or alone amid Chinese."""
    before, after = texts.around(one.place)
    head = _REMARKS.sub("", texts.text[one.place.field][: one.place.start])
    if not any(map(str.isalnum, head)):
        return True
    around = (before.rstrip()[-1:], after.lstrip()[:1])
    return any(map(_is_chinese, around)) and all(not side.isascii() or not side.isalnum() for side in around)


def goes_on_as_words(text: str, before: str, after: str, words: WordTable) -> bool:
    """Whether two of three characters are an everyday word and the third begins or ends another: 价格适中."""
    if len(text) != _SHORT_NAME:
        return False
    front = words.zipf_chinese(text[:2]) >= _EVERYDAY_ZIPF and words.is_chinese_word(text[2:] + after[:1])
    return front or (words.zipf_chinese(text[1:]) >= _EVERYDAY_ZIPF and words.is_chinese_word(before[-1:] + text[:1]))


def parts_clauses(text: str, before: str, after: str, words: WordTable) -> bool:
    """Whether what stands in one place inside a Chinese name parts clauses of a text that goes on around it.

    容量大，有250条 is not the brand 大有, nor 充电器），摄像头 one thing. Of a longer name each piece must be a word.
    """
    if not (_is_chinese(before[-1:] or " ") and after[:1].isalnum()):
        return False
    pieces = _CLAUSE_SIGNS.split(text)
    if len(pieces) != 2 or not all(pieces) or not all(map(str.isalnum, pieces)):
        return False
    return sum(map(len, pieces)) == 2 or all(words.is_chinese_word(piece) for piece in pieces)


def holds_own_name(text: str, brand: Brand) -> bool:
    """Whether a word of `text` is a name of the brand as anyone writes it, which hides nothing: 老干妈 风味豆豉."""
    words = _PIECES.split(text)
    return len(words) > 1 and any(word in brand.called() for word in words)


def stands_as_name(text: str, before: str, after: str) -> bool:
    """Whether a Chinese word stands where names stand: two characters after a gap, three beside one."""
    opens = not before or not before[-1].isalnum()
    closes = not after or not after[0].isalnum()
    return len(text) > 3 or opens or (len(text) == 3 and closes)


def usual_case(text: str, brand: Brand) -> bool:
    """Whether capitals stand as writers put them: all, none, first letters, camel, or as the brand does."""
    words = [word for word in _PIECES.split(text) if word]
    if all(word.islower() or word.isupper() or word[1:].islower() or len(word) < 3 for word in words):
        return True
    return all(_CAMEL.match(word) for word in words) or text in brand.called()


def chance_digits(text: str) -> bool:
    """Whether the digits in `text` are a number or a code rather than letters: IP54, 4 Men, 8 Elite."""
    pieces = [piece for piece in _PIECES.split(text) if piece]
    in_words = len(pieces) < len(text) / 2
    if in_words and any(not any(char.isalpha() for char in piece) for piece in pieces):
        return True
    letters = sum(char.isalpha() for char in text)
    digits = [char for char in text if char.isdigit()]
    if letters < _LETTERS_MIN or not digits:
        return letters < _LETTERS_MIN
    if letters + len(digits) >= _LONG_ENOUGH:
        return False  # no code of that length spells a name by chance
    together = _DIGITS.search(unicodedata.normalize("NFKC", text))
    if together and together[0] not in _LETTER_PAIRS:
        return True
    return letters < 4 and text.isupper() and all(char in "26789" for char in digits)


def written_out(link: str, text: str) -> bool:
    """Whether `text` has the dots of the link `link`: "t me" is not t.me."""
    squeezed = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    return link.casefold().rstrip("/").split("/")[0] in squeezed


def _chance_break(text: str, how: int, words: WordTable) -> bool:
    """Whether neighbouring words merely happen to join into a name: "for 30" is not FOREO."""
    if how & (SWAPPED | MARKED):
        return True
    pieces = [piece for piece in _PIECES.split(text) if piece]
    if any(not any(char.isalpha() for char in piece) for piece in pieces):
        return True
    if len(pieces) == 2 and text.isascii() and min(len(piece) for piece in pieces) == 1:
        return any(words.zipf_latin(piece.casefold()) >= _PIECE_ZIPF for piece in pieces if len(piece) > 1)
    return False


def _chance_initials(text: str) -> bool:
    """Whether two or three letters that stand apart are sizes, codes or words: S/L, a b, but not L.V or Y S L."""
    letters = sum(map(str.isalnum, text))
    return letters <= _INITIALS and (not text.isupper() or (letters < _INITIALS and bool(_LISTED & set(text))))


def _is_kana_or_hangul(char: str) -> bool:
    return "\u3041" <= char <= "\u30fa" or "가" <= char <= "힣"


def _is_chinese(char: str) -> bool:
    return "一" <= char <= "鿿"


def _composed(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _script(char: str) -> str:
    return unicodedata.name(char, "").split(" ")[0]


def _one_foreign_script(text: str, texts: ListingTexts, place: Place) -> bool:
    """Whether `text` is wholly in one script that the field uses elsewhere too: an honest foreign word."""
    scripts = {_script(char) for char in text if char.isalpha()}
    if len(scripts) != 1 or scripts & _OWN_SCRIPTS:
        return False
    is_such = _letter_of(*scripts)
    around = texts.count(place.field, is_such) - sum(map(is_such, texts.at(place)))
    return around >= _SCRIPT_LETTERS_MIN


@cache
def _letter_of(script: str) -> Callable[[str], bool]:
    """Whether a character is a letter of `script`."""
    return lambda char: char.isalpha() and _script(char) == script
