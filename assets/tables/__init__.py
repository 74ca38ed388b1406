"""Result tables from counts, and how they are laid out."""
