"""Links over the store: what is heard once, by whomever, and seen by everybody; the same as in a replay."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from agoranomos.engine.links import splinking
from agoranomos.engine.market.plots.returning_seller import doctored
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.intake.actions import accept
from agoranomos.intake.noting import noted, noted_and_veiled
from agoranomos.judgements.actions import keep_findings
from agoranomos.judgements.tables import findings
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.events import Event, parse_line
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.sellers.commands import sellers
from agoranomos.sellers.links import queries
from agoranomos.sellers.links.monitor import LinkMonitor
from agoranomos.sellers.links.noting import ROOM, note
from agoranomos.sellers.links.policy import load_policy
from agoranomos.sellers.links.service import LinkService
from agoranomos.sellers.links.telling import LINKED, RETURNED
from agoranomos.wiring import Wiring
from tests.builders import NOW, make_vault
from tests.engine.links.people import person
from tests.sellers.links.events import application, plain
from tests.stores import make_store

NOTINGS = {"seller.applied": {ROOM: note}}
VAULT = make_vault()


def keep(connection: sa.Connection, found: Sequence[Output]) -> None:
    keep_findings(connection, [each for each in found if isinstance(each, Finding)], now=NOW)


def history() -> list[Event]:
    """Twelve sellers with stores; one is closed and comes back, one has a second store."""
    lines = []
    for number in range(12):
        lines.append(plain("seller.applied", application(f"s{number}", person(number))))
        lines.append(plain("store.opened", {"store_id": f"st{number}", "seller_id": f"s{number}"}))
    lines.append(plain("store.opened", {"store_id": "st0b", "seller_id": "s0"}))
    lines.append(plain("store.closed", {"store_id": "st0", "reason": "violation"}))
    back = doctored(Stream.of(1, "again"), person(0), 2)
    lines.append(plain("seller.applied", application("back", back)))
    lines.append(plain("store.opened", {"store_id": "st-back", "seller_id": "back"}))
    return [parse_line(line) for line in lines]


def take(store: Store, events: list[Event]) -> None:
    with store.transaction() as connection:
        accept(connection, VAULT, [noted(NOTINGS, VAULT.keys, each) for each in events], now=NOW)


def service(store: Store) -> LinkService:
    return LinkService(store, load_policy(), lambda: NOW)


def kept(store: Store) -> list[bytes]:
    with store.reading() as connection:
        rows = connection.execute(sa.select(findings.c.document).order_by(findings.c.finding_id)).scalars()
        return [msgspec.json.encode(row, order="sorted") for row in rows]


def test_the_store_finds_what_a_replay_finds(store: Store) -> None:
    events = history()
    take(store, events[:15])
    first = service(store)
    first.follow(keep)
    take(store, events[15:])
    service(store).follow(keep)  # another process, which knows nothing yet
    monitor, out = LinkMonitor(load_policy()), Out()
    for each in events:
        monitor.hear(noted_and_veiled(NOTINGS, VAULT.keys, each), out)
    found = sorted((each for each in out.take() if isinstance(each, Finding)), key=lambda each: each.id)
    replayed = [msgspec.json.encode(each, order="sorted") for each in found]
    assert {each.code for each in found} == {RETURNED, LINKED}
    assert kept(store) == replayed
    first.follow(keep)
    assert kept(store) == replayed, "nothing is heard twice"


def test_what_one_process_learns_another_knows(store: Store) -> None:
    one, other = service(store), service(store)
    take(store, history())
    with pytest.raises(NotFound):
        other.links_of("s0")
    one.follow(keep)
    shown = other.links_of("s0")
    assert shown.seller.state == "closed"
    assert [link.seller_id for link in shown.links] == ["back"]
    assert other.links_of("back").seller.returns == "s0"
    again = parse_line(plain("seller.applied", application("third", doctored(Stream.of(4, "again"), person(0), 3))))
    with store.reading() as connection:
        (finding,) = other.judged(connection, noted_and_veiled(NOTINGS, VAULT.keys, again))
    assert finding.related[0].id == "s0"
    with pytest.raises(NotFound):
        other.links_of("third")


def test_a_step_that_fails_leaves_no_trace(store: Store) -> None:
    def fails(connection: sa.Connection, found: Sequence[Output]) -> None:
        raise RuntimeError("the disk is full")

    links = service(store)
    take(store, history())
    with pytest.raises(RuntimeError):
        links.follow(fails)
    with store.reading() as connection:
        assert queries.progress(connection).step == 0
    links.follow(keep)
    assert len(kept(store)) >= 2


def test_a_model_is_learned_once_for_all(store: Store) -> None:
    take(store, history())
    one, other = service(store), service(store)
    one.follow(keep)
    assert other.model() == load_policy().model
    learned = one.train()
    assert learned != load_policy().model
    assert other.model() == service(store).model() == learned


def test_the_sweep_finds_groups_and_says_what_was_not_said(store: Store) -> None:
    links = service(store)
    twins = [plain("seller.applied", application(f"t{number}", person(3))) for number in range(3)]
    take(store, [*history(), *map(parse_line, twins)])
    links.follow(keep)
    before = len(kept(store))
    swept = links.sweep(keep)
    assert ["s3", "t0", "t1", "t2"] in swept.groups
    assert swept.found == []
    assert len(kept(store)) == before
    assert service(store).sweep(keep) == swept


def test_commands(tmp_path: Path) -> None:
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    with wiring.store().transaction() as connection:
        ready = [noted(wiring.notings(), wiring.vault().keys, each) for each in history()]
        accept(connection, wiring.vault(), ready, now=NOW)
    run = CliRunner().invoke(sellers, ["links", "s0", "--weights"], obj=wiring)
    assert run.exit_code == 0, run.output
    assert run.output.startswith("s0 (closed): 1 linked")
    assert "together: 99.99%" in run.output
    shown = CliRunner().invoke(sellers, ["links", "back", "--json"], obj=wiring)
    assert msgspec.json.decode(shown.stdout)["seller"]["seller_id"] == "back"
    swept = CliRunner().invoke(sellers, ["sweep", "--json"], obj=wiring)
    assert msgspec.json.decode(swept.stdout)["groups"] == [["back", "s0"]]
    trained = CliRunner().invoke(sellers, ["train"], obj=wiring)
    assert trained.output.startswith("returners 0.0")
    assert wiring.sellers.links.links_of("back").seller.state == "open"
    wiring.store().close()


@pytest.mark.slow
def test_a_cross_check_lists_where_two_ways_disagree(tmp_path: Path) -> None:
    pytest.importorskip("splink")
    store = make_store(tmp_path)
    lines = [plain("seller.applied", application(f"s{number}", person(number))) for number in range(60)]
    for number in range(0, 60, 4):  # one in four comes back with the same bank account and device alone
        kept = {name: person(number).application()[name] for name in ("bank_account", "device_id")}
        lines.append(plain("seller.applied", application(f"t{number}", person(900 + number), **kept)))
    lines += [plain("seller.applied", application(f"u{number}", person(number))) for number in range(1, 60, 4)]
    take(store, [parse_line(line) for line in lines])
    links = service(store)
    links.follow(keep)
    found = links.cross_check()
    assert found.ours == 30
    assert found.both >= 15, "who comes back with the same papers is found by both"
    assert found.both + len(found.only_ours) == found.ours
    assert all(case.splink == 0.0 and case.facts for case in found.only_ours)
    store.close()


def test_without_splink_it_is_said_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(splinking, "installed", lambda: False)
    store = make_store(tmp_path)
    with pytest.raises(Invalid, match=r"pip install 'agoranomos\[links\]'"):
        service(store).cross_check()
    store.close()
