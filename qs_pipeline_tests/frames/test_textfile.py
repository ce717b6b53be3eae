"""Files that are no CSV, or no readable one: each is refused with a sentence, none with a traceback."""

import codecs
import gzip
from collections.abc import Callable

import pytest

from qs_pipeline.frames.verdict import Accepted, Rejected

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
        (f'{HEADER}\n1,a,3,1,TRUE,"never closed,1\n{ROW}\n', "ragged rows", "line 3 has 6"),
        (f'{HEADER}\n1,a,3,1,TRUE,46" L,1\n{ROW}\n', "quotes", "look at lines 2"),
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


def test_a_bad_byte_far_down_is_named_by_its_line(read: Read) -> None:
    text = GOOD.encode() + (ROW + "\n").encode() * 60_000 + ROW.replace("two", "zw\xf6lf").encode("latin-1")
    verdict = read(text=text)
    assert isinstance(verdict, Rejected)
    assert "line 60003: byte 0xf6" in verdict.reason


def test_a_line_break_inside_a_field_is_kept_as_it_is(read: Read) -> None:
    verdict = read(text=GOOD.replace("two crates", '"two\r\ncrates"'))
    assert isinstance(verdict, Accepted)
    assert verdict.frame["Note"].to_list() == ["two\r\ncrates"]
