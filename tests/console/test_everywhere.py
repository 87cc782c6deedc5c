"""What holds of every page: texts of outsiders stay text, in both languages, and nothing is shown to others."""

from __future__ import annotations

import pytest

from agoranomos.console.navigation import GROUPS
from tests.console.desk import EVIL, Desk
from tests.console.scene import TURNED
from tests.staff.house import Client


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_outsiders_wrote_stays_text(
    furnished: tuple[Desk, tuple[str, ...]], everything: Client, language: str
) -> None:
    for path in furnished[1]:
        answer = everything.get(path, params={"lang": language} if "?" not in path else None)
        assert answer.status_code == 200, path
        page = answer.text
        assert EVIL[:25] not in page, path
        assert "<img src=x" not in page, path
        assert not set(TURNED) & set("\u202e\u200f") & set(page.replace("&#8238;", "")), path
        assert len(answer.content) < 400_000, path


def test_nobody_sees_a_page_without_the_right(bare: Desk) -> None:
    nobody = bare.house.program("events.write")
    nobody.headers["accept"] = "text/html"
    for group in GROUPS:
        for place in group.places:
            answer = nobody.get(place.path)
            assert answer.status_code == 403, place.path
            assert "You have no right to do that" in answer.text


def test_an_id_leads_to_the_page_of_whatever_has_it(
    furnished: tuple[Desk, tuple[str, ...]], everything: Client
) -> None:
    looked = [path for path in furnished[1] if path.startswith(("/testbuys?", "/testbuys/buy?", "/sellers/freezes?"))]
    for path in [
        *looked,
        "/notices?id=n-1",
        "/brands?id=qxa",
        *(p for p in furnished[1] if p.startswith("/referrals?")),
    ]:
        found = everything.get("/search", params={"id": path.split("id=")[1]})
        assert f"{found.url.path}?{found.url.query.decode()}" == path
