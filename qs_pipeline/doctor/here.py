"""What does not need an account: the limiter and the definitions."""

from qs_pipeline.catalog import CATALOG
from qs_pipeline.dashboards.folder import load
from qs_pipeline.dashboards.validate import problems
from qs_pipeline.definitions_dir import definitions_directory
from qs_pipeline.doctor.findings import Outcome, ok, wrong
from qs_pipeline.doctor.site import Site
from qs_pipeline.quicksight.table_map import load_table_map

_SHOWN = 3


def limiter(site: Site) -> Outcome:
    """Whether a turn can be reserved; it is that of nobody, so that no call is held up."""
    site.limiter.wait("Doctor", principal="doctor", account="doctor")
    where = "the database of QS_LIMITER_URL" if site.settings.limiter_url else str(site.settings.home)
    rates = f"{site.settings.user_rate:g} calls a second a principal, {site.settings.account_rate:g} the account"
    return ok(f"{rates}, kept in {where}")


def definitions(site: Site) -> Outcome:
    """Whether the dashboard's definition and the table maps are there and right."""
    folder = definitions_directory(site.environ)
    definition = load(folder / "dashboard")
    maps = {table.name: load_table_map(folder / "datasets" / f"{table.name}.json") for table in CATALOG.tables}
    columns = {name: list(maps[name].column_names) if name in maps else [] for name in definition.data_sets}
    if found := problems(definition, columns):
        more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
        told = "; ".join(str(problem) for problem in found[:_SHOWN]) + more
        return wrong(f"{folder}: {told}", "Mend them; 'qs-pipeline dashboard validate' tells all")
    return ok(f"{folder}: {len(definition.sheets)} sheets, {len(maps)} table maps")
