"""The letters of the report as a PDF: a Chinese font of this machine, embedded, or one that the reader has to have.

No font is shipped: those of PyPI that are free are 12 to 57 MB and have outlines that cannot be put into a PDF in parts
by the library that draws it. Where the system has a free one with TrueType outlines (Debian: fonts-wqy-microhei), only
the signs that are used go into the file. Else the font is named, and shown by readers that have Chinese letters.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from agoranomos.evidence.summary import FONT as NAMED

FOLDERS: Final = ("/usr/share/fonts", "/usr/local/share/fonts", "/opt/homebrew/share/fonts", "/Library/Fonts")
"""Where systems keep their fonts."""
FREE: Final = ("wqy-microhei.ttc", "wqy-zenhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf", "uming.ttc")
"""With TrueType outlines, every sign of GB 2312, and a licence that lets anybody embed them; the first is taken."""
EMBEDDED: Final = "Agoranomos-Chinese"


def chinese(folders: Sequence[str] = FOLDERS) -> str:
    """The name of the font for Chinese, which is ready to be used."""
    # A quarter of a second to import, and few commands draw anything.
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415

    for path in found(folders):
        font = _opened(path)
        if font is not None:
            pdfmetrics.registerFont(font)
            return EMBEDDED
    if NAMED not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(NAMED))
    return NAMED


def found(folders: Sequence[str]) -> list[Path]:
    """The free fonts in `folders`, the best first."""
    there: dict[str, Path] = {}
    for folder in folders:
        for at, below, files in os.walk(folder):
            below.sort()  # of two with one name always the same one
            for name in files:
                if name in FREE:
                    there.setdefault(name, Path(at, name))
    return [there[name] for name in FREE if name in there]


def _opened(path: Path) -> Any:
    """The font; None for a file that is none."""
    from reportlab.pdfbase.ttfonts import TTFError, TTFont  # noqa: PLC0415

    try:
        return TTFont(EMBEDDED, str(path), subfontIndex=0)
    except (TTFError, OSError):
        return None
