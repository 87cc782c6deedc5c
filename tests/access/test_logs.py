"""Web logs: every format gives the same pairs, and no line can break it or be repeated."""

from __future__ import annotations

import gzip
import ipaddress
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agoranomos.access.logs import kernels
from agoranomos.access.logs.forms import FormName
from agoranomos.access.logs.reading import SCHEMA, LogReader, Read
from agoranomos.access.logs.templates import templates_of
from agoranomos.kernel.errors import Invalid, NotFound

NOW = datetime(2026, 5, 2, tzinfo=UTC)
AT = datetime(2026, 5, 1, 2, 3, 4, tzinfo=UTC)
USERS = ("/users/{user}/profile", "/show?id={user}")


def combined(
    path: str = "/users/u1/profile", *, ip: str = "203.0.113.9", user: str = "-", agent: str = "Mozilla/5.0",
    status: int = 200, method: str = "GET", at: datetime = AT,
) -> str:  # fmt: skip
    when = at.strftime("%d/%b/%Y:%H:%M:%S +0000")
    return f'{ip} - {user} [{when}] "{method} {path} HTTP/1.1" {status} 512 "-" "{agent}"'


def read(
    tmp_path: Path, lines: Sequence[str | bytes], *, templates: Sequence[str] = USERS, form: FormName | None = None
) -> tuple[list[dict[str, Any]], Read]:
    raw = b"\n".join(line.encode() if isinstance(line, str) else line for line in lines)
    path = tmp_path / "access.log"
    path.write_bytes(raw)
    reader = LogReader(templates_of(templates), until=NOW, form=form)
    batches = list(reader.batches([path]))
    return (pa.Table.from_batches(batches, SCHEMA).to_pylist(), reader.read)


def test_one_line_in_three_formats_is_one_pair(tmp_path: Path) -> None:
    nginx = {
        "time_iso8601": "2026-05-01T10:03:04+08:00", "remote_addr": "203.0.113.9", "remote_user": "", "status": 200,
        "request": "GET /users/u1/profile HTTP/2.0", "http_user_agent": "Mozilla/5.0", "upstream": {"ip": ["x}"]},
    }  # fmt: skip
    cloudfront = "2026-05-01\t02:03:04\tHKG62\t512\t203.0.113.9\tGET\td\t/users/u1/profile\t200\t-\tMozilla/5.0\t-\t-"
    order = (
        "date time x-edge-location sc-bytes c-ip cs-method cs(Host) cs-uri-stem sc-status cs(Referer) cs(User-Agent)"
    )
    found = []
    for number, lines in enumerate(
        ([combined()], [json.dumps(nginx)], ["#Version: 1.0", f"#Fields: {order} cs-uri-query cs(Cookie)", cloudfront])
    ):
        (tmp_path / str(number)).mkdir()
        pairs, told = read(tmp_path / str(number), lines)
        assert told.reasons == {}
        assert [each.name for each in told.principals.values()] == ["203.0.113.9"]
        found.append(pairs)
    assert found[0] == found[1] == found[2]
    assert found[0][0]["time"] == AT
    assert found[0][0]["subject"]
    assert not found[0][0]["writes"]


def test_a_person_is_one_whatever_address_shows_them(tmp_path: Path) -> None:
    pairs, _ = read(
        tmp_path, [combined("/users/u1/profile"), combined("/users/%751/profile/"), combined("/show?a=b&id=u1&c=d")]
    )
    assert len({each["subject"] for each in pairs}) == 1
    other, _ = read(tmp_path, [combined("/users/u2/profile"), combined("/show?id=u1")])
    assert len({each["subject"] for each in other}) == 2


def test_what_shows_nobody_is_no_pair(tmp_path: Path) -> None:
    lines = [
        combined("/users/u1/profile", status=404), combined("/users/u1"), combined("/users//profile"),
        combined("/show?id="), combined("/show"), combined("/"), combined("/users/u1/profile/more"),
    ]  # fmt: skip
    pairs, told = read(tmp_path, lines)
    assert pairs == []
    assert (told.lines, told.reasons) == (7, {})
    pairs, _ = read(tmp_path, [combined("/cart", method="POST"), combined("/users/u1/profile", method="DELETE")])
    assert [(each["subject"], each["writes"]) for each in pairs] == [(None, True)] * 2


