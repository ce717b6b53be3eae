"""The figures by which the embedded AWS behaves; every one can be set, none is read from the environment."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Who the account is, how long its asynchronous work takes, and where its limits lie.

    Attributes:
        account_id: moto knows no other account without being told at every call, so this is its default.
        user_rate: QuickSight calls a second that one principal may make, an access key or a role with all its sessions;
            also the size of its bucket.
        account_rate: The same for all principals together.
        permission_rate: Calls a second of one principal to operations on permissions, within ``user_rate``.
        ingestion_seconds: From the start of an ingestion to its end; the rows are read at the end.
        build_seconds: From the creation of a dashboard version to its verdict.
        region: Where calls belong whose signature names no region; every other region has resources of its own.
        identity_region: The only region that answers about users and groups; None: each has its own.
        edition: What the account has subscribed to; None: nothing.
        principals_must_exist: Whether grants are refused to users and groups that are not registered.
        refreshes_a_day: Refreshes that people or programs may start, a data set and rolling 24 hours (Enterprise).
        skippable_rows: Rows that one ingestion may drop before it fails as a whole, as SPICE documents it.
        row_bytes, data_set_rows, data_set_bytes, account_bytes: What SPICE holds: of text in a row, of a data set, and
            of all data sets together. The service's own figures depend on edition and contract.
    """

    account_id: str = "123456789012"
    region: str = "us-east-1"
    user_rate: float = 5.0
    account_rate: float = 25.0
    permission_rate: float = 2.0
    ingestion_seconds: float = 0.5
    build_seconds: float = 0.5
    refreshes_a_day: int = 32
    skippable_rows: int = 10_000
    row_bytes: int = 1_000_000
    data_set_rows: int = 1_000_000_000
    data_set_bytes: int = 1_000_000_000_000
    account_bytes: int = 10_000_000_000_000
    identity_region: str | None = None
    edition: str | None = "ENTERPRISE"
    principals_must_exist: bool = False
