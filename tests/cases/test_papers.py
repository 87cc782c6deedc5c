"""What is attached is what its bytes say, holds no bombs, is sealed, and is opened with a purpose."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.cases.papers.looking import media_type, safe_name
from agoranomos.cases.policy import load_policy
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.cases.office import ADA, BEN, Office, make_finding

LIMITS = load_policy().attachments


def png(width: int, height: int) -> bytes:
    """The head of a picture that says it is so large, and nothing else."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    crc = zlib.crc32(b"IHDR" + head).to_bytes(4, "big")
    return b"\x89PNG\r\n\x1a\n" + (13).to_bytes(4, "big") + b"IHDR" + head + crc


def archive(*files: tuple[str, bytes]) -> bytes:
    """A ZIP of files."""
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, content in files:
            packed.writestr(name, content)
    return held.getvalue()


GOOD = {
    "image/png": png(800, 600),
    "image/gif": b"GIF89a\x20\x03\x58\x02" + b"\0" * 20,
    "image/jpeg": b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x02\x58\x03\x20" + b"\0" * 20,
    "image/webp": b"RIFF\0\0\0\0WEBPVP8X\x0a\0\0\0\0\0\0\0\x1f\x03\0\x57\x02\0",
    "application/pdf": b"%PDF-1.7\n1 0 obj << /Type /Catalog /Annots [] >>",
    "application/zip": archive(("a/letter.txt", b"Dear Sirs"), ("photo.png", png(3, 3))),
    "text/plain": "名称,数量\n鞋,3\n".encode(),
}
BAD = {
    "empty": b"",
    "too long": b"a" * (LIMITS.bytes_max + 1),
    "picture bomb": png(60_000, 60_000),
    "no size": png(0, 600),
    "program": b"MZ\x90\0\x03" + b"\0" * 60,
    "script in pdf": b"%PDF-1.7 << /OpenAction << /S /JavaScript >> >>",
    "hidden script in pdf": b"%PDF-1.7 << /Java#53cript (x) >>",
    "file in pdf": b"%PDF-1.7 << /EmbeddedFile >>",
    "zip bomb": archive(("zeros", b"\0" * 20_000_000)),
    "many files": archive(*((f"f{n}", b"x") for n in range(LIMITS.files_max + 1))),
    "zip slip": archive(("../../etc/passwd", b"x")),
    "absolute": archive(("/etc/passwd", b"x")),
    "windows": archive(("C:\\x.txt", b"x")),
    "zip in zip": archive(("inner.zip", archive(("a", b"b")))),
    "macros": archive(("word/vbaProject.bin", b"x")),
    "broken zip": b"PK\x03\x04" + b"\0" * 50,
    "control characters": b"abc\x1b[2Jdef",
    "another encoding": "é".encode("latin-1"),
}


@pytest.mark.parametrize("kind", GOOD)
def test_what_its_bytes_say(kind: str) -> None:
    assert media_type(GOOD[kind], LIMITS) == kind


@pytest.mark.parametrize("what", BAD)
def test_what_is_refused(what: str) -> None:
    with pytest.raises(Invalid):
        media_type(BAD[what], LIMITS)


@given(st.binary(max_size=200) | st.sampled_from(list(GOOD.values())).flatmap(
    lambda whole: st.integers(1, len(whole)).map(lambda cut: whole[:cut])
))  # fmt: skip
def test_anything_is_named_or_refused(content: bytes) -> None:
    with suppress(Invalid):
        assert media_type(content, LIMITS) in GOOD


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("invoice 3.pdf", "invoice 3.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\temp\\发票.png", "发票.png"),
        ("photo\u202egpj.exe", "photogpj.exe"),
        ("a\r\nSet-Cookie: x.txt", "aSet-Cookie_ x.txt"),
        ("", "file"),
        ("....", "file"),
        ("x" * 300 + ".jpeg", "x" * 95 + ".jpeg"),
    ],
)
def test_names_are_made_safe(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=300))
def test_any_name_is_short_and_has_no_folder(name: str) -> None:
    safe = safe_name(name)
    assert 1 <= len(safe) <= 100
    assert not {"/", "\\", "\n", "\r", "\0", '"'} & set(safe)


def test_a_file_is_sealed_and_opened_with_a_purpose(store: Store) -> None:
    office = Office(store)
    office.find(make_finding())
    case = office.next()
    content = GOOD["text/plain"]
    paper = office.rooms.papers.attach(case.case_id, "list.csv", content, by=ADA)
    assert (paper.media_type, paper.size, paper.name) == ("text/plain", len(content), "list.csv")
    assert office.rooms.papers.attach(case.case_id, "other.csv", content, by=BEN) == paper
    assert office.cases.view(case.case_id).papers == [paper]
    found, opened = office.rooms.papers.open(case.case_id, paper.paper_id, "to decide", by=BEN)
    assert (found, opened) == (paper, content)
    assert [each.verb for each in office.cases.view(case.case_id).steps][-2:] == ["attach", "open_paper"]
    with pytest.raises(Invalid, match="needed for"):
        office.rooms.papers.open(case.case_id, paper.paper_id, " ", by=BEN)
    with pytest.raises(NotFound):
        office.rooms.papers.open(case.case_id, "pa_none", "to decide", by=BEN)
    with store.reading() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM vault_values").all()
    assert rows
    assert "名称" not in str(rows)


def test_a_case_has_so_many_files(store: Store) -> None:
    office = Office(store)
    office.find(make_finding())
    case = office.next()
    for number in range(LIMITS.per_case):
        office.rooms.papers.attach(case.case_id, "n", f"text {number}".encode(), by=ADA)
    with pytest.raises(Conflict, match="at most 50"):
        office.rooms.papers.attach(case.case_id, "n", b"one more", by=ADA)
