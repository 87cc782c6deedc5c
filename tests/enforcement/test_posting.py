"""A post goes nowhere inside, takes no longer than it may, and believes nothing of the answer."""

from __future__ import annotations

import datetime
import ipaddress
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agoranomos.enforcement import posting
from agoranomos.enforcement.addresses import check_url, is_public
from agoranomos.enforcement.posting import Poster
from agoranomos.kernel.errors import Invalid
from tests.enforcement.receivers import raw, receiver, whole_post


def post(url: str, *, allow_private: bool = True, timeout_s: float = 5.0, **fields: Any) -> str:
    with closing(Poster(timeout_s=timeout_s, answer_bytes_max=10_000, **fields)) as poster:
        return poster.post(url, [("content-type", "application/json")], b"{}", allow_private=allow_private)


@pytest.mark.parametrize(("status", "code"), [(200, ""), (204, ""), (299, ""), (404, "http_404"), (500, "http_500")])
def test_only_2xx_is_success(status: int, code: str) -> None:
    with receiver(lambda _: status) as one:
        assert post(one.url) == code
        assert len(one.posts) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_not_followed(status: int) -> None:
    with receiver() as inside, receiver(lambda _: status) as one:
        one.headers = {"location": inside.url}
        assert post(one.url) == f"http_{status}"
        assert inside.posts == []


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "100.64.0.1",
        "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fc00::1", "fd00:ec2::254", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "64:ff9b::7f00:1", "2002:7f00:1::",
        "2001:db8::1", "198.18.0.1", "192.0.2.1",
    ],
)  # fmt: skip
def test_addresses_inside_are_not_called(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    assert post("http://shop.example/hooks", allow_private=False, resolve=lambda *_: [address]) == "address_refused"
    host = f"[{address}]" if ":" in address else address
    with pytest.raises(Invalid, match="private"):
        check_url(f"https://{host}/hooks", allow_private=False)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "64:ff9b::808:808", "::ffff:8.8.8.8"])
def test_addresses_of_the_open_internet_are(address: str) -> None:
    assert is_public(ipaddress.ip_address(address))


def test_one_private_address_among_public_ones_is_enough_to_refuse() -> None:
    assert (
        post("http://a.example/", allow_private=False, resolve=lambda *_: ["8.8.8.8", "10.0.0.1"]) == "address_refused"
    )


@pytest.mark.parametrize("name", ["localhost", "127.1", "2130706433", "0x7f.1", "017700000001"])
def test_other_spellings_of_loopback_are_seen_through(name: str) -> None:
    with receiver() as one:
        url = one.url.replace("127.0.0.1", name)
        assert post(url, allow_private=False) in ("address_refused", "no_connection")
        assert one.posts == []


def test_a_name_that_changes_after_it_was_judged_changes_nothing() -> None:
    """The name server says a public address first and loopback ever after; only the first answer is asked for."""
    answers = iter([["203.0.113.1"]])  # judged as it is: documentation, not public
    asked: list[str] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return next(answers, ["127.0.0.1"])

    with receiver() as one:
        url = one.url.replace("127.0.0.1", "rebound.example")
        with closing(Poster(timeout_s=5, answer_bytes_max=100, resolve=resolve)) as poster:
            assert poster.post(url, [], b"{}", allow_private=False) == "address_refused"
            assert poster.post(url, [], b"{}", allow_private=False) == "address_refused"
        assert asked == ["rebound.example"] * 2, "once for each connection"
        assert one.posts == []


