"""The generated parts of `docs/complaints.md`."""

from __future__ import annotations

import re

from agoranomos.goods.complaints.rates import SETTINGS, Settings
from agoranomos.goods.complaints.samples import HITS, MISSES
from agoranomos.goods.complaints.scorer import read_text
from agoranomos.goods.complaints.vocabulary import shipped_codes


def codes() -> str:
    """What is said, and what it weighs."""
    rows = [
        f"| `{name}` | {code.means} | {code.weight:+.1f} | {_more(code.displeased)} | {_more(code.pleased)} |"
        for name, code in sorted(shipped_codes().code.items(), key=lambda each: (-each[1].weight, each[0]))
        if code.weight
    ]
    return "\n".join(["| code | the writer | weight | displeased | pleased |", "|---|---|---|---|---|", *rows])


def hits() -> str:
    """What must be found, and by which words."""
    return _table(HITS)


def misses() -> str:
    """What must be left alone."""
    return _table(MISSES)


def settings() -> str:
    """The settings of the rate, as their docstring explains them."""
    said = " ".join((Settings.__doc__ or "").split())
    parts = re.split(r"(?:^|(?<=[.:] ))(?=`)", said)
    meanings = {name: part.partition(": ")[2] for part in parts for name in re.findall(r"`(\w+)`", part)}
    rows = [
        f"| `{name}` | {getattr(SETTINGS, name)} | {meanings[name].strip()} |" for name in SETTINGS.__struct_fields__
    ]
    return "\n".join(["| setting | value | meaning |", "|---|---|---|", *rows])


def _more(weight: float) -> str:
    return f"{weight:+.1f}" if weight else ""


def _table(texts: tuple[str, ...]) -> str:
    rows = []
    for text in texts:
        reading = read_text(text)
        said = ", ".join(dict.fromkeys(f"`{span.code}`" for span in reading.spans if span.weight))
        rows.append(f"| {text} | {reading.score:.2f} | {said} |")
    return "\n".join(["| text | score | read as |", "|---|---|---|", *rows])
