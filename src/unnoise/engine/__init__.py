"""Cleaning arrays with any bundle, whole (`whole.Denoiser`) or block by block (`stream.Stream`)."""
