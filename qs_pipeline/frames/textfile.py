"""Is this a CSV at all? Encoding, header and field counts, told before any cell is looked at.

polars forgives what would shift or lose cells (short rows, long rows beyond the columns asked for) and words its errors
for programmers. So the file is checked here first: one pass over its bytes, one over its lines.
"""

import codecs
import csv
from pathlib import Path

import polars as pl

from qs_pipeline.frames.verdict import BrokenRule, RefusedError

_CHUNK = 1 << 20
_SHOWN = 5
_SIGNATURES = {
    b"\xff\xfe": "UTF-16",
    b"\xfe\xff": "UTF-16",
    b"PK": "a zip archive or a workbook",
    b"\x1f\x8b": "gzip",
    b"%PDF": "PDF",
}


def check_encoding(path: Path) -> None:
    """Holds the bytes of ``path`` against UTF-8; a byte order mark is tolerated.

    Raises:
        RefusedError: empty, binary, UTF-16, or not UTF-8, with the line of the first bad byte.
    """
    decode = codecs.getincrementaldecoder("utf-8")().decode
    line = 1
    with path.open("rb") as file:
        start = file.read(4)
        file.seek(0)
        for signature, name in _SIGNATURES.items():
            if start.startswith(signature):
                raise RefusedError(BrokenRule(rule="encoding", detail=f"this is {name}; save it as CSV UTF-8"))
        blank = more = True
        while more:
            chunk = file.read(_CHUNK)
            more = bool(chunk)
            if b"\0" in chunk:
                raise RefusedError(BrokenRule(rule="encoding", detail="binary (zero bytes); save it as CSV UTF-8"))
            try:
                decode(chunk, final=not more)
            except UnicodeDecodeError as error:
                at = line + error.object.count(b"\n", 0, error.start)
                what = f"line {at}: byte 0x{error.object[error.start]:02x} is not UTF-8 (Latin-1?)"
                raise RefusedError(BrokenRule(rule="encoding", detail=f"{what}; save it as CSV UTF-8")) from None
            line += chunk.count(b"\n")
            blank = blank and not chunk.removeprefix(codecs.BOM_UTF8).strip()
    if blank:
        raise RefusedError(BrokenRule(rule="empty", detail="the file is empty; a header is the least it must have"))


def read_header(path: Path) -> list[str]:
    """The column names in line 1, stripped, as often as they stand there.

    Raises:
        RefusedError: where line 1 is no comma-separated header.
    """
    with path.open("rb") as file:
        if b"\r" in file.readline().rstrip(b"\r\n"):
            raise RefusedError(BrokenRule(rule="line ends", detail="lines end in CR alone; use LF or CR LF"))
    with path.open(encoding="utf-8-sig", newline="") as file:
        try:
            header = [name.strip() for name in next(csv.reader(file))]
        except csv.Error as error:
            raise RefusedError(BrokenRule(rule="header", detail=f"line 1 cannot be read: {error}")) from None
    for separator, name in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(header) == 1 and separator in header[0]:
            raise RefusedError(BrokenRule(rule="separator", detail=f"columns are separated by {name}; use commas"))
    if not any(header):
        raise RefusedError(BrokenRule(rule="header", detail="line 1 is blank; it must hold the column names"))
    return header


def check_widths(path: Path, width: int) -> None:
    """Sees that every row has ``width`` fields; blank lines do not count.

    Raises:
        RefusedError: naming the first rows that have more or fewer fields.
    """
    text = pl.col("line")
    unquoted = text.str.replace_all(r'"[^"]*"', "")
    suspects = (
        pl.scan_lines(path, row_index_name="number", row_index_offset=1, glob=False)
        .select(
            "number",
            fields=unquoted.str.count_matches(",", literal=True) + 1,
            # A quoted field that goes on in the next line leaves one quote over.
            open=unquoted.str.contains('"', literal=True),
            blank=text.str.strip_chars() == "",
        )
        .filter(pl.col("open") | ((pl.col("fields") != width) & ~pl.col("blank")))
        .select("number", "fields", "open")
        .collect(engine="streaming")
        .sort("number")
    )
    wrong = suspects.select("number", "fields").rows()
    if suspects["open"].any():
        wrong = _widths_record_by_record(path, width)
    if wrong:
        shown = ", ".join(f"line {line} has {fields}" for line, fields in wrong[:_SHOWN])
        detail = f"the header has {width} columns, but {shown}; complete the row or quote fields that hold commas"
        raise RefusedError(BrokenRule(rule="ragged rows", count=len(wrong), detail=detail))


def scan(path: Path, names: dict[int, str], width: int) -> pl.DataFrame:
    """The fields of the columns at the positions in ``names``, as text under the names given there.

    Raises:
        RefusedError: where quoting is broken.
    """
    lazy = pl.scan_csv(path, infer_schema=False, new_columns=[str(at) for at in range(width)], glob=False)
    try:
        return lazy.select(pl.col(str(at)).alias(name) for at, name in names.items()).collect()
    except pl.exceptions.PolarsError as error:
        odd = (
            pl.scan_lines(path, row_index_name="number", row_index_offset=1, glob=False)
            .filter(pl.col("line").str.count_matches('"', literal=True) % 2 == 1)
            .head(_SHOWN)
            .collect()["number"]
        )
        where = f" (look at lines {', '.join(str(number) for number in odd)})" if len(odd) else ""
        detail = f"{_first_line(error)}{where}; a field that holds a quote must be quoted and the quote doubled"
        raise RefusedError(BrokenRule(rule="quotes", detail=detail)) from None


def _widths_record_by_record(path: Path, width: int) -> list[tuple[int, int]]:
    """Line and field count of each record of another width; slow, for files with line breaks inside fields."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file)
        try:
            return [(reader.line_num, len(record)) for record in reader if len(record) != width and any(record)]
        except csv.Error as error:
            detail = f"line {reader.line_num}: {error}; is a quote missing?"
            raise RefusedError(BrokenRule(rule="quotes", detail=detail)) from None


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0]
