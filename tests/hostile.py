"""Requests drawn from the OpenAPI document: what it allows and what it forbids, by everybody, alone and in chains.

The application is the whole one on a real store with something of everything in it. Nothing is left to chance: the
same code is asked the same in each run. `python -m tests.hostile` runs all of it and prints what was asked and
answered; `tests/test_schemathesis.py` holds it to no failures.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import hypothesis
import msgspec
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from agoranomos.enforcement.policy import load_policy
from agoranomos.judgements import actions as judgements
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.staff.roles import FOR_PROGRAMS, Role
from tests.audit.log import Log
from tests.builders import NOW
from tests.goods.listings.market import make_event
from tests.staff.house import House
from tests.stores import make_store

FEW: Final = ("checks.run", "decisions.read")
CALLERS: Final = ("nobody", "program", "program of few", *(role.value for role in Role), "everything", "everything too")
"""`program` holds every scope there is for programs; the last two are people with all roles, who approve each other."""
MODES: Final = {"allowed": GenerationMode.POSITIVE, "forbidden": GenerationMode.NEGATIVE}
WIDE: Final = ("program", "everything")
"""Who gets past the guard nearly everywhere asks all that is drawn; the others a third of it."""
EXAMPLES: Final = {"allowed": 16, "forbidden": 5}
"""Of each operation; what a document forbids takes a third of a second to draw."""
CHAINS, CHAIN_STEPS = 50, 25
CHECKED: Final = (
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance",
)  # fmt: skip
KINDS: Final = tuple(load_policy().kinds)


class Asked(NamedTuple):
    """A request and its answer, as far as they are the same in each run."""

    part: str
    who: str
    operation: str
    status: int


class Tally:
    """What was asked and answered, and what was wrong about it."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.wrong: list[str] = []
        self._digest = hashlib.blake2b(digest_size=8)

    def add(self, part: str, who: str, case: Any, response: Any) -> None:
        """Counts an answer, and checks it."""
        operation = case.operation.label
        self.asked.append(Asked(part, who, operation, response.status_code))
        body = b"" if isinstance(case.body, schemathesis.core.NotSet) else repr(case.body).encode("utf-8", "replace")
        self._digest.update(repr((part, who, operation, case.query, response.status_code)).encode() + body)
        for problem in problems_of(case, response):
            words = f"{part}, {who}: {operation} {case.path_parameters or ''} {case.query or ''} {body[:300]!r}"
            self.wrong.append(f"{words}\n    {response.status_code}: {problem}")

    @property
    def digest(self) -> str:
        """Of all requests and the statuses of their answers."""
        return self._digest.hexdigest()

    def summary(self) -> dict[str, Any]:
        """Counts for a reader."""
        return {
            "requests": len(self.asked),
            "operations": len({each.operation for each in self.asked}),
            "callers": dict(Counter(each.who for each in self.asked)),
            "parts": dict(Counter(each.part for each in self.asked)),
            "statuses": {str(status): n for status, n in sorted(Counter(each.status for each in self.asked).items())},
            "answered_5xx": sum(each.status >= 500 for each in self.asked),
            "wrong": len(self.wrong),
            "never_2xx": sorted(self.operations() - {each.operation for each in self.asked if each.status < 300}),
            "digest": self.digest,
        }

    def operations(self) -> set[str]:
        """All operations that were asked."""
        return {each.operation for each in self.asked}


def problems_of(case: Any, response: Any) -> Iterator[str]:
    """What is wrong about an answer: with the document, or as a problem document."""
    load_all_checks()
    try:
        case.validate_response(response, checks=CHECKS.get_by_names(CHECKED))
    except FailureGroup as group:
        yield from (f"{type(each).__name__}: {' '.join(str(each).split())[:300]}" for each in group.exceptions)
    if response.status_code >= 400 and response.headers["content-type"] != ["application/problem+json"]:
        yield f"no problem document but {response.headers['content-type']}"


