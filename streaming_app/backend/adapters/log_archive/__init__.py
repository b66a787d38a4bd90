"""Writes events and log lines to Parquet files, for analysis. The only importer of pyarrow."""
