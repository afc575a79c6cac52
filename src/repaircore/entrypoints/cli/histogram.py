"""A histogram of price changes: as bars of text, and as a PNG that needs no drawing library."""

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from repaircore.domain.pricing.review.simulation import FURTHEST, WIDTH
from repaircore.entrypoints.cli import lettering

_SLOT, _BAR, _HEIGHT = 76, 56, 240  # in pixels
_LEFT, _TOP, _BELOW, _DOT = 76, 56, 76, 2
_WHITE, _GREY, _GREEN, _RED, _BLACK = (255, 255, 255), (150, 150, 150), (46, 139, 87), (200, 60, 60), (40, 40, 40)
_FAINT = (225, 225, 225)
_AXIS = "CHANGE OF THE PRICE: GREEN IS CHEAPER, RED IS DEARER"
Colour = tuple[int, int, int]


def bars(histogram: Mapping[int, int]) -> Sequence[tuple[int, int]]:
    """Answer every bar from the lowest to the highest with anything in it, empty ones between them included."""
    edges = [*range(-FURTHEST, 0, WIDTH), 0, *range(1, FURTHEST, WIDTH), FURTHEST]
    filled = [index for index, edge in enumerate(edges) if histogram.get(edge)]
    shown = edges[min(filled) : max(filled) + 1] if filled else []
    return [(edge, histogram.get(edge, 0)) for edge in shown]


def label(edge: int) -> str:
    """Name a bar by the change that it holds: `same`, `up to +5 %`, `down to -5 %`, `-10 % to -5 %`."""
    if edge == 0:
        return "same"
    if edge == FURTHEST:
        return f"+{FURTHEST} % and more"
    if edge == -FURTHEST:
        return f"-{FURTHEST - WIDTH} % and less"
    if edge == -WIDTH:
        return f"down to {edge} %"
    low = edge - 1 if edge > 0 else edge
    return f"{low:+d} % to {low + WIDTH:+d} %" if low else f"up to {WIDTH:+d} %"


def text(histogram: Mapping[int, int], *, width: int = 50) -> Iterator[str]:
    """Draw it in lines of text."""
    shown = bars(histogram)
    most = max((count for _, count in shown), default=1)
    for edge, count in shown:
        yield f"{label(edge):>24} {'█' * round(width * count / most) or ('▏' if count else '')} {count:,}"


def png(histogram: Mapping[int, int], path: Path) -> None:
    """Draw it as a PNG: how many quotes change by how much; red is dearer, green is cheaper, grey the same."""
    path.write_bytes(_encoded(_drawn(bars(histogram))))


def _drawn(shown: Sequence[tuple[int, int]]) -> list[list[Colour]]:
    title = f"QUOTES BY CHANGE OF THE PRICE: {sum(count for _, count in shown):,} QUOTES"
    width = 2 * _LEFT + max(len(shown) * _SLOT, *(_DOT * lettering.width(words) for words in (title, _AXIS)))
    canvas = [[_WHITE] * width for _ in range(_TOP + _HEIGHT + _BELOW)]
    most, bottom = max((count for _, count in shown), default=0), _TOP + _HEIGHT
    _write(canvas, width // 2, 12, title)
    _write(canvas, width // 2, bottom + 52, _AXIS)
    _write(canvas, _LEFT // 2, _TOP - 24, "QUOTES")
    for mark in sorted({0, most // 2, most}):
        height = bottom - _scaled(mark, most)
        _write(canvas, _LEFT // 2, height - _DOT * lettering.HEIGHT // 2, f"{mark:,}")
        _fill(canvas, _LEFT, height, width - _LEFT, height + 1, _FAINT)
    for index, bar in enumerate(shown):
        _draw_bar(canvas, _LEFT + index * _SLOT + _SLOT // 2, bottom, bar, most)
    _fill(canvas, _LEFT, bottom, width - _LEFT, bottom + 2, _BLACK)
    return canvas


def _draw_bar(canvas: list[list[Colour]], middle: int, bottom: int, bar: tuple[int, int], most: int) -> None:
    edge, count = bar
    top, colour = bottom - _scaled(count, most), _GREY if edge == 0 else (_RED if edge > 0 else _GREEN)
    _fill(canvas, middle - _BAR // 2, top, middle + _BAR // 2, bottom, colour)
    _write(canvas, middle, top - 14, f"{count:,}")
    for row, words in enumerate(_two_lines(label(edge).upper())):
        _write(canvas, middle, bottom + 10 + 14 * row, words)


def _two_lines(words: str) -> tuple[str, str]:
    """Break a label where it can be broken: `-10 %` over `TO -5 %`."""
    for word in (" TO ", " AND "):
        before, found, after = words.partition(word)
        if found and "%" in before:
            return before, f"{word.strip()} {after}"
    before, _, after = words.rpartition(" TO ")
    return (f"{before} TO", after) if before else (after, "")


def _scaled(count: int, most: int) -> int:
    """How high a count stands; what there is is seen."""
    return max(2, round(_HEIGHT * count / most)) if count else 0


def _write(canvas: list[list[Colour]], middle: int, top: int, words: str) -> None:
    left = middle - _DOT * lettering.width(words) // 2
    for column, row in lettering.dots(words):
        x, y = left + _DOT * column, top + _DOT * row
        _fill(canvas, x, y, x + _DOT, y + _DOT, _BLACK)


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
