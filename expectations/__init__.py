"""Checks: rules, scales, balances and disclosure, and the page that shows them."""