def test_without_templates_pages_are_subjects_and_their_pictures_are_not(tmp_path: Path) -> None:
    paths = ["/a", "/a?x=1", "/b.html", "/b.png", "/style.css?v=2", "/c.d/e", "/font.woff2", "/.png"]
    pairs, _ = read(tmp_path, [combined(path) for path in paths], templates=())
    assert len({each["subject"] for each in pairs}) == 3


def test_visitors_of_one_campus_are_told_apart_and_a_household_of_ipv6_is_one(tmp_path: Path) -> None:
    lines = [
        combined(ip="198.51.100.7", agent="A"), combined(ip="198.51.100.7", agent="B"),
        combined(ip="2001:db8:1:2:aaaa::1", agent="A"), combined(ip="2001:db8:1:2::2", agent="A"),
        combined(ip="::ffff:198.51.100.7", agent="A"), combined(ip="198.51.100.7", user="li", agent="A"),
    ]  # fmt: skip
    pairs, told = read(tmp_path, lines)
    who = [each["principal"] for each in pairs]
    assert len(set(who)) == 4
    assert who[2] == who[3]
    assert who[4] == who[0]
    assert told.principals[who[5]].user
    assert told.principals[who[5]].name == "li"


BROKEN: list[tuple[str | bytes, int]] = [
    ("nothing", kernels.NOT_A_LINE),
    ('203.0.113.9 - - [01/May/2026:02:03:04 +0000] "GET / HTTP', kernels.NOT_A_LINE),
    ('203.0.113.9 - - [01/Mai/2026:02:03:04 +0000] "GET / HTTP/1.1" 200 5', kernels.NO_TIME),
    ('203.0.113.9 - - [31/Dec/9999:23:59:59 -1400] "GET / HTTP/1.1" 200 5', kernels.NOT_IN_TIME),
    ('203.0.113.9 - - [01/May/2026:02:03:04 +0000] "\\x16\\x03\\x01" 400 5', kernels.NO_REQUEST),
    ('203.0.113.9 - - [01/May/2026:02:03:04 +0000] "GET /x HTTP/1.1" abc 5', kernels.NO_STATUS),
    ('unix: - - [01/May/2026:02:03:04 +0000] "GET /x HTTP/1.1" 200 5', kernels.NOBODY),
    (b"\xff" * 70_000, kernels.TOO_LONG),
    ('{"a": [1, {"b": "c', kernels.NOT_A_LINE),
]


def test_broken_lines_are_counted_and_not_repeated(tmp_path: Path) -> None:
    lines = [line for broken, _ in BROKEN for line in (broken, combined())]
    pairs, told = read(tmp_path, lines, form="combined")
    assert len(pairs) == len(BROKEN)
    assert [(each.line, each.reason) for each in told.refused] == [
        (2 * place + 1, kernels.REASONS[reason]) for place, (_, reason) in enumerate(BROKEN)
    ]
    assert sum(told.reasons.values()) == len(BROKEN)
    assert "203" not in str(told.refused)


def test_a_clock_that_was_set_back_is_counted(tmp_path: Path) -> None:
    lines = [combined(), combined(at=AT - timedelta(minutes=9)), combined(at=AT - timedelta(hours=1)), combined()]
    pairs, told = read(tmp_path, lines)
    assert len(pairs) == 4
    assert told.early == 1


