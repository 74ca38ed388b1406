"""The printed report as constraints between its figures and statements."""
