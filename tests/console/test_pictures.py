"""Pictures beside each other and the seller's own words with marks: only what a listing names, and without metadata."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image

from agoranomos.console.marking import marked
from agoranomos.goods.brands import actions as brands
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject
from tests.builders import make_brand, make_event
from tests.console.desk import EVIL, Desk
from tests.goods.trade.builders import cny
from tests.staff.house import Client
from tests.stores import make_store

TITLE = "N1ke shoes \u200b and more"


def jpeg(comment: bytes = b"taken at home") -> bytes:
    data = BytesIO()
    Image.new("RGB", (64, 48), (200, 30, 30)).save(data, "JPEG", comment=comment)
    return data.getvalue()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    root = tmp_path / "pictures"
    root.mkdir()
    (root / "a.jpg").write_bytes(jpeg())
    (root / "evil.svg").write_text("<svg><script>alert(1)</script></svg>", "utf-8")
    (tmp_path / "secret.jpg").write_bytes(jpeg())
    store = make_store(tmp_path)
    desk = Desk(store, root)
    named = ["a.jpg", "evil.svg", "../secret.jpg", "https://evil.example/x.jpg", "/etc/passwd", EVIL]
    for listing, pictures in (("l-1", named), ("l-2", ["a.jpg"])):
        data = {"listing_id": listing, "store_id": "s-1", "title": TITLE, "price": cny(900), "pictures": pictures}
        desk.told(parse_event(make_event("listing.submitted", id=f"e-{listing}", subject=listing, data=data)))
    quote = {"field": "title", "start": 0, "end": 4, "text": "N1ke", "reads": "Nike"}
    reasons = (Reason("goods.brand_disguised", "It says Nike.", {"quotes": [quote, EVIL, {}], "brand_id": "qxa"}),)
    desk.found(reasons=reasons, related=(Related("listing", "l-2", "reference"),))
    with store.transaction() as connection:
        brands.register(connection, [make_brand("qxa", reference_pictures=("a.jpg",))], desk.now)
    desk.house.cases.service.gather()
    yield desk
    store.close()


@pytest.fixture
def analyst(desk: Desk) -> Client:
    return desk.reader()


def test_pictures_stand_beside_each_other(desk: Desk, analyst: Client) -> None:
    case = desk.house.cases.service.page("goods", after=None, limit=1)[0]
    for path in ("/subjects/listing?id=l-1", f"/cases?id={case.case_id}"):
        page = analyst.get(path).text
        assert 'id="reveal"' in page
        assert page.count("<figure>") == 3
        assert page.count('loading="lazy"') == 7
        assert 'src="https://' not in page
        assert "<mark>N1ke</mark>" in page
        assert "<bdi>Nike</bdi>" in page
        assert EVIL not in page


def test_only_what_is_a_picture_under_the_folder_is_shown(analyst: Client) -> None:
    shown = analyst.get("/pictures?kind=listing&id=l-1&n=0")
    assert shown.headers["content-type"] == "image/jpeg"
    assert shown.headers["x-content-type-options"] == "nosniff"
    assert b"taken at home" not in shown.content
    assert Image.open(BytesIO(shown.content)).size == (64, 48)
    assert analyst.get("/pictures?kind=brand&id=qxa&n=0").status_code == 200
    for place in ("1", "2", "3", "4", "5", "6", "99", "-1", "x"):
        assert analyst.get(f"/pictures?kind=listing&id=l-1&n={place}").status_code == 404, place
    assert analyst.get("/pictures?kind=store&id=s-1").status_code == 404
    assert analyst.get("/pictures?kind=listing&id=nobody").status_code == 404


def test_nothing_is_fetched_from_where_a_seller_points(desk: Desk, analyst: Client) -> None:
    """Addresses of pictures are the seller's: of this machine, of its neighbours, of the cloud's own (SSRF)."""
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.setblocking(False)
        port = inside.getsockname()[1]
        hosts = (f"127.0.0.1:{port}", f"localhost:{port}", f"[::ffff:127.0.0.1]:{port}", f"0x7f000001:{port}")
        pictures = [f"{scheme}://{host}/x.jpg" for scheme in ("http", "https", "ftp") for host in hosts]
        pictures += [
            f"//{hosts[0]}/x.jpg",
            f"gopher://{hosts[0]}/_",
            "file:///etc/passwd",
            f"http:\\\\{hosts[0]}/x.jpg",
        ]
        data = {"listing_id": "l-3", "store_id": "s-1", "title": TITLE, "price": cny(900), "pictures": pictures}
        desk.told(parse_event(make_event("listing.submitted", id="e-l-3", subject="l-3", data=data)))
        page = analyst.get("/subjects/listing?id=l-3")
        assert page.status_code == 200
        assert f":{port}" not in "".join(re.findall(r'(?:src|href|action)="([^"]*)"', page.text))
        for place in range(len(pictures)):
            assert analyst.get(f"/pictures?kind=listing&id=l-3&n={place}").status_code == 404
        with pytest.raises(BlockingIOError):
            inside.accept()


def test_who_may_not_see_findings_sees_no_pictures(desk: Desk) -> None:
    assert desk.house.program("metrics.read").get("/pictures?id=l-1").status_code == 403


def test_quotes_of_another_text_mark_nothing() -> None:
    quote = {"field": "title", "start": 0, "end": 4, "text": "Nike", "reads": "Nike"}
    finding = Finding(
        id="f", at="2026-05-01T08:00:00Z", code="c", subject=Subject("listing", "l"), score=0.5, detector="d",
        version="1", reasons=(Reason("c", "m", {"quotes": [quote, 7, None]}), Reason("c", "m", {"quotes": "no"})),
    )  # fmt: skip
    assert "".join(piece.text for piece in marked({"title": TITLE}, [finding])["title"]) == TITLE
    assert not any(piece.marked for piece in marked({"title": TITLE}, [finding])["title"])
    assert marked({"title": 7}, [finding]) == {}
