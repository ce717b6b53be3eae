"""A small contract of its own, so that the tests of the frames do not move with the domain."""

from collections.abc import Callable
from pathlib import Path

import dataframely as dy
import pytest

from qs_pipeline.frames.columns import carried, required, unused
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, Rejected

Read = Callable[..., Accepted | Rejected]


class Cargo(dy.Schema):
    """One row a crate."""

    AssessmentNumber = required.assessment_number()
    NIIN = required.identifier()
    Day = required.integer(filled=True)
    Weight = required.decimal(alias="Tot_Wt(lbs)")
    Fragile = required.flag()
    Note = carried.text(also=("Remark",))
    Price = carried.decimal(alias="STANDARD_UNIT_PRICE")
    Old_Price = unused.decimal(alias="STANDARD UNIT PRICE")


HEADER = "AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,STANDARD_UNIT_PRICE,STANDARD UNIT PRICE"


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Writes its argument to a file and reads it as Cargo: lines below the header, or text, or bytes as they are."""

    def read_cargo(
        *lines: str, text: str | bytes | None = None, header: str = HEADER, number: str | None = None
    ) -> Accepted | Rejected:
        path = tmp_path / "upload"
        whole = "\n".join([header, *lines]) + "\n" if text is None else text
        path.write_bytes(whole if isinstance(whole, bytes) else whole.encode())
        return read_upload(path, Cargo, filename="Cargo.csv", expected_number=number)

    return read_cargo
