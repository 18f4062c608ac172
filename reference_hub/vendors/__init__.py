"""How a batch reaches a vendor: one class per transport with one method, deliver(batch)."""
