"""The catalogue scan from end to end: plan, judge in parallel, merge, sum up."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Protocol, Self

from agoranomos.engine.scan import journal as journals
from agoranomos.engine.scan.counts import Counts
from agoranomos.engine.scan.journal import Header, Journal
from agoranomos.engine.scan.judging import JudgeSource
from agoranomos.engine.scan.layout import Layout, inspect
from agoranomos.engine.scan.memory import peak_bytes
from agoranomos.engine.scan.merging import merge_findings, merge_rejects
from agoranomos.engine.scan.pool import Pool
from agoranomos.engine.scan.progress import Silent, Watcher, Watching
from agoranomos.engine.scan.repeats import repeated
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.summary import PictureCounts, SourceCount, Summary, Timing, write_json
from agoranomos.engine.scan.trouble import ScanStopped, stopped_by
from agoranomos.engine.scan.units import Unit, plan
from agoranomos.engine.scan.work import Done
from agoranomos.kernel.clock import rfc3339

FINDINGS, REJECTS, SUMMARY = "findings.parquet", "rejects.parquet", "summary.json"


class Workers(Protocol):
    """Whoever judges units: the processes of this machine (`pool`), or a cluster (`engine.spark.units`)."""

    lost: list[Unit]

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    @property
    def peak_bytes(self) -> int: ...

    def run(self, units: Iterator[Unit], tick: Callable[[], None]) -> None: ...


Hands = Callable[[JudgeSource, Path, Callable[[int], None], Callable[[Unit, Done], None]], Workers]
"""Makes workers that leave their parts in a folder, and say how many rows they read and which units are done."""


def scan(
    sources: Sequence[Source],
    judge_source: JudgeSource,
    out_dir: Path,
    *,
    workers: int,
    at: datetime | str,
    resume: bool = True,
    pictures: PictureCounts | None = None,
    progress: Watcher | None = None,
    hands: Hands | None = None,
    nightly: bool = False,
) -> Summary:
    """Judges all listings of `sources` and writes findings, rejects (if any) and summary to
    `out_dir`.

    `at` (RFC 3339) is when the scan was called; a resumed run keeps its first. `pictures` are those that were
    looked at before, for the summary; their seconds count. `hands` None: `workers` processes of this machine. Same
    sources and judge: same bytes of findings, whatever `workers` is and however often the scan was interrupted.

    `nightly`: parts are kept, and those of files that have not changed since the last nightly scan with the same judge
    are taken over. What comes out is what a scan of everything would give, but for the moment that dates findings on
    listings without a date: it is that of the night which first saw them.

    Raises Invalid for files that cannot be read at all, Conflict while another scan writes to
    `out_dir`, ScanStopped when writing or judging fails or a worker dies twice over one unit.
    After that, and after KeyboardInterrupt, calling again goes on where it stopped.
    """
    inspected = [(source, inspect(source)) for source in sources]
    moment = at if isinstance(at, str) else rfc3339(at)
    header = Header(list(sources), judge_source.version, moment)
    watching = progress or Silent()
    try:
        with journals.opened(out_dir, header, resume=resume) as journal:
            _announce(journal, watching)
            run = _Run(inspected, judge_source, out_dir, journal, watching=watching, workers=workers, hands=hands)
            run.night = journals.Night.of(out_dir, header) if nightly else None
            with Watching(watching, sum(source.size for source in sources)):
                finished = run.judge()
                summary = run.finish(finished, pictures)
            journals.keep(out_dir) if nightly else journals.remove(out_dir)
            return summary
    except OSError as error:
        raise stopped_by(error, out_dir) from error


def _announce(journal: Journal, watching: Watcher) -> None:
    if journal.restarted:
        watching.say(f"Starting again from the beginning: {journal.restarted}.")
    elif journal.done:
        rows = sum(done.rows for done in journal.done.values())
        watching.say(f"Resuming the scan of {journal.header.at}: {rows:,} rows are done.")


class _Run:
    """One call of `scan`."""

    def __init__(
        self,
        inspected: list[tuple[Source, Layout]],
        judge_source: JudgeSource,
        out: Path,
        journal: Journal,
        *,
        watching: Watcher,
        workers: int,
        hands: Hands | None,
    ) -> None:
        self._inspected = inspected
        self._judge_source = judge_source
        self._out = out
        self._folder = out / journals.FOLDER
        self._journal = journal
        self._watching = watching
        self._workers = workers
        self._hands = hands or self._here
        self._begun = monotonic()
        self._resumed = len(journal.done)
        self._unchanged = 0
        self.night: journals.Night | None = None
        """What the last nightly scan left."""
        self._peak = 0

    def judge(self) -> list[tuple[Unit, Done]]:
        """Every unit with what is known of it, in input order."""
        units: list[Unit] = []
        with self._hands(self._judge_source, self._folder, self._watching.rows, self._note) as pool:
            pool.run(self._outstanding(units), self._watching.tick)
        self._peak = pool.peak_bytes
        if pool.lost:
            where = "; ".join(unit.where for unit in pool.lost[:5])
            raise ScanStopped(
                f"The worker died twice over {len(pool.lost)} part(s) of the input ({where}), "
                f"perhaps for want of memory. The rest is kept in {self._out}; "
                "calling again tries these once more."
            )
        return [(unit, self._journal.done[unit.key]) for unit in units]

    def _here(
        self, source: JudgeSource, folder: Path, on_rows: Callable[[int], None], on_done: Callable[[Unit, Done], None]
    ) -> Workers:
        return Pool(source, folder, self._workers, on_rows=on_rows, on_done=on_done)

    def _outstanding(self, units: list[Unit]) -> Iterator[Unit]:
        """Plans as workers ask; notes every unit in `units`, gives out those that are not done."""
        for unit in plan(self._inspected):
            units.append(unit)
            done = self._journal.done.get(unit.key)
            if done is None and self.night is not None:
                done = self._taken_over(self.night, unit)
            if done is None:
                yield unit
            else:
                self._watching.kept(unit.weight)

    def _taken_over(self, night: journals.Night, unit: Unit) -> Done | None:
        done = night.take(unit, self._folder)
        if done is not None:
            self._journal.add(done, monotonic() - self._begun)
            self._unchanged += done.rows
        return done

    def _note(self, unit: Unit, done: Done) -> None:
        self._journal.add(done, monotonic() - self._begun)
        self._watching.done(unit.weight, done.rows)

    def finish(self, units: list[tuple[Unit, Done]], pictures: PictureCounts | None) -> Summary:
        """Merges the parts and puts the results in their places, the summary last."""
        folder, out = self._folder, self._out
        again = repeated([done for _, done in units], folder)
        counts = merge_findings(units, again, folder, folder / FINDINGS)
        reasons = merge_rejects(units, again, folder, folder / REJECTS)
        repeats = {index: bits.count for index, bits in again.items()}
        summary = self._summary(units, counts, reasons, repeats, pictures)
        write_json(summary, folder / SUMMARY)
        if summary.rejected:
            (folder / REJECTS).replace(out / REJECTS)
        else:
            (out / REJECTS).unlink(missing_ok=True)  # of an earlier scan
        (folder / FINDINGS).replace(out / FINDINGS)
        (folder / SUMMARY).replace(out / SUMMARY)
        journals.sync_folder(out)
        return summary

    def _summary(
        self,
        units: list[tuple[Unit, Done]],
        counts: Counts,
        reasons: Counter[str],
        repeats: dict[int, int],
        pictures: PictureCounts | None,
    ) -> Summary:
        rows = sum(done.rows for _, done in units)
        rejected = sum(reasons.values())
        looked_at = pictures.looked_at if pictures else 0
        seconds = self._journal.seconds + monotonic() - self._begun
        rate = round(looked_at / pictures.seconds, 1) if pictures and pictures.seconds else 0.0
        seconds += pictures.seconds if pictures else 0.0
        timing = Timing(
            seconds=round(seconds, 3),
            rows_per_s=round(rows / seconds, 1),
            pictures_per_s=rate,
            peak_memory_bytes=peak_bytes() + self._peak,
            workers=self._workers,
            resumed_units=self._resumed,
            unchanged_rows=self._unchanged,
        )
        sources = _per_source(self._inspected, units, repeats)
        notes = [f"{each.file}: {note}" for each in sources for note in each.notes]
        notes += pictures.notes if pictures else []
        if self._journal.restarted:
            notes.append(f"started again from the beginning: {self._journal.restarted}")
        if rejected:
            notes.append(f"{rejected:,} {'row was' if rejected == 1 else 'rows were'} not judged: see {REJECTS}")
        return Summary(
            rows=rows,
            judged=rows - rejected,
            rejected=rejected,
            repaired=sum(done.repaired for _, done in units),
            findings=counts.findings,
            listings_flagged=counts.listings,
            pictures=looked_at,
            by_code=dict(counts.by_code),
            by_reason=dict(counts.by_reason),
            by_brand=counts.by_brand,
            by_store=counts.by_store,
            rejected_by_reason=dict(reasons),
            sources=sources,
            at=self._journal.header.at,
            judge_version=self._judge_source.version,
            notes=notes,
            seconds=timing.seconds,
            rows_per_s=timing.rows_per_s,
            pictures_per_s=timing.pictures_per_s,
            timing=timing,
            pictures_skipped=pictures.skipped if pictures else {},
            picture_counts=pictures,
        )


def _per_source(
    inspected: list[tuple[Source, Layout]],
    units: list[tuple[Unit, Done]],
    repeats: dict[int, int],
) -> list[SourceCount]:
    found: dict[int, list[Done]] = {}
    for unit, done in units:
        found.setdefault(unit.source_index, []).append(done)
    counts = []
    for number, (source, layout) in enumerate(inspected):
        dones = found.get(number, [])
        rows = sum(done.rows for done in dones)
        notes = [*layout.notes, *(note for done in dones for note in done.notes)]
        if not rows and not notes:
            notes.append("empty, no rows")
        counts.append(
            SourceCount(
                file=source.path,
                rows=rows,
                rejected=sum(done.rejected + repeats.get(done.index, 0) for done in dones),
                repaired=sum(done.repaired for done in dones),
                encoding=layout.encoding,
                notes=notes,
            )
        )
    return counts
