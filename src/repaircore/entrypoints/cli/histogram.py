"""A histogram of price changes: as bars of text, and as a PNG that needs no drawing library."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from repaircore.domain.pricing.review.simulation import FURTHEST, WIDTH

_BAR, _GAP, _HEIGHT, _MARGIN = 24, 4, 240, 28
_WHITE, _GREY, _GREEN, _RED, _BLACK = (255, 255, 255), (150, 150, 150), (46, 139, 87), (200, 60, 60), (40, 40, 40)
_DIGITS = {
    "0": ("###", "# #", "# #", "# #", "###"),
    "1": (" # ", "## ", " # ", " # ", "###"),
    "2": ("###", "  #", "###", "#  ", "###"),
    "3": ("###", "  #", "###", "  #", "###"),
    "4": ("# #", "# #", "###", "  #", "  #"),
    "5": ("###", "#  ", "###", "  #", "###"),
    "-": ("   ", "   ", "###", "   ", "   "),
    "+": ("   ", " # ", "###", " # ", "   "),
}
Colour = tuple[int, int, int]


def bars(histogram: Mapping[int, int]) -> Sequence[tuple[int, int]]:
    """Answer every bar from the lowest to the highest with anything in it, empty ones between them included."""
    edges = [*range(-FURTHEST, 0, WIDTH), 0, *range(1, FURTHEST, WIDTH), FURTHEST]
    filled = [index for index, edge in enumerate(edges) if histogram.get(edge)]
    shown = edges[min(filled) : max(filled) + 1] if filled else []
    return [(edge, histogram.get(edge, 0)) for edge in shown]


def label(edge: int) -> str:
    """Name a bar by the change that it holds: `same`, `up to +5 %`, `-10 % to -5 %`."""
    if edge == 0:
        return "same"
    if edge == FURTHEST:
        return f"+{FURTHEST} % and more"
    if edge == -FURTHEST:
        return f"-{FURTHEST} % to -{FURTHEST - WIDTH} % and less"
    low = edge - 1 if edge > 0 else edge
    return f"{low:+d} % to {low + WIDTH:+d} %" if low else f"up to {WIDTH:+d} %"


def text(histogram: Mapping[int, int], *, width: int = 50) -> Iterator[str]:
    """Draw it in lines of text."""
    shown = bars(histogram)
    most = max((count for _, count in shown), default=1)
    for edge, count in shown:
        yield f"{label(edge):>24} {'█' * round(width * count / most) or ('▏' if count else '')} {count:,}"


def png(histogram: Mapping[int, int], path: Path) -> None:
    """Draw it as a PNG: red is dearer, green is cheaper, grey the same; under the bars their lower ends in percent."""
    path.write_bytes(_encoded(_drawn(bars(histogram))))


def _drawn(shown: Sequence[tuple[int, int]]) -> list[list[Colour]]:
    width = 2 * _MARGIN + max(1, len(shown)) * (_BAR + _GAP)
    canvas = [[_WHITE] * width for _ in range(_HEIGHT + 2 * _MARGIN)]
    most = max((count for _, count in shown), default=1)
    bottom = _HEIGHT + _MARGIN
    for index, (edge, count) in enumerate(shown):
        left = _MARGIN + index * (_BAR + _GAP)
        colour = _GREY if edge == 0 else (_RED if edge > 0 else _GREEN)
        _fill(canvas, left, bottom - round(_HEIGHT * count / most), left + _BAR, bottom, colour)
        _write(canvas, left, bottom + 8, "0" if edge == 0 else f"{edge - (edge > 0 and edge != FURTHEST):+d}")
    _fill(canvas, _MARGIN, bottom, width - _MARGIN, bottom + 2, _BLACK)
    return canvas


def _write(canvas: list[list[Colour]], left: int, top: int, words: str) -> None:
    for place, character in enumerate(words):
        for row, dots in enumerate(_DIGITS[character]):
            for column, dot in enumerate(dots):
                if dot == "#":
                    x, y = left + 2 * (4 * place + column), top + 2 * row
                    _fill(canvas, x, y, x + 2, y + 2, _BLACK)


def _fill(canvas: list[list[Colour]], left: int, top: int, right: int, bottom: int, colour: Colour) -> None:
    for row in canvas[top:bottom]:
        row[left:right] = [colour] * (right - left)


def _encoded(canvas: Sequence[Sequence[Colour]]) -> bytes:
    rows = b"".join(b"\x00" + bytes(channel for colour in row for channel in colour) for row in canvas)
    header = struct.pack(">IIBBBBB", len(canvas[0]), len(canvas), 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks
    )
