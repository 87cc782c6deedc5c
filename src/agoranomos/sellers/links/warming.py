"""Compiles what links between sellers need, so that no first application waits: meeting, explaining, learning."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from agoranomos.engine.links import parting
from agoranomos.engine.links.explaining import explain
from agoranomos.engine.links.index import WAITING_MAX, Index
from agoranomos.engine.links.slots import Row, digest, row_of
from agoranomos.engine.links.training import fitted
from agoranomos.sellers.links.policy import load_policy

_FACTS = ("number", "name", "phone", "bank", "room")


def warm_up() -> None:
    """Goes the whole way once, from rows to whom one meets, why, and what all of them teach."""
    model = load_policy().model
    index = Index(model)
    for seller in range(WAITING_MAX + 8):  # enough for a segment of the index, and some that wait
        index.add(f"s{seller}", _row(seller))
    back = _row(0, phone=1)
    index.add("back", back)
    met = index.meets(back)
    index.holders(back, "phone")
    explain(index, back, met[0].row)
    list(index.sweep())
    fitted(index, model)
    with TemporaryDirectory() as name:
        folder = Path(name)
        base = parting.written(index, folder, 1)
        for made in ("keyed", "matched", "scored"):
            (folder / made).mkdir()
        parting.key(base, 0, folder / "keyed")
        parting.match(base, 0, [str(folder / "keyed")], folder / "matched")
        parting.score(base, 0, [str(folder / "matched")], 0.0, folder / "scored")


def _row(seller: int, **others: int) -> Row:
    facts = {name: digest(f"{name} {others.get(name, seller)}") for name in _FACTS}
    return row_of(facts, {"device": [digest(f"device {seller}")]})
