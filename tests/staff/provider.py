"""An identity provider on this machine, as honest or as crooked as a test wants it."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

CLIENT_ID, CLIENT_SECRET = "agora", "a secret: with/odd+characters"
_KEY = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig"}, private=True)
"""One for all tests: making one takes a second."""


def _as_it_should(path: str) -> None:
    """No other answer than the proper one."""


class Provider:
    """Discovery, authorize, token, JWKS. What tests change: the claims, the key, the documents."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self.now = now
        self.key: RSAKey | ECKey = _KEY
        self.jwks: list[dict[str, Any]] = [dict(_KEY.as_dict(private=False))]
        self.claims: dict[str, Any] = {}
        self.described: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self._sign
        self.respond: Callable[[str], tuple[int, dict[str, str], bytes] | None] = _as_it_should
        self.asked: list[str] = []
        self.let_in_count = 0
        self._codes: dict[str, dict[str, str]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def __enter__(self) -> Provider:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    def let_in(self, url: str, **claims: Any) -> dict[str, str]:
        """Somebody signs in on the provider's page `url`; returns the query that the browser brings back."""
        asked = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert asked["response_type"] == "code"
        assert asked["scope"].split() == ["openid", "email"]
        assert asked["code_challenge_method"] == "S256"
        assert asked["client_id"] == CLIENT_ID
        self.claims = {
            "sub": "sub-1", "email": "ada@example.org", "email_verified": True, "nonce": asked["nonce"], **claims
        }  # fmt: skip
        self.let_in_count += 1
        code = f"code-{self.let_in_count}"
        self._codes[code] = asked
        return {"code": code, "state": asked["state"], "iss": self.issuer}

    def _sign(self, claims: dict[str, Any]) -> str:
        kid = self.key.kid
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        return jwt.encode({"alg": algorithm, **({"kid": kid} if kid else {})}, claims, self.key)

    def _token(self, form: Mapping[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        asked = self._codes.pop(form["code"], None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form["code_verifier"].encode()).digest())
        if asked is None or challenge.rstrip(b"=").decode() != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        if form["redirect_uri"] != asked["redirect_uri"] or not self._is_client(form, authorization):
            return 401, {"error": "invalid_client"}
        now = int(self.now().timestamp())
        claims = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, **self.claims}
        claims = {name: value for name, value in claims.items() if value is not None}
        return 200, {"access_token": "at", "token_type": "Bearer", "id_token": self.sign(claims)}

    @staticmethod
    def _is_client(form: Mapping[str, str], authorization: str) -> bool:
        if authorization:
            sent = base64.b64decode(authorization.removeprefix("Basic ")).decode()
            return sent == "agora:a%20secret%3A%20with%2Fodd%2Bcharacters"
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT_ID, CLIENT_SECRET)

    def _description(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/jwks",
            **self.described,
        }

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                documents = {
                    "/.well-known/openid-configuration": provider._description(),
                    "/jwks": {"keys": provider.jwks},
                }
                self._answer(200 if self.path in documents else 404, documents.get(self.path, {}))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"])).decode()
                form = {name: values[0] for name, values in parse_qs(body).items()}
                self._answer(*provider._token(form, self.headers.get("authorization", "")))

            def _answer(self, status: int, document: dict[str, Any]) -> None:
                provider.asked.append(self.path)
                odd = provider.respond(self.path)
                status, headers, body = odd or (status, {}, json.dumps(document).encode())
                self.send_response(status)
                for name, value in {"content-type": "application/json", **headers}.items():
                    self.send_header(name, value)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
                pass

        return Handler
