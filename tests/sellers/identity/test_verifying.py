"""Real-person comparison over HTTP: what is sent, what counts as an answer, and that nothing else passes."""

from __future__ import annotations

import base64
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from standardwebhooks import Webhook

from agoranomos.enforcement.signing import PREFIX
from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.identity.facts import NOT_CHECKED, Verdict
from agoranomos.sellers.identity.policy import Provider, parse_policy
from agoranomos.sellers.identity.secret import NAME, verifier_of
from agoranomos.sellers.identity.verifying import Asked, HttpVerifier, Nobody
from tests.builders import NOW
from tests.enforcement.receivers import receiver

SECRET = b"a secret of thirty-two bytes....."
ASKED = Asked(
    application_id="a-1",
    id_kind="cn_resident",
    legal_name="李伟",
    id_number="330106199003072212",
    photos={"face_photo": b"\xff\xd8 a face"},
    addresses={"id_photo": "https://pictures.example.com/1.jpg"},
)


def answered(body: bytes, status: int = 200) -> tuple[Verdict, dict[str, str], bytes]:
    with receiver(lambda _: status) as one:
        one.body = body
        provider = Provider(name="example", url=one.url, allow_private=True)
        verdict = HttpVerifier(provider, SECRET, answer_bytes_max=200).verify(ASKED, NOW)
        headers, sent = one.posts[0]
    return verdict, headers, sent


def test_what_is_sent_is_the_recorded_contract() -> None:
    verdict, headers, sent = answered(b'{"answer": "same", "score": 0.97, "reference": "r-1", "more": true}')
    assert verdict == Verdict("same", "example", 0.97, "r-1")
    assert msgspec.json.decode(sent) == {
        "application_id": "a-1",
        "id_kind": "cn_resident",
        "legal_name": "李伟",
        "id_number": "330106199003072212",
        "photos": {
            "face_photo": {"base64": base64.b64encode(b"\xff\xd8 a face").decode()},
            "id_photo": {"url": "https://pictures.example.com/1.jpg"},
        },
    }
    assert headers["content-type"] == "application/json"
    assert headers["webhook-timestamp"] == str(int(NOW.timestamp()))


def test_the_signature_is_one_that_the_library_of_the_standard_accepts(monkeypatch: pytest.MonkeyPatch) -> None:
    from standardwebhooks import webhooks

    class Then(webhooks.datetime):  # type: ignore[misc, name-defined] # the clock that it looks at
        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return NOW.astimezone(tz)

    monkeypatch.setattr(webhooks, "datetime", Then)
    _, headers, sent = answered(b'{"answer": "same"}')
    Webhook(PREFIX + base64.b64encode(SECRET).decode()).verify(sent, headers)


@pytest.mark.parametrize(
    ("body", "status", "reference"),
    [
        (b'{"answer": "perhaps"}', 200, "broken_answer"),
        (b'{"answer": "same", "score": 7}', 200, "broken_answer"),
        (b"<html>", 200, "broken_answer"),
        (b"\xff\xfe", 200, "broken_answer"),
        (b"", 200, "broken_answer"),
        (b'{"answer": "same"}', 500, "http_500"),
        (b'{"answer": "same"}', 302, "http_302"),
        (b'{"answer": "same"}' + b" " * 400, 200, "answer_too_large"),
    ],
)
def test_whatever_is_no_answer_has_failed(body: bytes, status: int, reference: str) -> None:
    verdict, _, _ = answered(body, status)
    assert verdict == Verdict("failed", "example", reference=reference)


def test_an_address_inside_is_not_asked_unless_the_policy_says_so() -> None:
    with receiver() as one:
        provider = Provider(name="example", url=one.url)
        verdict = HttpVerifier(provider, SECRET).verify(ASKED, NOW)
        assert verdict == Verdict("failed", "example", reference="address_refused")
        assert not one.posts


def test_nobody_says_that_nobody_was_asked() -> None:
    assert Nobody().verify(ASKED, NOW + timedelta(days=1)) == NOT_CHECKED


def test_the_secret_is_a_file_of_the_home_folder(tmp_path: Path) -> None:
    provider = Provider(name="example", url="https://compare.example.com")
    assert isinstance(verifier_of(None, tmp_path), Nobody)
    with pytest.raises(Invalid, match=NAME):
        verifier_of(provider, tmp_path)
    for text, wrong in (("whsec_!!", "holds no secret"), ("whsec_AAAA", "shorter than"), ("\udcff", "holds no secret")):
        (tmp_path / NAME).write_text(text, "utf-8", errors="surrogateescape")
        with pytest.raises(Invalid, match=wrong):
            verifier_of(provider, tmp_path)
    (tmp_path / NAME).write_text(PREFIX + base64.b64encode(SECRET).decode() + "\n")
    assert isinstance(verifier_of(provider, tmp_path), HttpVerifier)


POLICY = """
version = "mine"
report_line = 0.5
prior = -3.0
[lines]
review = {review}
hold = 0.8
decline = 0.97
[always]
"{code}" = "hold"
[person]
compared = ["cn_resident"]
same = "approve"
not_checked = "approve"
failed = "review"
unsure = "review"
different = "decline"
[person.provider]
name = "example"
url = "{url}"
"""
RIGHT = {"review": "0.5", "code": "sellers.document_reused", "url": "https://compare.example.com"}


def test_a_policy_is_read_strictly() -> None:
    policy = parse_policy(POLICY.format(**RIGHT).encode())
    assert policy.version.startswith("mine+")
    for change in (
        {"review": "0.9"},
        {"code": "goods.fake"},
        {"url": "http://compare.example.com"},
        {"review": '"half"'},
    ):
        with pytest.raises(Invalid):
            parse_policy(POLICY.format(**RIGHT | change).encode())
