"""What a backup says of itself: `backup.json` beside the copy of the store."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from agoranomos.kernel.errors import Invalid, NotFound

STORE: Final = "agoranomos.sqlite3"
MANIFEST: Final = "backup.json"
FORMAT: Final = 1


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """`at` (RFC 3339): when the copy was begun; `sha256` and `size` (bytes) of the copy; `revision` of its tables.

    `entries` are in its audit log, `sealed` of them under `checkpoint`, the last one as it was signed ("": the log has
    none). `version`: of the program.
    """

    at: str
    sha256: str
    size: int
    revision: str
    entries: int
    sealed: int
    checkpoint: str
    version: str
    format: int = FORMAT

    def write(self, folder: Path) -> None:
        """Writes it into the folder of the backup."""
        (folder / MANIFEST).write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")

    @classmethod
    def read(cls, folder: Path) -> Manifest:
        """That of the backup in `folder`. Raises NotFound without one, Invalid for another format."""
        try:
            found = msgspec.json.decode((folder / MANIFEST).read_bytes(), type=cls)
        except (FileNotFoundError, NotADirectoryError) as error:
            raise NotFound(f"{folder} holds no backup: there is no {MANIFEST} in it") from error
        except msgspec.DecodeError as error:
            raise Invalid(f"{folder / MANIFEST} cannot be read ({error}); is it whole?") from error
        if found.format != FORMAT:
            raise Invalid(
                f"the backup in {folder} has the format {found.format}; a newer version made it, install that"
            )
        return found
