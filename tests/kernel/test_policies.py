"""Policies as files: the shipped one and another, read strictly, told apart by what stands in them."""

from __future__ import annotations

from pathlib import Path

import pytest

from agoranomos.access import insiders
from agoranomos.access.insiders.policy import Policy
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.policies import loaded, policy_in

PACKAGE = insiders.__name__
SHIPPED = Path(insiders.__file__).parent / "data" / "policy.toml"


def test_the_shipped_policy_and_a_changed_one_are_told_apart(tmp_path: Path) -> None:
    changed = tmp_path / "insiders.toml"
    changed.write_text(SHIPPED.read_text("utf-8") + "# a word more\n", "utf-8")
    shipped, other = loaded(Policy, "insiders", PACKAGE), loaded(Policy, "insiders", PACKAGE, changed)
    own = shipped.version.split("+")[0]
    assert other.version.startswith(f"{own}+")
    assert other.version != shipped.version
    assert loaded(Policy, "insiders", PACKAGE, SHIPPED) == shipped
    assert policy_in([tmp_path / "nowhere", tmp_path], "insiders") == changed


@pytest.mark.parametrize(("text", "said"), [("= nonsense", "is not a TOML file"), ('version = "1"\n', "missing")])
def test_a_mistake_names_the_policy(tmp_path: Path, text: str, said: str) -> None:
    wrong = tmp_path / "insiders.toml"
    wrong.write_text(text, "utf-8")
    with pytest.raises(Invalid, match="the policy of insiders") as error:
        loaded(Policy, "insiders", PACKAGE, wrong)
    assert said in error.value.message
