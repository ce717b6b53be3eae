"""Where the files are that ship beside the code: the definitions that analysts edit, the instance's ``dagster.yaml``.

They stand at the top of a checkout and ship inside the wheel as ``qs_pipeline/_definitions``; the definitions can be
kept elsewhere.
"""

from collections.abc import Mapping
from pathlib import Path

from qs_pipeline.settings import Settings

_PACKAGE = Path(__file__).parent


class DefinitionsMissingError(FileNotFoundError):
    """There is no folder of definitions where one was looked for; the message says where and how to name another."""


def definitions_directory(environ: Mapping[str, str]) -> Path:
    """The folder that holds ``dashboard/`` and ``datasets/``: the one that is set, the wheel's, or the checkout's.

    Raises:
        DefinitionsMissingError: where that folder does not exist.
    """
    if chosen := Settings.from_environment(environ).definitions:
        candidates = [chosen]
    else:
        candidates = [_PACKAGE / "_definitions", _PACKAGE.parent / "definitions"]
    for candidate in candidates:
        if candidate.is_dir():
            return candidate
    looked = " nor ".join(str(candidate) for candidate in candidates)
    raise DefinitionsMissingError(
        f"no definitions at {looked}: set QS_DEFINITIONS_DIR to the folder that holds dashboard/ and datasets/"
    )


def check_definitions(environ: Mapping[str, str]) -> None:
    """Look whether the folder of definitions has what runs read of it.

    Raises:
        DefinitionsMissingError: where it, or one of its two folders, does not exist.
    """
    folder = definitions_directory(environ)
    for part in ("dashboard", "datasets"):
        if not (folder / part).is_dir():
            raise DefinitionsMissingError(
                f"{folder} holds no {part}/: set QS_DEFINITIONS_DIR to the folder that holds dashboard/ and datasets/"
            )


def instance_template() -> Path:
    """The ``dagster.yaml`` of a single host: the wheel's, or the checkout's.

    Raises:
        DefinitionsMissingError: where neither exists.
    """
    for candidate in (_PACKAGE / "_definitions" / "dagster.yaml", _PACKAGE.parent / "dagster.yaml"):
        if candidate.is_file():
            return candidate
    raise DefinitionsMissingError(f"no dagster.yaml beside {_PACKAGE}: install the package again")
