"""The state classes of Reflex: they call services and hold the view models of a tab."""
