"""The same names looked for in the same listings: our matcher, our judge, and other libraries.

Every contender is its own process; they run in turns. The peers get Python strings made
beforehand and lower them where they must (that is timed: it is part of looking for a name in a
listing); ours get Arrow columns. Rates say nothing without what they buy, so a second table gives
what each finds.
"""

from __future__ import annotations

import random
import statistics
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from wordfreq import top_n_list

from agoranomos.engine.text.lexicon import Phrase, compile_lexicon
from agoranomos.engine.text.matching import Limits, Matcher
from agoranomos.goods.listings.catalogue import judge_batch
from agoranomos.goods.listings.judge import TextJudge, listings_batch
from agoranomos.goods.listings.model import Listing
from agoranomos.goods.listings.phrases import name_rules
from agoranomos.kernel.money import Money
from benchmarks.corpus import DISGUISES
from benchmarks.materials import Materials, sieve_arguments, whole
from benchmarks.measuring import Corner, Size, Table, interleaved, megabytes, spread

AT: Final = "2026-05-01T00:00:00Z"
NOT_A_WORD_MIN: Final = 4
"""Names this long are looked for inside longer words, for false hits."""
MATCHER: Final = "our matcher, names only"
JUDGE: Final = "our whole judge"


def run(materials: Materials, size: Size) -> list[Table]:
    """Rates and ratios, then what each contender finds."""
    materials.judge()  # so that the contender opens a cached lexicon
    given = {
        "patterns": str(materials.patterns),
        "listings": str(materials.catalogue(size.texts)),
        "folder": str(materials.folder),
        "size": size,
    }
    corners: dict[str, Corner] = {}
    missing, left_out = [], []
    for name, (maker, package) in CONTENDERS.items():
        if package and find_spec(package) is None:
            missing.append(name)
            continue
        try:
            corners[name] = Corner(f"benchmarks.matching:{maker}", given)
        except (TimeoutError, RuntimeError) as error:
            left_out.append(f"{name}: {error}")
    turns = interleaved(corners, size.texts, size.rounds)
    names = pq.read_table(materials.patterns)["name"].to_pylist()
    found = _what_is_found(corners, names, size)
    rates = {name: [turn.rate for turn in each] for name, each in turns.items()}
    rows = []
    for name, corner in corners.items():
        ratios = [
            statistics.median(a / b for a, b in zip(rates[ours], rates[name], strict=True)) for ours in (MATCHER, JUDGE)
        ]
        hits = sum(turn.hits for turn in turns[name]) / sum(turn.texts for turn in turns[name])
        rows.append(
            (
                name,
                spread(rates[name]),
                *(f"{ratio:.2f}" for ratio in ratios),
                f"{hits:.2f}",
                f"{corner.build_s:.1f} s",
                megabytes(corner.close()),
            )
        )
    notes = (
        "hits: matches given back per listing (the judge: findings).",
        "build: CPU to make it ready; for judge and sieve from a cached lexicon.",
        "memory: peak over the process before building.",
        *([f"not installed: {', '.join(missing)} (pip install -r requirements-bench.lock)"] if missing else []),
        *left_out,
    )
    columns = (
        "contender",
        "listings per CPU-second",
        "our matcher is x times",
        "our judge is x times",
        "hits",
        "build",
        "memory",
    )
    characters = f"{_characters(materials, size):.0f} characters"
    title = f"{len(names):,} patterns over listings of {characters}, {size.rounds} runs"
    return [Table(title, columns, tuple(rows), notes), found]


def _characters(materials: Materials, size: Size) -> float:
    sample = pq.read_table(materials.catalogue(size.texts)).slice(0, 2_000)
    texts = _joined(sample)
    return sum(map(len, texts)) / len(texts)


