"""Code versions of assets, and which steps are tried again."""
