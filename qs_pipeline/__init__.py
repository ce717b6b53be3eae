"""Assessment uploads on S3 become QuickSight dashboards, as Dagster assets partitioned by assessment."""
