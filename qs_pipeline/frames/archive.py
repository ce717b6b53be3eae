"""Taking one file out of an uploaded zip, and nothing else.

A zip comes from people and is not trusted: members are found by basename, written under a name of ours, and refused
one by one where they could reach elsewhere, unpack to more than they may, or hide what they are. Nothing but the
wanted member is ever unpacked.
"""

import stat
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from qs_pipeline.frames.verdict import BrokenRule, RefusedError

_CHUNK = 1 << 20
_NESTED = (".zip", ".7z", ".gz", ".bz2", ".xz", ".tar", ".tgz", ".rar", ".jar")
_ENCRYPTED = 0x1


@dataclass(frozen=True, kw_only=True)
class ArchiveLimits:
    """What a zip may be.

    Attributes:
        members: How many entries.
        size: Bytes of the wanted member, unpacked.
        ratio: Unpacked bytes for each packed one, of any member; text packs to a tenth, bombs to a thousandth.
    """

    members: int = 1000
    size: int = 1024**3
    ratio: float = 200.0


@dataclass(frozen=True, kw_only=True)
class Taken:
    """What came of a zip.

    Attributes:
        member: The entry that was unpacked.
        refused: Entries that broke a rule, with the rule; they were not touched.
        ignored: Entries that nobody wants.
    """

    member: str
    refused: tuple[BrokenRule, ...]
    ignored: tuple[str, ...]


def take_member(archive: Path, basename: str, target: Path, limits: ArchiveLimits) -> Taken:
    """Unpack the one sound member called ``basename`` (in any folder of the zip) to ``target``.

    Raises:
        RefusedError: where the file is no zip, breaks a limit as a whole, or has no or more than one such member; it
            carries every broken rule.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            return _take(opened, basename, target, limits)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, OSError, zlib.error) as error:
        raise RefusedError(BrokenRule(rule="zip", detail=f"cannot be unpacked: {error}")) from error


def _take(opened: zipfile.ZipFile, basename: str, target: Path, limits: ArchiveLimits) -> Taken:
    entries = [entry for entry in opened.infolist() if not entry.is_dir()]
    if len(entries) > limits.members:
        detail = f"has {len(entries)} members; at most {limits.members} are looked at"
        raise RefusedError(BrokenRule(rule="too many members", detail=detail))
    refused = {entry.filename: rule for entry in entries if (rule := _broken(entry, limits))}
    wanted = [entry for entry in entries if _basename(entry) == basename and entry.filename not in refused]
    if len(wanted) != 1:
        found = f"{len(wanted)} members are called {basename}" if wanted else f"holds no sound member called {basename}"
        missing = BrokenRule(rule="zip member", detail=f"{found}; one is wanted", count=max(len(wanted), 1))
        raise RefusedError(missing, *refused.values())
    (entry,) = wanted
    if entry.file_size > limits.size:
        detail = f"{entry.filename!r} unpacks to {entry.file_size} bytes; at most {limits.size} are read"
        raise RefusedError(BrokenRule(rule="size", detail=detail))
    _unpack(opened, entry, target)
    ignored = tuple(each.filename for each in entries if each is not entry and each.filename not in refused)
    return Taken(member=entry.filename, refused=tuple(refused.values()), ignored=ignored)


def _unpack(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    """Write the member; one that unpacks to more than it says is refused on the way."""
    written = 0
    with opened.open(entry) as source, target.open("wb") as out:
        while chunk := source.read(_CHUNK):
            written += len(chunk)
            if written > entry.file_size:
                detail = f"{entry.filename!r} unpacks to more than the {entry.file_size} bytes that it states"
                raise RefusedError(BrokenRule(rule="size", detail=detail))
            out.write(chunk)


def _broken(entry: zipfile.ZipInfo, limits: ArchiveLimits) -> BrokenRule | None:
    """The first rule that an entry breaks."""
    name = entry.filename.replace("\\", "/")
    unpacked = f"unpacks to {entry.file_size} bytes from {entry.compress_size}; at most {limits.ratio:.0f} times"
    rules = (
        ("absolute name", name.startswith("/") or name[1:2] == ":", "names a place outside the zip"),
        ("traversal", ".." in PurePosixPath(name).parts, "leads out of its folder"),
        ("symbolic link", stat.S_ISLNK(entry.external_attr >> 16), "is a link and not a file"),
        ("encrypted", bool(entry.flag_bits & _ENCRYPTED), "is encrypted; upload it without a password"),
        ("nested archive", name.lower().endswith(_NESTED), "is an archive itself; pack its files directly"),
        ("compression ratio", entry.file_size > limits.ratio * max(entry.compress_size, 1), unpacked),
    )
    return next(
        (BrokenRule(rule=rule, detail=f"{entry.filename[:120]!r} {why}") for rule, broken, why in rules if broken), None
    )


def _basename(entry: zipfile.ZipInfo) -> str:
    return PurePosixPath(entry.filename.replace("\\", "/")).name
