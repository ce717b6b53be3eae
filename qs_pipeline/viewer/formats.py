"""How a value reads: decimals, thousands, currency, scale, percent, dates and what stands for nothing."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from .unchecked import JsonObject, dig, object_at, text_at

_SCALES = {
    "THOUSANDS": (1e3, "K"),
    "MILLIONS": (1e6, "M"),
    "BILLIONS": (1e9, "B"),
    "TRILLIONS": (1e12, "T"),
    "LAKHS": (1e5, "L"),
    "CRORES": (1e7, "Cr"),
}
_AUTO = (("TRILLIONS", 1e12), ("BILLIONS", 1e9), ("MILLIONS", 1e6), ("THOUSANDS", 1e3))
_SYMBOLS = {"COMMA": ",", "DOT": ".", "SPACE": " "}
_CURRENCIES = {"USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "INR": "₹", "KRW": "₩", "CAD": "CA$", "AUD": "A$"}
_DATES = {
    "YEAR": "%Y",
    "MONTH": "%b %Y",
    "WEEK": "%Y-%m-%d",
    "DAY": "%Y-%m-%d",
    "HOUR": "%Y-%m-%d %H:00",
    "MINUTE": "%Y-%m-%d %H:%M",
}
_MOST_PLACES = 20


@dataclass(frozen=True, kw_only=True)
class Format:
    """How the values of one field read.

    Attributes:
        places: Digits after the decimal point; None shows up to two, and none for a whole number.
        scale: A name of QuickSight's ``NumberScale``.
        factor: What a number is multiplied by: 100 for percentages.
        plain_negatives: Whether the sign of a negative number is left out and it stands in parentheses.
        granularity: Of dates: the unit they are cut to.
    """

    places: int | None = None
    thousands: str = ","
    decimal: str = "."
    scale: str = "NONE"
    factor: float = 1
    prefix: str = ""
    suffix: str = ""
    plain_negatives: bool = False
    null: str = "null"
    granularity: str = "DAY"

    def text(self, value: object) -> str:
        """The value as it is shown."""
        match value:
            case None:
                return self.null
            case bool():
                return str(value)
            case int() | float():
                return self._number(value)
            case datetime() | date():
                return self._date(value)
            case _:
                return str(value)

    def _number(self, value: float) -> str:
        if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - NaN alone differs from itself
            return self.null
        value = value * self.factor
        divisor, unit = _scale(self.scale, value)
        value = value / divisor if unit else value
        digits = self._digits(abs(value))
        negative = value < 0 and any(digit in digits for digit in "123456789")
        shown = f"{self.prefix}{digits}{unit}{self.suffix}"
        if not negative:
            return shown
        return f"({shown})" if self.plain_negatives else f"-{shown}"

    def _digits(self, value: float) -> str:
        if self.places is None:
            whole = value == int(value)
            digits = f"{value:,.0f}" if whole else f"{value:,.2f}".rstrip("0").rstrip(".")
        else:
            digits = f"{value:,.{self.places}f}"
        return digits.replace(",", "\0").replace(".", self.decimal).replace("\0", self.thousands)

    def _date(self, value: date) -> str:
        if self.granularity == "QUARTER":
            return f"Q{(value.month + 2) // 3} {value.year}"
        return value.strftime(_DATES.get(self.granularity, "%Y-%m-%d %H:%M:%S"))


def _scale(name: str, value: float) -> tuple[float, str]:
    if name == "AUTO":
        name = next((each for each, least in _AUTO if abs(value) >= least), "NONE")
    return _SCALES.get(name, (1, ""))


def format_of(config: object, base: Format | None = None) -> Format:
    """The format that a ``FormatConfiguration`` of any kind describes, over ``base``."""
    found = base or Format()
    inner = _innermost(config)
    for kind in inner:
        details = object_at(inner, kind)
        if kind == "CurrencyDisplayFormatConfiguration":
            code = text_at(details, "Symbol", default="USD")
            found = replace(found, places=2, prefix=_CURRENCIES.get(code, f"{code} "))
        elif kind == "PercentageDisplayFormatConfiguration":
            found = replace(found, factor=100, suffix="%")
        if kind.endswith("DisplayFormatConfiguration"):
            found = _numeric(found, details)
    null = dig(inner, "NullValueFormatConfiguration", "NullString")
    return replace(found, null=null) if isinstance(null, str) else found


_WRAPPERS = (
    "FormatConfiguration",
    "NumberFormatConfiguration",
    "StringFormatConfiguration",
    "DateTimeFormatConfiguration",
    "NumericFormatConfiguration",
)


def _innermost(config: object) -> JsonObject:
    """Dimensions, measures and columns wrap the same thing in one to three objects."""
    found = object_at(config)
    while wrapped := [inner for key in _WRAPPERS if (inner := object_at(found, key))]:
        found = wrapped[0]
    return found


def _numeric(base: Format, details: JsonObject) -> Format:
    places: Any = dig(details, "DecimalPlacesConfiguration", "DecimalPlaces")
    separators = dig(details, "SeparatorConfiguration")
    shown = text_at(separators, "ThousandsSeparator", "Visibility", default="VISIBLE") != "HIDDEN"
    symbol = _SYMBOLS.get(text_at(separators, "ThousandsSeparator", "Symbol"), ",")
    return replace(
        base,
        places=min(max(places, 0), _MOST_PLACES) if isinstance(places, int) else base.places,
        thousands=symbol if shown else "",
        decimal=_SYMBOLS.get(text_at(separators, "DecimalSeparator"), "."),
        scale=text_at(details, "NumberScale", default=base.scale),
        prefix=text_at(details, "Prefix") + base.prefix,
        suffix=base.suffix + text_at(details, "Suffix"),
        plain_negatives=text_at(details, "NegativeValueConfiguration", "DisplayMode") == "POSITIVE",
        null=text_at(details, "NullValueFormatConfiguration", "NullString", default=base.null),
    )
