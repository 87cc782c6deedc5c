"""A photo goes in and comes out without what it told; what cannot be stripped is a problem document."""

from __future__ import annotations

import struct

import pytest
from litestar.testing import TestClient

from agoranomos.kernel.store import Store
from agoranomos.reviews.photos.api import BYTES_MAX
from tests.engine.pictures.stripping.test_strip import SECRET, avif, jpeg, png, same
from tests.goods.listings.market import Market

ADDRESS = "/v1/reviews/photos"


@pytest.fixture
def client(store: Store) -> TestClient:  # type: ignore[type-arg]
    return TestClient(Market(store).app)


def test_it_comes_out_without_what_it_told(client: TestClient) -> None:  # type: ignore[type-arg]
    for data, kind, what in ((jpeg(), "jpeg", "exif"), (png(), "png", "text"), (avif(), "avif", "exif")):
        answer = client.post(ADDRESS, content=data, headers={"content-type": f"image/{kind}"})
        assert (answer.status_code, answer.headers["content-type"]) == (200, f"image/{kind}")
        assert what in answer.headers["agora-removed"].split(", ")
        assert answer.headers["agora-photo-name"].endswith(f".{kind}")
        assert SECRET not in answer.content
        assert same(data, answer.content)
        again = client.post(ADDRESS, content=answer.content, headers={"content-type": "application/octet-stream"})
        assert (again.content, again.headers["agora-removed"]) == (answer.content, "")
        assert again.headers["agora-photo-name"] == answer.headers["agora-photo-name"]


def test_what_cannot_be_stripped_is_refused_with_a_reason(client: TestClient) -> None:  # type: ignore[type-arg]
    wide = bytearray(png())
    wide[16:24] = struct.pack(">II", 100_000, 100_000)
    for data, status, word in (
        (jpeg()[:200], 400, "damaged"), (b"words and more words", 415, "no kind of picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "not read"), (bytes(wide), 413, "more pixels"),
    ):  # fmt: skip
        answer = client.post(ADDRESS, content=data, headers={"content-type": "image/jpeg"})
        assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), data[:20]
        assert word in answer.json()["detail"]
        assert SECRET.decode() not in answer.text
    assert client.post(ADDRESS, content=b"", headers={"content-type": "image/jpeg"}).status_code == 400
    for kind in ("", "text/plain", "multipart/form-data", "application/json"):
        assert client.post(ADDRESS, content=jpeg(), headers={"content-type": kind}).status_code == 415
    long = client.post(ADDRESS, content=bytes(BYTES_MAX + 1), headers={"content-type": "image/jpeg"})
    assert (long.status_code, long.json()["title"]) == (413, "Too large")
