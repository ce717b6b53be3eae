"""How one setting is told: an environment variable, its default and example as they are written, and how it is read.

A reader takes the text and raises ``ValueError`` with what was expected; the variable adds its name, and its value
unless that is a secret. An empty text is read where the default is empty.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d")
_SHARED_WITH = re.compile(r"arn:aws[\w-]*:quicksight:[a-z0-9-]+:\d{12}:(user|group)/.+")
_ROLE = re.compile(r"arn:aws[\w-]*:iam::\d{12}:role/.+")
_QUEUE_URL = re.compile(r"https?://[^/\s]+/\d{12}/[A-Za-z0-9_-]{1,80}")
_KEY = "variable"


class SettingsError(ValueError):
    """A setting is missing or malformed; the message names it and the fix."""


@dataclass(frozen=True, kw_only=True)
class Variable:
    """One environment variable.

    Attributes:
        name: Such as ``QS_BUCKET``.
        read: Makes a value of the text.
        default: The text that counts where the variable is not set, or set to nothing.
        example: A text that is accepted.
        meaning: What it decides, for the page of settings.
        unset: What an empty default means.
        secret: Whether the value may hold a password and is never repeated.
    """

    name: str
    read: Callable[[str], Any]
    default: str
    example: str
    meaning: str
    unset: str
    secret: bool

    def of(self, environ: Mapping[str, str]) -> Any:  # noqa: ANN401 - each setting has a type of its own
        """The value that ``environ`` gives to it.

        Raises:
            SettingsError: where the text cannot be read.
        """
        text = environ.get(self.name) or self.default
        try:
            return self.read(text)
        except ValueError as error:
            told = "" if self.secret else f"={text!r}"
            raise SettingsError(f"{self.name}{told}: {error}") from None


def setting(
    name: str,
    read: Callable[[str], Any],
    default: str,
    *,
    example: str,
    meaning: str,
    unset: str = "none",
    secret: bool = False,
) -> Any:  # noqa: ANN401 - it stands where a default stands
    """A field of a dataclass that is told by an environment variable; the arguments are those of ``Variable``."""
    variable = Variable(
        name=name, read=read, default=default, example=example, meaning=meaning, unset=unset, secret=secret
    )
    return field(default_factory=lambda: read(default), repr=not secret, metadata={_KEY: variable})


def variable_of(setting: Field[Any]) -> Variable:
    """The variable that tells the field."""
    return setting.metadata[_KEY]


def text(value: str) -> str:
    """Whatever it is."""
    return value


def target(value: str) -> str:
    """``local`` or ``aws``."""
    if value not in ("local", "aws"):
        raise ValueError("use 'local' (the embedded AWS) or 'aws' (a real account)")
    return value


def folder(value: str) -> Path:
    """An absolute path."""
    return Path(value).expanduser().resolve()


def folder_if_any(value: str) -> Path | None:
    """A path, or None."""
    return Path(value).expanduser() if value else None


def bucket(value: str) -> str:
    """The name of a bucket."""
    if not _BUCKET.fullmatch(value):
        raise ValueError("a bucket has 3 to 63 small letters, digits, dots and hyphens")
    return value


def region(value: str) -> str:
    """The name of a region, or nothing."""
    if value and not _REGION.fullmatch(value):
        raise ValueError("expected the name of a region, such as us-east-1")
    return value


def shared_with(value: str) -> tuple[str, ...]:
    """ARNs of QuickSight users and groups."""
    return _arns(value, _SHARED_WITH, "QuickSight users or groups")


def roles(value: str) -> tuple[str, ...]:
    """ARNs of IAM roles."""
    return _arns(value, _ROLE, "IAM roles")


def number(value: str) -> float:
    """Above zero."""
    try:
        read = float(value)
    except ValueError:
        raise ValueError("expected a number") from None
    if not math.isfinite(read) or read <= 0:
        raise ValueError("expected a number above zero")
    return read


def whole_number(value: str) -> int:
    """From one on."""
    read = number(value)
    if not read.is_integer():
        raise ValueError("expected a whole number")
    return int(read)


def share(value: str) -> float:
    """Above zero, and at most one."""
    read = number(value)
    if read > 1:
        raise ValueError("expected a number of at most 1")
    return read


def queue_url(value: str) -> str:
    """The address of an SQS queue, or nothing."""
    if value and not _QUEUE_URL.fullmatch(value):
        raise ValueError("expected https://<host>/<account>/<queue>, see 'setup aws'")
    return value


def webhook_url(value: str) -> str:
    """An address that gets what was written encrypted, or one of this machine; or nothing."""
    parts = urlsplit(value)
    if value and parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise ValueError("expected https://..., or http:// on this machine, or nothing")
    return value


def postgres_url(value: str) -> str:
    """The address of a PostgreSQL database, or nothing."""
    if value and not value.startswith(("postgresql://", "postgres://")):
        raise ValueError("expected postgresql://user@host/database, or nothing")
    return value


def _arns(value: str, form: re.Pattern[str], what: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(value.replace(",", " ").split()))
    for arn in found:
        if not form.fullmatch(arn):
            raise ValueError(f"{arn!r} is none of the ARNs of {what}, which are to stand here")
    return found
