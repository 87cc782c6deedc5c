"""The transit engine as its contract says, on loopback: real encryption with a key of its own, checked requests."""

from __future__ import annotations

import base64
import json
import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CONTRACT = json.loads(Path(__file__).with_name("transit_contract.json").read_text("utf-8"))
TOKEN = "s.token"


class Engine:
    """Keys by name, and what was asked: (verb, how many). `broken` is answered in the place of everything."""

    def __init__(self) -> None:
        self.keys: dict[str, AESGCM] = {}
        self.asked: list[tuple[str, int]] = []
        self.broken: tuple[int, bytes] | None = None
        self.url = ""

    def answer(self, path: str, token: str | None, body: bytes) -> tuple[int, bytes]:
        """As the contract says. Anything that it does not say is a failure of the test."""
        if self.broken is not None:
            return self.broken
        if token != TOKEN:
            return CONTRACT["denied"]["status"], json.dumps(CONTRACT["denied"]["answer"]).encode()
        found = re.fullmatch(r"/v1/transit/(encrypt|decrypt)/([\w.-]+)", path)
        assert found, path
        verb, name = found.groups()
        items = json.loads(body)["batch_input"]
        assert all(sorted(item) == sorted(CONTRACT[verb]["item"]) for item in items)
        self.asked.append((verb, len(items)))
        cipher = self.keys.setdefault(name, AESGCM(os.urandom(32)))
        results = [getattr(self, f"_{verb}")(cipher, item) for item in items]
        answer = deepcopy(CONTRACT[verb]["answer"])
        shape = sorted(answer["data"]["batch_results"][0])
        assert all("error" in each or sorted(each) == shape for each in results)
        answer["data"]["batch_results"] = results
        failed = any("error" in each for each in results)
        return (CONTRACT["decrypt"]["status_when_an_item_fails"] if failed else 200), json.dumps(answer).encode()

    @staticmethod
    def _encrypt(cipher: AESGCM, item: dict[str, str]) -> dict[str, Any]:
        nonce = os.urandom(12)
        about = base64.b64decode(item["associated_data"], validate=True)
        sealed = nonce + cipher.encrypt(nonce, base64.b64decode(item["plaintext"], validate=True), about)
        return {"ciphertext": "vault:v1:" + base64.b64encode(sealed).decode(), "key_version": 1}

    @staticmethod
    def _decrypt(cipher: AESGCM, item: dict[str, str]) -> dict[str, Any]:
        sealed = base64.b64decode(item["ciphertext"].removeprefix("vault:v1:"))
        try:
            plain = cipher.decrypt(sealed[:12], sealed[12:], base64.b64decode(item["associated_data"], validate=True))
        except InvalidTag:
            return dict(CONTRACT["decrypt"]["item_error"])
        return {"plaintext": base64.b64encode(plain).decode()}


@contextmanager
def serving() -> Iterator[Engine]:
    """The engine, reachable at its `url` within this block."""
    engine = Engine()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            status, answer = engine.answer(self.path, self.headers.get("X-Vault-Token"), body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    engine.url = f"http://127.0.0.1:{server.server_address[1]}/v1/transit"
    try:
        yield engine
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
