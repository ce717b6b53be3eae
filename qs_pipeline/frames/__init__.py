"""From CSV to typed frames and back: contracts, decoding, intake, rendering. Knows polars, neither Dagster nor AWS."""
