"""Where the microseconds of a listing go, and which share of listings gets how far.

The kernel is run as it is and with one of its parts disabled at a time; Python's part is timed
step by step over the rows that the sieve kept. What kept a row, and whether anything came of it,
is counted over the same rows. AGORA_BENCH_LISTINGS may name a Parquet file of real listings,
which is then measured too.
"""

from __future__ import annotations

import cProfile
import os
import statistics
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.detectors import AnyDetector
from agoranomos.engine.text import machine, nearby
from agoranomos.engine.text.folding import REVERSED, ROMANISED, SHAPE, SOUND, TAKEN_APART
from agoranomos.engine.text.lexicon import Lexicon, compile_lexicon
from agoranomos.engine.text.matching import Hits, Matcher
from agoranomos.goods.listings.catalogue import judge_batch
from agoranomos.goods.listings.classes import class_numbers
from agoranomos.goods.listings.facts import ListingFacts
from agoranomos.goods.listings.judge import TextJudge, batch_listings
from agoranomos.goods.listings.phrases import Kind, brand_phrases, term_phrases
from agoranomos.goods.listings.vocabulary import shipped_vocabulary
from benchmarks.materials import Materials, sieve_arguments, whole
from benchmarks.measuring import Size, Table, cpu_seconds, spread

AT: Final = "2026-05-01T00:00:00Z"
_CHINESE_VARIANT: Final = SHAPE | SOUND | TAKEN_APART | REVERSED | ROMANISED
_NO_SPELLING: Final = {
    number: name.removesuffix("_SPELLING").lower()
    for name, number in vars(machine).items()
    if name.endswith("_SPELLING")
}
"""What the machine gives where no spelling stands: perhaps a near name, a sound, a run of digits."""
_ROWS: Final = 20_000
_DETAILED_ROWS: Final = 4_000


def run(materials: Materials, size: Size) -> list[Table]:
    """Tables of the kernel's parts, of Python's parts, and of why rows are looked at."""
    judge = materials.judge()
    batches = {"generated": materials.batch(size.texts).slice(0, _ROWS)}
    real = os.environ.get("AGORA_BENCH_LISTINGS")
    if real:
        batches["real"] = _filled(pq.read_table(real).slice(0, _ROWS))
    fewer = _without_variants(materials)
    tables = []
    for name, batch in batches.items():
        tables.append(_kernel(name, judge, fewer, batch, size.rounds))
        tables += _python(name, judge, batch.slice(0, _DETAILED_ROWS), size.rounds)
        tables.append(_why(name, judge, batch.slice(0, _DETAILED_ROWS)))
    return tables


def _filled(table: pa.Table) -> pa.RecordBatch:
    for name in ("description", "brand", "category"):
        table = table.set_column(table.column_names.index(name), name, table[name].fill_null(""))
    return whole(table)


def _without_variants(materials: Materials) -> Lexicon:
    phrases = [
        *brand_phrases(materials.snapshot().brands),
        *term_phrases(shipped_vocabulary().terms, class_numbers(shipped_vocabulary().restricted)),
    ]
    return compile_lexicon([phrase for phrase in phrases if not phrase.how & _CHINESE_VARIANT])


def _reads(judge: TextJudge, matcher: Matcher, batch: pa.RecordBatch) -> Callable[[], Hits]:
    arguments = sieve_arguments(judge, batch)
    return lambda: matcher.read(*arguments)


def _kernel(name: str, judge: TextJudge, fewer: Lexicon, batch: pa.RecordBatch, rounds: int) -> Table:
    lexicon, limits = judge._matcher.lexicon, judge._matcher.limits
    empty = nearby.empty_filter(0)
    nothing = np.zeros_like(fewer.arrays["bitmap"])

    def without(base: Lexicon, **arrays: Any) -> Callable[[], Hits]:
        return _reads(judge, Matcher(Lexicon({**base.arrays, **arrays}), limits), batch)

    calls = {
        "the sieve": _reads(judge, judge._matcher, batch),
        "without near names": without(lexicon, near=empty),
        "without sounds and odd characters": without(lexicon, sounds=empty, odds=empty),
        "without these": without(lexicon, near=empty, sounds=empty, odds=empty),
        "without these and Chinese variants": without(fewer, near=empty, sounds=empty, odds=empty),
        "without any phrase: fold and word starts": without(
            fewer, near=empty, sounds=empty, odds=empty, bitmap=nothing
        ),
    }
    times: dict[str, list[float]] = {key: [] for key in calls}
    kept = {key: len(np.unique(call().row)) / batch.num_rows for key, call in calls.items()}
    for _ in range(rounds):
        for key, call in calls.items():
            times[key].append(cpu_seconds(call) / batch.num_rows * 1e6)
    ours = statistics.median(times["the sieve"])
    near, sounds = (float(np.unpackbits(np.asarray(lexicon.arrays[key])).mean()) for key in ("near", "sounds"))
    ten = 1 - (1 - near**2) ** 10
    return Table(
        f"The compiled kernel, {name} listings",
        ("part", "CPU µs a row", "of the sieve", "rows kept"),
        tuple(
            (
                key,
                spread(each, "{:.2f}"),
                f"{statistics.median(each) / ours:.2f}",
                f"{kept[key]:.1%}",
            )
            for key, each in times.items()
        ),
        (
            f"Bits set in the filter of near names {near:.1%}, of sounds {sounds:.1%}.",
            f"By chance a probe for a near name passes in {near**2:.1%}, one of ten in {ten:.0%}.",
            f"{len(lexicon):,} phrases; {len(fewer):,} without Chinese variants.",
        ),
    )


