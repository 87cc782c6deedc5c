"""A telephone company over HTTP: two calls, each safe to repeat.

`POST {url}/bindings` with `{binding_id, a, b, expires_at}` answers `{virtual_number}`, the same to the same
`binding_id`; `POST {url}/bindings/{binding_id}/expire` ends it. Errors name no number and repeat nothing that was
answered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from agoranomos.enforcement.addresses import check_url
from agoranomos.enforcement.posting import OK, Poster
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict
from agoranomos.reviews.numbers.policy import Source
from agoranomos.reviews.numbers.provider import Wish

ANSWER_BYTES_MAX: Final = 65_536
_GONE: Final = ("http_404", "http_410")


class _Given(msgspec.Struct):
    virtual_number: Annotated[str, msgspec.Meta(pattern=r"^\+?[0-9]{3,20}$")]


@dataclass(frozen=True, slots=True)
class Company:
    """See `provider.Provider`. `key` is asked for at each call, so that it can be renewed while this runs."""

    source: Source
    key: Callable[[], str]
    poster: Poster

    def bind(self, wish: Wish, now: datetime) -> str:  # noqa: ARG002 - the company has a clock of its own
        """The number that the company gives."""
        body = {"binding_id": wish.binding_id, "a": wish.a, "b": wish.b, "expires_at": rfc3339(wish.expires_at)}
        code, answer = self._ask("bindings", body)
        if code != OK:
            raise Conflict(f"the provider of numbers gave none ({code}); ask again, nothing is bound twice")
        try:
            return msgspec.json.decode(answer, type=_Given).virtual_number
        except msgspec.MsgspecError:
            words = "the provider of numbers answered without a `virtual_number` of digits; see its documentation"
            raise Conflict(words) from None  # msgspec's message may quote the answer

    def expire(self, binding_id: str, now: datetime) -> None:  # noqa: ARG002
        """What the company does not know has ended."""
        code, _ = self._ask(f"bindings/{binding_id}/expire", {})
        if code != OK and code not in _GONE:
            raise Conflict(f"the provider of numbers did not end it ({code}); it is tried again")

    def _ask(self, path: str, body: dict[str, Any]) -> tuple[str, bytes]:
        allowed = self.source.allow_private
        url = check_url(f"{self.source.url.rstrip('/')}/{path}", allow_private=allowed)
        headers = [("content-type", "application/json"), ("authorization", f"Bearer {self.key()}")]
        return self.poster.ask(url, headers, msgspec.json.encode(body), allow_private=allowed)
