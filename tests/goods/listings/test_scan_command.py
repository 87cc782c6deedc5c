"""`agora scan` as people call it: as a process, with good files and bad ones."""

from __future__ import annotations

import csv
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from agoranomos.engine.scan.schema import FINDINGS_SCHEMA
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Listing
from tests.builders import make_listing, make_money

pytestmark = pytest.mark.slow  # every call is a process that loads the judge

HEADER = (
    "listing_id",
    "store_id",
    "title",
    "price_amount",
    "currency",
    "description",
    "brand",
    "category",
    "seller_id",
    "listed_at",
)
FAKE = make_listing("fake", title="N1ke 莆田 高仿 1:1 运动鞋", price=make_money(9_900))
HONEST = make_listing("honest", title="手工拉坯陶瓷马克杯 350 毫升", category="home")
HOSTILE = make_listing("hostile", title="<script>alert(1)</script> \"N1ke\" 'replica' 莆田", price=make_money(900))


@pytest.fixture
def home(tmp_path: Path, judge: TextJudge, judge_cache: Path) -> Path:
    """An AGORA_HOME of the test's own that shares the compiled lexicons."""
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "cache").symlink_to(judge_cache)
    return folder


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "agoranomos.main", *(str(one) for one in arguments)]


def agora(home: Path, *arguments: str | Path, code: int = 0, **environment: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command(*arguments),
        env={**os.environ, "AGORA_HOME": str(home), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    return done


def write_csv(path: Path, listings: Sequence[Listing], encoding: str = "utf-8") -> Path:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for one in listings:
        assert one.price is not None
        writer.writerow([
            one.listing_id, one.store_id, one.title, one.price.amount, one.price.currency,
            one.description, one.brand, one.category, one.seller_id or "", one.listed_at or "",
        ])  # fmt: skip
    path.write_bytes(text.getvalue().encode(encoding))
    return path


def read(out: Path) -> list[dict[str, Any]]:
    table = pq.read_table(out / "findings.parquet")
    assert table.schema.equals(FINDINGS_SCHEMA)
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def test_a_scan_from_file_to_page(home: Path, tmp_path: Path, judge: TextJudge) -> None:
    listings, out = write_csv(tmp_path / "a.csv", [FAKE, HONEST, HOSTILE]), tmp_path / "out"
    done = agora(home, "scan", listings, "--out", out, "--json", "--workers", "1")
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["judged"], summary["listings_flagged"]) == (3, 3, 2)
    assert summary["seconds"] > 0
    assert summary["rows_per_s"] > 0
    assert json.loads((out / "summary.json").read_bytes()) == summary
    found = {row["subject"]["id"] for row in read(out)}
    assert found == {"fake", "hostile"}
    html = (out / "summary.html").read_text("utf-8")
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert sorted(path.name for path in out.iterdir()) == ["findings.parquet", "summary.html", "summary.json"]
    for listing in (FAKE, HOSTILE, HONEST):
        published = [(f.id, f.code, f.score, [r.message for r in f.reasons]) for f in judge.assess(listing).findings]
        scanned = [
            (row["id"], row["code"], row["score"], [r["message"] for r in row["reasons"]])
            for row in read(out)
            if row["subject"]["id"] == listing.listing_id
        ]
        assert sorted(scanned) == sorted(published), "the scan and the publish check say the same"


def test_the_sentence_for_people(home: Path, tmp_path: Path) -> None:
    listings = write_csv(tmp_path / "a.csv", [FAKE, HONEST])
    done = agora(home, "scan", listings, "--out", tmp_path / "out")
    assert "2 listings in" in done.stdout
    assert "goods.suspected_counterfeit" in done.stdout
    assert "all signs of a fake together" in done.stdout
    assert "summary.html" in done.stdout


def test_chinese_files_in_their_own_encoding_and_repeated_ids(home: Path, tmp_path: Path) -> None:
    again = make_listing("fake", title="another with the same id", price=make_money(1))
    listings = write_csv(tmp_path / "zh.csv", [FAKE, HONEST, again], "gb18030")
    done = agora(home, "scan", listings, "--out", tmp_path / "out", "--json", "--workers", "1")
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["judged"], summary["rejected"]) == (3, 2, 1)
    assert summary["sources"][0]["encoding"] == "gb18030"
    rejects = pq.read_table(tmp_path / "out" / "rejects.parquet").to_pylist()
    assert [(row["row"], row["reason"], row["listing_id"]) for row in rejects] == [(3, "duplicate", "fake")]
    assert {row["subject"]["id"] for row in read(tmp_path / "out")} == {"fake"}


