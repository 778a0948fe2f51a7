"""Breaking processes, lines and reports on purpose, and counting what is stored: for the chaos runs and the worker's tests."""
