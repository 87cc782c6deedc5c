"""Where everything is kept: one SQLite file by default, PostgreSQL when a marketplace has outgrown
it.

Plain tables and SQL expressions (SQLAlchemy Core), no objects that save themselves. One request is
one transaction, committed at the edge. The reasons stand in docs/decisions/0003-store.md.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from importlib import resources

import sqlalchemy as sa

from agoranomos.kernel import dialects
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.turns import Turns

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)
"""The tables of all desks; a desk's `tables.py` registers its own on it."""

_MIGRATIONS = "agoranomos.kernel.migrations"
_UPGRADING = threading.Lock()  # Alembic keeps what it is working on in a global of the process


def newest_revision() -> str:
    """The revision that this version of the program needs, such as `0001` (read from the file
    names).
    """
    names = (entry.name for entry in resources.files(f"{_MIGRATIONS}.versions").iterdir())
    return max(name[:4] for name in names if name[:4].isdigit() and name.endswith(".py"))


class Store:
    """The open store. Safe to share between threads; a transaction belongs to one thread."""

    def __init__(self, engine: sa.Engine) -> None:
        self.engine = engine
        self._turns = Turns() if self.embedded else None

    @property
    def embedded(self) -> bool:
        """Whether this is the embedded SQLite file."""
        return dialects.is_embedded(self.engine)

    def __repr__(self) -> str:
        return f"Store({self.engine.url.render_as_string(hide_password=True)!r})"

    @contextmanager
    def transaction(self) -> Iterator[sa.Connection]:
        """One transaction: committed when the block ends, rolled back when it raises.

        SQLite lets one writer in at a time and makes the next wait, those of this process in the order in which they
        came; on PostgreSQL (READ COMMITTED) whoever decides on what it has read locks those rows with
        `with_for_update()`.
        """
        # Whose turn does not come asks SQLite all the same: its word counts, and it says no in the end.
        with self._turns.turn(dialects.BUSY_TIMEOUT_S) if self._turns else nullcontext(), self.engine.begin() as opened:
            yield opened

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One consistent view of the store in which a write is refused by the database."""
        with self.engine.connect() as connection:
            yield dialects.for_reading(connection)

    def revision(self) -> str | None:
        """The revision of the tables in the store; None when it is empty."""
        table = sa.table("alembic_version", sa.column("version_num"))
        with self.reading() as connection:
            if not sa.inspect(connection).has_table(table.name):
                return None
            return connection.execute(sa.select(table.c.version_num)).scalar_one_or_none()

    def upgrade(self) -> str:
        """Brings the tables to the newest revision, in one transaction; returns that revision.

        Raises Conflict when the store was written by a newer version of the program.
        """
        # Alembic takes a third of a second to import, and most starts have nothing to upgrade.
        from alembic import command  # noqa: PLC0415
        from alembic.config import Config  # noqa: PLC0415

        self._refuse_newer(self.revision())
        with _UPGRADING, self.transaction() as connection:
            dialects.lock_for_upgrade(connection)
            config = Config()
            config.set_main_option("script_location", "agoranomos.kernel:migrations")
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        return newest_revision()

    def require_current(self) -> None:
        """Raises Conflict, saying what to do, when the tables are not of the newest revision."""
        found = self.revision()
        self._refuse_newer(found)
        if found != newest_revision():
            raise Conflict("the tables in the database are missing or old; run `agora db upgrade`")

    def close(self) -> None:
        """Gives back all connections; the store can still be used afterwards and opens new ones."""
        self.engine.dispose()

    @staticmethod
    def _refuse_newer(revision: str | None) -> None:
        if revision is not None and revision > newest_revision():
            raise Conflict("the store was written by a newer version of Agoranomos; install that version")


def open_store(url: str) -> Store:
    """Opens the store at `url` (see `dialects.parse_url`); the embedded SQLite file is upgraded at
    once.

    A PostgreSQL database is not touched: whoever runs several processes on it decides when it is
    upgraded. Raises Invalid for a URL that is neither, Conflict for a store of a newer version.
    """
    store = Store(dialects.make_engine(dialects.parse_url(url)))
    if store.embedded and store.revision() != newest_revision():
        store.upgrade()
    return store
