"""Capitals, digits and a few signs, three dots wide and five high, for pictures that need no drawing library."""

from collections.abc import Iterator

ADVANCE, HEIGHT = 4, 5  # dots from one sign to the next, and from top to bottom

_SIGNS = {
    " ": "... ... ... ... ...",
    "0": "### #.# #.# #.# ###",
    "1": ".#. ##. .#. .#. ###",
    "2": "### ..# ### #.. ###",
    "3": "### ..# ### ..# ###",
    "4": "#.# #.# ### ..# ..#",
    "5": "### #.. ### ..# ###",
    "6": "### #.. ### #.# ###",
    "7": "### ..# ..# .#. .#.",
    "8": "### #.# ### #.# ###",
    "9": "### #.# ### ..# ###",
    "A": ".#. #.# ### #.# #.#",
    "B": "##. #.# ##. #.# ##.",
    "C": ".## #.. #.. #.. .##",
    "D": "##. #.# #.# #.# ##.",
    "E": "### #.. ##. #.. ###",
    "F": "### #.. ##. #.. #..",
    "G": ".## #.. #.# #.# .##",
    "H": "#.# #.# ### #.# #.#",
    "I": "### .#. .#. .#. ###",
    "L": "#.. #.. #.. #.. ###",
    "M": "#.# ### ### #.# #.#",
    "N": "##. #.# #.# #.# #.#",
    "O": ".#. #.# #.# #.# .#.",
    "P": "##. #.# ##. #.. #..",
    "Q": ".#. #.# #.# ##. .##",
    "R": "##. #.# ##. #.# #.#",
    "S": ".## #.. .#. ..# ##.",
    "T": "### .#. .#. .#. .#.",
    "U": "#.# #.# #.# #.# ###",
    "V": "#.# #.# #.# #.# .#.",
    "W": "#.# #.# ### ### #.#",
    "Y": "#.# #.# .#. .#. .#.",
    "%": "#.# ..# .#. #.. #.#",
    "+": "... .#. ### .#. ...",
    "-": "... ... ### ... ...",
    ":": "... .#. ... .#. ...",
    ",": "... ... ... .#. #..",
}


def width(words: str) -> int:
    """Say how many dots wide a line of text is."""
    return max(0, ADVANCE * len(words) - 1)


def dots(words: str) -> Iterator[tuple[int, int]]:
    """Answer the dots of a line of text in capitals, each by column and row. Raises KeyError for a sign that there is not."""
    for place, sign in enumerate(words):
        for row, line in enumerate(_SIGNS[sign].split()):
            for column, dot in enumerate(line):
                if dot == "#":
                    yield ADVANCE * place + column, row
