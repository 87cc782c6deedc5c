"""Sign-in through a real identity provider on this machine, and what a crooked one, or a thief, tries."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from agoranomos.kernel.store import Store
from agoranomos.staff.authenticating import SESSION_COOKIE
from agoranomos.staff.browsers import PENDING_COOKIE
from agoranomos.staff.company import BACK, BEGIN, PENDING_S, SignInFailed, SignInSettings
from agoranomos.staff.oidc import SKEW_S, IdentityProvider
from agoranomos.staff.roles import Role
from tests.goods.listings.market import TickingClock
from tests.staff.house import Client, Draws, House, cookies_set
from tests.staff.provider import CLIENT_ID, CLIENT_SECRET, Provider
from tests.stores import make_store

PUBLIC = "http://localhost:8000"


@pytest.fixture
def clock() -> TickingClock:
    return TickingClock()


@pytest.fixture
def provider(clock: TickingClock) -> Iterator[Provider]:
    with Provider(clock) as one:
        yield one


@pytest.fixture
def ours(provider: Provider, clock: TickingClock) -> IdentityProvider:
    return made(provider, clock)


def made(provider: Provider, clock: TickingClock, secret: bytes = b"form secret") -> IdentityProvider:
    settings = SignInSettings(
        issuer=provider.issuer, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, public_url=PUBLIC
    )
    settings.require_usable()
    return IdentityProvider(settings, secret, clock, Draws())


def came(ours: IdentityProvider, provider: Provider, **claims: Any) -> Any:
    """Signs in with a token of these claims (None: without that one)."""
    begun = ours.begin("/account")
    return ours.finish(provider.let_in(begun.url, **claims), begun.cookie)


def test_the_provider_vouches(ours: IdentityProvider, provider: Provider) -> None:
    issued = came(ours, provider)
    assert (issued.issuer, issued.subject) == (provider.issuer, "sub-1")
    assert (issued.email, issued.to) == ("ada@example.org", "/account")


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_an_address_counts_only_when_it_is_verified(
    ours: IdentityProvider, provider: Provider, verified: object
) -> None:
    assert came(ours, provider, email_verified=verified).email is None


@pytest.mark.parametrize(
    "claims",
    [
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"aud": "another client"},
        {"aud": None},
        {"aud": "another client", "azp": CLIENT_ID},
        {"aud": [CLIENT_ID, "another client"]},  # without azp
        {"aud": [CLIENT_ID, "another client"], "azp": "another client"},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"sub": None},
        {"sub": ""},
        {"sub": 7},
        {"sub": "x" * 256},
        {"exp": None},
        {"exp": "tomorrow"},
        {"iat": None},
        {"at_hash": "of another token"},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_us_lets_nobody_in(
    ours: IdentityProvider, provider: Provider, claims: dict[str, Any]
) -> None:
    with pytest.raises(SignInFailed) as failed:
        came(ours, provider, **claims)
    assert failed.value.why == "refused"


def test_clocks_may_differ_by_a_minute(ours: IdentityProvider, provider: Provider, clock: TickingClock) -> None:
    now = int(clock().timestamp())
    for late in (-SKEW_S + 1, -SKEW_S - 1):
        if late > -SKEW_S:
            came(ours, provider, exp=now + late)
            came(ours, provider, iat=now - late)
        else:
            with pytest.raises(SignInFailed):
                came(ours, provider, exp=now + late)
            with pytest.raises(SignInFailed):
                came(ours, provider, iat=now - late)


def part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def unsigned(claims: dict[str, Any]) -> str:
    return f"{part({'alg': 'none', 'kid': 'k1'})}.{part(claims)}."


def test_an_unsigned_token_is_none(ours: IdentityProvider, provider: Provider) -> None:
    provider.sign = unsigned
    with pytest.raises(SignInFailed):
        came(ours, provider)


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_the_public_key_is_no_shared_secret(ours: IdentityProvider, provider: Provider, form: str) -> None:
    public = provider.key.as_pem(private=False) if form == "pem" else json.dumps(provider.jwks[0]).encode()

    def sign(claims: dict[str, Any]) -> str:
        signed = f"{part({'alg': 'HS256', 'kid': 'k1'})}.{part(claims)}"
        digest = hmac.digest(public, signed.encode(), hashlib.sha256)
        return f"{signed}.{base64.urlsafe_b64encode(digest).rstrip(b'=').decode()}"

    provider.sign = sign
    with pytest.raises(SignInFailed):
        came(ours, provider)


def test_a_key_that_the_provider_does_not_name_signs_nothing(ours: IdentityProvider, provider: Provider) -> None:
    provider.key = ECKey.generate_key("P-256", {"kid": "k1"}, private=True)
    with pytest.raises(SignInFailed):
        came(ours, provider)
    provider.key = ECKey.generate_key("P-256", {"kid": "k9"}, private=True)
    with pytest.raises(SignInFailed):
        came(ours, provider)


def test_keys_change_at_any_time(ours: IdentityProvider, provider: Provider) -> None:
    came(ours, provider)
    old = provider.key
    provider.key = ECKey.generate_key("P-256", {"kid": "k2", "use": "sig"}, private=True)
    provider.jwks.append(dict(provider.key.as_dict(private=False)))
    came(ours, provider)
    provider.jwks.pop(0)
    came(ours, provider)
    provider.key = old
    with pytest.raises(SignInFailed):
        came(ours, provider)


def test_a_key_without_a_name_is_found_when_it_is_the_only_one(ours: IdentityProvider, provider: Provider) -> None:
    provider.key = ECKey.generate_key("P-256", private=True)
    public = dict(provider.key.as_dict(private=False))
    public.pop("kid", None)
    provider.jwks = [public, {"kty": "oct", "k": "AAAA"}, {**public, "use": "enc"}]
    came(ours, provider)
    provider.jwks.append(public)
    with pytest.raises(SignInFailed):
        came(ours, provider)


def test_a_code_counts_once(ours: IdentityProvider, provider: Provider) -> None:
    begun = ours.begin("/")
    answer = provider.let_in(begun.url)
    ours.finish(answer, begun.cookie)
    with pytest.raises(SignInFailed) as failed:
        ours.finish(answer, begun.cookie)
    assert failed.value.why == "refused"


def test_a_stolen_code_is_worth_nothing_in_another_browser(ours: IdentityProvider, provider: Provider) -> None:
    victim, thief = ours.begin("/"), ours.begin("/")
    stolen = provider.let_in(victim.url)
    with pytest.raises(SignInFailed):  # state
        ours.finish(stolen, thief.cookie)
    own_state = provider.let_in(thief.url)["state"]
    with pytest.raises(SignInFailed):  # PKCE
        ours.finish({**stolen, "state": own_state}, thief.cookie)


@pytest.mark.parametrize("state", ["", "of another", None])
def test_an_answer_to_nothing_asked(ours: IdentityProvider, provider: Provider, state: str | None) -> None:
    begun = ours.begin("/")
    answer = {**provider.let_in(begun.url), "state": state}
    with pytest.raises(SignInFailed) as failed:
        ours.finish({name: value for name, value in answer.items() if value is not None}, begun.cookie)
    assert failed.value.why == "stale"


def test_what_was_begun_is_signed_and_soon_over(
    ours: IdentityProvider, provider: Provider, clock: TickingClock
) -> None:
    begun = ours.begin("/")
    answer = provider.let_in(begun.url)
    others = made(provider, clock, b"another secret").begin("/").cookie
    body, _, signature = begun.cookie.partition(".")
    for cookie in ("", ".", "ü", body, f"{body}.", f"{body[:-2]}AA.{signature}", f"{body}.{signature[:-1]}", others):
        with pytest.raises(SignInFailed) as failed:
            ours.finish(answer, cookie)
        assert failed.value.why == "stale"
    clock.forward(seconds=PENDING_S)
    with pytest.raises(SignInFailed) as failed:
        ours.finish(answer, begun.cookie)
    assert failed.value.why == "stale"


def test_providers_are_not_mixed_up(ours: IdentityProvider, provider: Provider) -> None:
    begun = ours.begin("/")
    answer = provider.let_in(begun.url)
    with pytest.raises(SignInFailed) as failed:
        ours.finish({**answer, "iss": "https://evil.example"}, begun.cookie)
    assert failed.value.why == "refused"
    provider.described = {"authorization_response_iss_parameter_supported": True}
    without = {name: value for name, value in answer.items() if name != "iss"}
    with pytest.raises(SignInFailed):
        ours.finish(without, begun.cookie)
    provider.described = {}
    ours.finish(without, begun.cookie)
    provider.described = {"issuer": "https://evil.example"}
    with pytest.raises(SignInFailed) as failed:
        ours.begin("/")
    assert failed.value.why == "refused"


@pytest.mark.parametrize("name", ["authorization_endpoint", "token_endpoint", "jwks_uri"])
def test_nothing_is_sent_without_encryption(ours: IdentityProvider, provider: Provider, name: str) -> None:
    provider.described = {name: "http://id.example/there"}
    with pytest.raises(SignInFailed) as failed:
        came(ours, provider)
    assert failed.value.why == "away"


@pytest.mark.parametrize("path", ["/.well-known/openid-configuration", "/token", "/jwks"])
@pytest.mark.parametrize(
    "answer",
    [
        (302, {"location": "/elsewhere"}, b"{}"),
        (500, {}, b"{}"),
        (200, {}, b"<html>"),
        (200, {}, b"[]"),
        (200, {}, b"\xff"),
    ],
    ids=["redirect", "error", "html", "list", "bytes"],
)
def test_a_provider_that_does_not_answer(
    ours: IdentityProvider, provider: Provider, path: str, answer: tuple[int, dict[str, str], bytes]
) -> None:
    provider.respond = lambda asked: answer if asked == path else None
    with pytest.raises(SignInFailed) as failed:
        came(ours, provider)
    assert failed.value.why == "away"
    assert "/elsewhere" not in provider.asked


def test_a_provider_that_is_gone(clock: TickingClock) -> None:
    with Provider(clock) as provider:
        ours = made(provider, clock)
    with pytest.raises(SignInFailed) as failed:
        ours.begin("/")
    assert failed.value.why == "away"


def test_a_provider_that_wants_the_secret_in_the_form(ours: IdentityProvider, provider: Provider) -> None:
    provider.described = {"token_endpoint_auth_methods_supported": ["client_secret_post"]}
    assert came(ours, provider).subject == "sub-1"


def test_who_did_not_agree_comes_back_without_a_code(ours: IdentityProvider, provider: Provider) -> None:
    begun = ours.begin("/")
    state = provider.let_in(begun.url)["state"]
    with pytest.raises(SignInFailed) as failed:
        ours.finish({"error": "access_denied", "state": state}, begun.cookie)
    assert failed.value.why == "refused"


# The pages


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    store = make_store(tmp_path)
    yield store
    store.close()


def through(browser: Client, provider: Provider, to: str = "/account", **claims: Any) -> Any:
    """Begins on our page, signs in at the provider, comes back; the last redirect is not followed."""
    sent = browser.get(f"{BEGIN}?next={to}", follow_redirects=False)
    assert sent.status_code == 303
    assert sent.headers["location"].startswith(f"{provider.issuer}/authorize?")
    answer = provider.let_in(sent.headers["location"], **claims)
    return browser.get(BACK, params=answer, follow_redirects=False)


@pytest.mark.slow
def test_somebody_signs_in_with_the_company_account(store: Store, provider: Provider, ours: IdentityProvider) -> None:
    house = House(store, provider=ours)
    house.add("ada", Role.AUDITOR)
    with house.browser() as browser:
        assert BEGIN in browser.get("/sign-in?next=/account").text
        done = through(browser, provider)
        assert (done.status_code, done.headers["location"]) == (303, "/account")
        assert "Auditor" in browser.get("/account").text
        assert PENDING_COOKIE not in browser.cookies
        moved = through(browser, provider, email="other@example.org", to="/v1/me")
        assert moved.headers["location"] == "/v1/me"
        assert browser.get("/v1/me").json()["name"] == "Ada"
        assert through(browser, provider, to="//evil.example").headers["location"] == "/account"


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": "sub-9", "email": "stranger@example.org"},
        {"sub": "sub-9", "email_verified": False},
        {"sub": "sub-9", "email": "no address"},
        {"sub": "sub-9", "email": "ada@example.org"},
        {"sub": "sub-9", "email": "closed@example.org"},
    ],
    ids=["stranger", "unverified", "odd", "another subject", "closed"],
)
@pytest.mark.slow
def test_whom_nobody_added_is_told_so(
    sqlite: Store, provider: Provider, ours: IdentityProvider, claims: dict[str, Any]
) -> None:
    house = House(sqlite, provider=ours)
    house.add("ada", Role.AUDITOR)
    house.staff.disable_person(house.add("closed").person_id, by=house.add("x").actor)
    house.staff.sign_in_issued(issuer=provider.issuer, subject="sub-1", email="ada@example.org")
    with house.browser() as browser:
        answer = through(browser, provider, **claims)
        assert answer.status_code == 403
        assert "has no access here" in answer.text
        assert SESSION_COOKIE not in str(cookies_set(answer))
        assert browser.get("/account", follow_redirects=False).status_code == 303


def test_a_failed_sign_in_is_a_page(sqlite: Store, provider: Provider, ours: IdentityProvider) -> None:
    with House(sqlite, provider=ours).browser() as browser:
        stale = browser.get(BACK, params={"code": "c", "state": "s"})
        assert stale.status_code == 403
        assert "Please begin again" in stale.text
        sent = browser.get(BEGIN, follow_redirects=False)
        cookie = next(each for each in cookies_set(sent) if each.startswith(PENDING_COOKIE)).lower()
        assert "httponly" in cookie
        assert "samesite=lax" in cookie
        assert f"max-age={PENDING_S}" in cookie
        assert f"path={BEGIN}" in cookie
        provider.respond = lambda asked: (503, {}, b"{}") if asked else None
        away = browser.get(BEGIN)
        assert away.status_code == 503
        assert "does not answer" in away.text


@pytest.mark.slow
def test_without_a_provider_there_is_no_such_page(sqlite: Store) -> None:
    with House(sqlite).browser() as browser:
        assert BEGIN not in browser.get("/sign-in").text
        assert browser.get(BEGIN).status_code == 404


def test_a_key_of_the_same_kind_is_not_enough(ours: IdentityProvider, provider: Provider) -> None:
    provider.key = RSAKey.generate_key(2048, {"kid": "k1"}, private=True)
    with pytest.raises(SignInFailed):
        came(ours, provider)
