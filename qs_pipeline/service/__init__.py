"""The service of one home: its processes, its lock, its note of what runs. Knows nothing of assessments."""
