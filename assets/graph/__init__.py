"""The asset graph: thin assets over the pure modules, built from the declarations."""
