"""Which encoding a text file is in, judged by a sample of its lines."""

from __future__ import annotations

import codecs
from collections.abc import Sequence

from agoranomos.kernel.errors import Invalid

SPLITTABLE = frozenset({"utf-8", "gb18030"})
"""Encodings in which the bytes of comma, tab, quote and newline stand for nothing else."""

_SHARES_MIN = {"utf-8": 0.5, "gb18030": 0.9}
"""The share of lines that are not plain ASCII that must decode; those that do not are rejected.

A line of GB18030 Chinese is almost never valid UTF-8, so half a file of it is proof enough. Western
texts in Latin-1, on the other hand, often pass for GB18030 by chance.
"""
_GUESS_BYTES_MAX = 64 << 10  # charset-normalizer takes milliseconds per kilobyte


def byte_order_mark(head: bytes) -> tuple[str, int] | None:
    """The encoding that a byte order mark names, and the mark's length in bytes."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8", 3
    if head.startswith(codecs.BOM_UTF16_LE):
        return "utf-16-le", 2
    if head.startswith(codecs.BOM_UTF16_BE):
        return "utf-16-be", 2
    return None


def detect(samples: Sequence[bytes], name: str) -> str:
    """The encoding of whole lines taken from several places of the file `name`.

    UTF-8 first, then GB18030, both strictly, then what charset-normalizer thinks. Invalid when
    nothing fits.
    """
    lines = [line for sample in samples for line in sample.split(b"\n") if not line.isascii()]
    if not lines:
        return "utf-8"
    for encoding, share in _SHARES_MIN.items():
        if sum(_decodes(line, encoding) for line in lines) >= share * len(lines):
            return encoding
    from charset_normalizer import from_bytes  # noqa: PLC0415 - few files need it, and each command would wait for it

    best = from_bytes(b"\n".join(lines)[:_GUESS_BYTES_MAX]).best()
    if best is None or best.encoding in {"utf_7", "utf_16", "utf_32"}:
        raise Invalid(f"{name} is in no known encoding; convert it to UTF-8, e.g. with iconv -t utf-8")
    return best.encoding.replace("_", "-")


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def decoded(raw: bytes, encoding: str) -> tuple[str, bool] | None:
    """The text of one line and whether lone surrogates in it became U+FFFD; None when it is no
    text."""
    try:
        return raw.decode(encoding), False
    except UnicodeDecodeError:
        if encoding != "utf-8":
            return None
    try:
        text = raw.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return None
    return without_surrogates(text), True


def without_surrogates(text: str) -> str:
    """`text` with U+FFFD for each lone surrogate, which no UTF-8 file can hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
