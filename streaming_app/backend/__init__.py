"""The platform without a UI: contexts in the core, technologies at the edge."""
