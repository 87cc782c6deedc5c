"""A graph as SVG, drawn here: who is tied to whom, by what. Each end is a link, reached by the keyboard like any other;
whoever cannot see it reads the list that comes with each (WCAG 2.2, 1.1.1).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

import msgspec
from markupsafe import Markup

_WIDTH: Final = 720
_HEIGHT: Final = 420
_NODE: Final = Markup(
    '<a href="{}" class="g-node{}" aria-label="{}"><circle cx="{:.1f}" cy="{:.1f}" r="{}"/>'
    '<text x="{:.1f}" y="{:.1f}">{}</text></a>'
)
_EDGE: Final = Markup(
    '<line class="g-edge" x1="{:.1f}" y1="{:.1f}" x2="{:.1f}" y2="{:.1f}" stroke-width="{:.1f}">'
    "<title>{}</title></line>"
)
_NAME_MAX: Final = 16
_ROOM: Final = 50  # for a circle and its name
_BESIDE: Final = 2
NODES_MAX: Final = 16


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody at the end of a tie: `weight` (0 to 1) is how strong it is, `why` what ties; `marked` ones stand out by
    more than colour.
    """

    name: str
    href: str
    weight: float
    why: str
    marked: bool = False


def star(centre: Node, others: Sequence[Node], *, title: str) -> Markup:
    """`centre` and everybody who is tied to it, the strongest first from the top; at most NODES_MAX of them."""
    shown = sorted(others, key=lambda each: (-each.weight, each.name))[:NODES_MAX]
    x, y = _WIDTH / 2, _HEIGHT / 2
    places = [_place(number, len(shown)) for number in range(len(shown))]
    edges = [
        _EDGE.format(x, y, there[0], there[1], 1 + 5 * each.weight, each.why)
        for each, there in zip(shown, places, strict=True)
    ]
    nodes = [_node(centre, (x, y), 15), *(_node(each, at, 11) for each, at in zip(shown, places, strict=True))]
    reach = max((abs(there[1] - y) for there in places), default=0.0) + _ROOM
    return Markup('<svg class="graph" viewBox="0 {:.0f} {} {:.0f}" role="group" aria-label="{}">{}{}</svg>').format(
        y - reach, _WIDTH, 2 * reach, title, Markup("").join(edges), Markup("").join(nodes)
    )


def _place(number: int, of: int) -> tuple[float, float]:
    """On an ellipse, so that names beside each other do not touch; every second one further in where there are many.

    One or two stand beside, not above: the page stays short.
    """
    angle = math.pi * number if of <= _BESIDE else -math.pi / 2 + 2 * math.pi * number / max(1, of)
    inner = 0.72 if of > NODES_MAX / 2 and number % 2 else 1.0
    return _WIDTH / 2 + inner * 290 * math.cos(angle), _HEIGHT / 2 + inner * 165 * math.sin(angle)


def _node(each: Node, at: tuple[float, float], radius: int) -> Markup:
    short = each.name if len(each.name) <= _NAME_MAX else f"{each.name[: _NAME_MAX - 1]}…"
    said = f"{each.name}: {each.why}" if each.why else each.name
    shown = "".join(char if char.isprintable() else "·" for char in short)
    below = at[1] >= _HEIGHT / 2  # names stand where no line goes
    return _NODE.format(
        each.href,
        " g-marked" if each.marked else "",
        said,
        at[0],
        at[1],
        radius,
        at[0],
        at[1] + (radius + 17 if below else -radius - 8),
        shown,
    )
