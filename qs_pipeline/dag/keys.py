"""The names of the Dagster world: asset keys, the partitions, the pool and the tags of a run."""

import warnings

import dagster as dg

from qs_pipeline.model import Reference, Table, Upload

assessments = dg.DynamicPartitionsDefinition(name="assessment")

# Runs that publish at the same time; the rate of calls is the limiter's business.
POOL = "quicksight"

# The first part of the key of what all assessments share, and its group.
REFERENCE = "reference"

SYNC = dg.AssetKey(["quicksight", "sync"])
DASHBOARD = dg.AssetKey(["quicksight", "dashboard", "requirements"])

ROW_COUNT_STABLE = "row_count_stable"
DATASETS_SYNCED = "datasets_synced"
CONTRACT = "contract"
INPUTS_FIT = "inputs_fit"

# Run tags set by the sensor. A run without them was started by a person.
FINGERPRINT_TAG = "qs_pipeline/fingerprint"
ATTEMPT_TAG = "qs_pipeline/attempt"
CAUSE_TAG = "qs_pipeline/cause"
PARTITION_TAG = "dagster/partition"
# Of a run that a person, or the drift sensor, ordered.
ORDER_TAG = "qs_pipeline/order"
# What the cause of a repair begins with.
REPAIR = "drift: "


def check_of(asset: dg.AssetKey, name: str, description: str, *, blocking: bool) -> dg.AssetCheckSpec:
    """A check with a verdict for each assessment: without partitions it would have one timeline for all of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", dg.PreviewWarning)
        return dg.AssetCheckSpec(
            name, asset=asset, description=description, blocking=blocking, partitions_def=assessments
        )


def upload_key(name: str) -> dg.AssetKey:
    """The asset of the upload ``name``."""
    return dg.AssetKey(["uploads", name])


def reference_key(name: str) -> dg.AssetKey:
    """The asset of the reference ``name``, which no assessment owns."""
    return dg.AssetKey([REFERENCE, name])


def source_key(source: Upload | Reference | Table) -> dg.AssetKey:
    """The asset of what a table is made of."""
    match source:
        case Upload():
            return upload_key(source.name)
        case Reference():
            return reference_key(source.name)
        case Table():
            return table_asset_key(source.name)


def table_asset_key(name: str) -> dg.AssetKey:
    """The asset of the table ``name``."""
    return dg.AssetKey(["tables", name])


def data_set_key(name: str) -> dg.AssetKey:
    """The asset of the data set made from the table ``name``."""
    return dg.AssetKey(["quicksight", "dataset", name])
