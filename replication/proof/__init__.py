"""Results that follow from print alone: marks under rounding, a joint certificate, bounds."""
