"""Pure functions on arrays: levels, the short-time Fourier transform, resampling."""
