"""What was found is called in words, and the code stands beside."""

from __future__ import annotations

from collections import Counter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import get_args

import pytest

import agoranomos.sellers.identity.detectors as of_identity
from agoranomos.cases.policy import load_policy as load_cases
from agoranomos.console.names import FOUND, QUEUES, finding_name, queue_name
from agoranomos.engine.detectors import discover
from agoranomos.goods.listings import detectors as of_words
from agoranomos.goods.listings.fusion import FUSED_CODES
from agoranomos.goods.pictures import detectors as of_pictures
from agoranomos.promotions.breaker.policy import Alarm
from agoranomos.rules.policy import load_queues
from agoranomos.staff.roles import Role
from agoranomos.web.i18n import LANGUAGES, Language
from tests.console.desk import Desk
from tests.stores import make_store


def test_every_detector_has_words() -> None:
    codes = {detector.code for package in (of_words, of_pictures) for detector in discover(package)}
    codes |= {*FUSED_CODES.values(), *(f"promotions.{name}" for name in get_args(Alarm))}
    for each in iter_modules(of_identity.__path__):
        module = import_module(f"{of_identity.__name__}.{each.name}")
        codes |= {module.CODE} if hasattr(module, "CODE") else set()
    assert len(codes) > 40
    assert codes <= {*FOUND}, sorted(codes - {*FOUND})


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_tell_findings_apart(language: Language) -> None:
    words = Counter(finding_name(code, language) for code in FOUND)
    assert [each for each, count in words.items() if count > 1 or not each.strip() or len(each) > 40] == []


def test_a_code_of_ones_own_is_called_as_it_is(tmp_path: Path) -> None:
    assert finding_name("own.code", "en") == ""
    store = make_store(tmp_path)
    desk = Desk(store)
    desk.found("f_1")
    desk.found("f_2", code="own.code")
    analyst = desk.reader(Role.ANALYST)
    page = analyst.get("/findings/f_1?lang=en").text
    assert '<h1>brand in disguise</h1><span class="id hint">goods.brand_disguised</span>' in page
    assert "品牌名伪装" in analyst.get("/findings?lang=zh").text
    assert '<h1 class="id">own.code</h1>' in analyst.get("/findings/f_2?lang=en").text
    store.close()


def test_every_shipped_queue_has_words() -> None:
    of_kinds = {kind.queue for kind in load_cases().kinds.values() if kind.queue}
    assert {*load_queues().queues} | of_kinds == {*QUEUES}
    assert queue_name("appeals", "zh") == "申诉"
    assert queue_name("of-our-own", "zh") == "of-our-own"
