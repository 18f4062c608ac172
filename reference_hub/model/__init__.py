"""What the hub speaks about: plain frozen data, no flask, no SQL, no HTTP."""
