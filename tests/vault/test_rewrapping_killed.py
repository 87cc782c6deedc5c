"""Taking over what an old master key has wrapped, killed in the middle again and again while people read and write."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from agoranomos.kernel.store import Store
from agoranomos.vault.tables import vault_keys
from tests.builders import make_vault
from tests.vault.test_masters import A, B, listed, retire
from tests.vault.test_vault import put, read

PEOPLE = 60
_WORKER = """
import os, sys
from agoranomos.kernel.actors import SYSTEM
from agoranomos.kernel.clock import system_clock
from agoranomos.kernel.store import open_store
from agoranomos.vault import masters
from agoranomos.vault.data_keys import DataKeys
from agoranomos.vault.keys import KeyRing, Vault
masters.REWRAPPED_AT_A_TIME = 2
store, vault = open_store(sys.argv[1]), Vault(KeyRing([b"k" * 32, b"n" * 32]), os.urandom)
print("ready", flush=True)
while True:
    with store.transaction() as connection:
        done = masters.rewrap(connection, vault, DataKeys(), by=SYSTEM, now=system_clock())
    print(done, flush=True)
    if not done:
        break
"""


def worker(store: Store) -> subprocess.Popen[str]:
    """A process that rewraps, two keys at a time, and says so after each step."""
    url = store.engine.url.render_as_string(hide_password=False)
    root = Path(__file__).parents[2]
    return subprocess.Popen([sys.executable, "-c", _WORKER, url], cwd=root, stdout=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_whoever_is_killed_in_the_middle_leaves_every_value_readable(store: Store) -> None:
    old, both = make_vault(b"k" * 32), make_vault(b"k" * 32, b"n" * 32)
    tokens = [put(store, old, "name", f"Seller {n}", f"seller:{n:02}") for n in range(PEOPLE)]
    for turn, steps in enumerate((2, 5)):
        killed = worker(store)
        assert killed.stdout is not None
        said = [killed.stdout.readline().strip() for _ in range(1 + steps)]
        killed.send_signal(signal.SIGKILL)
        killed.communicate()
        assert said == ["ready", *["2"] * steps]
        wraps = {key_id: each[1]["data_keys"] for key_id, each in listed(store, both).items()}
        assert sum(wraps.values()) == PEOPLE + turn, "each is under one of the two"
        assert wraps[A] > 0, "it did not come to its end"
        # Whoever has the new ring reads and writes meanwhile, and who has the old one still reads what is not moved.
        assert [read(store, both, token) for token in tokens] == [f"Seller {n}" for n in range(PEOPLE)]
        put(store, both, "name", "New Seller", f"seller:new-{turn}")
        last = tokens[-1]
        assert read(store, old, last) == f"Seller {PEOPLE - 1}"
    out, _ = worker(store).communicate()
    assert out.split()[-1] == "0"
    with store.reading() as connection:
        assert set(connection.execute(sa.select(vault_keys.c.master_id)).scalars()) == {B}
    assert [read(store, both, token) for token in tokens] == [f"Seller {n}" for n in range(PEOPLE)]
    with_new_first = make_vault(b"t" * 32, b"k" * 32, b"n" * 32)
    retire(store, with_new_first, A)
