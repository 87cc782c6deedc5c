"""Applications made quickly: thousands of tests make one each, of the same handlers.

What is spared is work whose result is known: reading the types of a function that is written in the same place, and a
deep copy of routers that are made for one application and used by no other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import CodeType
from typing import Any

from litestar import router
from litestar.utils import signature

_read: Callable[..., dict[str, Any]] = signature.get_fn_type_hints
_known: dict[tuple[CodeType, tuple[str, ...]], dict[str, Any]] = {}


def _types_of(function: Any, namespace: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The types of what `function` takes and gives, read once for each place where one is written."""
    code = getattr(function, "__code__", None)
    if not isinstance(code, CodeType):
        return _read(function, namespace)
    key = (code, tuple(namespace or ()))
    if key not in _known:
        _known[key] = _read(function, namespace)
    return dict(_known[key])


def make_quickly() -> None:
    """From now on, in this process."""
    vars(signature)["get_fn_type_hints"] = _types_of
    vars(router)["deepcopy"] = _itself


def _itself(made: Any) -> Any:
    return made
