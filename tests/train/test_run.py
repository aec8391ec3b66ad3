"""What a run leaves, when it stops, and what is said when it cannot go on."""

from __future__ import annotations

import dataclasses
import errno
import json

import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("lightning")

from unnoise.errors import InputError, OutputError, RecipeError, TrainingError  # noqa: E402


@pytest.fixture(scope="module")
def done(tiny_folders, tmp_path_factory):
    """A finished run of 4 steps, and what was said."""
    from tests.train.tiny import recipe
    from unnoise.train.run import train

    place, said = tmp_path_factory.mktemp("done"), []
    made = recipe(place, "steps=4")
    train(made, tiny_folders, place / "run", device="cpu", threads=1, progress=False, say=said.append)
    return place / "run", said


def test_the_log_the_curves_and_the_record(done, tmp_path):
    pytest.importorskip("matplotlib")
    run, said = done
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines if "valid_loss" in line] == [2, 4]
    assert all(line["train_loss"] > 0 for line in lines if "valid_loss" in line)
    assert (run / "curves.png").read_bytes()[:8] == b"\x89PNG\r\n\x1a\n"
    assert not list(run.glob(".*"))  # what is written beside is renamed
    assert "step 4 of 4: " in said[-1]
    (start,) = json.loads((run / "run.json").read_text())["starts"]
    assert start["seed"] == 1
    assert start["step"] == 0
    assert {"unnoise", "torch", "lightning", "python"} <= start["versions"].keys()
    assert start["recordings"]["speech"]["recordings"] == 8
    assert start["recordings"]["noise"]["groups"] == 4


def test_digests_follow_the_sound_and_not_the_place(tiny_folders, tmp_path):
    import shutil

    from unnoise.mix.bank import load_bank
    from unnoise.train.data import described

    shutil.copytree(tiny_folders.noise, tmp_path / "noise")
    one, two = (described(load_bank(place, tmp_path, 16000)) for place in (tiny_folders.noise, tmp_path / "noise"))
    assert one == two
    next((tmp_path / "noise").rglob("*.wav")).unlink()
    assert described(load_bank(tmp_path / "noise", tmp_path, 16000))["digest"] != one["digest"]


def test_other_recordings_are_said_on_resuming(tmp_path):
    from unnoise.train.record import add_record

    path = tmp_path / "run.json"
    entry = {"recordings": {"speech": {"digest": "a"}, "noise": {"digest": "b"}}}
    assert add_record(path, entry, anew=True) == []
    assert add_record(path, {"recordings": {"speech": {"digest": "c"}}}, anew=False) == ["speech"]
    assert len(json.loads(path.read_text())["starts"]) == 2
    assert add_record(path, entry, anew=True) == []
    assert len(json.loads(path.read_text())["starts"]) == 1
    path.write_text("broken")
    assert add_record(path, entry, anew=False) == []


def test_epochs_of_a_resumed_log_count_once(tmp_path):
    from unnoise.train.curves import draw_curves, epochs_of

    log = tmp_path / "log.jsonl"
    log.write_text(
        '{"step": 2, "valid_loss": 3.0}\n{"step": 3, "loss": 1}\n{"step": 4, "valid_loss": 9.0}\n'
        '\n{"step": 4, "train_loss": 1.5, "valid_loss": 2.0}\n'
    )
    assert [(e["step"], e["valid_loss"]) for e in epochs_of(log)] == [(2, 3.0), (4, 2.0)]
    pytest.importorskip("matplotlib")
    log.write_text("")
    draw_curves(log, tmp_path / "empty.png")
    assert (tmp_path / "empty.png").exists()


def test_the_range_of_the_features_travels_with_the_weights(done):
    stored = torch.load(done[0] / "best.ckpt", weights_only=False)["state_dict"]
    low, high = stored["network.range_db"].tolist()
    assert low < 0 < high
    assert torch.equal(stored["network.range_db"], stored["averaged.range_db"])


