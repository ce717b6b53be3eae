"""Which field of the file is which column of the contract, whatever the header's case and punctuation."""

import difflib
from collections import defaultdict
from dataclasses import dataclass

from qs_pipeline.frames.contract import Contract, file_columns, folded, required_columns, traits, unused_columns
from qs_pipeline.frames.verdict import BrokenRule, RefusedError

_ANOTHER_LAYOUT = 4
"""More missing columns than a person misspells."""


@dataclass(frozen=True, kw_only=True)
class Matched:
    """A header, understood.

    Attributes:
        positions: Zero-based field position to the column read from it, in the order of the file.
        missing: Carried columns that the file lacks.
        unknown: Headers that the contract does not know; an empty one is an unnamed column.
    """

    positions: dict[int, str]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]


def match_header(header: list[str], contract: Contract) -> Matched:
    """Finds the contract's columns in ``header``.

    A header that equals a column's name takes that column; the others are compared without case and punctuation with
    the columns still free. So ``STANDARD_UNIT_PRICE`` and ``STANDARD UNIT PRICE`` can be two columns of one file.

    Raises:
        RefusedError: for headers that stand twice or name one column twice, for missing required columns, and where no
            column is known at all.
    """
    claims: dict[str, list[int]] = defaultdict(list)
    names = file_columns(contract)
    exact = {header: name for name in names for header in (name, *_also(contract, name))}
    left: list[int] = []
    for at, spelled in enumerate(header):
        if spelled in exact:
            claims[exact[spelled]].append(at)
        else:
            left.append(at)
    alike: dict[str, set[str]] = defaultdict(set)
    for spelled, name in exact.items():
        alike[folded(spelled)].add(name)
    taken = frozenset(claims)
    unknown: list[int] = []
    for at in left:
        candidates = alike.get(folded(header[at]), set()) if header[at] else set[str]()
        # Where all are taken the file names one of them a second time, which is refused below.
        free = sorted(candidates - taken) or sorted(candidates)
        for name in free:
            claims[name].append(at)
        if not free:
            unknown.append(at)
    unknown_names = tuple(header[at] for at in unknown)
    _refuse_doubles(header, claims, unknown_names)
    _refuse_missing(contract, claims, unknown_names)
    unused = unused_columns(contract)
    positions = dict(sorted((places[0], name) for name, places in claims.items() if name not in unused))
    if not positions:
        wanted = ", ".join(contract.column_names())
        raise RefusedError(BrokenRule(rule="header", detail=f"no known column in it; this file has {wanted}"))
    return Matched(
        positions=positions,
        missing=tuple(name for name in contract.column_names() if name not in claims),
        unknown=unknown_names,
    )


def _also(contract: Contract, name: str) -> tuple[str, ...]:
    of_column = traits(contract).get(name)
    return of_column.also if of_column else ()


def _refuse_doubles(header: list[str], claims: dict[str, list[int]], unknown: tuple[str, ...]) -> None:
    twice = {name: [header[at] for at in positions] for name, positions in claims.items() if len(positions) > 1}
    twice |= {name: [name] * unknown.count(name) for name in unknown if name and unknown.count(name) > 1}
    by_position: dict[int, list[str]] = defaultdict(list)
    for name, positions in claims.items():
        for at in positions:
            by_position[at].append(name)
    broken = [
        BrokenRule(
            rule="duplicate column",
            column=name,
            count=len(spelled),
            detail=f"the header names it {len(spelled)} times ({', '.join(spelled)}); keep one",
        )
        for name, spelled in twice.items()
    ]
    broken += [
        BrokenRule(
            rule="ambiguous column",
            column=header[at],
            detail=f"this may be {' or '.join(names)}; spell it as one of them",
        )
        for at, names in by_position.items()
        if len(names) > 1
    ]
    if broken:
        raise RefusedError(*broken)


def _refuse_missing(contract: Contract, claims: dict[str, list[int]], unknown: tuple[str, ...]) -> None:
    required = required_columns(contract)
    missing = [name for name in contract.column_names() if name in required and name not in claims]
    if not missing:
        return
    broken: list[BrokenRule] = []
    for name in missing:
        near = difflib.get_close_matches(name, unknown, n=1)
        hint = f"; is it {near[0]!r}?" if near else ""
        detail = f"the header has no column {name!r}{hint}"
        broken.append(BrokenRule(rule="missing column", column=name, detail=detail))
    if len(missing) > _ANOTHER_LAYOUT:
        wanted = ", ".join(name for name in contract.column_names() if name in required)
        detail = f"this looks like another file; {contract.__name__}.csv must have {wanted}"
        broken.append(BrokenRule(rule="layout", count=len(missing), detail=detail))
    raise RefusedError(*broken)
