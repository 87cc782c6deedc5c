"""What a document cannot say about a request: which things there are, and which bodies make sense."""

from __future__ import annotations

from typing import Any, Final

from schemathesis import GenerationMode

from agoranomos.staff.roles import Role
from tests.hostile.bodies import BODIES, RULE
from tests.staff.house import Client

LISTS: Final = {
    "buyers": "/v1/batches", "delivery_id": "/v1/webhooks/deliveries", "endpoint_id": "/v1/webhooks/endpoints",
}  # fmt: skip
"""Where to look for what stands open in an address, when the address before it lists something else."""
ELSE: Final[dict[str, list[Any]]] = {
    "role": list(Role), "index": [0, 1], "path": ["/0/000.p/1", "/entries/000.p/1"], "seller_id": ["u1", "u2"],
}  # fmt: skip
"""What else does, and its values."""


def name_what_is_there(case: Any, number: int, client: Client) -> None:
    """Fills the address with something that the store has, as `client` sees it."""
    for name in case.path_parameters or ():
        known = ELSE.get(name) or _listed(LISTS.get(name) or case.path.partition(f"/{{{name}}}")[0], name, client)
        if known:
            case.path_parameters[name] = known[number % len(known)]


def _listed(address: str, name: str, client: Client) -> list[Any]:
    """The ids of what `address` lists; none where nothing is listed."""
    answer = client.get(address)
    if answer.status_code != 200:
        return []
    listed = answer.json()
    items = listed if isinstance(listed, list) else listed.get("items", [])
    return [each.get("id") or each[name] for each in items if "id" in each or name in each]


def make_sense(case: Any, number: int) -> None:
    """Gives a request that the document allows the body that one who knows the market would send."""
    if not isinstance(case.body, dict) or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if case.operation.label == "POST /v1/rules/{rule_id}/verdict" and case.path_parameters:
        case.path_parameters["rule_id"] = RULE
    made = BODIES.get(case.operation.label)
    if made is not None:
        case.body = made(number)
