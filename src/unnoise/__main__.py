"""`python -m unnoise`."""

from unnoise.cli import main

main()
