"""The plots that come with the system."""

from __future__ import annotations

from typing import Final

from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.plots.bad_faith_notices import BadFaithNotices
from agoranomos.engine.market.plots.bought_praise import BoughtPraise
from agoranomos.engine.market.plots.commingled_batch import CommingledBatch
from agoranomos.engine.market.plots.corrupt_clerk import CorruptClerk
from agoranomos.engine.market.plots.deletion_pressure import DeletionPressure
from agoranomos.engine.market.plots.disguised_brand import DisguisedBrand
from agoranomos.engine.market.plots.hired_operator import HiredOperator
from agoranomos.engine.market.plots.partner_harvest import PartnerHarvest
from agoranomos.engine.market.plots.returning_seller import ReturningSeller
from agoranomos.engine.market.plots.review_extortion import ReviewExtortion
from agoranomos.engine.market.plots.sharded_crawler import ShardedCrawler
from agoranomos.engine.market.plots.top_up_glitch import TopUpGlitch
from agoranomos.engine.market.plots.unseen_fakes import UnseenFakes

SHIPPED: Final[tuple[Plot, ...]] = (
    BadFaithNotices(), BoughtPraise(), CommingledBatch(), CorruptClerk(), DeletionPressure(), DisguisedBrand(),
    HiredOperator(), PartnerHarvest(), ReturningSeller(), ReviewExtortion(), ShardedCrawler(),
    TopUpGlitch(), UnseenFakes(),
)  # fmt: skip
