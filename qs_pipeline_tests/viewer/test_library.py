"""The charting library is put together once, and then kept."""

from importlib.metadata import version
from pathlib import Path

from qs_pipeline.viewer.library import charting_library


def test_the_charting_library_is_not_put_together_again_by_the_next_process(tmp_path: Path) -> None:
    kept = tmp_path / f"charts-{version('vl-convert-python')}-6.4.js"
    kept.write_text("// kept")
    assert charting_library(tmp_path) == "// kept"
    assert list(tmp_path.iterdir()) == [kept]
