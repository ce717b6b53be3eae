"""What ``run --out`` leaves on disk of each assessment: the derived tables and the definition that are published."""

from collections.abc import Iterable
from pathlib import Path

from qs_pipeline.catalog import Catalog
from qs_pipeline.dag.lifecycle import IN_PART, AssessmentLife
from qs_pipeline.store import AssessmentStore

_DEFINITION = "dashboard.json"


def write_results(store: AssessmentStore, catalog: Catalog, lives: Iterable[AssessmentLife], out: Path) -> None:
    """Write ``out/assessments/<id>/`` of each assessment anew.

    Of an assessment that was not published nothing is written, since its tables may be ahead of its dashboard. What an
    earlier call wrote is removed; other files of the folder are left alone.

    Raises:
        StoreError: where something cannot be read.
    """
    uploads = {upload.name for upload in catalog.uploads}
    derived = {table.name for table in catalog.tables} - uploads
    for life in lives:
        folder = out / "assessments" / life.assessment
        for name in [*(f"{table}.csv" for table in derived), _DEFINITION]:
            (folder / name).unlink(missing_ok=True)
        if life.state not in ("published", IN_PART):
            continue
        folder.mkdir(parents=True, exist_ok=True)
        for each in life.data_sets:
            if each.written and each.name in derived:
                store.read_table(life.assessment, each.name, folder / f"{each.name}.csv")
        if life.definition:
            store.read_definition(life.assessment, life.definition, folder / _DEFINITION)
