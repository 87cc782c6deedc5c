"""The contract of detectors: found in their package, ordered by code, no code twice."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import msgspec
import pytest

from agoranomos.engine.detectors import Detector, discover
from agoranomos.kernel.errors import Conflict

_SOURCE = """
from agoranomos.engine.detectors import Detector
DETECTOR = Detector(
    code={code!r}, name="x", version="1", about="x", settings=None, hits=(), misses=(),
    inspect=lambda facts, settings: [facts],
)
"""


def package(folder: Path, name: str, monkeypatch: pytest.MonkeyPatch, **modules: str) -> types.ModuleType:
    """A package whose modules hold the given source, importable during the test."""
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text("")
    for module, source in modules.items():
        (folder / name / f"{module}.py").write_text(source)
    monkeypatch.syspath_prepend(str(folder))
    for module in [known for known in sys.modules if known.split(".")[0] == name]:
        monkeypatch.delitem(sys.modules, module)
    return __import__(name)


def test_detectors_are_found_in_the_order_of_their_codes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = discover(
        package(
            tmp_path,
            "agora_test_ordered",
            monkeypatch,
            z=_SOURCE.format(code="desk.a"),
            a=_SOURCE.format(code="desk.b"),
            helpers="VALUE = 1",
        )
    )
    assert [detector.code for detector in found] == ["desk.a", "desk.b"]
    assert list(found[0].inspect(7, None)) == [7]


def test_two_with_one_code_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = package(
        tmp_path,
        "agora_test_twice",
        monkeypatch,
        one=_SOURCE.format(code="desk.same"),
        two=_SOURCE.format(code="desk.same"),
    )
    with pytest.raises(Conflict, match=r"desk\.same.*agora_test_twice\.two"):
        discover(twice)


def test_an_empty_package_has_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert discover(package(tmp_path, "agora_test_none", monkeypatch)) == ()


def test_a_broken_module_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = package(tmp_path, "agora_test_broken", monkeypatch, bad="raise ValueError('bad module')")
    with pytest.raises(ValueError, match="bad module"):
        discover(broken)


def test_a_detector_does_not_change() -> None:
    detector: Detector[int, None, int, int] = Detector(
        code="desk.x",
        name="x",
        version="1",
        about="x",
        settings=None,
        hits=(),
        misses=(),
        inspect=lambda *_: [],
    )
    with pytest.raises(AttributeError):
        detector.code = "desk.y"  # type: ignore[misc]
    assert msgspec.structs.replace(detector, version="2").version == "2"
