"""Which files are scanned: files, folders and globs become an ordered list of sources."""

from __future__ import annotations

import glob
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Literal

import msgspec

from agoranomos.kernel.errors import Invalid, NotFound

Format = Literal["parquet", "csv", "jsonl"]
Compression = Literal["", "gz", "zst"]

_FORMATS: dict[str, Format] = {
    ".parquet": "parquet",
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}
_COMPRESSIONS: dict[str, Compression] = {".gz": "gz", ".zst": "zst"}
KNOWN = ".parquet, .csv, .tsv, .jsonl or .ndjson; the text formats also with .gz or .zst behind"


class Source(msgspec.Struct, frozen=True):
    """One file as found when the scan was called; `size` in bytes as it lies on disk."""

    path: str
    format: Format
    compression: Compression
    size: int
    mtime_ns: int

    @property
    def splittable(self) -> bool:
        """Whether one can start reading in the middle."""
        return self.compression == ""


def expand(inputs: Iterable[str | Path], *, skip: Path | None = None) -> list[Source]:
    """The sources that `inputs` name, in the order given; folders and globs in the order of paths.

    Within folders, names that begin with a dot or underscore (such as _SUCCESS) are passed over,
    and so is everything under `skip`, the folder of results. A file named twice is read once.
    Raises NotFound when nothing is there, Invalid for a format that the scan does not know.
    """
    found: dict[Path, Source] = {}
    for given in inputs:
        files = list(_files(Path(given), str(given), skip))
        if not files:
            what = f"the folder {given} holds no listings" if Path(given).is_dir() else f"{given} matches no file"
            raise NotFound(f"{what}; give them as {KNOWN}")
        for path in files:
            found.setdefault(path.resolve(), _source(path))
    if not found:
        raise NotFound(f"there is no file to scan; give listings as {KNOWN}")
    return list(found.values())


def _files(path: Path, given: str, skip: Path | None) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif path.is_dir():
        yield from _folder(path, skip)
    elif glob.has_magic(given):
        for match in sorted(glob.glob(given, recursive=True)):  # noqa: PTH207 - takes absolute patterns
            inner = Path(match)
            yield from [inner] if inner.is_file() else _folder(inner, skip)
    else:
        raise NotFound(f"there is no file or folder {given}; give listings as {KNOWN}")


def _folder(folder: Path, skip: Path | None) -> Iterator[Path]:
    hidden = skip.resolve() if skip is not None else None
    for path in sorted(folder.rglob("*")):
        names = path.relative_to(folder).parts
        if not path.is_file() or any(name.startswith((".", "_")) for name in names):
            continue
        if hidden is not None and path.resolve().is_relative_to(hidden):
            continue
        yield path


def _source(path: Path) -> Source:
    suffixes = [suffix.lower() for suffix in path.suffixes]
    compression: Compression = ""
    if suffixes and suffixes[-1] in _COMPRESSIONS:
        compression = _COMPRESSIONS[suffixes.pop()]
    kind = _FORMATS.get(suffixes[-1] if suffixes else "")
    if kind is None or (kind == "parquet" and compression):
        raise Invalid(f"{path} is in no format that the scan reads; it reads {KNOWN}")
    status = path.stat()
    return Source(str(path), kind, compression, status.st_size, status.st_mtime_ns)


def is_tab_separated(source: Source) -> bool:
    """Whether the name says that tabs separate the columns."""
    return ".tsv" in (suffix.lower() for suffix in Path(source.path).suffixes)
