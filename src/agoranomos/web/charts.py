"""Charts as SVG, drawn here: pages need no script for them, a report holds them whole, colours follow the theme.

Whoever cannot see them reads the table that comes with each (WCAG 2.2, 1.1.1); bars and lines differ in more than
colour (1.4.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from markupsafe import Markup

_WIDTH: Final = 640
_HEIGHT: Final = 160
_LEFT: Final = 44  # for the figures beside the lines
_BELOW: Final = 18  # for the labels under them
_ABOVE: Final = 8
_STEPS: Final = (1, 2, 2.5, 5, 10)
_BAR: Final = Markup(
    '<rect class="c-bar {}" x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" rx="2"><title>{}: {:,g}</title></rect>'
)
_GRID: Final = Markup(
    '<line class="c-grid" x1="{}" x2="{}" y1="{:.1f}" y2="{:.1f}"/><text class="c-axis" x="{}" y="{:.1f}">{:,g}</text>'
)


def nice_top(highest: float) -> float:
    """The end of an axis that holds `highest`: 1, 2, 2.5 or 5 times a power of ten."""
    if highest <= 0:
        return 1.0
    power = 10.0 ** (len(str(int(highest))) - 1) if highest >= 1 else 10.0 ** -len(str(int(1 / highest)))
    return next(step * power for step in _STEPS if step * power >= highest * (1 - 1e-12))


def bars(labels: Sequence[str], values: Sequence[float], *, title: str, tone: str = "") -> Markup:
    """A bar for each value, under its label; labels are thinned out where they would touch."""
    top = nice_top(max(values, default=0.0))
    step = (_WIDTH - _LEFT) / max(1, len(values))
    width = max(1.0, min(step * 0.72, 40.0))
    drawn = [
        _BAR.format(
            tone, _LEFT + (place + 0.5) * step - width / 2, _y(value, top), width, _y(0, top) - _y(value, top),
            labels[place], value,
        )
        for place, value in enumerate(values)
    ]  # fmt: skip
    return _figure(title, [*_grid(top), *drawn, *_labels(labels, [(p + 0.5) * step for p in range(len(labels))])])


def lines(labels: Sequence[str], series: Sequence[tuple[str, Sequence[float]]], *, title: str) -> Markup:
    """A line for each series, told apart by its dashes as well; `labels` are those of the places of the values."""
    top = nice_top(max((value for _, values in series for value in values), default=0.0))
    step = (_WIDTH - _LEFT) / max(1, len(labels) - 1)
    drawn = []
    for number, (name, values) in enumerate(series):
        points = " ".join(f"{_LEFT + place * step:.1f},{_y(value, top):.1f}" for place, value in enumerate(values))
        drawn.append(
            Markup('<polyline class="c-line c-line-{}" points="{}"><title>{}</title></polyline>').format(
                number % 4, points, name
            )
        )
    return _figure(title, [*_grid(top), *drawn, *_labels(labels, [place * step for place in range(len(labels))])])


def spark(values: Sequence[float], *, title: str) -> Markup:
    """A line as high as a word, to see where something goes."""
    top = max(values, default=0.0) or 1.0
    step = 100 / max(1, len(values) - 1)
    points = " ".join(f"{place * step:.1f},{22 - 20 * value / top:.1f}" for place, value in enumerate(values))
    return Markup(
        '<svg class="spark" viewBox="0 0 100 24" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<polyline points="{}"/></svg>'
    ).format(title, points)


def gauge(part: float, whole: float, *, title: str) -> Markup:
    """How much of something is used up: the fuller, the more it calls."""
    share = part / whole if whole > 0 else 0.0
    return meter(part, whole, title=title, tone="stop" if share >= 0.9 else "care" if share >= 0.7 else "good")


def meter(part: float, whole: float, *, title: str, tone: str = "plain") -> Markup:
    """How much something is of another, without a judgement."""
    share = max(0.0, min(1.0, part / whole)) if whole > 0 else 0.0
    return Markup(
        '<svg class="gauge" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="bar-track" width="100" height="8" rx="2"/>'
        '<rect class="c-{}" width="{:.1f}" height="8" rx="2"/></svg>'
    ).format(title, tone, share * 100)


def interval(
    value: float, low: float, high: float, top: float, *, title: str, tone: str = "plain", usual: float | None = None
) -> Markup:
    """A value as a mark within the interval in which the truth lies, on a scale from 0 to `top`; `usual` is a thin mark
    that stands out of it.
    """

    def place(at: float) -> float:
        return 100 * max(0.0, min(1.0, at / top)) if top > 0 else 0.0

    start = min(place(low), 99.0)
    return Markup(
        '<svg class="gauge interval" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="bar-track" y="3" width="100" height="2"/>'
        '<rect class="c-soft" x="{:.2f}" width="{:.2f}" height="8" rx="1"/>'
        '<rect class="c-{}" x="{:.2f}" width="1.2" height="8"/>{}</svg>'
    ).format(
        title, start, max(1.0, place(high) - start), tone, min(98.8, max(0.0, place(value) - 0.6)),
        Markup('<rect class="c-usual" x="{:.2f}" y="-2" width="0.8" height="12"/>').format(min(99.2, place(usual)))
        if usual is not None else "",
    )  # fmt: skip


def _y(value: float, top: float) -> float:
    return _ABOVE + (_HEIGHT - _ABOVE - _BELOW) * (1 - value / top)


def _grid(top: float) -> list[Markup]:
    return [
        _GRID.format(
            _LEFT, _WIDTH, _y(each, top), _y(each, top), _LEFT - 6, _y(each, top) + 4, each
        )
        for each in (0, top / 2, top)
    ]  # fmt: skip


def _labels(labels: Sequence[str], places: Sequence[float]) -> list[Markup]:
    every = max(1, -(-len(labels) // 8))
    return [
        Markup('<text class="c-label" x="{:.1f}" y="{}">{}</text>').format(_LEFT + x, _HEIGHT - 4, label)
        for number, (label, x) in enumerate(zip(labels, places, strict=True))
        if number % every == 0
    ]


def _figure(title: str, parts: Sequence[Markup]) -> Markup:
    return Markup('<svg class="chart" viewBox="0 0 {} {}" role="img" aria-label="{}">{}</svg>').format(
        _WIDTH, _HEIGHT, title, Markup("").join(parts)
    )
