"""Numbers over the store: given once, refused after their end, counted, taken from a store that is reported."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from agoranomos.audit import queries as audit
from agoranomos.enforcement import queries as enforced
from agoranomos.judgements.queries import About, list_findings
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.reviews.numbers.exchange import Exchange
from agoranomos.reviews.numbers.model import Counts
from agoranomos.reviews.numbers.provider import Wish
from agoranomos.reviews.numbers.telling import reported
from tests.reviews.numbers.builders import ADA, DAY0, POLICY, Desk, company, policy_for, told


def test_an_order_has_one_number_while_it_lives(store: Store) -> None:
    desk = Desk(store)
    first = desk.numbers.bind("o1", "s1", "a1", by=ADA)
    assert first.virtual_number == "17000000000"
    assert first.expires_at == DAY0 + timedelta(days=15)
    assert desk.numbers.bind("o1", "s1", "a1", by=ADA) == first
    with pytest.raises(Conflict, match="another store"):
        desk.numbers.bind("o1", "s2", "a1", by=ADA)
    for until in (DAY0, DAY0 + timedelta(days=61)):
        with pytest.raises(Invalid):
            desk.numbers.bind("o2", "s1", "a1", until=until, by=ADA)
    [event] = desk.log("number.bound")
    assert event.data == {
        "virtual_number": "17000000000", "order_id": "o1", "store_id": "s1", "account_id": "a1",
        "expires_at": rfc3339(first.expires_at),
    }  # fmt: skip
    desk.hours = 16 * 24
    again = desk.numbers.bind("o1", "s1", "a1", by=ADA)
    assert (again.turn, again.virtual_number) == (2, "17000000001"), "the first one rests"


def test_calls_are_put_through_while_it_lives_and_refused_and_counted_after(store: Store) -> None:
    desk = Desk(store)
    number = desk.numbers.bind("o1", "s1", "a1", by=ADA).virtual_number or ""
    ring = desk.numbers.ring
    assert ring(number, "store", "c1").put_through
    assert ring(number, "courier", "c2", duration_s=12.5).put_through
    assert ring(number, "unknown", "c3").refused == "numbers.unknown_caller"
    assert ring(number, "store", "c4", store_id="s2").refused == "numbers.unknown_caller", "another store"
    assert ring("17099999999", "store", "c5").refused == "numbers.not_given"
    desk.hours = 15 * 24
    for _ in range(3):
        assert ring(number, "store", "c6").refused == "numbers.ended", "the moment it ends; asked again counts once"
    assert ring(number, "unknown", "c7").refused == "numbers.ended"
    assert desk.numbers.get("o1").counts == Counts(through=2, ended=2, unknown=2)
    calls = desk.log("number.called")
    assert [(each.data["from"], each.data["refused"]) for each in calls] == [
        ("store", ""), ("unknown", ""), ("unknown", "numbers.unknown_caller"), ("unknown", "numbers.unknown_caller"),
        ("store", "numbers.ended"), ("unknown", "numbers.ended"),
    ]  # fmt: skip
    for wrong in ("", "x" * 129):
        with pytest.raises(Invalid):
            ring(number, "store", wrong)


def test_another_number_takes_its_place_until_the_same_moment(store: Store) -> None:
    desk = Desk(store)
    first = desk.numbers.bind("o1", "s1", "a1", by=ADA)
    desk.hours = 5
    second = desk.numbers.rotate("o1", by=ADA)
    assert (second.turn, second.expires_at) == (2, first.expires_at)
    assert second.virtual_number != first.virtual_number
    assert desk.numbers.ring(first.virtual_number or "", "store", "c1").refused == "numbers.ended"
    assert desk.numbers.ring(second.virtual_number or "", "store", "c2").put_through
    bound = [(each.data["virtual_number"], each.data["expires_at"]) for each in desk.log("number.bound")]
    assert bound[1] == (first.virtual_number, rfc3339(desk.now())), "whoever listens learns of the early end"
    assert desk.numbers.end("o1", by=ADA).ending == "wish"
    assert desk.numbers.end("o1", by=ADA).ending == "wish", "again changes nothing"
    with pytest.raises(Conflict, match="bind a new one"):
        desk.numbers.rotate("o1", by=ADA)
    for verb in (desk.numbers.rotate, desk.numbers.end):
        with pytest.raises(NotFound):
            verb("nobody", by=ADA)


def test_a_report_protects_at_once_and_once_a_day(store: Store) -> None:
    desk = Desk(store)
    old = desk.numbers.bind("o1", "s1", "a1", by=ADA)
    others = [desk.numbers.bind(f"p{n}", *pair, by=ADA) for n, pair in enumerate((("s2", "a1"), ("s1", "a2")))]
    desk.hours = 1
    made = desk.numbers.report("a1", "s1", review_id="v1", text="They ring all day.", by=ADA)
    assert [(each.kind, each.subject.id) for each in made.actions] == [("contact.block", "a1"), ("number.expire", "o1")]
    assert {each.status for each in made.actions} == {"pending"}, "nobody has to agree first"
    assert desk.numbers.report("a1", "s1", review_id="v1", by=ADA).actions == ()
    assert len(desk.log("harassment.reported")) == 1
    new = desk.numbers.get("o1")
    assert (new.turn, new.parties) == (2, ("courier",))
    ring = desk.numbers.ring
    assert ring(old.virtual_number or "", "store", "c1").refused == "numbers.ended"
    assert ring(new.virtual_number or "", "store", "c2").refused == "numbers.blocked"
    assert ring(new.virtual_number or "", "courier", "c3").put_through
    later = desk.numbers.bind("o9", "s1", "a1", by=ADA)
    assert ring(later.virtual_number or "", "store", "c4").refused == "numbers.blocked", "of later orders as well"
    for number, each in enumerate(others):
        assert ring(each.virtual_number or "", "store", f"c5{number}").put_through, "nobody else is touched"
    with store.reading() as connection:
        [found] = list_findings(connection, About(), after=None, limit=9)
    assert (found.subject.id, found.score) == ("s1", 0.2), "one report is worth nobody's time"
    desk.hours = 181 * 24
    again = desk.numbers.bind("o10", "s1", "a1", by=ADA)
    assert ring(again.virtual_number or "", "store", "c6").put_through, "it ends"


def test_what_a_report_in_the_log_has_ended_is_ended_by_the_sweep(store: Store) -> None:
    desk = Desk(store)
    desk.numbers.bind("o1", "s1", "a1", by=ADA)
    event = told("harassment.reported", 0.5, "h", report_id="j", buyer_id="a1", store_id="s1")
    with store.transaction() as connection:
        desk.rooms._keep(connection, reported(event, ["o1", "unknown"], POLICY, lambda *_: False), desk.now())
    desk.hours = 1
    assert desk.numbers.sweep() == 1
    assert desk.numbers.get("o1").parties == ("courier",)
    assert desk.numbers.sweep() == 0
    with store.reading() as connection:
        found = enforced.listed(connection, enforced.About(kind="number.expire"), after=None, limit=9)
    assert {each.subject.id for each in found} == {"o1", "unknown"}


def test_what_is_over_is_told_to_the_exchange(store: Store) -> None:
    desk = Desk(store)
    desk.numbers.bind("o1", "s1", "a1", by=ADA)
    assert desk.numbers.sweep() == 0
    desk.hours = 15 * 24 + 1
    assert desk.numbers.sweep() == 1
    ended = desk.numbers.get("o1")
    assert (ended.state, ended.ending, ended.ended_at) == ("ended", "expired", ended.expires_at)
    assert desk.numbers.sweep() == 0


def test_nobody_gets_what_another_has_or_had_a_moment_ago(store: Store) -> None:
    source = msgspec.structs.replace(POLICY.provider, size=3, rest_days=2)
    exchange, until = Exchange(store, source), DAY0 + timedelta(days=1)

    def wish(name: str) -> Wish:
        return Wish(binding_id=name, a="a", b=("s",), expires_at=until)

    with ThreadPoolExecutor(3) as pool:
        given = list(pool.map(lambda name: exchange.bind(wish(name), DAY0), ("b1", "b2", "b3")))
    assert sorted(given) == ["170000", "170001", "170002"]
    assert exchange.bind(wish("b1"), DAY0) == given[0], "the same to the same"
    for hours in (0, 24, 71):
        with pytest.raises(Conflict, match="in use or at rest"):
            exchange.bind(wish("b4"), DAY0 + timedelta(hours=hours))
    exchange.expire("b2", DAY0)
    exchange.expire("nobody", DAY0)
    assert exchange.bind(wish("b4"), DAY0 + timedelta(hours=48)) == given[1]


def test_a_company_over_http_gives_numbers_and_is_told_of_their_end(store: Store, tmp_path: Path) -> None:
    with company() as far:
        desk = Desk(store, policy_for(tmp_path, far.url))
        bound = desk.numbers.bind("o1", "s1", "a1", by=ADA)
        assert bound.virtual_number == "+861700000000"
        path, body = far.asked[0]
        assert (path, body["a"], body["b"]) == ("/v2/bindings", "a1", ["s1", "courier"])
        assert body["expires_at"] == rfc3339(bound.expires_at)
        desk.numbers.rotate("o1", by=ADA)
        assert far.ended == [bound.binding_id]
        made = desk.numbers.report("a1", "s1", by=ADA)
        assert len(made.actions) == 2
        assert far.asked[-1][1]["b"] == ["courier"]


def test_whatever_the_company_does_is_finished_later(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with company() as far, caplog.at_level(logging.DEBUG):
        desk = Desk(store, policy_for(tmp_path, far.url))
        far.broken = [(503, b""), (200, b'{"virtual_number": "secret"}')]
        for reason in ("http_503", "without a `virtual_number`"):
            with pytest.raises(Conflict, match=reason) as refused:
                desk.numbers.bind("o1", "s1", "a1", by=ADA)
            assert "secret" not in str(refused.value)
        assert desk.numbers.get("o1").state == "asked"
        assert desk.numbers.sweep() == 0, "whoever asked may still ask again"
        desk.hours = 1
        assert desk.numbers.sweep() == 1
        assert desk.numbers.get("o1").state == "bound"
        far.broken = [(500, b"")]
        number = desk.numbers.get("o1").virtual_number or ""
        desk.numbers.end("o1", by=ADA)
        assert desk.numbers.ring(number, "store", "c1").refused == "numbers.ended", "we refuse, whatever it does"
        assert desk.numbers.get("o1").told_at is None
        assert desk.numbers.sweep() == 1
        assert desk.numbers.get("o1").told_at is not None
        far.key = "another"
        with pytest.raises(Conflict, match="http_401"):
            desk.numbers.bind("o2", "s1", "a1", by=ADA)
        (tmp_path / "numbers.key").unlink()
        with pytest.raises(Invalid, match=r"numbers\.key"):
            desk.numbers.bind("o2", "s1", "a1", by=ADA)
    assert number not in caplog.text
    assert "17000" not in caplog.text


def test_no_number_stands_in_the_audit_log(store: Store) -> None:
    desk = Desk(store)
    number = desk.numbers.bind("o1", "s1", "a1", by=ADA).virtual_number or ""
    desk.numbers.rotate("o1", by=ADA)
    desk.numbers.report("a1", "s1", text="Wang rings all day", by=ADA)
    with store.reading() as connection:
        entries = [audit.get_entry(connection, index).entry for index in range(8)]
    assert "number.end" in {each.verb for each in entries}
    written = str(entries)
    assert number not in written
    assert "Wang" not in written
    assert "a1" not in {each.subject_id for each in entries if each.subject_kind == "number"}
