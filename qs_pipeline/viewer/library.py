"""The charting library as one script: vl-convert puts it together from what its wheel holds, and a file keeps it.

That takes some five seconds, which nobody who opens a page shall wait for twice.
"""

import os
import tempfile
import threading
from importlib.metadata import version
from pathlib import Path

import vl_convert

_VEGA_LITE = "6.4"
_ONE_AT_A_TIME = threading.Lock()


def charting_library(folder: Path) -> str:
    """The script, which sets ``window.vegaEmbed``; made where ``folder`` does not hold that of this version."""
    file = folder / f"charts-{version('vl-convert-python')}-{_VEGA_LITE}.js"
    with _ONE_AT_A_TIME:
        if not file.exists():
            # In a scope of its own: its short names would be everybody's.
            bundle = vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;", vl_version=_VEGA_LITE)
            _keep(file, f"(() => {{{bundle}}})();")
    return file.read_text(encoding="utf-8")


def _keep(file: Path, text: str) -> None:
    """All of it or nothing: a process may be killed, and another may do the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=file.name)
    with os.fdopen(handle, "w", encoding="utf-8") as opened:
        opened.write(text)
    Path(name).replace(file)
