"""Writes an invented assessment as the files that people would upload."""

import difflib
from collections.abc import Callable
from pathlib import Path

import polars as pl

from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.contract import Contract
from qs_pipeline.model import ModelError, parse_assessment_id
from qs_pipeline.sample.assessment import assessment_files
from qs_pipeline.sample.class_i import class_i_files
from qs_pipeline.sample.class_i_water import class_i_water_files
from qs_pipeline.sample.class_ii_vii import class_ii_vii_files
from qs_pipeline.sample.class_iii_p import class_iii_p_files
from qs_pipeline.sample.class_iv import class_iv_files
from qs_pipeline.sample.class_ix import class_ix_files
from qs_pipeline.sample.class_vi import class_vi_files
from qs_pipeline.sample.force_flow import force_flow_files
from qs_pipeline.sample.parts import lookup
from qs_pipeline.sample.quirks import quirky_rows, quirky_scenario, write_quirky
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
    "class_ix": class_ix_files,
}
"""The files of each class of supply; of one that the catalog does not have, nothing is written."""

_REFERENCES: dict[str, Callable[[Size, int], pl.DataFrame]] = {"class_ix_dimensions": lookup}
"""The files that all assessments of a size and seed share."""


def write_sample(
    directory: Path,
    *,
    assessment: str,
    size: Size,
    seed: int,
    without: frozenset[str] = frozenset(),
    quirks: bool = False,
) -> tuple[Path, ...]:
    """Writes ``directory/assessments/<assessment>/<folder>/<name>.csv``, and what assessments share beside them.

    Args:
        directory: Made where it is missing; files of the same names are overwritten.
        assessment: The assessment's id, which the files bear as their assessment number.
        size: ``small``, ``medium`` or ``large``.
        seed: The same seed, size and assessment give the same bytes. References depend on seed and size only.
        without: Keys of classes of supply to leave out; the other files stay as they are.
        quirks: Whether to write the same data as untidy tools and people do.

    Returns:
        The files of the assessment, in the order of the catalog.

    Raises:
        ModelError: for an assessment id that is none, and for an unknown class of supply.
    """
    scenario = invent(parse_assessment_id(assessment), size, seed)
    for stranger in sorted(without - _FILES.keys()):
        near = difflib.get_close_matches(stranger.lower(), _FILES, n=1, cutoff=0)
        known = ", ".join(_FILES)
        raise ModelError(f"class of supply {stranger!r} is unknown: did you mean {near[0]!r}? There are {known}")
    if quirks:
        scenario = quirky_scenario(scenario)
    folder = directory / "assessments" / scenario.assessment
    written: list[Path] = []
    for each in CATALOG.classes:
        if not each.uploads or each.key in without:
            continue
        frames = _FILES[each.key](scenario)
        for upload in each.uploads:
            # Of two layouts of one file only one is written.
            if upload.name in frames:
                path = folder / upload.folder / upload.filename
                _write(path, upload.contract, frames[upload.name], quirks=quirks)
                written.append(path)
        for reference in each.references:
            frame = _REFERENCES[reference.name](size, seed)
            _write(directory / reference.key, reference.contract, frame, quirks=quirks)
    return tuple(written)


def _write(path: Path, contract: Contract, frame: pl.DataFrame, *, quirks: bool) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    name = contract.__name__
    if quirks:
        write_quirky(name, as_file(contract, quirky_rows(name, frame)), path)
    else:
        as_file(contract, frame).write_csv(path)
