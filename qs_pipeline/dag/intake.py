"""The intake of one run: which object an upload is now, its bytes, and the verdict of its contract.

An upload may be replaced or removed while it is looked at, may come in a zip, and may claim a name that another file
has too; all of that is settled here, so that the asset only reports.
"""

import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.frames.archive import ArchiveLimits, take_member
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, BrokenRule, RefusedError, Rejected
from qs_pipeline.model import AssessmentId, Upload
from qs_pipeline.store import AcceptedCopy, AssessmentStore, UploadedFile, UploadMovedError

_LOOKS = 3
_SHOWN = 5
_LONGEST = 120  # characters of a name; a key has up to 1,024, and every tick is stored


@dataclass(frozen=True, kw_only=True)
class Look:
    """One upload as it was read.

    Attributes:
        verdict: Of its contract.
        notes: What else is worth telling.
        rivals: Which key was read and which were not, where several claim the upload; empty where one does.
        warning: What one should look at.
    """

    file: UploadedFile
    verdict: Accepted | Rejected
    notes: tuple[str, ...]
    rivals: str
    warning: str = ""


def candidates(catalog: Catalog, files: Iterable[UploadedFile]) -> dict[str, list[UploadedFile]]:
    """The listed files that are an upload of the catalog, or a zip that may hold it, by upload name; newest first."""
    found: dict[str, list[UploadedFile]] = {upload.name: [] for upload in catalog.uploads}
    for file in sorted(files, key=lambda file: (file.last_modified, file.key), reverse=True):
        for upload in catalog.uploads_in(file.filename):
            found[upload.name].append(file)
    return {name: files for name, files in found.items() if files}


def wanted_uploads(catalog: Catalog, files: Iterable[UploadedFile]) -> dict[str, UploadedFile]:
    """The listed files that the catalog asks for, by upload name; where several claim a name, the newest counts."""
    return {name: files[0] for name, files in candidates(catalog, files).items()}


def rivals(files: Sequence[UploadedFile]) -> str:
    """Which of the files that claim one upload, newest first, is read and which are not; empty where one claims it."""
    newest, *older = (one_line(file.key) for file in files)
    return f"read from {newest}; older and not read: {some(older)}" if older else ""


def some(names: Sequence[str]) -> str:
    """The first few names, and how many more there are."""
    return ", ".join(names[:_SHOWN]) + (f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else "")


def one_line(name: str) -> str:
    """The name without what would break a line, and not at any length."""
    shown = name if name.isprintable() else repr(name)
    return shown if len(shown) <= _LONGEST else f"{shown[:_LONGEST]}..."


class Intake:
    """Takes uploads of one assessment in.

    Args:
        catalog: The uploads there are.
        store: Where they lie.
        assessment: Whose they are.
        selected: The uploads that this run reads.
        max_bytes: A larger CSV is refused unread.
    """

    def __init__(
        self,
        catalog: Catalog,
        store: AssessmentStore,
        assessment: AssessmentId,
        selected: Collection[Upload],
        max_bytes: int,
    ) -> None:
        self._catalog = catalog
        self._store = store
        self._assessment = assessment
        self._max_bytes = max_bytes
        self._listed = candidates(catalog, store.uploads(assessment))
        # Files that are read anew may bring a corrected number; those that stay, and are good, hold them to theirs.
        staying = [upload.name for upload in catalog.uploads if upload not in selected and upload.name in self._listed]
        copies = ((store.accepted(assessment, name), self._listed[name][0]) for name in staying)
        numbers = (copy.assessment_number for copy, file in copies if copy and copy.etag == file.etag)
        self._number = next((number for number in numbers if number), None)

    def take(self, upload: Upload) -> Look | None:
        """Read one upload and keep its accepted copy; None where there is none, and then no copy is left either.

        Raises:
            dg.Failure: where the upload is replaced faster than it can be read.
        """
        with tempfile.TemporaryDirectory(prefix="qs-upload-") as folder:
            path = Path(folder) / "upload.csv"
            file = self._download(upload, path)
            if file is None:
                self._store.drop_accepted(self._assessment, upload.name)
                return None
            notes: list[str] = []
            claimed = rivals(self._listed[upload.name])
            try:
                notes += self._unpack(upload, file, path)
                verdict = read_upload(path, upload.contract, filename=upload.filename, expected_number=self._number)
            except RefusedError as refused:
                verdict = Rejected(filename=file.filename, broken=refused.broken)
        if isinstance(verdict, Rejected):
            return Look(file=file, verdict=verdict, notes=(*notes, *verdict.notes), rivals=claimed)
        self._keep(upload, file, verdict)
        warning = self._warning(upload, verdict)
        return Look(file=file, verdict=verdict, notes=(*notes, *verdict.notes), rivals=claimed, warning=warning)

    def _warning(self, upload: Upload, verdict: Accepted) -> str:
        """What is published and may still be wrong: cells and columns that were given up, odd words, an odd number."""
        number, told = verdict.assessment_number, list(verdict.warnings)
        if number is not None and number != self._assessment:
            told.append(f"the rows belong to assessment {number}, the folder to {self._assessment}")
        return f"{upload.filename}: {'; '.join(told)}" if told else ""

    def _download(self, upload: Upload, path: Path) -> UploadedFile | None:
        """The object that the upload is now, its bytes in ``path`` unless there are too many of them."""
        for _ in range(_LOOKS):
            if upload.name not in self._listed:
                return None
            file = self._listed[upload.name][0]
            try:
                if file.size <= self._max_bytes:
                    self._store.download(file, path)
            except UploadMovedError:
                self._listed = candidates(self._catalog, self._store.uploads(self._assessment))
            else:
                return file
        raise dg.Failure(
            f"{upload.filename} of {self._assessment} changes faster than it can be read; its next run reads it."
        )

    def _unpack(self, upload: Upload, file: UploadedFile, path: Path) -> list[str]:
        """See to it that ``path`` is the CSV: of a zip, the wanted member takes its place."""
        if file.size > self._max_bytes:
            detail = f"{file.size} bytes; at most {self._max_bytes} are read (QS_MAX_UPLOAD_BYTES)"
            raise RefusedError(BrokenRule(rule="size", detail=detail))
        if file.filename == upload.filename:
            return []
        zipped = path.rename(path.with_name("upload.zip"))
        taken = take_member(zipped, upload.filename, path, ArchiveLimits(size=self._max_bytes))
        notes = [f"taken from the zip: {taken.member}", *(f"refused {rule}" for rule in taken.refused)]
        return [*notes, f"not wanted: {some(taken.ignored)}"] if taken.ignored else notes

    def _keep(self, upload: Upload, file: UploadedFile, verdict: Accepted) -> None:
        self._number = self._number or verdict.assessment_number
        copy = AcceptedCopy(etag=file.etag, rows=verdict.rows, assessment_number=verdict.assessment_number)
        self._store.write_accepted(self._assessment, upload.name, verdict.frame, copy)
