"""Who the credentials of this process are, and whether they reach what they have to: asked before work begins."""

from dataclasses import dataclass

from botocore.config import Config

from qs_pipeline.quicksight.translate import translated
from qs_pipeline.settings import Settings
from qs_pipeline.store import AssessmentStore

# A person waits for the answer: what does not come soon will not come.
_SOON = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})


@dataclass(frozen=True, kw_only=True)
class Caller:
    """The account, in twelve digits, and the ARN of the user or role that calls."""

    account: str
    arn: str

    @property
    def principal(self) -> str:
        """Who QuickSight counts calls for: a user, or an assumed role whatever its session is called."""
        kind, _, name = self.arn.rpartition(":")[2].partition("/")
        return f"role/{name.partition('/')[0]}" if kind == "assumed-role" else f"{kind}/{name}"


def ask_caller(settings: Settings, config: Config) -> Caller:
    """Who STS says we are.

    Raises:
        QuickSightError: where the credentials are missing or refused, or STS cannot be reached.
        SettingsError: where the target is local and no embedded AWS is named.
    """
    with translated("GetCallerIdentity", f"the AWS credentials (region {settings.region})"):
        answer = settings.session().client("sts", config=config).get_caller_identity()
    return Caller(account=answer["Account"], arn=answer["Arn"])


def check_account(settings: Settings) -> Caller:
    """See that the credentials are known and that the bucket can be listed, within seconds.

    Raises:
        QuickSightError: where the credentials are missing or refused, or the region cannot be reached.
        StoreError: where the bucket is not there or may not be listed.
    """
    config = settings.boto3_config.merge(_SOON)
    caller = ask_caller(settings, config)
    AssessmentStore(settings.session().client("s3", config=config), settings.bucket).check()
    return caller
