"""The pages of cases: taking what is next, reading the evidence, deciding, and every other step."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from agoranomos.kernel.findings import Related, Subject
from agoranomos.staff.roles import Role
from tests.console.desk import EVIL, Desk
from tests.staff.house import Client, hidden
from tests.stores import make_store

REASON = "The logo on the photos is not the brand's."


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    store = make_store(tmp_path)
    desk = Desk(store)
    desk.found("f_1", code="goods.counterfeit_suspected", score=0.9, related=(Related("store", "s-1", "tie"),))
    desk.found("f_2", code="goods.counterfeit_suspected", score=0.6, subject=Subject("listing", "l-2"))
    desk.house.cases.service.gather()
    yield desk
    store.close()


def take(client: Client) -> str:
    """The path of the case that comes next."""
    page = client.get("/cases").text
    answer = client.post("/cases/next", data=hidden(page))
    assert answer.status_code == 200, answer.text
    return str(answer.url.path + "?" + answer.url.query.decode())


def act(client: Client, path: str, step: str, **data: str) -> str:
    """The page after a step with the case at `path`."""
    page = client.get(path).text
    token = {"_csrf_token": hidden(page)["_csrf_token"]}
    case_id = path.split("id=")[1]
    answer = client.post(f"/cases/{case_id}/{step}", data=token | data)
    return answer.text


def test_the_most_harmful_comes_first_and_is_decided(desk: Desk) -> None:
    reader = desk.reader()
    assert "counterfeit" in reader.get("/cases").text
    path = take(reader)
    page = reader.get(path).text
    assert "l-1" in page
    assert "goods.counterfeit_suspected" in page
    assert EVIL not in page
    form = hidden(page[: page.index("</form>", page.index('id="decide"'))])
    case_id = path.split("id=")[1]
    decided = reader.post(
        f"/cases/{case_id}/decide",
        data=form | {"outcome": "upheld", "clause": "counterfeit", "reason": REASON, "action": "listing.remove"},
    ).text
    assert "upheld under counterfeit" in decided
    assert REASON.replace("'", "&#39;") in decided
    assert "listing.remove" in reader.get("/subjects/listing?id=l-1").text
    assert "upheld" in reader.get(f"/search?id={case_id}").text


def test_a_mistake_keeps_what_was_typed(desk: Desk) -> None:
    reader = desk.reader()
    path = take(reader)
    page = reader.get(path).text
    form = hidden(page[: page.index("</form>", page.index('id="decide"'))])
    case_id = path.split("id=")[1]
    data = form | {"outcome": "rejected", "clause": "counterfeit", "reason": REASON, "action": "listing.remove"}
    answer = reader.post(f"/cases/{case_id}/decide", data=data)
    assert answer.status_code == 409
    assert "measures follow from a case that is upheld" in answer.text
    assert REASON.replace("'", "&#39;") in answer.text
    stale = reader.post(f"/cases/{case_id}/decide", data=data | {"action": "", "revision": "99"})
    assert stale.status_code == 409
    assert reader.post(f"/cases/{case_id}/decide", data=data | {"outcome": "maybe"}).status_code == 409


def test_every_other_step(desk: Desk) -> None:
    reader = desk.reader()
    path = take(reader)
    assert "call 138" not in act(reader, path, "comment", text="call 13812345678 about it")
    assert "about it" in reader.get(path).text
    assert "I am still at it" in act(reader, path, "renew")
    assert "waits for a party" in act(reader, path, "wait", waits_for="seller", days="3")
    assert "They have answered" not in act(reader, path, "resume")
    again = take(reader) if "You hold" not in reader.get("/cases").text else path
    assert "escalated" in act(reader, again, "escalate", text="I do not know this brand")
    assert act(reader, again, "wait", waits_for="nobody", days="3")
    assert reader.get("/cases/queue?name=goods").status_code == 200
    assert reader.get("/cases/queue?name=goods&cursor=x").status_code == 400


def test_a_case_is_given_back(desk: Desk) -> None:
    reader = desk.reader()
    path = take(reader)
    page = act(reader, path, "release", why="conflict")
    assert "To decide it, take it" in page
    assert reader.get("/cases?id=none").status_code == 404


def test_who_only_reads_has_no_buttons(desk: Desk) -> None:
    auditor = desk.reader(Role.AUDITOR)
    page = auditor.get("/cases").text
    assert "Take the next" not in page
    assert desk.reader(Role.ADMIN).get("/cases").status_code == 403


def test_files_are_attached_and_opened_with_a_purpose(desk: Desk) -> None:
    reader = desk.reader()
    path = take(reader)
    case_id, token = path.split("id=")[1], {"_csrf_token": hidden(reader.get(path).text)["_csrf_token"]}
    assert "Nothing is attached." in reader.get(path).text

    def attach(name: str, content: bytes) -> str:
        files = {"file": (name, content, "text/html")}
        return reader.post(f"/cases/{case_id}/attachments", data=token, files=files).text

    page = attach(f"../{EVIL[:20]}.csv", b"order,paid\no-1,9900\n")
    assert "text/plain" in page
    assert EVIL[:20] not in page
    assert "holds control characters" in attach("a.txt", b"a\x00b")
    nothing = reader.post(f"/cases/{case_id}/attachments", data=token, files={"other": ("a", b"a")})
    assert "choose a file" in nothing.text
    paper_id = re.findall(rf"/cases/{case_id}/attachments/(\w+)", page)[0]
    opening = f"/cases/{case_id}/attachments/{paper_id}"
    assert reader.post(opening, data=token | {"purpose": " "}).status_code == 409
    assert reader.post(opening, data=token | {"purpose": "x" * 201}).status_code == 409
    opened = reader.post(opening, data=token | {"purpose": "to decide"})
    assert opened.content == b"order,paid\no-1,9900\n"
    assert opened.headers["content-type"] == "application/octet-stream"
    assert opened.headers["content-disposition"].endswith('.txt"')
    assert opened.headers["x-content-type-options"] == "nosniff"
    steps = [each.verb for each in desk.house.cases.service.view(case_id).steps]
    assert steps[-2:] == ["attach", "open_paper"]
    onlooker = desk.reader(Role.AUDITOR)
    seen = onlooker.get(path).text
    assert "text/plain" in seen
    assert "/attachments" not in seen
    assert onlooker.post(opening, data=token | {"purpose": "to decide"}).status_code == 403
    assert reader.post(opening, data={"purpose": "to decide"}).status_code == 403
