"""The public API: one module for each kind of resource."""
