"""The figures by which the embedded AWS behaves; every one can be set, none is read from the environment."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Who the account is, how long its asynchronous work takes, and where its limits lie.

    Attributes:
        account_id: moto knows no other account without being told at every call, so this is its default.
        user_rate: QuickSight calls a second that one access key may make; also the size of its bucket.
        account_rate: The same for all access keys together.
        permission_rate: Calls a second of one access key to operations on permissions, within ``user_rate``.
        ingestion_seconds: From the start of an ingestion to its end; the rows are read at the end.
        build_seconds: From the creation of a dashboard version to its verdict.
        refreshes_a_day: Refreshes that people or programs may start, a data set and rolling 24 hours (Enterprise).
        skippable_rows: Rows that one ingestion may drop before it fails as a whole, as SPICE documents it.
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