def _what_is_found(corners: dict[str, Corner], names: Sequence[str], size: Size) -> Table:
    draw = random.Random(7)
    common = set(top_n_list("en", 40_000))
    latin = [n for n in names if n.isascii() and n.isalpha() and 5 <= len(n) <= 12 and n.casefold() not in common]
    chinese = [n for n in names if 3 <= len(n) <= 4 and all("一" <= c <= "鿿" for c in n)]
    some, some_chinese = (draw.sample(group, min(size.examples, len(group))) for group in (latin, chinese))
    families: dict[str, list[tuple[str, str]]] = {
        family: [(f"New {way(n)} shoes size 42, free shipping", n) for n in some if family == "plain" or way(n) != n]
        for family, way in DISGUISES.items()
    }
    families["Chinese plain"] = [(f"正品{n}运动鞋男款包邮", n) for n in some_chinese]
    families["Chinese spaced"] = [(f"正品 {' '.join(n)} 运动鞋男款包邮", n) for n in some_chinese]
    inside = _words_around_names(names, common, 5 * size.examples)
    rows = []
    for name, corner in corners.items():
        shares = [statistics.mean(corner.ask("found", texts)) for texts in families.values()]
        false = statistics.mean(corner.ask("any_hit", inside))
        rows.append((name, *(f"{share:.0%}" for share in shares), f"{false:.1%}"))
    return Table(
        f"Found of {len(some)} names per way of writing, and hits in {len(inside)} innocent words",
        ("contender", *families, "false: inside a word"),
        tuple(rows),
        (
            "found: the planted name is among what is given back.",
            "false: single English words that hold a name as a",
            "part and are none, such as a name inside a longer word; every hit there is wrong.",
        ),
    )


def _words_around_names(names: Sequence[str], common: set[str], count: int) -> list[str]:
    """English words with a name strictly inside, that are no names themselves."""
    lowered = {name.casefold() for name in names}
    short = {n for n in lowered if n.isascii() and n.isalpha() and len(n) >= NOT_A_WORD_MIN}
    found = []
    for word in sorted(common):
        parts = (word[i:j] for i in range(len(word)) for j in range(i + NOT_A_WORD_MIN, len(word) + 1))
        if word.isalpha() and word not in lowered and any(part in short for part in parts):
            found.append(word)
    return random.Random(11).sample(found, min(count, len(found)))


def _joined(table: pa.Table) -> list[str]:
    columns = (table[name].to_pylist() for name in ("title", "brand", "description"))
    return [" ".join(filter(None, parts)) for parts in zip(*columns, strict=True)]


def _batch_of(texts: Sequence[str]) -> pa.RecordBatch:
    return listings_batch([_listing(number, text) for number, text in enumerate(texts)])


def _listing(number: int, text: str) -> Listing:
    return Listing(listing_id=f"L{number}", store_id="S1", title=text, price=Money(9_900, "CNY"))


class _Ours:
    """What our contenders share: Arrow columns in."""

    def __init__(self, listings: str) -> None:
        self._batch = whole(pq.read_table(listings))


class OurNames(_Ours):
    """The machine alone over exactly the given names, every hit given back."""

    def __init__(self, patterns: str, listings: str, folder: str, size: Size) -> None:
        del folder, size
        super().__init__(listings)
        names = pq.read_table(patterns)["name"].to_pylist()
        phrases = [
            Phrase(text=name, kind=1, ref=i, rules=name_rules(name, ordinary=False)) for i, name in enumerate(names)
        ]
        self._matcher = Matcher(compile_lexicon(phrases), Limits(line=(0.0, 0.0)))

    def _read(self, batch: pa.RecordBatch) -> Any:
        prices = np.zeros(batch.num_rows)
        return self._matcher.read(batch["title"], batch["description"], batch["brand"], prices, every=True)

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        batch = self._batch.slice(begin, end - begin)
        return lambda: len(self._read(batch))

    def _names(self, texts: Sequence[str]) -> list[set[str]]:
        found: list[set[str]] = [set() for _ in texts]
        hits, lexicon = self._read(_batch_of(texts)), self._matcher.lexicon
        for row, spelling in zip(hits.row.tolist(), hits.spelling.tolist(), strict=True):
            if spelling >= 0:
                found[row] |= {lexicon.text_of(phrase) for phrase in lexicon.phrases_of(spelling)}
        return found

    def found(self, texts: Sequence[tuple[str, str]]) -> list[bool]:
        names = self._names([text for text, _ in texts])
        return [name in each for (_, name), each in zip(texts, names, strict=True)]

    def any_hit(self, texts: Sequence[str]) -> list[bool]:
        return [bool(each) for each in self._names(texts)]


