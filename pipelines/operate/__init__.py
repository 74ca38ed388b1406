"""Automatic operation: landing folder, sensors, schedules, notifications."""