def test_the_connection_goes_to_the_very_address_that_was_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    real = socket.getaddrinfo

    def looked_up(host: Any, *rest: Any, **more: Any) -> Any:
        asked.append(str(host))
        return real(host, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", looked_up)
    with receiver() as one:
        url = one.url.replace("127.0.0.1", "shop.example")
        assert post(url, resolve=lambda *_: ["127.0.0.1"]) == ""
        assert one.posts[0][0]["host"].startswith("shop.example:")
    assert "shop.example" not in asked, "nobody looks the name up a second time"


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with receiver() as one, socket.socket() as closed:
        closed.bind(("127.0.0.2", 0))
        url = one.url.replace("127.0.0.1", "shop.example")
        assert post(url, resolve=lambda *_: ["127.0.0.2", "127.0.0.1"]) == ""


DRIPS = 60
DRIP_S = 0.05
"""The peers below are slow on purpose; together their bytes take six times as long as the post may."""


def drip(words: bytes, each: bytes, end: bytes = b"") -> Callable[[socket.socket], None]:
    def speak(peer: socket.socket) -> None:
        whole_post(peer)
        peer.sendall(words)
        for _ in range(DRIPS):
            time.sleep(DRIP_S)
            peer.sendall(each)
        peer.sendall(end)

    return speak


def silent(peer: socket.socket) -> None:
    while peer.recv(65_536):  # says nothing until the other side hangs up
        pass


@pytest.mark.parametrize(
    "speak",
    [
        silent,
        drip(b"HTTP/1.1 200 OK\r\nX-A: ", b"a", b"\r\ncontent-length: 0\r\n\r\n"),
        drip(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % DRIPS, b"a"),
    ],
    ids=["silent", "headers", "body"],
)
@pytest.mark.slow
def test_a_slow_answer_ends_at_the_deadline(speak: Callable[[socket.socket], None]) -> None:
    """Each byte comes in time and the answer is a good one; who watches single waits only would take it."""
    with raw(speak) as url:
        assert post(url, timeout_s=DRIPS * DRIP_S / 6) == "timeout"


def test_a_huge_answer_is_cut_off() -> None:
    with receiver(lambda _: 200) as one:
        one.body = b"x" * 1_000_000
        assert post(one.url) == "answer_too_large"
    with raw(drip(b"HTTP/1.1 200 OK\r\nX-A: ", b"a" * 65_536)) as url:
        assert post(url) == "broken_answer"


@pytest.mark.parametrize("words", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nab"])
def test_broken_answers(words: bytes) -> None:
    def speak(peer: socket.socket) -> None:
        whole_post(peer)
        peer.sendall(words)

    with raw(speak) as url:
        assert post(url) == "broken_answer"


def test_nobody_there() -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        assert post(f"http://127.0.0.1:{closed.getsockname()[1]}/") == "no_connection"

    def unknown(*_: Any) -> list[str]:
        raise socket.gaierror

    assert post("https://no.example/", resolve=unknown) == "no_connection"
    assert post("https://a..example/") == "no_connection"
    assert post(f"https://{'a' * 64}.example/") == "no_connection"


def test_the_environment_names_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with receiver() as proxy, receiver() as one:
        for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert post(one.url) == ""
        assert proxy.posts == []


def test_connections_are_used_again_and_shared_between_threads() -> None:
    with receiver() as one, closing(Poster(timeout_s=5, answer_bytes_max=100)) as poster:
        codes: list[str] = []

        def work() -> None:
            codes.extend(poster.post(one.url, [], b"{}", allow_private=True) for _ in range(10))

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert codes == [posting.OK] * 40
        assert len(one.posts) == 40


@contextmanager
def tls_server(folder: Path, name: str) -> Iterator[tuple[int, ssl.SSLContext, list[str | None]]]:
    """Port, what trusts its certificate, and the names that callers asked for (SNI)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    formats = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    (folder / "tls.pem").write_bytes(key.private_bytes(*formats) + pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    names: list[str | None] = []
    context.sni_callback = lambda _, asked, __: names.append(asked)

    def speak(peer: socket.socket) -> None:
        with context.wrap_socket(peer, server_side=True) as secure:
            whole_post(secure)
            secure.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")

    with raw(speak) as url:
        yield int(url.split(":")[2].split("/")[0]), ssl.create_default_context(cadata=pem.decode()), names


def test_tls_checks_the_name_although_the_address_was_chosen_before(tmp_path: Path) -> None:
    with tls_server(tmp_path, "shop.example") as (port, trusting, names):
        given: dict[str, Any] = {"resolve": lambda *_: ["127.0.0.1"], "ssl_context": trusting}
        assert post(f"https://shop.example:{port}/", **given) == ""
        assert names == ["shop.example"]
        assert post(f"https://other.example:{port}/", **given) == "no_connection", "the certificate is another's"
        assert post(f"https://shop.example:{port}/", resolve=given["resolve"]) == "no_connection", "not trusted"


@pytest.mark.parametrize(
    "url",
    [
        "", "shop.example/hooks", "ftp://shop.example/", "file:///etc/passwd", "https://", "https://:443/",
        "http://shop.example/hooks", "https://user:pass@shop.example/", "https://shop.example/#there",
        "https://shop.example:0/", "https://shop.example:99999/", "https://shop.example/a b", "https://[::1/",
        "https://商店.example/", "https://shop.example/\n", f"https://shop.example/{'a' * 2_000}",
    ],
)  # fmt: skip
def test_urls_that_cannot_be_used(url: str) -> None:
    with pytest.raises(Invalid) as refused:
        check_url(url, allow_private=False)
    assert refused.value.pointer == "/url"


def test_urls_that_can() -> None:
    for url in ("https://shop.example/hooks?token=1", "https://shop.example:8443", "https://8.8.8.8/"):
        assert check_url(url, allow_private=False) == url
    for url in ("http://127.0.0.1:8090/", "http://[::1]/", "https://10.0.0.1/"):
        assert check_url(url, allow_private=True) == url
