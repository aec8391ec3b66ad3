"""What joins both halves: adapting a bundle to somebody's own noise."""
