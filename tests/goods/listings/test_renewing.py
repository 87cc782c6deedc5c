"""The judge of the check follows the registry of the store."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from agoranomos.goods.brands.actions import register
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings import judge as judging
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.listings.policy import load_policy
from agoranomos.goods.listings.renewing import QUIET_S, WAIT_MAX_S, RenewingJudge, compile_beside
from agoranomos.goods.listings.restricted import RestrictedPolicy
from agoranomos.kernel.money import Money
from agoranomos.wiring import Wiring
from tests.builders import NOW
from tests.stores import make_store

NEW = Brand(brand_id="zorblaxia", names=("Zorblaxia",))


class Named:
    """A judge with nothing but a name."""

    def __init__(self, version: str) -> None:
        self.version = version
        self.closed = False

    def assess(self, listing: Listing) -> Assessment:
        return self._nothing_in(listing)

    def glance(self, listing: Listing) -> Assessment | None:
        return self._nothing_in(listing)

    def _nothing_in(self, listing: Listing) -> Assessment:
        return Assessment(
            listing_id=listing.listing_id, store_id=self.version, profile="", scores={}, signals=(), findings=()
        )

    def close(self) -> None:
        self.closed = True


class House:
    """A registry that changes, and seconds that pass."""

    def __init__(self) -> None:
        self.stamp, self.seconds, self.compiled = "one", 0.0, 0
        self.made: list[Named] = []
        self.judge = RenewingJudge(
            self._make, lambda: self.stamp, self._compile, poll_s=0.001, clock=lambda: self.seconds
        )

    def _make(self) -> Named:
        self.made.append(Named(self.stamp))
        return self.made[-1]

    def _compile(self) -> None:
        self.compiled += 1

    def after(self, seconds: float) -> bool:
        self.seconds += seconds
        return self.judge.look()


@pytest.fixture
def house() -> House:
    return House()


def test_nothing_is_done_while_nothing_changes(house: House) -> None:
    assert not any(house.after(WAIT_MAX_S) for _ in range(3))
    assert (len(house.made), house.compiled) == (1, 0)


def test_a_change_is_taken_over_when_it_rests(house: House) -> None:
    house.stamp = "two"
    assert not house.after(5)
    assert not house.after(QUIET_S - 1)
    assert house.judge.version == "one"
    assert house.after(1)
    assert (house.judge.version, house.compiled) == ("two", 1)
    listing = Listing(listing_id="l1", store_id="s1", title="Shoes", price=None)
    assert house.judge.assess(listing).store_id == "two"
    glance = house.judge.glance(listing)
    assert glance is not None
    assert glance.store_id == "two"
    assert [judge.closed for judge in house.made] == [True, False]
    assert not house.after(QUIET_S)


def test_a_registry_that_never_rests_is_taken_over_all_the_same(house: House) -> None:
    taken = 0
    for number in range(100):
        house.stamp = f"change {number}"
        taken += house.after(QUIET_S / 2)
    assert 1 <= taken <= 100 * QUIET_S / 2 / WAIT_MAX_S


def test_it_looks_by_itself_and_goes_on_after_a_failure(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    looked, again = threading.Event(), threading.Event()

    def look() -> bool:
        if looked.is_set():
            again.set()
            return False
        looked.set()
        raise ConnectionError

    monkeypatch.setattr(house.judge, "look", look)
    with house.judge:
        assert again.wait(60)


def test_the_store_is_followed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(Wiring, "check_judge", lambda wiring: Named(wiring.snapshot().version))
    compiled: list[str] = []
    monkeypatch.setattr(
        "agoranomos.goods.listings.renewing.compile_beside", lambda snapshot, *_: compiled.append(snapshot.version)
    )
    monkeypatch.setattr("agoranomos.goods.listings.renewing.QUIET_S", 0.0)
    make_store(tmp_path).close()
    wiring = Wiring(tmp_path, database_url=f"sqlite:///{tmp_path / 'agora.db'}")
    judge, before = wiring.renewing, wiring.snapshot().version
    assert judge.version == before
    with wiring.store().transaction() as connection:
        register(connection, [NEW], NOW)
    assert judge.look()
    assert judge.version == wiring.snapshot().version != before
    assert compiled == [judge.version]
    wiring.store().close()


@pytest.mark.slow
def test_names_are_compiled_beside(judge_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    snapshot, restricted = RegistrySnapshot([NEW]), load_policy().restricted
    compile_beside(snapshot, restricted, judge_cache)
    monkeypatch.setattr(judging, "compile_lexicon", lambda *_: pytest.fail("everything is compiled"))
    judge = judging.build_judge(snapshot, cache=judge_cache, restricted=restricted)
    title = "Zorblaxia shoes 1:1 replica"
    listing = Listing(listing_id="l1", store_id="s1", title=title, price=Money(100, "CNY"), seller_id="p1")
    assert judge.assess(listing).signals


STOPS_AMID_IT = """
import threading, time
from pathlib import Path
from agoranomos.goods.listings import renewing

def compiles_for_long(brands, restricted, cache):
    (cache / "begun").touch()
    time.sleep(300)

if __name__ == "__main__":
    renewing._compiled = compiles_for_long
    cache = Path(__file__).parent
    given = (renewing.RegistrySnapshot(()), None, cache)
    threading.Thread(target=renewing.compile_beside, args=given, daemon=True).start()
    while not (cache / "begun").exists():
        time.sleep(0.05)
"""


@pytest.mark.slow
def test_who_stops_does_not_wait_for_what_is_compiled(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(STOPS_AMID_IT)
    subprocess.run([sys.executable, program], check=True, timeout=120)


def test_a_process_that_fails_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("agoranomos.goods.listings.renewing._compiled", int)  # which wants no three arguments
    with pytest.raises(ChildProcessError, match="compiles names ended with 1"):
        compile_beside(RegistrySnapshot(()), RestrictedPolicy(), tmp_path)
