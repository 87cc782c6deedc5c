"""Everything at once: write the sets, scan each with the command, judge, keep the misses.

``AGORA_SHARED_DATA=… python -m benchmarks.text_quality.run --out DIR [--agora .venv/bin/agora]``

Below DIR: ``sets/`` the catalogues, ``scan/<set>/`` what the command wrote,
``misses/<family>.jsonl`` every fake below 0.5 with its truth, ``alarms/<set>.txt`` a sample of
flagged honest listings, ``report.md`` the tables and ``report.json`` the same for machines.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq

from benchmarks.text_quality import honest, judge, plant


def scan(agora: Path, listings: Path, out: Path, home: Path) -> float:
    """Run ``agora scan`` on one catalogue in a store of its own; seconds it took."""
    out.mkdir(parents=True, exist_ok=True)
    home.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    done = subprocess.run(
        [str(agora), "scan", str(listings), "--out", str(out)],
        env={**os.environ, "AGORA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"agora scan {listings.name} ended with {done.returncode}:\n{done.stderr}")
    return time.perf_counter() - start


def save_misses(
    truth: Iterable[Mapping[str, str]],
    results: Iterable[judge.FamilyResult],
    hits: Mapping[str, judge.Hit],
    planted: Path,
    out: Path,
) -> None:
    """Per family the fakes below 0.5 (for the control: the honest rows above it), for reading."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.jsonl"):
        old.unlink()
    columns = ["listing_id", "title", "price_amount", "currency", "description", "brand"]
    rows = {r["listing_id"]: r for r in pq.read_table(planted, columns=columns).to_pylist()}
    by_id = {row["listing_id"]: row for row in truth}
    for result in results:
        chosen = set(result.missed)
        if result.family == plant.CONTROL:
            chosen = {k for k, row in by_id.items() if row["family"] == plant.CONTROL and k not in chosen}
        if not chosen:
            continue
        with (out / f"{result.family}.jsonl").open("w", encoding="utf-8") as handle:
            for key in sorted(chosen):
                hit = hits.get(key, judge.Hit())
                line = {**by_id[key], **rows[key], "score": hit.score, "reasons": hit.reasons}
                handle.write(json.dumps(line, ensure_ascii=False) + "\n")


def main(argv: list[str] | None = None) -> int:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("build/text-quality"))
    parser.add_argument("--agora", type=Path, default=Path(".venv/bin/agora"))
    parser.add_argument("--per-family", type=int, default=200)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--code", default="", help="count only findings whose code begins so")
    parser.add_argument("--sample", type=int, default=100)
    args = parser.parse_args(argv)
    data = honest.shared_data()
    if data is None:
        print("AGORA_SHARED_DATA names no folder", file=sys.stderr)
        return 2
    if not args.agora.exists():
        print(f"no command at {args.agora}", file=sys.stderr)
        return 2

    sets = honest.write_all(data, args.out / "sets")
    bases, tables = plant.materials(data)
    rows = plant.plant(bases, tables, args.per_family, args.seed)
    planted, truth_path = plant.write(rows, args.out / "sets")
    seconds = {}
    for name, path in {"planted": planted, **sets}.items():
        print(f"scanning {name} …", file=sys.stderr)
        home = args.out / "home" / name
        seconds[name] = scan(args.agora, path, args.out / "scan" / name, home)

    def findings(name: str) -> dict[str, judge.Hit]:
        return judge.read_findings(args.out / "scan" / name / "findings.parquet", args.code)

    hits, truth = findings("planted"), judge.read_truth(truth_path)
    families = judge.recall(truth, hits)
    techniques = judge.recall(truth, hits, by="technique")
    save_misses(truth, families, hits, planted, args.out / "misses")
    alarms = []
    (args.out / "alarms").mkdir(parents=True, exist_ok=True)
    for name, path in sets.items():
        result = judge.false_alarms(path, findings(name), args.seed, args.sample)
        alarms.append(result)
        (args.out / "alarms" / f"{name}.txt").write_text(judge.sample_text(result), "utf-8")

    report = f"{judge.recall_markdown(families)}\n\n{judge.honest_markdown(alarms)}\n"
    by_technique = judge.recall_markdown(techniques)
    (args.out / "report.md").write_text(f"{report}\n## By technique\n\n{by_technique}\n", "utf-8")
    answer = {
        "seed": args.seed,
        "per_family": args.per_family,
        "seconds": seconds,
        "recall": [asdict(r) for r in families],
        "techniques": [asdict(r) for r in techniques],
        "honest": [asdict(r) for r in alarms],
    }
    (args.out / "report.json").write_text(json.dumps(answer, ensure_ascii=False), "utf-8")
    print(report)
    print(f"misses, alarms and techniques: {args.out}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
