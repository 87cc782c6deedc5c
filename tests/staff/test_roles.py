"""Duties are apart, and every permission is somebody's."""

from __future__ import annotations

import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.staff.roles import FOR_PROGRAMS, GRANTS, PERMISSIONS, Role, permissions_of, role_of, scope_of


def test_every_role_grants_known_permissions_and_every_permission_is_granted() -> None:
    assert set(GRANTS) == set(Role)
    granted = permissions_of(Role)
    assert granted <= set(PERMISSIONS)
    assert set(PERMISSIONS) - granted == {"events.write", "numbers.route"}, "what only programs do"


def test_duties_are_apart() -> None:
    assert not permissions_of([Role.ADMIN]) & {"approvals.decide", "actions.request", "findings.read"}
    assert all(each.endswith(".read") for each in permissions_of([Role.AUDITOR]))
    assert not permissions_of(set(Role) - {Role.ADMIN}) & {"people.manage", "keys.manage"}
    assert "approvals.decide" not in FOR_PROGRAMS


def test_names_are_checked() -> None:
    assert role_of("analyst") is Role.ANALYST
    with pytest.raises(Invalid, match="head_of_governance"):
        role_of("king")
    assert scope_of(["events.write"]) == {"events.write"}
    for wrong in ([], ["people.manage"], ["events.write", "all"]):
        with pytest.raises(Invalid):
            scope_of(wrong)
