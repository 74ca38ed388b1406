"""Tools for developers: measurements, planted misprints, certificates, generated documents."""
