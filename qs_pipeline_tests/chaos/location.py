"""The code location of the chaos test: the product's, with a sensor that waits a tenth as long."""

import dagster as dg

from qs_pipeline import definitions
from qs_pipeline.catalog import CATALOG
from qs_pipeline.dag.decide import Patience
from qs_pipeline.dag.sensor import upload_sensor

_HASTE = Patience(second_look=0.2, longest_debounce=6, first_pause=3, longest_pause=12)

defs = dg.Definitions(
    assets=definitions.defs.assets,
    asset_checks=definitions.defs.asset_checks,
    jobs=definitions.defs.jobs,
    sensors=[
        upload_sensor(CATALOG, definitions.assessment_job.name, patience=_HASTE),
        *(each for each in definitions.defs.sensors or () if each.name != "uploads"),
    ],
    resources=definitions.defs.resources,
    executor=definitions.defs.executor,
)
