"""Names in tangled words: every sign and digit read as each letter that it may be, and one mistake forgiven.

A name may also stand there backwards.

Who sets letters apart or mixes alphabets hides something, so less likeness to a name is needed here than in a word that
is written as words are. The search walks a trie of the names along the text, as Oflazer (1996) does for spelling
correction; `signart` says what may stand for a letter. Few words come this far (`tangling`).
"""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any, Final, NamedTuple

from agoranomos.engine.text.folding import (
    BROKEN,
    INVISIBLE,
    LEET,
    LOOKALIKE,
    MISSPELT,
    REVERSED,
    SPACED,
    STYLED,
    TURNED,
    letters_of,
    light,
)
from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.signart import DRAWN
from agoranomos.engine.text.words import WordTable

NAME_MIN: Final = 4
_MISTAKE_FROM: Final = 5
"""Letters of a name from which one of them may be wrong."""
_BACKWARDS_FROM: Final = 4
"""Letters of a name from which it is looked for backwards."""
_STEPS_MAX: Final = 4_000
_TEXT_MAX: Final = 60
_CAP: Final = {4: 4.0, 5: 4.6, 6: 5.0}
_CAP_OF_LONG: Final = 5.6
_FOR_A_MISTAKE: Final = 0.8
"""Taken off where a letter is wrong: a tangled word may also be a tangled other word. Log-odds."""
_WORD_ZIPF: Final = 3.2
MASKS: Final = frozenset("*#")
"""Signs that may stand for any letter: N*ke."""
_MASKS_MAX: Final = 2
_WRITTEN_MIN: Final = 3
"""Letters and digits that must stand there for others to be guessed."""
_FOR_A_MASK: Final = 0.5
"""Taken off for each letter that is left to be guessed (log-odds)."""
_MASKED: Final = 2
"""In place of the number of mistakes: letters were guessed, and none is wrong."""
_ORDER: Final = {0: 0, _MASKED: 1, 1: 2}
"""Who leaves letters to be guessed makes no mistakes."""
_SIGNS: Final = frozenset("|$@€£¥¢©®§†‡!&₩₦^∆∑")
_END: Final = ""
_Node = dict[str, Any]


class _Found(NamedTuple):
    """A name that a text is as a whole; `edits`: letters that are wrong, or `_MASKED`."""

    phrase: int
    edits: int
    name: str
    backwards: bool


class Untangled(NamedTuple):
    """The phrase of the lexicon that words stand for, the log-odds that it is meant, how it is written (flags).

    `length`: how many characters of the text it is, from its beginning.
    """

    phrase: int
    weight: float
    how: int
    length: int


class TangledNames:
    """The names of a lexicon that are looked for in tangled words; its trie is made when it is first needed."""

    def __init__(self, lexicon: Lexicon, words: WordTable) -> None:
        self._lexicon = lexicon
        self._words = words

    def resolve(self, text: str) -> Untangled | None:
        """The name that `text` most likely stands for, or its first words do; None where they stand for none."""
        apart = any(len(word) == 1 and word != "&" for word in text.split(" "))
        ends = [] if apart else [at for at, char in enumerate(text) if char == " "]
        for end in (len(text), *reversed(ends)):
            found = self._resolve(text[:end])
            if found is not None:
                return found
        return None

    def _resolve(self, text: str) -> Untangled | None:
        chars = unicodedata.normalize("NFC", text)[:_TEXT_MAX]
        walks = _Walk(self._trie, chars).found()
        found = min(walks, key=lambda one: (_ORDER[one.edits], one.backwards, -len(one.name), one.phrase), default=None)
        if found is None:
            return None
        how, name = _how_written(chars, found.name), found.name
        if found.edits == _MASKED:
            masks = sum(char in MASKS for char in chars[1:-1])
            weight = _CAP.get(len(name), _CAP_OF_LONG) - masks * _FOR_A_MASK
            return Untangled(found.phrase, weight, how | BROKEN, len(text))
        if found.edits and (not how or _is_code(chars) or self._is_word(chars)):
            return None
        how |= (MISSPELT if found.edits else 0) | (REVERSED if found.backwards else 0)
        weight = _CAP.get(len(name), _CAP_OF_LONG) - found.edits * _FOR_A_MISTAKE
        return Untangled(found.phrase, weight, how, len(text))

    def _is_word(self, chars: str) -> bool:
        """Whether the letters as they stand are a word: S A L E, F-R-E-E."""
        plain = "".join(letters_of(char)[0] for char in chars if char.isalnum()).casefold()
        return self._words.zipf_anywhere(plain) >= _WORD_ZIPF

    @cached_property
    def _trie(self) -> _Node:
        root: _Node = {}
        for phrase in sorted(set(self._lexicon.arrays["loose_phrases"].tolist())):
            name = light(self._lexicon.text_of(phrase))
            if len(name) < NAME_MIN or not name.isascii() or not name.replace("&", "").isalpha():
                continue
            for backwards in (False, True):
                node = root
                for letter in map(_in_class, name[::-1] if backwards else name):
                    node = node.setdefault(letter, {})
                if not backwards or len(name) >= _BACKWARDS_FROM:
                    node.setdefault(_END, (phrase, name, backwards))
        return root


