"""Background workers: tasks of the web process without Kafka, separate processes with Kafka."""
