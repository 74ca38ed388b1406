"""Runs without a hand on them: landing, sensors, notifications."""
