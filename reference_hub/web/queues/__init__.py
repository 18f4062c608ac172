"""Queues, what is read from them, and the subscriptions that fill them."""
