"""Sign-in, sign-out and the account page without a browser: both languages, and what attackers try."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agoranomos.audit import queries as audit
from agoranomos.kernel.store import Store
from agoranomos.staff import secrets
from agoranomos.staff.authenticating import SESSION_COOKIE
from agoranomos.staff.browsers import client_of, own_path
from agoranomos.staff.model import FAILURES_MAX
from agoranomos.staff.roles import PERMISSIONS, Role
from agoranomos.staff.wording import PERMISSIONS_ZH, ROLES, TEXTS
from tests.staff.house import PASSWORD, Client, House, cookies_set, hidden, sign_in
from tests.stores import make_store

WRONG = "The address or the password is wrong"


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    store = make_store(tmp_path)
    yield store
    store.close()


@pytest.fixture
def house(sqlite: Store) -> House:
    return House(sqlite)


@pytest.fixture
def browser(house: House) -> Iterator[Client]:
    house.add("ada", Role.AUDITOR, password=PASSWORD)
    with house.browser() as client:
        yield client


def session_of(client: Client) -> str:
    return client.cookies.get(SESSION_COOKIE) or ""


def opens(client: Client, secret: str) -> bool:
    """Whether a browser with this secret is let in."""
    headers = {"cookie": f"{SESSION_COOKIE}={secret}"}
    return client.get("/account", headers=headers, follow_redirects=False).status_code == 200


def elsewhere(house: House) -> str:
    """The secret of another browser in which Ada signs in."""
    secret = house.staff.sign_in("ada@example.org", PASSWORD)
    assert isinstance(secret, str)
    return secret


def test_signing_in_and_out(store: Store) -> None:
    house = House(store)
    house.add("ada", Role.AUDITOR, password=PASSWORD)
    with house.browser() as browser:
        asked = browser.get("/account", follow_redirects=False)
        assert (asked.status_code, asked.headers["location"]) == (303, "/sign-in?next=%2Faccount")
        done = sign_in(browser, query="?next=%2Faccount%3Flang%3Den")
        assert (done.status_code, done.headers["location"]) == (303, "/account?lang=en")
        mine = browser.get("/account")
        assert mine.status_code == 200
        for said in ("Ada", "ada@example.org", "Auditor", PERMISSIONS["audit.read"][1:], "This browser"):
            assert said in mine.text
        assert "events.write" not in mine.text
        out = browser.post("/sign-out", data=hidden(mine.text))
        assert "You are signed out." in out.text
        assert session_of(browser) == ""
        assert browser.get("/account", follow_redirects=False).status_code == 303
    with store.reading() as connection:
        verbs = [each.entry.verb for each in audit.find(connection, after=-1, limit=10)]
    assert verbs == ["person.add", "session.begin", "session.end"]


def test_the_pages_speak_both_languages(house: House, browser: Client) -> None:
    assert "登录" in browser.get("/sign-in?lang=zh&next=/account").text
    answer = sign_in(browser, password="wrong wrong wrong")
    assert "邮箱或密码有误" in answer.text
    sign_in(browser)
    mine = browser.get("/account").text
    assert "审计员" in mine
    assert PERMISSIONS_ZH["audit.read"] in mine
    assert "Sign out" not in mine


def test_every_role_and_permission_has_words_in_both_languages() -> None:
    assert set(PERMISSIONS_ZH) == set(PERMISSIONS)
    assert set(ROLES) == set(Role)
    for name in PERMISSIONS:
        assert TEXTS.text("zh", f"permission.{name}") != TEXTS.text("en", f"permission.{name}")


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("ada@example.org", "wrong wrong wrong"),
        ("nobody@example.org", PASSWORD),
        ("no address", PASSWORD),
        ("", ""),
        ("closed@example.org", PASSWORD),
        ("company@example.org", PASSWORD),
        ("blocked@example.org", PASSWORD),
    ],
)
def test_whatever_is_wrong_the_answer_is_the_same(
    house: House, browser: Client, email: str, password: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from agoranomos.staff import service

    compared: list[str | None] = []

    def counted(given: str, hashed: str | None) -> bool:
        compared.append(hashed)
        return secrets.is_password(given, hashed)

    house.staff.disable_person(house.add("closed", password=PASSWORD).person_id, by=house.add("x").actor)
    house.add("company")
    house.add("blocked", password=PASSWORD)
    for _ in range(FAILURES_MAX):
        sign_in(browser, "blocked@example.org", "wrong wrong wrong")
    monkeypatch.setattr(service, "is_password", counted)
    answer = sign_in(browser, email, password)
    assert answer.status_code == 403
    assert len(compared) == 1, "a refusal that compares nothing is quicker than the others"
    assert SESSION_COOKIE not in str(cookies_set(answer))
    standard = sign_in(browser, "ada@example.org", "another wrong one").text
    assert WRONG in standard
    assert neutral(answer.text) == neutral(standard)


def neutral(page: str) -> str:
    """The page without the address that was typed and the token of its form."""
    page = re.sub(r'(id="email"[^>]* value=")[^"]*"', r'\1"', page)
    return re.sub(r'(name="_csrf_token" value=")[^"]*"', r'\1"', page)


@pytest.mark.parametrize("secure", [False, True])
def test_the_cookies_are_for_the_browser_alone(sqlite: Store, secure: bool) -> None:
    house = House(sqlite, secure=secure)
    house.add("ada", password=PASSWORD)
    with house.browser(https=secure) as browser:
        token = cookies_set(browser.get("/sign-in"))
        entered = [each for each in cookies_set(sign_in(browser)) if each.startswith(SESSION_COOKIE)]
    assert len(token) == len(entered) == 1
    for cookie in (*token, *entered):
        assert "httponly" in cookie.lower()
        assert "samesite=lax" in cookie.lower()
        assert "path=/;" in f"{cookie.lower()};"
        assert ("secure" in cookie.lower()) is secure


def test_a_planted_session_is_worth_nothing(house: House, browser: Client) -> None:
    browser.cookies.set(SESSION_COOKIE, "planted", domain="testserver.local")
    answer = sign_in(browser)
    fresh = re.search(rf"{SESSION_COOKIE}=(\w+)", str(cookies_set(answer)))
    assert fresh is not None
    assert fresh[1] != "planted"
    assert opens(browser, fresh[1])
    assert not opens(browser, "planted")


def test_signing_in_again_gives_a_new_secret_and_ends_the_old(house: House, browser: Client) -> None:
    sign_in(browser)
    old = session_of(browser)
    sign_in(browser)
    assert session_of(browser) != old
    assert opens(browser, session_of(browser))
    assert not opens(browser, old)


FORMS = ("/sign-in", "/sign-out", "/account/others", "/account/password")


@pytest.mark.parametrize("address", FORMS)
@pytest.mark.parametrize("token", [None, "", "0" * 128])
def test_a_foreign_page_sends_no_form(house: House, browser: Client, address: str, token: str | None) -> None:
    sign_in(browser)
    data = {"email": "ada@example.org", "password": PASSWORD}
    refused = browser.post(address, data=data if token is None else {**data, "_csrf_token": token})
    assert refused.status_code == 403
    assert "open for too long" in refused.text
    assert browser.get("/account", follow_redirects=False).status_code == 200


def test_all_forms_of_the_pages_are_among_those(house: House) -> None:
    ours = {
        route.path
        for route in house.app.routes
        if "POST" in (getattr(route, "methods", None) or ()) and route.path.startswith(("/sign", "/account"))
    }
    assert ours == set(FORMS)


@pytest.mark.parametrize(
    "wanted",
    [
        "//evil.example", "/\\evil.example", "https://evil.example", "http:evil.example", "javascript:alert(1)", "",
        "evil.example", "/\t/evil.example", "/\n/evil.example", "\\/evil.example", "/a\\b", "/%0a\r\nset-cookie: a=b",
        "/ü", "/sign-out", "/sign-in?next=/sign-in", "/" + "a" * 2001, " /account",
    ],
)  # fmt: skip
def test_signing_in_leads_nowhere_else(browser: Client, wanted: str) -> None:
    assert own_path(wanted) == "/account"
    form = hidden(browser.get("/sign-in").text)
    data = {**form, "email": "ada@example.org", "password": PASSWORD, "next": wanted}
    answer = browser.post("/sign-in", data=data, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/account")


@pytest.mark.parametrize("wanted", ["/", "/listings/new?sample=contact", "/v1/me", "/a%20b?c=d&e=%2F%2Ff"])
def test_signing_in_leads_back(browser: Client, wanted: str) -> None:
    form = hidden(browser.get("/sign-in").text)
    data = {**form, "email": "ada@example.org", "password": PASSWORD, "next": wanted}
    assert browser.post("/sign-in", data=data, follow_redirects=False).headers["location"] == wanted


def test_who_must_sign_in_first_comes_back_to_the_page(browser: Client) -> None:
    asked = browser.get("/listings/new?sample=a%26b&lang=en", follow_redirects=False)
    assert asked.headers["location"] == "/sign-in?next=%2Flistings%2Fnew%3Fsample%3Da%2526b%26lang%3Den"
    assert hidden(browser.get(asked.headers["location"]).text)["next"] == "/listings/new?sample=a%26b&lang=en"


def test_an_address_in_the_link_is_not_markup(browser: Client) -> None:
    page = browser.get('/sign-in?next=/"><script>alert(1)</script>').text
    assert "<script" not in page


def test_programs_and_forms_are_told_not_led(house: House, browser: Client) -> None:
    told = browser.get("/v1/me")
    assert told.status_code == 401
    assert told.headers["www-authenticate"] == "Bearer"
    assert browser.get("/listings/new", headers={"accept": "*/*"}).status_code == 401
    form = hidden(browser.get("/sign-in").text)
    lost = browser.post("/listings/new", data=form, follow_redirects=False)
    assert (lost.status_code, lost.headers["location"]) == (303, "/sign-in")


def test_one_client_cannot_try_for_ever(house: House, browser: Client) -> None:
    form = hidden(browser.get("/sign-in").text)
    answers = [browser.post("/sign-in", data={**form, "email": "", "password": ""}) for _ in range(40)]
    assert {each.status_code for each in answers} == {403, 429}
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["retry-after"]) <= 2


@pytest.mark.parametrize(
    ("host", "network"),
    [("192.0.2.7", "192.0.2.7"), ("2001:db8:1:2:3::4", "20010db800010002::/64"), ("testclient", "testclient")],
)
def test_clients_are_told_apart_by_network(host: str, network: str) -> None:
    class Asked:
        client = type("Address", (), {"host": host})

    request: Any = Asked()
    assert client_of(request) == network


def test_all_other_browsers_are_signed_out(house: House, browser: Client) -> None:
    sign_in(browser)
    other = elsewhere(house)
    assert opens(browser, other)
    page = browser.get("/account").text
    assert page.count("Another browser") == 1
    done = browser.post("/account/others", data=hidden(page))
    assert "all other browsers" in done.text
    assert "Another browser" not in done.text
    assert not opens(browser, other)
    assert opens(browser, session_of(browser))


def change(client: Client, old: str = PASSWORD, new: str = "another horse battery", again: str = "") -> Any:
    form = hidden(client.get("/account").text)
    return client.post("/account/password", data={**form, "old": old, "new": new, "again": again or new})


def test_the_password_is_changed(house: House, browser: Client) -> None:
    sign_in(browser)
    other = elsewhere(house)
    assert "Your password is changed" in change(browser).text
    assert not opens(browser, other)
    assert sign_in(browser).status_code == 403
    assert sign_in(browser, password="another horse battery").status_code == 303


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"old": "not the old one"}, "The present password is another."),
        ({"again": "yet another horse"}, "The two new passwords differ."),
        ({"new": "short"}, "A password has 12 to 256 characters."),
    ],
)
def test_a_password_is_not_changed_for_nothing(browser: Client, fields: dict[str, str], said: str) -> None:
    sign_in(browser)
    answer = change(browser, **fields)
    assert answer.status_code == 422
    assert said in answer.text
    assert browser.get("/account").status_code == 200


def test_who_finds_a_browser_open_cannot_guess_the_password(browser: Client) -> None:
    sign_in(browser)
    assert [change(browser, old=f"guess number {n}").status_code for n in range(6)] == [422] * 5 + [429]


def test_who_comes_through_the_company_has_no_password_to_change(house: House) -> None:
    with house.browser_of(house.add("bob")) as browser:
        page = browser.get("/account").text
        assert "ask an administrator for one" in page
        assert 'type="password"' not in page


def test_the_person_at_the_machine_is_told_so(sqlite: Store) -> None:
    house = House(sqlite, open_locally=True)
    with house.browser() as browser:
        browser.base_url = "http://127.0.0.1:8000"
        page = browser.get("/account").text
        assert "The person at this machine" in page
        assert "/sign-out" not in page
        assert "agora people add" in browser.get("/sign-in").text
        form = hidden(browser.get("/sign-in").text)
        assert browser.post("/account/others", data=form).status_code == 403
        browser.cookies.set(SESSION_COOKIE, "of an earlier store", domain="127.0.0.1")
        assert "agora people add" in browser.get("/account").text
        assert "The person at this machine" in browser.get("/account").text


def test_the_head_of_every_page_says_who_is_signed_in(house: House) -> None:
    clerk = house.add("bo<b>", Role.CUSTOMER_SERVICE)
    admin = house.add("adm", Role.ADMIN)
    with house.browser_of(clerk) as browser:
        for address in ("/listings/new", "/account"):
            page = browser.get(address).text
            assert "<bdi>Bo&lt;B&gt;</bdi></a>" in page
            assert 'action="/sign-out"' in page
    with house.browser_of(admin) as browser:
        refused = browser.get("/listings/new")
        assert refused.status_code == 403
        assert "Adm</bdi>" in refused.text
        assert browser.post("/sign-out", data=hidden(refused.text)).status_code == 200
