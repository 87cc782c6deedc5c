"""What the rooms about conduct go by: a file of each in a folder of the house, else as shipped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agoranomos.kernel.policies import policy_in
from agoranomos.sellers.appeals.policy import Policy as AppealPolicy
from agoranomos.sellers.appeals.policy import load_policy as load_appeals
from agoranomos.sellers.certification.model import Policy as CertificationPolicy
from agoranomos.sellers.certification.model import load_policy as load_certification
from agoranomos.sellers.credit.scorecard import Scorecard, load_scorecard
from agoranomos.sellers.education.courses import Courses, load_courses
from agoranomos.sellers.freeze.policy import Policy as FreezePolicy
from agoranomos.sellers.freeze.policy import load_policy as load_freeze
from agoranomos.sellers.points.policy import Policy as PointsPolicy
from agoranomos.sellers.points.policy import load_policy as load_points

NAMES: Final = (
    "appeals", "applications", "certification", "courses", "credit", "freeze", "links", "points", "retaliation",
)  # fmt: skip
"""The files of the sellers desk that a folder of policies may hold, each with the ending `.toml`."""


@dataclass(frozen=True, slots=True)
class Policies:
    """One for each room."""

    points: PointsPolicy
    freeze: FreezePolicy
    appeals: AppealPolicy
    courses: Courses
    credit: Scorecard
    certification: CertificationPolicy


def load_policies(folders: Sequence[Path] = ()) -> Policies:
    """Each policy from the first of `folders` that has it, else as shipped. Raises Invalid, naming the key."""

    def own(name: str) -> Path | None:
        return policy_file(name, folders)

    return Policies(
        points=load_points(own("points")),
        freeze=load_freeze(own("freeze")),
        appeals=load_appeals(own("appeals")),
        courses=load_courses(own("courses")),
        credit=load_scorecard(own("credit")),
        certification=load_certification(own("certification")),
    )


def policy_file(name: str, folders: Sequence[Path]) -> Path | None:
    """The file of the policy `name` in the first of `folders` that has it."""
    assert name in NAMES, f"{name} is no policy"
    return policy_in(folders, name)
