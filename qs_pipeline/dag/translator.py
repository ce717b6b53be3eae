"""The one place that turns a catalog entry into an ``AssetSpec``: keys, groups, kinds, tags, owners, columns."""

import dagster as dg

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.keys import (
    DASHBOARD,
    REFERENCE,
    SYNC,
    assessments,
    data_set_key,
    reference_key,
    source_key,
    table_asset_key,
    upload_key,
)
from qs_pipeline.dag.metadata import column_lineage, column_schema
from qs_pipeline.model import ClassOfSupply, Reference, Table, Upload
from qs_pipeline.supply.table import code_version, contract_version

_DASHBOARD_TEXT = (
    "The dashboard of the assessment: the definition in `definitions/dashboard`, cut down to the sheets and visuals "
    "whose data the assessment has. Materialize it by hand to publish it anew; it verifies first that its data sets "
    "agree with their files."
)
_SYNC_TEXT = (
    "For every published table: the file on S3, its data set and its last completed ingestion agree in version and "
    "rows. The check `datasets_synced` holds the dashboard back where they do not."
)


class DagsterQuickSightTranslator:
    """Asset specs of a catalog. Subclass it to name, group or tag the assets of a site otherwise."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog

    def upload(self, upload: Upload) -> dg.AssetSpec:
        """``uploads/<name>``: one CSV that people put on S3."""
        supply = self.catalog.class_of(upload.name)
        return dg.AssetSpec(
            upload_key(upload.name),
            description=upload.description,
            group_name="uploads",
            kinds={"s3", "csv"},
            code_version=contract_version(upload.contract),
            metadata={
                "dagster/column_schema": column_schema(upload.contract),
                "dagster/table_name": upload.filename,
                "folder": upload.folder,
            },
            partitions_def=assessments,
            tags=_tags(supply),
            owners=supply.owners,
        )

    def reference(self, reference: Reference) -> dg.AssetSpec:
        """``reference/<name>``: one CSV that all assessments share."""
        supply = self.catalog.class_of(reference.name)
        return dg.AssetSpec(
            reference_key(reference.name),
            description=reference.description,
            group_name=REFERENCE,
            kinds={"s3", "csv"},
            code_version=contract_version(reference.contract),
            metadata={
                "dagster/column_schema": column_schema(reference.contract),
                "dagster/table_name": reference.filename,
            },
            tags=_tags(supply),
            owners=supply.owners,
        )

    def table(self, table: Table) -> dg.AssetSpec:
        """``tables/<name>``: one published CSV, made from uploads and other tables."""
        supply = self.catalog.class_of(table.name)
        return dg.AssetSpec(
            table_asset_key(table.name),
            deps=[source_key(source) for source in self.catalog.sources(table)],
            description=table.description,
            group_name=supply.key,
            kinds={"polars", "csv"},
            code_version=code_version(table),
            metadata={
                "dagster/column_schema": column_schema(table.contract),
                "dagster/column_lineage": column_lineage(
                    table.contract, {source_key(source): source.contract for source in self.catalog.sources(table)}
                ),
                "dagster/table_name": f"{table.name}.csv",
            },
            partitions_def=assessments,
            tags=_tags(supply),
            owners=supply.owners,
        )

    def data_set(self, table: Table) -> dg.AssetSpec:
        """``quicksight/dataset/<name>``: the SPICE data set of one published table."""
        supply = self.catalog.class_of(table.name)
        return dg.AssetSpec(
            data_set_key(table.name),
            deps=[table_asset_key(table.name)],
            description=f"The QuickSight data set of {table.name}, refreshed when the bytes of its CSV differ.",
            group_name="quicksight",
            kinds={"quicksight", "dataset"},
            code_version=contract_version(table.contract),
            metadata={
                "dagster/column_schema": column_schema(table.contract),
                "dagster/column_lineage": column_lineage(table.contract, {table_asset_key(table.name): table.contract}),
            },
            partitions_def=assessments,
            tags=_tags(supply),
            owners=supply.owners,
        )

    def sync(self) -> dg.AssetSpec:
        """``quicksight/sync``: the gate between data sets and dashboard."""
        return dg.AssetSpec(
            SYNC,
            deps=[data_set_key(table.name) for table in self.catalog.tables],
            description=_SYNC_TEXT,
            group_name="quicksight",
            kinds={"quicksight"},
            partitions_def=assessments,
            owners=self._owners,
        )

    def dashboard(self) -> dg.AssetSpec:
        """``quicksight/dashboard/requirements``: the published dashboard."""
        return dg.AssetSpec(
            DASHBOARD,
            deps=[SYNC],
            description=_DASHBOARD_TEXT,
            group_name="quicksight",
            kinds={"quicksight", "dashboard"},
            partitions_def=assessments,
            owners=self._owners,
        )

    @property
    def _owners(self) -> list[str]:
        """What is made of every class belongs to all their owners."""
        return list(dict.fromkeys(owner for supply in self.catalog.classes for owner in supply.owners))


def _tags(supply: ClassOfSupply) -> dict[str, str]:
    return {"class_of_supply": supply.key}
