"""Is this a CSV at all? Encoding, header and field counts, told before any cell is looked at.

polars forgives what would shift or lose cells (short rows, long rows beyond the columns asked for) and words its errors
for programmers. So the file is checked here first: one pass over its bytes, one over its lines.
"""

import codecs
import csv
import io
from pathlib import Path

import polars as pl

from qs_pipeline.frames.verdict import BrokenRule, RefusedError

_CHUNK = 1 << 20
_SHOWN = 5
_QUOTED_FIELD = r'(^|,)"(?:[^"]|"")*"'
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
        raise RefusedError(BrokenRule(rule="empty", detail="the file is empty; upload a header and rows"))


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


def well_formed(path: Path, width: int) -> Path | bytes:
    """What to scan: the file itself, or its records written anew where quotes or line breaks stand inside fields.

    polars takes a stray quote (``46" L``) for an opening one and may join rows silently; Python's reader does not.
    It is slow, so it reads only the files that need it. Blank lines do not count.

    Raises:
        RefusedError: where quoting is broken, or naming the first rows that have not ``width`` fields.
    """
    text = pl.col("line")
    unquoted = text.str.replace_all(_QUOTED_FIELD, "$1")
    suspects = (
        pl.scan_lines(path, row_index_name="number", row_index_offset=1, glob=False)
        .select(
            "number",
            fields=unquoted.str.count_matches(",", literal=True) + 1,
            stray=unquoted.str.contains('"', literal=True),
            blank=text.str.strip_chars() == "",
        )
        .filter(pl.col("stray") | ((pl.col("fields") != width) & ~pl.col("blank")))
        .select("number", "fields", "stray")
        .collect(engine="streaming")
        .sort("number")
    )
    if suspects["stray"].any():
        return _written_anew(path, width)
    _refuse_ragged(suspects.select("number", "fields").rows(), width)
    return path


def scan(source: Path | bytes, names: dict[int, str], width: int) -> pl.DataFrame:
    """The fields of the columns at the positions in ``names``, as text under the names given there.

    Raises:
        RefusedError: where a quoted field goes on behind its closing quote.
    """
    lazy = pl.scan_csv(source, infer_schema=False, new_columns=[str(at) for at in range(width)], glob=False)
    try:
        return lazy.select(pl.col(str(at)).alias(name) for at, name in names.items()).collect()
    except pl.exceptions.PolarsError as error:
        raise _bad_quotes(str(error).partition("\n")[0]) from None


def _written_anew(path: Path, width: int) -> bytes:
    anew = io.StringIO()
    writer = csv.writer(anew, lineterminator="\n")
    wrong: list[tuple[int, int]] = []
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, strict=True)
        try:
            for record in reader:
                if not any(field.strip() for field in record):
                    continue
                if len(record) != width:
                    wrong.append((reader.line_num, len(record)))
                writer.writerow(record)
        except csv.Error as error:
            raise _bad_quotes(f"line {reader.line_num}: {error}") from None
    _refuse_ragged(wrong, width)
    return anew.getvalue().encode()


def _bad_quotes(found: str) -> RefusedError:
    detail = f"{found}; a field that holds a quote must be quoted and the quote doubled"
    return RefusedError(BrokenRule(rule="quotes", detail=detail))


def _refuse_ragged(wrong: list[tuple[int, int]], width: int) -> None:
    if wrong:
        shown = ", ".join(f"line {line} has {fields}" for line, fields in wrong[:_SHOWN])
        detail = f"the header has {width} columns, but {shown}; complete the row or quote fields that hold commas"
        raise RefusedError(BrokenRule(rule="ragged rows", count=len(wrong), detail=detail))
