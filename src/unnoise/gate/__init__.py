"""The ways without a network: noise learnt from the pauses, and small coefficients set to zero."""

from unnoise.gate.pauses import Pauses, find_pauses
from unnoise.gate.profile import NoiseProfile, ProfileGate
from unnoise.gate.threshold import ThresholdGate

__all__ = ["NoiseProfile", "Pauses", "ProfileGate", "ThresholdGate", "find_pauses"]
