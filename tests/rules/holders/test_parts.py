"""Features counted in parts, each by a process of its own, are what one process counts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.engine.features.sharing import WHOLE, Share, share_of
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.rules import following
from agoranomos.rules.holders import keeping
from agoranomos.rules.holders.holder import KEEP_EVERY
from tests.rules.holders.builders import (
    all_said,
    at_home,
    go_live,
    held,
    holder_of,
    market,
    moments,
)
from tests.rules.test_following import _nobody_reads
from tests.rules.written_rules import arrive
from tests.stores import make_store


@pytest.fixture
def lite(tmp_path: Path) -> Iterator[Store]:
    """On SQLite alone."""
    made = make_store(tmp_path)
    yield made
    made.close()


def test_shares_are_written_as_fractions() -> None:
    assert share_of("2/3") == Share(2, 3)
    assert str(Share(2, 3)) == "2/3"
    for wrong in ("0/2", "3/2", "1", "1/257", "a/b", "-1/2", "1/2/3", ""):
        with pytest.raises(Invalid):
            share_of(wrong)


def test_every_key_has_one_part() -> None:
    for key in ((0, 0), (5, -1), (-3, -(1 << 63)), (9, (1 << 63) - 1)):
        assert WHOLE.holds(key)
        assert sum(Share(part, 7).holds(key) for part in range(1, 8)) == 1
        assert Share(1, 1, within=Share(2, 2)).holds(key) is Share(2, 2).holds(key)


def test_two_parts_answer_what_one_process_answers(store: Store, tmp_path: Path) -> None:
    go_live(store)
    events = market()
    half = len(events) // 2
    arrive(store, events[:half])
    one = at_home(store)
    with held(store, 2, tmp_path) as elsewhere:
        early = [each for each in moments() if each.time >= events[half].time]
        assert all_said(elsewhere, early) == all_said(one, early)
        arrive(store, events[half:])
        one.refresh()
        at = one._position
        while any((each.position or 0) < at for each in elsewhere.holders.standings()):
            elsewhere.holders.look()
        said = all_said(elsewhere, moments())
        assert said == all_said(one, moments())
        assert elsewhere.holders.unknown == 0
        values = {value for each in said for hit in each.hits for value in hit.values["values"].items()}
        asked = {name for name, value in values if value is not None and "(" in name}
        assert len(asked) == 8, "every feature has a value somewhere"
        assert len(values) > 100


def test_another_number_of_parts_begins_with_what_was_kept(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two holders stop at different places of the log; three take over, and read what came after them, nothing else."""
    go_live(store)
    events = market()
    third = len(events) // 3
    arrive(store, events[:third])
    holder_of(store, Share(1, 2), tmp_path).keep()
    arrive(store, events[third : 2 * third])
    holder_of(store, Share(2, 2), tmp_path).keep()
    arrive(store, events[2 * third :])
    expected = all_said(at_home(store), moments())
    monkeypatch.setattr(following, "page", _nobody_reads)
    with held(store, 3, tmp_path) as elsewhere:
        assert all_said(elsewhere, moments()) == expected
    assert sorted(path.name for path in tmp_path.glob("part-*-of-3.counts")) == [
        f"part-{part}-of-3.counts" for part in (1, 2, 3)
    ]
    with held(store, 1, tmp_path) as elsewhere:
        assert all_said(elsewhere, moments()) == expected


def test_a_part_holds_its_own_keys_only(lite: Store, tmp_path: Path) -> None:
    go_live(lite)
    arrive(lite, market())
    whole = at_home(lite)._now.bank.held()
    parts = [holder_of(lite, Share(part, 2), tmp_path)._now.bank.held() for part in (1, 2)]
    for name, features in whole.items():
        (keys,) = (each.keys for each in features.counters().values())
        shares = [next(iter(each[name].counters().values())).keys for each in parts]
        assert sum(shares) == keys
        assert keys < 4 or max(shares) < keys


def test_a_file_of_another_log_or_a_damaged_one_is_not_used(lite: Store, tmp_path: Path) -> None:
    go_live(lite)
    events = market()
    arrive(lite, events[:50])
    holder_of(lite, Share(1, 2), tmp_path).keep()
    path = keeping.path_of(tmp_path, Share(1, 2))
    good = path.read_bytes()
    expected = holder_of(lite, Share(1, 2), tmp_path / "none")._now.bank.state()
    for broken in (good[:-1], good[:40], good[:200] + b"\0" + good[201:], b"", good + b"x", b"agoranomos features 2\n"):
        path.write_bytes(broken)
        assert keeping.read([path]) is None
        assert holder_of(lite, Share(1, 2), tmp_path)._now.bank.state() == expected, "counted anew"
    path.write_bytes(good)
    [kept] = keeping.read([path]) or []
    assert kept.head.position == 50
    keeping.write(tmp_path, Share(1, 2), 50, "f" * 32, {})
    assert holder_of(lite, Share(1, 2), tmp_path)._now.bank.state() == expected, "another event stands at its place"
    keeping.write(tmp_path, Share(1, 2), 51, kept.head.mark, {})
    assert holder_of(lite, Share(1, 2), tmp_path)._now.bank.state() == expected, "the log was set back"
    assert not list(tmp_path.glob("*.new"))
    assert path.stat().st_mode & 0o077 == 0


def test_it_is_kept_every_five_minutes(lite: Store, tmp_path: Path) -> None:
    go_live(lite)
    arrive(lite, market()[:50])
    holder, folder = holder_of(lite, Share(1, 1), tmp_path / "kept"), tmp_path / "kept"
    assert not folder.exists()
    began = holder._clock()
    holder._clock = lambda: began + KEEP_EVERY
    holder.refresh()
    [path] = folder.iterdir()
    before = path.stat().st_mtime_ns
    holder.keep()
    assert path.stat().st_mtime_ns == before, "nothing came since"
