"""What the progress says is near the truth, also where the parts in work are most of the input."""

from __future__ import annotations

import io

from agoranomos.engine.scan.progress import Lines


def _lines() -> tuple[Lines, io.StringIO, list[float]]:
    now, out = [0.0], io.StringIO()
    return Lines(out, clock=lambda: now[0]), out, now


def test_rows_of_unfinished_parts_count_at_the_size_of_finished_ones() -> None:
    lines, out, now = _lines()
    lines.begin(100_000_000)
    lines.rows(500_000)
    lines.done(10_000_000, 100_000)
    now[0] = 50.0
    lines.tick()
    assert out.getvalue() == "500,000 rows, 10,000 rows/s, 50%, about 50 s left\n"


def test_what_an_earlier_scan_did_is_done_but_says_nothing_of_the_speed() -> None:
    lines, out, now = _lines()
    lines.begin(100_000_000)
    lines.kept(80_000_000)
    lines.rows(100_000)
    lines.done(10_000_000, 100_000)
    now[0] = 30.0
    lines.tick()
    assert "90%, about 30 s left" in out.getvalue()


def test_before_the_first_part_is_finished_nothing_is_foretold() -> None:
    lines, out, now = _lines()
    lines.begin(100_000_000)
    lines.rows(1_000)
    now[0] = 10.0
    lines.tick()
    assert out.getvalue() == "1,000 rows, 100 rows/s\n"
