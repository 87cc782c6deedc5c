"""What the verbs of this room are given and give back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Literal

import msgspec

from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import parse_rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.ids import derived, is_id

BECAUSE_MAX = 100


class Want(msgspec.Struct, frozen=True):
    """What is to be done to whom; `params` such as {"points": 12} are ids, codes and numbers. Raises Invalid."""

    kind: str
    subject: Subject
    params: dict[str, Any] = {}

    def __post_init__(self) -> None:
        if not is_id(self.kind):
            raise Invalid("the kind of an action looks like listing.remove", pointer="/kind")
        if not is_id(self.subject.id):
            raise Invalid("the id of a subject has 1 to 128 printable characters", pointer="/subject/id")

    def action_id(self, because: tuple[str, ...]) -> str:
        """The id of this action for these reasons; asking again is asking for the same."""
        params = msgspec.json.encode(self.params, order="sorted").decode()
        return derived("act", self.kind, self.subject.kind, self.subject.id, params, *sorted(because))


class Measure(msgspec.Struct, frozen=True, kw_only=True):
    """Many actions that were asked for, agreed to and undone as one; `counts` by status."""

    id: str
    at: datetime
    requested_by: str
    actions: int
    counts: dict[str, int]
    undone_at: datetime | None = None
    undone_by: str | None = None


class Undone(msgspec.Struct, frozen=True, kw_only=True):
    """What undoing came to, in ids of actions.

    `reversed`: had taken effect, and the reversing actions `by` were asked for. `stopped`: had not gone out, and will
    not. `awaited`: on their way; reversed as soon as they have taken effect. `lasting`: took effect and cannot be taken
    back. `without_effect`: failed, refused or undone before. `standing`: others have asked for it as well; it stands
    until their reasons are withdrawn, too.
    """

    reversed: tuple[str, ...] = ()
    by: tuple[str, ...] = ()
    stopped: tuple[str, ...] = ()
    awaited: tuple[str, ...] = ()
    lasting: tuple[str, ...] = ()
    without_effect: tuple[str, ...] = ()
    standing: tuple[str, ...] = ()


def actor_of(text: str) -> Actor:
    """The actor that is written `rule:r1`. Raises Invalid."""
    kind, _, actor_id = text.partition(":")
    try:
        return msgspec.convert({"kind": kind, "id": actor_id}, Actor)
    except msgspec.ValidationError as error:
        raise Invalid("an actor is written as its kind and id, such as rule:r1", pointer="/requested_by") from error


def mistake_in(action: Action) -> str | None:
    """The field for which `action`, as a detector made it, cannot be kept; None when it can."""
    ids = {"id": action.id, "kind": action.kind, "subject": action.subject.kind, "subject.id": action.subject.id}
    for name, value in ids.items():
        if not is_id(value):
            return name
    if not 1 <= len(action.because) <= BECAUSE_MAX or not all(map(is_id, action.because)):
        return "because"
    for name, read in _READ.items():
        try:
            read(getattr(action, name))
        except (Invalid, TypeError, ValueError, msgspec.MsgspecError):
            return name
    return None


_READ: dict[str, Callable[[Any], object]] = {
    "at": parse_rfc3339, "requested_by": actor_of, "params": msgspec.json.encode,
}  # fmt: skip

DeliveryState = Literal["waiting", "delivered", "dead", "stopped"]
EndpointState = Literal["active", "disabled", "removed"]


class Endpoint(msgspec.Struct, frozen=True, kw_only=True):
    """Where actions are delivered. `disabled`: it said that it is gone (410)."""

    id: str
    url: str
    state: EndpointState
    allow_private: bool
    added_at: datetime


class Delivery(msgspec.Struct, frozen=True, kw_only=True):
    """One action on its way to one endpoint. `message_id` is its `webhook-id`, the same in every attempt.

    `due_at`: when it is tried next; None while an earlier one for the same subject is under way, or when it has ended.
    `reason`: the code of the last failure, such as `http_503` or `timeout`.
    """

    id: str
    message_id: str
    action_id: str
    endpoint_id: str
    status: DeliveryState
    attempts: int
    due_at: datetime | None = None
    ended_at: datetime | None = None
    reason: str | None = None