def test_blocks_and_compression_change_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [combined(f"/users/u{number % 7}/profile", ip=f"203.0.113.{number % 5}") for number in range(300)]
    whole, _ = read(tmp_path, lines)
    monkeypatch.setattr("agoranomos.access.logs.reading.BLOCK_BYTES", 97)
    parts, told = read(tmp_path, lines)
    assert parts == whole
    assert len(told.principals) == 5
    (tmp_path / "x.log.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    reader = LogReader(templates_of(USERS), until=NOW)
    assert sum(batch.num_rows for batch in reader.batches([tmp_path / "*.gz"])) == 300
    (tmp_path / "y.log.gz").write_bytes(gzip.compress(b"x" * 9_000)[:-20])
    with pytest.raises(Invalid, match="is damaged"):
        list(reader.batches([tmp_path / "y.log.gz"]))
    with pytest.raises(NotFound, match="there is no log"):
        list(reader.batches([tmp_path / "none"]))


def test_other_keys_give_other_numbers(tmp_path: Path) -> None:
    (tmp_path / "a.log").write_text(combined() + "\n")
    made = [
        next(LogReader(templates_of(USERS), until=NOW, key=key).batches([tmp_path / "a.log"])).to_pylist()[0]
        for key in (bytes(16), b"another key: 16.")
    ]
    assert made[0]["principal"] != made[1]["principal"]
    assert made[0]["subject"] != made[1]["subject"]


@pytest.mark.parametrize("text", ["users/{user}", "/users", "/u/{a}/{b}", "/u{a}", "/u/{A}", "/u?{a}", "/u/*x/{a}"])
def test_addresses_that_are_none_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        templates_of([text])


@given(st.binary(max_size=400), st.sampled_from(["combined", "json", "cloudfront"]))
@example(b'{"request":"GET', "json")
@example(b'1.1.1.1 - - [01/May/2026:02:03:04 +0000] "\\', "combined")
@example(b"\t" * 40, "cloudfront")
@example(b'{"time": ]]]]', "json")
def test_no_bytes_break_it(raw: bytes, form: FormName) -> None:
    from agoranomos.access.logs.forms import form_of

    reader = LogReader(templates_of(USERS), until=NOW, form=form)
    block = raw + b"\n"
    batch, lines, _ = reader._block(block, form_of(block, form), "x", 0, 0)
    assert lines == block.count(b"\n")
    assert batch.num_rows <= lines


def network(text: str) -> bytes:
    out, raw = np.zeros(16, np.uint8), np.frombuffer(text.encode() or b" ", np.uint8)
    width = kernels._network(raw, 0, len(text), out)
    return out[:width].tobytes()


@given(st.ip_addresses(v=6) | st.ip_addresses(v=4))
@example(ipaddress.ip_address("::"))
@example(ipaddress.ip_address("::1"))
@example(ipaddress.ip_address("1::"))
@example(ipaddress.ip_address("::ffff:1.2.3.4"))
def test_addresses_are_read_as_the_library_reads_them(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    wanted = (mapped or address).packed[:8]
    texts = {str(address), address.exploded, str(address).upper()}
    assert {network(text) for text in texts} == {wanted}


@given(st.text("0123456789abcdef:.%g", max_size=24))
@example("1:2:3:4:5:6:7:8:9")
@example("1::2::3")
@example(":1")
@example("1:")
@example("1.2.3")
@example("::1.2.3.256")
def test_what_is_no_address_is_none(text: str) -> None:
    try:
        known = ipaddress.ip_address(text.partition("%")[0] if ":" in text else text)
    except ValueError:
        assert network(text) == b""
    else:
        assert known.version == 6 or network(text) == known.packed


@given(st.datetimes(datetime(1971, 1, 1), datetime(2400, 1, 1)), st.integers(-14 * 60, 14 * 60))  # noqa: DTZ001
def test_times_are_read_as_the_library_reads_them(moment: datetime, offset: int) -> None:
    sign, ahead = "-" if offset < 0 else "+", f"{abs(offset) // 60:02d}{abs(offset) % 60:02d}"
    local = moment.strftime("%d/%b/%Y:%H:%M:%S ").replace(moment.strftime("/%Y"), f"/{moment.year:04d}") + sign + ahead
    iso = moment.isoformat(timespec="microseconds") + sign + ahead[:2] + ":" + ahead[2:]
    true = moment.replace(tzinfo=UTC) - timedelta(minutes=offset)
    micros = (true - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    for text, wanted in ((local, micros - micros % 1_000_000), (iso, micros)):
        raw = np.frombuffer(text.encode(), np.uint8)
        assert kernels._time(raw, 0, len(raw)) == wanted


def test_real_lines(shared_data: Path) -> None:
    reader = LogReader(templates_of(()), until=NOW)
    pairs = sum(batch.num_rows for batch in reader.batches([shared_data / "logs" / "elastic_apache" / "apache_logs"]))
    assert (reader.read.lines, reader.read.reasons) == (10_000, {})
    assert pairs > 4_000