def test_a_run_without_gain_stops_and_stays_stopped(train_tiny, tmp_path):
    changes = ("steps=9", "valid_every=1", "stop_after=2", 'best_by="loss"', "optimiser.learning_rate=1e-30")
    changes += ("network.arguments={momentum=0.0}",)  # or the statistics of the normalisation go on getting better
    said = train_tiny("run", *changes)
    step = torch.load(tmp_path / "run/last.ckpt", weights_only=False)["global_step"]
    assert step == 3
    assert any("stopped: 2 validations without a better loss" in line for line in said)
    assert "stopped at step" in train_tiny("run", *changes)[-1]
    assert torch.load(tmp_path / "run/last.ckpt", weights_only=False)["global_step"] == step


def test_a_loss_that_is_no_number_stops_and_leaves_the_last_good_checkpoint(train_tiny, tmp_path, monkeypatch):
    from unnoise.train.losses.mse import Mse

    real = Mse.forward
    with pytest.raises(TrainingError, match=r"step 3 .*last good checkpoint stays"):
        steps = iter(range(100))
        monkeypatch.setattr(Mse, "forward", lambda *a: real(*a) * (torch.nan if next(steps) > 2 else 1))
        train_tiny("run")  # two steps, a validation, and then the fourth
    stored = torch.load(tmp_path / "run/last.ckpt", weights_only=False)
    assert stored["global_step"] == 2
    assert all(torch.isfinite(v).all() for v in stored["state_dict"].values())


@pytest.mark.parametrize("error", [torch.OutOfMemoryError("CUDA out of memory"), RuntimeError("can't allocate memory")])
def test_out_of_memory_names_the_batch_to_try(train_tiny, monkeypatch, error):
    from tests.train.tiny import Tiny

    def run(self, audio):
        raise error

    monkeypatch.setattr(Tiny, "run", run)
    with pytest.raises(TrainingError, match=r"at step 1 with a batch of 2; try a batch of 1 \(--set batch=1\)"):
        train_tiny("run")
    with pytest.raises(TrainingError, match=r"shorter items"):
        train_tiny("run", "batch=1")


def test_other_errors_pass(train_tiny, monkeypatch):
    from tests.train.tiny import Tiny

    def run(self, audio):
        raise RuntimeError("a mistake in the network")

    monkeypatch.setattr(Tiny, "run", run)
    with pytest.raises(RuntimeError, match="a mistake in the network"):
        train_tiny("run")


def test_a_full_disk_leaves_the_checkpoint_before(done, train_tiny, tmp_path, monkeypatch):
    import shutil

    from unnoise.train import checkpoint

    shutil.copytree(done[0], tmp_path / "run")
    before = (tmp_path / "run/last.ckpt").read_bytes()

    def full(stored, path):
        path.write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(checkpoint.torch, "save", full)
    with pytest.raises(OutputError, match=r"No space left.*Make room"):
        train_tiny("run", "steps=6")
    assert (tmp_path / "run/last.ckpt").read_bytes() == before
    assert not list((tmp_path / "run").glob(".*.part*"))


def test_a_disk_that_fills_inside_torch_is_told_too(tmp_path):
    from unnoise.train.checkpoint import WholeFiles

    path = tmp_path / "last.ckpt"
    path.write_bytes(b"whole")
    with pytest.raises(OutputError, match="stays"), pytest.MonkeyPatch.context() as patch:

        def full(stored, path):
            raise RuntimeError("[enforce fail at inline_container.cc] . PytorchStreamWriter failed writing file")

        patch.setattr(torch, "save", full)
        WholeFiles().save_checkpoint({}, path)
    assert path.read_bytes() == b"whole"


