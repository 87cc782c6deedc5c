"""A policy as a TOML file that is read strictly: what is wrong in it is said with its key."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgspec

from agoranomos.kernel.errors import Invalid

PolicyT = TypeVar("PolicyT")
FileT = TypeVar("FileT", bound=msgspec.Struct)


def policy_in(folders: Sequence[Path], name: str) -> Path | None:
    """The file of the policy `name` in the first of `folders` that has it."""
    return next((path for folder in folders if (path := folder / f"{name}.toml").exists()), None)


def parsed(raw: bytes, kind: type[PolicyT], what: str) -> PolicyT:
    """The bytes of a TOML file as `kind`; `what` names the policy in messages. Raises Invalid."""
    try:
        return msgspec.convert(tomllib.loads(raw.decode("utf-8")), kind)
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise Invalid(f"the policy of {what} is not a TOML file: {error}") from error
    except msgspec.ValidationError as error:
        raise Invalid(f"the policy of {what} cannot be used: {error}") from error


def stamped(version: str, raw: bytes) -> str:
    """`version` with a hash of the file behind it: two files that call themselves the same are told apart."""
    return f"{version}+{hashlib.blake2b(raw, digest_size=4).hexdigest()}"


def loaded(kind: type[FileT], what: str, package: str, path: Path | None = None) -> FileT:
    """The policy in `path` as `kind`, by default the one that `package` ships in its data; its version is the file's
    own and a hash of its content. `what` names it in messages. Raises Invalid, naming the key.
    """
    raw = (path or resources.files(package) / "data" / "policy.toml").read_bytes()
    policy = parsed(raw, kind, what)
    version: str = policy.version  # type: ignore[attr-defined]  # every policy is a struct with one
    return msgspec.structs.replace(policy, version=stamped(version, raw))
