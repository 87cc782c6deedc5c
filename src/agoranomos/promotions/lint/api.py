"""The lint over HTTP: parse, one call, present."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Router, post
from litestar.params import RawBody

from agoranomos.kernel import events
from agoranomos.kernel.json_text import decoded
from agoranomos.promotions.lint.goods import Listed
from agoranomos.promotions.lint.report import Report
from agoranomos.promotions.lint.service import LintService
from agoranomos.web.auth import PERMISSION
from agoranomos.web.openapi import json_body, problems
from agoranomos.web.problems import json_only

READ = {PERMISSION: "promotions.read"}
SECONDS_MAX = 5.0
"""Who waits for an answer waits so long at most; the command looks longer."""


class LintAsked(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Entries of a campaign file; the goods that there are (absent: those that the campaigns speak of), `with_live`:
    together with all campaigns that were declared and are not over.
    """

    campaigns: list[dict[str, Any]]
    goods: list[Listed] | None = None
    with_live: bool = False


def api_router(service: LintService) -> Router:
    """The address of the lint, under `/v1/promotions`."""

    @post("/lint", status_code=200, sync_to_thread=True, guards=[json_only], summary="Look at campaigns before launch",
          operation_id="lintCampaigns", opt=READ, operation_class=json_body(LintAsked),
          responses=problems(400, 401, 403, 413, 415, 422))  # fmt: skip
    def lint(body: RawBody) -> Report:
        """The worst basket and the largest loss that they allow together, and what is refused, with receipts."""
        form = events.typed(decoded(body, "body"), LintAsked)
        return service.briefly(form.campaigns, seconds_max=SECONDS_MAX, listed=form.goods, with_live=form.with_live)

    return Router("/v1/promotions", route_handlers=[lint], tags=["Promotions"])
