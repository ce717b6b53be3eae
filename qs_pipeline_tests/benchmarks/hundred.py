"""Many assessments uploaded at once at 5 calls a second; a script, ``hundred.py [HOW_MANY [PRINCIPALS [MINUTES]]]``.

Printed are the seconds from the last upload to the last receipt, beside what they may be: 1.25 times the calls to
QuickSight at the allowed rate; and where the rest goes. None may be lost or refused. A hundred take about ten minutes
of calls alone, so ``make bench`` takes twelve assessments. With five principals, which call 25 times a second, the
processors are what a host runs out of: their share is printed beside. With ``MINUTES`` it stops after so many and tells
how far it came: a thousand take the better part of an hour.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import dagster as dg

from qs_pipeline.catalog import CATALOG
from qs_pipeline.cli.uploading import plan_folder, put
from qs_pipeline.dag.keys import DASHBOARD
from qs_pipeline.dag.memory import data_versions
from qs_pipeline.dag.resources import StoreResource
from qs_pipeline.sample import write_sample
from qs_pipeline.service.supervisor import Service, open_instance
from qs_pipeline_tests.benchmarks.first_light import MOST, RATE, WAITING, calls, service_in, throttled

ALLOWED = 1.25
PATIENCE = 3.0


def processor_seconds() -> tuple[float, float]:
    """Seconds that the machine's processors were busy and idle, in any common unit, since it started."""
    spent = [float(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
    idle = spent[3] + spent[4]
    return sum(spent) - idle, idle


def spent_by(service: Service) -> dict[str, float]:
    """Processor seconds of each process of the service so far, and of the workers that the warm process waited for."""
    tick, found = os.sysconf("SC_CLK_TCK"), dict[str, float]()
    for name, process in service.processes.items():
        found[name] = _spent(process)[0] / tick
    warm = map(int, Path("/proc/{0}/task/{0}/children".format(service.processes["code"])).read_text().split())
    return found | {"workers": sum(waited_for for _, waited_for in map(_spent, warm)) / tick}


def _spent(process: int) -> tuple[int, int]:
    """Ticks of a process, and of the children that it waited for."""
    words = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, words[11:13])), sum(map(int, words[13:15]))


def upload(folder: Path, how_many: int) -> list[str]:
    """As many assessments, with force flow and class I each."""
    names = [f"many-{number:03}" for number in range(how_many)]
    for name in names:
        write_sample(folder, assessment=name, size="small", seed=7, without=MOST)
    for planned in plan_folder(folder, CATALOG).values():
        put(StoreResource().open(), planned)
    return names


def shown(service: Service, instance: dg.DagsterInstance, names: list[str], *, limit: float) -> tuple[int, int]:
    """Wait until all are published, or until so many seconds have passed; how many are, and how long the queue was."""
    deadline, longest = time.monotonic() + limit, 0
    while True:
        service.check()
        longest = max(longest, instance.get_runs_count(dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])))
        found = len(data_versions(instance, DASHBOARD).keys() & set(names))
        if found == len(names) or time.monotonic() > deadline:
            return found, longest
        time.sleep(1)  # each look costs the service CPU time as well


def ticks(instance: dg.DagsterInstance) -> list[float]:
    """Seconds of each tick of the sensor of uploads, the shortest first."""
    (sensor,) = (each for each in instance.all_instigator_state() if each.name == "uploads")
    found = instance.get_ticks(sensor.instigator_origin_id, sensor.selector_id)
    return sorted(each.end_timestamp - each.timestamp for each in found if each.end_timestamp)


def calling(instance: dg.DagsterInstance) -> tuple[float, float, float]:
    """When the first step that calls QuickSight began, when the last one ended, and the seconds without any between."""
    spans = sorted(
        (stats.start_time, stats.end_time)
        for run in instance.get_runs()
        for stats in instance.get_run_step_stats(run.run_id)
        if stats.step_key in WAITING and stats.start_time and stats.end_time
    )
    first, last, pauses = spans[0][0], spans[0][1], 0.0
    for begun, ended in spans:
        pauses += max(0.0, begun - last)
        last = max(last, ended)
    return first, last, pauses


def main(how_many: int = 12, principals: int = 1, minutes: int | None = None) -> None:
    """Measure and print."""
    rate = RATE * principals
    if principals > 1:
        os.environ["QS_PRINCIPALS"] = ",".join(f"arn:aws:iam::123456789012:role/p{each}" for each in range(principals))
    with tempfile.TemporaryDirectory() as folder, service_in(Path(folder) / "home") as service:
        names = upload(Path(folder) / "sample", how_many)
        started, clock, (busy, idle) = time.monotonic(), time.time(), processor_seconds()
        before = spent_by(service)
        with open_instance(Path(folder) / "home") as instance:
            limit = 60 * minutes if minutes else PATIENCE * how_many * 40 / RATE
            published, longest = shown(service, instance, names, limit=limit)
            seconds, made = time.monotonic() - started, calls(service)
            busy, idle = (now - then for now, then in zip(processor_seconds(), (busy, idle), strict=True))
            first, last, pauses = calling(instance)
            runs, took = instance.get_runs_count(), ticks(instance)
        fewest = made / rate
        print(
            f"{published} of {how_many} assessments published by {runs} runs in {seconds:.0f} s with {made} calls "
            f"({throttled(service)} refused): {seconds / fewest:.2f} times calls / {rate:g}; at most {ALLOWED}"
        )
        print(f"    {first - clock:6.1f} s until the first run calls QuickSight")
        print(f"    {pauses:6.1f} s in which no run calls QuickSight")
        print(f"    {last - first - pauses - fewest:6.1f} s in which runs call more slowly than they may, or wait")
        print(f"    {clock + seconds - last:6.1f} s after the last call")
        print(
            f"    {longest} runs in the queue at most; ticks of {statistics.median(took):.1f} s, {took[-1]:.1f} at most"
        )
        shares = ", ".join(f"{each} {now - before[each]:.0f} s" for each, now in spent_by(service).items())
        cores = os.cpu_count() or 1
        spent = busy / os.sysconf("SC_CLK_TCK")
        print(f"    {seconds / (spent / cores):.2f} times the {spent:.0f} processor-seconds by {cores} processors")
        print(f"    the processors were busy for {busy / (busy + idle):.0%} of the time: {shares}")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
