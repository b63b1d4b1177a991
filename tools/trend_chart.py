"""Geometry of a small chart of months: bars of the score, a line of the on-time rate. Knows neither Odoo nor SVG."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Trend:
    """Where the parts of the chart stand, in units of its own; y grows downwards.

    :param bars: (x, y, width, height, label) of the months that have a score
    :param lines: runs of points (x, y, label) of the months that follow each other with a rate; a month without
        data interrupts the line
    :param ticks: (x of the middle, text) of every month
    :param grid: (y, text) of 0, 25 … 100
    """

    width: int
    height: int
    bars: tuple
    lines: tuple
    ticks: tuple
    grid: tuple


def build_trend(months, width=700, height=200, left=34, bottom=36, top=14):
    """Return the :class:`Trend` of months in their order.

    :param months: of (text, score 0..100 or None, rate 0..1 or None); None is no data, and is not drawn

    >>> trend = build_trend([("01", 50, 0.5), ("02", None, None), ("03", 100, 1)], 334, 150)
    >>> [(round(x), round(y), round(w), round(h), label) for x, y, w, h, label in trend.bars]
    [(54, 64, 60, 50, '50'), (254, 14, 60, 100, '100')]
    >>> [[(round(x), round(y), label) for x, y, label in run] for run in trend.lines]
    [[(84, 64, '50%')], [(284, 14, '100%')]]
    >>> [text for _x, text in trend.ticks]
    ['01', '02', '03']
    >>> build_trend([]).bars
    ()
    """
    months = list(months)
    plot = height - top - bottom
    step = (width - left) / max(len(months), 1)

    def y_of(share):
        return top + plot * (1 - min(max(share, 0), 1))

    bars, lines, ticks, run = [], [], [], []
    for number, (text, score, rate) in enumerate(months):
        middle = left + step * (number + 0.5)
        ticks.append((middle, text))
        if score is not None and score is not False:
            y = y_of(score / 100)
            bars.append((middle - step * 0.3, y, step * 0.6, top + plot - y, f"{score:.0f}"))
        if rate is None or rate is False:
            if run:
                lines.append(tuple(run))
            run = []
        else:
            run.append((middle, y_of(rate), f"{rate * 100:.0f}%"))
    if run:
        lines.append(tuple(run))
    grid = tuple((y_of(share / 100), str(share)) for share in (0, 25, 50, 75, 100))
    return Trend(width, height, tuple(bars), tuple(lines), tuple(ticks), grid)
