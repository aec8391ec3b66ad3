"""What joins both halves: adapting a bundle to somebody's own noise, and the published systems end to end."""