class _Walk:
    """One search: a text, and the trie that is walked along it."""

    def __init__(self, trie: _Node, text: str) -> None:
        self._trie = trie
        self._text = text
        self._readings = [_readings(text, at) for at in range(len(text))]
        self._may_pass = [_may_be_passed(char) for char in text]
        masks = [at for at, char in enumerate(text[:-1]) if char in MASKS and at]
        guessable = len(masks) <= _MASKS_MAX and sum(map(str.isalnum, text)) >= _WRITTEN_MIN
        self._masks = frozenset(masks if guessable else ())
        self._steps = 0
        self._seen: set[tuple[int, int, int]] = set()

    def found(self) -> Iterator[_Found]:
        """The names that the text is as a whole."""
        stack: list[tuple[int, _Node, int, str]] = [(0, self._trie, 0, "")]
        while stack and self._steps < _STEPS_MAX:
            self._steps += 1
            at, node, edits, last = stack.pop()
            key = at, id(node), edits
            if key in self._seen:
                continue
            self._seen.add(key)
            if _END in node and all(self._may_pass[at:]):
                phrase, name, backwards = node[_END]
                if not edits or (len(name) >= (NAME_MIN if edits == _MASKED else _MISTAKE_FROM) and not backwards):
                    yield _Found(phrase, edits, name, backwards)
            stack += self._onward(at, node, edits, last)

    def _onward(self, at: int, node: _Node, edits: int, last: str) -> Iterator[tuple[int, _Node, int, str]]:
        if not edits and last:
            yield from ((at, child, 1, letter) for letter, child in node.items() if letter)  # left out of the text
        if at == len(self._text):
            return
        if self._may_pass[at]:
            yield at + 1, node, edits, last
        if last and edits != 1 and at in self._masks:
            yield from ((at + 1, child, _MASKED, letter) for letter, child in node.items() if letter)
        for letter, behind in self._readings[at]:
            if letter in node:
                yield behind, node[letter], edits, letter
            if letter == last and behind == at + 1:
                yield behind, node, edits, last  # repeated
        if not edits and self._text[at].isalnum():
            yield at + 1, node, 1, last  # too much
            for letter, child in node.items():
                if letter and (last or letter != _END):
                    yield at + 1, child, 1, letter  # exchanged
            yield from self._swapped(at, node)

    def _swapped(self, at: int, node: _Node) -> Iterator[tuple[int, _Node, int, str]]:
        """Behind the letter at `at` and the next one, read the other way round."""
        behind = at + 1
        while behind < len(self._text) and self._may_pass[behind] and not self._readings[behind]:
            behind += 1
        if behind == len(self._text):
            return
        for second, end in self._readings[behind]:
            for first, after in self._readings[at]:
                child = node.get(second, {}).get(first) if after <= behind else None
                if child is not None:
                    yield end, child, 1, first


def _in_class(letter: str) -> str:
    """I and l are one letter, as in the fold."""
    return "i" if letter == "l" else letter


_DRAWINGS: Final[dict[str, tuple[tuple[str, str], ...]]] = {}


def _drawings() -> dict[str, tuple[tuple[str, str], ...]]:
    """First sign → (drawing, letter)."""
    if not _DRAWINGS:
        by_first: dict[str, list[tuple[str, str]]] = defaultdict(list)
        for letter, text in DRAWN.items():
            for drawing in text.split():
                by_first[drawing[0]].append((drawing, letter))
        _DRAWINGS.update({sign: tuple(pairs) for sign, pairs in by_first.items()})
    return _DRAWINGS


def _readings(text: str, at: int) -> list[tuple[str, int]]:
    """The letters that the text may show at `at`, each with the place behind it."""
    char = text[at]
    letters = letters_of(char)[0].casefold()
    found = [(_in_class(letters), at + 1)] if len(letters) == 1 and letters.isascii() and letters.isalnum() else []
    for form in dict.fromkeys((char, letters)):
        found += [
            (letter, at + len(drawing))
            for drawing, letter in _drawings().get(form[:1], ())
            if _stands(text, at, form, drawing)
        ]
    return list(dict.fromkeys(found))


def _stands(text: str, at: int, form: str, drawing: str) -> bool:
    return form + text[at + 1 : at + len(drawing)] == drawing


def _may_be_passed(char: str) -> bool:
    """Whether a character may stand between letters and mean nothing."""
    return not char.isalnum()


def _how_written(chars: str, name: str) -> int:
    """The flags of `folding` for a tangled word."""
    how = 0
    for char in chars:
        written = letters_of(char)[1] if char.isalnum() else 0
        how |= written & (STYLED | LOOKALIKE | TURNED)
        if char.isdigit():
            how |= LEET
        elif not char.isalnum() and not char.isspace():
            invisible = unicodedata.category(char) in ("Cf", "Mn", "Me")
            how |= INVISIBLE if invisible else 0
    pieces = [piece for piece in _letters_together(chars) if piece]
    if len(pieces) >= len(name) - 1 and all(len(piece) == 1 for piece in pieces):
        how |= SPACED
    elif any(not char.isalnum() and unicodedata.category(char) in ("Sc", "Sm", "So", "Po") for char in chars[1:-1]):
        how |= LEET
    return how


def _is_code(chars: str) -> bool:
    """Whether digits are all that stands for letters, and more than one: PA-210 is no Casio."""
    digits = sum(char.isdigit() for char in chars)
    signs = sum(char in _SIGNS for char in chars)
    return digits > 1 and not signs


def _letters_together(chars: str) -> list[str]:
    return "".join(char if char.isalnum() else " " for char in chars).split(" ")
