"""The servers that an archive needs, where it has none of its own: S3 and Airflow under one supervisor."""
