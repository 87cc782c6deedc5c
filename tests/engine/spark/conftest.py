"""One cluster of two workers, and one session on it, for all tests of this folder that ask."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from agoranomos.engine.spark.session import cluster
from tests.engine.spark.standalone import SMALL, Standalone, skip_without_spark, standalone


@pytest.fixture(scope="session")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standalone]:
    """A master and two workers, each a process of its own."""
    skip_without_spark()
    with standalone(tmp_path_factory.mktemp("cluster")) as made:
        yield made


@pytest.fixture(scope="session")
def session(workers: Standalone, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A session of this process on it."""
    with cluster(workers.url, shared=[tmp_path_factory.mktemp("shared")], settings=SMALL) as made:
        yield made
