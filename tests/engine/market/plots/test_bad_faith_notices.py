"""A rights holder in bad faith and one who is right: what the market tells, and that the rules tell them apart."""

from __future__ import annotations

from collections import Counter

import pytest

from agoranomos.engine.market.plots.bad_faith_notices import BadFaithNotices
from agoranomos.kernel.events import parse_event
from tests.engine.market.builders import make_market, make_settings
from tests.goods.trade.builders import actions, findings, replayed

PLOT = BadFaithNotices()
MARKET = make_market(make_settings(32, sellers=10, buyers=100), PLOT)
ROWS = [row for row in MARKET.truth if row.plot == PLOT.name]


def named(role: str) -> set[str]:
    return {row.subject_id for row in ROWS if row.role == role}


def test_each_holder_files_and_is_decided() -> None:
    assert Counter(row.role for row in ROWS) == {
        "bad faith": 1, "honest holder": 1, "victim": PLOT.victims, "seller of copies": PLOT.copiers,
        "harassed": PLOT.bad, "copy": PLOT.good,
    }  # fmt: skip
    filed = {event.data["notice_id"]: event.data for event in MARKET.of("notice.filed")}
    decided = {event.data["notice_id"]: event.data["outcome"] for event in MARKET.of("notice.decided")}
    for role, count, least, most in (("bad faith", PLOT.bad, 0, 4), ("honest holder", PLOT.good, 6, 8)):
        mine = [name for name, data in filed.items() if data["rights_holder_id"] in named(role)]
        assert len(mine) == count
        assert least <= sum(decided[name] == "upheld" for name in mine) <= most
    sold = {line["listing_id"] for event in MARKET.of("order.placed") for line in event.data["lines"]}
    assert named("copy") <= sold


@pytest.mark.slow
def test_the_rules_name_the_one_and_not_the_other() -> None:
    said = replayed(*(parse_event(event.raw()) for event in MARKET.events))
    assert {each.subject.id for each in findings(said, "goods.notices_in_bad_faith")} == named("bad faith")
    assert {each.subject.id for each in findings(said, "goods.repeat_infringer")} == named("seller of copies")
    recalled = {each.subject.id for each in findings(said, "goods.confirmed_fake")}
    assert len(recalled & named("copy")) >= PLOT.good - 2
    assert not recalled & named("harassed")
    refunded = {each.params["listing_id"] for each in actions(said, "order.refund")}
    assert named("copy") & recalled <= refunded <= recalled
    closed = {each.subject.id for each in actions(said, "store.close")}
    assert not closed & named("victim")