class OurJudge(_Ours):
    """The whole judge as the scan calls it: Arrow batches in, findings out."""

    def __init__(self, patterns: str, listings: str, folder: str, size: Size) -> None:
        del patterns
        super().__init__(listings)
        materials = Materials(Path(folder).parent, size)
        self._brands = materials.snapshot().brands
        self.judge: TextJudge = materials.judge()

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        batch = self._batch.slice(begin, end - begin)
        return lambda: int(judge_batch(self.judge, batch, AT).num_rows)

    def _names(self, texts: Sequence[str]) -> list[set[str]]:
        facts = (self.judge.explain(_listing(number, text))[0] for number, text in enumerate(texts))
        return [{name for mention in one.mentions for name in mention.brand.called()} for one in facts]

    def found(self, texts: Sequence[tuple[str, str]]) -> list[bool]:
        names = self._names([text for text, _ in texts])
        return [name in each for (_, name), each in zip(texts, names, strict=True)]

    def any_hit(self, texts: Sequence[str]) -> list[bool]:
        return [bool(each) for each in self._names(texts)]


class OurSieve(OurJudge):
    """The judge's compiled part alone: names, variants, vocabulary; gives back doubtful rows."""

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        batch = self._batch.slice(begin, end - begin)
        arguments, matcher = sieve_arguments(self.judge, batch), self.judge._matcher
        return lambda: len(matcher.read(*arguments))

    def _names(self, texts: Sequence[str]) -> list[set[str]]:
        found: list[set[str]] = [set() for _ in texts]
        matcher = self.judge._all_hits
        hits = matcher.read(*sieve_arguments(self.judge, _batch_of(texts)))
        lexicon, brands = matcher.lexicon, self._brands
        for row, spelling in zip(hits.row.tolist(), hits.spelling.tolist(), strict=True):
            if spelling < 0:
                found[row].add("")  # perhaps a name nearby; the reader decides
                continue
            for phrase in lexicon.phrases_of(spelling):
                if lexicon.arrays["kinds"][phrase] not in (0, 6):
                    found[row] |= set(brands[int(lexicon.arrays["refs"][phrase])].called())
        return found


class _Peer:
    """What the peers share: Python strings in, one text at a time."""

    def __init__(self, patterns: str, listings: str, folder: str, size: Size) -> None:
        del folder, size
        self._texts = _joined(pq.read_table(listings))
        self.names: list[str] = pq.read_table(patterns)["name"].to_pylist()
        self.build()

    def build(self) -> None:
        raise NotImplementedError

    def look(self, text: str) -> list[str]:
        """The names found in one text."""
        raise NotImplementedError

    def count(self, texts: Sequence[Any]) -> int:
        """How many hits the texts have, in the peer's fastest way."""
        return sum(len(self.look(text)) for text in texts)

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        texts = self._texts[begin:end]
        return lambda: self.count(texts)

    def found(self, texts: Sequence[tuple[str, str]]) -> list[bool]:
        return [name.lower() in {one.lower() for one in self.look(text)} for text, name in texts]

    def any_hit(self, texts: Sequence[str]) -> list[bool]:
        return [bool(self.look(text)) for text in texts]


