"""Which files of logs are read: files, folders and globs, whatever their names end in."""

from __future__ import annotations

import glob
from collections.abc import Iterable
from pathlib import Path

from agoranomos.engine.scan.sources import Compression, Source
from agoranomos.kernel.errors import NotFound

_COMPRESSIONS: dict[str, Compression] = {".gz": "gz", ".zst": "zst"}


def log_files(inputs: Iterable[str | Path]) -> list[Source]:
    """The files that `inputs` name, in the order given; those of folders and globs in the order of paths, which is that
    of time for logs that are rotated by date. A file named twice is read once. Raises NotFound.
    """
    found: dict[Path, Source] = {}
    for given in inputs:
        path = Path(given)
        matches = [path] if path.exists() else [Path(each) for each in sorted(glob.glob(str(given), recursive=True))]  # noqa: PTH207 - takes absolute patterns
        files = [file for match in matches for file in (sorted(match.rglob("*")) if match.is_dir() else [match])]
        files = [file for file in files if file.is_file()]
        if not files:
            raise NotFound(f"there is no log {given}; give files, folders or globs, also of .gz and .zst")
        for file in files:
            status, compression = file.stat(), _COMPRESSIONS.get(file.suffix.lower(), "")
            found.setdefault(
                file.resolve(), Source(str(file), "jsonl", compression, status.st_size, status.st_mtime_ns)
            )
    return list(found.values())
