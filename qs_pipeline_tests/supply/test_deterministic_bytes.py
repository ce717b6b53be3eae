"""Every table, twenty times over, in processes of different thread counts: one hash."""

import json
import os
import subprocess
import sys
from pathlib import Path

from qs_pipeline.catalog import CATALOG
from qs_pipeline.sample import write_sample

# Run by each process: build all tables from the CSVs in argv[1] seven times, print the hashes seen of each.
REPEAT = """
import json, sys
from collections import defaultdict
from pathlib import Path
from qs_pipeline.catalog import CATALOG
from qs_pipeline.frames.intake import read_upload
from qs_pipeline.frames.published import read_published, render

folder = Path(sys.argv[1])
hashes = defaultdict(set)
for _ in range(7):
    frames = {}
    for path in sorted(folder.rglob("assessments/**/*.csv")):
        upload = CATALOG.upload_for(path.name)
        verdict = read_upload(path, upload.contract, filename=path.name, expected_number="10910")
        frames[upload.name] = verdict.frame.lazy()
    for reference in CATALOG.references:
        path = folder / reference.key
        frames[reference.name] = read_upload(
            path, reference.contract, filename=path.name, expected_number=None
        ).frame.lazy()
    for table in CATALOG.tables:
        sources = [frames.get(name) for name in table.inputs]
        rendered = render(table, table.transform(*sources), folder / f"{table.name}.{sys.argv[2]}.csv")
        hashes[table.name].add(rendered.sha256)
        frames.setdefault(table.name, read_published(rendered.path, table))
print(json.dumps({name: sorted(seen) for name, seen in hashes.items()}))
"""


def hashes(folder: Path, threads: int) -> dict[str, list[str]]:
    environment = os.environ | {"POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads)}
    command = [sys.executable, "-c", REPEAT, str(folder), str(threads)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_same_input_gives_the_same_bytes_in_every_process(tmp_path: Path) -> None:
    write_sample(tmp_path, assessment="10910", size="medium", seed=3)
    seen = [hashes(tmp_path, threads) for threads in (1, 2, 7)]
    assert seen[0].keys() == {table.name for table in CATALOG.tables}
    for name, of_table in seen[0].items():
        assert len(of_table) == 1, name
        assert all(other[name] == of_table for other in seen), name
