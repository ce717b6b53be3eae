"""Putting files of a person's folder on S3: which file becomes which upload of which assessment.

Everything is looked at before anything is uploaded, so that a wrong folder changes nothing.
"""

import difflib
import hashlib
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from qs_pipeline.catalog import Catalog
from qs_pipeline.model import AssessmentId, ModelError, parse_assessment_id
from qs_pipeline.store import MAX_PUT_BYTES, UPLOADS, AssessmentStore, UploadedFile

_REFERENCE = "reference"
_SHOWN = 10


class UploadRefusedError(ValueError):
    """A folder or file cannot be uploaded; the message names it and the fix. Nothing was uploaded."""


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One file and the key it gets."""

    path: Path
    key: str


def plan_folder(directory: Path, catalog: Catalog) -> dict[AssessmentId, tuple[Planned, ...]]:
    """What ``directory/assessments/<id>/...`` holds, by assessment.

    Raises:
        UploadRefusedError: where there is no assessment, an id, a file name or a size is wrong, or an assessment is
            empty.
    """
    if not directory.is_dir():
        what = "is a file: put files up with 'qs-pipeline upload'" if directory.exists() else "does not exist"
        raise UploadRefusedError(f"{directory}: {what}; 'run' takes a folder that holds assessments/<id>/")
    root = directory / "assessments"
    folders = sorted(path for path in root.iterdir() if path.is_dir()) if root.is_dir() else []
    if not folders:
        raise UploadRefusedError(f"{directory}: holds no assessments/<id>/ folder; {_instead(directory)}")
    plans: dict[AssessmentId, tuple[Planned, ...]] = {}
    for folder in folders:
        assessment = _assessment(folder)
        files = _files_in(folder)
        if not files:
            raise UploadRefusedError(f"{folder}: holds no file")
        _check_names(files, catalog)
        plans[assessment] = tuple(
            Planned(path=path, key=f"{UPLOADS}{assessment}/{path.relative_to(folder).as_posix()}") for path in files
        )
    return plans


def plan_reference(directory: Path) -> tuple[Planned, ...]:
    """What ``directory/reference/`` holds: files that all assessments share."""
    folder = directory / _REFERENCE
    return tuple(
        Planned(path=path, key=f"{_REFERENCE}/{path.relative_to(folder).as_posix()}") for path in _files_in(folder)
    )


def plan_files(paths: Iterable[Path], assessment: AssessmentId, catalog: Catalog) -> tuple[Planned, ...]:
    """The given files, and the files of given folders, as uploads of one assessment.

    Raises:
        UploadRefusedError: where a path does not exist, a file name is not that of an upload, or two files bear one.
    """
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise UploadRefusedError(f"{path}: does not exist")
        files.extend(_files_in(path) if path.is_dir() else [path])
    if not files:
        raise UploadRefusedError(f"{', '.join(map(str, paths))}: holds no file")
    _check_names(files, catalog)
    folders = {upload.filename: f"{upload.folder}/" for upload in catalog.uploads if upload.folder}
    return tuple(
        Planned(path=path, key=f"{UPLOADS}{assessment}/{folders.get(path.name, '')}{path.name}")
        for path in _one_of_each_name(files)
    )


def is_there(planned: Iterable[Planned], files: Iterable[UploadedFile]) -> bool:
    """Whether the listed ``files`` hold the very bytes that were planned, each at its key.

    An ETag that is no MD5, as with some encryptions, is that of other bytes: then it is uploaded again.
    """
    etags = {file.key: file.etag.strip('"') for file in files}
    return all(etags.get(each.key) == _md5(each.path) for each in planned)


def _md5(path: Path) -> str:
    with path.open("rb") as content:
        return hashlib.file_digest(content, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def put(store: AssessmentStore, planned: Iterable[Planned]) -> None:
    """Upload what was planned."""
    for file in planned:
        store.put_upload(file.key, file.path)


def _instead(directory: Path) -> str:
    """What to type where a folder is not the one that holds ``assessments/``."""
    for folder in (directory.resolve(), directory.resolve().parent):
        if folder.name == "assessments":
            return f"name the folder above: qs-pipeline run {shlex.quote(str(folder.parent))}"
    return f"'qs-pipeline sample {shlex.quote(str(directory))}' writes one"


def _files_in(folder: Path) -> list[Path]:
    """The files of the folder and of those below it, without the hidden ones that file managers leave."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _assessment(folder: Path) -> AssessmentId:
    try:
        return parse_assessment_id(folder.name)
    except ModelError as error:
        raise UploadRefusedError(f"{folder}: {error}") from error


def _check_names(files: Iterable[Path], catalog: Catalog) -> None:
    """Refuse all files that cannot be uploads, in one message."""
    known = [upload.filename for upload in catalog.uploads]
    derived = {f"{table.name}.csv" for table in catalog.tables} - set(known)
    wrong: list[str] = []
    for path in files:
        if path.name in derived:
            wrong.append(f"{path}: {path.name} is made by the pipeline and never uploaded; take it out")
        elif not any(upload.is_in(path.name) for upload in catalog.uploads):
            near = difflib.get_close_matches(path.name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}"
            wrong.append(f"{path}: not the name of an upload; {hint}")
        elif path.stat().st_size > MAX_PUT_BYTES:
            wrong.append(f"{path}: {path.stat().st_size} bytes; at most {MAX_PUT_BYTES} can be uploaded")
    if wrong:
        more = f"; and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise UploadRefusedError("; ".join(wrong[:_SHOWN]) + more)


def _one_of_each_name(files: Iterable[Path]) -> list[Path]:
    """The files, each once: all land in one place, where one name is one file."""
    taken: dict[str, Path] = {}
    for path in files:
        rival = taken.setdefault(path.name, path)
        if rival.resolve() != path.resolve():
            raise UploadRefusedError(f"{rival} and {path}: both would be {path.name}; give one of them")
    return list(taken.values())
