"""Who has no script is asked by the server, and told in words what was chosen; never a secret."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.console.routers import TEMPLATES
from agoranomos.console.saying import FORMS, SILENT, WORDS, Said, fields_of, said
from agoranomos.kernel.findings import Subject
from tests.console.desk import EVIL, Desk
from tests.console.test_inbox import take
from tests.staff.house import hidden
from tests.stores import make_store

FORM = re.compile(r'<form[^>]*? action="(?P<action>(?:[^"{]|\{\{.*?\}\})*)".*?</form>', re.DOTALL)
FIELD = re.compile(r'<(?:input|select|textarea|button)\b(?:\{\{.*?\}\}|\{%.*?%\}|[^>])*?\bname="([^"]+)"', re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    desk = Desk(store)
    desk.found("f_1", code="goods.counterfeit_suspected", score=0.9)
    desk.house.cases.service.gather()
    desk.found("f_2", subject=Subject("store", EVIL[:60]))
    yield desk
    store.close()


def forms_that_ask() -> list[tuple[str, set[str]]]:
    """The address of each form that asks, made up where it has ids in it, and the names of its fields."""
    found = []
    for template in sorted((TEMPLATES / "console").glob("*.html")):
        for each in FORM.finditer(template.read_text("utf-8")):
            if "_ask" in each[0]:
                names = {name for name in FIELD.findall(each[0]) if not name.startswith(("_", "{"))}
                found.append((re.sub(r"\{\{.*?\}\}", "x", each["action"]), names))
    return found


def test_no_field_of_a_form_that_asks_is_forgotten() -> None:
    forms = forms_that_ask()
    assert len(forms) > 20
    for path, names in forms:
        assert any(path.startswith(begin) and path.endswith(end) for begin, end, _ in FORMS), path
        assert names <= SILENT | set(fields_of(path)), path


def test_each_field_has_words_in_both_languages() -> None:
    fields: list[Said] = [field for _, _, of in FORMS for field in of.values()]
    keys = {key for field in fields for key in (field.label, field.empty, *field.others.values()) if key}
    assert keys <= set(WORDS.keys)
    for field in fields:
        assert not field.values or any(key.startswith(field.values) for key in WORDS.keys), field


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("Please confirm", "What you chose", "No counterfeit goods", "right (upheld)", "Listing l-1")),
        ("zh", ("请确认", "您的选择", "不得销售假冒商品", "成立", "l-1")),
    ],
)
def test_what_was_chosen_is_said_before_a_case_is_decided(desk: Desk, language: str, words: tuple[str, ...]) -> None:
    reader = desk.reader()
    path = take(reader)
    page = reader.get(path, params={"id": path.split("id=")[1], "lang": language}).text
    form = hidden(page[: page.index("</form>", page.index('id="decide"'))])
    given = form | {"outcome": "upheld", "clause": "counterfeit", "reason": EVIL, "action": "listing.remove"}
    given.pop("_sure")  # which is the script's
    address = f"/cases/{path.split('id=')[1]}/decide"
    asked = reader.post(address, data=given | {"_ask": "Really?", "password": "hunter2"}).text
    shown = asked.split("<dl")[1].split("</dl>")[0]
    for each in (*words[2:], "listing.remove", "&lt;script&gt;"):
        assert each in shown, each
    assert words[0] in asked
    assert words[1] in asked
    assert "hunter2" not in shown
    assert EVIL not in asked
    assert 'id="decide"' in reader.get(path).text, "nothing is decided yet"
    done = reader.post(address, data=hidden(asked)).text
    assert words[0] not in done


def test_an_action_says_about_whom_and_why(desk: Desk) -> None:
    reader = desk.reader()
    page = reader.get("/subjects/store", params={"id": EVIL[:60]}).text
    given = hidden(page) | {"kind": "store.suspend", "because": "f_2"}
    given.pop("_sure")
    asked = reader.post("/subjects/store/actions", data=given).text
    shown = asked.split("<dl")[1].split("</dl>")[0]
    assert "Store &lt;script&gt;" in shown
    assert "store.suspend" in shown
    assert "f_2" in shown


def test_what_an_empty_field_means_is_said() -> None:
    given = [("id", "fz-1"), ("currency", "CNY"), ("amount", " "), ("because", "c_1"), ("secret", "hunter2")]
    lines = said("/sellers/freezes/release", [], given, "en", {})
    assert lines == [
        ("About", "fz-1"), ("Currency", "CNY"), ("Amount", "all that is left"),
        (WORDS.text("en", "freeze.because"), "c_1"),
    ]  # fmt: skip
