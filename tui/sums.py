"""A number typed as a sum of two: ``0.1/2`` for half of 0.1. Pure text: neither Textual nor the store."""

from __future__ import annotations

import math
import re
from decimal import Context, DecimalException

_NUMBER = r"[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?"
_SUM = re.compile(rf"\s*({_NUMBER})\s*([-+*/])\s*({_NUMBER})\s*", re.IGNORECASE | re.ASCII)
_LONGEST = 80
"""Characters of a sum; more is a paste."""
_DIGITS = Context(prec=2 * _LONGEST, Emax=400, Emin=-400)
_DO = {"+": _DIGITS.add, "-": _DIGITS.subtract, "*": _DIGITS.multiply, "/": _DIGITS.divide}


def worked_out(text: str, kind: str) -> str | None:
    """Return the result of two numbers joined by ``+ - * /`` as a value of type ``kind`` (``int`` or ``float``).

    None where the text is no sum, is a number already (``1e-3``), cannot be worked out or has no such value: half of 3
    is no int. Decimal, as a person reckons: ``0.1*3`` is 0.3.
    """
    found = _SUM.fullmatch(text) if kind in ("int", "float") and len(text) <= _LONGEST else None
    if found is None:
        return None
    try:
        result = _DO[found[2]](_DIGITS.create_decimal(found[1]), _DIGITS.create_decimal(found[3]))
    except DecimalException:
        return None
    if kind == "float":
        return repr(float(result)) if math.isfinite(float(result)) else None
    whole = result == result.to_integral_value() and result.adjusted() < _LONGEST
    return str(int(result)) if whole else None
