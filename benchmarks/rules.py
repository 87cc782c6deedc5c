"""Rules of three conditions: events a CPU-second with 10, 50 and 200 of them, beside Osprey's engine and zen-engine.

All contenders get the same rules on the same events and must find the same hits. A rule is three comparisons of fields
with constants, which all of them can say; features cost the same everywhere and are left out.
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.rule_set import RuleSet
from agoranomos.engine.rules.types import scope_of
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL: Final = 100
"""Times Osprey's rate at 200 rules."""
_RULES: Final = (10, 50, 200)
_EVENTS: Final = 500
_CHECKED: Final = 60
_SECONDS: Final = 2.0
_ZEN_MAX: Final = 200
_CHILD: Final = Path(__file__).with_name("rules_osprey.py")

Test = tuple[str, str, Any]
Judge = Callable[[dict[str, Any]], list[int]]


class _Event(NamedTuple):
    time: datetime
    subject: str | None
    data: dict[str, Any]


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - the form of all benchmarks
    """One table; a peer that is not at hand is left out and named."""
    rows: list[tuple[str, ...]] = []
    notes = [
        "Each rule is three comparisons of fields with constants, joined by AND; all contenders found the same hits.",
        f"Goal: at least {GOAL} times Osprey at 200 rules.",
    ]
    for count in _RULES:
        draw = random.Random(count)
        events = [_event(draw) for _ in range(_EVENTS)]
        rules = [_rule(draw) for _ in range(count)]
        ours = _ours(rules)
        expected = [ours(event) for event in events[:_CHECKED]]
        rates = [_rate(ours, events, size) for _ in range(size.rounds)]
        own = statistics.median(rates)
        rows.append((f"{count} rules, ours", spread(rates), "1.0"))
        zen = _zen(rules)
        if zen is not None:
            assert [zen(event) for event in events[:_CHECKED]] == expected
            rate = _rate(zen, events, size)
            rows.append((f"{count} rules, zen-engine", f"{rate:,.0f}", f"{own / rate:,.0f}"))
        osprey = _osprey(rules, events, size)
        if osprey is not None:
            assert osprey["hits"] == expected
            rows.append((f"{count} rules, Osprey", f"{osprey['rate']:,.0f}", f"{own / osprey['rate']:,.0f}"))
    if _zen([]) is None:
        notes.append("zen-engine is not installed (PyPI: zen-engine).")
    if not os.environ.get("AGORA_BENCH_OSPREY"):
        notes.append("Osprey is not at hand: AGORA_BENCH_OSPREY names a Python that can import it.")
    return [
        Table(
            "Rules: events a CPU-second",
            ("rules and engine", "events", "ours is so many times faster"),
            tuple(rows),
            tuple(notes),
        )
    ]


def _event(draw: random.Random) -> dict[str, Any]:
    amount = draw.randrange(100, 100_000)
    return {
        "order_id": f"o{draw.randrange(10**9)}",
        "buyer_id": f"a{draw.randrange(1000)}",
        "store_id": f"s{draw.randrange(50)}",
        "lines": [{"listing_id": "l1", "quantity": 1, "price": {"amount": amount, "currency": "CNY"}}],
        "paid": {"amount": draw.randrange(0, amount), "currency": draw.choice(["CNY", "CNY", "USD"])},
        "face_value": {"amount": draw.randrange(0, 20_000), "currency": "CNY"},
        "device_id": f"d{draw.randrange(200)}",
        "ip": f"10.0.0.{draw.randrange(256)}",
        "district": f"district {draw.randrange(30)}",
        "payee_id": f"a{draw.randrange(1000)}",
    }


def _rule(draw: random.Random) -> list[Test]:
    fields = draw.sample(["paid.amount", "face_value.amount", "paid.currency", "store_id", "district", "device_id"], 3)
    return [_test(draw, field) for field in fields]


def _test(draw: random.Random, field: str) -> Test:
    if field.endswith(".amount"):
        return (field, draw.choice(["<", ">", "<=", ">="]), draw.randrange(0, 50_000))
    value = {
        "paid.currency": lambda: draw.choice(["CNY", "USD"]),
        "store_id": lambda: f"s{draw.randrange(50)}",
        "district": lambda: f"district {draw.randrange(30)}",
        "device_id": lambda: f"d{draw.randrange(200)}",
    }[field]()
    return (field, draw.choice(["=", "!="]), value)


def _ours(rules: list[list[Test]]) -> Judge:
    scope = scope_of("order.placed")
    texts = [" AND ".join(f"{name} {sign} {_literal(value)}" for name, sign, value in rule) for rule in rules]
    rule_set = RuleSet({str(place): parse_condition(text, scope) for place, text in enumerate(texts)})
    moment = datetime(2026, 5, 1, tzinfo=UTC)
    return lambda event: [int(hit.id) for hit in rule_set.evaluate(_Event(moment, None, event))]


def _literal(value: int | str) -> str:
    return f"'{value}'" if isinstance(value, str) else str(value)


def _zen(rules: list[list[Test]]) -> Judge | None:
    """One expression node that lists the places of the rules that hold."""
    try:
        import zen
    except ImportError:
        return None
    expressions = []
    for place, rule in enumerate(rules):
        tests = " and ".join(f"{name} {'==' if sign == '=' else sign} {_literal(value)}" for name, sign, value in rule)
        expressions.append({"id": f"e{place}", "key": f"r{place}", "value": tests})
    graph = {
        "nodes": [
            {"id": "in", "type": "inputNode", "name": "in", "position": {"x": 0, "y": 0}},
            {
                "id": "e",
                "type": "expressionNode",
                "name": "e",
                "position": {"x": 0, "y": 0},
                "content": {"expressions": expressions},
            },
            {"id": "out", "type": "outputNode", "name": "out", "position": {"x": 0, "y": 0}},
        ],
        "edges": [
            {"id": "1", "type": "edge", "sourceId": "in", "targetId": "e"},
            {"id": "2", "type": "edge", "sourceId": "e", "targetId": "out"},
        ],
    }
    decision = zen.ZenEngine().create_decision(json.dumps(graph))
    keys = [f"r{place}" for place in range(len(rules))]

    def judge(event: dict[str, Any]) -> list[int]:
        result = decision.evaluate(event)["result"]
        return [place for place, key in enumerate(keys) if result.get(key) is True]

    return judge


def _rate(judge: Judge, events: list[dict[str, Any]], size: Size) -> float:
    seconds = _SECONDS if size.rounds > 1 else 0.1
    count, begun = 0, time.process_time()
    while time.process_time() - begun < seconds:
        for event in events[:100]:
            judge(event)
        count += 100
    return count / (time.process_time() - begun)


def _osprey(rules: list[list[Test]], events: list[dict[str, Any]], size: Size) -> Any:
    python = os.environ.get("AGORA_BENCH_OSPREY")
    if not python:
        return None
    seconds = _SECONDS * 2 if size.rounds > 1 else 0.2
    task = {"rules": rules, "events": events, "checked": _CHECKED, "seconds": seconds}
    done = subprocess.run([python, _CHILD], input=json.dumps(task), capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"Osprey could not be run by {python}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])
