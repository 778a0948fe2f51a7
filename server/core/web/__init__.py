"""The web server: waitress, with deadlines for what a client sends and reads, and limits on what it
may send."""
