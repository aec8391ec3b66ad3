"""Engines and gates at work on files and folders, and what can be said of a recording."""
