"""What every character stands for once disguise is taken off: the table behind the one-pass fold.

A character becomes: nothing (zero-width), a gap (space, punctuation, emoji), one byte (a letter or digit
class), or other bytes (CJK and everything else). Beside what it becomes, the table remembers *how*: plain,
styled (full-width, mathematical, circled), look-alike of another script (Unicode TR39), turned, marked,
or a digit that may stand for a letter. Folding is for finding; telling an honest spelling from a disguised
one is done later, by comparing the text's own characters with the pattern's.

Sources: Unicode character names and NFKC (Python's unicodedata), TR39 confusables (package
confusable-homoglyphs), other orthographies of Chinese (`orthography`).
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.text.orthography import is_compatibility_ideograph, simplified

# How a character was written; a hit carries the union over its characters.
STYLED: Final = 1  # full-width, mathematical, circled, small capitals, regional indicators
LOOKALIKE: Final = 2  # a letter of another script, or an exotic Latin letter, that looks like it
LEET: Final = 4  # a digit or sign in place of a letter
TURNED: Final = 8  # upside-down, mirrored or reversed letter
MARKED: Final = 16  # a letter with diacritics
INVISIBLE: Final = 32  # a zero-width or stray combining character stands inside the word
CASE: Final = 64  # an upper-case letter after a lower-case one inside the word
SWAPPED: Final = 128  # another plain letter of the same class: I for l
# Found in a hit as a whole, never in the table.
CASE_GAME: Final = 256  # two or more such upper-case letters: nIkE
MARK_GAME: Final = 512  # two or more marked letters where the name has none: Ñîkë
SPACED: Final = 1024  # every letter stands alone: N I K E, n.i.k.e
BROKEN: Final = 2048  # one or a few gaps that the name does not have: Ni ke
# Known beforehand of a phrase that is itself a disguised spelling of another (`variants`).
SOUND: Final = 4096  # another character of the same sound: 高访 for 高仿
SHAPE: Final = 8192  # another character of similar shape: 葡田 for 莆田
TAKEN_APART: Final = 16384  # a character written as its parts: 亻方 for 仿
ROMANISED: Final = 32768  # Chinese written in Latin letters, wholly or in part: gao仿
REVERSED: Final = 65536  # written backwards: ekin
MISSPELT: Final = 131072  # one letter doubled, dropped, swapped or exchanged for one of similar sound
# Found in a hit as a whole, from `OTHER_FORM` of its characters.
ORTHOGRAPHY: Final = 262144  # traditional, Japanese or compatibility ideographs for simplified ones
# Known of a hit alone, by comparing its rare characters with a name's (`rebuilding`).
REBUILT: Final = 524288  # rare characters built from the name's: 嬡骉仕
HOW_BITS: Final = 20
OTHER_FORM: Final = 128
"""Stands in the table alone, in the place of `SWAPPED`: an ideograph of another orthography."""
DISGUISES: Final = {
    STYLED: "styled",
    LOOKALIKE: "lookalike",
    LEET: "leet",
    TURNED: "turned",
    MARKED: "marked",
    INVISIBLE: "invisible",
    CASE: "case",
    SWAPPED: "swapped",
    CASE_GAME: "case_game",
    MARK_GAME: "mark_game",
    SPACED: "spaced",
    BROKEN: "broken",
    SOUND: "sound",
    SHAPE: "shape",
    TAKEN_APART: "taken_apart",
    ROMANISED: "romanised",
    REVERSED: "reversed",
    MISSPELT: "misspelt",
    ORTHOGRAPHY: "orthography",
    REBUILT: "rebuilt",
}

# Kinds of table entries.
DROP: Final = 0
GAP: Final = 1
BYTE: Final = 2
COPY: Final = 3
SPELL: Final = 4
SIGN: Final = 5  # a sign that is a letter between letters and punctuation elsewhere: n!ke, Nike!
APOSTROPHE: Final = 6  # vanishes, but a word may end before it: Nike's
COLON: Final = 7  # kept between digits only: 1:1

EXPANSION_MAX: Final = 4
"""A byte of text folds to at most so many; the scratch buffers rely on it."""
TABLE_SIZE: Final = 0x2FA20
"""Up to the last compatibility ideograph."""
NO_DIGIT: Final = 15

# Letters and signs that share a class, so that either finds the other (leet; I and l as in TR39).
_CLASS: Final = {
    "l": "i", "1": "i", "!": "i", "|": "i", "0": "o", "3": "e", "4": "a", "@": "a", "5": "s", "$": "s",
    "7": "t", "8": "b", "9": "g", "6": "g", "2": "z", "€": "e", "£": "i", "¥": "y", "¢": "c", "₦": "n",
    "₩": "w", "ƒ": "f", "µ": "u", "○": "o", "●": "o", "◎": "o", "∅": "o", "¡": "i", "©": "c", "®": "r", "^": "a",
    "†": "t", "#": "h",
    "ǀ": "i", "∣": "i", "│": "i", "丨": "i",
}  # fmt: skip
_SIGNS: Final = "!|@$€£¥¢₦₩○●◎∅¡ǀ∣│丨©®^†#"
_NOT_LETTERS: Final = "×卐卍丶灬丿彡ゝゞヽヾㄟ"
_KEPT_SIGNS: Final = "+&"
_KEPT_SIGN_FORMS: Final = "＋﹢➕✚＆﹠"
_APOSTROPHES: Final = "'’‘ʼ`´′＇"
_RARE_IDEOGRAPHS: Final = range(0x20000, 0x2F800)
_BLANKS: Final = "\u115f\u1160\u3164\uffa0\u2800"
_TRADE_SIGNS: Final = "™℠℡㊣㊗㊙"
"""Ornaments, though compatibility makes letters of them."""
# Letters whose Unicode name says which letter they are, though NFKC does not fold them.
_WITHOUT_ORNAMENTS: Final = str.maketrans("", "", _TRADE_SIGNS)
_LETTER_NAMES: Final = [
    (re.compile(r"LATIN LETTER SMALL CAPITAL (?:TURNED |REVERSED )?([A-Z])$"), STYLED),
    (re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER (?:TURNED|REVERSED|INVERTED|SIDEWAYS) ([A-Z])$"), TURNED),
    (re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER ([A-Z]) WITH .*(?:STROKE|HOOK|TAIL|BAR|LOOP|CURL|TILDE)"), LOOKALIKE),
    (re.compile(r"LATIN (?:SMALL|CAPITAL) LETTER (?:DOTLESS|SCRIPT|OPEN|CLOSED|LONG) ([A-Z])$"), LOOKALIKE),
    (re.compile(r"REGIONAL INDICATOR SYMBOL LETTER ([A-Z])$"), STYLED),
    (re.compile(r"(?:NEGATIVE )?(?:CIRCLED|SQUARED|PARENTHESIZED)(?: ITALIC)? LATIN (?:SMALL|CAPITAL) LETTER ([A-Z])$"), STYLED),
    (re.compile(r"(?:CROSSED )?NEGATIVE SQUARED LATIN CAPITAL LETTER ([A-Z])$"), STYLED),
    (re.compile(r"MODIFIER LETTER (?:SMALL|CAPITAL) ([A-Z])$"), STYLED),
    (re.compile(r"TURNED (?:SMALL|CAPITAL) ([A-Z])$"), TURNED),
]  # fmt: skip
# Turned or mirrored letters whose names do not say so.
_TURNED: Final = {
    "ɐ": "a", "ɔ": "c", "ǝ": "e", "ə": "e", "Ǝ": "e", "ɟ": "f", "ɓ": "g", "ƃ": "g", "ɥ": "h", "ᴉ": "i", "ı": "i",
    "ɾ": "j", "ʞ": "k", "ʃ": "l", "ɯ": "m", "ɹ": "r", "ʇ": "t", "ʌ": "v", "ʍ": "w", "ʎ": "y", "∀": "a", "Ɔ": "c",
    "ᗡ": "d", "Ⅎ": "f", "⅁": "g", "⅂": "l", "Ԁ": "p", "∩": "u", "⊥": "t", "⅄": "y", "И": "n", "и": "n",
    "Я": "r", "я": "r", "ᴎ": "n", "ᴙ": "r", "Ɐ": "a", "Ɒ": "a", "ɒ": "a", "ꓱ": "e", "ꓵ": "u", "ꓶ": "l",
    "ꓕ": "t", "ꓞ": "f", "ꓯ": "a", "ꓷ": "d", "ꓛ": "c", "ꓘ": "k", "⊂": "c", "∃": "e", "ʁ": "r", "ᗺ": "b", "ꙅ": "s",
    "⅃": "l", "Ⴑ": "j", "Ƨ": "s", "ƨ": "s", "ɘ": "e", "ɿ": "r", "ᴚ": "r", "ꟻ": "f", "ꓤ": "r", "ꟼ": "p", "Ꙅ": "s", "ↄ": "c",
    "⋊": "k", "ꓩ": "g", "Ↄ": "c", "ᘐ": "g", "ᘔ": "s", "ᴀ": "a", "ꟽ": "m", "ᴍ": "m", "⊣": "h", "◖": "d",
}  # fmt: skip
# Look-alikes that TR39 leaves out because they are not confusable at reading speed, but sellers use.
_MORE_LOOKALIKES: Final = {
    "в": "b", "к": "k", "м": "m", "н": "h", "т": "t", "г": "r", "п": "n", "ш": "w", "щ": "w", "ь": "b", "ъ": "b",
    "б": "b", "з": "e", "э": "e", "є": "e", "д": "a", "л": "n", "ц": "u", "ч": "y", "ы": "bi", "ф": "o", "ж": "x",
    "ԁ": "d", "ԛ": "q", "ԝ": "w", "ґ": "r", "ҝ": "k", "қ": "k", "ң": "h", "ҳ": "x", "ү": "y", "ө": "o", "ә": "e",
    "β": "b", "ε": "e", "η": "n", "κ": "k", "μ": "u", "π": "n", "τ": "t", "φ": "o", "χ": "x", "ω": "w", "λ": "a",
    "δ": "d", "θ": "o", "ζ": "z", "ς": "s", "σ": "o", "γ": "y", "ι": "i", "υ": "u", "ν": "v", "ρ": "p", "ξ": "e",
    "ð": "d", "þ": "p", "ø": "o", "đ": "d", "ł": "l", "æ": "ae", "œ": "oe", "ß": "ss", "ŋ": "n", "ħ": "h", "ŧ": "t",
    "ค": "a", "ς́": "s", "ภ": "n", "๏": "o", "ก": "n", "г̵": "f", "к̨": "k", "ᄂ": "l", "ᄃ": "c", "ᄐ": "e",
    "∂": "d", "∑": "e", "√": "v", "‡": "t",
    "Ꭺ": "a", "Ᏼ": "b", "Ꮯ": "c", "Ꭰ": "d", "Ꭼ": "e", "Ꮐ": "g", "Ꮋ": "h", "Ꭵ": "i", "Ꭻ": "j", "Ꮶ": "k",
    "Ꮮ": "l", "Ꮇ": "m", "Ꮑ": "n", "Ꮎ": "o", "Ꮲ": "p", "Ꮢ": "r", "Ꮪ": "s", "Ꭲ": "t", "Ꮩ": "v", "Ꮃ": "w",
    "Σ": "s", "ϲ": "c", "Ϲ": "c", "Ꮖ": "i", "Ꮞ": "s", "\u13a1": "r", "\u13b1": "r", "Ʋ": "u", "Ʊ": "u", "ʊ": "u", "Ɛ": "e",
    "ɛ": "e", "Ʀ": "r", "ʀ": "r", "ĸ": "k", "ƿ": "p", "ɵ": "o", "Ɵ": "o", "Ƹ": "e", "˥": "l", "ɩ": "i", "ƨ": "s", "Ԍ": "g",
    "Ԛ": "q", "Ԝ": "w", "ӏ": "l", "Ӏ": "l", "Ꮀ": "g", "Ә": "e", "ន": "s", "ն": "n",
    "∆": "a", "Δ": "a", "Λ": "a", "Ʌ": "a", "°": "o", "º": "o", "§": "s", "Ƽ": "s", "Ɩ": "l", "Ꮛ": "e", "Ꭿ": "a",
    "ա": "w", "է": "t", "ո": "n", "ս": "u", "հ": "h", "ց": "g", "օ": "o", "զ": "q", "ք": "p", "ղ": "n", "ռ": "n",
    "ժ": "d", "յ": "j", "լ": "l", "ձ": "d", "տ": "s", "ր": "r", "ե": "t", "ҽ": "e",
    "ᗩ": "a", "ᗷ": "b", "ᑕ": "c", "ᗪ": "d", "ᗴ": "e", "ᖴ": "f", "ᘜ": "g", "ᕼ": "h", "ᒍ": "j", "ᒪ": "l", "ᗰ": "m",
    "ᑎ": "n", "ᑭ": "p", "ᑫ": "q", "ᖇ": "r", "ᔕ": "s", "ᑌ": "u", "ᐯ": "v", "ᗯ": "w", "᙭": "x", "ᘔ": "z", "Ꮠ": "k",
    # Currencies and phonetic letters as generators of "fancy text" set them for letters of any word.
    "₳": "a", "฿": "b", "₵": "c", "₣": "f", "₲": "g", "Ⱨ": "h", "ⱨ": "h", "₭": "k", "₥": "m", "₱": "p", "₴": "s", "₮": "t",
    "Ʉ": "u", "ʉ": "u", "Ӿ": "x", "ӿ": "x", "Ⱬ": "z", "ⱬ": "z", "ₓ": "x", "Ꮆ": "g", "Ꮄ": "e", "Ꮦ": "t", "Ꮧ": "a", "Ꮥ": "s",
    "ც": "b", "ʄ": "f", "ɧ": "h", "℘": "p", "ཞ": "r", "ɬ": "t", "۷": "v", "ῳ": "w", "ყ": "y", "ђ": "h", "נ": "j", "¢": "c",
    "ǫ": "q", "Ꮍ": "y", "Ꮓ": "z", "ᏼ": "b", "ꮯ": "c", "ꮋ": "h", "ꭵ": "i", "ꮶ": "k", "ꮑ": "n", "ꭺ": "a",
    # What is left of the Latin letters that such generators draw with Armenian, Cherokee and Coptic ones.
    "մ": "u", "վ": "y", "Ᏸ": "b", "Ꭶ": "f", "Ꮏ": "t", "Ꮕ": "q", "Ꮗ": "w", "Ꮙ": "v", "Ꮜ": "u", "Ꮼ": "u",
    # Braille, which the same generators offer: nobody reads it with the eye but as letters.
    **dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True)),
    "ⲁ": "a", "ⲃ": "b", "ⲉ": "e", "ⲏ": "h", "ⲕ": "k", "ⲙ": "m", "ⲛ": "n", "ⲧ": "t", "ⲩ": "y", "ⲭ": "x", "ⲱ": "w", "ⲍ": "z",
}  # fmt: skip
# Strokes and parts of ideographs, bopomofo and rare ideographs that are drawn like Latin capitals: 匚卂尺ㄒ丨乇尺.
_STROKE_LETTERS: Final = {
    "卂": "a", "亼": "a", "匚": "c", "匸": "c", "乇": "e", "乚": "l", "ㄥ": "l", "冂": "n", "ㄇ": "n", "ㄖ": "o", "丂": "s", "丅": "t",
    "ㄒ": "t", "卩": "p", "卄": "h", "凵": "u", "ㄩ": "u", "乂": "x", "ㄚ": "y",
}  # fmt: skip
_LOOKALIKE_SCRIPTS: Final = (
    "CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "LISU", "COPTIC", "LATIN", "MATHEMATICAL", "ROMAN NUMERAL",
    "GEORGIAN", "DESERET", "OSAGE", "CANADIAN SYLLABICS", "TIFINAGH", "GOTHIC", "OLD ITALIC", "LYCIAN", "CARIAN",
    "LYDIAN", "WARANG CITI", "TURNED", "SCRIPT", "DOUBLE-STRUCK", "BLACK-LETTER", "APL", "LIMBU", "RUNIC", "DUPLOYAN",
    "MEDEFAIDRIN", "ELBASAN", "BAMUM", "VAI", "ADLAM", "NKO",
)  # fmt: skip
_CHINESE_DIGITS: Final = {
    **{c: d for d, cs in enumerate(["零〇〇洞", "一壹幺么", "二贰两弍", "三叁仨弎", "四肆", "五伍", "六陆", "七柒拐", "八捌", "九玖勾"]) for c in cs if c not in "洞么拐勾"},
}  # fmt: skip


class FoldTable(msgspec.Struct, frozen=True):
    """One word of 32 bits per code point below `TABLE_SIZE`, and the bytes of the longer spellings.

    Layout of `entries` (uint32): bits 0–2 kind, 3–10 byte (BYTE, SIGN) or length (SPELL), 11–18 how it is
    written, 19–22 digit value (15 = none), 23–30 the light byte, which tells spellings apart inside a class.
    For SPELL, `spell_at[code point]` (uint32) is the offset into `spellings` (uint8).
    """

    entries: npt.NDArray[np.uint32]
    spell_at: npt.NDArray[np.uint32]
    spellings: npt.NDArray[np.uint8]


@cache
def tr39_letters() -> dict[str, str]:
    """Character → the ASCII letter that it looks like, by TR39, for the scripts that sellers borrow from.

    Arabic, Hebrew, Indic and CJK characters are left out: in honest text they stand for themselves, and
    their resemblance to Latin letters is of one stroke (alef to l), which would find names in every line.
    """
    table = json.loads((files("confusable_homoglyphs") / "confusables.json").read_text("utf-8"))
    letters: dict[str, str] = {}
    for ascii_letter in "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ":
        for other in table.get(ascii_letter, ()):
            char = other["c"]
            if len(char) == 1 and ord(char) > 127 and _borrowed(char):
                letters.setdefault(char, ascii_letter.lower())
    return letters


def _borrowed(char: str) -> bool:
    return unicodedata.name(char, "").startswith(_LOOKALIKE_SCRIPTS)


def _named_letter(char: str) -> tuple[str, int] | None:
    name = unicodedata.name(char, "")
    for pattern, how in _LETTER_NAMES:
        found = pattern.match(name)
        if found:
            return found[1].lower(), how
    return None


def _is_invisible(char: str) -> bool:
    return unicodedata.category(char) in ("Cf", "Me") or char in _BLANKS or 0xE0000 <= ord(char) < 0xE0200


def _without_marks(char: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", char) if unicodedata.category(c) != "Mn")


@lru_cache(maxsize=1 << 14)
def letters_of(char: str) -> tuple[str, int]:
    """What `char` stands for, in lower case without marks, and how it is written (flags).

    >>> letters_of("Ｎ"), letters_of("Е"), letters_of("é"), letters_of("ʞ")
    (('n', 1), ('e', 2), ('e', 16), ('k', 8))
    """
    if char in _TURNED:
        return _TURNED[char], TURNED
    if not char.isascii() and not _is_styled(char):  # before casefolding: Η looks like H, η like n
        look = _MORE_LOOKALIKES.get(char) or tr39_letters().get(char)
        if look:
            return look, LOOKALIKE
    compatible = unicodedata.normalize("NFKC", char).casefold()
    how = 0
    if compatible != unicodedata.normalize("NFC", char).casefold():
        how = STYLED
    bare = "".join(_without_marks(c) for c in compatible)
    if bare != compatible and not _is_hangul_or_kana(char):
        how |= MARKED
    else:
        bare = compatible
    spelled = []
    for letter in bare:
        if letter.isascii():
            spelled.append(letter)
            continue
        look = _MORE_LOOKALIKES.get(letter) or tr39_letters().get(letter)
        if look:
            how |= LOOKALIKE
        else:
            named = _named_letter(letter)
            if named:
                look, flag = named
                how |= flag
        spelled.append(look or simplified().get(letter, letter))
    if len(bare) == 1 and not spelled[0].isascii() and char in tr39_letters():
        return tr39_letters()[char], LOOKALIKE
    return "".join(spelled), how


def _is_styled(char: str) -> bool:
    """Whether compatibility makes another character of it: 𝐍, Ｎ, Ⓝ."""
    compatible = unicodedata.normalize("NFKC", char)
    return compatible.isascii() and compatible != char


def _is_hangul_or_kana(char: str) -> bool:
    return 0x3040 <= ord(char) < 0x3100 or 0xAC00 <= ord(char) < 0xD7A4 or 0x1100 <= ord(char) < 0x1200


def digit_of(char: str) -> int:
    """The decimal digit that `char` shows (also Chinese, circled, full-width), else `NO_DIGIT`."""
    if char in _CHINESE_DIGITS:
        return _CHINESE_DIGITS[char]
    value = unicodedata.digit(char, None)
    return NO_DIGIT if value is None else int(value)


def _light_byte(char: str, folded: str) -> int:
    """Tells the spellings inside one class apart: ASCII itself, else a 7-bit hash with the high bit set."""
    light = unicodedata.normalize("NFKC", char).casefold()
    if len(light) == 1 and light.isascii():
        return ord(light)
    return (hash_of(light or folded) & 0x7F) | 0x80


def hash_of(text: str) -> int:
    """A small stable hash (FNV-1a, 32 bits); Python's own changes with every process."""
    value = 2166136261
    for byte in text.encode("utf-8", "surrogatepass"):
        value = ((value ^ byte) * 16777619) & 0xFFFFFFFF
    return value