def test_an_empty_file_and_one_of_a_header_alone(home: Path, tmp_path: Path) -> None:
    header = write_csv(tmp_path / "header.csv", [])
    done = agora(home, "scan", header, "--out", tmp_path / "out", "--json")
    assert json.loads(done.stdout)["rows"] == 0
    assert read(tmp_path / "out") == []
    assert "There was nothing to judge." in (tmp_path / "out" / "summary.html").read_text("utf-8")
    (tmp_path / "empty.csv").touch()
    wrong = subprocess.run(
        command("scan", tmp_path / "empty.csv", "--out", tmp_path / "out2"),
        env={**os.environ, "AGORA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert wrong.returncode in (0, 2)
    assert "Traceback" not in wrong.stderr
    assert "empty" in wrong.stdout + wrong.stderr


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("missing.csv", None, "missing.csv"),
        ("table.xlsx", b"PK", ".parquet"),
        ("noheader.csv", b"l1,s1,N1ke,100,CNY\nl2,s2,mug,100,CNY\n", "listing_id"),
        ("no_title.csv", b"listing_id,store_id,price_amount,currency\n1,2,3,CNY\n", "title"),
        ("fake.parquet", b"PAR1 but not really", "fake.parquet"),
    ],
)
def test_wrong_input_is_exit_2_with_what_to_do(
    home: Path, tmp_path: Path, name: str, content: bytes | None, word: str
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    done = agora(home, "scan", tmp_path / name, "--out", tmp_path / "out", code=2)
    assert done.stdout == ""
    assert word in done.stderr
    assert not (tmp_path / "out" / "findings.parquet").exists()


def test_wrong_use_is_exit_2(home: Path, tmp_path: Path) -> None:
    listings = write_csv(tmp_path / "a.csv", [HONEST])
    assert "--out" in agora(home, "scan", listings, code=2).stderr
    assert "--engine" in agora(home, "scan", listings, "--out", tmp_path / "o", "--engine", "flink", code=2).stderr
    assert "LISTINGS" in agora(home, "scan", code=2).stderr


def test_explain(home: Path, tmp_path: Path, judge: TextJudge) -> None:
    listings = write_csv(tmp_path / "a.csv", [FAKE, HONEST])
    said = agora(home, "scan", listings, "--explain", "fake").stdout
    assert FAKE.title in said
    assert "letters replaced by digits or signs" in said
    assert "counterfeit: score" in said
    assert "Nothing speaks against" in agora(home, "scan", listings, "--explain", "honest").stdout
    as_json = json.loads(agora(home, "scan", listings, "--explain", "fake", "--json").stdout)
    assert as_json["scores"] == {k.value: v for k, v in judge.explain(FAKE)[1].scores.items()}
    unknown = agora(home, "scan", listings, "--explain", "nobody", code=2)
    assert "nobody" in unknown.stderr
    refused = write_csv(tmp_path / "b.csv", [make_listing("untitled", title="")])
    said = agora(home, "scan", refused, "--explain", "untitled", code=2).stderr
    assert "the row of 'untitled' is refused, column title" in said


def test_nothing_found_is_said(home: Path, tmp_path: Path) -> None:
    done = agora(home, "scan", write_csv(tmp_path / "a.csv", [HONEST]), "--out", tmp_path / "out")
    assert done.stdout.startswith("1 listing in ")
    assert "No listing reached the report line." in done.stdout


def test_a_second_scan_replaces_the_first(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    agora(home, "scan", write_csv(tmp_path / "a.csv", [FAKE]), "--out", out)
    agora(home, "scan", write_csv(tmp_path / "a.csv", [HONEST]), "--out", out)
    assert read(out) == []
    assert json.loads((out / "summary.json").read_bytes())["listings_flagged"] == 0


def test_brands_on_top_of_the_registry(home: Path, tmp_path: Path) -> None:
    registry = tmp_path / "mine.jsonl"
    registry.write_text(
        json.dumps({"brand_id": "zzy", "names": ["Zzyzxora"], "authorised_store_ids": ["other"]}) + "\n"
    )
    listings = write_csv(tmp_path / "a.csv", [make_listing("own", title="Zzyzxora shoes")])
    fresh = tmp_path / "home2"  # compiles a lexicon of its own, which must not push out the shared one
    done = agora(fresh, "scan", listings, "--out", tmp_path / "out", "--registry", registry, "--json")
    assert json.loads(done.stdout)["by_brand"] == {"zzy": 1}


def test_interrupted_and_taken_up_again(home: Path, tmp_path: Path) -> None:
    listings = tmp_path / "many.jsonl"
    with listings.open("w") as file:
        for number in range(100_000):
            row = {"listing_id": f"l{number}", "store_id": "s", "title": f"N1ke 莆田 高仿 number {number}",
            "price_amount": 9_900,
                   "currency": "CNY"}  # fmt: skip
            file.write(json.dumps(row) + "\n")
    out = tmp_path / "out"
    begun = subprocess.Popen(
        command("scan", listings, "--out", out, "--workers", "1"),
        env={**os.environ, "AGORA_HOME": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    journal = out / ".scan" / "journal.jsonl"
    while begun.poll() is None and not (journal.exists() and journal.read_bytes().count(b"\n") >= 2):
        time.sleep(0.02)  # however long the first part takes
    begun.send_signal(signal.SIGINT)
    _, errors = begun.communicate(timeout=60)
    if begun.returncode == 0:
        pytest.skip("the scan was done before it could be interrupted")
    assert begun.returncode == 130, errors
    assert "Interrupted" in errors
    assert "Traceback" not in errors
    assert not (out / "findings.parquet").exists()
    done = agora(home, "scan", listings, "--out", out, "--workers", "1", "--json")
    assert "Resuming" in done.stderr
    summary = json.loads(done.stdout)
    assert (summary["rows"], summary["listings_flagged"]) == (100_000, 100_000)
    assert summary["timing"]["resumed_units"] >= 1


def test_a_folder_that_cannot_be_written(home: Path, tmp_path: Path) -> None:
    listings = write_csv(tmp_path / "a.csv", [FAKE])
    (tmp_path / "file").write_text("in the way")
    done = subprocess.run(
        command("scan", listings, "--out", tmp_path / "file" / "out"),
        env={**os.environ, "AGORA_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert "in the way" in done.stderr
