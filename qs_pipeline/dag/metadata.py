"""What an operator reads beside an asset: column schemas in the definition, previews and figures in the event log."""

from collections.abc import Mapping, Sequence
from typing import Any

import dagster as dg
import dataframely as dy
import polars as pl

PREVIEW_ROWS = 10
_PREVIEW_COLUMNS = 12
_CELL = 40


def column_schema(contract: type[dy.Schema]) -> dg.TableSchema:
    """The contract's columns as the Dagster UI shows them."""
    return dg.TableSchema(
        columns=[
            dg.TableColumn(
                name=name,
                type=str(column.dtype),
                constraints=dg.TableColumnConstraints(nullable=column.nullable),
                description=column.description,
            )
            for name, column in contract.columns().items()
        ]
    )


def column_lineage(contract: type[dy.Schema], sources: Mapping[dg.AssetKey, type[dy.Schema]]) -> dg.TableColumnLineage:
    """The columns that pass through: those that a source has by the same name, in whatever case.

    A name is not used anew for something else; a test holds that against the rows of a sample.
    """
    named = {key: {name.lower(): name for name in source.columns()} for key, source in sources.items()}
    found = {
        column: [
            dg.TableColumnDep(asset_key=key, column_name=names[column.lower()])
            for key, names in named.items()
            if column.lower() in names
        ]
        for column in contract.columns()
    }
    return dg.TableColumnLineage(deps_by_column={column: deps for column, deps in found.items() if deps})


def preview(frame: pl.DataFrame) -> dg.MarkdownMetadataValue:
    """The first rows as a markdown table; cells are escaped, cut, and never read as markup."""
    head = frame.head(PREVIEW_ROWS)
    columns = head.columns[:_PREVIEW_COLUMNS]
    rows = [[_cell(value) for value in row] for row in head.select(columns).iter_rows()]
    table = markdown_table([_cell(column) for column in columns], rows)
    more = len(head.columns) - len(columns)
    return dg.MetadataValue.md(table + (f"\n\n... and {more} more columns" if more > 0 else ""))


def link_to(url: str) -> dict[str, dg.UrlMetadataValue]:
    """The entry ``link``, or none where there is nothing to lead to."""
    return {"link": dg.MetadataValue.url(url)} if url else {}


def picture_at(url: str) -> dg.MarkdownMetadataValue:
    """A picture that the browser fetches when somebody looks at the entry."""
    return dg.MetadataValue.md(f"![the first sheet]({url})")


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    """A markdown table of cells that are already safe."""
    lines = [header, ["---"] * len(header), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def records_table(records: Sequence[Mapping[str, object]]) -> str:
    """Records with the same keys as a markdown table; empty where there is none. No cell is cut."""
    if not records:
        return ""
    columns = list(records[0])[:_PREVIEW_COLUMNS]
    rows = [[safe(str(each[name] or "")) for name in columns] for each in records]
    return markdown_table([safe(name) for name in columns], rows)


def _cell(value: Any) -> str:  # noqa: ANN401 - a cell holds whatever polars holds
    text = "" if value is None else str(value)
    return safe(text if len(text) <= _CELL else text[: _CELL - 1] + "…")


def safe(text: str) -> str:
    """Text that markdown shows as it stands."""
    for mark, safe in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ("|", "&#124;"), ("`", "&#96;"), ("[", "&#91;")):
        text = text.replace(mark, safe)
    return " ".join(text.split())
