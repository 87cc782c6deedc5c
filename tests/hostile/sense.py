"""What a document cannot say about a request: which kinds, addresses and ids there are."""

from __future__ import annotations

from typing import Any, Final

from schemathesis import GenerationMode

from agoranomos.enforcement.policy import load_policy
from agoranomos.staff.roles import Role
from tests.goods.listings.market import make_event
from tests.staff.house import Client

KINDS: Final = tuple(load_policy().kinds)
LISTS: Final = {
    "action_id": "/v1/actions", "approval_id": "/v1/approvals", "decision_id": "/v1/decisions",
    "delivery_id": "/v1/webhooks/deliveries", "endpoint_id": "/v1/webhooks/endpoints", "finding_id": "/v1/findings",
    "key_id": "/v1/keys", "measure_id": "/v1/measures", "person_id": "/v1/people",
}  # fmt: skip
"""What stands open in an address, and where to look for values of it."""
ELSE: Final[dict[str, list[Any]]] = {"role": list(Role), "index": [0, 1], "path": ["/0/000.p/1", "/entries/000.p/1"]}
"""What else does, and its values."""


def name_what_is_there(case: Any, number: int, client: Client) -> None:
    """Fills the address with something that the store has, as `client` sees it."""
    for name in case.path_parameters or ():
        if name in LISTS:
            listed = client.get(LISTS[name]).json()
            items = listed if isinstance(listed, list) else listed["items"]
            known = [each.get("id") or each[name] for each in items]
        else:
            known = ELSE.get(name, [])
        if known:
            case.path_parameters[name] = known[number % len(known)]


def wish(kind: str, number: int) -> dict[str, Any]:
    """A wish for an action of `kind` about something of that kind, or about a store."""
    about = kind.partition(".")[0]
    known = {"listing", "seller", "store", "coupon", "campaign", "principal", "review"}
    subject = {"kind": about if about in known else "store", "id": f"s{number}"}
    return {"kind": kind, "subject": subject, "params": {"points": 3, "days": 7}}


def make_sense(case: Any, number: int) -> None:
    """What a document cannot say: kinds of actions are those of the policy, addresses look like addresses."""
    body = case.body
    if not isinstance(body, dict) or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    match case.operation.label:
        case "POST /v1/actions":
            kinds = [KINDS[(number + each) % len(KINDS)] for each in range(len(body["actions"]))]
            body["actions"] = [wish(kind, number + at) for at, kind in enumerate(kinds)]
            body["because"] = [f"f{number}"]
        case "POST /v1/checks/listing":
            body.update(make_event(listing_id=f"l{number}"))
        case "POST /v1/decisions/{decision_id}/acknowledgement":
            body["by"] = "s-1"
        case "POST /v1/keys":
            body["permissions"] = ["checks.run", "decisions.read"]
        case "POST /v1/people":
            body["email"] = f"somebody{number}@example.org"
        case "POST /v1/webhooks/endpoints":
            body["url"] = f"https://shop{number}.example/hooks"
