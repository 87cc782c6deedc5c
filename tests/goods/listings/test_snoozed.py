"""A detector that is snoozed for a listing, store or seller: listed, counting for nothing, and saying so."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient

from agoranomos.application import create_app
from agoranomos.engine.stream.run import Run
from agoranomos.goods.listings.deciding import decide, without
from agoranomos.goods.listings.fusion import Priors, assess
from agoranomos.goods.listings.judge import TextJudge
from agoranomos.goods.listings.model import Assessment, Concern, Listing, Signal
from agoranomos.goods.listings.policy import load_policy
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.consulting import NoRules, Quiet
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.store import Store
from agoranomos.rules import snoozing
from agoranomos.rules.following import Following
from agoranomos.rules.snoozing import NewSnooze
from tests.builders import NOW, make_vault
from tests.goods.listings.market import TickingClock, TrickJudge
from tests.goods.listings.test_monitor import FAKE, Judges, listed, monitor
from tests.rules.builders import ADA, draw
from tests.web.callers import caller_with

STORE = Subject("store", "s1")
COPY, DISGUISE = "goods.copy_offered", "goods.brand_disguised"
FUSED = "goods.suspected_counterfeit"


def quiet(*codes: str) -> dict[str, Quiet]:
    return {code: Quiet(code=code, subject=STORE, snooze_id=f"sn-{code}", until=rfc3339(NOW)) for code in codes}


def signal(code: str, weight: float, concern: Concern = Concern.COUNTERFEIT) -> Signal:
    return Signal(code=code, concern=concern, weight=weight, message=code, message_zh=code, detector=code)


def assessed(*signals: Signal) -> Assessment:
    listing = Listing(listing_id="l1", store_id="s1", title="x", price=None)
    return assess(listing, "general", signals, priors=Priors(), report_line=0.5, at=rfc3339(NOW))


BOTH = (signal(DISGUISE, 4.0), signal(COPY, 3.0), signal("goods.own_brand", -0.5))


def test_scores_are_those_of_what_counts() -> None:
    there, here = assessed(*BOTH), assessed(BOTH[0], BOTH[2])
    left = without(there, quiet(COPY))
    assert left.scores[Concern.COUNTERFEIT] == pytest.approx(here.scores[Concern.COUNTERFEIT], abs=1e-5)
    assert [each.code for each in left.signals] == [DISGUISE, "goods.own_brand"]
    assert without(there, {}) is there
    assert without(there, quiet(COPY, DISGUISE)).scores == {}
    assert without(there, quiet(FUSED)).scores == {}
    assert without(there, quiet("goods.own_brand")) is there, "what speaks for the seller goes on doing so"


def test_a_finding_that_adds_up_several_is_added_up_anew() -> None:
    three = assessed(*BOTH, signal("goods.price_too_low", 1.0))
    [fused] = [each for each in without(three, quiet(COPY)).findings if each.code == FUSED]
    [expected] = [
        each for each in assessed(BOTH[0], BOTH[2], signal("goods.price_too_low", 1.0)).findings if each.code == FUSED
    ]
    assert fused.score == pytest.approx(expected.score, abs=1e-5)
    assert fused.reasons == expected.reasons
    assert FUSED not in {each.code for each in without(assessed(*BOTH), quiet(COPY)).findings}
    other = without(three, quiet("goods.contact_offered"))
    assert other.findings == three.findings


def test_the_decision_lists_it_and_says_why_it_does_not_count() -> None:
    policy = load_policy()
    plain = decide(assessed(*BOTH), policy, "d", rfc3339(NOW), warned_before=False)
    made = decide(assessed(*BOTH), policy, "d", rfc3339(NOW), warned_before=False, quiet=quiet(COPY, DISGUISE))
    assert (plain.outcome, made.outcome, made.score) == (Outcome.WARN, Outcome.APPROVE, 0.0)
    by_code = {hit.code: hit for hit in made.hits}
    assert {code: hit.status for code, hit in by_code.items()} == {
        "goods.own_brand": "live", COPY: "snoozed", DISGUISE: "snoozed",
    }  # fmt: skip
    assert by_code[COPY].outcome is Outcome.WARN, "what it would have called for"
    assert by_code[COPY].values["snooze_id"] == f"sn-{COPY}"
    assert [each.code for each in made.reasons] == ["goods.own_brand", "rules.snoozed", "rules.snoozed"]


class Snoozed(NoRules):
    """Knows of one snooze, and what was asked."""

    def __init__(self, code: str, subject: Subject) -> None:
        self.found = Quiet(code=code, subject=subject, snooze_id="sn", until=rfc3339(NOW))
        self.asked: list[tuple[Sequence[Subject], datetime]] = []

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        self.asked.append((subjects, at))
        return {self.found.code: self.found} if self.found.code in codes and self.found.subject in subjects else {}


def said(desk: Any, *raws: dict[str, Any]) -> tuple[list[Finding], list[Decision]]:
    outputs = list(Run([desk]).feed([parse_event(each) for each in raws]))
    found = [each for each in outputs if isinstance(each, Finding)]
    return found, [each for each in outputs if isinstance(each, Decision)]


def test_in_the_stream_as_of_the_event(judge: TextJudge) -> None:
    opened = parse_event(listed("e0", 0)).time
    found, [plain] = said(monitor(Judges(judge)), listed("e1", 1, FAKE))
    assert FUSED in {each.code for each in found}
    assert plain.outcome is not Outcome.APPROVE
    desk = monitor(Judges(judge))
    knows = desk._rules = Snoozed(FUSED, STORE)
    found, [made] = said(desk, listed("e1", 1, FAKE))
    assert {each.code for each in found if each.code == FUSED} == set()
    against = [hit for hit in made.hits if hit.values["concern"] == "counterfeit" and hit.values["weight"] > 0]
    assert against
    assert {hit.status for hit in against} == {"snoozed"}
    assert knows.asked == [((Subject("listing", "l1"), STORE), opened + timedelta(minutes=1))]


def test_over_http_from_the_store_and_until_it_ends(store: Store) -> None:
    clock = TickingClock()
    clock.now = NOW
    following = Following(store, ("listing",), lambda: clock.now)
    app = create_app(
        TrickJudge(), store, load_policy(), clock, vault=make_vault(), consultant=following,
        authenticate=caller_with("checks.run", "decisions.read"),
    )  # fmt: skip
    price = {"amount": 9900, "currency": "CNY"}
    data = {"listing_id": "l1", "store_id": "s1", "title": "Nіｋｅ 1:1 原单", "price": price}
    body = {"id": "e", "source": "shop", "type": "listing.submitted", "time": rfc3339(NOW), "data": data}
    with TestClient(app) as client:
        following.refresh()
        before = client.post("/v1/checks/listing", json=body).json()
        wanted = NewSnooze(code=FUSED, subject=STORE, reason="the brand's own", until=NOW + timedelta(hours=1))
        with store.transaction() as connection:
            made = snoozing.snooze(connection, wanted, by=ADA, now=NOW, draw=draw)
        following.refresh()
        clock.forward(seconds=1)
        within = client.post("/v1/checks/listing", json=body).json()
        clock.forward(seconds=7200)
        after = client.post("/v1/checks/listing", json=body).json()
    assert [each["outcome"] for each in (before, within, after)] == ["warn", "approve", "warn"]
    assert {hit["status"] for hit in within["hits"]} == {"snoozed"}
    assert (within["quotes"], within["advice"]) == ([], [])
    [why] = within["reasons"]
    assert why["evidence"]["snooze_id"] == made.snooze_id
    assert msgspec.json.encode(within) != msgspec.json.encode(before)


def test_rules_do_not_see_what_is_snoozed(judge: TextJudge) -> None:
    seen: list[dict[str, float]] = []

    class Asked(Snoozed):
        def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Any:
            seen.append(dict(scores))
            return super().ask(check, event, scores)

    for code in (FUSED, "goods.nothing"):
        desk = monitor(Judges(judge))
        desk._rules = Asked(code, STORE)
        said(desk, listed("e1", 1, FAKE))
    assert seen[1].keys() > seen[0].keys()
