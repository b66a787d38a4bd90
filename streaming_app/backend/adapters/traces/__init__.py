"""Traces of requests, exported by OTLP. Only modules that ``exporting`` imports later import OpenTelemetry."""
