"""A plot of shares with their intervals, as SVG: one panel a suite and budget, one line a recipe."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

ROW, PANEL, LEFT, WIDTH = 20, 46, 150, 420


@dataclass(frozen=True)
class Dot:
    """One figure: a share in [0, 1] between `low` and `high`; a baseline is drawn hollow, with a line through all."""

    panel: str
    name: str
    share: float
    low: float
    high: float
    baseline: bool = False


def draw(dots: Sequence[Dot]) -> str:
    """The plot; the best of a panel stands first."""
    panels: dict[str, list[Dot]] = {}
    for dot in dots:
        panels.setdefault(dot.panel, []).append(dot)
    parts, top = [], 10
    for panel, members in panels.items():
        parts.append(_panel(panel, sorted(members, key=lambda dot: (-dot.share, dot.name)), top))
        top += PANEL + ROW * len(members)
    size = f'width="{LEFT + WIDTH + 60}" height="{top + 10}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="12">\n' + (
        '<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )


def _panel(title: str, dots: Sequence[Dot], top: int) -> str:
    bottom = top + 24 + ROW * len(dots)
    parts = [f'<text x="{LEFT}" y="{top + 12}" font-weight="bold">{escape(title)}</text>']
    for tenth in range(0, 11, 2):
        x = _x(tenth / 10)
        parts.append(f'<line x1="{x}" x2="{x}" y1="{top + 18}" y2="{bottom}" stroke="#ddd"/>')
        parts.append(f'<text x="{x}" y="{bottom + 13}" text-anchor="middle" fill="#555">{tenth * 10}%</text>')
    best = max((dot.share for dot in dots if dot.baseline), default=None)
    if best is not None:
        parts.append(
            f'<line x1="{_x(best)}" x2="{_x(best)}" y1="{top + 18}" y2="{bottom}" stroke="#888" stroke-dasharray="4"/>'
        )
    for i, dot in enumerate(dots):
        y = top + 32 + ROW * i
        fill = "white" if dot.baseline else "#2563a8"
        parts.append(f'<text x="{LEFT - 10}" y="{y + 4}" text-anchor="end">{escape(dot.name)}</text>')
        parts.append(f'<line x1="{_x(dot.low)}" x2="{_x(dot.high)}" y1="{y}" y2="{y}" stroke="#2563a8"/>')
        parts.append(f'<circle cx="{_x(dot.share)}" cy="{y}" r="4" fill="{fill}" stroke="#2563a8"/>')
    return "\n".join(parts)


def _x(share: float) -> float:
    return round(LEFT + WIDTH * share, 1)
