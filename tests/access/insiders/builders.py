"""A team at work, as the tests of insiders tell it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from agoranomos.access.insiders.monitor import InsiderMonitor
from agoranomos.access.insiders.policy import load_policy
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from tests.access.builders import read, told

POLICY = load_policy()
TEAM = tuple(f"w{number}" for number in range(8))


def acted(staff: str, action: str, target: tuple[str, str], hours: float, **more: str) -> Event:
    """`staff.acted`."""
    name = f"{staff}{action}{target[1]}{hours}"
    return told(
        "staff.acted", name, hours, staff_id=staff, action=action, target_kind=target[0], target_id=target[1], **more
    )


def closed(
    staff: str, hours: float, *, upheld: bool = False, seller: str = "", about: tuple[str, str] = ("", "")
) -> list[Event]:  # fmt: skip
    """A case that somebody closed, and how it ended."""
    case_id = f"c{staff}{hours}{seller}{about[1]}"
    target = about if about[0] else ("listing", f"l{case_id}") if seller else ("account", f"a{case_id}")
    data = {"case_id": case_id, "subject": {"kind": target[0], "id": target[1]}, "clause": "5.4",
            "outcome": "upheld" if upheld else "rejected", **({"seller_id": seller} if seller else {})}  # fmt: skip
    return [
        acted(staff, "case.decide" if upheld else "case.clear", target, hours, case_id=case_id),
        told("case.decided", f"d{case_id}", hours + 0.001, **data),
    ]


def work(days: int = 20, team: Sequence[str] = TEAM, *, pace: int = 2) -> list[Event]:
    """Ordinary days of a team; one in ten cases is upheld."""
    return [
        event
        for day in range(days) for place, staff in enumerate(team) for number in range(pace)
        for event in closed(staff, day * 24 + place / 10 + number, upheld=(day + place + number) % 10 == 0)
    ]  # fmt: skip


def looked(staff: str, person: str, hours: float, **more: str) -> list[Event]:
    """Somebody looks a person up, as both systems tell it."""
    reads = read(staff, [person], hours + 0.001, kind="staff", name=f"r{staff}{person}{hours}")
    return [acted(staff, "data.reveal", ("account", person), hours, **more), reads]


def exported(asks: str, by: str, hours: float) -> list[Event]:
    """An export that is asked for and approved."""
    name = f"f{asks}{by}{hours}"
    wish = {"export_id": name, "principal_id": asks, "purpose": "tax", "fields": ["district"],
            "destination_region": "CN"}  # fmt: skip
    return [
        told("export.requested", f"q{name}", hours, **wish),
        told("export.approved", f"y{name}", hours + 1, export_id=name, staff_id=by),
    ]


def left(staff: str, hours: float) -> Event:
    """A file leaves."""
    return read(staff, 300, hours, kind="staff", name=f"x{staff}{hours}", export=True)


def said(*events: Event | Iterable[Event]) -> list[Finding]:
    """What the monitor says in the end: the latest revision of each; the state is put away and taken up on the way."""
    flat = [each for some in events for each in ([some] if isinstance(some, Event) else some)]
    ordered = sorted(flat, key=lambda each: (each.time, each.id))
    whole, halves = Run([InsiderMonitor(POLICY)]), Run([first := InsiderMonitor(POLICY)])
    end = told("staff.acted", "end", 24 * 40, staff_id="w0", action="other", target_kind="x", target_id="x").time
    found = [*whole.feed(ordered), *whole.pass_until(end)]
    told_by_halves = list(halves.feed(ordered[: len(ordered) // 2]))
    second = InsiderMonitor(POLICY)
    second.resume(first.state())
    rest = Run([second], now=halves.now)
    told_by_halves += [*rest.feed(ordered[len(ordered) // 2 :]), *rest.pass_until(end)]
    assert told_by_halves == found
    return list({each.id: each for each in found if isinstance(each, Finding)}.values())
