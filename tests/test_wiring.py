"""One running system: where it keeps things, and that its parts fit."""

from __future__ import annotations

import stat
import subprocess
import sys
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.complaints.monitor import ComplaintMonitor
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.monitors import weighing_monitors
from agoranomos.hearing import WHO_HEARS
from agoranomos.judgements.queries import About, list_decisions
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.form_secret import form_secret
from agoranomos.kernel.schema import TYPES
from agoranomos.rules.following import Following
from agoranomos.rules.loading import Preparing
from agoranomos.rules.monitor import counted_by_a_desk
from agoranomos.staff.company import BEGIN, SignInSettings
from agoranomos.staff.model import LOCAL
from agoranomos.vault.tokens import token_of
from agoranomos.wiring import Wiring
from tests.builders import NOW, make_brand, make_data, make_event, make_listing
from tests.goods.listings.market import TrickJudge


@pytest.fixture
def wiring(tmp_path: Path) -> Wiring:
    return Wiring(tmp_path / "deep" / "home", clock=lambda: NOW)


def test_home_is_made_when_it_is_needed(wiring: Wiring, tmp_path: Path) -> None:
    assert not (tmp_path / "deep").exists()
    assert wiring.home.is_dir()
    assert wiring.cache == wiring.home / "cache"
    assert Wiring(tmp_path, cache=tmp_path / "c").cache == tmp_path / "c"


def test_clock_is_the_one_given(wiring: Wiring) -> None:
    assert wiring.now() == NOW


def test_store_is_opened_once_and_is_of_the_newest_form(wiring: Wiring) -> None:
    assert wiring.store() is wiring.store()
    assert wiring.store().revision() == wiring.store().upgrade()
    assert (wiring.home / "agoranomos.sqlite3").exists()


@pytest.mark.slow
def test_registry_is_the_seed_and_what_is_laid_over_it(wiring: Wiring, registry: RegistrySnapshot) -> None:
    assert wiring.snapshot().version == registry.version
    more = wiring.snapshot([make_brand("zzy", names=("Zzyzxora",))])
    assert len(more.brands) == len(registry.brands) + 1
    assert more.get("zzy").names == ("Zzyzxora",)


def test_every_monitor_can_follow_the_log(wiring: Wiring) -> None:
    for follower in wiring.followers():
        with wiring.store().reading() as connection:
            prepare = follower._prepare
            assert prepare is not None
            assert prepare(connection, follower._make(), 0, None), "an empty log has nothing to fill from"


def test_a_monitor_that_asks_no_rules_is_ready(wiring: Wiring) -> None:
    with wiring.store().reading() as connection:
        assert Preparing(wiring.clock)(connection, ComplaintMonitor(), 0, None)


@pytest.mark.slow
def test_judge_and_catalogue_judge_are_one(tmp_path: Path, judge: TextJudge, judge_cache: Path) -> None:
    wiring = Wiring(tmp_path, cache=judge_cache, clock=lambda: NOW)
    single, catalogue = wiring.judge(), wiring.catalogue_judge()
    assert single.version == catalogue.version
    assert single.report_line == catalogue.report_line == wiring.policy.report_line
    assert catalogue.at == "2026-05-01T08:00:00Z"
    assert wiring.catalogue_judge(at="2020-01-01T00:00:00Z").at == "2020-01-01T00:00:00Z"
    if single.report_line == judge.report_line:
        listing = make_listing(title="N1ke 莆田 1:1")
        assert single.assess(listing) == judge.assess(listing)


def test_form_secret_is_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    secret = form_secret(tmp_path)
    assert form_secret(tmp_path) == secret
    assert len(secret) == 64
    assert form_secret_of_another(tmp_path) != secret
    assert stat.S_IMODE((tmp_path / "form.secret").stat().st_mode) == 0o600
    assert not (tmp_path / "form.draft").exists()


def test_vault_keys_are_made_once_for_the_owner_alone_or_given(tmp_path: Path) -> None:
    def token(wiring: Wiring) -> str:
        return token_of(wiring.vault().keys, "name", "A. Seller")

    one = token(Wiring(tmp_path))
    assert token(Wiring(tmp_path)) == one
    assert stat.S_IMODE((tmp_path / "vault.keys").stat().st_mode) == 0o600
    kept = (tmp_path / "vault.keys").read_text()
    elsewhere = tmp_path / "elsewhere"
    assert token(Wiring(elsewhere, vault_keys=kept)) == one
    assert not elsewhere.exists()
    assert token(Wiring(elsewhere)) != one


def form_secret_of_another(folder: Path) -> str:
    (folder / "other").mkdir()
    return form_secret(folder / "other")


@pytest.mark.slow
def test_the_application_is_put_together(tmp_path: Path, judge: TextJudge) -> None:
    app = Wiring(tmp_path, clock=lambda: NOW).app(judge)
    paths = {route.path for route in app.routes}
    assert "/v1/checks/listing" in paths
    assert "/v1/events" in paths
    assert "/listings/new" in paths


