"""An uploaded CSV is taken whole or not at all.

A broken required rule rejects the file; an unreadable cell of a carried column becomes null and is counted. Part of a
file is never used: sums over half a file look right and are wrong.
"""

from pathlib import Path

import dataframely as dy
import polars as pl

from qs_pipeline.frames import cells
from qs_pipeline.frames.columns import Kind, Use
from qs_pipeline.frames.contract import Contract, assessment_number, dtypes, traits
from qs_pipeline.frames.headers import Matched, match_header
from qs_pipeline.frames.textfile import check_encoding, read_header, scan, well_formed
from qs_pipeline.frames.verdict import Accepted, BrokenRule, RefusedError, Rejected

_SAMPLE_ROWS = 20
_SHOWN = 5
_ROW = "row"


def read_upload(path: Path, contract: Contract, *, filename: str, expected_number: str | None) -> Accepted | Rejected:
    """Reads the CSV at ``path`` and holds it against ``contract``.

    Args:
        path: The file, on disk; its name does not matter.
        contract: What the file must be.
        filename: Basename of the upload, for the words of the verdict.
        expected_number: The number all rows must bear; ``None`` asks only that the rows agree.

    Returns:
        The typed rows, or what is wrong with the file. It never raises for what stands in the file.
    """
    try:
        check_encoding(path)
        header = read_header(path)
        matched = match_header(header, contract)
        source = well_formed(path, len(header))
        text = scan(source, matched.positions, len(header))
    except RefusedError as refused:
        return Rejected(filename=filename, broken=refused.broken)
    notes = _header_notes(matched)
    blank = _blank(text)
    if blank.any():
        text = text.filter(~blank)
        notes.append(f"{int(blank.sum())} blank rows left out")
    frame, unreadable, unset = _decode(text, contract)
    broken, rows = _broken_rules(frame, unreadable, contract, expected_number)
    if broken:
        sample = scan(source, matched.positions, len(header)).filter(~blank).with_row_index(_ROW, offset=1)
        offending = sample[sorted(set(rows))[:_SAMPLE_ROWS]]
        return Rejected(filename=filename, broken=broken, sample_rows=tuple(offending.to_dicts()), notes=tuple(notes))
    counts = {name: int(mask.sum()) for name, (mask, _) in unreadable.items()}
    notes += [
        f"{name}: {len(at)} unreadable cells became null, {_rows(at)}: {', '.join(texts)}"
        for name, (mask, texts) in unreadable.items()
        if (at := mask.arg_true().to_list())
    ]
    notes += [f"{name}: {count} empty cells are taken as FALSE" for name, count in unset.items()]
    if frame.is_empty():
        notes.append("the file has a header and no rows")
    number = assessment_number(contract)
    return Accepted(
        filename=filename,
        frame=frame,
        rows=frame.height,
        assessment_number=frame[number][0] if number and frame.height else None,
        unreadable=counts,
        missing=matched.missing,
        unknown=matched.unknown,
        notes=tuple(notes),
    )


def _blank(text: pl.DataFrame) -> pl.Series:
    """Which rows have nothing in them; a line of spaces has them in its first field."""
    first, *rest = text.columns
    empty = [pl.col(first).fill_null("").str.strip_chars() == "", *(pl.col(name).fill_null("") == "" for name in rest)]
    return text.select(pl.all_horizontal(empty)).to_series()


def _header_notes(matched: Matched) -> list[str]:
    notes = [f"{name}: the file has no such column; it is null" for name in matched.missing]
    unknown = [name or "(unnamed)" for name in matched.unknown]
    return [*notes, f"unknown columns are not read: {', '.join(unknown)}"] if unknown else notes


_Unreadable = dict[str, tuple[pl.Series, list[str]]]


