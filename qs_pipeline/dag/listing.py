"""What a tick sees of the uploads: all of them, as far as time allows, or those of a few assessments.

A listing knows what it covered, so that an assessment that it did not meet is known to be gone, or is not spoken of.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import groupby

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.intake import candidates, one_line, rivals, some
from qs_pipeline.model import AssessmentId
from qs_pipeline.store import UPLOADS, AssessmentStore, UploadedFile, assessment_of

_THREADS = 8  # boto3 keeps ten connections

# Whether the time for listing is up.
TimeUp = Callable[[], bool]


@dataclass(frozen=True, kw_only=True)
class Listing:
    """What was listed.

    Attributes:
        seen: The wanted uploads, by name, of every assessment that has any.
        notes: What was ignored, in words.
        span: The keys that a sweep covered: all after the first, and before the second where that is not empty.
        looked_at: Assessments that were listed one by one.
        resume_after: Where a sweep has to go on; empty where it came to the end.
    """

    seen: Mapping[AssessmentId, Mapping[str, UploadedFile]] = field(
        default_factory=dict[AssessmentId, Mapping[str, UploadedFile]]
    )
    notes: tuple[str, ...] = ()
    span: tuple[str, str] | None = None
    looked_at: frozenset[AssessmentId] = frozenset()
    resume_after: str = ""

    def covers(self, assessment: str) -> bool:
        """Whether the assessment's uploads would have been met."""
        key = f"{UPLOADS}{assessment}/"
        swept = self.span is not None and key > self.span[0] and (not self.span[1] or key < self.span[1])
        return swept or assessment in self.looked_at

    def proves_gone(self, assessment: str) -> bool:
        """Whether the assessment is known to have no upload."""
        return self.covers(assessment) and AssessmentId(assessment) not in self.seen

    def joined(self, other: "Listing") -> "Listing":
        """This sweep together with assessments that were listed one by one."""
        return Listing(
            seen={**self.seen, **other.seen},
            notes=(*self.notes, *other.notes),
            span=self.span,
            looked_at=self.looked_at | other.looked_at,
            resume_after=self.resume_after,
        )


def sweep(catalog: Catalog, store: AssessmentStore, *, start_after: str, time_up: TimeUp) -> Listing:
    """All uploads whose keys follow ``start_after``, until the time is up; never half an assessment."""
    seen: dict[AssessmentId, dict[str, UploadedFile]] = {}
    notes: list[str] = []
    astray: list[str] = []
    resume_after = ""
    for folder, files in groupby(store.sweep(start_after), key=lambda file: "/".join(file.key.split("/")[:2])):
        listed = [file for file in files if not file.key.endswith("/")]
        assessment = assessment_of(f"{folder}/file")
        if assessment is None:
            astray += [file.key for file in listed]
        elif wanted := _wanted(catalog, assessment, listed, notes):
            seen[assessment] = wanted
        if time_up():
            # '0' follows '/': every key of this folder precedes it, every later one follows.
            resume_after = f"{folder}0"
            break
    return Listing(
        seen=seen, notes=(*_ignored(astray), *notes), span=(start_after, resume_after), resume_after=resume_after
    )


def look_at(
    catalog: Catalog, store: AssessmentStore, assessments: Collection[AssessmentId], *, time_up: TimeUp
) -> Listing:
    """The uploads of these assessments, until the time is up: a few are listed at a time, S3 being far away."""
    seen: dict[AssessmentId, dict[str, UploadedFile]] = {}
    notes: list[str] = []
    looked_at: set[AssessmentId] = set()

    def listed(assessment: AssessmentId) -> tuple[UploadedFile, ...] | None:
        return None if time_up() else store.uploads(assessment)

    with ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="listing") as threads:
        for assessment, files in zip(assessments, threads.map(listed, assessments), strict=True):
            if files is None:
                continue
            if wanted := _wanted(catalog, assessment, files, notes):
                seen[assessment] = wanted
            looked_at.add(assessment)
    return Listing(seen=seen, notes=tuple(notes), looked_at=frozenset(looked_at))


def _wanted(
    catalog: Catalog, assessment: AssessmentId, listed: Collection[UploadedFile], notes: list[str]
) -> dict[str, UploadedFile]:
    found = candidates(catalog, listed)
    claimed = {file.key for files in found.values() for file in files}
    if stray := sorted({one_line(file.filename) for file in listed if file.key not in claimed}):
        notes.append(f"{assessment}: ignored {some(stray)}: not the name of an upload")
    notes.extend(f"{assessment}: {name} is {told}" for name, files in found.items() if (told := rivals(files)))
    return {name: files[0] for name, files in found.items()}


def _ignored(astray: list[str]) -> Iterator[str]:
    """One message about all keys that belong to no assessment."""
    if astray:
        what = "1 key" if len(astray) == 1 else f"{len(astray)} keys"
        yield (
            f"ignored {what} outside {UPLOADS}<id>/, where an id has 1 to 52 letters, digits, '_' or '-': "
            f"{some([one_line(repr(key)) for key in astray])}"
        )
