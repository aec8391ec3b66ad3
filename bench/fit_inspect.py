"""Fit the small network that tells `inspect` the SNR and the kind of noise.

    python bench/fit_inspect.py gather --corpus DIR --side fit --first 0 --count 3000 -o part0.npz
    python bench/fit_inspect.py fit part*.npz --check check.npz -o src/unnoise/apply/inspect.npz

`gather` mixes (by seed and index alone) and keeps the features; `fit` trains on them and prints how well the mixtures
of the other side are told. Needs `pip install 'unnoise[train]'`. Minutes for a thousand mixtures, a minute to fit.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from inspect_mixtures import KINDS, Corpus

from unnoise.apply.features import Features

SEED = 20
SNR_RANGE_DB = 40.0
HIDDEN = (96, 32)
EPOCHS, BATCH, RATE, DECAY, DROPOUT = 60, 128, 4e-3, 0.03, 0.25


def gather(corpus: Corpus, first: int, count: int) -> dict[str, np.ndarray]:
    """Features, SNR in dB and kind (-1: unknown) of so many mixtures."""
    rows, snrs_db, kinds = [], [], []
    for i in range(first, first + count):
        mixture = corpus.mixture(np.random.default_rng([SEED, i]))
        features = Features(mixture.rate)
        features.add((mixture.clean + mixture.noise).astype(np.float64))
        rows.append(features.vector())
        snrs_db.append(mixture.snr_db)
        kinds.append(KINDS.index(mixture.kind) if mixture.kind else -1)
    return {"features": np.array(rows, np.float32), "snr_db": np.array(snrs_db), "kind": np.array(kinds)}


def network(inputs: int) -> torch.nn.Sequential:
    first, second = HIDDEN
    return torch.nn.Sequential(
        torch.nn.Linear(inputs, first), torch.nn.ReLU(), torch.nn.Dropout(DROPOUT),
        torch.nn.Linear(first, second), torch.nn.ReLU(), torch.nn.Dropout(DROPOUT),
        torch.nn.Linear(second, 1 + len(KINDS)),
    )  # fmt: skip


def fit(data: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Weights by name, the scaling of the inputs folded into the first layer."""
    torch.manual_seed(SEED)
    mean, spread = data["features"].mean(axis=0), data["features"].std(axis=0) + 0.05
    x = torch.tensor(np.clip((data["features"] - mean) / spread, -6, 6), dtype=torch.float32)
    snr = torch.tensor(np.minimum(data["snr_db"], SNR_RANGE_DB), dtype=torch.float32)
    kind = torch.tensor(data["kind"])
    net = network(x.shape[1])
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    steps = EPOCHS * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps)
    for _ in range(EPOCHS):
        for picked in torch.randperm(len(x)).split(BATCH):
            out = net(x[picked] + 0.05 * torch.randn_like(x[picked]))
            loss = 0.2 * torch.nn.functional.smooth_l1_loss(out[:, 0] * 15 + 12, snr[picked], beta=2.0)
            told = (kind[picked] >= 0) & (snr[picked] < 30)
            if told.any():
                loss = loss + 0.5 * torch.nn.functional.cross_entropy(out[told, 1:], kind[picked][told])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    weights = {"mean": mean, "spread": spread}
    for k, layer in enumerate(m for m in net if isinstance(m, torch.nn.Linear)):
        weights[f"weight{k}"] = layer.weight.detach().numpy()
        weights[f"bias{k}"] = layer.bias.detach().numpy()
    weights["bias2"][0] += 12 / 15
    weights["weight2"][0] *= 15
    weights["bias2"][0] *= 15
    return {name: value.astype(np.float16) for name, value in weights.items()}


def apply(weights: dict[str, np.ndarray], features: np.ndarray) -> np.ndarray:
    x = np.clip((features - weights["mean"]) / weights["spread"], -6, 6)
    x = np.maximum(x @ weights["weight0"].T + weights["bias0"], 0)
    x = np.maximum(x @ weights["weight1"].T + weights["bias1"], 0)
    return x @ weights["weight2"].T + weights["bias2"]


def report(weights: dict[str, np.ndarray], data: dict[str, np.ndarray]) -> None:
    out, snr_db = apply({k: v.astype(float) for k, v in weights.items()}, data["features"]), data["snr_db"]
    for name, pick in (
        ("all up to 25 dB", snr_db < 25),
        ("recorded noise at -5 to 15 dB", (abs(snr_db - 5) <= 10) & ((data["kind"] < 0) | (data["kind"] == 5))),
    ):
        error = np.abs(out[pick, 0] - snr_db[pick])
        ranks = [np.argsort(np.argsort(v)) for v in (out[pick, 0], snr_db[pick])]
        print(f"{name}: median error {np.median(error):.2f} dB, rank correlation {np.corrcoef(ranks)[0, 1]:.3f}")
    for k, kind in enumerate(KINDS):
        pick = (data["kind"] == k) & (snr_db < 20)
        print(f"{kind}: {np.mean(out[pick, 1:].argmax(axis=1) == k):.2f} of {pick.sum()}")


def main() -> None:
    parser = argparse.ArgumentParser(description="Fit the network of inspect.")
    commands = parser.add_subparsers(dest="command", required=True)
    mix = commands.add_parser("gather")
    mix.add_argument("--corpus", type=Path, required=True)
    mix.add_argument("--side", choices=("fit", "check"), default="fit")
    mix.add_argument("--first", type=int, default=0)
    mix.add_argument("--count", type=int, default=1000)
    train = commands.add_parser("fit")
    train.add_argument("parts", type=Path, nargs="+")
    train.add_argument("--check", type=Path, required=True)
    for command in (mix, train):
        command.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    if options.command == "gather":
        found = gather(Corpus(options.corpus, options.side), options.first, options.count)
        np.savez_compressed(options.output, **found)
        return
    parts = [np.load(path) for path in options.parts]
    weights = fit({name: np.concatenate([part[name] for part in parts]) for name in parts[0].files})
    report(weights, dict(np.load(options.check)))
    np.savez_compressed(options.output, **weights)


if __name__ == "__main__":
    main()
