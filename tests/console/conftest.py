"""Two houses that are made once for all tests of pages that only look: a furnished one, and a bare one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from agoranomos.staff.model import Person
from agoranomos.staff.roles import Role
from tests.console.desk import Desk
from tests.console.scene import furnish
from tests.staff.house import Client
from tests.stores import make_store


@pytest.fixture(scope="session")
def furnished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Desk, tuple[str, ...]]]:
    """A house with something of every desk in it, and the addresses of its pages; nobody changes it."""
    store = make_store(tmp_path_factory.mktemp("furnished"))
    desk = Desk(store)
    yield desk, furnish(desk)
    store.close()


@pytest.fixture(scope="session")
def seer(furnished: tuple[Desk, tuple[str, ...]]) -> Person:
    """Somebody who may see all of it."""
    return furnished[0].house.add("seer", *Role)


@pytest.fixture
def everything(furnished: tuple[Desk, tuple[str, ...]], seer: Person) -> Client:
    """A browser of theirs, in which nothing was chosen yet."""
    return furnished[0].house.browser_of(seer)


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """A house in which nothing has happened; nobody changes it."""
    store = make_store(tmp_path_factory.mktemp("bare"))
    yield Desk(store)
    store.close()
