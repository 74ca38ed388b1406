"""What must hold: structural and scale checks, and the comparison with the printed report."""