def test_what_a_run_cannot_go_on_from(done, train_tiny, tmp_path):
    import shutil

    shutil.copytree(done[0], tmp_path / "run")
    last, before = tmp_path / "run/last.ckpt", (tmp_path / "run/recipe.json").read_bytes()
    for change, said in (
        ("network.arguments={channels=3}", r"another network"),
        ("optimiser.learning_rate=0.5", r"learning_rate = 0\.01, and now it is 0\.5"),
        ('optimiser.name="sgd"', r"optimiser\.name = 'adamw'"),
        ("adversary.weight=0.1", r"adversary = None"),
        ('train_only=["into"]', r"train_only = \(\)"),
    ):
        with pytest.raises(TrainingError, match=rf"{said}.*--restart"):
            train_tiny("run", change)
    assert (tmp_path / "run/recipe.json").read_bytes() == before
    stored = torch.load(last, weights_only=False)
    torch.save(stored | {"format": 99}, last)
    with pytest.raises(TrainingError, match=r"format is 99.*upgrade"):
        train_tiny("run")
    torch.save(stored | {"recipe": stored["recipe"] | {"of_tomorrow": 1}}, last)
    with pytest.raises(TrainingError, match=r"of_tomorrow.*train anew"):
        train_tiny("run")
    for broken in (b"", b"RIFF of something else"):
        last.write_bytes(broken)
        with pytest.raises(TrainingError, match="not a checkpoint of unnoise train"):
            train_tiny("run")


def test_a_run_begun_anew_leaves_nothing_of_the_old_one(done, train_tiny, tmp_path, monkeypatch):
    import shutil

    from unnoise.train.losses.mse import Mse

    shutil.copytree(done[0], tmp_path / "run")
    real = Mse.forward
    monkeypatch.setattr(Mse, "forward", lambda *a: real(*a) * torch.nan)
    with pytest.raises(TrainingError, match="No checkpoint was written"):
        train_tiny("run", resume=False)
    assert not list((tmp_path / "run").glob("*.ckpt"))  # or the same command would go on from the old run


def test_the_first_step_counts_like_the_others(train_tiny, tmp_path):
    train_tiny("run", "steps=1", "valid_every=1")
    (line,) = [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text().splitlines()]
    assert line["train_loss"] > 0


def test_weights_of_another_network_are_no_start(done, train_tiny):
    with pytest.raises(TrainingError, match=r"another network .*Give a checkpoint of this network"):
        train_tiny("other", "network.arguments={channels=3}", start_from=done[0] / "best.ckpt")


def test_a_checkpoint_from_before_there_was_patience_goes_on(done, train_tiny, tmp_path):
    (tmp_path / "run").mkdir()
    stored = torch.load(done[0] / "last.ckpt", weights_only=False)
    new = ("target", "adversary", "stages", "best_by", "stop_after", "feature_items")
    for key in ("patience", "rival", "format"):
        del stored[key]
    stored["recipe"] = {k: v for k, v in stored["recipe"].items() if k not in new}
    torch.save(stored, tmp_path / "run/last.ckpt")
    train_tiny("run", "steps=5")
    assert torch.load(tmp_path / "run/last.ckpt", weights_only=False)["global_step"] == 5


def test_what_cannot_start_is_said_before_anything_is_decoded(train_tiny, tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(TrainingError, match="'cuda'"):
        train_tiny("run", device="cuda")
    with pytest.raises(RecipeError, match="one process"):
        train_tiny("run", "adversary.weight=1.0", devices=2)
    with pytest.raises(RecipeError, match="3 processes share batch = 2"):
        train_tiny("run", devices=3)
    with pytest.raises(RecipeError, match=r"2 processes share .*items = 1"):
        train_tiny("run", "data.valid_items=1", devices=2)
    with pytest.raises(RecipeError, match=r"train_only names 'inot'.*begin with into, norm, back"):
        train_tiny("run", 'train_only=["inot"]')
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="file"):
        train_tiny("file")
    with pytest.raises(RecipeError, match="nothing_like_it"):
        train_tiny("run", "network.arguments={nothing_like_it=3}")
    assert not (tmp_path / "run/log.jsonl").exists()


def test_tensorboard_is_asked_for_by_name(train_tiny, monkeypatch, tmp_path):
    from lightning.pytorch import loggers

    class Missing:
        def __init__(self, *arguments, **options):
            raise ModuleNotFoundError("Neither `tensorboard` nor `tensorboardX` is available")

    monkeypatch.setattr(loggers, "TensorBoardLogger", Missing)
    with pytest.raises(TrainingError, match="pip install tensorboard"):
        train_tiny("run", tensorboard=True)
    monkeypatch.setattr(loggers, "TensorBoardLogger", lambda place, **options: loggers.CSVLogger(place, **options))
    train_tiny("run", tensorboard=True)
    assert (tmp_path / "run/tensorboard").is_dir()


