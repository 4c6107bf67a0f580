"""The servers that an archive needs if it has no others: S3 and Airflow under one supervisor."""
