"""Where things are stored: S3 objects, WARC, indexes, Parquet, manifests, catalog and coordination."""
