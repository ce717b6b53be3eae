"""Which of the listed objects an upload is."""

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.intake import wanted_uploads
from qs_pipeline.store import UploadedFile


def listed(key: str, day: int) -> UploadedFile:
    return UploadedFile(
        key=f"assessments/2002/{key}", etag=key, size=1, last_modified=f"2026-01-{day:02}T00:00:00+00:00"
    )


def test_of_two_keys_with_one_basename_the_newest_counts_whatever_their_names() -> None:
    older, newer = listed("z/Locations.csv", 1), listed("a/Locations.csv", 2)
    assert wanted_uploads(CATALOG, [older, newer])["Locations"] is newer
    assert wanted_uploads(CATALOG, [newer, older])["Locations"] is newer


def test_a_zip_counts_for_the_upload_that_it_may_hold() -> None:
    zipped, plain = listed("10910_RD_I__Input.zip", 2), listed("Locations.csv", 1)
    assert wanted_uploads(CATALOG, [zipped, plain]) == {"Locations": zipped}


def test_names_that_only_end_like_an_upload_are_none() -> None:
    assert not wanted_uploads(CATALOG, [listed("EPW_Locations.csv", 1), listed("Locations.csv.bak", 1)])