class Callers:
    """Everybody in CALLERS, signed in."""

    def __init__(self, house: House) -> None:
        self.house = house
        self._given: dict[str, dict[str, dict[str, str]]] = {}
        self._people = 0

    def credentials(self, who: str) -> dict[str, dict[str, str]]:
        """`headers` and `cookies` of the caller."""
        if who not in self._given:
            self._given[who] = self._signed_in(who)
        return self._given[who]

    def forget(self, who: str) -> None:
        """Somebody has taken what `who` had; next time they sign in as somebody new."""
        self._given.pop(who, None)

    def _signed_in(self, who: str) -> dict[str, dict[str, str]]:
        if who == "nobody":
            return {"headers": {}, "cookies": {}}
        if who.startswith("program"):
            scope = FOR_PROGRAMS if who == "program" else FEW
            return {"headers": dict(self.house.program(*sorted(scope)).headers), "cookies": {}}
        roles = tuple(Role) if who.startswith("everything") else (Role(who),)
        self._people += 1
        person = self.house.add(f"caller{self._people}", *roles)
        return {"headers": {}, "cookies": dict(self.house.browser_of(person).cookies)}


@contextmanager
def furnished() -> Iterator[tuple[House, Callers]]:
    """The application with something of everything in its store, and everybody signed in."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        house = House(store)
        callers = Callers(house)
        furnish(house, callers)
        try:
            yield house, callers
        finally:
            store.close()


def furnish(house: House, callers: Callers) -> None:
    """Findings, decisions, actions of every state, a measure, an endpoint with deliveries, approvals, people, keys."""
    with house.store.transaction() as connection:
        reason = Reason("goods.brand_disguised", "because", {"weight": 3.2})
        found = Finding(
            id="f1", at="2026-05-01T00:00:00Z", code="goods.brand_disguised", subject=Subject("listing", "l1"),
            score=0.9, reasons=(reason,), detector="goods.brand_disguised", version="1",
        )  # fmt: skip
        judgements.keep_findings(connection, [found], now=NOW)

    def send(method: str, address: str, body: Any) -> None:
        client = house.browser()  # never entered: leaving it would end the application
        client.cookies.update(callers.credentials("everything")["cookies"])
        answer = client.request(method, address, json=body)
        assert answer.status_code < 300, (address, answer.text)

    send("POST", "/v1/webhooks/endpoints", {"url": "https://shop.example/hooks"})
    wishes = [wish(kind, number) for number, kind in enumerate(KINDS)]
    send("POST", "/v1/actions", {"actions": wishes, "because": ["f1"]})
    send("POST", "/v1/actions", {"actions": wishes, "because": ["f1", "f2"], "as_measure": True})
    send("POST", "/v1/checks/listing", make_event(title="N\u0456\uff4b\uff45 1:1"))
    send("POST", "/v1/people", {"name": "Eve", "email": "eve@example.org"})
    send("POST", "/v1/keys", {"name": "shop", "permissions": ["events.write"]})
    Log(house.store).grow(1)


LISTS: Final = {
    "action_id": "/v1/actions", "approval_id": "/v1/approvals", "decision_id": "/v1/decisions",
    "delivery_id": "/v1/webhooks/deliveries", "endpoint_id": "/v1/webhooks/endpoints", "finding_id": "/v1/findings",
    "key_id": "/v1/keys", "measure_id": "/v1/measures", "person_id": "/v1/people",
}  # fmt: skip
"""What stands open in an address, and where to look for values of it."""


ELSE: Final[dict[str, list[Any]]] = {"role": list(Role), "index": [0, 1], "path": ["/0/000.p/1", "/entries/000.p/1"]}


def name_what_is_there(case: Any, number: int, house: House, signed_in: Callers) -> None:
    """Fills the address with something that the store has."""
    client = house.browser()
    client.cookies.update(signed_in.credentials("everything")["cookies"])
    for name in case.path_parameters or ():
        if name in LISTS:
            listed = client.get(LISTS[name]).json()
            items = listed if isinstance(listed, list) else listed["items"]
            known = [each.get("id") or each[name] for each in items]
        else:
            known = ELSE[name]
        case.path_parameters[name] = known[number % len(known)] if known else "none"


def wish(kind: str, number: int) -> dict[str, Any]:
    """A wish for an action of `kind` about something of that kind, or about a store."""
    about = kind.partition(".")[0]
    known = {"listing", "seller", "store", "coupon", "campaign", "principal", "review"}
    subject = {"kind": about if about in known else "store", "id": f"s{number}"}
    return {"kind": kind, "subject": subject, "params": {"points": 3, "days": 7}}


def make_sense(case: Any, number: int) -> None:
    """What a document cannot say: kinds of actions are those of the policy, addresses look like addresses."""
    body = case.body
    if not isinstance(body, dict):
        return
    match case.operation.label:
        case "POST /v1/actions":
            kinds = [KINDS[(number + each) % len(KINDS)] for each in range(len(body["actions"]))]
            body["actions"] = [wish(kind, number + at) for at, kind in enumerate(kinds)]
            body["because"] = [f"f{number}"]
        case "POST /v1/checks/listing":
            body.update(make_event(listing_id=f"l{number}"))
        case "POST /v1/keys":
            body["permissions"] = list(FEW)
        case "POST /v1/people":
            body["email"] = f"somebody{number}@example.org"
        case "POST /v1/webhooks/endpoints":
            body["url"] = f"https://shop{number}.example/hooks"


def settings(**fields: Any) -> hypothesis.settings:
    """The same requests each time, and no second look at a failure: the store has changed since."""
    return hypothesis.settings(
        deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), **fields,
    )  # fmt: skip


def ask_alone(callers: Sequence[str], mode: str, tally: Tally, times: int = 1) -> None:
    """Every operation by itself, by each of `callers`."""
    with furnished() as (house, signed_in):
        schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", house.app)
        for found in schema.get_all_operations():
            try:
                cases = found.ok().as_strategy(generation_mode=MODES[mode])
            except schemathesis.errors.SchemathesisError:
                assert mode == "forbidden"
                continue  # nothing can be wrong about a request without parameters
            with suppress(hypothesis.errors.Unsatisfiable):  # likewise
                _ask_one(cases, EXAMPLES[mode] * times, callers, mode, house, signed_in, tally)


def _ask_one(
    cases: Any, wanted: int, callers: Sequence[str], mode: str, house: House, signed_in: Callers, tally: Tally
) -> None:  # fmt: skip
    """Draws requests, which takes longer than asking, and asks each by all who get that far and by some others."""
    drawn = count()

    @settings(max_examples=wanted)
    @hypothesis.given(case=cases)
    def ask(case: Any) -> None:
        number = next(drawn)
        if mode == "allowed" and number % 2:
            make_sense(case, number)
            name_what_is_there(case, number // 2, house, signed_in)
        for at, who in enumerate(callers):
            if who in WIDE or (at + number) % 3 == 0:
                response = case.call(**signed_in.credentials(who))
                tally.add(mode, who, case, response)
                if response.status_code == 401:
                    signed_in.forget(who)

    ask()


def ask_in_chains(tally: Tally, times: int = 1) -> None:
    """What one answer names is asked for by the next request, by turns of those who may do much and everybody else.

    Each chain begins with a store of its own, so that it is the same chain whatever came before.
    """
    turns = [who for other in CALLERS for who in ("everything", other, "everything too", "program")]
    open_now = ExitStack()
    with furnished() as (house, _):
        schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", Door(house))

    class Chain(schema.as_state_machine()):  # type: ignore[misc] # made at run time
        def setup(self) -> None:
            open_now.close()
            schema.app.house, self.signed_in = open_now.enter_context(furnished())
            self.steps = 0

        def before_call(self, case: Any) -> None:
            make_sense(case, self.steps)

        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            self.steps += 1
            self.who = turns[(self.steps * 5 + len(case.operation.label)) % len(turns)]
            return self.signed_in.credentials(self.who)

        def validate_response(self, response: Any, case: Any, *_: Any, **__: Any) -> None:
            tally.add("chains", self.who, case, response)

    with open_now:
        asked = settings(max_examples=CHAINS * times, stateful_step_count=CHAIN_STEPS)
        run_state_machine_as_test(Chain, settings=asked)


class Door:
    """Leads to the application that is open now."""

    def __init__(self, house: House) -> None:
        self.house = house

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self.house.app(scope, receive, send)


def everything(times: int = 1) -> Tally:
    """All of it; `times`: how many times as many requests."""
    tally = Tally()
    for mode in MODES:
        ask_alone(CALLERS, mode, tally, times)
    ask_in_chains(tally, times)
    return tally


def main() -> int:
    """Prints the summary as JSON, and what was wrong."""
    tally = everything(int(sys.argv[1]) if len(sys.argv) > 1 else 1)
    sys.stdout.write(msgspec.json.format(msgspec.json.encode(tally.summary())).decode() + "\n")
    sys.stdout.writelines(f"{each}\n" for each in tally.wrong)
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
