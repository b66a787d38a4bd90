"""The command ``doctor``: checks an installation, whether the site runs or not, and changes nothing."""
