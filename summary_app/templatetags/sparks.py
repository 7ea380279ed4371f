"""The small trend line of a laboratory row: 96 by 20, see `clinical.summary.view_model.Spark`."""

from __future__ import annotations

from collections.abc import Iterator

from clinical.summary.view_model import Spark
from summary_app.templatetags.markup import esc

# Arrow heads of values beyond what can be measured.
_BELOW, _ABOVE = "v4m-2-2 2 2 2-2", "v-4m-2 2 2-2 2 2"


def spark_line(spark: Spark) -> str:
    """From the back to the front: band, last visit, line, medicines, open ends, dots. Numbers never in a local form."""
    words = esc(spark.words or "no trend")
    drawn = "".join(_drawn(spark))
    return f'<svg class="spark" viewBox="0 0 96 20" role="img" aria-label="{words}">{drawn}</svg>'


def _drawn(spark: Spark) -> Iterator[str]:
    if spark.band:
        y, height = spark.band
        yield f'<rect class="bd" y="{y}" width="96" height="{height}"/>'
    if spark.since is not None:
        yield f'<path class="sn" d="M{spark.since}-2v24"/>'
    if spark.older:  # an arrow head at the left edge: what there is lies further back
        yield '<path class="oe" d="M6 6l-4 4 4 4"/>'
    for points in spark.segments:
        yield f'<polyline points="{esc(points)}"/>'
    for x in spark.ticks:
        yield f'<path class="tk" d="M{x} 16v4"/>'
    for x, y, sign in spark.open_ends:
        yield f'<path class="oe" d="M{x} {y}{_BELOW if sign == "<" else _ABOVE}"/>'
    for x, y, level, hollow in spark.dots:
        kind = f"{esc(level)}{' ho' if hollow else ''}"
        yield f'<circle class="{kind}" cx="{x}" cy="{y}" r="2.5"/>'
