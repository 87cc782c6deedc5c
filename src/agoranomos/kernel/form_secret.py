"""The secret that forms are signed with: made once for a home folder, and readable by its owner alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def form_secret(home: Path) -> str:
    """The secret that all processes of this home sign forms with; made once, readable by the owner alone."""
    path = home / "form.secret"
    if not path.exists():
        draft = path.with_suffix(f".{secrets.token_hex(4)}.draft")  # another process's is another file
        draft.touch(mode=0o600)
        draft.write_text(secrets.token_hex(32))
        try:
            os.link(draft, path)  # unlike a renaming, this fails when another process was faster
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()
