"""The secret that is shared with a provider: a file in the home folder, for the owner alone."""

from __future__ import annotations

import base64
import binascii
from pathlib import Path
from typing import Final

from agoranomos.enforcement.signing import PREFIX
from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.identity.policy import Provider
from agoranomos.sellers.identity.verifying import HttpVerifier, Nobody, PersonVerifier

NAME: Final = "person.secret"
BYTES_MIN: Final = 24


def verifier_of(provider: Provider | None, home: Path) -> PersonVerifier:
    """Who is asked: `provider`, with the secret in `home`; nobody where the policy names none. Raises Invalid."""
    return Nobody() if provider is None else HttpVerifier(provider, _secret(home / NAME))


def _secret(path: Path) -> bytes:
    try:
        text = path.read_text("ascii").strip()
        secret = base64.b64decode(text.removeprefix(PREFIX), validate=True)
    except OSError as error:
        raise Invalid(
            f"the policy names a provider of real-person comparison, but {path} cannot be read ({error.strerror}); "
            f"put the secret shared with it there: {PREFIX} and Base64"
        ) from error
    except (binascii.Error, UnicodeDecodeError) as error:
        raise Invalid(f"{path} holds no secret: {PREFIX} and Base64 are expected") from error
    if len(secret) < BYTES_MIN:
        raise Invalid(f"the secret in {path} is shorter than {BYTES_MIN} bytes; make a longer one")
    return secret
