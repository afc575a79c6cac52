"""The short number a customer reads out on the phone: Crockford base 32 with a check character, no look-alikes."""

from repaircore.domain.errors import InvalidValue

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOK_ALIKES = str.maketrans({"O": "0", "I": "1", "L": "1", "-": "", " ": ""})
BITS = 40
_LENGTH = BITS // 5


def reference(number: int) -> str:
    """Write a number below 2**40 as eight characters and a check character, `7ZK4-M2QX-8`.

    The check character is arithmetic in GF(32), not Crockford's modulo 37, so that it too can be said and typed; it catches
    every single wrong character and every swap of neighbours.
    """
    if not 0 <= number < 1 << BITS:
        raise InvalidValue(f"a booking reference holds {BITS} bits")
    symbols = "".join(_ALPHABET[number >> shift & 31] for shift in range(BITS - 5, -1, -5))
    return f"{symbols[:4]}-{symbols[4:]}-{_check(symbols)}"


def normalise_reference(text: str) -> str:
    """Read a reference as people write it: any case, O for 0, I or L for 1. Raises InvalidValue when the check is wrong."""
    symbols = text.upper().translate(_LOOK_ALIKES)
    if len(symbols) != _LENGTH + 1 or any(symbol not in _ALPHABET for symbol in symbols):
        raise InvalidValue(f"{text!r} is not a booking reference: it has nine letters and digits, such as 7ZK4-M2QX-8")
    if _check(symbols[:-1]) != symbols[-1]:
        raise InvalidValue(f"{text!r} has a wrong character: please read the booking reference again")
    return f"{symbols[:4]}-{symbols[4:8]}-{symbols[8]}"


def _check(symbols: str) -> str:
    value = 0
    for symbol in symbols:
        value = _doubled(value) ^ _ALPHABET.index(symbol)
    return _ALPHABET[_doubled(value)]


def _doubled(value: int) -> int:
    """Multiply by x in GF(32), modulo x⁵ + x² + 1."""
    return (value << 1) ^ (0b100101 if value & 0b10000 else 0)
