"""The code location: uploads -> tables -> data sets -> sync -> dashboard, one partition an assessment."""

import dagster as dg

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.checks import row_count_stable_check
from qs_pipeline.dag.dashboard import dashboard_asset
from qs_pipeline.dag.datasets import data_sets_asset
from qs_pipeline.dag.failures import failure_sensor
from qs_pipeline.dag.orders import order_sensor
from qs_pipeline.dag.references import reference_asset
from qs_pipeline.dag.resources import QuickSightWorkspace, StoreResource
from qs_pipeline.dag.sensor import upload_sensor
from qs_pipeline.dag.sync import sync_asset
from qs_pipeline.dag.tables import table_asset
from qs_pipeline.dag.translator import DagsterQuickSightTranslator
from qs_pipeline.dag.uploads import uploads_asset
from qs_pipeline.dag.watch import drift_sensor

translator = DagsterQuickSightTranslator(CATALOG)

assets = [
    uploads_asset(CATALOG, translator),
    *(reference_asset(reference, translator) for reference in CATALOG.references),
    *(table_asset(CATALOG, table, translator) for table in CATALOG.tables),
    data_sets_asset(CATALOG, translator),
    sync_asset(CATALOG, translator),
    dashboard_asset(CATALOG, translator),
]

assessment_job = dg.define_asset_job(
    "assessment",
    selection=dg.AssetSelection.assets(*assets),
    description="Bring one assessment from its uploads to its dashboard.",
)

defs = dg.Definitions(
    assets=assets,
    asset_checks=[row_count_stable_check(CATALOG)],
    jobs=[assessment_job],
    sensors=[
        upload_sensor(CATALOG, assessment_job.name),
        order_sensor(assessment_job.name),
        drift_sensor(CATALOG),
        failure_sensor,
    ],
    resources={"store": StoreResource(), "quicksight": QuickSightWorkspace()},
    executor=dg.in_process_executor,
)
