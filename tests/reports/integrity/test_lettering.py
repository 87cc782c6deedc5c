"""Chinese in the PDF: embedded where the machine has a free font, named where it has none."""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import pytest
import reportlab
from reportlab.pdfgen.canvas import Canvas

from agoranomos.evidence.summary import FONT
from agoranomos.reports.integrity import lettering

LATIN = Path(reportlab.__file__).parent / "fonts" / "Vera.ttf"
"""A font with TrueType outlines that every machine of the tests has."""


def drawn(name: str) -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, invariant=1)
    canvas.setFont(name, 12)
    canvas.drawString(50, 50, "Ab")
    canvas.save()
    return out.getvalue()


def test_a_free_font_of_the_machine_is_embedded_in_part(tmp_path: Path) -> None:
    folder = tmp_path / "truetype" / "droid"
    folder.mkdir(parents=True)
    shutil.copyfile(LATIN, folder / "DroidSansFallbackFull.ttf")
    (tmp_path / "wqy-microhei.ttc").write_bytes(b"no font")
    name = lettering.chinese([str(tmp_path)])
    paper = drawn(name)
    assert name == lettering.EMBEDDED
    assert b"/FontFile2" in paper
    assert len(paper) < LATIN.stat().st_size / 2, "only the signs that are used"
    lettering.chinese([str(tmp_path)])
    assert drawn(name) == paper


def test_without_one_the_font_is_named(tmp_path: Path) -> None:
    (tmp_path / "NotoSansCJK-Regular.ttc").write_bytes(LATIN.read_bytes())
    name = lettering.chinese([str(tmp_path), str(tmp_path / "nowhere")])
    assert name == FONT
    assert b"/FontFile" not in drawn(name)


@pytest.mark.parametrize("there", [("uming.ttc", "wqy-zenhei.ttc"), ("wqy-zenhei.ttc", "uming.ttc")])
def test_the_best_comes_first(tmp_path: Path, there: tuple[str, str]) -> None:
    for number, name in enumerate(there):
        (tmp_path / str(number)).mkdir()
        (tmp_path / str(number) / name).touch()
    assert [path.name for path in lettering.found([str(tmp_path)])] == ["wqy-zenhei.ttc", "uming.ttc"]
