"""What a look says, and how looks follow one another: pure, no AWS."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum

from botocore.exceptions import BotoCoreError, ClientError

from qs_pipeline.dashboards.definition import FolderError
from qs_pipeline.definitions_dir import DefinitionsMissingError
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.names import NameRefusedError
from qs_pipeline.quicksight.table_map import TableMapError
from qs_pipeline.quicksight.throttle import TurnsUnavailableError
from qs_pipeline.quicksight.translate import translate
from qs_pipeline.settings import SettingsError
from qs_pipeline.setup_aws import SetupError
from qs_pipeline.store import StoreError


class Verdict(StrEnum):
    """What a look came to."""

    OK = "ok"
    WARNING = "warning"
    WRONG = "wrong"
    NOT_CHECKED = "not checked"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was seen, and what mends it; one line each."""

    verdict: Verdict
    seen: str
    fix: str = ""


@dataclass(frozen=True, kw_only=True)
class Finding(Outcome):
    """An outcome with the name of its look."""

    look: str

    def as_json(self) -> dict[str, str]:
        """For ``--json``."""
        return asdict(self)


@dataclass(frozen=True)
class Look:
    """One look.

    Attributes:
        name: In two or three words.
        see: Looks.
        after: Names of earlier looks without which this one can see nothing.
    """

    name: str
    see: Callable[[], Outcome]
    after: tuple[str, ...] = ()


def ok(seen: str) -> Outcome:
    """All is well."""
    return Outcome(verdict=Verdict.OK, seen=seen)


def warning(seen: str, fix: str) -> Outcome:
    """It works, and could be better or will not last."""
    return Outcome(verdict=Verdict.WARNING, seen=seen, fix=fix)


def wrong(seen: str, fix: str) -> Outcome:
    """It cannot work like this."""
    return Outcome(verdict=Verdict.WRONG, seen=seen, fix=fix)


def not_checked(seen: str, fix: str = "") -> Outcome:
    """Nobody knows, and why."""
    return Outcome(verdict=Verdict.NOT_CHECKED, seen=seen, fix=fix)


def examine(looks: Iterable[Look]) -> Iterator[Finding]:
    """Look, in order. What stands on something wrong is not looked at, and an error of a look is its outcome."""
    verdicts: dict[str, Verdict] = {}
    for look in looks:
        below = [name for name in look.after if verdicts.get(name) in (Verdict.WRONG, Verdict.NOT_CHECKED)]
        outcome = not_checked(f"needs: {', '.join(below)}") if below else _seen(look)
        verdicts[look.name] = outcome.verdict
        yield Finding(look=look.name, verdict=outcome.verdict, seen=_line(outcome.seen), fix=_line(outcome.fix))


def _seen(look: Look) -> Outcome:
    try:
        return look.see()
    except QuickSightError as error:
        return _from_quicksight(error)
    except (ClientError, BotoCoreError) as error:
        return _from_quicksight(translate(error, operation="A call", resource=look.name))
    except TurnsUnavailableError as error:
        return wrong(error.detail, error.fix)
    except (
        DefinitionsMissingError,
        FolderError,
        NameRefusedError,
        SettingsError,
        SetupError,
        StoreError,
        TableMapError,
    ) as error:  # fmt: skip - these name the fix in their words
        return wrong(str(error), "")


def _from_quicksight(error: QuickSightError) -> Outcome:
    return wrong(f"{error.operation} of {error.resource}: {error.code}: {error.detail}", error.fix)


def _line(text: str) -> str:
    return " ".join(text.split())
