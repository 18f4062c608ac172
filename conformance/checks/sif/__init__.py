"""The SIF 3 infrastructure as a receiver serves it."""
