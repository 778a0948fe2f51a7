"""The fault harness: breaks processes, connections and reports, and compares what is stored. Shared
with the worker's tests."""
