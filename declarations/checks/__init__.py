"""Checks across declarations: every reference names something that is declared."""
