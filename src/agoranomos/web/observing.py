"""What an operator sees of the requests: metrics for Prometheus, and a line of log for each.

Neither names a person or repeats what was asked: the route stands for the address, and the caller is an id.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from time import perf_counter
from typing import Any, Final

from litestar import Litestar, MediaType, Response, get
from litestar.types import HTTPScope
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from agoranomos.web.auth import PERMISSION, known_caller_in
from agoranomos.web.security import request_id, status_of

_log = logging.getLogger("agoranomos.requests")
_NO_ROUTE: Final = "(none)"
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The metrics of one application; `registry` takes those of other rooms as well."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter("agora_http_requests", "Requests answered", labels, registry=self.registry)
        self._seconds = Histogram(
            "agora_http_request_seconds", "Seconds until the answer was sent", ("route",), registry=self.registry,
            buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
        )  # fmt: skip
        self._count: dict[tuple[str, str, int], Callable[[], None]] = {}
        self._observe: dict[str, Callable[[float], None]] = {}

    def gauge(self, name: str, about: str, read: Callable[[], float]) -> None:
        """A figure that is read when somebody asks for the metrics."""
        Gauge(name, about, registry=self.registry).set_function(read)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request was answered."""
        key = (method, route, status)
        if key not in self._count:  # looking a child up by its labels costs ten times a call
            self._count[key] = self._requests.labels(method, route, str(status)).inc
            self._observe[route] = self._seconds.labels(route).observe
        self._count[key]()
        self._observe[route](seconds)


def metrics_route(metrics: Metrics) -> Any:
    """`GET /metrics` in the text format of Prometheus."""

    @get(
        "/metrics",
        sync_to_thread=False,
        opt={PERMISSION: "metrics.read"},
        include_in_schema=False,
        media_type=MediaType.TEXT,
    )
    def show() -> Response[bytes]:
        return Response(generate_latest(metrics.registry), headers={"content-type": CONTENT_TYPE_LATEST})

    return show


class Application(Litestar):
    """Litestar, with every request observed: also those that meet no route, which no middleware sees."""

    metrics: Metrics

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The ASGI application."""
        if scope["type"] != "http":
            await super().__call__(scope, receive, send)
            return
        begun = perf_counter()
        try:
            await super().__call__(scope, receive, send)
        finally:
            self._observe(scope, status_of(scope), perf_counter() - begun)

    def _observe(self, scope: HTTPScope, status: int, seconds: float) -> None:
        route = str(scope.get("path_template") or _NO_ROUTE)
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        self.metrics.answered(method, route, status, seconds)
        if _log.isEnabledFor(logging.INFO):
            caller = known_caller_in(scope)
            facts = {
                "request_id": request_id(scope), "method": method, "route": route, "status": status,
                "ms": round(seconds * 1000, 1), "caller": str(caller.actor) if caller else None,
            }  # fmt: skip
            _log.info("%s %s %s", method, route, status, extra={"facts": facts})