def _entry(kind: int, byte: int = 0, how: int = 0, digit: int = NO_DIGIT, light: int = 0) -> int:
    return kind | byte << 3 | how << 11 | digit << 19 | light << 23


def _plain_kind(code: int) -> bool:
    """CJK ideographs and Hangul syllables stand for themselves."""
    return 0x4E00 <= code < 0xA000 or 0x3400 <= code < 0x4DC0 or 0xAC00 <= code < 0xD7A4


def _rows(blob: bytearray) -> Iterator[tuple[int, int]]:
    """(entry, offset of its spelling) of every code point in order."""
    for code in range(TABLE_SIZE):
        char = chr(code)
        if code in _RARE_IDEOGRAPHS:
            yield _entry(COPY), 0
        elif 0xD800 <= code < 0xE000:
            yield _entry(GAP), 0
        elif char in _APOSTROPHES:
            yield _entry(APOSTROPHE), 0
        elif char in ":：∶":
            yield _entry(COLON, ord(":"), light=ord(":")), 0
        elif _is_invisible(char):
            yield _entry(DROP, how=INVISIBLE), 0
        elif unicodedata.category(char) == "Mn":
            # Marks that honest spelling uses are MARKED; overlays and enclosures hide.
            honest = unicodedata.combining(char) in (202, 216, 220, 230) and code < 0x0329
            yield _entry(DROP, how=MARKED if honest else INVISIBLE), 0
        elif char in _STROKE_LETTERS:
            letter = _STROKE_LETTERS[char]
            yield _entry(BYTE, ord(_CLASS.get(letter, letter)), LOOKALIKE, light=_light_byte(char, letter)), 0
        else:
            yield _visible(code, char, blob)


