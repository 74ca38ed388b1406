"""Drafts a study folder from an export; comments mark guesses."""
