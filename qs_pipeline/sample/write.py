"""Writes an invented assessment as the files that people would upload."""

import difflib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from qs_pipeline.catalog import CATALOG
from qs_pipeline.model import ModelError, Upload, parse_assessment_id
from qs_pipeline.sample.assessment import assessment_files
from qs_pipeline.sample.class_i import class_i_files
from qs_pipeline.sample.class_i_water import class_i_water_files
from qs_pipeline.sample.class_ii_vii import class_ii_vii_files
from qs_pipeline.sample.class_iii_p import class_iii_p_files
from qs_pipeline.sample.class_iv import class_iv_files
from qs_pipeline.sample.class_vi import class_vi_files
from qs_pipeline.sample.force_flow import force_flow_files
from qs_pipeline.sample.raw import as_file
from qs_pipeline.sample.scenario import Scenario, Size, invent

_FILES: dict[str, Callable[[Scenario], dict[str, pl.DataFrame]]] = {
    "assessment": assessment_files,
    "force_flow": force_flow_files,
    "class_i": class_i_files,
    "class_i_water": class_i_water_files,
    "class_ii_vii": class_ii_vii_files,
    "class_iii_p": class_iii_p_files,
    "class_iv": class_iv_files,
    "class_vi": class_vi_files,
}
"""The files of each class of supply; of one that the catalog does not have, nothing is written."""


def write_sample(
    directory: Path, *, assessment: str, size: Size, seed: int, without: frozenset[str] = frozenset()
) -> tuple[Path, ...]:
    """Writes ``directory/assessments/<assessment>/<folder>/<name>.csv`` for every upload of the catalog.

    Args:
        directory: Made where it is missing; files of the same names are overwritten.
        assessment: The assessment's id, which the files bear as their assessment number.
        size: ``small``, ``medium`` or ``large``.
        seed: The same seed, size and assessment give the same bytes.
        without: Keys of classes of supply to leave out.

    Returns:
        The files, in the order of the catalog.

    Raises:
        ModelError: for an assessment id that is none, and for an unknown class of supply.
    """
    scenario = invent(parse_assessment_id(assessment), size, seed)
    for stranger in sorted(without - _FILES.keys()):
        near = difflib.get_close_matches(stranger, _FILES, n=1, cutoff=0)
        known = ", ".join(_FILES)
        raise ModelError(f"class of supply {stranger!r} is unknown: did you mean {near[0]!r}? There are {known}")
    written: list[Path] = []
    for each in CATALOG.classes:
        if each.uploads and each.key not in without:
            frames = _FILES[each.key](scenario)
            written += [
                _write(directory, scenario, upload, frames[upload.name])
                for upload in each.uploads
                if upload.name in frames
            ]
    return tuple(written)


def _write(directory: Path, scenario: Scenario, upload: Upload, frame: pl.DataFrame) -> Path:
    path = directory / "assessments" / scenario.assessment / upload.folder / upload.filename
    path.parent.mkdir(parents=True, exist_ok=True)
    as_file(upload.contract, frame).write_csv(path)
    return path
