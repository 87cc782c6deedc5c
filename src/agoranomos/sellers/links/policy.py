"""The policy of links: read from a TOML file, strictly and as a whole."""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import Annotated

import msgspec

from agoranomos.engine.links.parameters import Parameters
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import parsed, stamped

Line = Annotated[float, msgspec.Meta(gt=0.0, lt=1.0)]


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See the shipped file; `version` is the file's own and a hash of its content."""

    version: Annotated[str, msgspec.Meta(min_length=1)]
    report_line: Line
    show_line: Line
    outcome: Outcome
    group_min: Annotated[int, msgspec.Meta(ge=2, le=100)]
    closing_reasons: tuple[str, ...]
    refusing_outcomes: tuple[str, ...]
    case_outcomes: tuple[str, ...]
    comers_min: Annotated[int, msgspec.Meta(ge=1, le=100)]
    named_max: Annotated[int, msgspec.Meta(ge=1, le=1_000)]
    model: Parameters


def load_policy(path: Path | None = None) -> Policy:
    """The policy in `path`, by default the shipped one. Raises Invalid, naming the key."""
    return parse_policy((path or resources.files(__package__) / "data" / "policy.toml").read_bytes())


def parse_policy(raw: bytes) -> Policy:
    """The policy in the bytes of a TOML file. Raises Invalid and names the key at fault."""
    policy = parsed(raw, Policy, "links")
    if policy.show_line > policy.report_line:
        raise Invalid("show_line is above report_line: what is reported is shown, too")
    return msgspec.structs.replace(policy, version=stamped(policy.version, raw))
