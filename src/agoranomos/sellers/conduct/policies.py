"""What the rooms about conduct go by: files in the home folder, else those shipped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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


@dataclass(frozen=True, slots=True)
class Policies:
    """One for each room."""

    points: PointsPolicy
    freeze: FreezePolicy
    appeals: AppealPolicy
    courses: Courses
    credit: Scorecard
    certification: CertificationPolicy


def load_policies(home: Path | None = None) -> Policies:
    """`points.toml` and the like in `home`, else as shipped. Raises Invalid."""

    def own(name: str) -> Path | None:
        path = None if home is None else home / f"{name}.toml"
        return path if path is not None and path.exists() else None

    return Policies(
        points=load_points(own("points")),
        freeze=load_freeze(own("freeze")),
        appeals=load_appeals(own("appeals")),
        courses=load_courses(own("courses")),
        credit=load_scorecard(own("credit")),
        certification=load_certification(own("certification")),
    )
