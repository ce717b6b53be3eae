"""Reading values out of JSON that nobody has checked: whatever is missing or of another kind is the default."""

from datetime import UTC, datetime
from typing import Any, cast

JsonObject = dict[str, Any]


def dig(value: object, *path: str) -> Any:  # noqa: ANN401 - JSON
    """The value at ``path``, or None where the path ends early."""
    for key in path:
        if not isinstance(value, dict):
            return None
        value = cast("JsonObject", value).get(key)
    return value


def object_at(value: object, *path: str) -> JsonObject:
    """The object at ``path``; an empty one where there is none."""
    found = dig(value, *path)
    return cast("JsonObject", found) if isinstance(found, dict) else {}


def text_at(value: object, *path: str, default: str = "") -> str:
    """The text at ``path``, else ``default``."""
    found = dig(value, *path)
    return found if isinstance(found, str) else default


def number_at(value: object, *path: str, default: float) -> float:
    """The number at ``path``, else ``default``; pixels and percentages (``"640px"``) count as numbers."""
    found = dig(value, *path)
    if isinstance(found, str):
        found = found.removesuffix("px").removesuffix("%")
    try:
        return float(found)
    except (TypeError, ValueError):
        return default


def objects_at(value: object, *path: str) -> list[JsonObject]:
    """The objects of the list at ``path``; none where there is no such list."""
    found = dig(value, *path)
    return [one for one in cast("list[Any]", found) if isinstance(one, dict)] if isinstance(found, list) else []


def list_at(value: object, *path: str) -> list[Any]:
    """What the list at ``path`` holds, but for null."""
    found = dig(value, *path)
    return [one for one in cast("list[Any]", found) if one is not None] if isinstance(found, list) else []


def texts_at(value: object, *path: str) -> list[str]:
    """The texts of the list at ``path``."""
    return list(map(str, list_at(value, *path)))


def moment_of(value: object) -> datetime | None:
    """A date in UTC without a zone, as rows have it; the API gives seconds since 1970, its clients dates.

    Raises:
        ValueError: where a text is no date.
    """
    if isinstance(value, int | float) and not isinstance(value, bool):
        value = datetime.fromtimestamp(value, UTC)
    if isinstance(value, str) and value:
        value = datetime.fromisoformat(value)
    if not isinstance(value, datetime):
        return None
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def is_hidden(value: object, *path: str) -> bool:
    """Whether a ``Visibility`` says HIDDEN."""
    return text_at(value, *path, "Visibility") == "HIDDEN"


def only_object(value: object) -> tuple[str, JsonObject]:
    """Name and content of the one object in a union such as ``Visual`` or ``Filter``; empty where there is none."""
    if isinstance(value, dict):
        for name, inner in cast("JsonObject", value).items():
            if isinstance(inner, dict):
                return name, cast("JsonObject", inner)
    return "", {}
