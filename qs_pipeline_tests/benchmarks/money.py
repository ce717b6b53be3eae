"""What an assessment costs a month on AWS, by arithmetic: ``money.py [SIZE ...]``.

A first publication of every class is made in this process beside the embedded AWS, and what AWS charges for is counted:
requests to S3, bytes kept. What is assumed stands below, and so do the prices that it is multiplied with: list prices
of one region in dollars, from memory. Look yours up first.
"""

import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import get_args

import boto3

from qs_pipeline.local_aws.faults import Fault, Faults
from qs_pipeline.sample import Size
from qs_pipeline_tests.benchmarks.storages import Site, aws_in, site_on

# Assumed of a site.
CHANGES = 52 / 12  # runs a month of an assessment that changes once a week; each counts as if all were new
RUN_HOURS = 3 / 60  # from the start of a task to its end; most of it waits for QuickSight
VERSION_MONTHS = 1  # how long the template keeps earlier versions of objects
EVENT_MONTHS = 4  # how long events stay where retention.sql runs monthly
EVENTS_GB = 0.8e-3  # what a run leaves in the database, of storages.py
HOURS = 730

# Prices in dollars.
VCPU_HOUR, GB_HOUR = 0.0405, 0.00445  # Fargate
S3_GB, S3_WRITE, S3_READ = 0.023, 0.005e-3, 0.0004e-3
SPICE_GB = 0.38
DATABASE_HOUR, DATABASE_GB = 0.065, 0.115  # db.t4g.medium, gp3


class Requests(Faults):
    """A fault plan without faults that counts the requests to S3."""

    def __init__(self) -> None:
        super().__init__()
        self.seen = Counter[str]()

    def take(self, name: str, resources: Sequence[str] = ()) -> Fault | None:
        """None, and counted."""
        is_listing = name == "s3:GET" and all("/" not in each for each in resources)
        self.seen["LIST" if is_listing else name.removeprefix("s3:")] += name.startswith("s3:")
        return super().take(name, resources)

    def charged(self) -> tuple[int, int]:
        """Requests at the price of writing and at that of reading; deletions are free."""
        writes = self.seen["PUT"] + self.seen["POST"] + self.seen["LIST"]
        return writes, self.seen["GET"] + self.seen["HEAD"]


def kept(site: Site) -> dict[str, int]:
    """Bytes in the site's bucket by the first part of the key."""
    found = Counter[str]()
    with site.working():
        pages = boto3.client("s3").get_paginator("list_objects_v2").paginate(Bucket=site.environment["QS_BUCKET"])
        for each in (each for page in pages for each in page.get("Contents", [])):
            found[each.get("Key", "").partition("/")[0]] += each.get("Size", 0)
    return dict(found)


def monthly(writes: int, reads: int, stored: int, shown: int) -> dict[str, float]:
    """Dollars a month of one assessment."""
    return {
        "tasks of its runs": CHANGES * RUN_HOURS * (1 * VCPU_HOUR + 4 * GB_HOUR),
        "requests to S3": CHANGES * (writes * S3_WRITE + reads * S3_READ),
        "objects with earlier versions": stored / 1e9 * (1 + CHANGES * VERSION_MONTHS) * S3_GB,
        "events in the database": CHANGES * EVENT_MONTHS * EVENTS_GB * DATABASE_GB,
        "SPICE, at the size of its CSV": shown / 1e9 * SPICE_GB,
    }


def measure(folder: Path, size: Size) -> None:
    """Publish one assessment, and print what it costs."""
    counted = Requests()
    with aws_in(folder, counted) as aws:
        site = site_on(aws, folder, "SQLite", database="")
        counted.seen.clear()
        site.publish(1, size)
        writes, reads = counted.charged()
        by_prefix = kept(site)
        calls = aws.stats()["calls"]
    print(f"{size}: {calls} calls of QuickSight; of S3 {writes} at the price of writing, {reads} at that of reading")
    print("    MB kept: " + ", ".join(f"{name} {size / 1e6:.1f}" for name, size in sorted(by_prefix.items())))
    costs = monthly(writes, reads, sum(by_prefix.values()), by_prefix["published"])
    for what, dollars in costs.items():
        print(f"    {dollars:8.4f} $ a month: {what}")
    print(f"    {sum(costs.values()):8.4f} $ a month in all")


def main(sizes: Sequence[Size]) -> None:
    """Measure and print."""
    services = 3 * HOURS * (0.5 * VCPU_HOUR + 2 * GB_HOUR)
    database = HOURS * DATABASE_HOUR + 50 * DATABASE_GB
    print(f"a site: {services:.0f} $ a month for its three services, {database:.0f} $ for its database")
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measure(Path(folder), size)


if __name__ == "__main__":
    known = get_args(Size)
    main([each for each in known if each in sys.argv[1:]] or known[:2])
