"""What the starter rules find in a made market in which every plot is planted, held against the truth.

    python -m benchmarks.rule_quality [--buyers 10000] [--days 60] [--seed 7]

writes `docs/quality/rules.md`. A hit is put down to whoever takes part in its event: a member of a plot, an honest
look-alike, or somebody who is neither. The market knows no other crime than its plots, so a hit on anybody else is a
false alarm by construction.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.world import Settings
from agoranomos.engine.market.writing import write
from agoranomos.engine.rules import starter
from agoranomos.engine.rules.types import CALENDAR
from agoranomos.engine.scan.sources import expand
from agoranomos.rules.backtest.history import History
from agoranomos.rules.backtest.looking import Looking, types_of
from agoranomos.rules.book import Book, Used
from agoranomos.rules.written import read_rules, starter_files
from agoranomos.wiring import Wiring

PAGE: Final = Path(__file__).parents[1] / "docs" / "quality" / "rules.md"
_PEOPLE: Final = (
    "account_id", "buyer_id", "author_id", "seller_id", "store_id", "listing_id", "payee_id", "principal_id",
    "staff_id", "from_store_id", "from_account_id", "to_account_id", "campaign_id", "device_id", "order_id",
)  # fmt: skip


class Told(msgspec.Struct):
    """What is true of a subject: `plot` is None for a look-alike."""

    name: str
    role: str
    guilty: bool


class Found(msgspec.Struct):
    """What one rule hit: its subjects by whom they were put down to, and the plotters that took part."""

    rule: str
    looked_at: int
    hits: int = 0
    by: dict[str, set[str]] = {}
    plotters: dict[str, set[str]] = {}


def measure(folder: Path, settings: Settings, plots: Iterable[Plot]) -> tuple[list[Found], dict[str, Told]]:
    """The starter rules over a market made in `folder`, and what is true of each of its subjects."""
    summary = write(settings, list(plots), folder, compress=False, told=lambda *_: None)
    events, truth = folder / summary.files[0], _truth(folder / summary.files[1])
    written = read_rules(starter_files(), starter.LISTS)
    book = Book(
        [Used(written=each, version=1, standing="shadow") for each in written], lists={n: {} for n in starter.LISTS}
    )
    found: dict[str, Found] = {}
    with History(folder, calendar=CALENDAR) as history:
        history.read_files(expand([str(events)]), types_of(book.used) | {"store.opened"})
        history.ready()
        looking = Looking(history, lists=book.lists)
        looking.look(book)
        owners = dict(
            history.connection.execute(
                "SELECT data ->> 'store_id', data ->> 'seller_id' FROM events WHERE type = 'store.opened'"
            ).fetchall()
        )
        for used in book.used:
            found[used.key] = Found(used.written.rule.id, looking.seen[used.key], by={}, plotters={})
        rows = history.connection.execute(
            "SELECT rule, hits.subject, data FROM hits JOIN events USING (source, id)"
        ).fetchall()
        for rule, subject, data in rows:
            _note(found[rule], subject, _people(msgspec.json.decode(data), owners), truth)
    return [found[key] for key in sorted(found)], truth


def _note(found: Found, subject: str, people: set[str], truth: Mapping[str, Told]) -> None:
    found.hits += 1
    told = [(person, truth[person]) for person in sorted(people) if person in truth]
    guilty = [(person, each) for person, each in told if each.guilty]
    for person, each in guilty:
        found.plotters.setdefault(f"{each.name}, {each.role}", set()).add(person)
    whom = guilty[0][1].name if guilty else told[0][1].name if told else ""
    found.by.setdefault(whom, set()).add(subject)


def _people(data: dict[str, Any], owners: Mapping[str, str]) -> set[str]:
    found = {value for name in _PEOPLE if isinstance(value := data.get(name), str)}
    return found | {owners[each] for each in found if each in owners}


def _truth(path: Path) -> dict[str, Told]:
    told: dict[str, Told] = {}
    for line in path.read_bytes().splitlines():
        row = msgspec.json.decode(line)
        guilty = row["kind"] == "plot"
        if guilty or row["subject"]["id"] not in told:
            told[row["subject"]["id"]] = Told(row["plot"], row["role"], guilty)
    return told


def page(found: list[Found], truth: Mapping[str, Told], settings: Settings, plots: Iterable[Plot]) -> str:
    """The page of the documentation."""
    guilty = {each.name for each in truth.values() if each.guilty}
    parties = Counter(f"{each.name}, {each.role}" for each in truth.values() if each.guilty)
    caught: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    lines = [_INTRODUCTION.format(settings=settings)]
    lines += [
        "| rule | looked at | hits | subjects | in plots | look-alikes | others |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for each in found:
        subjects = set().union(*each.by.values())
        wrong = subjects.difference(*(each.by.get(name, set()) for name in guilty))
        alike = set().union(*(names for whom, names in each.by.items() if whom and whom not in guilty)) & wrong
        named = ", ".join(sorted(whom for whom in each.by if whom and each.by[whom] & alike))
        cells = [
            f"`{each.rule}`", f"{each.looked_at:,}", f"{each.hits:,}", f"{len(subjects)}", f"{len(subjects - wrong)}",
            f"{len(alike)} ({named})" if alike else "0", f"{len(wrong - alike)}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
        for party, people in each.plotters.items():
            caught[party][each.rule] |= people
    lines += ["", "## Who is found", "", "| plot, part | there are | found | by |", "|---|--:|--:|---|"]
    for party, number in sorted(parties.items()):
        rules = caught[party]
        people = set().union(*rules.values()) if rules else set()
        by = ", ".join(f"`{rule}` {len(theirs)}" for rule, theirs in sorted(rules.items()))
        lines.append(f"| {party} | {number} | {len(people)} | {by or '–'} |")
    about = [f"- *{plot.name}*: {plot.about}" for plot in plots]
    return "\n".join([*lines, "", "The plots:", "", *about, "", _CONCLUSIONS.read_text("utf-8")])


_INTRODUCTION: Final = """# Quality of the starter rules

Measured with `python -m benchmarks.rule_quality` over a made market of {settings.days} days with {settings.sellers:,}
sellers and {settings.buyers:,} buyers (seed {settings.seed}), every plot planted. The market holds no other crime than
its plots: a subject under *look-alikes* or *others* is a false alarm by construction. Precision is *in plots* over
*subjects*. A made market is kinder than a real one.
"""
_CONCLUSIONS: Final = Path(__file__).with_suffix(".md")
"""What was learned, by hand."""


def main(argv: list[str] | None = None) -> int:
    """Measures, and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rule_quality")
    parser.add_argument("--buyers", type=int, default=10_000)
    parser.add_argument("--days", type=int, default=60)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--out", type=Path, default=PAGE)
    options = parser.parse_args(argv)

    settings = Settings(
        seed=options.seed,
        start=date(2026, 3, 1),
        days=options.days,
        sellers=options.buyers // 33,
        buyers=options.buyers,
    )
    with tempfile.TemporaryDirectory(prefix="agora-rules-") as folder:
        plots = Wiring(Path(folder)).plots()
        found, truth = measure(Path(folder), settings, plots)
    options.out.write_text(page(found, truth, settings, plots), "utf-8")
    print(f"wrote {options.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
