"""What can stop a scan from outside, said so that the reader knows what to do next."""

from __future__ import annotations

import errno
from pathlib import Path

from agoranomos.kernel.errors import AgoranomosError

_WORDS = {
    errno.ENOSPC: "No space is left on the disk that holds {folder}: make room",
    errno.EDQUOT: "The disk quota for {folder} is used up: make room",
    errno.EROFS: "{folder} is read-only: choose another --out folder or mount it for writing",
    errno.EACCES: "{folder} cannot be written to: choose another --out folder or change its rights",
    errno.EPERM: "{folder} cannot be written to: choose another --out folder or change its rights",
    errno.ENOTDIR: "{folder} cannot be a folder, a file of that name is in the way: choose another --out folder",
    errno.EEXIST: "{folder} cannot be a folder, a file of that name is in the way: choose another --out folder",
    errno.ENOENT: "{folder} cannot be made there: choose another --out folder",
    errno.EFBIG: "{folder} cannot hold files of this size (ulimit -f, or the file system): raise the limit",
}


class ScanStopped(AgoranomosError):
    """The scan stopped before its end; what is done is kept, and calling again goes on from
    there."""


def stopped_by(error: OSError, folder: Path) -> ScanStopped:
    """`error`, met while writing under `folder`, as a message that names the folder and the way
    on."""
    words = _WORDS.get(
        error.errno or 0, "Writing under {folder} failed ({error}): choose another --out folder or mend this one"
    )
    said = words.format(folder=folder, error=error.strerror or error)
    return ScanStopped(f"{said}, then call again: a scan resumes from what the folder holds.")
