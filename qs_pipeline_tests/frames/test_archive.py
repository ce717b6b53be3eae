"""What is taken out of an uploaded zip, and what is refused, member by member."""

import io
import stat
import zipfile
from pathlib import Path

import pytest

from qs_pipeline.frames.archive import ArchiveLimits, Taken, take_member
from qs_pipeline.frames.verdict import RefusedError

WANTED = b"Location_ID\n1\n"


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "10910_RD_I__Input.zip"


def pack(archive: Path, members: dict[str, bytes], *, compression: int = zipfile.ZIP_STORED) -> None:
    with zipfile.ZipFile(archive, "w", compression) as opened:
        for name, content in members.items():
            opened.writestr(name, content)


def take(archive: Path, limits: ArchiveLimits | None = None) -> Taken:
    return take_member(archive, "Locations.csv", archive.with_name("taken.csv"), limits or ArchiveLimits())


def rules(archive: Path, limits: ArchiveLimits | None = None) -> list[str]:
    with pytest.raises(RefusedError) as refused:
        take(archive, limits)
    assert not archive.with_name("taken.csv").exists()
    return [rule.rule for rule in refused.value.broken]


def test_the_wanted_member_is_taken_from_any_folder_and_the_rest_is_ignored(archive: Path) -> None:
    pack(archive, {"inputs/Locations.csv": WANTED, "inputs/EPW_Locations.csv": b"x", "readme.txt": b"y"})
    taken = take(archive)
    assert archive.with_name("taken.csv").read_bytes() == WANTED
    assert taken.member == "inputs/Locations.csv"
    assert taken.ignored == ("inputs/EPW_Locations.csv", "readme.txt")


@pytest.mark.parametrize(
    ("name", "rule"),
    [
        ("../Locations.csv", "traversal"),
        ("a/../../Locations.csv", "traversal"),
        ("..\\Locations.csv", "traversal"),
        ("/etc/Locations.csv", "absolute name"),
        ("C:/Locations.csv", "absolute name"),
        ("inner.zip", "nested archive"),
    ],
)
def test_members_that_reach_elsewhere_are_refused_and_the_sound_one_is_taken(
    archive: Path, name: str, rule: str
) -> None:
    pack(archive, {name: b"bad", "in/Locations.csv": WANTED})
    taken = take(archive)
    assert [each.rule for each in taken.refused] == [rule]
    assert name.replace("\\", "\\\\") in taken.refused[0].detail
    assert archive.with_name("taken.csv").read_bytes() == WANTED


def test_a_zip_whose_only_candidate_is_refused_is_rejected_with_the_reason(archive: Path) -> None:
    pack(archive, {"../Locations.csv": WANTED})
    assert rules(archive) == ["zip member", "traversal"]


def test_a_link_is_not_followed(archive: Path) -> None:
    link = zipfile.ZipInfo("Locations.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(archive, "w") as opened:
        opened.writestr(link, "/etc/passwd")
    assert rules(archive) == ["zip member", "symbolic link"]


def test_an_encrypted_member_is_refused(archive: Path) -> None:
    pack(archive, {"Locations.csv": WANTED})
    content = bytearray(archive.read_bytes())
    content[content.index(b"PK\x01\x02") + 8] |= 1
    archive.write_bytes(content)
    assert rules(archive) == ["zip member", "encrypted"]


def test_a_bomb_is_refused_by_its_ratio(archive: Path) -> None:
    pack(archive, {"Locations.csv": b"0" * 5_000_000}, compression=zipfile.ZIP_DEFLATED)
    assert rules(archive) == ["zip member", "compression ratio"]


def test_a_member_that_lies_about_its_size_is_stopped(archive: Path) -> None:
    pack(archive, {"Locations.csv": WANTED * 100})
    content = bytearray(archive.read_bytes())
    at = content.index(b"PK\x01\x02") + 24
    content[at : at + 4] = (10).to_bytes(4, "little")
    archive.write_bytes(content)
    with pytest.raises(RefusedError):
        take(archive)


def test_too_many_members_and_too_large_ones_are_refused(archive: Path) -> None:
    pack(archive, {"a": b"", "b": b"", "Locations.csv": WANTED})
    assert rules(archive, ArchiveLimits(members=2)) == ["too many members"]
    assert rules(archive, ArchiveLimits(size=3)) == ["size"]


def test_two_members_of_one_basename_are_ambiguous(archive: Path) -> None:
    pack(archive, {"a/Locations.csv": WANTED, "b/Locations.csv": WANTED})
    assert rules(archive) == ["zip member"]


@pytest.mark.parametrize("content", [b"", b"no zip at all", b"PK\x03\x04 truncated"])
def test_what_is_no_zip_is_refused_without_a_traceback(archive: Path, content: bytes) -> None:
    archive.write_bytes(content)
    assert rules(archive) == ["zip"]


def test_a_damaged_member_is_refused(archive: Path) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as opened:
        opened.writestr("Locations.csv", WANTED)
    archive.write_bytes(buffer.getvalue().replace(WANTED, b"X" * len(WANTED)))
    with pytest.raises(RefusedError):
        take(archive)
