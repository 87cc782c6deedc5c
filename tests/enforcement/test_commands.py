"""`agora webhooks …` from a reader's side."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from agoranomos.enforcement import actions, outbox
from agoranomos.main import cli
from agoranomos.wiring import Wiring
from tests.builders import NOW
from tests.enforcement.builders import POLICY, RULE, make_want
from tests.enforcement.receivers import receiver


def agora(home: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["webhooks", *arguments], env={"AGORA_HOME": str(home)})


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.mark.slow
def test_from_adding_to_removing(home: Path) -> None:
    with receiver(lambda number: 204 if number == 0 else 500) as one:
        refused = agora(home, "add", one.url)
        assert refused.exit_code == 2
        added = json.loads(agora(home, "add", one.url, "--allow-private", "--json").output)
        assert added["secret"].startswith("whsec_")
        assert one.url in agora(home, "list").output
        assert "whsec_" not in agora(home, "list", "--json").output
        assert "whsec_" in agora(home, "rotate", added["endpoint_id"]).output
        assert agora(home, "test", added["endpoint_id"]).output == "It was taken.\n"
        failed = agora(home, "test", added["endpoint_id"])
        assert (failed.exit_code, failed.output) == (1, "It was not taken: http_500\n")
    assert agora(home, "remove", added["endpoint_id"]).exit_code == 0
    assert agora(home, "list").output == ""
    assert agora(home, "remove", added["endpoint_id"]).exit_code == 2


@pytest.mark.slow
def test_dead_letters_go_out_again(home: Path) -> None:
    url = "http://127.0.0.1:9/"
    endpoint = json.loads(agora(home, "add", url, "--allow-private", "--json").output)["endpoint_id"]
    store = Wiring(home).store()
    with store.transaction() as connection:
        wants = [make_want(number) for number in range(3)]
        actions.request(connection, wants, by=RULE, because=["f1"], policy=POLICY, now=NOW)
        for one in outbox.claim(connection, endpoint, 3, now=NOW, lease_s=1):
            outbox.end(connection, one, "dead", reason="timeout", now=NOW)
    store.close()
    listed = json.loads(agora(home, "deliveries", "--status", "dead", "--json").output)
    assert len(listed) == 3
    assert "timeout" in agora(home, "deliveries").output
    assert agora(home, "redeliver", listed[0]["id"]).output == "1 will be delivered again.\n"
    assert agora(home, "redeliver", "--dead").output == "2 will be delivered again.\n"
    assert agora(home, "redeliver", listed[0]["id"]).exit_code == 2
    for wrong in ([], ["--dead", listed[0]["id"]]):
        assert agora(home, "redeliver", *wrong).exit_code == 2
