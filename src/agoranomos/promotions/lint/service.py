"""The lint over files and over the store: what HTTP, commands and the monitor share."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import msgspec

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import MINOR_DIGITS
from agoranomos.kernel.store import Store
from agoranomos.promotions.campaigns import queries
from agoranomos.promotions.campaigns.model import Declared, campaign_of, over
from agoranomos.promotions.lint.goods import Listed
from agoranomos.promotions.lint.policy import Policy
from agoranomos.promotions.lint.report import Report

_START: Final = datetime(1970, 1, 1, tzinfo=UTC)
GOODS_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class LintService:
    """The policy and the clock; the store is asked only for campaigns that are live."""

    open_store: Callable[[], Store]
    policy: Policy
    clock: Clock

    def lint(
        self,
        entries: Iterable[dict[str, Any]],
        *,
        policy: Policy | None = None,
        listed: Sequence[Listed] | None = None,
        with_live: bool = False,
    ) -> Report:
        """The report about entries of a campaign file, `with_live`: and all that is live or will be. Raises Invalid
        for entries that cannot be used.
        """
        from agoranomos.promotions.lint.linting import Question, lint  # noqa: PLC0415 - the solver takes a second

        now = self.clock()
        campaigns = {each.id: each for each in (self._live(now) if with_live else ())}
        for place, entry in enumerate(entries):
            campaign = campaign_of(entry, f"/{place}")
            campaigns[campaign.id] = Declared(campaign=campaign, document=entry, declared_at=_START)
        if not campaigns:
            raise Invalid("there is no campaign to look at")
        return lint(Question(list(campaigns.values()), listed, now), policy or self.policy)

    def briefly(
        self, entries: Iterable[dict[str, Any]], *, seconds_max: float, listed: Sequence[Listed] | None = None,
        with_live: bool = False,
    ) -> Report:  # fmt: skip
        """As `lint`, for somebody who waits for the answer: the solver looks for `seconds_max` at most."""
        search = self.policy.search
        brief = msgspec.structs.replace(search, effort_s_max=min(search.effort_s_max, seconds_max))
        policy = msgspec.structs.replace(self.policy, search=brief)
        return self.lint(entries, policy=policy, listed=listed, with_live=with_live)

    def _live(self, now: datetime) -> list[Declared]:
        with self.open_store().reading() as connection:
            found = queries.campaigns(connection)
        return [each for each in found if not over(each, now)]


def read_goods(path: Path) -> list[Listed]:
    """Goods in a file of listings, CSV or JSON lines, with the columns listing_id, price_amount, currency and
    [category]. Raises Invalid with the line.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise Invalid(f"{path.name}: the goods cannot be read as UTF-8 text") from error
    if text.lstrip().startswith("{"):
        rows: list[Any] = []
        for number, line in enumerate(text.splitlines(), start=1):
            if line.strip():
                try:
                    rows.append((number, msgspec.json.decode(line)))
                except msgspec.DecodeError as error:
                    raise Invalid(f"{path.name}:{number}: this is not JSON") from error
    else:
        rows = list(enumerate(csv.DictReader(text.splitlines()), start=2))
    if len(rows) > GOODS_MAX:
        raise Invalid(f"{path.name}: more than {GOODS_MAX:,} goods; give those that campaigns are for")
    return [_listed(row, f"{path.name}:{number}") for number, row in rows]


def _listed(row: Any, where: str) -> Listed:
    try:
        found = Listed(
            str(row["listing_id"]), int(row["price_amount"]), str(row["currency"]), row.get("category") or None
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise Invalid(f"{where}: a good has listing_id, price_amount (minor units) and currency") from error
    if found.currency not in MINOR_DIGITS or not 0 <= found.price <= 10**10:
        raise Invalid(f"{where}: this is no price")
    return found
