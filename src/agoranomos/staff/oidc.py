"""Sign-in through the company's identity provider: OpenID Connect Core 1.0, section 3.1 (authorization code flow),
with PKCE (RFC 7636, S256), and against mix-up of providers RFC 9207.

What belongs to one sign-in (state, nonce, PKCE verifier) is kept by the browser that began it, in a signed cookie of
ten minutes. Keys of the provider are asked for at each sign-in: that is rare, keys change at any time, and one that
was withdrawn must not count a moment longer.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import ssl
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any, Final
from urllib.parse import quote, urlencode

import httpx
import msgspec
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwk, jwt
from joserfc.errors import JoseError

from agoranomos.kernel.clock import Clock
from agoranomos.staff.company import BACK, PENDING_S, Begun, Issued, SignInFailed, SignInSettings, is_safe_url

SKEW_S: Final = 60
TIMEOUT_S: Final = 10.0
ALGORITHMS: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signatures by the provider's private key alone: `none`, and HS256 with a key that is public, are none."""
_SUBJECT_MAX: Final = 255
_RANDOM_BYTES: Final = 32
_DISCOVERY: Final = "/.well-known/openid-configuration"


class _Pending(msgspec.Struct, frozen=True):
    state: str
    nonce: str
    verifier: str
    to: str
    until: int


