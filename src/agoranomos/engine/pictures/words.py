"""Text in a picture, read by an engine behind a port. The engine here is Tesseract, called as a program.

Where the program or its languages are missing, that is said (`NotThere`); nothing is guessed.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from time import monotonic
from typing import Final, Protocol

import cv2
import msgspec

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.decoding import Grey, decode

LANGUAGES: Final = ("chi_sim", "eng")
_AREA: Final = 640_000
_SECONDS_MAX: Final = 20.0
_TEXT_MAX: Final = 4_000


class Words(msgspec.Struct, frozen=True):
    """What stands in the picture, lines parted by line feeds; empty when nothing does."""

    text: str


class NotThere(msgspec.Struct, frozen=True):
    """No text can be read on this machine; `why` says what to install."""

    why: str


class Reader(Protocol):
    """The port: an engine that reads text."""

    def why_not(self) -> str | None:
        """None when it can read, else what to install."""
        ...

    def read(self, grey: Grey) -> str | None:
        """The text in a grey picture; None when it took too long or failed."""
        ...


class Tesseract:
    """Tesseract 4 or newer with simplified Chinese and English (Debian: tesseract-ocr, tesseract-ocr-chi-sim)."""

    def __init__(self, program: str = "tesseract", languages: Sequence[str] = LANGUAGES) -> None:
        self._program = program
        self._languages = tuple(languages)

    def why_not(self) -> str | None:
        """None when the program and its languages are there."""
        path = shutil.which(self._program)
        if path is None:
            return "Install Tesseract (Debian: apt-get install tesseract-ocr tesseract-ocr-chi-sim)."
        missing = [each for each in self._languages if each not in _languages(path)]
        return f"Install Tesseract's data for {', '.join(missing)}." if missing else None

    def read(self, grey: Grey) -> str | None:
        """Sparse text, in any order: pictures of goods have no columns."""
        encoded, stream = cv2.imencode(".png", grey)
        assert encoded, "a grey picture can be written as PNG"
        path = shutil.which(self._program)
        if path is None:
            return None
        command = [path, "stdin", "stdout", "-l", "+".join(self._languages), "--psm", "11"]
        try:
            done = subprocess.run(  # noqa: S603 - a fixed program; the picture goes through a pipe
                command, input=stream.tobytes(), capture_output=True, timeout=_SECONDS_MAX, check=True,
                env={"OMP_THREAD_LIMIT": "1"},
            )  # fmt: skip
        except (subprocess.SubprocessError, OSError):
            return None
        text = done.stdout.decode("utf-8", "replace").replace("\f", "\n")
        return "\n".join(line.strip() for line in text.splitlines() if line.strip())[:_TEXT_MAX]


@lru_cache(maxsize=4)
def _languages(path: str) -> frozenset[str]:
    try:
        done = subprocess.run([path, "--list-langs"], capture_output=True, timeout=_SECONDS_MAX, check=True)  # noqa: S603
    except (subprocess.SubprocessError, OSError):
        return frozenset()
    return frozenset((done.stdout + done.stderr).decode("utf-8", "replace").split())


def words_in(data: bytes, reader: Reader, limits: Limits | None = None) -> Words | Skip | NotThere:
    """The text in one picture."""
    why = reader.why_not()
    if why is not None:
        return NotThere(why)
    grey = decode(data, _AREA, limits or Limits())
    if isinstance(grey, Skip):
        return grey
    text = reader.read(grey)
    return Skip("too_slow") if text is None else Words(text)


def words_within(
    pictures: Iterable[tuple[str, bytes]], reader: Reader, seconds_max: float, clock: Callable[[], float] = monotonic
) -> Iterator[tuple[str, Words | Skip | NotThere]]:
    """The text in pictures, in their order (most doubtful first), until `seconds_max` are spent; then it stops."""
    begun = clock()
    for name, data in pictures:
        if clock() - begun >= seconds_max:
            return
        yield name, words_in(data, reader)
