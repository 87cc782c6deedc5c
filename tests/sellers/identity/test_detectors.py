"""Every detector by its own examples, and what all of them promise."""

from __future__ import annotations

import re

import pytest

from agoranomos.engine.detectors import AnyDetector
from agoranomos.sellers.identity.deciding import TOGETHER, detectors, inspected
from agoranomos.sellers.identity.signs import Example
from agoranomos.sellers.identity.telling import TEXTS
from tests.sellers.identity.builders import make_facts, make_signs

DETECTORS = detectors()
CASES = [
    pytest.param(detector, example, hit, id=f"{detector.code}-{'hit' if hit else 'miss'}-{number}")
    for detector in DETECTORS
    for hit, examples in ((True, detector.hits), (False, detector.misses))
    for number, example in enumerate(examples)
]
EVERYTHING = [example for each in DETECTORS for example in (*each.hits, *each.misses)]


@pytest.mark.parametrize(("detector", "example", "hit"), CASES)
def test_examples(detector: AnyDetector, example: Example, hit: bool) -> None:
    assert bool(make_signs(detector, example)) == hit


@pytest.mark.parametrize("detector", DETECTORS, ids=lambda each: each.code)
def test_promises(detector: AnyDetector) -> None:
    assert re.fullmatch(r"sellers\.[a-z_]+", detector.code)
    assert detector.code != TOGETHER
    assert detector.version
    assert detector.about.endswith(".")
    assert detector.hits
    forwards = [make_signs(detector, each) for each in EVERYTHING]
    backwards = [make_signs(detector, each) for each in reversed(EVERYTHING)]
    assert forwards == backwards[::-1], "repeatable, and free of order"
    for sign in (sign for each in forwards for sign in each):
        assert sign.code == detector.code
        assert sign.message.endswith((".", "。"))
        assert sign.message_zh.endswith("。")
        assert "{" not in sign.message + sign.message_zh
        assert not sign.tell or sign.tell in TEXTS


@pytest.mark.parametrize("example", EVERYTHING)
def test_no_sign_repeats_what_was_typed(example: Example) -> None:
    facts = make_facts(example)
    typed = [value for name, value in example.fields.items() if name not in {"id_kind", "region"} and len(value) > 3]
    for sign in inspected(facts):
        said = f"{sign.message}{sign.message_zh}{sign.values}"
        assert not any(value in said for value in typed)


def test_every_text_for_applicants_is_used() -> None:
    source = {sign.tell for example in EVERYTHING for sign in inspected(make_facts(example))}
    assert source <= TEXTS.keys() | {""}
