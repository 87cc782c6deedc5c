"""The whole job on real photos: known fakes are added, edited copies of them planted in a catalogue, and it is scanned.

    python -m benchmarks.picture_quality.whole_job FOLDER

FOLDER holds public photos in `pictures/`. Everything goes through the command line as people use it; edits are the
examiner's, made with Pillow. It prints what was found of each edit, what was wrongly found, and how fast pictures were
looked at, new and repeated.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.measuring import Table
from benchmarks.picture_quality import edits, photos
from benchmarks.picture_quality.run import opened

PLAIN = "plain"
FAKE = "goods.picture_of_known_fake"
WITHOUT_WORDS = ("--words-seconds", 0)
"""Reading words has a budget of its own, in seconds, that a scan uses up whatever else it does."""


class Planted(msgspec.Struct, frozen=True):
    """A listing whose picture is an edited copy of the known photo `known` ("": of none); `groups` are those of the
    photos that it shows."""

    listing: str
    known: str
    edit: str
    groups: tuple[int, ...]


class Market(msgspec.Struct, frozen=True):
    """A catalogue on disk."""

    root: Path
    listings: Path
    planted: dict[str, Planted]


def agora(home: Path, *arguments: object) -> tuple[dict[str, Any], float]:
    """What a command says with --json, and its CPU seconds with those of its children."""
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "agoranomos.main", *map(str, arguments), "--json"],
        env={**os.environ, "AGORA_HOME": str(home)},
        stdout=subprocess.PIPE,
        check=True,
    )
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    return json.loads(done.stdout), used


def market(
    folder: Path, known: Sequence[photos.Photo], others: Sequence[photos.Photo], combinations: int, seed: int
) -> Market:
    """Every edit of every known photo, combinations, and photos of others, each a listing of a store of its own."""
    chance = random.Random(seed)
    root = folder / "pictures"
    root.mkdir(parents=True)
    partners = others[: len(others) // 2]
    planted: list[tuple[Planted, bytes]] = []
    for photo in known:
        picture = opened(photo.path)
        plans = [[name] for name in edits.SINGLE]
        plans += [edits.combination(count, chance) for count in (2, 3) for _ in range(combinations)]
        for names in plans:
            partner = chance.choice(partners)
            data = edits.applied(names, picture, chance, opened(partner.path))
            edit = names[0] if len(names) == 1 else f"{len(names)} edits"
            number = f"L{len(planted):06d}"
            planted.append((Planted(number, photo.path.stem, edit, (photo.group, partner.group)), data))
    for photo in others[len(others) // 2 :]:
        planted.append((Planted(f"L{len(planted):06d}", "", PLAIN, (photo.group,)), photo.path.read_bytes()))
    rows = []
    for each, data in planted:
        (root / f"{each.listing}.jpg").write_bytes(data)
        rows.append(row(each.listing, [f"{each.listing}.jpg"]))
    listings = folder / "listings.parquet"
    pq.write_table(pa.Table.from_pylist(rows), listings)
    return Market(root, listings, {each.listing: each for each, _ in planted})


def row(listing: str, pictures: list[str]) -> dict[str, Any]:
    """A listing whose words say nothing, in a store of its own."""
    return {
        "listing_id": listing, "store_id": f"store-{listing}", "title": "casual wear, new", "price_amount": 19900,
        "currency": "CNY", "picture_paths": pictures,
    }  # fmt: skip


def found_in(out: Path, code: str) -> dict[str, list[str]]:
    """The known pictures that findings of `code` name, by listing."""
    found: dict[str, list[str]] = {}
    for each in pq.read_table(out / "findings.parquet").to_pylist():
        if each["code"] == code:
            names = [one["id"] for one in each["related"] if one["kind"] == "picture"]
            found.setdefault(each["subject"]["id"], []).extend(names)
    return found


def judged(made: Market, known: Sequence[photos.Photo], found: dict[str, list[str]]) -> Table:
    """What was found of each edit, and what was wrongly found."""
    groups = {photo.path.stem: photo.group for photo in known}
    asked, right = Counter[str](), Counter[str]()
    wrong = pairs = 0
    for each in made.planted.values():
        names = found.get(each.listing, [])
        for name in names:
            if groups[name] not in each.groups:
                wrong += 1
                print(
                    f"wrong: {each.listing} ({each.edit} of {each.known or 'a stranger'}) named {name}", file=sys.stderr
                )
        pairs += len(known)
        if each.known:
            asked[each.edit] += 1
            right[each.edit] += each.known in names
    rows = [(name, f"{asked[name]:,}", f"{right[name] / asked[name]:.3f}") for name in asked]
    mean = sum(right[name] / asked[name] for name in asked) / len(asked)
    rows.append(("mean", f"{asked.total():,}", f"{mean:.3f}"))
    rows.append((f"wrongly named, of {pairs:,} pairs", "", str(wrong)))
    return Table("Known fakes found by agora scan", ("edit", "listings", "found"), tuple(rows))


def speed(home: Path, folder: Path, files: Sequence[Path], shares: Sequence[float], workers: int) -> Table:
    """Pictures a second when a share of them was there the night before; each night has `len(files)` pictures."""
    rows = []
    for share in shares:
        nights = folder / f"night-{share}"
        root = nights / "pictures"
        root.mkdir(parents=True)
        fresh = home.with_name(f"{home.name}-{share}")
        shutil.copytree(home, fresh)
        shutil.rmtree(fresh / "cache" / "pictures", ignore_errors=True)
        before = int(len(files) * share)
        for number, file in enumerate(files):
            # Bytes behind the end of a JPEG: another content, the same picture.
            (root / f"{number}.jpg").write_bytes(file.read_bytes() + number.to_bytes(4, "big"))
        for name, count in (("before", before), ("tonight", len(files))):
            table = pa.Table.from_pylist([row(f"L{number}", [f"{number}.jpg"]) for number in range(count)])
            if count:
                pq.write_table(table, nights / f"{name}.parquet")
        options = ("--pictures-root", root, "--workers", workers, *WITHOUT_WORDS)
        if before:
            agora(fresh, "scan", nights / "before.parquet", "--out", nights / "out-before", *options)
        summary, used = agora(fresh, "scan", nights / "tonight.parquet", "--out", nights / "out", *options)
        counts = summary["picture_counts"]
        looked_at = counts["looked_at"]
        rates = f"{summary['pictures_per_s']:,.0f}", f"{looked_at / used * workers:,.0f}"
        rows.append((f"{share:.0%}", f"{looked_at:,}", f"{counts['decoded']:,}", *rates))
        shutil.rmtree(nights)
    head = ("repeats", "pictures", "decoded", "a second by the clock", f"by CPU time, {workers} cores")
    return Table("Speed of the whole scan, start and end included", head, tuple(rows))


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path, help="folder of shared data, with pictures/ below it")
    parser.add_argument("--half", choices=("development", "judging"), default="judging")
    parser.add_argument("--known", type=int, default=100)
    parser.add_argument("--others", type=int, default=300)
    parser.add_argument("--combinations", type=int, default=3, help="of two and of three edits, each, per photo")
    parser.add_argument("--nightly", type=int, default=4_000, help="pictures a night, for the speed; 0: not measured")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--keep", type=Path, help="leaves everything in this folder")
    options = parser.parse_args(argv)
    chosen = photos.half(photos.grouped(photos.listed(options.shared)), options.half)
    known = chosen[: options.known]
    groups = {each.group for each in known}
    others = [each for each in chosen[options.known :] if each.group not in groups][: options.others]
    folder = options.keep or Path(tempfile.mkdtemp(prefix="whole-job-"))
    folder.mkdir(parents=True, exist_ok=True)
    fakes = folder / "fakes"
    fakes.mkdir()
    for photo in known:
        shutil.copy(photo.path, fakes)
    made = market(folder, known, others, options.combinations, options.seed)
    home = folder / "home"
    added, _ = agora(home, "pictures", "add-fakes", fakes)
    print(f"{added['added']} known, {len(made.planted)} listings", file=sys.stderr, flush=True)
    summary, _ = agora(
        home, "scan", made.listings, "--out", folder / "out", "--pictures-root", made.root,
        "--workers", options.workers, *WITHOUT_WORDS,
    )  # fmt: skip
    print(judged(made, known, found_in(folder / "out", FAKE)).text())
    print(json.dumps({name: summary[name] for name in ("by_code", "pictures_skipped", "picture_counts")}, indent=2))
    if options.nightly:
        files = [made.root / f"L{number % len(made.planted):06d}.jpg" for number in range(options.nightly)]
        print(speed(home, folder, files, (0.0, 0.7, 0.95), options.workers).text())
    if options.keep is None:
        shutil.rmtree(folder)
    return 0


if __name__ == "__main__":
    sys.exit(main())
