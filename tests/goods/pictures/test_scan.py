"""`agora scan --pictures-root` as people call it, and that the check and a replay of the same listings say the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay_desks
from agoranomos.engine.stream.lines import event_files
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.pictures.judge import SeeingJudge
from agoranomos.main import cli
from agoranomos.wiring import Wiring
from tests.builders import NOW, make_money
from tests.engine.pictures.drawing import drawn, file_of
from tests.goods.pictures import catalogue

pytestmark = pytest.mark.slow


class Scanned:
    """A home with known pictures, and what a scan found."""

    def __init__(self, folder: Path, judge_cache: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        (self.home / "cache").mkdir(parents=True)
        (self.home / "cache" / "lexicons").symlink_to(judge_cache / "lexicons")
        self.root = folder / "pictures"
        catalogue.pictures(self.root)
        fakes, genuine = catalogue.known_folders(folder)
        self.added = self.agora("pictures", "add-fakes", fakes)
        self.agora("pictures", "add-genuine", genuine, "--brand", "nike")
        self.listings = catalogue.write(folder / "listings.jsonl")
        self.summary = self.scan()
        self.findings: list[dict[str, Any]] = pq.read_table(folder / "out" / "findings.parquet").to_pylist()

    def agora(self, *arguments: object) -> Any:
        given = [str(each) for each in arguments]
        done = CliRunner().invoke(cli, [*given, "--json"], env={"AGORA_HOME": str(self.home)})
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    def scan(self) -> Any:
        options = ("--out", self.folder / "out", "--pictures-root", self.root, "--workers", 1, "--words-seconds", 0)
        return self.agora("scan", self.listings, *options)

    def of(self, listing: str) -> dict[str, dict[str, Any]]:
        """The findings on a listing by their codes."""
        return {each["code"]: each for each in self.findings if each["subject"]["id"] == listing}

    def wiring(self) -> Wiring:
        return Wiring(self.home, clock=lambda: NOW).with_pictures(self.root)


def related(finding: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one["kind"], one["id"], one["role"]) for one in finding["related"]}


@pytest.fixture(scope="session")
def scanned(tmp_path_factory: pytest.TempPathFactory, judge: object, judge_cache: Path) -> Scanned:
    return Scanned(tmp_path_factory.mktemp("scanned"), judge_cache)


@pytest.fixture(scope="session")
def seeing(scanned: Scanned) -> Iterator[SeeingJudge]:
    judge = scanned.wiring().check_judge()
    assert isinstance(judge, SeeingJudge)
    yield judge
    judge.close()


def test_copies_of_known_fakes_are_found_and_named(scanned: Scanned) -> None:
    for listing, name in (("mirrored", "fake-7"), ("cropped", "fake-8")):
        finding = scanned.of(listing)["goods.picture_of_known_fake"]
        assert ("picture", name, "reference") in related(finding)
        assert finding["score"] > 0.9
    evidence = json.loads(scanned.of("mirrored")["goods.picture_of_known_fake"]["reasons"][0]["evidence"])
    (shown,) = evidence["pictures"]
    assert (shown["number"], shown["path"], shown["reference"]) == (2, "mirrored.jpg", "fake-7")
    assert "mirrored" in shown["how"]
    assert shown["marks"] > 10


def test_a_brands_own_picture_says_whose_goods_these_are_and_is_nobodys_theft(scanned: Scanned) -> None:
    for listing in ("branded", "branded-too"):
        assert "goods.picture_shared" not in scanned.of(listing)
        assert "goods.picture_of_known_fake" not in scanned.of(listing)


def test_the_same_picture_in_unrelated_stores_is_a_ring(scanned: Scanned) -> None:
    found = {listing: scanned.of(listing)["goods.picture_shared"] for listing in ("shared-1", "shared-2", "shared-3")}
    assert len({each["ring_id"] for each in found.values()}) == 1
    assert ("listing", "shared-2", "member") in related(found["shared-1"])
    assert ("store", "s6", "member") in related(found["shared-1"])
    assert ("listing", "shared-1", "member") in related(found["shared-2"])
    assert ("listing", "shared-3", "member") not in related(found["shared-2"]), "another store of the same seller"
    assert not scanned.of("mine-1"), "two listings of one store"


def test_hashes_of_one_picture_are_a_ring_as_well(scanned: Scanned) -> None:
    first, second = (scanned.of(listing)["goods.picture_shared"] for listing in ("hashed-1", "hashed-2"))
    assert first["ring_id"] == second["ring_id"]
    assert ("listing", "hashed-2", "member") in related(first)


def test_codes_in_pictures_lead_away(scanned: Scanned) -> None:
    finding = scanned.of("coded")["goods.contact_in_picture"]
    assert finding["score"] > 0.8
    assert "kExample" not in json.dumps(finding), "only where it leads, not to whom"


def test_what_cannot_be_looked_at_is_counted_with_a_reason(scanned: Scanned) -> None:
    assert scanned.summary["pictures_skipped"] == catalogue.SKIPPED
    assert scanned.summary["pictures"] == 15
    counts = scanned.summary["picture_counts"]
    assert counts["named"] == 15 + sum(catalogue.SKIPPED.values())
    assert counts["decoded"] == counts["contents"] + 7, "files that turned out to be no pictures were new as well"
    assert scanned.summary["pictures_per_s"] > 0
    page = (scanned.folder / "out" / "summary.html").read_text("utf-8")
    assert "pictures looked at" in page
    assert "Pictures not looked at" in page
    assert "shows the known fake" in page


def test_every_kind_of_file_is_read_or_skipped_with_its_reason(scanned: Scanned, seeing: SeeingJudge) -> None:
    files = list(catalogue.BAD_INPUT)
    shown = Listing(listing_id="x", store_id="s9", title=catalogue.WORDS, price=None, pictures=tuple(files))
    assessed = seeing.assess(shown)
    (unseen,) = [one for one in assessed.signals if one.code == "goods.pictures_not_seen"]
    reasons = [reason for _, reason in catalogue.BAD_INPUT.values() if reason]
    assert unseen.values["skipped"] == {each: reasons.count(each) for each in sorted(set(reasons))}
    for name, (_, reason) in catalogue.BAD_INPUT.items():
        if reason is None:
            finding = scanned.of(name)["goods.picture_of_known_fake"]
            assert ("picture", "fake-9", "reference") in related(finding), name


def test_a_second_night_decodes_nothing_and_finds_the_same(scanned: Scanned) -> None:
    out = scanned.folder / "out"
    again = scanned.scan()
    assert again["picture_counts"]["decoded"] == 0
    assert again["judge_version"] == scanned.summary["judge_version"]
    findings = pq.read_table(out / "findings.parquet").to_pylist()
    assert [{**each, "at": ""} for each in findings] == [{**each, "at": ""} for each in scanned.findings]
    assert not (out / ".pictures").exists()


def test_a_scan_that_was_stopped_decodes_nothing_twice(scanned: Scanned, monkeypatch: pytest.MonkeyPatch) -> None:
    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    folder = scanned.folder / "stopped"
    (folder / "pictures").mkdir(parents=True)
    for seed in (20, 21):
        (folder / "pictures" / f"{seed}.jpg").write_bytes(file_of(drawn(seed)))
    row = {**catalogue.rows()[0], "picture_paths": ["20.jpg", "21.jpg"]}
    (folder / "listings.jsonl").write_text(json.dumps(row) + "\n", "utf-8")
    options = ("--out", folder / "out", "--pictures-root", folder / "pictures", "--workers", 1, "--words-seconds", 0)
    command = ("scan", folder / "listings.jsonl", *options)
    with monkeypatch.context() as patch:
        patch.setattr("agoranomos.goods.pictures.scanning._tied", stopped)
        done = CliRunner().invoke(cli, [*map(str, command)], env={"AGORA_HOME": str(scanned.home)})
        assert done.exit_code == 130
    assert not (folder / "out" / "findings.parquet").exists()
    again = scanned.agora(*command)
    assert (again["picture_counts"]["contents"], again["picture_counts"]["decoded"]) == (2, 0)


def test_known_pictures_are_listed_checked_and_removed(scanned: Scanned) -> None:
    first = scanned.agora("pictures", "list", "--limit", "1")
    rest = scanned.agora("pictures", "list", "--after", first["next_after"])
    assert [each["name"] for each in first["items"] + rest["items"]] == ["fake-7", "fake-8", "fake-9", "air-front"]
    assert rest["next_after"] is None
    assert [each["name"] for each in scanned.agora("pictures", "list", "--role", "genuine")["items"]] == ["air-front"]
    checked = scanned.agora("pictures", "check", scanned.root / "mirrored.jpg", scanned.root / "empty.jpg")
    shown, empty = checked["items"]
    assert [(one["role"], one["name"]) for one in shown["resembles"]] == [("fake", "fake-7")]
    assert empty["skipped"] == "empty"
    again = scanned.agora("pictures", "add-fakes", scanned.root / "mine.jpg")
    assert (again["added"], again["skipped"]) == (1, 0)
    assert [each["name"] for each in scanned.agora("pictures", "remove", "mine")["items"]] == ["mine"]
    for wrong in (("remove", "mine"), ("add-fakes", scanned.folder / "home" / "cache" / "no-such")):
        done = CliRunner().invoke(cli, ["pictures", *map(str, wrong)], env={"AGORA_HOME": str(scanned.home)})
        assert done.exit_code == 2, done.output


def _listings() -> list[Listing]:
    return [
        Listing(
            listing_id=row["listing_id"], store_id=row["store_id"], seller_id=row["seller_id"], title=row["title"],
            price=make_money(row["price_amount"]), pictures=tuple(row["picture_paths"]),
        )
        for row in catalogue.rows()
    ]  # fmt: skip


def _alone(findings: Any) -> dict[str, float]:
    """The scores of findings that need no other listing to be known."""
    return {code: score for code, score in findings if code not in ("goods.picture_shared",)}


def test_the_check_of_one_listing_says_what_the_scan_says(scanned: Scanned, seeing: SeeingJudge) -> None:
    for listing in _listings():
        made: Assessment = seeing.assess(listing)
        checked = _alone((each.code, each.score) for each in made.findings)
        found = _alone((code, each["score"]) for code, each in scanned.of(listing.listing_id).items())
        assert checked == found, listing.listing_id
        unseen = [one for one in made.signals if one.code == "goods.pictures_not_seen"]
        assert bool(unseen) == (listing.listing_id in ("hostile", "elsewhere", "hashed-1", "hashed-2"))


def test_a_glance_never_passes_a_picture_by(seeing: SeeingJudge) -> None:
    plain, shown = Listing(listing_id="l", store_id="s", title="mug", price=None), ("no-such.jpg",)
    assert seeing.glance(plain) is not None
    assert seeing.glance(Listing(listing_id="l", store_id="s", title="mug", price=None, pictures=shown)) is None


def test_a_replay_says_what_the_scan_says(scanned: Scanned, tmp_path: Path) -> None:
    events = []
    for number, row in enumerate(catalogue.rows()):
        if row["listing_id"] == "elsewhere":
            continue  # holds what no event may hold
        price = {"amount": row["price_amount"], "currency": row["currency"]}
        data = {"listing_id": row["listing_id"], "store_id": row["store_id"], "title": row["title"], "price": price}
        time = f"2026-05-01T00:{number:02d}:00Z"
        event = {"specversion": "1.0", "id": str(number), "source": "shop", "type": "listing.submitted", "time": time}
        events.append(json.dumps({**event, "data": {**data, "pictures": row["picture_paths"]}}))
    file = tmp_path / "events.jsonl"
    file.write_text("\n".join(events) + "\n", "utf-8")
    wiring = scanned.wiring()
    summary = replay_desks(
        event_files([str(file)]),
        wiring.replaying().desks(),
        tmp_path / "out",
        progress=Progress(lambda _: None),
    )
    assert summary["events"]["rejected"] == 0
    lines = (tmp_path / "out" / "findings.jsonl").read_text("utf-8").splitlines()
    found: dict[str, dict[str, float]] = {}
    for line in map(json.loads, lines):
        found.setdefault(line["subject"]["id"], {})[line["code"]] = line["score"]
    for listing in ("mirrored", "cropped", "coded"):
        assert _alone(found[listing].items()) == _alone(
            (code, each["score"]) for code, each in scanned.of(listing).items()
        )
    for listing in ("shared-1", "shared-2", "hashed-1", "hashed-2"):
        shared = scanned.of(listing)["goods.picture_shared"]
        assert found[listing]["goods.picture_shared"] == shared["score"], "whoever shows it first is told as well"
    assert "goods.picture_shared" not in found.get("branded", {})
    decisions = (tmp_path / "out" / "decisions.jsonl").read_text("utf-8")
    assert "goods.pictures_not_seen" in decisions
