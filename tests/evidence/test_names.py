"""Nothing in a package leads an unpacking astray or makes a spreadsheet calculate."""

from __future__ import annotations

import csv
import io
from pathlib import PurePosixPath, PureWindowsPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.evidence.archive import PackageWriter
from agoranomos.evidence.names import cell, made_safe, member_name
from agoranomos.evidence.summary import Fact, Summary, Table, drawn
from agoranomos.kernel.errors import Invalid
from tests.evidence.packages import KEY, SUMMARY, members

EVIL = st.text(st.sampled_from(list("../\\=+-@|%\t\n\r\0 \"',;:aA1\u202e漢")), max_size=12)


@pytest.mark.parametrize(
    "name",
    ["", "/etc/passwd", "../x", "a/../x", "a\\b", "C:x", "a//b", ".x", "con", "a/NUL.txt", "a.", "a/b/c/d/e", "é"],
)
def test_names_that_lead_astray_are_refused(name: str) -> None:
    with pytest.raises(Invalid):
        member_name(name)
    with pytest.raises(Invalid):
        PackageWriter(io.BytesIO()).add(name, b"")


def test_two_files_of_one_name_are_refused_also_where_case_does_not_count() -> None:
    writer = PackageWriter(io.BytesIO())
    writer.add("a.txt", b"")
    with pytest.raises(Invalid, match="already"):
        writer.add("A.TXT", b"")


@given(EVIL | st.text(max_size=200))
def test_whatever_a_file_was_called_gets_a_safe_name(name: str) -> None:
    safe = made_safe(name, "document")
    assert member_name(f"documents/{safe}")
    assert PurePosixPath(safe).name == PureWindowsPath(safe).name == safe


@given(EVIL | st.text(max_size=50))
def test_a_cell_calculates_nothing_and_stays_in_its_row(text: str) -> None:
    found = cell(text)
    assert not found.lstrip().startswith(("=", "+", "@", "|", "%", "\t", "\r")) or found.startswith("'")
    assert not found.lstrip().startswith("-") or found.lstrip("-").replace(".", "").isdecimal()
    out = io.BytesIO()
    writer = PackageWriter(out)
    writer.add_table("t.csv", ("text", "number"), [(text, -5)])
    writer.finished("test", "pk", KEY)
    rows = list(csv.reader(io.StringIO(members(out.getvalue())["t.csv"].decode("utf-8-sig"), newline="")))
    assert rows == [["text", "number"], [found, "-5"]]


def test_a_formula_is_shown_and_not_calculated() -> None:
    assert cell("=HYPERLINK(1)") == "'=HYPERLINK(1)"
    assert cell(" =1+1") == "' =1+1"
    assert cell("＝1+1") == "'＝1+1"
    assert (cell(-3), cell("-3"), cell("-3+1"), cell(None)) == ("-3", "-3", "'-3+1", "")
    assert cell("a\r\n=b") == "a  =b"


def test_the_summary_is_the_same_again_small_and_takes_any_text() -> None:
    raw = drawn(SUMMARY)
    assert raw == drawn(SUMMARY)
    assert raw.startswith(b"%PDF-")
    assert len(raw) < 20_000
    for text in ("", "<para>", "&nbsp;", "\U0001f600", "\u202eabc", "字" * 3_000, "a" * 500):
        facts = (Fact("事", "fact", text),)
        table = Table("表", "table", ("a", "b"), ((text[:40], text),))
        assert drawn(Summary(chinese="摘要", english=text, facts=facts, tables=(table,), remarks=(text,)))
