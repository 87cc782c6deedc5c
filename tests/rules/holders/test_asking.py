"""Holders that are away, slow or foreign: a check goes on, says what it did not know, and never waits long."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry, generate_latest

from agoranomos.engine.features.sharing import Share
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.rules.holders.addresses import Address, address_of, addresses_of, require_secret
from agoranomos.rules.holders.asking import FAILURES_MAX, Holders, asked_at
from agoranomos.rules.holders.connection import Connection
from agoranomos.rules.holders.frames import (
    Broken,
    Look,
    Question,
)
from agoranomos.rules.holders.observing import HolderMetrics
from agoranomos.rules.holders.settings import FeatureSettings
from agoranomos.rules.saying import UNKNOWN_REASON
from tests.rules.holders.builders import (
    CHECK,
    PATIENCE_S,
    SECRET,
    all_said,
    asking,
    at_home,
    draw_bytes,
    go_live,
    held,
    holder_of,
    market,
    moments,
    serving,
    short_folder,
    sockets,
)
from tests.rules.written_rules import arrive
from tests.stores import make_store


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """On SQLite alone: none of this depends on the database, and `test_parts` looks at both."""
    made = make_store(tmp_path)
    yield made
    made.close()


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


@contextmanager
def deaf(address: Address) -> Iterator[None]:
    """Takes connections and says nothing."""
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address.path)
        door.listen(64)
        yield


def ready(store: Store) -> None:
    go_live(store)
    arrive(store, market())


def test_a_part_that_is_away_is_unknown_and_said(store: Store, tmp_path: Path, folder: Path) -> None:
    ready(store)
    names, expected, events = sockets(folder), all_said(at_home(store), moments()), moments()
    one, nobody = next(names), next(names)
    with serving(holder_of(store, Share(1, 2), tmp_path), one), asking(store, [[one], [nobody]]) as elsewhere:
        said = all_said(elsewhere, events)
        assert elsewhere.holders.missing() == ["2/2"]
        registry = CollectorRegistry()
        registry.register(HolderMetrics(elsewhere.holders))
        metrics = generate_latest(registry).decode()
    unknown = [[each for each in consulted.reasons if each.code == UNKNOWN_REASON] for consulted in said]
    assert all(len(each) <= 1 for each in unknown)
    for consulted, whole, reasons in zip(said, expected, unknown, strict=True):
        if not reasons:
            assert consulted == whole
            continue
        names_ = reasons[0].evidence["features"]
        assert names_ == sorted(set(names_))
        assert all(name in reasons[0].message and name in reasons[0].evidence["message_zh"] for name in names_)
        for hit, other in zip(consulted.hits, whole.hits, strict=False):
            for name, value in hit.values["values"].items():
                assert value == (None if name.split("(")[0] in names_ else other.values["values"][name])
    assert 0 < len([each for each in unknown if each]) <= len(unknown)
    assert 'agora_feature_holder_up{address="unix:' in metrics
    assert '",part="1"} 1.0' in metrics
    assert '",part="2"} 0.0' in metrics
    assert f"agora_features_unknown_total {float(elsewhere.holders.unknown)}" in metrics


def test_a_stand_by_answers_for_one_that_is_away(store: Store, tmp_path: Path, folder: Path) -> None:
    ready(store)
    names = sockets(folder)
    first, second, expected = next(names), next(names), all_said(at_home(store), moments(8))
    with serving(holder_of(store, Share(), tmp_path), second), asking(store, [[first, second]]) as elsewhere:
        assert all_said(elsewhere, moments(8)) == expected
        assert [each.away for each in elsewhere.holders.standings()] == [True, False]
        assert elsewhere.holders.missing() == []
        with serving(holder_of(store, Share(), tmp_path), first):
            elsewhere.holders.look()
            assert [each.away for each in elsewhere.holders.standings()] == [False, False]
            assert all_said(elsewhere, moments(8)) == expected


def test_one_that_hangs_costs_a_deadline_and_soon_nothing(store: Store, folder: Path) -> None:
    go_live(store)
    address = next(sockets(folder))
    look = Look("f", 0, 0)
    with deaf(address):
        holders = Holders([[address]], SECRET, draw_bytes(), deadline_s=0.05)
        for _ in range(FAILURES_MAX):
            assert not holders.standings()[0].away
            begun = time.monotonic()
            assert holders.ask(0, [look, look]) == {}
            assert time.monotonic() - begun < PATIENCE_S
        assert holders.standings()[0].away
        assert holders.unknown == FAILURES_MAX
        connected: list[Any] = []
        for holder in holders._parts[0]:
            holder.begin = lambda *given: connected.append(given)  # type: ignore[assignment,method-assign]
        assert holders.ask(0, [look]) == {}
        assert not connected, "nobody waits for it any more"


def test_time_is_shared_with_the_stand_by(store: Store, tmp_path: Path, folder: Path) -> None:
    ready(store)
    names = sockets(folder)
    hangs, good = next(names), next(names)
    with deaf(hangs), serving(holder_of(store, Share(), tmp_path), good):
        holders = Holders([[hangs, good]], SECRET, draw_bytes(), deadline_s=10)
        holders._parts[0][0].begin = never_in_time  # type: ignore[method-assign]
        [look] = [Look(name, 1, 0) for name in list(holder_of(store, Share(), tmp_path)._now.bank.held())[:1]]
        assert list(holders.ask(0, [look])) == [look]
        assert holders.unknown == 0
        holders.close()


def never_in_time(question: Question, until: float) -> Connection:
    assert until - time.monotonic() <= 5, "half of what there is"
    raise TimeoutError


def test_a_holder_that_was_started_anew_is_met_by_a_connection_that_was_kept(
    store: Store, tmp_path: Path, folder: Path
) -> None:
    ready(store)
    address, expected = next(sockets(folder)), all_said(at_home(store), moments(4))
    with serving(holder_of(store, Share(), tmp_path), address), asking(store, [[address]]) as elsewhere:
        assert all_said(elsewhere, moments(4)) == expected
        with serving(holder_of(store, Share(), tmp_path), address):  # takes the place of the other one
            pass
        assert not Path(address.path).exists()
        with serving(holder_of(store, Share(), tmp_path), address):
            for each in elsewhere.holders._parts[0][0]._free:
                each._socket.shutdown(socket.SHUT_RDWR)
            assert all_said(elsewhere, moments(4)) == expected
            assert elsewhere.holders.unknown == 0


def test_one_that_ends_leaves_the_socket_of_its_successor(store: Store, tmp_path: Path, folder: Path) -> None:
    address = next(sockets(folder))
    with asking_of_nothing(address) as look:
        with serving(holder_of(store, Share(), tmp_path), address):
            successor = serving(holder_of(store, Share(), tmp_path), address)
            successor.__enter__()
        assert look() is False, "still there"
        assert Path(address.path).stat().st_mode & 0o777 == 0o600
        successor.__exit__(None, None, None)
        assert look() is True


@contextmanager
def asking_of_nothing(address: Address) -> Iterator[Callable[[], bool]]:
    """Whether it is away."""
    holders = Holders([[address]], SECRET, draw_bytes())

    def look() -> bool:
        holders.look()
        return holders.standings()[0].away

    yield look
    holders.close()


def test_over_the_network_with_a_secret(store: Store, tmp_path: Path) -> None:
    ready(store)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    address, expected = address_of(f"127.0.0.1:{port}"), all_said(at_home(store), moments(4))
    with serving(holder_of(store, Share(), tmp_path), address), asking(store, [[address]]) as elsewhere:
        assert all_said(elsewhere, moments(4)) == expected
        with pytest.raises(Broken), asking_with(address, b"x" * 32):
            pass
        stranger = Holders([[address]], b"x" * 32, draw_bytes())
        assert stranger.ask(0, [Look("f", 0, 0)]) == {}
        elsewhere.holders.look()
        assert elsewhere.holders.missing() == []
        # Somebody else's part is not taken for one's own: that would be counts of nothing.
        other = Holders([[address], [address]], SECRET, draw_bytes())
        assert other.ask(0, [Look("f", 0, 0), Look("f", 0, 1)]) == {}
        other.close()


@contextmanager
def asking_with(address: Address, secret: bytes) -> Iterator[Connection]:
    made = Connection(address, secret, os.urandom, time.monotonic() + PATIENCE_S)
    yield made
    made.close()


def test_a_new_rule_waits_until_its_features_are_counted(store: Store, tmp_path: Path, folder: Path) -> None:
    ready(store)
    holder = holder_of(store, Share(), tmp_path)
    address = next(sockets(folder))
    with serving(holder, address), asking(store, [[address]]) as elsewhere:
        before = all_said(elsewhere, moments(3))
        following = holder._thread
        held_back = threading.Event()
        holder.refresh = lambda: held_back.wait(PATIENCE_S)  # type: ignore[method-assign,assignment]
        more = "- {name: more_9h, aggregate: count, event: listing.submitted, by: [store_id], window: 9h}"
        text = """
