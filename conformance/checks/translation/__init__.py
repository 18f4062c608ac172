"""What becomes of a student in the vendor's own form."""