class _Provider(msgspec.Struct, frozen=True):
    """What OpenID Connect Discovery 1.0, section 3, says of a provider, as far as it is used."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class IdentityProvider:
    """One provider that vouches for the company's people.

    `secret` signs the cookies, `draw` gives random bytes.
    """

    def __init__(self, settings: SignInSettings, secret: bytes, clock: Clock, draw: Callable[[int], bytes]) -> None:
        self._settings = settings
        self._secret = hmac.digest(secret, b"agora sign-in", "sha256")
        self._clock = clock
        self._draw = draw
        self._redirect_uri = settings.public_url.rstrip("/") + BACK

    def begin(self, to: str) -> Begun:
        """The provider's page for somebody who wants to go `to`. Raises SignInFailed."""
        provider = self._provider()
        state, nonce, verifier = (_text(self._draw(_RANDOM_BYTES)) for _ in range(3))
        pending = _Pending(state, nonce, verifier, to, self._now() + PENDING_S)
        query = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": self._redirect_uri,
            "scope": "openid email",
            "state": state,
            "nonce": nonce,
            "code_challenge": create_s256_code_challenge(verifier),
            "code_challenge_method": "S256",
        }
        joint = "&" if "?" in provider.authorization_endpoint else "?"
        return Begun(f"{provider.authorization_endpoint}{joint}{urlencode(query)}", self._signed(pending))

    def finish(self, answer: Mapping[str, str], cookie: str) -> Issued:
        """For whom the provider vouches, by its `answer` (the query of BACK). Raises SignInFailed."""
        pending = self._pending(cookie)
        if not hmac.compare_digest(answer.get("state", "").encode(), pending.state.encode()):
            raise SignInFailed("stale", "the answer is not to what this browser asked")
        provider = self._provider()
        issuer = answer.get("iss")
        if issuer != provider.issuer and (issuer or provider.authorization_response_iss_parameter_supported):
            raise SignInFailed("refused", "the answer is from another provider")  # RFC 9207, section 2.4
        code = answer.get("code")
        if not code:
            raise SignInFailed("refused", "the provider let nobody in")
        tokens = self._tokens(provider, code, pending.verifier)
        claims = self._claims(provider, tokens, pending.nonce)
        # Addresses that are not verified are what somebody typed: they name nobody.
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Issued(provider.issuer, claims["sub"], email if isinstance(email, str) else None, pending.to)

    def _now(self) -> int:
        return int(self._clock().timestamp())

    def _signed(self, pending: _Pending) -> str:
        body = _text(msgspec.json.encode(pending))
        return f"{body}.{self._signature(body)}"

    def _signature(self, body: str) -> str:
        return hmac.new(self._secret, body.encode(), hashlib.sha256).hexdigest()

    def _pending(self, cookie: str) -> _Pending:
        body, _, signature = cookie.partition(".")
        if not hmac.compare_digest(signature.encode(), self._signature(body).encode()):
            raise SignInFailed("stale", "this browser has not begun to sign in")
        pending = msgspec.json.decode(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)), type=_Pending)
        if self._now() >= pending.until:
            raise SignInFailed("stale", "that took too long")
        return pending

    # Talking to the provider

    @cached_property
    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context()

    def _ask(self, method: str, url: str, **sent: Any) -> dict[str, Any]:
        """The JSON object at `url`; a redirect is no answer."""
        if not is_safe_url(url):
            raise SignInFailed("away", "the provider names an address without https")
        try:
            with httpx.Client(timeout=TIMEOUT_S, follow_redirects=False, verify=self._trusted) as client:
                response = client.request(method, url, headers={"accept": "application/json"}, **sent)
            body = msgspec.json.decode(response.content)
        except (httpx.HTTPError, httpx.InvalidURL, msgspec.DecodeError, UnicodeDecodeError) as error:
            raise SignInFailed("away", f"the provider does not answer ({type(error).__name__})") from error
        if not isinstance(body, dict):
            raise SignInFailed("away", "the provider's answer is no JSON object")
        if response.status_code != httpx.codes.OK:
            away = response.status_code >= httpx.codes.INTERNAL_SERVER_ERROR or response.is_redirect
            raise SignInFailed("away" if away else "refused", f"the provider answers {response.status_code}")
        return body

    def _provider(self) -> _Provider:
        found = self._ask("GET", self._settings.issuer.rstrip("/") + _DISCOVERY)
        try:
            provider = msgspec.convert(found, _Provider)
        except msgspec.ValidationError as error:
            raise SignInFailed("away", "the provider does not describe itself") from error
        if provider.issuer != self._settings.issuer:
            raise SignInFailed("refused", "the provider calls itself otherwise than AGORA_OIDC_ISSUER")
        if not is_safe_url(provider.authorization_endpoint):
            raise SignInFailed("away", "the provider names an address without https")
        return provider

    def _tokens(self, provider: _Provider, code: str, verifier: str) -> dict[str, Any]:
        """Exchanges the code (RFC 6749, section 4.1.3); the provider sees to it that a code counts once."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._redirect_uri,
            "code_verifier": verifier,
        }
        client_id, client_secret = self._settings.client_id, self._settings.client_secret
        if "client_secret_basic" in provider.token_endpoint_auth_methods_supported:
            # RFC 6749, section 2.3.1: both are encoded as in a form first.
            auth = (quote(client_id, safe=""), quote(client_secret, safe=""))
            return self._ask("POST", provider.token_endpoint, data=form, auth=auth)
        form |= {"client_id": client_id, "client_secret": client_secret}
        return self._ask("POST", provider.token_endpoint, data=form)

    def _claims(self, provider: _Provider, tokens: Mapping[str, Any], nonce: str) -> dict[str, Any]:
        """The claims of the ID token, checked as OpenID Connect Core, section 3.1.3.7, demands."""
        keys = self._ask("GET", provider.jwks_uri).get("keys")
        try:
            token = jwt.decode(str(tokens.get("id_token")), lambda told: _key(keys, told.headers()), [*ALGORITHMS])
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": provider.issuer},
                    "aud": {"essential": True, "value": self._settings.client_id},
                    "sub": {"essential": True},
                },
                {
                    "nonce": nonce,
                    "client_id": self._settings.client_id,
                    "access_token": tokens.get("access_token"),
                },
            )
            claims.validate(now=self._now(), leeway=SKEW_S)
        except (JoseError, ValueError, TypeError, KeyError) as error:
            raise SignInFailed("refused", f"the provider's token does not hold ({type(error).__name__})") from error
        subject = claims["sub"]
        if not isinstance(subject, str) or not 1 <= len(subject) <= _SUBJECT_MAX:
            raise SignInFailed("refused", "the provider's token names nobody")
        return dict(claims)


def _key(keys: Any, header: Mapping[str, Any]) -> jwk.Key:
    """The one signing key among `keys` (RFC 7517) that the header of a token names."""
    wanted = header.get("kid")
    fitting = [
        each
        for each in (keys if isinstance(keys, list) else ())
        if isinstance(each, dict)
        and each.get("use", "sig") == "sig"
        and each.get("kty") in ("RSA", "EC")
        and wanted in (None, each.get("kid"))
    ]
    if len(fitting) != 1:
        raise ValueError("no key, or more than one")
    return jwk.import_key(fitting[0])


def _text(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
