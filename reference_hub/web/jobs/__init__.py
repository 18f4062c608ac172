"""The services connector, where functional services do jobs (INF-JOB)."""
