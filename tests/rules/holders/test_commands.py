"""`agora features`, and holders beside the workers of one command."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from pathlib import Path

import pytest
from click.testing import CliRunner
from litestar.testing import TestClient

from agoranomos import holding
from agoranomos.application import create_app
from agoranomos.engine.features.sharing import Share
from agoranomos.goods.listings.policy import load_policy
from agoranomos.kernel.errors import Invalid
from agoranomos.main import cli
from agoranomos.rules.following import Following
from agoranomos.rules.holders import keeping
from agoranomos.rules.holders.addresses import addresses_of
from agoranomos.rules.holders.elsewhere import Elsewhere
from agoranomos.rules.holders.settings import FeatureSettings
from agoranomos.wiring import Wiring
from tests.builders import NOW, make_vault
from tests.goods.listings.market import TrickJudge
from tests.rules.holders.builders import PATIENCE_S, SECRET, go_live, holder_of, market, serving, short_folder
from tests.rules.written_rules import arrive
from tests.web.callers import caller_with


def wiring_of(home: Path, **settings: str) -> Wiring:
    return Wiring(home, clock=lambda: NOW, feature_settings=FeatureSettings(**settings))


def test_who_names_no_holders_counts_by_itself(tmp_path: Path) -> None:
    assert isinstance(wiring_of(tmp_path).following, Following)
    assert isinstance(wiring_of(tmp_path).with_holders("unix:/nobody").following, Elsewhere)
    with pytest.raises(Invalid, match="AGORA_FEATURE_SECRET"):
        _ = wiring_of(tmp_path, holders="host:7400").following


def test_a_holder_from_start_to_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says where it answers, answers, and keeps what it has counted when it is told to stop."""
    monkeypatch.setenv("AGORA_HOME", str(tmp_path))
    home = Wiring(tmp_path, clock=lambda: NOW)
    go_live(home.store())
    arrive(home.store(), market()[:50])
    with short_folder() as folder:
        address, seen = f"unix:{folder}/one", list[tuple[int, bool, int | None]]()
        asked = home.with_holders(f"{address} unix:{folder}/nobody").holders()

        def look() -> None:
            until = time.monotonic() + PATIENCE_S
            while len(asked.missing()) != 1 and time.monotonic() < until:
                asked.look()
            seen.extend((each.part, each.away, each.position) for each in asked.standings())
            asked.close()
            os.kill(os.getpid(), signal.SIGTERM)

        before = signal.getsignal(signal.SIGTERM)
        asker = threading.Thread(target=look)
        asker.start()
        try:
            told = CliRunner().invoke(cli, ["features", "hold", "--part", "1/2", "--listen", address])
        finally:
            signal.signal(signal.SIGTERM, before)
            asker.join()
        assert told.exit_code == 0, told.output
        assert f"Part 1/2 of the features on {address}\n" in told.output
        assert seen == [(1, False, 50), (2, True, None)]
        monkeypatch.setenv("AGORA_FEATURE_HOLDERS", address)
        assert CliRunner().invoke(cli, ["features", "holders", "--json"]).exit_code == 1
        with serving(holder_of(home.store(), Share(), tmp_path), addresses_of(address)[0][0], b""):
            shown = CliRunner().invoke(cli, ["features", "holders", "--json"])
        assert json.loads(shown.output) == {
            "holders": [{"part": 1, "address": address, "away": False, "position": 50}], "missing": []
        }  # fmt: skip
        assert shown.exit_code == 0
    assert keeping.path_of(tmp_path / "features", Share(1, 2)).exists()
    for wrong in (["--part", "3/2", "--listen", address], ["--part", "1/2", "--listen", "0.0.0.0:7400"]):
        assert CliRunner().invoke(cli, ["features", "hold", *wrong]).exit_code == 2


def test_sockets_are_found_by_number_and_seen_by_nobody_else() -> None:
    with holding.sockets(0) as words:
        assert words == []
    with holding.sockets(2) as words:
        option, folder = words
        assert option == "--sockets"
        assert Path(folder).stat().st_mode & 0o777 == 0o700
        parts = addresses_of(holding.addresses(folder, 2))
        assert [each.path for (each,) in parts] == [f"{folder}/1.sock", f"{folder}/2.sock"]
    assert not Path(folder).exists()


def test_checks_over_http_go_on_without_a_part(tmp_path: Path) -> None:
    """The decision names what was unknown, `/healthz` what is away, and `/metrics` how often."""
    home = Wiring(tmp_path, clock=lambda: NOW)
    go_live(home.store())
    arrive(home.store(), market())
    data = {"listing_id": "l9", "store_id": market()[-1].data["store_id"], "title": "Canvas shoes",
            "price": {"amount": 9900, "currency": "CNY"}, "brand": "b", "category": "shoes"}  # fmt: skip
    body = {"id": "c1", "source": "shop", "type": "listing.submitted", "time": "2026-05-01T08:00:00Z", "data": data}
    with short_folder() as folder:
        names = [addresses_of(f"unix:{folder}/{number}")[0][0] for number in (1, 2)]
        asks = wiring_of(tmp_path, holders=" ".join(map(str, names)), secret=SECRET.decode(), deadline_ms="5000")
        with serving(holder_of(home.store(), Share(1, 2), tmp_path), names[0]):
            app = create_app(
                TrickJudge(), home.store(), load_policy(), lambda: NOW, vault=make_vault(), consultant=asks.following,
                authenticate=caller_with("checks.run", "metrics.read"),
            )  # fmt: skip
            assert isinstance(asks.following, Elsewhere)
            with TestClient(app) as client, asks.following:
                health = client.get("/healthz").json()
                answers = [client.post("/v1/checks/listing", json=body, headers=headers) for headers in
                           ({}, {"Idempotency-Key": "k1"})]  # fmt: skip
                metrics = client.get("/metrics").text
    assert health["lacks"] == ["features 2/2"]
    for answer in answers:
        assert answer.status_code == 200, answer.text
        [unknown] = [each for each in answer.json()["reasons"] if each["code"] == "rules.features_unknown"]
        assert 0 < len(unknown["evidence"]["features"]) < 8
    assert "agora_features_unknown_total" in metrics
    assert 'agora_feature_holder_up{address="unix:' in metrics
