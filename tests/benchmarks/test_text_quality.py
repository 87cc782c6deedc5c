"""The examiner of the text detectors must itself be right: repeatable, labelled, well counted."""

from __future__ import annotations

import json
import os
import random
import sys
import unicodedata
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.text_quality import disguises, honest, judge, plant, run, words
from benchmarks.text_quality.brands import BRANDS
from benchmarks.text_quality.pinyin import PINYIN

NAME_ZH = "阿迪达斯"


@pytest.fixture(scope="module")
def tables() -> disguises.ChineseTables:
    """Small lists in place of the shared ones, with an entry for every brand character."""
    chars = sorted({c for brand in BRANDS for c in brand.zh} | set("高仿复刻微信莆田精薇加威"))
    others = {c: [chr(ord(c) + 1)] for c in chars}
    return disguises.ChineseTables(
        look=others,
        sound=others,
        parts={c: [["亻", c]] for c in chars},
        traditional=others,
        martian=others,
        rare=others,
    )


@pytest.fixture(scope="module")
def bases() -> list[plant.Base]:
    """Titles for every kind of goods without shared data."""
    english = [
        plant.Base(f"Acme {goods} Classic", f"{{B}} {goods} Classic", goods, "en", "USD", goods, "test")
        for goods in words.TITLES_ZH
    ]
    return [*plant.own_bases(), *english]


@pytest.fixture(scope="module")
def rows(bases: list[plant.Base], tables: disguises.ChineseTables) -> list[plant.Planted]:
    return plant.plant(bases, tables, 6, 11)


def test_lists_are_as_long_as_promised() -> None:
    assert len(BRANDS) >= 120
    assert len(words.NICKNAMES_ZH) + len(words.NICKNAMES_EN) >= 60
    assert len(words.MODELS_ZH) + len(words.MODELS_EN) >= 60
    names = {brand.latin for brand in BRANDS}
    for coded in (words.NICKNAMES_ZH, words.NICKNAMES_EN, words.MODELS_ZH, words.MODELS_EN):
        assert {entry[0] for entry in coded} <= names
    assert all(char in PINYIN for brand in BRANDS for char in brand.zh)


@pytest.mark.parametrize("name", sorted(disguises.LATIN))
@pytest.mark.parametrize("text", ["Balenciaga", "Louis Vuitton", "ADIDAS"])
def test_every_latin_technique_changes_the_text(name: str, text: str) -> None:
    technique = disguises.LATIN[name]
    for seed in range(20):
        out = technique(text, random.Random(seed))
        assert out != text
        assert out == technique(text, random.Random(seed)), "same seed, same text"


@pytest.mark.parametrize("name", sorted(disguises.chinese_techniques(disguises.ChineseTables())))
def test_every_chinese_technique_changes_the_text(name: str, tables: disguises.ChineseTables) -> None:
    technique = disguises.chinese_techniques(tables)[name]
    for seed in range(20):
        out = technique(NAME_ZH, random.Random(seed))
        assert out != NAME_ZH
        assert out == technique(NAME_ZH, random.Random(seed))


@pytest.mark.parametrize("name", sorted(set(disguises.NUMBERS) - {"number_plain"}))
def test_every_number_technique_changes_the_number(name: str) -> None:
    for seed in range(20):
        assert disguises.NUMBERS[name]("13800138000", random.Random(seed)) != "13800138000"


@pytest.mark.parametrize("text", ["Balenciaga", "New Balance", NAME_ZH])
def test_invisible_characters_keep_the_look(text: str) -> None:
    for seed in range(50):
        out = disguises.invisible(text, random.Random(seed))
        assert out != text
        assert disguises.visible(out) == text


@pytest.mark.parametrize("name", ["combining_light", "zalgo_heavy"])
def test_marks_leave_the_letters(name: str) -> None:
    out = disguises.LATIN[name]("Gucci", random.Random(1))
    assert "".join(c for c in out if not unicodedata.category(c).startswith("M")) == "Gucci"


@pytest.mark.parametrize(
    "name",
    ["full_width", "circled", "small_capitals", "superscript"] + [n for n in disguises.LATIN if n.startswith("math_")],
)
def test_other_alphabets_read_as_the_same_word(name: str) -> None:
    out = disguises.LATIN[name]("Hermes", random.Random(3))
    folded = unicodedata.normalize("NFKC", out).lower()
    small = {v: k for k, v in disguises.SMALL_CAPITALS.items()}
    assert "".join(small.get(c, c) for c in folded) == "hermes"


def test_examples_of_techniques() -> None:
    rng = random.Random(0)
    assert disguises.reversed_text("Nike", rng) == "ekiN"
    assert disguises.small_capitals("Nike", rng) == "ɴɪᴋᴇ"
    assert disguises.pinyin_full("耐克", rng).replace(" ", "").lower() == "naike"
    assert disguises.LATIN["regional_indicators"]("NIKE", rng)[0] == "🇳"
    assert disguises.upside_down("nike", random.Random(1)).lower() == "ǝʞᴉu"
    assert len(disguises.partial_split("Nike", rng)) > 4


