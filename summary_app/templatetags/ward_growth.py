"""A growth chart: the published centile lines in grey, the child's own in ink; its table always stands beside it."""

from __future__ import annotations

from collections.abc import Iterator

from clinical.vitals.growth_chart import HEIGHT, WIDTH, GrowthChart
from summary_app.templatetags.markup import esc

_LABEL_GAP = 12.0  # two labels nearer than this would cover each other


def growth_svg(chart: GrowthChart) -> str:
    """420 by 220, from the back to the front."""
    drawn = "".join([*_grid(chart), *_published(chart), *_own(chart)])
    return (
        f'<svg class="gc" viewBox="0 0 {WIDTH:g} {HEIGHT:g}" width="{WIDTH:g}" height="{HEIGHT:g}" role="img"'
        f' aria-label="{esc(chart.words)}">{drawn}</svg>'
    )


def _grid(chart: GrowthChart) -> Iterator[str]:
    for y, words in chart.levels:
        yield f'<path class="gl" d="M34 {y}H384"/><text class="gy" x="30" y="{y}" dy="5">{esc(words)}</text>'
    for x, words in chart.ticks:
        yield f'<text class="gx" x="{x}" y="214">{esc(words)}</text>'
    if chart.switch is not None:
        yield f'<path class="gs" d="M{chart.switch} 8V196"/>'


def _published(chart: GrowthChart) -> Iterator[str]:
    last = None
    for line in chart.lines:
        middle = " mid" if line.label == "50" else ""
        yield from (
            f'<polyline class="pl{middle}" points="{esc(part)}"/>' for part in line.segments
        )
        if last is None or last - line.y >= _LABEL_GAP:
            yield f'<text class="gp" x="{line.x}" y="{line.y}" dx="5" dy="5">{esc(line.label)}</text>'
            last = line.y


def _own(chart: GrowthChart) -> Iterator[str]:
    if len(chart.dots) > 1:
        yield f'<polyline class="own" points="{esc(chart.own)}"/>'
    for place, dot in enumerate(chart.dots, 1):
        size = 3.6 if place == len(chart.dots) else 2.6
        hollow = ' class="ho"' if dot.outside else ""
        yield f'<circle{hollow} cx="{dot.x}" cy="{dot.y}" r="{size}"/>'
