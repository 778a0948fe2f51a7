"""Repairs of what a device brought: planned, applied once, undone. What each kind changes is in a file of its own."""
