"""Three ways to declare a table, and the version of its code.

A table says everything once: its name is its function's, its inputs are the function's parameters, its description is
the function's docstring.
"""

import hashlib
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import CodeType, FunctionType
from typing import cast

import polars as pl

from qs_pipeline.frames.contract import Contract, traits
from qs_pipeline.model import Lookup, Table, Upload

Transform = Callable[..., pl.LazyFrame]


def table(contract: Contract, *, row_wise: bool = False, lookup: Lookup | None = None) -> Callable[[Transform], Table]:
    """Makes a table of the function below it.

    A parameter is an input, by the name of an upload, a table or a reference; one with the default ``None`` is
    optional.

    Args:
        contract: The columns of the table, in the order they are written.
        row_wise: Whether rows are made one by one, with nothing grouped, added up or sorted.
        lookup: How unmatched keys show, where the table takes in a reference.
    """

    def declare(function: Transform) -> Table:
        parameters = inspect.signature(function).parameters
        return Table(
            name=function.__name__,
            transform=function,
            inputs=tuple(parameters),
            optional=frozenset(name for name, each in parameters.items() if each.default is None),
            contract=contract,
            description=inspect.getdoc(function) or "",
            row_wise=row_wise,
            lookup=lookup,
        )

    return declare


def identity(upload: Upload) -> Table:
    """Publishes an upload as it is, under its own name."""
    return Table(
        name=upload.name,
        transform=_as_uploaded,
        inputs=(upload.name,),
        contract=upload.contract,
        description=upload.description,
        row_wise=True,
    )


def union(name: str, contract: Contract, parts: Sequence[Table], transform: Transform, description: str) -> Table:
    """A table over any of ``parts``: ``transform`` takes one frame or ``None`` for each, row by row."""
    names = tuple(part.name for part in parts)
    return Table(
        name=name,
        transform=transform,
        inputs=names,
        optional=frozenset(names),
        contract=contract,
        description=description,
        row_wise=True,
    )


def code_version(of: Table) -> str:
    """A hash that moves when the rows that ``of`` makes of the same inputs may change.

    It covers the source of the transform, of the functions and contracts it names, as far as they are ours, and the
    values of the constants it names.
    """
    digest = hashlib.sha256()
    for source in sorted({*_sources(of.transform, set()), *_contract_sources(of.contract)}):
        digest.update(source.encode())
    return digest.hexdigest()[:16]


def contract_version(contract: Contract) -> str:
    """A hash that moves when the columns or the rules of ``contract`` may change, or the words a column may hold."""
    words = (_text(column.one_of) for column in traits(contract).values() if column.one_of)
    return hashlib.sha256("".join([*_contract_sources(contract), *words]).encode()).hexdigest()[:16]


def _as_uploaded(upload: pl.LazyFrame) -> pl.LazyFrame:
    return upload


@cache
def _source(thing: type | FunctionType) -> str:
    """The source text; finding that of a class means parsing its module."""
    return inspect.getsource(thing)


def _ours(thing: object) -> bool:
    return getattr(thing, "__module__", "").startswith(__name__.partition(".")[0])


def _contract_sources(contract: type) -> Iterator[str]:
    for owner in contract.__mro__:
        if _ours(owner):
            yield _source(owner)


def _sources(thing: object, seen: set[int]) -> Iterator[str]:
    """The source of a function and of all it names, or the value of a constant."""
    if id(thing) in seen or inspect.ismodule(thing):
        return
    seen.add(id(thing))
    if isinstance(thing, type):
        if _ours(thing):
            yield from _contract_sources(thing)
    elif isinstance(thing, FunctionType):
        if _ours(thing):
            yield _source(thing)
            for name in _names(thing.__code__):
                if name in thing.__globals__:
                    yield from (f"{name} = {source}" for source in _sources(thing.__globals__[name], seen))
    elif not callable(thing):
        yield _text(thing)


def _text(value: object) -> str:
    """A constant as text that is the same in every process: no addresses, no order of sets."""
    if isinstance(value, pl.Expr):
        return str(value)
    if isinstance(value, Mapping):
        items = cast("Mapping[object, object]", value).items()
        return f"{{{', '.join(f'{_text(key)}: {_text(each)}' for key, each in items)}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(_text(each) for each in cast('Sequence[object]', value))}]"
    if isinstance(value, set | frozenset):
        return f"{{{', '.join(sorted(_text(each) for each in cast('frozenset[object]', value)))}}}"
    return repr(value)


def _names(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)
