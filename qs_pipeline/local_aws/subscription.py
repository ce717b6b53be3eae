"""What the account has subscribed to."""

from qs_pipeline.local_aws.account import Account, Handlers
from qs_pipeline.local_aws.errors import not_found
from qs_pipeline.local_aws.state import Doc


class Subscription:
    """The subscription of the account, which the settings decide."""

    def __init__(self, account: Account) -> None:
        self._account = account

    @property
    def handlers(self) -> Handlers:
        """The operations by name."""
        return {"DescribeAccountSubscription": self._describe}

    def _describe(self, params: Doc) -> Doc:
        edition = self._account.settings.edition
        if edition is None:
            raise not_found("ACCOUNT", params["AwsAccountId"])
        info = {
            "AccountName": "embedded",
            "Edition": edition,
            "AuthenticationType": "IDENTITY_POOL",
            "AccountSubscriptionStatus": "ACCOUNT_CREATED",
        }
        return {"AccountInfo": info}