def test_combinations_name_known_techniques(tables: disguises.ChineseTables) -> None:
    known = {**disguises.LATIN, **disguises.chinese_techniques(tables)}
    for names in (*disguises.LATIN_CHAINS, *disguises.CHINESE_CHAINS):
        assert 2 <= len(names) <= 3
        assert set(names) <= set(known)


def test_generator_is_deterministic_by_seed(
    bases: list[plant.Base], tables: disguises.ChineseTables, rows: list[plant.Planted]
) -> None:
    assert plant.plant(bases, tables, 6, 11) == rows
    assert plant.plant(bases, tables, 6, 12) != rows


def test_truth_matches_the_planted_rows(rows: list[plant.Planted], tmp_path: Path) -> None:
    listings, truth_path = plant.write(rows, tmp_path)
    table = pq.read_table(listings)
    assert table.schema.names == honest.LISTINGS_SCHEMA.names
    truth = judge.read_truth(truth_path)
    assert table["listing_id"].to_pylist() == [row["listing_id"] for row in truth]
    assert len({row["listing_id"] for row in truth}) == len(rows)
    counts = {name: sum(r["family"] == name for r in truth) for name in plant.FAMILY_NAMES}
    assert set(counts.values()) == {6}
    assert sum(counts.values()) == len(rows)
    for listing, row in zip(table.to_pylist(), truth, strict=True):
        seen = f"{listing['title']} {listing['description']}"
        if row["family"] not in ("model_line",):
            assert row["disguised_text"].strip(" ") in seen
        assert listing["price_amount"] > 0
        assert listing["currency"] in plant.PER_USD


def test_rows_do_not_tell_their_truth(rows: list[plant.Planted]) -> None:
    for row in rows:
        for name in (row.listing.listing_id, row.listing.store_id, row.listing.seller_id):
            assert name is not None
            assert len(name) == 16
            assert int(name, 16) >= 0


def test_disguised_rows_do_not_carry_the_plain_name(rows: list[plant.Planted]) -> None:
    for row in rows:
        family = row.truth.family
        if family in plant.CHINESE_FAMILIES:
            brand = next(b for b in BRANDS if b.latin == row.truth.brand)
            assert brand.zh not in row.listing.title
        if family in plant.LATIN_FAMILIES or family in plant.CHINESE_FAMILIES:
            assert row.truth.brand not in row.listing.title
            assert row.listing.brand in ("", "其他", "No Brand", "OEM")


def test_controls_are_plain_and_ordinary(rows: list[plant.Planted]) -> None:
    controls = [row for row in rows if row.truth.family == plant.CONTROL]
    assert controls
    for row in controls:
        brand = next(b for b in BRANDS if b.latin == row.truth.brand)
        shown = row.listing.title.lower()
        assert brand.latin.lower() in shown or (brand.zh and brand.zh in shown)
        assert row.listing.brand == brand.latin


def test_absurd_prices_are_absurd_and_only_for_luxury(rows: list[plant.Planted]) -> None:
    for row in rows:
        if row.truth.family != "absurd_price":
            continue
        brand = next(b for b in BRANDS if b.latin == row.truth.brand)
        goods = row.truth.technique.removeprefix("absurd_")
        digits = honest.MINOR_DIGITS.get(row.listing.currency, 2)
        usd = row.listing.price_amount / 10**digits / plant.PER_USD[row.listing.currency]
        assert brand.luxury
        assert 0.009 <= usd / brand.price_usd(goods) <= 0.09


def test_titles_of_accessories_carry_no_brand() -> None:
    assert plant.goods_of("Women's Leather Handbag with chain") == "bag"
    assert plant.goods_of("Analog Watch - For Men") == "watch"
    assert plant.goods_of("Back cover for mobile phone") is None
    assert plant.goods_of("适用华为手机壳") is None


def test_prices_become_minor_units() -> None:
    assert honest.to_minor("10.5", "USD") == 1050
    assert honest.to_minor("22100", "CLP") == 22100
    assert honest.to_minor("1.748000000000000e+01", "MYR") == 1748
    assert honest.to_minor("", "USD") is None
    assert honest.to_minor("0", "USD") is None
    assert honest.to_minor("nan", "USD") is None


def _findings(path: Path, rows: list[tuple[str, str, str, float]]) -> Path:
    reason = pa.struct([("code", pa.string()), ("message", pa.string()), ("evidence", pa.string())])
    table = pa.table(
        {
            "id": [str(i) for i in range(len(rows))],
            "code": [code for code, _, _, _ in rows],
            "subject": pa.array(
                [{"kind": kind, "id": key} for _, kind, key, _ in rows],
                pa.struct([("kind", pa.string()), ("id", pa.string())]),
            ),
            "score": [score for _, _, _, score in rows],
            "reasons": pa.array(
                [[{"code": "r", "message": f"because {key}", "evidence": ""}] for _, _, key, _ in rows],
                pa.list_(reason),
            ),
        }
    )
    pq.write_table(table, path)
    return path


