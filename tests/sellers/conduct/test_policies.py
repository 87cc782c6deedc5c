"""Policies of the sellers desk: in a folder that is given, in the home folder, else as shipped."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.conduct.policies import load_policies
from agoranomos.wiring import Wiring

SHIPPED = (resources.files("agoranomos.sellers.points") / "data" / "policy.toml").read_text("utf-8")


def folder(path: Path, closes_at: int) -> Path:
    path.mkdir()
    (path / "points.toml").write_text(SHIPPED.replace("closes_at = 48", f"closes_at = {closes_at}"), "utf-8")
    return path


def test_the_first_folder_goes_first(tmp_path: Path) -> None:
    given, home = folder(tmp_path / "given", 12), folder(tmp_path / "home", 24)
    assert load_policies().points.versions[0].closes_at == 48
    assert load_policies([home]).points.versions[0].closes_at == 24
    assert load_policies([given, home]).points.versions[0].closes_at == 12
    wiring = Wiring(home, policy_file=given)
    assert wiring.sellers.conduct.policies.points.versions[0].closes_at == 12
    (given / "pionts.toml").write_text(SHIPPED, "utf-8")
    with pytest.raises(Invalid, match=r"pionts\.toml"):
        _ = Wiring(home, policy_file=given).sellers.conduct