class FlashText(_Peer):
    """flashtext: a trie of dicts in Python, whole words only."""

    def build(self) -> None:
        from flashtext import KeywordProcessor

        self._processor = KeywordProcessor()
        for name in self.names:
            self._processor.add_keyword(name, name)

    def look(self, text: str) -> list[str]:
        found: list[str] = self._processor.extract_keywords(text)
        return found


class PyAhoCorasick(_Peer):
    """pyahocorasick: all substrings, lower-cased."""

    def build(self) -> None:
        import ahocorasick

        self._automaton = ahocorasick.Automaton()
        for name in self.names:
            self._automaton.add_word(name.lower(), name)
        self._automaton.make_automaton()

    def look(self, text: str) -> list[str]:
        return [name for _, name in self._automaton.iter(text.lower())]


class AhoCorasickRust(_Peer):
    """ahocorasick_rs: leftmost longest, lower-cased; its DFA thrashes the cache at this size."""

    def build(self) -> None:
        from ahocorasick_rs import AhoCorasick, Implementation, MatchKind

        self._automaton = AhoCorasick(
            [name.lower() for name in self.names],
            matchkind=MatchKind.LeftmostLongest,
            store_patterns=False,
            implementation=Implementation.ContiguousNFA,
        )

    def look(self, text: str) -> list[str]:
        return [self.names[index] for index, _, _ in self._automaton.find_matches_as_indexes(text.lower())]

    def count(self, texts: Sequence[Any]) -> int:
        find = self._automaton.find_matches_as_indexes
        return sum(len(find(text.lower())) for text in texts)


class Hyperscan(_Peer):
    """hyperscan: literals in one database, ASCII without case, all substrings, ends only."""

    def build(self) -> None:
        import hyperscan

        self._raw = [text.encode() for text in self._texts]
        self._database = hyperscan.Database()
        self._database.compile(
            expressions=[name.encode() for name in self.names],
            ids=list(range(len(self.names))),
            elements=len(self.names),
            flags=[hyperscan.HS_FLAG_CASELESS] * len(self.names),
            literal=True,
        )

    def look(self, text: str) -> list[str]:
        found: list[str] = []

        def note(number: int, *_: object) -> None:
            found.append(self.names[number])

        self._database.scan(text.encode(), match_event_handler=note)
        return found

    def prepare(self, begin: int, end: int) -> Callable[[], int]:
        raw, scan = self._raw[begin:end], self._database.scan

        def count() -> int:
            hits: list[int] = []

            def note(number: int, *_: object) -> None:
                hits.append(number)

            for text in raw:
                scan(text, match_event_handler=note)
            return len(hits)

        return count


class SpacyPhrases(_Peer):
    """spaCy's PhraseMatcher on LOWER, blank multi-language model: matches whole tokens."""

    def build(self) -> None:
        import spacy
        from spacy.matcher import PhraseMatcher

        self._language = spacy.blank("xx")
        self._matcher = PhraseMatcher(self._language.vocab, attr="LOWER")
        self._matcher.add("brand", list(self._language.tokenizer.pipe(self.names)))

    def look(self, text: str) -> list[str]:
        document = self._language.make_doc(text)
        return [document[start:end].text for _, start, end in self._matcher(document)]

    def count(self, texts: Sequence[Any]) -> int:
        make, match = self._language.make_doc, self._matcher
        return sum(len(match(make(text))) for text in texts)


CONTENDERS: Final[dict[str, tuple[str, str]]] = {
    MATCHER: ("OurNames", ""),
    "our judge's sieve": ("OurSieve", ""),
    JUDGE: ("OurJudge", ""),
    "hyperscan": ("Hyperscan", "hyperscan"),
    "ahocorasick_rs": ("AhoCorasickRust", "ahocorasick_rs"),
    "pyahocorasick": ("PyAhoCorasick", "ahocorasick"),
    "flashtext": ("FlashText", "flashtext"),
    "spaCy PhraseMatcher": ("SpacyPhrases", "spacy"),
}
"""Contender → the class here and the package that it needs."""
