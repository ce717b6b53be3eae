"""An uploaded CSV is taken whole or not at all.

A broken required rule rejects the file; an unreadable cell of a carried column becomes null and is counted. Part of a
file is never used: sums over half a file look right and are wrong.
"""

import inspect
from pathlib import Path

import dataframely as dy
import polars as pl

from qs_pipeline.frames.columns import Kind, Use
from qs_pipeline.frames.contract import Contract, assessment_number, traits
from qs_pipeline.frames.decode import Decoded, decode, rows_in_words
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
    missing = [f"{name}: the file has no such column; it is null" for name in matched.missing]
    notes = _unknown_columns(matched)
    blank = _blank(text)
    if blank.any():
        text = text.filter(~blank)
        notes.append(f"{int(blank.sum())} blank rows left out")
    if text.is_empty():
        detail = "the file has a header and no rows; upload the rows too, or delete the file if there are none"
        return Rejected(filename=filename, broken=(BrokenRule(rule="no rows", detail=detail),), notes=tuple(notes))
    decoded = decode(text, contract)
    broken, rows = _broken_rules(decoded, contract, expected_number)
    if broken:
        sample = scan(source, matched.positions, len(header)).filter(~blank).with_row_index(_ROW, offset=1)
        offending = sample[sorted(set(rows))[:_SAMPLE_ROWS]]
        return Rejected(filename=filename, broken=broken, sample_rows=tuple(offending.to_dicts()), notes=tuple(notes))
    given_up = [
        f"{name}: {len(cells.rows)} unreadable cells became null, {cells}" for name, cells in decoded.unreadable.items()
    ]
    warnings = (*missing, *given_up, *decoded.warnings)
    number = assessment_number(contract)
    return Accepted(
        filename=filename,
        frame=decoded.frame,
        rows=decoded.frame.height,
        assessment_number=next(iter(decoded.frame[number].drop_nulls()), None) if number else None,
        unreadable={name: len(cells.rows) for name, cells in decoded.unreadable.items()},
        missing=matched.missing,
        unknown=matched.unknown,
        warnings=warnings,
        notes=(*warnings, *notes, *decoded.notes),
    )


def _blank(text: pl.DataFrame) -> pl.Series:
    """Which rows have nothing in them; a line of spaces has them in its first field."""
    first, *rest = text.columns
    empty = [pl.col(first).fill_null("").str.strip_chars() == "", *(pl.col(name).fill_null("") == "" for name in rest)]
    return text.select(pl.all_horizontal(empty)).to_series()


def _unknown_columns(matched: Matched) -> list[str]:
    unknown = [name or "(unnamed)" for name in matched.unknown]
    return [f"unknown columns are not read: {', '.join(unknown)}"] if unknown else []


def _broken_rules(
    decoded: Decoded, contract: Contract, expected_number: str | None
) -> tuple[tuple[BrokenRule, ...], list[int]]:
    """The broken rules, and the zero-based rows that break them."""
    broken: list[BrokenRule] = []
    rows: list[int] = []
    of_column = traits(contract)
    unreadable = {name: cells for name, cells in decoded.unreadable.items() if of_column[name].use is Use.REQUIRED}
    for name, cells in unreadable.items():
        rows += cells.rows
        detail = f"{cells} cannot be read as {_KINDS.get(of_column[name].kind, of_column[name].kind)}"
        broken.append(BrokenRule(rule="unreadable cell", column=name, count=len(cells.rows), detail=detail))
    # The contract's own rules, on a frame that also bears the row numbers.
    numbered = type(contract.__name__, (contract,), {"row_": dy.UInt32(alias=_ROW)})
    failure = numbered.filter(decoded.frame.with_row_index(_ROW)).failure
    details = failure.details() if failure.counts() else pl.DataFrame()
    for rule, count in failure.counts().items():
        name, _, kind = rule.rpartition("|")
        if name in unreadable:
            continue  # an unreadable cell is null as well; once is enough
        at = details.filter(pl.col(rule) == "invalid")[_ROW].to_list()
        rows += at
        label, column, want = _in_words(contract, name, kind)
        broken.append(BrokenRule(rule=label, column=column, count=count, detail=f"{rows_in_words(at)}{want}"))
    strangers = _other_assessment(decoded.frame, contract, expected_number)
    if strangers is not None:
        rule, at = strangers
        broken.append(rule)
        rows += at
    return tuple(broken), rows


_KINDS = {Kind.DAY: "a day, a whole number from 1 on"}


def _in_words(contract: Contract, column: str, kind: str) -> tuple[str, str | None, str]:
    """A rule of the contract: its name, its column, and what goes after the rows that break it."""
    if kind == "nullability":
        return "empty cell", column, " must not be empty here"
    if kind == "primary_key":
        return "duplicate rows", ", ".join(contract.primary_key()), " bear a key that another row has too"
    return kind.replace("_", " "), column or None, f": {_first_line(getattr(contract, kind).validation_fn)}"


def _first_line(documented: object) -> str:
    return (inspect.getdoc(documented) or "").partition("\n")[0]


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
    detail = f"{rows_in_words(at)} of {others}, not of {wanted!r}; one file holds one assessment"
    return BrokenRule(rule="another assessment", column=column, count=len(at), detail=detail), at
