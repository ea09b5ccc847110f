"""Numbers and names as people read them: no more digits than the interval allows, no invisible character.

Functions return `UNKNOWN` for None; none of them prints NaN.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

UNKNOWN = "n/a"
MINUS = "\N{MINUS SIGN}"
LONGEST_TEXT = 2_000
_UNTOUCHED = frozenset({"confusion"})  # up to 10^8 counts, converted by int() where a few of them are shown
_WHOLE = frozenset({"command", "config", "sentence"})


def visible(text: str) -> str:
    r"""Return the text with every control, direction and zero-width character written as an escape.

    Examples
    --------
    >>> visible("cat\x1b[31m"), visible("a\u202eb"), visible("two\nlines")
    ('cat\\u001b[31m', 'a\\u202eb', 'two\nlines')
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(_escape(c) for c in text)


def _escape(character: str) -> str:
    if character in "\n\t" or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"):
        return character
    code = ord(character)
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def clean(value: Any, key: str = "") -> Any:
    r"""Return a JSON value with visible texts, no text over 2,000 characters, and None for what is not finite.

    Examples
    --------
    >>> clean({"low": float("nan"), "label": "a\u200bb"})
    {'low': None, 'label': 'a\\u200bb'}
    """
    if isinstance(value, str):
        return visible(value) if key in _WHOLE else shorten(visible(value), LONGEST_TEXT)
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {clean(str(k)): v if k in _UNTOUCHED else clean(v, str(k)) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [clean(item) for item in value]
    return value if value is None or isinstance(value, bool | int) else clean(str(value))


def words(name: str) -> str:
    """Return a name from a program as people write it.

    Examples
    --------
    >>> words("balanced_accuracy"), words("auc")
    ('balanced accuracy', 'AUC')
    """
    return {"auc": "AUC", "brier": "Brier score"}.get(name, str(name).replace("_", " "))


def shorten(text: str, length: int) -> str:
    """Return at most `length` characters, the last one an ellipsis if something was cut.

    Examples
    --------
    >>> shorten("ankle boot", 6), shorten("bag", 6)
    ('ankle…', 'bag')
    """
    return text if len(text) <= length else text[: length - 1] + "…"


def _fixed(value: float, decimals: int, *, signed: bool = False) -> str:
    text = f"{abs(value):.{decimals}f}"
    if float(text) == 0:
        return text
    return (MINUS if value < 0 else "+" if signed else "") + text


def decimals(kind: str, low: float | None, high: float | None) -> int:
    """Return the digits after the point: one for percentages, else two significant ones of the half interval.

    Examples
    --------
    >>> decimals("bounded", 0.92, 0.94), decimals("unbounded", 0.219, 0.243), decimals("unbounded", 10, 70)
    (1, 3, 0)
    """
    if kind != "unbounded":
        return 1
    if low is None or high is None or high <= low:
        return 3
    return min(6, max(0, 1 - math.floor(math.log10((high - low) / 2))))


def value(x: float | None, kind: str, low: float | None = None, high: float | None = None) -> str:
    """Return a metric without its interval; `low` and `high` only decide how many digits it has.

    Examples
    --------
    >>> value(0.9324, "proportion"), value(0.9996, "proportion"), value(0.2312, "unbounded", 0.219, 0.243)
    ('93.2 %', '99.96 %', '0.231')
    """
    if x is None:
        return UNKNOWN
    if kind == "unbounded":
        return _fixed(x, decimals(kind, low, high))
    # A share short of all is not printed as all, nor a share above nothing as nothing.
    extreme = x not in (0, 1) and f"{100 * x:.1f}" in ("100.0", "0.0")
    return f"{_fixed(100 * x, 2 if extreme else 1)} %"


def interval(low: float | None, high: float | None, kind: str, *, signed: bool = False) -> str:
    """Return an interval in brackets, in percent or points for bounded metrics; empty if unknown.

    Examples
    --------
    >>> interval(0.927, 0.937, "proportion"), interval(-0.004, 0.021, "bounded", signed=True)
    ('[92.7, 93.7]', '[−0.4, +2.1]')
    """
    if low is None or high is None:
        return ""
    scale = 1 if kind == "unbounded" else 100
    digits = decimals(kind, low, high)
    return f"[{_fixed(scale * low, digits, signed=signed)}, {_fixed(scale * high, digits, signed=signed)}]"


def with_interval(x: float | None, low: float | None, high: float | None, kind: str) -> str:
    """Return a metric and its interval.

    Examples
    --------
    >>> with_interval(0.9324, 0.9271, 0.9372, "proportion")
    '93.2 % [92.7, 93.7]'
    """
    return f"{value(x, kind, low, high)} {interval(low, high, kind)}".strip()


def difference(x: float | None, kind: str, low: float | None = None, high: float | None = None) -> str:
    """Return a signed difference, in points for bounded metrics, without its interval.

    Examples
    --------
    >>> difference(0.0123, "proportion"), difference(-0.0312, "unbounded", -0.05, -0.01)
    ('+1.2', '−0.031')
    """
    if x is None:
        return UNKNOWN
    return _fixed(x if kind == "unbounded" else 100 * x, decimals(kind, low, high), signed=True)


def unit(kind: str) -> str:
    """Return the unit of a difference: " points" for bounded metrics, nothing for others."""
    return "" if kind == "unbounded" else " points"


def p_value(p: float | None) -> str:
    """Return a p value with at most two significant digits.

    Examples
    --------
    >>> p_value(0.0312), p_value(0.24), p_value(1e-9), p_value(1.0), p_value(None)
    ('0.031', '0.24', '< 0.001', '1', 'n/a')
    """
    if p is None:
        return UNKNOWN
    return "< 0.001" if p < 0.001 else f"{p:.2g}"


def equals(p: float) -> str:
    """Return a p value with the sign before it.

    Examples
    --------
    >>> equals(0.0312), equals(1e-9)
    ('= 0.031', '< 0.001')
    """
    shown = p_value(p)
    return shown if shown.startswith("<") else f"= {shown}"


def seconds(s: float | None) -> str:
    """Return a duration in the units that people use.

    Examples
    --------
    >>> [seconds(s) for s in (0.042, 0.84, 41.3, 320, 7500, None)]
    ['0.04 s', '0.8 s', '41 s', '5 min 20 s', '2 h 5 min', 'n/a']
    """
    if s is None or s < 0:
        return UNKNOWN
    if s < 9.95:
        return f"{s:.1f} s" if s >= 0.095 or s == 0 else f"{s:.1g} s" if s >= 0.0001 else "< 0.0001 s"
    whole = round(s)
    if whole < 60:
        return f"{whole} s"
    major, minor, names = (whole // 60, whole % 60, ("min", "s"))
    if whole >= 3600:
        major, minor, names = (round(s / 60) // 60, round(s / 60) % 60, ("h", "min"))
    return f"{major} {names[0]}" + (f" {minor} {names[1]}" if minor else "")


def short(x: float | None, units: tuple[str, ...] = ("", "k", "M", "G"), gap: str = "") -> str:
    """Return a count in two or three digits and a suffix.

    Examples
    --------
    >>> short(850), short(1234), short(61_234), short(1_240_000), short(240_000, ("B", "kB", "MB", "GB"), " ")
    ('850', '1.2k', '61k', '1.2M', '240 kB')
    """
    if x is None:
        return UNKNOWN
    power = 0
    while power < len(units) - 1 and x >= 999.5:
        x, power = x / 1000, power + 1
    number = f"{x:.1f}" if power and x < 9.95 else f"{x:.0f}"
    return f"{number}{gap if units[power] else ''}{units[power]}"


def size(n_bytes: float | None) -> str:
    """Return a size in bytes, decimal units.

    Examples
    --------
    >>> size(1_240_000)
    '1.2 MB'
    """
    return short(n_bytes, ("B", "kB", "MB", "GB"), " ")


def milliseconds(ms: float | None) -> str:
    """Return milliseconds with two significant digits.

    Examples
    --------
    >>> milliseconds(0.0123), milliseconds(1.26), milliseconds(214)
    ('0.012', '1.3', '214')
    """
    if ms is None:
        return UNKNOWN
    return f"{ms:.0f}" if ms >= 9.95 else f"{ms:.2g}"


def times(ratio: float) -> str:
    """Return a ratio in words.

    Examples
    --------
    >>> times(51.3), times(1.24)
    ('51 times', '1.2 times')
    """
    return f"{ratio:,.0f} times" if ratio >= 9.95 else f"{ratio:.1f} times"


def ratio(x: float | None) -> str:
    """Return a ratio with a multiplication sign.

    Examples
    --------
    >>> ratio(51.3), ratio(1.24), ratio(0.034), ratio(12_345)
    ('51 ×', '1.2 ×', '0.034 ×', '12,345 ×')
    """
    if x is None:
        return UNKNOWN
    return f"{x:,.0f} ×" if x >= 9.95 else f"{x:.2g} ×"


def listed(names: Sequence[str]) -> str:
    """Return names as an enumeration.

    Examples
    --------
    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return " and ".join(filter(None, (", ".join(names[:-1]), *names[-1:])))


def capitalized(text: str) -> str:
    """Return the text with a capital first letter.

    Examples
    --------
    >>> capitalized("mean AUC")
    'Mean AUC'
    """
    return text[:1].upper() + text[1:]


def plural(n: int | None, noun: str) -> str:
    """Return a count with its noun.

    Examples
    --------
    >>> plural(1, "seed"), plural(3, "seed"), plural(12_000, "class")
    ('1 seed', '3 seeds', '12,000 classes')
    """
    if n is None:
        return f"{UNKNOWN} {noun}s"
    return f"{n:,} {noun}" + ("" if n == 1 else "es" if noun.endswith("s") else "s")


def date(created: str | None) -> str:
    """Return a date as people write it; a text that is not a date stays as it is."""
    try:
        day = datetime.fromisoformat(created or "")
    except ValueError:
        return created or ""
    return f"{day.day} {day:%B %Y}"


def now() -> str:
    """Return the time in UTC, to the second."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
