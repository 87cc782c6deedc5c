"""Killed while they decide: no case is decided twice, no action asked for twice, none is lost, and claims come back."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa

from agoranomos.audit import queries as audit
from agoranomos.cases.desk.queries import About
from agoranomos.cases.desk.tables import case_claims, case_steps
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.store import Store
from tests.cases.killed import REMOVE, work_once
from tests.cases.office import Office, make_finding

CASES = 20


def worker(store: Store, name: str, minutes: int) -> subprocess.Popen[str]:
    url = store.engine.url.render_as_string(hide_password=False)
    program = "import sys; from tests.cases.killed import work; work(*sys.argv[1:])"
    command = [sys.executable, "-c", program, url, name, str(minutes)]
    return subprocess.Popen(command, cwd=Path(__file__).parents[2], stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_who_is_killed_leaves_every_case_decided_once_or_free_again(store: Store) -> None:
    office = Office(store)
    names = [f"l{number}" for number in range(CASES)]
    office.opened("s1", "u1", *names)
    office.find(*(make_finding(name) for name in names))
    told: list[str] = []
    for turn, decided in enumerate((2, 3)):
        killed = worker(store, f"w{turn}", turn)
        assert killed.stdout is not None
        told += [killed.stdout.readline().strip() for _ in range(1 + decided)][1:]  # and goes on
        killed.send_signal(signal.SIGKILL)
        told += [line.strip() for line in killed.communicate()[0].splitlines(keepends=True) if line.endswith("\n")]
    office.later(minutes=25)  # what the killed held is free again
    while work_once(office, Actor("person", "last")):
        pass
    found = office.cases.listed(About(), after=None, limit=100)
    assert len(found) == CASES
    assert all(each.decision is not None and each.holder is None for each in found)
    assert set(told) <= {each.case_id for each in found}, "what was said to be decided is"
    assert Counter(each["case_id"] for each in office.told()) == {each.case_id: 1 for each in found}
    removed = Counter(each.subject.id for each in office.actions() if each.kind == REMOVE)
    assert removed == dict.fromkeys(names, 1)
    with store.reading() as connection:
        entries = audit.find(connection, subject_kind="case", limit=1_000)
        steps = connection.execute(sa.select(case_steps.c.case_id, case_steps.c.number)).all()
        claims = connection.execute(sa.select(case_claims.c.ended)).scalars().all()
    assert Counter(each.entry.subject_id for each in entries if each.entry.verb == "case.decide") == {
        each.case_id: 1 for each in found
    }  # fmt: skip
    assert {each.case_id: each.steps for each in found} == Counter(row.case_id for row in steps)
    assert None not in claims
    assert len(claims) - Counter(claims)["timed_out"] <= CASES
