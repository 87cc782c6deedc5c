"""Where fakes concentrate, the check of an application stops until somebody has been seen, live and in a replay."""

from __future__ import annotations

from agoranomos.engine.stream.run import Run
from agoranomos.intake.actions import accept
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from tests.builders import make_sellers
from tests.sellers.conduct.builders import DAY0, VAULT, case, on, opened, told

HISTORY = (
    *(opened(f"s{n}", f"u{n}", region="Putian" if n < 12 else "Elsewhere") for n in range(60)),
    *(case(f"c{n}", n, seller=f"u{n}", store=f"s{n}") for n in range(9)),
)


def applied(region: str) -> Event:
    return told(
        "seller.applied", f"app-{region}", 20, application_id=f"app-{region}", seller_id="new", legal_name="Li Na",
        id_kind="passport", id_number="E12345678", region=region,
    )  # fmt: skip


def test_a_region_that_certifies_holds_an_application(store: Store) -> None:
    sellers = make_sellers(store, lambda: on(20))
    run = Run(sellers.monitors())
    events = [*HISTORY, applied("Putian"), applied("Elsewhere")]
    said = [each for each in run.feed(events) if isinstance(each, Decision)]
    by_subject = {each.subject.id: {hit.code for hit in each.hits} for each in said}
    assert "sellers.certification_required" in by_subject["app-Putian"]
    assert "sellers.certification_required" not in by_subject["app-Elsewhere"]
    assert next(each for each in said if each.subject.id == "app-Putian").outcome.value in ("hold", "decline")
    with store.transaction() as connection:
        accept(connection, VAULT, list(HISTORY), now=DAY0)
    sellers.hear()
    with store.reading() as connection:
        adviser = sellers.advisers[-1]
        assert [each.code for each in adviser(connection, applied("Putian"))] == ["sellers.certification_required"]
        assert adviser(connection, applied("Elsewhere")) == ()
