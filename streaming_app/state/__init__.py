"""What one tab knows: a state asks a service and holds a view model."""
