"""Repairs of stored data: planned, applied once, undone. Each kind has a file of its own."""
