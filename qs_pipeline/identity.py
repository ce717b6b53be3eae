"""Who calls AWS: the credentials of this process, or the roles that it assumes; and whether they reach what they must.

QuickSight counts calls for each principal. A site that needs more than one may call configures several roles: their
sessions are made here, and renew themselves for as long as the process lives.
"""

from dataclasses import dataclass

import boto3
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials

from qs_pipeline.quicksight.translate import translated
from qs_pipeline.settings import Settings, new_session
from qs_pipeline.store import AssessmentStore

SESSION = "qs-pipeline"
"""What assumed roles call their sessions; QuickSight names a role's user after role and session."""

# A person waits for the answer: what does not come soon will not come.
SOON = Config(connect_timeout=3, read_timeout=5, retries={"mode": "standard", "total_max_attempts": 2})


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


@dataclass(frozen=True, kw_only=True)
class Role:
    """A role that calls QuickSight: one principal, whatever process assumes it."""

    arn: str

    @property
    def principal(self) -> str:
        """Who QuickSight counts calls for, such as ``role/publisher``."""
        return f"role/{self._name}"

    @property
    def user_name(self) -> str:
        """What the QuickSight user of the role is called in its namespace: role and session."""
        return f"{self._name}/{SESSION}"

    @property
    def _name(self) -> str:
        return self.arn.rpartition("/")[2]


class _Given(CredentialProvider):
    """A source of credentials that holds those it was given."""

    METHOD = "assume-role"

    def __init__(self, credentials: DeferredRefreshableCredentials) -> None:
        super().__init__()
        self._credentials = credentials

    def load(self) -> DeferredRefreshableCredentials:
        return self._credentials


def session_as(role: Role, settings: Settings) -> boto3.Session:
    """A session of ``role``, assumed when it is first used and again whenever its credentials are about to expire.

    A call that needs credentials which cannot be had raises the ``QuickSightError`` of the assumption.
    """

    def assume() -> dict[str, str]:
        with translated("AssumeRole", f"{role.arn} (QS_PRINCIPALS)"):
            sts = settings.session().client("sts", config=settings.boto3_config)
            found = sts.assume_role(RoleArn=role.arn, RoleSessionName=SESSION)["Credentials"]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].isoformat(),
        }

    core = new_session()
    credentials = DeferredRefreshableCredentials(refresh_using=assume, method=_Given.METHOD)
    core.register_component("credential_provider", CredentialResolver([_Given(credentials)]))
    return boto3.Session(botocore_session=core, region_name=settings.region)


def check_account(settings: Settings) -> Caller:
    """See that the credentials are known and that the bucket can be listed, within seconds.

    Raises:
        QuickSightError: where the credentials are missing or refused, or the region cannot be reached.
        StoreError: where the bucket is not there or may not be listed.
    """
    config = settings.boto3_config.merge(SOON)
    caller = ask_caller(settings, config)
    AssessmentStore(settings.session().client("s3", config=config), settings.bucket).check()
    return caller
