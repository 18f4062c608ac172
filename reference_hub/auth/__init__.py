"""Who is asking: one file per authentication scheme."""
