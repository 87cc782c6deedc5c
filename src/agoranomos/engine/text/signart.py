"""Letters drawn with several signs, or read out of one in more than one way: `|<` for K, `()` for O, `&` for E.

The fold knows one letter for a character; the signs here have several readings or stand together for one letter. They
are tried where a name is looked for letter by letter (`loose`). Source: the alphabets of "leet" as they are published
(Wikipedia, "Leet"; the Jargon File), without those of letters only ("ph" for F), which words hold by chance.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import numpy as np
import numpy.typing as npt

# Letters to the ways of drawing them, in the classes of the fold (L is read as I).
DRAWN: Final = {
    "a": "4 @ ^ /\\ /-\\ /=\\ (-\\ /_\\ aye Д",
    "b": "6 8 13 |3 ß 8 |8 !3 /3 (3 )3 I3 l3 i3 1З |} ]3 [3 |: P> |>> ß",
    "c": "( < [ { ¢ © <( €",
    "d": "|) |> |] |} [) (| <| I) I> l) 1) c| cl ]) /) ∂ Δ δ",
    "e": "3 & € £ [- |=- ê ə ∑ ≡",
    "f": "|= ]= }= /= |# (= ƒ 1= I= ք",
    "g": "6 9 & (_+ (_- (, [, {, <- C- (γ,",
    "h": "# |-| /-/ [-] ]-[ )-( (-) {-} }-{ }{ :-: |~| !-! I-I l-l 1-1 ]~[ }~{ ]-[ /~/ |=|",
    "i": "1 ! | ] [ ¡ ] |_ [_ £ 7 ][ 1_ {_ (_ ⌊ ∟ ¦ Λ λ",
    "j": "_| _] _/ ._| ,_| ,_/ </ ; ¿",
    "k": "|< |{ |( l< I< 1< |X [< ]< /< {< (< }<",
    "m": "|v| |V| |\\/| /\\/\\ /v\\ /V\\ (v) (V) [v] [V] []V[] []\\/[] {V} |^^| ^^ nn JVI IVI lVl (\\/) |\\|\\ ]V[ |v|",
    "n": "|\\| /\\/ (\\) [\\] {\\} <\\> ]\\[ /V |V ^/ I\\I l\\l ₪ |/|",
    "o": "0 () [] {} <> ° * º ¤ @ (_) Ω ⊙",
    "p": "|* |o |O |° |> |\" |D |7 [D ]* ]° 9 ¶ |^ |º |0",
    "q": "9 0_ O_ (_,) ()_ (), [], <| 0, O, (,) &",
    "r": "2 12 |2 I2 l2 ® /2 |? |^ |~ [2 ]2 |` |Z |z lz 1z Iz 1? ¶",
    "s": "5 $ § z 2 ∫ ? ƨ",
    "t": "7 + † -|- ~|~ '|' '][' -|_ -l- -I- ‡ ┬ ⊤ 1",
    "u": "|_| (_) [_] {_} \\_\\ /_/ \\_/ L| l_l I_I 1_1 v µ ]_[ |.| (_| |_)",
    "v": "\\/ |/ \\| √ \\\\// u",
    "w": "\\/\\/ vv VV \\^/ \\V/ \\X/ \\|/ |/\\| \\_|_/ '// \\\\' (/\\) uu UU \\\\//\\\\// \\N (n) \\~/ ₩ Ш",
    "x": ">< }{ )( ][ × % )|( >< }|{",
    "y": "j `/ '/ ¥ λ \\|/ \\// γ Y' -/ ψ φ 7",
    "z": "2 7_ -/_ ~/_ >_ % s ≥ ≈",
}  # fmt: skip
"""Spaces part the drawings."""
EMOJI: Final = {
    "a": "🔺 ▲ △", "c": "☪ 🌙 ☾", "e": "📧", "h": "♓", "i": "❗ ❕ 📍 🕯", "m": "♏", "n": "♑",
    "o": "⭕ 🔴 🔵 ⚫ ⚪ 🌕 🌑 ⚽ 🏀 🍩", "s": "💲 ⚡", "t": "✝ ➕ ✚", "u": "⛎", "v": "✔ ♈ 🔻 ▼ ▽", "w": "🔱", "x": "❌ ✖ ✕ ❎",
}  # fmt: skip
"""Pictures that are set for letters: C⭕ACH. Those that are letters by name, as 🅰, the fold knows."""
TRIGGERS: Final = "|\\/()[]{}<>$@^*#&+!~¢£§©®°±µ¶¤×¡€†‡∆∑√₩₦ß"
"""Signs that make a word worth the look."""


def drawings() -> list[tuple[bytes, int]]:
    """Each drawing in UTF-8 with the byte of its letter, in byte order, each once per letter."""
    pairs = {(drawing.encode(), ord(letter)) for letter, text in _all_drawn() for drawing in text.split()}
    return sorted(pairs)


def _all_drawn() -> Iterator[tuple[str, str]]:
    yield from DRAWN.items()
    yield from EMOJI.items()


def drawing_arrays() -> dict[str, npt.NDArray[Any]]:
    """The drawings as arrays for the walker.

    art_first int32 (257): the drawings that begin with a byte, as a range; art_at int32, art_bytes uint8: their
    bytes; art_letters uint8; art_triggers uint8 (256): 1 for the first byte of a sign in `TRIGGERS`.
    """
    listed = drawings()
    first = np.zeros(257, np.int32)
    for raw, _ in listed:
        first[raw[0] + 1] += 1
    at = np.zeros(len(listed) + 1, np.int32)
    np.cumsum([len(raw) for raw, _ in listed], out=at[1:])
    triggers = np.zeros(256, np.uint8)
    for sign in (*TRIGGERS, *"".join(EMOJI.values()).replace(" ", "")):
        triggers[sign.encode()[0]] = 1
    return {
        "art_first": np.cumsum(first).astype(np.int32),
        "art_at": at,
        "art_bytes": np.frombuffer(b"".join(raw for raw, _ in listed), np.uint8).copy(),
        "art_letters": _column(letter for _, letter in listed),
        "art_triggers": triggers,
    }


def _column(letters: Any) -> npt.NDArray[np.uint8]:
    values: Sequence[int] = list(letters)
    return np.array(values, np.uint8)
