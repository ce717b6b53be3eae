-- What Dagster itself never takes away: what runs said more than 90 days ago, and reports that later ones replaced.
--   psql "$DAGSTER_POSTGRES_URL" --set=ON_ERROR_STOP=1 --file=deploy/retention.sql
-- It may run beside the daemon, as often as you like. The latest report of each asset of each assessment is the
-- pipeline's memory and stays, however old; so do pins, checks, failures, and the list of runs with their tags.

BEGIN;

-- What belongs to no asset: starts and ends of steps, what engines and resources said.
DELETE FROM event_logs
WHERE asset_key IS NULL
  AND timestamp < now() AT TIME ZONE 'utc' - interval '90 days'
  AND coalesce(dagster_event_type, '') NOT IN ('STEP_FAILURE', 'PIPELINE_FAILURE', 'ASSET_CHECK_EVALUATION');

-- Reports and announcements of an asset that a later one of the same assessment replaced.
WITH latest AS (
  SELECT asset_key, partition, dagster_event_type, max(id) AS id FROM event_logs
  WHERE dagster_event_type IN ('ASSET_MATERIALIZATION', 'ASSET_MATERIALIZATION_PLANNED', 'ASSET_OBSERVATION')
  GROUP BY asset_key, partition, dagster_event_type
)
DELETE FROM event_logs USING latest
WHERE event_logs.asset_key = latest.asset_key
  AND event_logs.partition IS NOT DISTINCT FROM latest.partition
  AND event_logs.dagster_event_type = latest.dagster_event_type
  AND event_logs.id < latest.id
  AND timestamp < now() AT TIME ZONE 'utc' - interval '90 days';

DELETE FROM asset_event_tags WHERE NOT EXISTS (SELECT FROM event_logs WHERE event_logs.id = asset_event_tags.event_id);

COMMIT;
