"""Metrics of the site's processes, in the format of Prometheus. See docs/operating.md."""
