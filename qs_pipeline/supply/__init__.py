"""The domain: one file a class of supply, of contracts, pure transforms and one declaration. No Dagster, no AWS."""
