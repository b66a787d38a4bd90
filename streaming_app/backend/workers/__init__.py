"""What runs beside the web process: in it while it is the whole site, as processes of their own otherwise."""
