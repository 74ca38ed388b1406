"""What a developer runs: measurements, planted misprints, certificates, the dictionary."""
