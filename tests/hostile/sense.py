"""What a document cannot say about a request: which things there are, and which bodies make sense."""

from __future__ import annotations

from typing import Any, Final

from schemathesis import GenerationMode

from agoranomos.staff.roles import Role
from tests.hostile import desks
from tests.hostile.bodies import BODIES, RULE
from tests.staff.house import Client

LISTS: Final = {
    "buyers": "/v1/batches", "case_id": "/v1/cases", "delivery_id": "/v1/webhooks/deliveries",
    "endpoint_id": "/v1/webhooks/endpoints",
}  # fmt: skip
"""Where to look for what stands open in an address, when the address before it lists something else."""
ELSE: Final[dict[str, list[Any]]] = {
    "role": list(Role), "index": [0, 1], "path": ["/0/000.p/1", "/entries/000.p/1"], "seller_id": ["u1", "u2"],
    **desks.ELSE,
}  # fmt: skip
"""What else does, and its values."""


def name_what_is_there(case: Any, number: int, client: Client) -> None:
    """Fills the address with something that the store has, as `client` sees it."""
    for name in case.path_parameters or ():
        known = ELSE.get(name) or _listed(LISTS.get(name) or case.path.partition(f"/{{{name}}}")[0], name, client)
        if known:
            # Not the same for each address: what one operation ends, another one would find ended.
            case.path_parameters[name] = known[(number + len(case.path)) % len(known)]


def _listed(address: str, name: str, client: Client) -> list[Any]:
    """The ids of what `address` lists; none where nothing is listed."""
    answer = client.get(address)
    if answer.status_code != 200:
        return []
    listed = answer.json()
    items = listed if isinstance(listed, list) else listed.get("items", [])
    return [found for each in items if (found := each.get("id") or each.get(name) or _within(each, name))]


def _within(item: dict[str, Any], name: str) -> Any:
    """`name` of what an item holds, such as the export in what is shown of one."""
    return next((each[name] for each in item.values() if isinstance(each, dict) and name in each), None)


def make_sense(case: Any, number: int) -> None:
    """Gives a request that the document allows the body, or query, that one who knows the market would send."""
    for name, value in (case.path_parameters or {}).items():
        if value == "":  # an answer named nothing, and the address without this piece is another operation's
            case.path_parameters[name] = "nothing"
    if case.operation.label in desks.QUERIES and case.meta.generation.mode is GenerationMode.POSITIVE:
        case.query = dict(desks.QUERIES[case.operation.label])
    if not isinstance(case.body, dict) or case.meta.generation.mode is not GenerationMode.POSITIVE:
        return
    if case.operation.label == "POST /v1/rules/{rule_id}/verdict" and case.path_parameters:
        case.path_parameters["rule_id"] = RULE
    made = BODIES.get(case.operation.label)
    if made is not None:
        case.body = made(number)