def _python(name: str, judge: TextJudge, batch: pa.RecordBatch, rounds: int) -> list[Table]:
    """Python's part over the rows that the sieve kept, microseconds per kept row and per row."""
    rows = sorted(set(_reads(judge, judge._matcher, batch)().row.tolist()))
    listings = batch_listings(batch.take(pa.array(rows, pa.int64())))
    facts = [judge.explain(listing)[0] for listing in listings]
    findings = judge_batch(judge, batch, AT).num_rows
    steps: dict[str, Callable[[], object]] = {
        f"judge_batch, all of it ({findings:,} findings)": lambda: judge_batch(judge, batch, AT),
        "the sieve": _reads(judge, judge._matcher, batch),
        "what the judge hands to it (prices, categories)": lambda: sieve_arguments(judge, batch),
        "batch_listings": lambda: batch_listings(batch.take(pa.array(rows, pa.int64()))),
        **{one.code: partial(_inspect, one, facts) for one in judge.detectors},
    }
    profile = cProfile.Profile()
    profile.runcall(judge_batch, judge, batch, AT)
    return [
        _steps(f"Python's part, {name} listings", steps, len(rows), batch.num_rows, rounds),
        _dearest(f"The dearest functions, {name} listings", profile, len(rows)),
    ]


def _inspect(detector: AnyDetector, facts: Sequence[ListingFacts]) -> None:
    for one in facts:
        tuple(detector.inspect(one, detector.settings))


def _dearest(title: str, profile: cProfile.Profile, kept: int) -> Table:
    """Functions by own time; the profiler makes small ones look dearer than they are."""
    entries = sorted(profile.getstats(), key=lambda entry: -entry.inlinetime)[:15]
    total = sum(entry.inlinetime for entry in profile.getstats())
    lines = tuple(
        (
            _place(entry.code),
            f"{entry.callcount / kept:.2f}",
            f"{entry.inlinetime / kept * 1e6:.1f}",
            f"{entry.totaltime / kept * 1e6:.1f}",
            f"{entry.inlinetime / total:.0%}",
        )
        for entry in entries
    )
    return Table(title, ("function", "calls a kept row", "own µs", "with callees µs", "own share"), lines)


def _place(code: Any) -> str:
    if isinstance(code, str):
        return code[:60]
    return f"{Path(code.co_filename).name}:{code.co_firstlineno} {code.co_name}"


def _steps(title: str, steps: dict[str, Callable[[], object]], kept: int, rows: int, rounds: int) -> Table:
    lines = []
    for step, call in steps.items():
        call()
        times = [cpu_seconds(call) * 1e6 for _ in range(rounds)]
        per_kept = [time / max(1, kept) for time in times]
        lines.append((step, spread(per_kept, "{:.1f}"), f"{statistics.median(times) / rows:.2f}"))
    return Table(
        title,
        ("step", "CPU µs a kept row", "CPU µs a row"),
        tuple(lines),
        (f"{kept / rows:.1%} of {rows:,} rows reach Python.",),
    )


def _causes(hits: Hits, lexicon: Lexicon) -> dict[int, set[str]]:
    causes: dict[int, set[str]] = {}
    for row, spelling, how in zip(hits.row.tolist(), hits.spelling.tolist(), hits.how.tolist(), strict=True):
        if spelling < 0:
            cause = _NO_SPELLING.get(spelling, "other")
        elif how & _CHINESE_VARIANT:
            cause = "a variant spelling"
        elif how:
            cause = "a disguise"
        else:
            kinds = {int(lexicon.arrays["kinds"][phrase]) for phrase in lexicon.phrases_of(spelling)}
            cause = "a term" if Kind.TERM in kinds else "a plain name"
        causes.setdefault(row, set()).add(cause)
    return causes


def _why(name: str, judge: TextJudge, batch: pa.RecordBatch) -> Table:
    """Kept rows by what the machine gave for them besides plain names, and what became of them."""
    hits = _reads(judge, judge._matcher, batch)()
    causes = _causes(hits, judge._matcher.lexicon)
    verdicts = judge.assess_batch(batch, at=AT)
    groups: dict[str, list[tuple[bool, bool]]] = {}
    for row, assessment in zip(verdicts.rows, verdicts.assessments, strict=True):
        given = causes[row] - {"a plain name"} or {"plain names"}
        key = next(iter(given)) + " alone" if len(given) == 1 else "several of these"
        groups.setdefault(key, []).append((bool(assessment.signals), bool(assessment.findings)))
    rows = [
        (
            key,
            f"{len(group):,}",
            f"{len(group) / batch.num_rows:.1%}",
            f"{sum(signal for signal, _ in group) / len(group):.1%}",
            f"{sum(finding for _, finding in group) / len(group):.1%}",
        )
        for key, group in sorted(groups.items(), key=lambda item: -len(item[1]))
    ]
    columns = ("kept because of", "rows", "of all rows", "of them with a signal", "with a finding")
    return Table(f"Why rows reach Python, {name} listings (beside plain names)", columns, tuple(rows))