def _visible(code: int, char: str, blob: bytearray) -> tuple[int, int]:
    digit = digit_of(char)
    if char in _SIGNS:
        return _entry(SIGN, ord(_CLASS[char]), LEET, light=_light_byte(char, char)), 0
    if 0x20A0 <= code < 0x20D0 or char == "°":  # signs of currencies: letters inside words, between ideographs gaps
        letter, how = letters_of(char)
        if len(letter) == 1 and letter.isascii() and letter.isalpha():
            return _entry(SIGN, ord(letter), how, light=_light_byte(char, letter)), 0
        return _entry(GAP), 0
    if char in _KEPT_SIGNS or char in _KEPT_SIGN_FORMS:
        plain = "&" if char in "&＆﹠" else "+"
        return _entry(SIGN, ord(plain), light=ord(plain)), 0
    if char in _TRADE_SIGNS or char in _NOT_LETTERS:
        return _entry(GAP), 0
    if 0x2E80 <= code < 0x2F00 or (_plain_kind(code) and char not in simplified()):
        return _entry(COPY, digit=digit), 0
    folded, how = letters_of(char)
    kept = "".join(_CLASS.get(c, c) for c in folded if c.isalnum())
    if len(folded) == 1 and folded.isascii() and folded.isdigit() and not char.isascii():
        how |= STYLED
    if not kept:
        return _entry(GAP, digit=digit), 0
    raw = kept.encode()
    if len(raw) > EXPANSION_MAX * len(char.encode()):
        return _entry(GAP, digit=digit), 0  # whole sentences in one character hide no name
    if len(raw) == 1:
        return _entry(BYTE, raw[0], how, digit, _light_byte(char, kept)), 0
    if raw == char.encode():
        return _entry(COPY, digit=digit), 0
    offset = len(blob)
    blob += raw
    if _plain_kind(code) or is_compatibility_ideograph(char):
        how = OTHER_FORM  # a way of writing; a disguise only where all else is written another way
    # Only spellings in Latin letters are compared letter by letter with the phrase's own.
    light_byte = _light_byte(char, kept) if kept.isascii() else 0
    return _entry(SPELL, len(raw), how, digit, light_byte), offset


