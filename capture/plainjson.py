"""JSON through the interpreter's C encoder and scanner alone.

The standard module costs a script several milliseconds (``re`` comes with it) for what is two C calls. Where those are
not what we know, the standard module is used. Must stay a subset of it: same texts, same values.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


class _Settings:
    """What the C scanner asks its context for."""

    strict = False
    object_hook = None
    object_pairs_hook = None
    parse_float = float
    parse_int = int
    memo: dict[str, str] = {}  # noqa: RUF012
    parse_constant = staticmethod({"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": -float("inf")}.get)


def _make() -> Any:
    from _json import encode_basestring_ascii, make_encoder, make_scanner

    encode = make_encoder(None, str, encode_basestring_ascii, None, ": ", ", ", False, False, True)
    scan = make_scanner(_Settings)  # type: ignore[arg-type]
    probe = '{"a": [1, 2.5, "b\\u00e9", true, null]}'
    if "".join(encode({"a": [1, 2.5, "b\u00e9", True, None]}, 0)) != probe or scan(probe, 0)[0]["a"][1] != 2.5:
        raise ImportError("another JSON accelerator than the one we know")
    return encode, scan


try:
    _encode, _scan = _make()
except (ImportError, TypeError, AttributeError, KeyError):
    _encode = _scan = None


def dumps(value: Any) -> str:
    """Return ``value`` as one line of ASCII JSON; what JSON has no form for becomes its ``str``."""
    if _encode is None:
        import json

        return json.dumps(value, default=str)
    return "".join(_encode(value, 0))


def loads(text: str) -> Any:
    """Return the value of a JSON text.

    Raises:
        ValueError: the text is not JSON.
    """
    if _scan is None:
        import json

        return json.loads(text)
    try:
        value, end = _scan(text, len(text) - len(text.lstrip()))
    except StopIteration:
        raise ValueError("not JSON: nothing there") from None
    if text[end:].strip():
        raise ValueError("not JSON: more than one value")
    return value
