"""What leaves the house: what a policy lets out, to whom, and how it comes back."""
