"""A hardware module in software: a token of SoftHSM in a folder of its own, with AES keys on it."""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from typing import Any

import pytest

TOKEN, PIN = "agora-test", "4711-0815"
_PLACES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
           "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so")  # fmt: skip


@cache
def module() -> str:
    """The module's library; skips, saying so, where SoftHSM or the extra is missing."""
    found = next((place for place in _PLACES if Path(place).exists()), None)
    if found is None or shutil.which("softhsm2-util") is None:
        pytest.skip("no hardware module to talk to: SoftHSM is not installed (Debian: apt-get install softhsm2)")
    pytest.importorskip("pkcs11", reason="the extra hsm is not installed (python-pkcs11)")
    return found


def make_token(folder: Path) -> None:
    """A token in `folder`, which this process sees from now on: a module reads its settings once."""
    (folder / "tokens").mkdir(parents=True)
    settings = folder / "softhsm2.conf"
    settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(settings)
    command = ["softhsm2-util", "--init-token", "--free", "--label", TOKEN, "--pin", PIN, "--so-pin", PIN]
    subprocess.run(command, check=True, capture_output=True)


def make_key(label: str) -> None:
    """An AES key of 256 bits on the token, which cannot be taken out of it."""
    import pkcs11

    token: Any = pkcs11.lib(module()).get_token(token_label=TOKEN)
    with token.open(user_pin=PIN, rw=True) as session:
        session.generate_key(
            pkcs11.KeyType.AES, 256, label=label, store=True,
            template={pkcs11.Attribute.EXTRACTABLE: False, pkcs11.Attribute.SENSITIVE: True},
        )  # fmt: skip
