"""Making noisy speech: banks of decoded recordings, seeded draws, noises without recordings."""
