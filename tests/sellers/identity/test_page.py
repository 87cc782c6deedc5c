"""docs/applications.md says what the code says. Renew it with `python -m tests.sellers.identity.test_page`."""

from __future__ import annotations

from pathlib import Path

from agoranomos.sellers.identity import policy
from agoranomos.sellers.identity.deciding import TOGETHER, detectors

PAGE = Path(__file__).parents[3] / "docs" / "applications.md"
BEGIN, END = "<!-- generated: policy -->\n", "<!-- end -->"
POLICY = Path(policy.__file__).parent / "data" / "policy.toml"


def renewed(text: str) -> str:
    """The page with the shipped policy in it."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}```toml\n{POLICY.read_text('utf-8').strip()}\n```\n{END}{rest.partition(END)[2]}"


def test_the_policy_is_the_shipped_one() -> None:
    text = PAGE.read_text("utf-8")
    assert text == renewed(text)


def test_every_detector_is_on_the_page() -> None:
    text = PAGE.read_text("utf-8")
    assert all(f"| `{code}` |" in text for code in (*(each.code for each in detectors()), TOGETHER))


if __name__ == "__main__":
    PAGE.write_text(renewed(PAGE.read_text("utf-8")), "utf-8")
