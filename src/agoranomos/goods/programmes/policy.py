"""The policy of programmes: read from a TOML file, strictly and as a whole."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.policies import parsed, stamped

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
Days = Annotated[int, msgspec.Meta(ge=0, le=3_650)]
_NAME = re.compile(r"[a-z][a-z0-9_]{0,63}")


class Milestone(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A step: all that it asks must hold, and the steps before it must be reached. See the shipped file."""

    code: Code
    lifts: tuple[Code, ...]
    told: bool = False
    clean_days: Days = 0
    genuine: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    lasting: bool = False


class Programme(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Restrictions, and the milestones that lift them; `again_days`: after a relapse nothing is lifted for so long."""

    about: Annotated[str, msgspec.Meta(min_length=1)]
    restrictions: Annotated[tuple[Code, ...], msgspec.Meta(min_length=1)]
    relapses_max: Annotated[int, msgspec.Meta(ge=0, le=100)]
    watch_days: Days
    milestones: Annotated[tuple[Milestone, ...], msgspec.Meta(min_length=1)]
    again_days: Annotated[int, msgspec.Meta(ge=0, le=3_650)] = 0


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All programmes; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    programmes: Mapping[str, Programme]

    def programme(self, name: str) -> Programme:
        """Raises NotFound."""
        try:
            return self.programmes[name]
        except KeyError:
            raise NotFound(f"there is no such programme; the policy has {', '.join(sorted(self.programmes))}") from None


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return parse_policy((path or resources.files(__package__) / "data" / "policy.toml").read_bytes())


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "programmes")
    for name, programme in policy.programmes.items():
        _check(name, programme)
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))


def _check(name: str, programme: Programme) -> None:
    key = f"programmes.{name}"
    if not _NAME.fullmatch(name):
        raise Invalid(f"{name[:60]!r} is no name of a programme, such as original_brand")
    lifted = [code for step in programme.milestones for code in step.lifts]
    if unknown := sorted(set(lifted) - set(programme.restrictions)):
        raise Invalid(f"{key}.milestones lift {unknown[0]}, which is no restriction of the programme")
    if sorted(lifted) != sorted(programme.restrictions):
        raise Invalid(f"{key}.milestones must lift every restriction once: the way back has an end")
    codes = [step.code for step in programme.milestones]
    if len(set(codes)) < len(codes):
        raise Invalid(f"{key}.milestones holds a code twice")
    for step in programme.milestones:
        if not (step.told or step.clean_days or step.genuine):
            raise Invalid(f"{key}.milestones: {step.code} asks nothing; say told, clean_days or genuine")
