"""The reader of complaints: texts per second and core, and how well it reads, beside keywords with negations.

The texts are our own sentences of `tests/goods/complaints/data`, and real labelled reviews where AGORA_SHARED_DATA
names a folder that holds them. The peer is what is usually built first: a list of words, less a list of denials.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.texts import review_text
from agoranomos.goods.complaints.scorer import read_text
from benchmarks.materials import Materials
from benchmarks.measuring import Size, Table, spread

GOAL_PER_S: Final = 5_000
WRITTEN: Final = Path(__file__).parents[1] / "tests" / "goods" / "complaints" / "data"
_WORDS: Final = re.compile(
    r"假货|假的|假冒|冒牌|山寨|高仿|仿品|盗版|赝品|不是正品|不像正品|不是真|\bfakes?\b|counterfeit|knock-?\s?offs?\b"
    r"|replica|imitation|duplicate|not (?:a )?(?:genuine|authentic|original|real)"
)
_DENIALS: Final = re.compile(
    r"不是假|没有假|没假|不假|是不是|怕.{0,4}假|假货?没有|不是盗版|[度放休]假|假[期日如发]|(?:照片|图片|评论|活动)都?是假"
    r"|\b(?:not|no|isn't|aren't) (?:an? )?(?:fakes?|counterfeit|knock)"
)


class Labelled(NamedTuple):
    lang: str
    topic: str
    says_fake: bool
    text: str


def keywords(text: str) -> float:
    """The peer: 1 when a word is there that is not denied."""
    text = text.lower()
    return float(_WORDS.search(_DENIALS.sub(" ", text)) is not None)


def reader(text: str) -> float:
    """Ours."""
    return read_text(text).score


def run(materials: Materials, size: Size) -> list[Table]:  # noqa: ARG001 - every benchmark is called alike
    """Speed, then quality by language and topic, then calibration."""
    sets = {
        "our own sentences": [*written("zh"), *written("en")],
        "our own, written when the vocabulary stood": [*written("zh", "later"), *written("en", "later")],
        "our own without a cue, never learned from": [*written("zh", "roundabout"), *written("en", "roundabout")],
    }
    if real := real_reviews():
        sets["real reviews"] = real
    return [
        _speed(sets["our own sentences"], sets.get("real reviews", []), size),
        *(_quality(name, rows) for name, rows in sets.items()),
        *(_reliability(name, rows) for name, rows in sets.items()),
    ]


def written(lang: str, name: str = "written") -> list[Labelled]:
    """Our own sentences in `lang`."""
    lines = (WRITTEN / f"{name}_{lang}.tsv").read_text("utf-8").splitlines()
    parts = [line.split("\t") for line in lines]
    return [Labelled(lang, topic, label == "1", text) for label, topic, text in parts]


def real_reviews() -> list[Labelled]:
    """Labelled reviews, where there are any; undecidable ones are left out, refurbished counts as not fake."""
    path = Path(os.environ.get("AGORA_SHARED_DATA", "none")) / "complaints" / "dev.jsonl"
    if not path.exists():
        return []
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [
        Labelled(row["lang"], row["source"], row["label"] == "1", row["text"]) for row in rows if row["label"] != "U"
    ]


def _speed(rows: Sequence[Labelled], real: Sequence[Labelled], size: Size) -> Table:
    draw = random.Random(7)
    count = min(size.texts, 20_000)
    market = Stream.of(7, "complaints")
    texts = {
        "reviews of the made market": [review_text(market, draw.randint(1, 5)) for _ in range(count)],
        "ten sentences in a row": [
            " ".join(draw.choice(rows).text for _ in range(10)) for _ in range(max(1, count // 10))
        ],
    }
    chosen = {"zh": [one for one in rows if one.lang == "zh"], "en": [one for one in rows if one.lang == "en"]}
    texts["our own Chinese sentences"] = [draw.choice(chosen["zh"]).text for _ in range(count)]
    texts["our own English sentences"] = [draw.choice(chosen["en"]).text for _ in range(count)]
    if real:
        texts["real reviews"] = [draw.choice(real).text for _ in range(count)]
    table = []
    for name, group in texts.items():
        ours, peer = _rates(reader, group, size.rounds), _rates(keywords, group, size.rounds)
        characters = sum(map(len, group)) / len(group)
        table.append((name, f"{characters:.0f}", spread(ours), f"{min(ours) / GOAL_PER_S:.1f}", spread(peer)))
    return Table(
        f"Complaint texts per CPU-second on one core (goal {GOAL_PER_S:,})",
        ("texts", "characters", "reader", "slowest / goal", "keywords"),
        tuple(table),
        ("Median (slowest–fastest) of the rounds.",),
    )


def _rates(score: Callable[[str], float], texts: Sequence[str], rounds: int) -> list[float]:
    for text in texts[:50]:
        score(text)
    rates = []
    for _ in range(rounds):
        begun = time.process_time()
        for text in texts:
            score(text)
        rates.append(len(texts) / max(time.process_time() - begun, 1e-9))
    return rates


def _quality(name: str, rows: Sequence[Labelled]) -> Table:
    groups: dict[str, list[Labelled]] = {"all": list(rows)}
    for lang in ("zh", "en"):
        mine = [one for one in rows if one.lang == lang]
        groups[lang] = mine
        for topic in sorted({one.topic for one in mine}):
            groups[f"{lang} {topic}"] = [one for one in mine if one.topic == topic]
    return Table(
        f"Who says or suspects a fake: {name}",
        ("texts", "n", "say so", "precision", "recall", "F1", "precision at 0.9", "keywords F1"),
        tuple(_row(group, mine) for group, mine in groups.items() if mine),
    )


def _row(name: str, rows: Sequence[Labelled]) -> tuple[str, ...]:
    ours = [(reader(one.text), one.says_fake) for one in rows]
    peer = [(keywords(one.text), one.says_fake) for one in rows]
    precision, recall, f1 = _measures(ours, 0.5)
    surely = [says for score, says in ours if score >= 0.9]
    sure = f"{sum(surely) / len(surely):.2f} ({len(surely)})" if surely else "–"
    wanted = sum(one.says_fake for one in rows)
    return (
        name, str(len(rows)), str(wanted), f"{precision:.2f}", f"{recall:.2f}", f"{f1:.2f}", sure,
        f"{_measures(peer, 0.5)[2]:.2f}",
    )  # fmt: skip


def _measures(scored: Sequence[tuple[float, bool]], line: float) -> tuple[float, float, float]:
    """Precision, recall and F1 at `line`; 1 where there was nothing to find and nothing was found."""
    found = [says for score, says in scored if score >= line]
    wanted = sum(says for _, says in scored)
    right = sum(found)
    precision = right / len(found) if found else 1.0
    recall = right / wanted if wanted else 1.0
    return precision, recall, (2 * right / (len(found) + wanted) if found or wanted else 1.0)


def _reliability(name: str, rows: Iterable[Labelled]) -> Table:
    scored = [(reader(one.text), one.says_fake) for one in rows]
    bins = (0.0, 0.05, 0.2, 0.5, 0.7, 0.9, 1.01)
    table = []
    for low, high in pairwise(bins):
        mine = [(score, says) for score, says in scored if low <= score < high]
        if mine:
            mean, true = (sum(part) / len(mine) for part in zip(*mine, strict=True))
            table.append((f"{low:.2f} to {min(high, 1):.2f}", str(len(mine)), f"{mean:.3f}", f"{true:.3f}"))
    brier = sum((score - says) ** 2 for score, says in scored) / len(scored)
    return Table(
        f"Calibration: {name}",
        ("score", "n", "mean score", "share that says so"),
        tuple(table),
        (f"Brier {brier:.4f}",),
    )
