"""Where things live: S3 objects, WARC, indexes, Parquet, manifests, catalog and coordination."""
