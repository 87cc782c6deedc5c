"""The contract of a detector: a pure function with its own settings, hits and misses.

A detector lives in one file of a desk's `detectors` package as `DETECTOR`. It sees one frozen value of facts
and says what it noticed; no clock, no store, no network. Its examples are run by one conformance suite, so a
new detector touches one file and one page of documentation. The idea of a signal that brings its own examples
is that of python-threatexchange.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterable
from types import ModuleType
from typing import Any, Generic, TypeVar

import msgspec

from agoranomos.kernel.errors import Conflict

ExampleT = TypeVar("ExampleT")
FactsT = TypeVar("FactsT")
SettingsT = TypeVar("SettingsT")
SignalT = TypeVar("SignalT")


class Detector(msgspec.Struct, Generic[FactsT, SettingsT, SignalT, ExampleT], frozen=True, kw_only=True):
    """`inspect(facts, settings)` gives the signals with the code `code`; `hits` must, `misses` must not give one.

    `name` says in a few words what was found, `about` in one sentence what is looked for. `version` changes when
    its answers may change.
    """

    code: str
    name: str
    version: str
    about: str
    settings: SettingsT
    hits: tuple[ExampleT, ...]
    misses: tuple[ExampleT, ...]
    inspect: Callable[[FactsT, SettingsT], Iterable[SignalT]]


AnyDetector = Detector[Any, Any, Any, Any]


def discover(package: ModuleType) -> tuple[AnyDetector, ...]:
    """The detectors of a package in the order of their codes; two with one code raise Conflict."""
    found: dict[str, AnyDetector] = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        detector = getattr(module, "DETECTOR", None)
        if detector is None:
            continue
        if detector.code in found:
            raise Conflict(f"two detectors have the code {detector.code}; rename the one in {module.__name__}")
        found[detector.code] = detector
    return tuple(found[code] for code in sorted(found))
