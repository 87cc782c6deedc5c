"""Fewer checkpoints prove the same; what others rely on stays, and so does what is not as it was signed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import resources

import pytest
import sqlalchemy as sa

from agoranomos.audit import actions, queries, thinning
from agoranomos.audit.notes import Note, SigningKey
from agoranomos.audit.thinning import load_policy, parse_policy
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from tests.audit.log import KEY, NEXT_KEY, WITNESS_KEY, Log, codes
from tests.builders import NOW

KEEPING = load_policy().checkpoints
DAY = timedelta(days=1)


def grown(store: Store, moments: list[datetime]) -> Log:
    """A log with an entry and a checkpoint at each of the moments: of the sizes 1, 2, 3, …"""
    log = Log(store)
    for moment in moments:
        log.record()
        with store.transaction() as connection:
            actions.checkpoint(connection, log.key, moment)
    return log


def sizes(store: Store) -> list[int]:
    with store.reading() as connection:
        return [one.size for one in queries.checkpoints(connection)]


def thinned(store: Store, now: datetime, key: SigningKey = KEY) -> int:
    with store.transaction() as connection:
        return thinning.thin(connection, key.verifier, keeping=KEEPING, now=now)


def test_all_of_the_last_day_then_hourly_then_daily(store: Store) -> None:
    moments = [NOW + timedelta(minutes=20 * number) for number in range(6)]  # 08:00 to 09:40
    log = grown(store, [*moments, NOW + 40 * DAY])
    assert thinned(store, moments[0] + DAY) == 0
    assert sizes(store) == [1, 2, 3, 4, 5, 6, 7]
    assert thinned(store, NOW + 2 * DAY) == 4
    assert sizes(store) == [3, 6, 7], "the last of each hour"
    assert thinned(store, NOW + 2 * DAY) == 0
    assert thinned(store, NOW + 32 * DAY) == 1
    assert sizes(store) == [6, 7], "the last of the day"
    assert thinned(store, NOW + 4_000 * DAY) == 0
    report = log.verify()
    assert (report.ok, report.entries) == (True, 9)
    with store.reading() as connection:
        told = queries.find(connection, subject_kind="audit_checkpoint")
    assert [(one.entry.verb, dict(one.entry.params)) for one in told] == [
        ("audit.thin", {"removed": 4, "first": 1}),
        ("audit.thin", {"removed": 1, "first": 3}),
    ]


def test_a_day_is_one_in_utc(store: Store) -> None:
    midnight = datetime(2026, 5, 2, tzinfo=UTC)
    grown(store, [midnight - timedelta(minutes=1), midnight, midnight + timedelta(hours=1), midnight + 40 * DAY])
    assert thinned(store, midnight + 60 * DAY) == 1
    assert sizes(store) == [1, 3, 4]


def test_the_last_one_stays_however_old(store: Store) -> None:
    grown(store, [NOW, NOW + timedelta(minutes=1)])
    assert thinned(store, NOW + 400 * DAY) == 0, "the first is the last of its day but for the very last"
    assert sizes(store) == [1, 2]


def test_what_a_witness_cosigned_or_was_anchored_stays(store: Store) -> None:
    log = grown(store, [NOW + timedelta(minutes=number) for number in range(6)])
    with store.transaction() as connection:
        text = Note.parse(queries.get_checkpoint(connection, 2).note).text
        actions.add_cosignatures(connection, 2, str(WITNESS_KEY.cosign(text, 1_780_000_000)), WITNESS_KEY.verifier)
        for _ in range(2):
            queries.add_anchor(connection, 3, "git", NOW)
    assert thinned(store, NOW + 100 * DAY) == 2
    assert sizes(store) == [2, 3, 5, 6]
    assert log.verify().ok


def test_a_change_of_key_stays_and_what_the_old_key_signed_is_thinned_too(store: Store) -> None:
    log = grown(store, [NOW, NOW + timedelta(minutes=1)])
    with store.transaction() as connection:
        actions.rotate_key(connection, KEY, NEXT_KEY, by=SYSTEM, now=NOW + timedelta(minutes=2))
    log.key = NEXT_KEY
    log.now = NOW + timedelta(minutes=3)
    log.grow(1, 1, 1)
    assert sizes(store) == [1, 2, 3, 4, 5, 6]
    assert thinned(store, NOW + 100 * DAY, key=NEXT_KEY) == 3
    assert sizes(store) == [3, 5, 6]
    assert log.verify().ok
    assert log.verify(trusted=[KEY.verifier]).ok


def test_it_goes_in_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(thinning, "AT_A_TIME", 2)
    grown(store, [NOW + timedelta(minutes=number) for number in range(6)])
    later = NOW + 100 * DAY
    assert [thinned(store, later), thinned(store, later), thinned(store, later)] == [2, 2, 0]
    assert sizes(store) == [5, 6]


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("UPDATE audit_checkpoints SET note = replace(note, 'example', 'exemple') WHERE size = 2", "checkpoint_forged"),
        ("UPDATE audit_checkpoints SET note = 'nothing' WHERE size = 2", "checkpoint_changed"),
    ],
)
def test_what_is_not_as_it_was_signed_stays_as_evidence(store: Store, statement: str, code: str) -> None:
    log = grown(store, [NOW + timedelta(minutes=number) for number in range(5)])
    with store.transaction() as connection:
        connection.execute(sa.text(statement))
    assert thinned(store, NOW + 100 * DAY) == 2
    assert sizes(store) == [2, 4, 5]
    assert codes(log.verify()) == {code}


def test_a_changed_entry_is_found_with_fewer_checkpoints_too(store: Store) -> None:
    log = grown(store, [NOW + timedelta(minutes=number) for number in range(5)])
    assert thinned(store, NOW + 100 * DAY) == 3
    with store.transaction() as connection:
        connection.execute(
            sa.text("UPDATE audit_entries SET leaf = replace(leaf, 'case', 'cose') WHERE leaf_index = 1")
        )
    assert "entry_changed" in codes(log.verify())


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (b"all_kept_s", b"all_kept", "all_kept"),
        (b"= 86400", b"= 60", "all_kept_s"),
        (b"= 2592000", b"= 3600", "hourly_kept_s"),
        (b"[check", b"check", "TOML"),
    ],
)
def test_the_policy_is_read_strictly(old: bytes, new: bytes, named: str) -> None:
    raw = (resources.files("agoranomos.audit") / "data" / "policy.toml").read_bytes()
    assert parse_policy(raw) == load_policy()
    with pytest.raises(Invalid, match=named):
        parse_policy(raw.replace(old, new))
