"""One use case per file; what several of them need stands beside them."""
