"""Weigh the base installation: run it with the Python of an environment that holds unnoise alone."""

import compileall
import sys
import sysconfig
from importlib.metadata import distributions
from pathlib import Path

MAX_MB = 180
MAX_DISTRIBUTIONS = 14
TOOLS = {"pip", "setuptools", "wheel"}
UNWANTED = {"torch", "lightning", "scipy"}

site = Path(sysconfig.get_path("purelib"))
compileall.compile_dir(site, quiet=2)
names = sorted({found.name.lower() for found in distributions(path=[str(site)])} - TOOLS)
weights = {
    entry.name: sum(file.stat().st_size for file in [entry, *entry.rglob("*")] if file.is_file()) / 1e6
    for entry in site.iterdir()
    if entry.name.split("-")[0].lower() not in TOOLS | {"_distutils_hack", "pkg_resources"}
}
total = sum(weights.values())
print(f"{len(names)} distributions: {', '.join(names)}")
print(f"{total:.0f} MB:", ", ".join(f"{name} {mb:.0f}" for name, mb in weights.items() if mb >= 1))
faults = []
if len(names) > MAX_DISTRIBUTIONS:
    faults.append(f"{len(names)} distributions, at most {MAX_DISTRIBUTIONS} are allowed")
if total >= MAX_MB:
    faults.append(f"{total:.0f} MB, less than {MAX_MB} MB is allowed")
faults += [f"{name} is in the base installation" for name in sorted(UNWANTED.intersection(names))]
sys.exit("; ".join(faults) or 0)
