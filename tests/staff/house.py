"""The whole application with real people: who signs in, by which browser."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.application import create_app
from agoranomos.goods.listings.policy import load_policy
from agoranomos.goods.rooms import Rooms
from agoranomos.intake.actions import NOBODY
from agoranomos.kernel.store import Store
from agoranomos.rules.policy import load_queues
from agoranomos.rules.service import RuleService
from agoranomos.staff.authenticating import SESSION_COOKIE, StaffAuthenticator
from agoranomos.staff.company import Vouching
from agoranomos.staff.model import LOCAL, Person
from agoranomos.staff.roles import Role
from agoranomos.staff.service import StaffService
from tests.applications import make_quickly
from tests.builders import (
    make_access,
    make_cases,
    make_promotions,
    make_referrals,
    make_reports,
    make_retention,
    make_reviews,
    make_sellers,
    make_vault,
)
from tests.goods.listings.market import TickingClock, TrickJudge

PASSWORD = "correct horse battery"
make_quickly()

Client = TestClient[Litestar]


class Draws:
    """Bytes that look random and are the same in each run."""

    def __init__(self) -> None:
        self.drawn = 0

    def __call__(self, count: int) -> bytes:
        self.drawn += 1
        return self.drawn.to_bytes(count, "big")


class House:
    """The application, its staff and its clock."""

    def __init__(
        self, store: Store, *, provider: Vouching | None = None, secure: bool = False, open_locally: bool = False,
        pictures_root: Path | None = None, guided: bool = False,
    ) -> None:  # fmt: skip
        self.store = store
        self.clock = TickingClock()
        self.authenticate = StaffAuthenticator(store, self.clock, open_locally=open_locally, demonstration=guided)
        draw = Draws()
        vault = make_vault(draw=draw)
        self.staff = StaffService(store, self.clock, Draws(), self.authenticate.forget)
        sellers = make_sellers(store, self.clock, draw, pictures_root)
        rooms = Rooms(store, vault, NOBODY, self.clock, draw)
        self.rooms, self.sellers, self.policy = rooms, sellers, rooms.policies.actions
        self.promotions = make_promotions(store, self.clock, draw)
        self.access, self.reviews = make_access(store, self.clock), make_reviews(store, self.clock)
        self.cases = make_cases(store, sellers, rooms, self.clock, draw)
        self.referrals, self.retention = (
            make_referrals(store, self.cases, self.clock),
            make_retention(store, self.clock),
        )
        self.reports = make_reports(store, self.cases, self.clock)
        self.app: Litestar = create_app(
            TrickJudge(), store, load_policy(), self.clock, vault=vault, authenticate=self.authenticate,
            staff=self.staff, provider=provider, secure=secure, sellers=sellers, rooms=rooms,
            cases=self.cases, reports=self.reports, guided=guided,
            rules=RuleService(store, self.clock, draw, load_queues()),
            promotions=self.promotions, reviews=self.reviews,
            access=self.access, referrals=self.referrals,
            retention=self.retention,
        )  # fmt: skip

    def add(self, name: str = "ada", *roles: Role, password: str | None = None) -> Person:
        """Somebody called `name`."""
        return self.staff.add_person(
            name=name.title(), email=f"{name}@example.org", roles=roles, by=LOCAL, password=password
        )

    def browser(self, *, https: bool = False) -> Client:
        """A browser in which nobody has signed in."""
        client = TestClient(self.app, base_url="https://testserver.local" if https else "http://testserver.local")
        client.headers["accept"] = "text/html"
        return client

    def browser_of(self, person: Person) -> Client:
        """A browser in which `person` has signed in through the identity provider."""
        client = self.browser()
        secret = self.staff.sign_in_issued(issuer="https://id.example", subject=person.person_id, email=person.email)
        assert isinstance(secret, str)
        client.cookies.set(SESSION_COOKIE, secret, domain="testserver.local")
        return client

    def program(self, *permissions: str) -> Client:
        """A program with an API key."""
        made = self.staff.create_key(name="a program", permissions=permissions, by=LOCAL)
        return self.program_with(made.secret)

    def program_with(self, secret: str) -> Client:
        """A program that sends `secret`."""
        client: Client = TestClient(self.app)
        client.headers["authorization"] = f"Bearer {secret}"
        return client


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of the last form on the page, as a browser sends them in which a script has asked."""
    form = page[page.rindex("<form") :]
    pattern = r'<input type="hidden" name="(\w+)" value="([^"]*)"'
    found = {name: html.unescape(value) for name, value in re.findall(pattern, form)}
    return found | {"_sure": "1"} if "_ask" in found else found


def sign_in(client: Client, email: str = "ada@example.org", password: str = PASSWORD, query: str = "") -> Any:
    """Opens the form, fills it and sends it; redirects are not followed."""
    form = hidden(client.get(f"/sign-in{query}").text)
    return client.post("/sign-in", data={**form, "email": email, "password": password}, follow_redirects=False)


def cookies_set(answer: Any) -> list[str]:
    """The Set-Cookie headers of an answer."""
    found: Iterable[str] = answer.headers.get_list("set-cookie")
    return list(found)
