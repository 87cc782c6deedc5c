"""`agora vault …`, as an operator meets it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from agoranomos.kernel.actors import Actor
from agoranomos.main import cli
from agoranomos.staff import approving
from agoranomos.wiring import Wiring
from tests.vault.test_vault import put, read

Agora = Callable[..., Result]


@pytest.fixture
def agora(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Agora:
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    monkeypatch.delenv("AGORA_VAULT_KEY", raising=False)
    return lambda *arguments: CliRunner().invoke(cli, ["vault", *arguments])


def told(result: Result) -> Any:
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def ids(agora: Agora) -> list[str]:
    return [key["id"] for key in told(agora("keys", "list", "--json"))["items"]]


def test_a_key_is_added_takes_over_and_an_old_one_is_retired(agora: Agora, tmp_path: Path) -> None:
    first = ids(agora)[0]
    second = told(agora("keys", "add", "--json"))["id"]
    wiring = Wiring(tmp_path)
    token = put(wiring.store(), wiring.vault(), "name", "A. Seller")
    third = told(agora("keys", "add", "--json"))["id"]
    assert ids(agora) == [first, second, third]
    assert agora("keys", "retire", second).exit_code == 2
    assert agora("keys", "retire", first).exit_code == 2
    done = agora("rewrap")
    assert done.stdout == "Wrapped anew: data keys 1, webhook secrets 0.\n"
    assert done.stderr == "data keys 1\n"
    assert told(agora("rewrap", "--json")) == {"rewrapped": {"data_keys": 0, "webhook_secrets": 0}}
    assert agora("keys", "retire", second).stdout == f"{second} is retired.\n"
    assert agora("keys", "list").stdout == (
        f"{first}  tokens        data keys 0, webhook secrets 0\n"
        f"{third}  new           data keys 1, webhook secrets 0\n"
        f"{second}  retired       data keys 0, webhook secrets 0  (not in the ring)\n"
    )
    ring = tmp_path / "vault.keys"
    assert len(ring.read_text().split()) == 2
    assert stat.S_IMODE(ring.stat().st_mode) == 0o600
    fresh = Wiring(tmp_path)
    assert read(fresh.store(), fresh.vault(), token) == "A. Seller"
    fresh.store().close()
    wiring.store().close()


def test_a_ring_that_is_given_is_left_to_who_gives_it(
    agora: Agora, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    given = "a2tra2tra2tra2tra2tra2tra2tra2tra2tra2tra2s="
    monkeypatch.setenv("AGORA_VAULT_KEY", given)
    added = agora("keys", "add", "--json")
    left = tmp_path / "vault.keys.next"
    assert json.loads(added.stdout)["by_hand"] == (
        f"Put the keys in {left} into AGORA_VAULT_KEY now, and remove the file."
    )
    assert left.read_text().split()[0] == given
    assert not (tmp_path / "vault.keys").exists()
    assert given not in added.output
    monkeypatch.setenv("AGORA_VAULT_KEY", left.read_text())
    assert ids(agora)[1] == json.loads(added.stdout)["id"]


@pytest.mark.slow
def test_a_person_is_erased_in_two_steps(agora: Agora, tmp_path: Path) -> None:
    wiring = Wiring(tmp_path)
    put(wiring.store(), wiring.vault(), "name", "A. Seller")
    asked = told(agora("erase", "seller:s-1", "--json"))
    assert agora("erase", "--approval", asked["approval_id"]).exit_code == 2
    with wiring.store().transaction() as connection:
        approving.approve(connection, asked["approval_id"], by=Actor("person", "p-8"), now=wiring.now())
    wiring.store().close()
    assert agora("erase", "--approval", asked["approval_id"]).stdout == "seller:s-1 is erased, values 1.\n"
    for wrong in (
        ["erase"],
        ["erase", "seller:s-1", "--approval", "x"],
        ["erase", "store:s-1"],
        ["erase", "seller:s-1"],
    ):
        assert agora(*wrong).exit_code == 2
