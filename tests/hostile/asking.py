"""Asks. Nothing is left to chance: the same code is asked the same in each run."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from itertools import count
from typing import Any, Final, NamedTuple

import hypothesis
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.stateful import run_state_machine_as_test
from schemathesis import GenerationMode

import agoranomos
from tests.hostile.furnished import CALLERS, Callers, furnished
from tests.hostile.sense import make_sense, name_what_is_there
from tests.hostile.tally import Tally
from tests.staff.house import House

MODES: Final = {"allowed": GenerationMode.POSITIVE, "forbidden": GenerationMode.NEGATIVE}
WIDE: Final = ("program", "everything")
"""Who gets past the guard nearly everywhere asks all that is drawn; the others a third of it."""
EXAMPLES: Final = {"allowed": 8, "forbidden": 3}
"""Of each operation; what a document forbids takes a third of a second to draw."""
CHAINS, CHAIN_STEPS = 24, 25


def settings(**fields: Any) -> hypothesis.settings:
    """The same requests each time, and no second look at a failure: the store has changed since."""
    return hypothesis.settings(
        deadline=None, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), **fields,
    )  # fmt: skip


def load_everything() -> None:
    """Imports all of the package. What is drawn depends on the constants of the modules that are there, and some are
    imported only when they are needed.
    """
    for found in pkgutil.walk_packages(agoranomos.__path__, "agoranomos."):
        if not (found.name.endswith("__main__") or ".migrations." in found.name):
            with suppress(ModuleNotFoundError):  # of an extra that is not installed
                importlib.import_module(found.name)


def ask_alone(callers: Sequence[str], mode: str, tally: Tally, times: int = 1) -> None:
    """Every operation by itself, by each of `callers`."""
    load_everything()
    with furnished() as (house, signed_in):
        turn = Turn(house, signed_in, callers, mode, tally)
        schema: Any = schemathesis.openapi.from_asgi("/v1/openapi.json", house.app)
        for found in schema.get_all_operations():
            try:
                cases = found.ok().as_strategy(generation_mode=MODES[mode])
            except schemathesis.errors.SchemathesisError:
                assert mode == "forbidden"
                continue  # nothing can be wrong about a request without parameters
            with suppress(hypothesis.errors.Unsatisfiable):  # likewise
                turn.draw(cases, EXAMPLES[mode] * times)


class Turn(NamedTuple):
    """One operation after another, drawn in one mode."""

    house: House
    signed_in: Callers
    callers: Sequence[str]
    mode: str
    tally: Tally

    def draw(self, cases: Any, wanted: int) -> None:
        """Draws `wanted` requests of an operation. Half of what is allowed also makes sense."""
        drawn = count()

        @settings(max_examples=wanted)
        @hypothesis.given(case=cases)
        def each(case: Any) -> None:
            number = next(drawn)
            if self.mode == "allowed" and number % 2:
                make_sense(case, number)
                name_what_is_there(case, number // 2, self.signed_in.browser("everything"))
            self.ask(case, number)

        each()

    def ask(self, case: Any, number: int) -> None:
        """Drawing takes longer than asking, so each request is made by all who get far, and by some others."""
        for at, who in enumerate(self.callers):
            if who in WIDE or (at + number) % 3 == 0:
                response = case.call(**self.signed_in.call(who))
                self.tally.add(self.mode, who, case, response)
                if response.status_code == 401:
                    self.signed_in.forget(who)


def ask_in_chains(tally: Tally, times: int = 1) -> None:
    """What one answer names is asked for by the next request, by turns of those who may do much and everybody else.

    Each chain begins with a store of its own, so that it is the same chain whatever came before.
    """
    load_everything()
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
            return self.signed_in.call(self.who)

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
