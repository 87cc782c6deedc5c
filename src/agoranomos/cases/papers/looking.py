"""What a file is and whether it may be kept, by its bytes alone: nothing is unpacked, nothing is run. Pure.

A name is a claim, and so is what a browser says of a file; only what the first bytes say counts (as in the OWASP File
Upload Cheat Sheet). Of pictures and archives the headers say how much they hold, and who says too much is refused: a
bomb is never opened.
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zipfile
from typing import Final

from agoranomos.cases.policy import Attachments
from agoranomos.kernel.errors import Invalid

NAME_MAX: Final = 100
_UNSAFE: Final = re.compile(r"[^\w.\- ()]+")
_ACTIVE_PDF: Final = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction", b"/RichMedia", b"/AA")
_INSIDE: Final = (".zip", ".gz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".exe", ".js", ".vbs", ".bat", ".cmd", ".ps1")
_MACROS: Final = re.compile(r"(^|/)vbaproject\.bin$|(^|/)embeddings/|(^|/)activex/")


def media_type(content: bytes, limits: Attachments) -> str:
    """What `content` is: a picture, a PDF, an archive or text. Raises Invalid for anything else, and for what is too
    large, holds too much, or could do something.
    """
    if not 1 <= len(content) <= limits.bytes_max:
        raise Invalid(f"a file has 1 to {limits.bytes_max:,} bytes")
    if content.startswith(b"\x89PNG\r\n\x1a\n") and content[12:16] == b"IHDR":
        width, height = struct.unpack(">II", content[16:24].ljust(8, b"\0"))
        return _picture("image/png", (width, height), limits)
    if content.startswith((b"GIF87a", b"GIF89a")):
        width, height = struct.unpack("<HH", content[6:10].ljust(4, b"\0"))
        return _picture("image/gif", (width, height), limits)
    if content.startswith(b"\xff\xd8\xff"):
        return _picture("image/jpeg", _jpeg_size(content), limits)
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return _picture("image/webp", _webp_size(content), limits)
    if content.startswith(b"%PDF-"):
        return _pdf(content)
    if content.startswith(b"PK\x03\x04"):
        return _archive(content, limits)
    return _text(content)


def safe_name(name: str) -> str:
    """The name of a file without folders, and without what a system could take for something else."""
    plain = unicodedata.normalize("NFC", name).replace("\\", "/").rpartition("/")[2]
    # What turns the direction of text round makes gpj.exe look like exe.jpg.
    plain = "".join(each for each in plain if unicodedata.category(each) not in ("Cf", "Cc", "Cs", "Co", "Cn"))
    plain = _UNSAFE.sub("_", plain).strip(" .")
    if not plain:
        return "file"
    stem, dot, ending = plain.rpartition(".")
    return plain[:NAME_MAX] if not dot else f"{stem[: NAME_MAX - len(ending[:10]) - 1]}.{ending[:10]}"


def _picture(kind: str, size: tuple[int, int], limits: Attachments) -> str:
    width, height = size
    if not width or not height:
        raise Invalid("this picture does not say how large it is; save it anew")
    if width * height > limits.pixels_max:
        raise Invalid(f"this picture says that it has {width:,} × {height:,} points; make it smaller")
    return kind


def _jpeg_size(content: bytes) -> tuple[int, int]:
    place = 2
    while place + 9 < len(content) and content[place] == 0xFF:
        marker, length = content[place + 1], int.from_bytes(content[place + 2 : place + 4], "big")
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[place + 5 : place + 9])
            return width, height
        place += 2 + max(length, 2)
    return 0, 0


def _webp_size(content: bytes) -> tuple[int, int]:
    form = content[12:16]
    if form == b"VP8X" and len(content) >= 30:
        return int.from_bytes(content[24:27], "little") + 1, int.from_bytes(content[27:30], "little") + 1
    if form == b"VP8 " and len(content) >= 30:
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L" and len(content) >= 25:
        bits = int.from_bytes(content[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    return 0, 0


def _pdf(content: bytes) -> str:
    # Names may be written with #xx for any letter; whoever does so hides something.
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda found: bytes([int(found[1], 16)]), content)
    if any(re.search(re.escape(name) + rb"(?![A-Za-z])", plain) for name in _ACTIVE_PDF):
        raise Invalid("this PDF holds something that acts by itself; print it into a new one")
    return "application/pdf"


def _archive(content: bytes, limits: Attachments) -> str:
    try:
        inside = zipfile.ZipFile(io.BytesIO(content)).infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, struct.error) as error:
        raise Invalid("this archive cannot be read; pack it anew") from error
    total = sum(each.file_size for each in inside)
    if len(inside) > limits.files_max or total > limits.unpacked_max or total > limits.ratio_max * len(content):
        raise Invalid("this archive holds more than one may; attach what matters by itself")
    for each in inside:
        name = each.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or re.match(r"^[A-Za-z]:", name):
            raise Invalid("this archive wants to write outside of its folder")
        if name.lower().endswith(_INSIDE) or _MACROS.search(name.lower()) or each.flag_bits & 1:
            raise Invalid("this archive holds programs, macros, other archives, or something under a password")
    return "application/zip"


def _text(content: bytes) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid("attach pictures, PDF, ZIP or text in UTF-8") from None
    if any(unicodedata.category(each) == "Cc" and each not in "\t\r\n" for each in text):
        raise Invalid("this text holds control characters; save it anew")
    return "text/plain"
