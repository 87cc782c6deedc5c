"""The secret that forms are signed with: made once for a home folder, and readable by its owner alone."""

from __future__ import annotations

import secrets
from pathlib import Path

from agoranomos.kernel.files import make_once


def form_secret(home: Path) -> str:
    """The secret that all processes of this home sign forms with; made once, readable by the owner alone."""
    path = home / "form.secret"
    if not path.exists():
        make_once(path, secrets.token_hex(32))
    return path.read_text().strip()
