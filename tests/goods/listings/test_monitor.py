"""The check over a history: as it was submitted, by what was registered then."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner, Result

from agoranomos.enforcement.policy import load_policy as load_action_policy
from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.ordering import LATENESS
from agoranomos.engine.stream.run import Run
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, seed_of
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.monitor import ListingMonitor
from agoranomos.goods.listings.policy import load_policy
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import read_after
from agoranomos.judgements import tables
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.rules.keeping import keep_outputs
from tests.builders import NOW, make_vault

ACTIONS = load_action_policy()
FAKE = "Ｎ1KE AJ1 莆田纯原 1:1 ＋VX abc12345"
HONEST = "Canvas shoes, white, size 42"


def raw(kind: str, identity: str, minutes: int, **data: Any) -> dict[str, Any]:
    at = rfc3339(NOW + timedelta(minutes=minutes))
    return {"specversion": "1.0", "id": identity, "source": "shop", "type": kind, "time": at, "data": data}


def listed(
    identity: str, minutes: int, title: str = HONEST, listing: str = "l1", kind: str = "submitted"
) -> dict[str, Any]:
    price = {"amount": 29900, "currency": "CNY"}
    return raw(f"listing.{kind}", identity, minutes, listing_id=listing, store_id="s1", title=title, price=price)


def registered(identity: str, minutes: int, brand: str = "nike", **fields: Any) -> dict[str, Any]:
    return raw("brand.registered", identity, minutes, brand_id=brand, names=[brand.title()], **fields)


class Judges:
    """Makes judges: always the same one, and keeps what registries it was asked for."""

    def __init__(self, judge: TextJudge) -> None:
        self.judge = judge
        self.asked: list[RegistrySnapshot] = []

    def __call__(self, snapshot: RegistrySnapshot) -> TextJudge:
        self.asked.append(snapshot)
        return self.judge


def monitor(judges: Judges, brands: tuple[Brand, ...] = ()) -> ListingMonitor:
    return ListingMonitor(judges, load_policy(), version="1", brands=brands, lower=seed_of)


@pytest.fixture
def judges(judge: TextJudge) -> Judges:
    return Judges(judge)


def heard(watching: ListingMonitor, *events: dict[str, Any]) -> list[Output]:
    return Run([watching]).feed([parse_event(event) for event in events])


def decisions(outputs: list[Output]) -> list[Decision]:
    return [each for each in outputs if isinstance(each, Decision)]


def findings(outputs: list[Output]) -> list[Finding]:
    return [each for each in outputs if isinstance(each, Finding)]


def test_every_listing_gets_a_decision_at_its_time(judges: Judges) -> None:
    outputs = heard(monitor(judges), registered("b", 0), listed("e1", 1), listed("e2", 2, FAKE, "l2"))
    made = decisions(outputs)
    assert [(each.subject.id, each.outcome == Outcome.APPROVE) for each in made] == [("l1", True), ("l2", False)]
    assert [each.at for each in made] == ["2026-05-01T08:01:00Z", "2026-05-01T08:02:00Z"]
    found = findings(outputs)
    assert {each.subject.id for each in found} == {"l2"}
    assert all(each.event_ids == ("e2",) and each.revision == 1 for each in found)
    assert len({each.id for each in found}) == len(found)


def test_one_by_one_or_many_at_once_says_the_same(judges: Judges) -> None:
    events = [
        parse_event(each)
        for each in (
            registered("b1", 0),
            *(
                listed(f"e{number}", number, FAKE if number % 3 else HONEST, f"l{number % 5}")
                for number in range(1, 12)
            ),
            registered("b2", 12, "gucci"),
            *(listed(f"e{number}", number, FAKE, f"l{number % 5}", "updated") for number in range(13, 17)),
        )
    ]
    together = Run([monitor(judges)]).feed(events)
    run = Run([monitor(judges)])
    apart = [output for event in events for output in run.feed([event])]
    assert apart == together
    first = monitor(judges)
    resumed = monitor(judges)
    outputs = Run([first]).feed(events[:9])
    resumed.resume(first.state())
    assert outputs + Run([resumed]).feed(events[9:]) == together


def test_a_judge_is_made_only_when_the_registry_has_changed(judges: Judges) -> None:
    heard(
        monitor(judges),
        registered("b1", 0), registered("b2", 1, "gucci"), listed("e1", 2), listed("e2", 3),
        registered("b3", 4), listed("e3", 5),
        registered("b4", 6, aliases=["耐可"]), listed("e4", 7),
    )  # fmt: skip
    assert len(judges.asked) == 2, "saying the same again changes nothing"
    names = [{brand.brand_id for brand in snapshot.brands} for snapshot in judges.asked]
    assert names == [{"nike", "gucci"}] * 2, "no other brand of the seed is known"
    assert "耐克" in judges.asked[0].get("nike").called(), "but what the seed knows of these"
    assert "耐可" in judges.asked[1].get("nike").called()


def test_brands_of_a_registry_are_known_from_the_start(judges: Judges) -> None:
    heard(monitor(judges, (Brand(brand_id="gucci", names=("Gucci",)),)), listed("e1", 2))
    assert [brand.brand_id for brand in judges.asked[0].brands] == ["gucci"]


def test_a_finding_that_stands_is_revised_and_one_that_comes_back_is_new(judges: Judges) -> None:
    watching = monitor(judges)
    outputs = heard(
        watching,
        listed("e1", 1, FAKE), listed("e2", 2, FAKE + " 包邮", kind="updated"),
        listed("e3", 3, kind="updated"), listed("e4", 4, FAKE, kind="updated"),
    )  # fmt: skip
    of_one = [each for each in findings(outputs) if each.code == "goods.suspected_counterfeit"]
    assert [(each.revision, each.event_ids) for each in of_one] == [(1, ("e1",)), (2, ("e2",)), (1, ("e4",))]
    assert of_one[0].id == of_one[1].id != of_one[2].id
    heard(watching, raw("listing.removed", "e5", 5, listing_id="l1", by="platform"))
    assert watching._known.episodes == {}


def test_what_cannot_be_used_is_refused_and_not_dropped(judges: Judges) -> None:
    run = Run([monitor(judges)])
    outputs = run.feed([parse_event(each) for each in (listed("e1", 1, "   "), listed("e2", 2))])
    assert [each.subject.id for each in decisions(outputs)] == ["l1"]
    assert [(each.event_id, each.pointer) for each in run.refused()] == [("e1", "/data/title")]
    assert run.refused() == []


def test_a_replay_and_the_live_stream_say_the_same(judges: Judges, store: Store, tmp_path: Path) -> None:
    draw = random.Random(5)
    told = [
        registered("b1", 0),
        *(listed(f"e{number}", number, draw.choice([HONEST, FAKE]), f"l{number % 7}") for number in range(1, 40)),
        registered("b2", 40, "gucci"),
        *(
            listed(f"u{number}", number, draw.choice([HONEST, FAKE]), f"l{number % 7}", kind="updated")
            for number in range(41, 60)
        ),
    ]
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in told))
    replay(event_files([path]), lambda: [monitor(judges)], tmp_path / "out", progress=Progress(lambda _: None))
    # They arrive a little out of order, some twice, in several requests.
    arriving = sorted(told, key=lambda each: (each["time"], draw.random()))
    for place in range(0, len(arriving) - 4, 5):
        part = arriving[place : place + 4]
        draw.shuffle(part)
        arriving[place : place + 4] = part
    received = NOW + timedelta(hours=1)
    for start in range(0, len(arriving), 9):
        with store.transaction() as connection:
            events = [parse_event(each) for each in arriving[max(0, start - 2) : start + 9]]
            accept(connection, make_vault(), events, now=received)
    follower = Live(
        store, lambda: monitor(judges), read_after=lambda c, position, limit: read_after(c, position, limit=limit),
        keep=partial(keep_outputs, policy=ACTIONS), mine=lambda _: None,
    )  # fmt: skip
    while not follower.step(received + LATENESS).idle:
        pass
    assert follower.late == 0
    for table, name in ((tables.findings, "findings"), (tables.decisions, "decisions")):
        with store.reading() as connection:
            live = {row["id"]: row for row in connection.execute(sa.select(table.c.document)).scalars()}
        lines = (tmp_path / "out" / f"{name}.jsonl").read_bytes().splitlines()
        assert live == {row["id"]: row for row in map(json.loads, lines)}, "of findings the last revision"
        assert len(live) > 5


@pytest.mark.slow
def test_the_command_replays_a_history(tmp_path: Path, judge_cache: Path) -> None:
    lines = [registered("b", 0), listed("e1", 1), listed("e2", 2, FAKE, "l2"), listed("e2", 2, FAKE, "l2")]
    path = tmp_path / "events.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in lines) + b"{broken\n")
    home = tmp_path / "home"
    home.mkdir()
    (home / "cache").symlink_to(judge_cache)

    def agora(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["replay", *arguments], env={"AGORA_HOME": str(home)})

    told = agora(str(path), "--out", str(tmp_path / "one"), "--json")
    assert told.exit_code == 0, told.output
    summary = json.loads(told.stdout)
    assert summary["events"] == {"lines": 5, "heard": 3, "repeated": 1, "rejected": 1}
    assert sum(summary["decisions"].values()) == 2
    again = agora(str(path), "--out", str(tmp_path / "two"))
    assert again.exit_code == 0
    assert "3 events heard" in again.stdout
    for name in ("findings.jsonl", "decisions.jsonl", "actions.jsonl", "rejects.jsonl", "summary.json"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert agora(str(tmp_path / "none.jsonl"), "--out", str(tmp_path / "x")).exit_code == 2
