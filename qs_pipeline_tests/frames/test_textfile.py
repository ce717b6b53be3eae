"""Files that are no CSV, or no readable one: each is refused with a sentence, none with a traceback."""

import codecs
import csv
import gzip
import io
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.verdict import Accepted, Rejected
from qs_pipeline.supply.assessment import Locations

Read = Callable[..., Accepted | Rejected]

HEADER = "AssessmentNumber,NIIN,Day,Tot_Wt(lbs),Fragile,Note,STANDARD_UNIT_PRICE"
ROW = "10910,007960475,3,12.5,TRUE,two crates,9.99"
GOOD = f"{HEADER}\n{ROW}\n"


@pytest.mark.parametrize(
    ("text", "rule", "told"),
    [
        (b"", "empty", "the file is empty"),
        (b"\xef\xbb\xbf\r\n  \n", "empty", "the file is empty"),
        (GOOD.encode("utf-16"), "encoding", "UTF-16"),
        (GOOD.encode("utf-16-be"), "encoding", "zero bytes"),
        (GOOD.replace("two", "zw\xf6lf").encode("latin-1"), "encoding", "line 2: byte 0xf6"),
        (GOOD.encode() + b"\xe2\x82", "encoding", "line 3: byte 0xe2"),
        (gzip.compress(GOOD.encode()), "encoding", "gzip"),
        (b"PK\x03\x04rest", "encoding", "zip archive or a workbook"),
        (b"\x89PNG\r\n\x1a\n\0\0", "encoding", "zero bytes"),
        (GOOD.replace(",", ";"), "separator", "semicolons"),
        (GOOD.replace(",", "\t"), "separator", "tabs"),
        (GOOD.replace("\n", "\r"), "line ends", "CR"),
        (f"\n{GOOD}", "header", "line 1 is blank"),
        (f"{GOOD}10910,a,3\n", "ragged rows", "line 3 has 3"),
        (f"{GOOD}{ROW},more\n", "ragged rows", "line 3 has 8"),
        (f'{HEADER}\n1,a,3,1,TRUE,"two\nlines",1\n1,a,3\n', "ragged rows", "line 4 has 3"),
        (f'{HEADER}\n1,a,3,1,TRUE,"never closed,1\n{ROW}\n', "quotes", "line 3: unexpected end"),
        (f'{HEADER}\n1,a,3,1,TRUE,x,"never closed\n{ROW}\n', "quotes", "line 3: unexpected end"),
        (f'{HEADER}\n1,a,3,1,TRUE,46" x,5",1\n', "ragged rows", "line 2 has 8"),
        (f'{HEADER}\n1,a,3,1,TRUE,"46" x 5,1\n', "quotes", "must be quoted"),
    ],
)
def test_it_is_refused_with_the_rule_and_the_place(read: Read, text: str | bytes, rule: str, told: str) -> None:
    verdict = read(text=text)
    assert isinstance(verdict, Rejected)
    assert [each.rule for each in verdict.broken] == [rule]
    assert told in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        codecs.BOM_UTF8 + GOOD.encode(),
        GOOD.replace("\n", "\r\n"),
        GOOD.removesuffix("\n"),
        GOOD + "\n\n\r\n",
        GOOD.replace("two crates", '"two\ncrates, ""big"""'),
        GOOD.replace("two crates", "zw\xf6lf \u20ac"),
    ],
)
def test_it_is_tolerated(read: Read, text: str | bytes) -> None:
    verdict = read(text=text)
    assert isinstance(verdict, Accepted), verdict.reason
    assert verdict.frame.select("AssessmentNumber", "NIIN", "Day", "STANDARD_UNIT_PRICE").rows() == [
        ("10910", "007960475", 3, 9.99)
    ]


# Pieces of CSV, well and badly put together.
_PIECES = (b"Location_ID", b"Region", b"City,", b",", b",", b'"', b'""', b"\n", b"\n", b"\r\n", b"x", b"7", b"\xc3\xa4")


def test_a_bad_byte_far_down_is_named_by_its_line(read: Read) -> None:
    text = GOOD.encode() + (ROW + "\n").encode() * 60_000 + ROW.replace("two", "zw\xf6lf").encode("latin-1")
    verdict = read(text=text)
    assert isinstance(verdict, Rejected)
    assert "line 60003: byte 0xf6" in verdict.reason


@settings(max_examples=150, deadline=None)
@given(st.binary(max_size=200) | st.lists(st.sampled_from([*_PIECES]), max_size=60).map(b"".join))
def test_whatever_stands_in_a_file_there_is_a_verdict_and_no_traceback(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(content)
        verdict = read_upload(path, Locations, filename="Locations.csv", expected_number=None)
    assert isinstance(verdict, Accepted) or verdict.broken
    assert isinstance(verdict, Rejected) or verdict.frame.columns == Locations.column_names()


def test_line_breaks_and_stray_quotes_inside_fields_are_kept_as_they_are(read: Read) -> None:
    lines = (
        f"{HEADER}\n{ROW}\n"
        + ROW.replace("two", '46"')
        + '\n1,a,3,1,TRUE,"two\r\ncrates",1\n'
        + ROW.replace("two", '5" x 3"')
    )
    verdict = read(text=lines.replace("\n1,", "\n10910,"))
    assert isinstance(verdict, Accepted), verdict.reason
    assert verdict.frame["Note"].to_list() == ["two crates", '46" crates', "two\r\ncrates", '5" x 3" crates']


_FIELDS = st.sampled_from(["v", "v", "7", "", '"a,b"', '"a\nb"', 'a"b', '"a""b"', '5" x 3"', " z"])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_FIELDS, _FIELDS, _FIELDS), max_size=8))
def test_rows_are_those_that_a_plain_reader_finds(rows: list[tuple[str, str, str]]) -> None:
    text = "".join(f"{','.join(row)}\n" for row in [("Location_ID", "City", "not read"), *rows])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_text(text, newline="")
        verdict = read_upload(path, Locations, filename="Locations.csv", expected_number=None)
    plain = [tuple(field or None for field in row[:2]) for row in list(csv.reader(io.StringIO(text)))[1:]]
    wanted = [row for row in plain if any(row)]
    if isinstance(verdict, Rejected):
        assert ([rule.rule for rule in verdict.broken], wanted) == (["no rows"], [])
    else:
        assert verdict.frame.select("Location_ID", "City").rows() == wanted