@pytest.fixture
def findings(tmp_path: Path) -> Path:
    return _findings(
        tmp_path / "findings.parquet",
        [
            ("goods.brand_disguised", "listing", "a1", 0.95),
            ("goods.brand_disguised", "listing", "a1", 0.40),
            ("goods.brand_disguised", "listing", "a2", 0.50),
            ("goods.replica_talk", "listing", "a2", 0.30),
            ("goods.brand_disguised", "listing", "a3", 0.49),
            ("goods.brand_disguised", "store", "a4", 0.99),
            ("goods.price_absurd", "listing", "c1", 0.60),
        ],
    )


@pytest.fixture
def truth(tmp_path: Path) -> Path:
    path = tmp_path / "truth.jsonl"
    families = {"a1": "leet", "a2": "leet", "a3": "leet", "a4": "leet", "c1": plant.CONTROL}
    path.write_text(
        "".join(
            json.dumps({"listing_id": key, "family": name, "technique": f"t{key[1]}"}) + "\n"
            for key, name in families.items()
        ),
        "utf-8",
    )
    return path


def test_judge_counts_right(findings: Path, truth: Path) -> None:
    results = judge.recall(judge.read_truth(truth), judge.read_findings(findings))
    assert [r.family for r in results] == ["leet", plant.CONTROL]
    leet, control = results
    assert (leet.at_05.hits, leet.at_09.hits, leet.at_05.n) == (2, 1, 4)
    assert sorted(leet.missed) == ["a3", "a4"]
    assert leet.codes == {"goods.brand_disguised": 2, "goods.replica_talk": 1}
    assert (control.at_05.hits, control.at_09.hits) == (1, 0)
    only = judge.recall(judge.read_truth(truth), judge.read_findings(findings, "goods.brand"))
    assert only[1].at_05.hits == 0
    finer = judge.recall(judge.read_truth(truth), judge.read_findings(findings), "technique")
    assert {r.family for r in finer} >= {"leet: t1", "leet: t4"}


def test_wilson_matches_published_values() -> None:
    rate = judge.wilson(8, 10)
    assert (round(rate.low, 3), round(rate.high, 3)) == (0.490, 0.943)
    assert judge.wilson(0, 20).low == 0.0
    assert round(judge.wilson(0, 20).high, 3) == 0.161
    assert judge.wilson(20, 20).high == 1.0
    assert judge.wilson(0, 0).value == 0.0


def test_false_alarms_per_10_000(findings: Path, tmp_path: Path) -> None:
    listings = tmp_path / "shop.parquet"
    rows = [honest.Listing(f"a{i}", "s", f"title {i}", 100, "USD") for i in range(1, 201)]
    pq.write_table(honest.table(rows), listings)
    hits = judge.read_findings(findings)
    result = judge.false_alarms(listings, hits)
    assert result.per_10k(0.5) == pytest.approx(100.0)
    assert result.per_10k(0.9) == pytest.approx(50.0)
    assert "because a1" in judge.sample_text(result)
    assert len(judge.false_alarms(listings, hits, sample=1).sample) == 1


def test_judge_speaks_markdown_and_json(findings: Path, truth: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert judge.main(["--findings", str(findings), "--truth", str(truth)]) == 0
    text = capsys.readouterr().out
    assert "| leet | 4 | 0.500 [" in text
    assert "lower is better" in text
    assert judge.main(["--findings", str(findings), "--truth", str(truth), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["recall"][0]["at_05"]["hits"] == 2


def test_misses_are_kept_for_reading(rows: list[plant.Planted], tmp_path: Path) -> None:
    listings, truth_path = plant.write(rows, tmp_path)
    kept = judge.read_truth(truth_path)
    hits = {rows[0].truth.listing_id: judge.Hit(0.8, {"x"}, ["x"])}
    run.save_misses(kept, judge.recall(kept, hits), hits, listings, tmp_path / "misses")
    files = {path.stem for path in (tmp_path / "misses").glob("*.jsonl")}
    assert files == set(plant.FAMILY_NAMES) - {plant.CONTROL} or plant.CONTROL in files
    lines = (tmp_path / "misses" / "homoglyph.jsonl").read_text("utf-8").splitlines()
    assert {"title", "disguised_text", "score"} <= set(json.loads(lines[0]))


shared = pytest.mark.skipif(honest.shared_data() is None, reason="AGORA_SHARED_DATA names no folder of real data")


@shared
def test_real_sets_become_listings() -> None:
    data = Path(os.environ["AGORA_SHARED_DATA"])
    for name, least in (("adidas_nike", 3000), ("shopee", 990), ("jd_titles_zh", 9900)):
        listings = honest.load(data, name)
        assert len(listings) >= least
        assert all(item.title and item.price_amount > 0 for item in listings)
        assert len({item.listing_id for item in listings}) == len(listings)


@shared
def test_real_titles_carry_every_family() -> None:
    bases, tables = plant.materials(Path(os.environ["AGORA_SHARED_DATA"]))
    rows = plant.plant(bases, tables, 5, 3)
    assert {row.truth.family for row in rows} == set(plant.FAMILY_NAMES)
    assert {row.truth.source for row in rows} >= {"own", "flipkart"}
