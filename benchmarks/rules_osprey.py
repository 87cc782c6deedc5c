"""Osprey's engine on the rules and events of `benchmarks.rules`; runs in a Python that has `osprey` and what it needs.

Osprey is not on PyPI: `AGORA_BENCH_OSPREY` names such a Python, for instance of an environment with gevent, ddtrace and
the other requirements of github.com/roostorg/osprey, and its `osprey_worker/src` and `osprey_rpc/src` on PYTHONPATH.
Reads {rules, events, seconds} from stdin, writes {hits, events, seconds} to stdout.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any


def main() -> None:
    """Compiles, runs all events once for the hits, then runs until `seconds` of CPU are spent."""
    task = json.load(sys.stdin)
    judge = _judge(task["rules"])
    hits = [judge(event) for event in task["events"][: task["checked"]]]
    count, begun = 0, time.process_time()
    while time.process_time() - begun < task["seconds"]:
        judge(task["events"][count % len(task["events"])])
        count += 1
    json.dump({"hits": hits, "rate": count / (time.process_time() - begun)}, sys.stdout)


def _judge(rules: list[list[list[Any]]]) -> Any:
    from osprey.engine.ast.sources import Sources  # type: ignore[import-not-found]
    from osprey.engine.ast_validator import validate_sources  # type: ignore[import-not-found]
    from osprey.engine.ast_validator.validator_registry import ValidatorRegistry  # type: ignore[import-not-found]
    from osprey.engine.executor.execution_context import Action  # type: ignore[import-not-found]
    from osprey.engine.executor.execution_graph import compile_execution_graph  # type: ignore[import-not-found]
    from osprey.engine.executor.executor import execute  # type: ignore[import-not-found]
    from osprey.engine.executor.udf_execution_helpers import UDFHelpers  # type: ignore[import-not-found]
    from osprey.engine.stdlib.udfs.json_data import JsonData  # type: ignore[import-not-found]
    from osprey.engine.stdlib.udfs.rules import Rule  # type: ignore[import-not-found]
    from osprey.engine.udf.registry import UDFRegistry  # type: ignore[import-not-found]

    registry = UDFRegistry()
    registry.register(JsonData)
    registry.register(Rule)
    sources = Sources.from_dict({"main.sml": _sml(rules)})
    validated = validate_sources(sources, registry, ValidatorRegistry.from_validator_classes(_validators()))
    graph = compile_execution_graph(validated)
    helpers = UDFHelpers()
    moment = datetime(2026, 5, 1, tzinfo=UTC)

    def judge(event: dict[str, Any]) -> list[int]:
        action = Action(action_id=1, data=event, secret_data={}, action_name="order", timestamp=moment)
        found = execute(graph, helpers, action, None).extracted_features
        return [place for place in range(len(rules)) if found.get(f"Rule{place}") is True]

    return judge


def _validators() -> list[Any]:
    from importlib import import_module

    wanted = {
        "imports_must_not_have_cycles": "ImportsMustNotHaveCycles",
        "unique_stored_names": "UniqueStoredNames",
        "validate_call_kwargs": "ValidateCallKwargs",
        "validate_dynamic_calls_have_annotated_rvalue": "ValidateDynamicCallsHaveAnnotatedRValue",
        "validate_static_types": "ValidateStaticTypes",
        "variables_must_be_defined": "VariablesMustBeDefined",
    }
    found = {name: import_module(f"osprey.engine.ast_validator.validators.{name}") for name in wanted}
    return [getattr(found[name], kind) for name, kind in wanted.items()]


def _sml(rules: list[list[list[Any]]]) -> str:
    names: dict[str, str] = {}
    kinds = {int: "int", float: "float", str: "str", bool: "bool"}
    for rule in rules:
        for name, _, value in rule:
            names[name] = kinds[type(value)]
    lines = [f"{_var(name)}: {kind} = JsonData(path='$.{name}', required=False)" for name, kind in names.items()]
    for place, rule in enumerate(rules):
        tests = ", ".join(f"{_var(name)} {'==' if sign == '=' else sign} {value!r}" for name, sign, value in rule)
        lines.append(f"Rule{place} = Rule(when_all=[{tests}], description='rule {place}')")
    return "\n".join(lines) + "\n"


def _var(name: str) -> str:
    return "".join(part.capitalize() for part in name.replace(".", "_").split("_"))


if __name__ == "__main__":
    main()
