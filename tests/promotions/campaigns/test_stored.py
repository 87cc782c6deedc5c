"""Campaigns are kept as they were declared, the same in the store and in memory."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from click.testing import CliRunner

from agoranomos.hearing import HEARERS
from agoranomos.intake.actions import accept
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.main import cli
from agoranomos.promotions.campaigns import queries
from agoranomos.promotions.campaigns.book import CampaignBook
from agoranomos.promotions.campaigns.model import Declared
from tests.builders import make_vault
from tests.promotions.making import cny, fixed, percent

BEGIN = datetime(2026, 5, 1, tzinfo=UTC)
NOW = BEGIN + timedelta(days=30)
FIVE = {"id": "a", "benefit": fixed(500), "owner": "spring team"}
TEN = {"id": "a", "benefit": fixed(1_000)}


def event(hours: int, kind: str, data: dict[str, Any], event_id: str = "") -> Event:
    raw = {
        "id": event_id or f"{kind}-{hours}", "source": "tests", "type": kind, "data": data, "specversion": "1.0",
        "time": (BEGIN + timedelta(hours=hours)).isoformat(),
    }  # fmt: skip
    return parse_event(raw)


def declared(hours: int, entry: dict[str, Any]) -> Event:
    return event(hours, "campaign.declared", {"campaign": entry})


def ended(hours: int, campaign_id: str = "a") -> Event:
    return event(hours, "campaign.ended", {"campaign_id": campaign_id})


STORIES: dict[str, tuple[list[Event], tuple[int, int, int | None]]] = {
    "declared": ([declared(0, FIVE)], (1, 500, None)),
    "changed": ([declared(0, FIVE), declared(1, TEN)], (2, 1_000, None)),
    "the same again": ([declared(0, FIVE), declared(1, FIVE)], (1, 500, None)),
    "late": ([declared(1, TEN), declared(0, FIVE)], (2, 1_000, None)),
    "ended": ([declared(0, FIVE), ended(1)], (1, 500, 1)),
    "the end comes first": ([ended(1), declared(0, FIVE)], (1, 500, 1)),
    "an older end": ([declared(0, FIVE), ended(2), ended(1)], (1, 500, 2)),
    "opened again": ([declared(0, FIVE), ended(1), declared(2, TEN)], (2, 1_000, None)),
}
"""Events in the order of arrival; then the version, the benefit, and the hour of the end."""


def of_campaign(of: Event, campaign_id: str) -> Event:
    """The same event about another campaign."""
    hours = (of.time - BEGIN) // timedelta(hours=1)
    if of.type == "campaign.ended":
        return event(hours, of.type, {"campaign_id": campaign_id}, f"{campaign_id}:{of.id}")
    entry = {**of.data["campaign"], "id": campaign_id}
    return event(hours, of.type, {"campaign": entry}, f"{campaign_id}:{of.id}")


def taken_in(store: Store, events: list[Event]) -> None:
    with store.transaction() as connection:
        accept(connection, make_vault(), events, now=NOW, hearers=HEARERS)


def told(found: Declared) -> tuple[int, int, int | None]:
    value = found.document["benefit"]["value"]["amount"]
    return found.version, value, None if found.ended_at is None else (found.ended_at - BEGIN) // timedelta(hours=1)


def test_the_store_and_the_book_say_the_same(store: Store) -> None:
    book, names = CampaignBook(), {story: f"c{place}" for place, story in enumerate(STORIES)}
    for story, (events, _) in STORIES.items():
        renamed = [of_campaign(each, names[story]) for each in events]
        taken_in(store, renamed)
        for each in renamed:
            book.hear(each)
    with store.reading() as connection:
        stored = queries.campaigns(connection)
    again = CampaignBook()
    again.resume(book.state())
    assert stored == list(book) == list(again)
    for one, (story, (_, expected)) in zip(stored, STORIES.items(), strict=True):
        assert told(one) == expected, story


def test_fields_that_nobody_knows_are_kept(store: Store) -> None:
    taken_in(store, [declared(0, FIVE)])
    with store.reading() as connection:
        assert queries.campaign(connection, "a").document == FIVE


def test_all_versions_are_kept(store: Store) -> None:
    taken_in(store, [declared(0, FIVE), declared(1, FIVE), declared(2, TEN), ended(3)])
    with store.reading() as connection:
        found = queries.versions(connection, "a")
    assert [told(each) for each in found] == [(1, 500, 3), (2, 1_000, 3)]


def test_terms_that_cannot_be_used_give_nothing(store: Store) -> None:
    broken = {"id": "a", "benefit": {"kind": "percent", "value": cny(5)}}
    taken_in(store, [declared(0, broken)])
    with store.reading() as connection, pytest.raises(NotFound):
        queries.campaign(connection, "a")
    with pytest.raises(Invalid) as refused:
        CampaignBook().hear(declared(0, broken))
    assert refused.value.pointer == "/data/campaign/benefit/value"


def test_pages_go_by_id_and_only_what_gives(store: Store) -> None:
    entries = [{"id": name, "benefit": percent(5)} for name in "abcd"]
    taken_in(store, [declared(place, entry) for place, entry in enumerate(entries)] + [ended(9, "c")])
    with store.reading() as connection:
        assert [each.id for each in queries.campaigns(connection, after="a", limit=2)] == ["b", "c"]
        assert [each.id for each in queries.gives_at(connection, NOW)] == ["a", "b", "d"]
        with pytest.raises(NotFound):
            queries.campaign(connection, "e")


def test_commands(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    lines = [
        {"specversion": "1.0", "id": f"e{place}", "source": "tests", "type": "campaign.declared",
         "time": f"2026-05-0{place + 1}T00:00:00Z", "data": {"campaign": entry}}
        for place, entry in enumerate([FIVE, {**TEN, "min_spend": cny(5_000)}])
    ]  # fmt: skip
    file = tmp_path / "events.jsonl"
    file.write_bytes(b"\n".join(msgspec.json.encode(line) for line in lines))
    run = CliRunner().invoke
    assert run(cli, ["ingest", str(file)]).exit_code == 0
    assert run(cli, ["promotions", "list"]).stdout == "a  v2  always to no end  10.00 CNY off\n"
    shown = msgspec.json.decode(run(cli, ["promotions", "show", "a", "--versions", "--json"]).stdout)
    assert [each["version"] for each in shown["items"]] == [1, 2]
    assert run(cli, ["promotions", "show", "b"]).exit_code == 2