def test_half_precision_trains(train_tiny, tmp_path):
    train_tiny("run", "steps=2", precision="bf16")
    stored = torch.load(tmp_path / "run/last.ckpt", weights_only=False)
    assert stored["state_dict"]["network.into.weight"].dtype == torch.float32
    full = (
        "network.name=dual-path",
        "network.arguments={width=8}",
        "carry_share=1.0",
        "losses={compressed_spectrum=1.0}",
    )
    train_tiny("full", "steps=2", *full, precision="bf16")


def test_validation_is_in_float32_whatever_the_training(train_tiny, monkeypatch):
    from unnoise.networks.dual_path import DualPath

    seen, run = [], DualPath.run

    def watched(self, *given):
        seen.append((torch.is_grad_enabled(), torch.is_autocast_enabled("cpu")))
        return run(self, *given)

    monkeypatch.setattr(DualPath, "run", watched)
    train_tiny("run", "steps=2", "network.name=dual-path", "network.arguments={width=8}", precision="bf16")
    assert set(seen) == {(True, True), (False, False)}


@pytest.mark.parametrize("plan", [(), ('data.plan={seconds=0.5, noises=["white"]}',)])
def test_noisy_recordings_alone_are_enough(tiny_folders, train_tiny, tmp_path, plan):
    from tests.train.tiny import recipe
    from unnoise.train.data import prepare

    alone = dataclasses.replace(tiny_folders, noise=None)
    training, _ = prepare(recipe(tmp_path, 'target="noisy"', "data.mix.clean_share=1.0", *plan), alone, print)
    drawn = training.drawer.batch(range(20))
    if plan:
        assert (abs(drawn.noisy - drawn.clean).max(axis=1) > 1e-4).all()
    else:
        assert drawn.snr_db.max() < 100  # none is left as it is
        assert len(training.noises) == 2
    train_tiny("run", 'target="noisy"', *plan, "steps=2", folders=alone)
    with pytest.raises(RecipeError, match="--noise DIR"):
        train_tiny("clean", folders=alone)


def test_a_corpus_too_small_for_the_split(tiny_folders, tmp_path):
    import shutil

    from tests.train.tiny import recipe
    from unnoise.train.data import prepare

    one = tmp_path / "one/speaker0"
    one.mkdir(parents=True)
    for clip in range(2):
        shutil.copy(tiny_folders.clean / f"speaker0/{clip}.wav", one)
    said: list[str] = []
    folders = dataclasses.replace(tiny_folders, clean=tmp_path / "one")
    sides = prepare(recipe(tmp_path), folders, said.append)
    heard = [{clip.name for clip in side.speech.clips} for side in sides]
    assert sorted(map(len, heard)) == [1, 1]
    assert not heard[0] & heard[1]
    assert any("only one speaker" in line for line in said)
    (one / "1.wav").unlink()
    with pytest.raises(InputError, match="at least two recordings"):
        prepare(recipe(tmp_path), folders, said.append)


def test_weights_are_not_taken_away_unasked(train_tiny, tmp_path):
    train_tiny("run", "steps=2")
    (tmp_path / "run/last.ckpt").unlink()
    with pytest.raises(OutputError, match=r"best\.ckpt alone"):
        train_tiny("run", "steps=2")
    with pytest.raises(OutputError, match="it starts from"):
        train_tiny("run", "steps=2", start_from=tmp_path / "run/best.ckpt", resume=False)
    assert (tmp_path / "run/best.ckpt").exists()
    train_tiny("run", "steps=2", resume=False)


def test_half_a_line_in_the_log_stops_no_run(train_tiny, tmp_path):
    train_tiny("run", "steps=2")
    with (tmp_path / "run/log.jsonl").open("a") as log:
        log.write('{"step": 2, "lo')
    train_tiny("run", "steps=4")
    assert (tmp_path / "run/curves.png").exists()
