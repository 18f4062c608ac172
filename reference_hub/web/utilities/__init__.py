"""The utility services: registries and reports that every zone shares, one module each."""
