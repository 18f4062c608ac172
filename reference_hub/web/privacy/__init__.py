"""Privacy services beside the standard's: receipts, markers, filtering, deletions, a form."""