@pytest.mark.slow
def test_the_table_of_who_hears_what_is_what_the_monitors_ask_for(tmp_path: Path) -> None:
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    asked: dict[str, set[str]] = {}
    for _, monitor in wiring.replaying().desks().monitors():
        desk = getattr(monitor, "inner", monitor)
        for part in getattr(desk, "parts", (monitor,)):
            for kind in part.hears:
                asked.setdefault(kind, set()).add(part.name)
    told = {kind: {each for each in ears if isinstance(each, str)} for kind, ears in WHO_HEARS.items()}
    assert {kind: names for kind, names in told.items() if names} == asked
    assert wiring.hearers().keys() <= WHO_HEARS.keys() <= TYPES.keys()
    wiring.store().close()


@pytest.mark.slow
def test_the_policy_of_actions_is_read_once(tmp_path: Path) -> None:
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    assert wiring.actions().policy is wiring.deliverer().policy is wiring.action_policy
    wiring.store().close()


def test_a_folder_of_policies_goes_before_the_home_folder_and_what_is_shipped(tmp_path: Path) -> None:
    shipped = Wiring(tmp_path / "a").policies
    home, given = tmp_path / "home", tmp_path / "given"
    for folder, name, version in ((home, "redress", "home"), (home, "batches", "home"), (given, "batches", "given")):
        folder.mkdir(exist_ok=True)
        text = (resources.files("agoranomos.goods") / name / "data" / "policy.toml").read_text("utf-8")
        (folder / f"{name}.toml").write_text(text.replace('version = "1"', f'version = "{version}"'), "utf-8")
    wiring = Wiring(home, policy_file=given)
    found = wiring.policies
    assert [found.redress.version[:5], found.batches.version[:6]] == ["home+", "given+"]
    assert (found.notices.version, found.actions.version) == (shipped.notices.version, shipped.actions.version)
    assert wiring.policy.version == Wiring(tmp_path / "a").policy.version
    assert wiring.rooms.batches.policy is found.batches
    versions = [each.version for each in weighing_monitors(found, speaks=True)]
    assert any(found.batches.version in each for each in versions)


def test_a_folder_of_policies_that_holds_none_is_refused(tmp_path: Path) -> None:
    for name in ("", "batch.toml"):
        if name:
            (tmp_path / name).write_text("")
        with pytest.raises(Invalid, match="is to hold policies"):
            _ = Wiring(tmp_path / "home", policy_file=tmp_path).policies


@pytest.mark.slow
def test_the_identity_provider_is_wired_when_it_is_set(tmp_path: Path) -> None:
    judge: Any = TrickJudge()
    settings = SignInSettings(
        issuer="https://id.example", client_id="agora", client_secret="s", public_url="https://agora.example"
    )
    for sign_in, there in ((settings, True), (None, False)):
        wiring = Wiring(tmp_path, clock=lambda: NOW, sign_in=sign_in)
        app = wiring.app(judge)
        assert (BEGIN in {route.path for route in app.routes}) is there
        assert app.csrf_config is not None
        assert app.csrf_config.cookie_secure is there
        wiring.store().close()
    with pytest.raises(Invalid, match="AGORA_PUBLIC_URL"):
        Wiring(tmp_path, sign_in=SignInSettings(public_url="http://agora.example")).app(judge)


@pytest.mark.slow
def test_checks_start_from_a_monitor_that_is_there_and_counts_for_rules(wiring: Wiring) -> None:
    store = wiring.store()
    followed = {one._lease_name.removeprefix("monitor:"): one._make() for one in wiring.followers()}
    assert isinstance(wiring.following, Following)
    desk = followed[wiring.following._monitor]
    assert counted_by_a_desk(desk.state(), desk.version) is not None
    store.close()


@pytest.mark.slow
def test_who_serves_has_no_database_of_backtests() -> None:
    # Frozen at the start, it would complain of leaks at every stop; and it takes its time to import.
    code = "import sys, agoranomos.application, agoranomos.wiring; assert 'duckdb' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.slow
def test_what_comes_in_over_http_is_heard_by_all_who_hear_files(tmp_path: Path, judge: TextJudge) -> None:
    wiring = Wiring(tmp_path, clock=lambda: NOW)
    applied = make_event("seller.applied", data=make_data("seller.applied"))
    key = wiring.staff().create_key(name="a feed", permissions=["events.write"], by=LOCAL)
    with TestClient(wiring.app(judge)) as client:
        client.headers["authorization"] = f"Bearer {key.secret}"
        answer = client.post("/v1/events", json=applied)
        assert answer.status_code == 202, answer.text
    with wiring.store().reading() as connection:
        made = list_decisions(connection, About(check="application"), after=None, limit=2)
    assert [each.subject.id for each in made] == [applied["data"]["application_id"]]
