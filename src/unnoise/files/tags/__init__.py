"""Writing the tags of one file into another, container by container."""