@cache
def fold_table() -> FoldTable:
    """The table for all code points below `TABLE_SIZE`; takes about half a second, so it is kept with the lexicon."""
    blob = bytearray()
    rows = np.array(list(_rows(blob)), dtype=np.uint32)
    table = FoldTable(
        entries=np.ascontiguousarray(rows[:, 0]),
        spell_at=np.ascontiguousarray(rows[:, 1]),
        spellings=np.frombuffer(bytes(blob) + b"\0", np.uint8),
    )
    # Read-only, as they are when a lexicon is loaded: for the compiler that is another type, and another compilation.
    table.entries.flags.writeable = table.spell_at.flags.writeable = False
    return table


_REMEMBERED_LENGTH: Final = 64
"""A longer text is no word that comes again, and a field of a megabyte would be kept for it."""


def light(text: str) -> str:
    """`text` as an honest seller may vary it: width, case, marks, spaces and punctuation taken away.

    Two spellings with the equal light form are the same spelling: Louis Vuitton, LOUIS-VUITTON.
    """
    return _remembered(text) if len(text) <= _REMEMBERED_LENGTH else _lightened(text)


@lru_cache(maxsize=1 << 14)
def _remembered(text: str) -> str:
    return _lightened(text)


def _lightened(text: str) -> str:
    if text.isascii():
        return "".join(c for c in text.lower() if c.isalnum() or c in "+&")
    text = text.translate(_WITHOUT_ORNAMENTS)
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    traditional = simplified()
    kept = (traditional.get(c, c) for c in folded if unicodedata.category(c) not in ("Mn", "Cf", "Me"))
    return unicodedata.normalize("NFC", "".join(c for c in kept if c.isalnum() or c in "+&"))
