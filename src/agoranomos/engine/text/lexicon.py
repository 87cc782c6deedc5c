"""Known phrases compiled for the machine: one trie over folded spellings, with what each spelling means.

Several phrases may fold to the same letters (3M and em, Ray-Ban and rayban); each distinct spelling keeps its
own letters, gaps and rules, and each spelling lists the phrases that it stands for. Compiled lexicons are
plain arrays in a folder of the cache, opened by memory map, so that a second start pays for none of this.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from itertools import pairwise
from operator import or_
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from agoranomos.engine.text import drawn, folds, machine, mistyped, nearby, summing, trie
from agoranomos.engine.text.folding import EXPANSION_MAX, FoldTable, fold_table, light
from agoranomos.engine.text.frequencies import marked_words, ordinary_words, zipf_latin
from agoranomos.engine.text.naming import first_of_several, near_words
from agoranomos.engine.text.orthography import is_simplified, simplified
from agoranomos.engine.text.signart import drawing_arrays
from agoranomos.engine.text.sounds import further_syllables, sounds_of, syllable_table
from agoranomos.engine.text.variants import twins_of

FORMAT = 16
"""Raise when the fold, the machine or the layout changes: cached lexicons of another format are rebuilt."""

_PARTS = re.compile(r"[\s\-]+")
_COLUMNS = 27
_FOLDED_MIN = 2
_RARE_ZIPF = 2.8
_FOLDED_MAX = 200


class Phrase(msgspec.Struct, frozen=True, kw_only=True):
    """One phrase to find.

    `kind` and `ref` say what it means to the caller (small integers). Weights are log-odds at most: `plain` when
    it is written openly, `hidden` added when it is disguised, `handle` when an account name may follow. `concern` is
    the index of the sum it adds to; with `needs_name` it adds only when a name (`name` >= 0) occurs in the same row.
    `floor` is the least genuine price (negative: of technical goods) to which the machine holds the price, for the
    kinds of goods `floor_kinds` (bits). A `blanket` makes what it covers innocent. `how` is 0, or how this spelling
    disguises another (flags of `folding`); a spelling that is also somebody's honest one counts as that alone.
    With `classes` (bits, see `summing`) it adds to these alone; `beside` has the bits of the classes to whose words it
    adds, and is nothing else.
    `by_sound`: other Chinese characters of the same sounds are found too; `by_odd`: those with one character
    exchanged; `by_near`: Latin words one mistake away; `by_slip`: the same of several words that are only it together.
    """

    text: str
    kind: int
    ref: int
    rules: int = machine.MAY_TOUCH | machine.MAY_SPACE | machine.MAY_BREAK | machine.MAY_LEET
    plain: float = 0.0
    hidden: float = 0.0
    handle: float = 0.0
    concern: int = 0
    needs_name: bool = False
    name: int = -1
    floor: float = 0.0
    floor_kinds: int = 0
    blanket: bool = False
    how: int = 0
    classes: int = 0
    beside: int = 0
    by_sound: bool = False
    by_near: bool = False
    by_slip: bool = False
    by_odd: bool = False


class Lexicon(msgspec.Struct, frozen=True):
    """The compiled form. Arrays per phrase (trie), per spelling, and the phrases of each spelling (CSR).

    `meaning_at` int64 (spellings + 1) and `meanings` int32 give the phrases of a spelling; `kinds` uint8 and
    `refs` int32 are theirs; `texts` uint8 with `text_at` int64 their text as given.
    """

    arrays: dict[str, npt.NDArray[Any]]

    def phrases_of(self, spelling: int) -> list[int]:
        """The numbers of the phrases that `spelling` stands for."""
        at = self.arrays["meaning_at"]
        return [int(i) for i in self.arrays["meanings"][at[spelling] : at[spelling + 1]]]

    def text_of(self, phrase: int) -> str:
        """The text of `phrase` as it was given."""
        at = self.arrays["text_at"]
        return bytes(self.arrays["texts"][at[phrase] : at[phrase + 1]]).decode()

    @property
    def spellings(self) -> int:
        return len(self.arrays["meaning_at"]) - 1

    def __len__(self) -> int:
        return len(self.arrays["kinds"])


def _column(texts: Sequence[str]) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    raw = [text.encode("utf-8", "replace") for text in texts]
    at = np.zeros(len(raw) + 1, np.int64)
    np.cumsum([len(r) for r in raw], out=at[1:])
    # A bytearray can be written to, as the buffers of a scan: for the compiler that is one type, and one compilation.
    return at, np.frombuffer(bytearray(b"").join([*raw, b"\0"]), np.uint8)


class Folded(msgspec.Struct, frozen=True):
    """Many folded texts: letters uint8 and own uint32 with starts int64 (n + 1); gaps uint64, characters int32 (n)."""

    letters: npt.NDArray[np.uint8]
    own: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    gaps: npt.NDArray[np.uint64]
    characters: npt.NDArray[np.int32]

    def letters_of(self, number: int) -> bytes:
        """The folded letters of one text."""
        return self.letters[self.starts[number] : self.starts[number + 1]].tobytes()

    def own_of(self, number: int) -> bytes:
        """How its letters are written, four bytes a letter."""
        return self.own[self.starts[number] : self.starts[number + 1]].tobytes()


def fold_texts(texts: Sequence[str], table: FoldTable) -> Folded:
    """Folds every text alone, as the machine would inside a listing."""
    at, data = _column(texts)
    longest = int(np.diff(at).max(initial=0)) * EXPANSION_MAX + 64
    room = int(at[-1]) * EXPANSION_MAX + 64
    letters, own = np.zeros(room, np.uint8), np.zeros(room, np.uint32)
    starts = np.zeros(len(texts) + 1, np.int64)
    gaps, characters = np.zeros(len(texts), np.uint64), np.zeros(len(texts), np.int32)
    out, meta = np.zeros(longest, np.uint8), np.zeros(longest, np.uint32)
    source, runs = np.zeros(longest, np.int32), np.zeros((4, 4), np.int32)
    folds.fold_column(
        data, at, table.entries, table.spell_at, table.spellings, out, meta, source, runs,
        letters, own, starts, gaps, characters,
    )  # fmt: skip
    used = int(starts[-1])
    return Folded(letters[:used], own[:used], starts, gaps, characters)


def compile_lexicon(phrases: Sequence[Phrase]) -> Lexicon:
    """Compiles `phrases`, leaving out those that fold to fewer than 2 characters or more than 200 bytes."""
    table = fold_table()
    arrays = _phrase_arrays(phrases, table)  # on its own, so that its tables are gone before the word lists are read
    arrays |= {"entries": table.entries, "spell_at": table.spell_at, "spell_bytes": table.spellings}
    arrays |= _sound_arrays(phrases) | _near_arrays(phrases) | _loose_arrays(phrases) | drawing_arrays()
    arrays["words"] = _word_table(table)
    return Lexicon(arrays)


def _phrase_arrays(phrases: Sequence[Phrase], table: FoldTable) -> dict[str, npt.NDArray[Any]]:
    """The trie, the spellings that it leads to, and the phrases of each."""
    folded = fold_texts([phrase.text for phrase in phrases], table)
    spellings: dict[tuple[bytes, bytes, int, bool], list[int]] = {}
    characters: dict[bytes, int] = {}
    sizes = np.diff(folded.starts)
    fitting = (sizes >= _FOLDED_MIN) & (sizes <= _FOLDED_MAX) & (folded.characters >= _FOLDED_MIN)
    for number in np.flatnonzero(fitting).tolist():
        letters = folded.letters_of(number)
        key = letters, folded.own_of(number), int(folded.gaps[number]), phrases[number].beside != 0
        spellings.setdefault(key, []).append(number)
        characters[letters] = int(folded.characters[number])
    del folded
    for key, group in spellings.items():
        honest = [number for number in group if not phrases[number].how]
        spellings[key] = honest or group
    by_letters: dict[bytes, list[int]] = {letters: [] for letters in sorted(characters)}
    for index, key in enumerate(spellings):
        by_letters[key[0]].append(index)
    arrays = _trie_arrays(list(by_letters), np.array([group[0] for group in by_letters.values()], np.int32))
    following = _chains(list(by_letters.values()), len(spellings))
    del by_letters
    members = list(spellings.values())
    arrays |= _spelling_arrays(list(spellings), members, phrases, characters, following)
    return arrays | _meaning_arrays(members, phrases)


def _trie_arrays(unique: Sequence[bytes], first: npt.NDArray[np.int32]) -> dict[str, npt.NDArray[Any]]:
    """The trie over `unique`, which is in byte order, to the numbers `first` of their first spellings."""
    starts = np.zeros(len(unique) + 1, np.int64)
    np.cumsum([len(u) for u in unique], out=starts[1:])
    letters = np.frombuffer(b"".join(unique) + b"\0" * 8, np.uint8)
    capacity = _power_of_two(1.7 * trie.count_links(letters, starts))
    prefixes = trie.count_prefixes(letters, starts)
    jump_capacity = _power_of_two(1.7 * prefixes)
    bits = max(17, int(np.ceil(np.log2(prefixes * 14 + 1))))
    bitmap = np.zeros(1 << (bits - 3), np.uint8)
    shift = np.uint64(64 - bits)
    table, jumps = trie.build_trie(letters, starts, first, capacity, jump_capacity, bitmap, shift)
    return {"trie": table, "jumps": jumps, "bitmap": bitmap, "shift": np.array([64 - bits], np.uint64)}


def _power_of_two(at_least: float) -> int:
    return 1 << max(8, int(np.ceil(np.log2(at_least + 1))))


def _chains(groups: Sequence[Sequence[int]], spellings: int) -> npt.NDArray[np.int32]:
    """For each spelling the next one of the same letters, -1 behind the last."""
    following = np.full(max(1, spellings), -1, np.int32)
    for group in groups:
        for one, other in pairwise(group):
            following[one] = other
    return following


def _spelling_arrays(
    keys: Sequence[tuple[bytes, bytes, int, bool]],
    members: Sequence[Sequence[int]],
    phrases: Sequence[Phrase],
    characters: Mapping[bytes, int],
    following: npt.NDArray[np.int32],
) -> dict[str, npt.NDArray[Any]]:
    """`spellings` (trie.SPELLING), and `own` uint32, how the letters of each are written, one behind the other."""
    table = np.zeros(max(1, len(keys)), trie.SPELLING)
    table["following"] = following
    if not keys:
        return {"own": np.zeros(1, np.uint32), "spellings": table, "class_sets": np.zeros(1, np.uint64)}
    table["own_at"][1:] = np.cumsum([len(key[1]) // 4 for key in keys[:-1]])
    table["own_gaps"] = [key[2] for key in keys]
    table["size"] = [characters[key[0]] for key in keys]
    groups = [[phrases[i] for i in group] for group in members]

    def fill(name: str, pick: Callable[[list[Phrase]], float]) -> None:
        table[name] = [pick(group) for group in groups]

    fill("rules", lambda g: reduce(or_, [p.rules for p in g]))
    fill("inherent", lambda g: g[0].how)
    fill("plain_weight", lambda g: max((p.plain for p in g if not p.classes), default=0.0))
    fill("hidden_weight", lambda g: max((p.hidden for p in g if not p.classes), default=0.0))
    fill("class_weight", lambda g: max((p.plain for p in g if p.classes), default=0.0))
    fill("class_hidden", lambda g: max((p.hidden for p in g if p.classes), default=0.0))
    fill("handle_weight", lambda g: max(p.handle for p in g))
    fill("concern", lambda g: max(p.concern for p in g))
    fill("needs_name", lambda g: all(p.needs_name for p in g if not p.classes))
    fill("name_of", lambda g: max(p.name for p in g))
    fill("names_in", lambda g: len({p.name for p in g if p.name >= 0}))
    fill("floor", lambda g: max(abs(p.floor) for p in g) * (-1 if all(p.floor <= 0 for p in g) else 1))
    fill("floor_kinds", lambda g: reduce(or_, [p.floor_kinds for p in g]))
    fill("blanket", lambda g: all(p.blanket for p in g))
    sets: dict[int, int] = {0: 0}
    for name in ("classes", "beside"):
        bits = [reduce(or_, (getattr(phrase, name) for phrase in group)) for group in groups]
        table[name] = np.minimum([sets.setdefault(one, len(sets)) for one in bits], summing.SETS_MAX - 1)
    known = [*sets][: summing.SETS_MAX]
    if len(sets) > summing.SETS_MAX:
        known[-1] = (1 << summing.CLASSES_MAX) - 1
    arrays = {"spellings": table, "class_sets": np.array(known, np.uint64)}
    return arrays | {"own": np.frombuffer(b"".join(key[1] for key in keys), np.uint32)}


def _meaning_arrays(members: Sequence[Sequence[int]], phrases: Sequence[Phrase]) -> dict[str, npt.NDArray[Any]]:
    at = np.zeros(len(members) + 1, np.int64)
    np.cumsum([len(group) for group in members], out=at[1:])
    text_at, texts = _column([phrase.text for phrase in phrases])
    return {
        "meaning_at": at,
        "meanings": np.array([i for group in members for i in group] or [0], np.int32),
        "kinds": np.array([p.kind for p in phrases] or [0], np.uint8),
        "refs": np.array([p.ref for p in phrases] or [0], np.int32),
        "text_at": text_at,
        "texts": texts,
    }


def _sound_arrays(phrases: Sequence[Phrase]) -> dict[str, npt.NDArray[Any]]:
    """`syllable_of` uint16 per code point, the bitmap `sounds`, and the phrases that it was made of."""
    spoken = [
        (number, syllables)
        for number, phrase in enumerate(phrases)
        if phrase.by_sound
        for syllables in (sounds_of(light(phrase.text)),)
        if syllables and nearby.SOUND_MAX >= len(syllables) >= _FOLDED_MIN
    ]
    starts = np.zeros(len(spoken) + 1, np.int64)
    np.cumsum([len(syllables) for _, syllables in spoken], out=starts[1:])
    flat = np.array([one for _, syllables in spoken for one in syllables] or [0], np.uint16)
    bitmap = nearby.empty_filter(len(spoken))
    heads = np.zeros(nearby.HEADS_SIZE, np.uint8)
    nearby.mark_sounds(flat, starts, bitmap, heads)
    named = [(light(phrases[number].text), syllables) for number, syllables in spoken if phrases[number].by_odd]
    openable = [(name, syllables) for name, syllables in named if len(name) >= nearby.ODD_MIN]
    longer = [(name, syllables) for name, syllables in openable if len(name) > nearby.ODD_MIN]
    twins = [
        (syllables, skip, ord(other))
        for name, syllables in openable
        if len(name) == nearby.ODD_MIN
        for skip in range(len(name))
        for other in sorted(twins_of(name[skip]))
    ]
    pairs = [tuple(map(ord, name)) for name, _ in longer if len(name) <= nearby.PAIR_MAX]
    odds = nearby.empty_filter(
        sum(len(name) for name, _ in openable) + len(twins) + sum(math.comb(len(pair), 2) for pair in pairs)
    )
    nearby.mark_odd(
        *_joined([tuple(map(ord, name)) for name, _ in openable if len(name) == nearby.ODD_MIN]),
        nearby.BY_CHARACTER,
        odds,
    )
    nearby.mark_odd(*_joined([syllables for _, syllables in longer]), nearby.BY_SYLLABLE, odds)
    middles = np.zeros(nearby.HEADS_SIZE, np.uint8)
    nearby.mark_middles(*_joined([syllables for _, syllables in longer]), middles)
    heard, starts = _joined([syllables for syllables, _, _ in twins])
    skips, codes = (np.array([twin[column] for twin in twins] or [0], np.uint32) for column in (1, 2))
    nearby.mark_twins(heard, skips, codes, starts, odds)
    places = np.zeros(0x10000, np.uint8)
    nearby.mark_pairs(*_joined(pairs), odds, places)
    return {
        "syllable_of": syllable_table() | _rare_marks(), "further_syllables": further_syllables(),
        "heads": heads, "middles": middles, "sounds": bitmap, "odds": odds, "places": places,
        "sound_phrases": np.array([number for number, _ in spoken], np.int32),
    }  # fmt: skip


def _joined(rows: Sequence[Sequence[int]]) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """`rows` one behind the other (uint32, at least one element) and where each begins (int64, n + 1)."""
    starts = np.zeros(len(rows) + 1, np.int64)
    np.cumsum([len(row) for row in rows], out=starts[1:])
    return np.array([one for row in rows for one in row] or [0], np.uint32), starts


def _rare_marks() -> npt.NDArray[np.uint16]:
    """`nearby.RARE` at each ideograph that folding leaves and that is not of everyday Chinese (uint16)."""
    marks = np.zeros(0x10000, np.uint16)
    for block in (range(0x3400, 0x4DC0), range(0x4E00, 0xA000)):
        for code in block:
            if chr(code) not in simplified() and not is_simplified(chr(code)):
                marks[code] = nearby.RARE
    return marks


def _is_rare(word: str) -> bool:
    """Whether a word of a longer name is hardly a word otherwise: Vuitton, but not Face."""
    return zipf_latin(word) < _RARE_ZIPF and word not in ordinary_words()


def _near_arrays(phrases: Sequence[Phrase]) -> dict[str, npt.NDArray[Any]]:
    """The bitmap `near` of names and their neighbours, and the phrases that it was made of.

    It also holds the first words of longer names and their neighbours (`head_phrases`).
    """
    words = [
        (number, word)
        for number, phrase in enumerate(phrases)
        if phrase.by_near
        for word in near_words(phrase.text)
        if " " not in phrase.text or _is_rare(word)
    ]
    pairs = [
        (number, pair)
        for number, phrase in enumerate(phrases)
        if phrase.by_near or (phrase.by_slip and phrase.text.count(" ") == 1)
        for pair in (first_of_several(phrase.text),)
        if pair
    ]
    bitmap = nearby.empty_filter(
        sum(len(word) + 2 for _, word in words) + sum(len(first) + 1 for _, (first, _) in pairs)
    )
    folded = fold_texts([word for _, word in words], fold_table())
    mistyped.mark_near(folded.letters, folded.starts, bitmap)
    folded = fold_texts(["".join(pair) for _, pair in pairs], fold_table())
    tails = np.zeros(mistyped.TAILS_SIZE, np.uint8)
    seconds = folded.starts[:-1] + np.array([len(pair[0]) for _, pair in pairs], np.int64)
    mistyped.mark_heads(folded.letters, folded.starts, seconds, bitmap, tails)
    return {
        "near": bitmap,
        "tails": tails,
        "near_phrases": np.array(sorted({number for number, _ in words}), np.int32),
        "head_phrases": np.array([number for number, _ in pairs] or [0], np.int32),
    }


def _loose_arrays(phrases: Sequence[Phrase]) -> dict[str, npt.NDArray[Any]]:
    """The names that are walked letter by letter (`loose`), and those of several words among them (`pair_`).

    Each with its trie, gaps and lengths; `loose_phrases` their phrases, `pair_names` their numbers among all.
    """
    slippery = [number for number, phrase in enumerate(phrases) if phrase.by_near or phrase.by_slip]
    named = [number for number in slippery if light(phrases[number].text).isascii()]
    folded = fold_texts([phrases[number].text for number in named], fold_table())
    letters: dict[bytes, int] = {}
    for place, number in enumerate(named):
        word = folded.letters_of(place)
        if drawn.NAME_MIN <= len(word) <= drawn.NAME_MAX and word.replace(b"&", b"").isalpha():
            letters.setdefault(word, number)
    words = dict(sorted(letters.items()))
    pairs = {word: number for word, number in words.items() if len(_PARTS.split(phrases[number].text)) > 1}
    places = {word: place for place, word in enumerate(words)}
    arrays = _walked("loose", list(words), [phrases[number].text for number in words.values()])
    arrays |= _walked("pair", list(pairs), [phrases[number].text for number in pairs.values()])
    arrays["loose_phrases"] = np.array(list(words.values()) or [0], np.int32)
    arrays["pair_names"] = np.array([places[word] for word in pairs] or [0], np.int32)
    return arrays


def _walked(name: str, words: Sequence[bytes], texts: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """The trie over `words`, the folded letters of the names `texts`, as a table: a row a node, a column a letter.

    Most walks end near the root, whose rows lie side by side; a hash of links would be probed in vain there.
    """
    rows: list[list[int]] = [[0] * _COLUMNS]
    ends = [0]
    for number, word in enumerate(words):
        node = 0
        for byte in word:
            column = byte - ord("a") if byte >= ord("a") else _COLUMNS - 1
            if not rows[node][column]:
                rows[node][column] = len(rows)
                rows.append([0] * _COLUMNS)
                ends.append(0)
            node = rows[node][column]
        ends[node] = number + 1
    return {
        f"{name}_nodes": np.array(rows, np.int32),
        f"{name}_ends": np.array(ends, np.int32),
        f"{name}_gaps": _own_gaps(texts),
        f"{name}_sizes": np.array([len(word) for word in words] or [0], np.int32),
    }


def _own_gaps(names: Sequence[str]) -> npt.NDArray[np.uint64]:
    """The places of the letters before which a name itself has a blank or a sign."""
    gaps = []
    for name in names:
        bits, letters, apart = 0, 0, False
        for char in name:
            if char.isalnum() or char in "+&":
                bits |= 1 << min(letters, 62) if apart and letters else 0
                letters, apart = letters + 1, False
            elif char not in "'’":
                apart = True
        gaps.append(bits)
    return np.array(gaps or [0], np.uint64)


def _word_table(table: FoldTable) -> npt.NDArray[np.uint8]:
    words = marked_words()
    folded = fold_texts(list(words), table)
    slots = np.zeros(1 << nearby.WORD_BITS, np.uint8)
    nearby.mark_words(folded.letters, folded.starts, np.array(list(words.values()), np.uint8), slots)
    return slots
