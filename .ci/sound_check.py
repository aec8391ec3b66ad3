"""sound_check.py BEFORE AFTER: the cleaned file must have the form of the noisy one, and less noise."""

import sys

import numpy as np
import soundfile as sf

before, after = sys.argv[1:]
noisy, cleaned = sf.info(before), sf.info(after)
for field in ("samplerate", "channels", "frames", "format", "subtype"):
    if getattr(noisy, field) != getattr(cleaned, field):
        sys.exit(f"{field} was {getattr(noisy, field)} and became {getattr(cleaned, field)}")
lead = int(0.5 * noisy.samplerate)  # the recording begins with noise alone
fall_db = 10 * np.log10(np.mean(sf.read(before)[0][:lead] ** 2) / np.mean(sf.read(after)[0][:lead] ** 2 + 1e-12))
print(f"noise before the first word: {fall_db:.1f} dB less")
if fall_db < 6:
    sys.exit("the noise before the first word must fall by 6 dB or more")