- {id: goods.more, desk: goods, listens: listing, when: more_9h(store_id) > 0, outcome: review, score: 0.6,
   reason: {en: M, zh: M}, subject: {kind: store, field: store_id}, owner: risk,
   hits: [{time: 2026-05-01T08:00:00Z, data: {listing_id: l1, store_id: s1, title: S,
     price: {amount: 1, currency: CNY}}, features: {"more_9h(s1)": 1}}],
   misses: [{time: 2026-05-01T08:00:00Z, data: {listing_id: l1, store_id: s1, title: S,
     price: {amount: 1, currency: CNY}}, features: {"more_9h(s1)": 0}}]}
"""
        go_live(store, text, more)
        elsewhere.refresh()
        assert all_said(elsewhere, moments(3)) == before
        del holder.refresh
        held_back.set()
        while all_said(elsewhere, moments(3)) == before:
            assert following.is_alive()
            elsewhere.refresh()
        assert all_said(elsewhere, moments(3)) == all_said(at_home(store), moments(3))


def test_what_is_asked_within_a_transaction_was_asked_before(store: Store, tmp_path: Path) -> None:
    ready(store)
    [event, other] = moments(2)
    with held(store, 2, tmp_path) as elsewhere:
        assert elsewhere.waits(CHECK)
        assert not elsewhere.waits("payout")
        told = elsewhere.beforehand(CHECK, event)
        expected = [at_home(store).ask(CHECK, each, {}) for each in (event, other)]
        elsewhere.holders.ask = lambda *_: pytest.fail("asked")  # type: ignore[method-assign]
        assert told.ask(CHECK, event, {}) == expected[0]
        assert told.beforehand(CHECK, event) is told
        assert not told.waits(CHECK)
        del elsewhere.holders.ask
        assert told.ask(CHECK, other, {}) == expected[1]


PROGRAM = """
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from agoranomos.engine.features.sharing import share_of
from agoranomos.kernel.store import open_store
from agoranomos.rules.holders.addresses import address_of
from agoranomos.rules.holders.holder import Holder
from agoranomos.rules.holders.serving import hold
url, folder, part, address = sys.argv[1:]
holder = Holder(open_store(url), ("listing",), lambda: datetime.now(UTC), share_of(part), Path(folder), poll_s=0.01)
hold(holder, address_of(address), b"s" * 32, os.urandom, lambda: print("ready", flush=True))
"""


@pytest.mark.slow
def test_a_holder_killed_in_the_midst_of_questions_answers_the_same_afterwards(
    store: Store, tmp_path: Path, folder: Path
) -> None:
    """It goes on from its file, which it did not have time to write."""
    go_live(store)
    events = market()
    arrive(store, events[: len(events) // 2])
    holder_of(store, Share(), tmp_path).keep()
    address = next(sockets(folder))
    words = [sys.executable, "-c", PROGRAM, store.engine.url.render_as_string(hide_password=False), str(tmp_path)]

    def begun() -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*words, "1/1", str(address)], stdout=subprocess.PIPE)
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        return process

    kept = (tmp_path / "part-1-of-1.counts").read_bytes()
    arrive(store, events[len(events) // 2 :])
    expected = all_said(at_home(store), moments(30))
    process = begun()
    with asking(store, [[address]]) as elsewhere:
        killed = threading.Timer(0.05, process.kill)
        killed.start()
        said = all_said(elsewhere, moments(30))
        while process.poll() is None:
            said += all_said(elsewhere, moments(30))
        for consulted, whole in zip(said, expected * (len(said) // 30), strict=True):
            assert consulted == whole or consulted.reasons[-1].code == UNKNOWN_REASON
        assert (tmp_path / "part-1-of-1.counts").read_bytes() == kept
        process.communicate()
        process = begun()
        elsewhere.holders.look()
        assert all_said(elsewhere, moments(30)) == expected
    process.terminate()
    process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 0


def test_addresses() -> None:
    assert addresses_of("unix:/run/a,unix:/run/b  h-1.x:7400,[::1]:7400") == (
        (Address(path="/run/a"), Address(path="/run/b")),
        (Address(host="h-1.x", port=7400), Address(host="::1", port=7400)),
    )
    for text in ("unix:/run/a", "h-1.x:7400", "[::1]:7400"):
        assert str(address_of(text)) == text
    for wrong in ("unix:a", f"unix:/{'a' * 100}", "host", "host:0", "host:65536", "host:x", ":1", "", "a b:1"):
        with pytest.raises(Invalid):
            address_of(wrong)
    with pytest.raises(Invalid, match="AGORA_FEATURE_SECRET"):
        require_secret("", (address_of("host:1"),))
    with pytest.raises(Invalid, match="too short"):
        require_secret("x" * 31, ())
    assert require_secret("", (address_of("unix:/a"),)) == b""
    for wrong in ("0", "5001", "x", "-1"):
        with pytest.raises(Invalid, match="DEADLINE"):
            asked_at(FeatureSettings("unix:/a", "", wrong), os.urandom)
    assert asked_at(FeatureSettings("unix:/a", "", "80"), os.urandom)._deadline_s == 0.08