def _decode(text: pl.DataFrame, contract: Contract) -> tuple[pl.DataFrame, _Unreadable, dict[str, int]]:
    """The typed frame, per column with unreadable cells their mask and first texts, and the number of empty flags.

    Columns are taken out of ``text`` as they are read, so that one copy of the table is in memory, not two.
    """
    columns: list[pl.Series] = []
    unreadable: _Unreadable = {}
    unset: dict[str, int] = {}
    height = text.height
    for name, dtype in dtypes(contract).items():
        if name not in text.columns:
            columns.append(pl.repeat(None, height, dtype=dtype, eager=True).alias(name))
            continue
        kind = traits(contract)[name].kind
        raw = cells.emptied(text.drop_in_place(name), kind)
        read = cells.typed(raw, kind)
        if read.null_count() > raw.null_count():
            mask = raw.is_not_null() & read.is_null()
            unreadable[name] = mask, [repr(cell[:40]) for cell in raw.filter(mask).head(_SHOWN)]
        if kind is Kind.FLAG and raw.null_count():
            unset[name] = raw.null_count()
            read = read.set(raw.is_null(), value=False)
        columns.append(read)
    return pl.DataFrame(columns), unreadable, unset


def _broken_rules(
    frame: pl.DataFrame, unreadable: _Unreadable, contract: Contract, expected_number: str | None
) -> tuple[tuple[BrokenRule, ...], list[int]]:
    """The broken rules, and the zero-based rows that break them."""
    broken: list[BrokenRule] = []
    rows: list[int] = []
    of_column = traits(contract)
    for name, (mask, texts) in unreadable.items():
        if of_column[name].use is Use.REQUIRED:
            at = mask.arg_true().to_list()
            rows += at
            detail = f"{_rows(at)}: {', '.join(texts)} cannot be read as {of_column[name].kind}"
            broken.append(BrokenRule(rule="unreadable cell", column=name, count=len(at), detail=detail))
    # The contract's own rules, on a frame that also bears the row numbers.
    numbered = type(contract.__name__, (contract,), {"row_": dy.UInt32(alias=_ROW)})
    failure = numbered.filter(frame.with_row_index(_ROW)).failure
    details = failure.details() if failure.counts() else pl.DataFrame()
    for rule, count in failure.counts().items():
        name, _, kind = rule.rpartition("|")
        if name in unreadable and of_column[name].use is Use.REQUIRED:
            continue  # an unreadable cell is null as well; once is enough
        at = details.filter(pl.col(rule) == "invalid")[_ROW].to_list()
        rows += at
        label, want = _WORDS.get(kind, (kind, "break the rule"))
        column = name or ", ".join(contract.primary_key())
        broken.append(BrokenRule(rule=label, column=column, count=count, detail=f"{_rows(at)} {want}"))
    strangers = _other_assessment(frame, contract, expected_number)
    if strangers is not None:
        rule, at = strangers
        broken.append(rule)
        rows += at
    return tuple(broken), rows


_WORDS = {
    "nullability": ("empty cell", "must not be empty here"),
    "primary_key": ("duplicate rows", "bear a key that another row has too"),
}


def _other_assessment(
    frame: pl.DataFrame, contract: Contract, expected: str | None
) -> tuple[BrokenRule, list[int]] | None:
    column = assessment_number(contract)
    if column is None:
        return None
    numbers = frame[column]
    found = numbers.drop_nulls().unique(maintain_order=True).to_list()
    wanted = expected if expected is not None else next(iter(found), None)
    strangers = [number for number in found if number != wanted]
    if not strangers:
        return None
    at = numbers.is_in(strangers).arg_true().to_list()
    others = ", ".join(repr(number[:40]) for number in strangers[:_SHOWN])
    detail = f"{_rows(at)} of {others}, not of {wanted!r}; one file holds one assessment"
    return BrokenRule(rule="another assessment", column=column, count=len(at), detail=detail), at


def _rows(at: list[int]) -> str:
    first = ", ".join(str(row + 1) for row in at[:_SHOWN])
    more = f" and {len(at) - _SHOWN} more" if len(at) > _SHOWN else ""
    return f"{'row' if len(at) == 1 else 'rows'} {first}{more}"
