"""The printed report as constraints: what must hold between its figures and statements."""
