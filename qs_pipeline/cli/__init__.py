"""The command line ``qs-pipeline``: thin commands over the service, the store and the event log.

All commands are registered here, in the order of ``--help``; each module beside this one holds a few of them.
"""

import sys

import typer
from botocore.exceptions import BotoCoreError

from qs_pipeline.cli import display
from qs_pipeline.cli.common import REFUSED
from qs_pipeline.cli.dashboard import dashboard
from qs_pipeline.cli.doctor import doctor
from qs_pipeline.cli.files import sample, sync_maps, upload
from qs_pipeline.cli.preview import preview
from qs_pipeline.cli.publish import publish
from qs_pipeline.cli.retire import retire
from qs_pipeline.cli.serve import demo, run, up
from qs_pipeline.cli.setup import setup
from qs_pipeline.cli.status import status
from qs_pipeline.cli.uploading import UploadRefusedError
from qs_pipeline.dag.retire import RetirementRefusedError
from qs_pipeline.dashboards.definition import FolderError
from qs_pipeline.definitions_dir import DefinitionsMissingError
from qs_pipeline.model import ModelError
from qs_pipeline.quicksight.errors import QuickSightError
from qs_pipeline.quicksight.table_map import TableMapError
from qs_pipeline.service.processes import end_at_first_signal
from qs_pipeline.service.supervisor import ServiceError
from qs_pipeline.settings import SettingsError
from qs_pipeline.setup_aws import SetupError
from qs_pipeline.store import StoreError

app = typer.Typer(
    help="Assessment uploads on S3 become QuickSight dashboards.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
for command in (demo, up, sample, upload, run, publish, retire, status, preview, sync_maps, setup, doctor):
    app.command()(command)
app.add_typer(dashboard, name="dashboard")


def main() -> None:
    """Run a command; an error that a person can mend is one line and a non-zero exit."""
    end_at_first_signal()
    try:
        app()
    except (
        DefinitionsMissingError, FolderError, ModelError, QuickSightError, RetirementRefusedError,
        ServiceError, SettingsError, SetupError,
        StoreError, TableMapError, UploadRefusedError,
    ) as error:  # fmt: skip
        display.complain(str(error))
        sys.exit(REFUSED)
    except BotoCoreError as error:
        display.complain(f"AWS cannot be used: {error}. Check the credentials, the region and the network.")
        sys.exit(REFUSED)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        display.complain(f"{where}{error.strerror or error}; name another place, or see who may read and write there")
        sys.exit(REFUSED)
