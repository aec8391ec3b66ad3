"""A reproduction: who is trained on is never tested on, and a page says what came of it."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest
import soundfile as sf

pytest.importorskip("torch")
pytest.importorskip("lightning")
pytest.importorskip("onnx")
pytest.importorskip("pesq")

from tests.sounds import corpus
from tests.train.tiny import RECIPE
from unnoise import OptionError, OutputError
from unnoise.errors import InputError
from unnoise.mix.recordings import find, load, save
from unnoise.mix.split import deal
from unnoise.train.config import OPTIMISERS, load_recipe
from unnoise.train.curves import epochs_of
from unnoise.train.run import load_checkpoint
from unnoise.workflows import held_out as splitting
from unnoise.workflows import reproduce as module
from unnoise.workflows import systems as table
from unnoise.workflows.held_out import held_out, mixtures_of, write_split
from unnoise.workflows.reproduce import reproduce
from unnoise.workflows.systems import SYSTEMS, Method, System, choose_systems
from unnoise.workflows.systems_page import page
from unnoise.workflows.tested import draw

NETWORK = """name = "conv-ae"
arguments = {stride = 32, channels = 4, kernel_samples = 64, window_samples = 2048, overlap_samples = 256}"""
MIXED = RECIPE.replace('name = "tests.train.tiny:Tiny"', NETWORK)  # that one cannot be exported
PLANNED = MIXED.partition("[data.mix]")[0] + '[data.plan]\nseconds = 0.5\nnoises = ["white"]\nsnr_db = [5.0, 5.0]\n'
OURS = {
    "a": ("planned", {"gate": "profile", "measures": ("mse",), "women": True}),
    "b": ("mixed", {"gate": "threshold", "measures": ("wsdr", "picture")}),
}


def silent(text: str) -> None:
    pass


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A corpus, and two systems of the tiny network in place of the five: one with a plan, one mixed by the device."""
    corpus(tmp_path)
    systems = {}
    for letter, (name, more) in OURS.items():
        (tmp_path / f"{name}.toml").write_text((PLANNED if name == "planned" else MIXED).replace('"tiny"', f'"{name}"'))
        method = Method(name, 2, report_noisy="N there", report_result="R there", why="because", optimiser_steps=0)
        about = {"title": f"{name}, of a test", "repository": "https://x.org", "was": "w", "data_there": "t"}
        systems[letter] = System(letter, **about, data_here="h", methods=(method,), **more)
    load_own = load_recipe
    monkeypatch.setattr(module, "load_recipe", lambda n, c=(): load_own(tmp_path / f"{n}.toml", c))
    monkeypatch.setattr(table, "SYSTEMS", systems)
    monkeypatch.setattr(splitting, "ITEMS", 3)
    monkeypatch.setattr(splitting, "ITEM_S", 2.0)
    for pictures in ("unnoise.workflows.reproduce.draw", "unnoise.train.callbacks.draw_curves"):
        monkeypatch.setattr(pictures, lambda *what: ())  # they take longer than all the rest
    return tmp_path


def run(place, *letters, **options):
    folders = {"clean": place / "clean", "noise": place / "noise"}
    return reproduce(letters, place / "out", **{**folders, "say": silent, **options})


def test_the_page_has_both_systems_their_figures_and_pictures_beside_it(place, monkeypatch):
    monkeypatch.setattr(module, "draw", draw)
    said: list[str] = []
    found = run(place, say=said.append)
    text = found.read_text()
    assert found == place / "out/systems.md"
    for part in (
        "unnoise reproduce --clean SPEECH --noise NOISE -o OUT\n",
        "N there",
        "R there",
        "w Source: <https://x",
    ):
        assert part in text
    for name in ("planned", "mixed"):
        assert re.search(rf"^\| \[[AB]\]\(#[ab]-{name}-of-a-test\) \| `{name}` \| -?\d", text, re.MULTILINE)
        head, rows = re.search(rf"### {name}\n\n(.*?)\n\n(`{name}`.*?)$", text, re.DOTALL | re.MULTILINE).groups()
        assert head.splitlines()[2].startswith("| `noisy` |")
        assert head.splitlines()[-1].startswith("| `default` |")
        assert rows.startswith(f"`{name}` ")
        for picture in (f"images/systems/{name}.png", f"images/systems/{name}-curves.png"):
            assert f"]({picture})" in text
            assert (place / "out" / picture).stat().st_size > 1000
    assert "`profile gate`" in text
    assert "`threshold gate`" in text
    assert "wSDR" in text
    assert "MSE of pictures" in text
    assert "Here all voices" in text  # no manifest says who is a woman
    assert str(place) not in text
    assert [line for line in said if "women" in line] == [
        "nothing says which speakers are women, as a manifest can: all voices are taken"
    ]


def test_who_is_tested_on_is_in_no_part_of_training(place):
    run(place, "b")
    groups = {}
    for name in ("speech", "noise"):
        train, test = (load(place / f"out/{name}-{part}.jsonl") for part in ("train", "test"))
        groups[name] = {r.path for r in test}
        assert groups[name]
        assert {r.group for r in train}.isdisjoint({r.group for r in test})
        heard = [json.loads(p.read_text()) for p in (place / "out/cache").glob("*/index.json")]
        names = [clip["name"] for index in heard for clip in index]
        assert names
        assert not [n for n in names if any(path.endswith(n) for path in groups[name])]
    used = [json.loads(line) for line in (place / "out/mixed/test/manifest.jsonl").read_text().splitlines()]
    assert len(used) == 3
    assert {p["path"] for m in used for p in m["speech"]} <= groups["speech"]
    assert {p["path"] for m in used for n in m["noises"] for p in n["recordings"]} <= groups["noise"]
    for side in ("noisy", "clean", "denoised", "default"):
        files = sorted((place / "out/mixed/test" / side).glob("*.flac"))
        assert [sf.info(f).frames for f in files] == [32000] * 3
        assert all(np.any(sf.read(f)[0]) for f in files)


def test_what_is_done_is_not_done_again_and_more_steps_go_on(place):
    run(place, "a")
    last = place / "out/planned/last.ckpt"
    before = last.read_bytes(), (place / "out/planned/test/noisy/00000000.flac").stat().st_mtime_ns
    said: list[str] = []
    run(place, "a", say=said.append)
    assert "planned: trained before" in said
    kept = place / "out/planned/test/scores.json"
    told = json.loads(kept.read_text())
    told["scores"]["planned"]["mse"] = [0.125] * 3
    kept.write_text(json.dumps(told))
    assert "| 0.12 [" in run(place, "a").read_text()  # the scores are not made again either
    assert before == (last.read_bytes(), (place / "out/planned/test/noisy/00000000.flac").stat().st_mtime_ns)
    run(place, "a", steps=4)
    assert [line["step"] for line in epochs_of(place / "out/planned/log.jsonl")] == [1, 2, 3, 4]
    text = run(place, "a", steps=3, restart=True).read_text()
    assert [line["step"] for line in epochs_of(place / "out/planned/log.jsonl")] == [1, 2, 3]
    assert "--steps 3" in text
    assert "| 3 | 0.0 h |" in text


def test_an_interrupted_run_ends_as_an_unbroken_one(place):
    def interrupts(text: str) -> None:
        if text.startswith("step 2 of 4"):
            raise KeyboardInterrupt

    run(place, "a", steps=4)
    whole = place / "out/planned/last.ckpt"
    broken = {"clean": place / "clean", "noise": place / "noise", "steps": 4}
    with pytest.raises(KeyboardInterrupt):
        reproduce(["a"], place / "again", say=interrupts, **broken)
    again = place / "again/planned/last.ckpt"
    assert load_checkpoint(again)["step"] == 2
    reproduce(["a"], place / "again", say=silent, **broken)
    for name, weights in load_checkpoint(whole)["averaged"].items():
        assert weights.equal(load_checkpoint(again)["averaged"][name]), name


def test_optimisers_and_the_identity_check_stand_on_the_page(place, monkeypatch):
    system = table.SYSTEMS["a"]
    method = replace(system.methods[0], optimiser_steps=2, check_identity=True)
    monkeypatch.setitem(table.SYSTEMS, "a", replace(system, methods=(method,)))
    monkeypatch.setattr(module, "run_check", lambda *a, **o: type("C", (), {"reason": f"{a[0]} lost something"}))
    text = run(place, "a").read_text()
    assert "(`unnoise train planned --check identity`): identity lost something." in text
    for name in OPTIMISERS:
        assert re.search(rf"^\| `{name}` \| [\d.]+ \| [\d.]+ \| -?[\d.]+ \|$", text, re.MULTILINE), name


@pytest.mark.parametrize(
    ("gain", "line"), [(3.0, "improves SI-SDR by 3.0 dB, on 100%"), (-2.0, r"\(-2.0 dB\). because")]
)
def test_a_gain_and_a_loss_are_said_and_the_loss_is_explained(place, gain, line):
    from unnoise.evaluate.statistics import wins
    from unnoise.workflows.results import Result

    system = table.SYSTEMS["a"]
    scores = {
        "noisy": {"si_sdr": [1.0, 2.0]},
        "planned": {"si_sdr": [1 + gain, 2 + gain]},
        "default": {"si_sdr": [9, 9]},
    }
    recipe = load_recipe(place / "planned.toml")
    won = wins(scores["planned"]["si_sdr"], scores["noisy"]["si_sdr"])
    result = Result(system.methods[0], recipe, 6, scores, won)
    split = held_out(place / "clean", None, 1, silent)
    assert re.search(line, page([(system, [result])], split, "unnoise reproduce"))


def test_women_alone_where_the_corpus_tells(place):
    import msgspec

    told = [msgspec.structs.replace(r, gender="f" if "speaker3" not in r.path else "m") for r in find(place / "clean")]
    save(told, place / "told.jsonl")
    split = held_out(place / "told.jsonl", None, 1, silent)
    assert {r.gender for name in ("women-train", "women-test") for r in split[name]} == {"f"}
    text = run(place, "a", clean=place / "told.jsonl").read_text()
    assert "women alone" in text
    assert {r.gender for r in load(place / "out/women-train.jsonl")} == {"f"}


def test_seeds_deal_differently_and_the_same_seed_alike(tmp_path):
    clean, _ = corpus(tmp_path, speakers=8)
    first, again, other = (held_out(clean, None, seed, silent) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    parts = deal({f"speaker{k}": 5.0 for k in range(8)}, (0.8, 0.2), "1 ")
    assert {r.group for r in first["speech-test"]} == {g for g, part in parts.items() if part}


def test_a_large_corpus_is_cut(tmp_path, monkeypatch):
    clean, _ = corpus(tmp_path, speakers=8)
    monkeypatch.setattr(splitting, "MOST_S", 6.0)
    split = held_out(clean, None, 1, silent)
    assert [r.seconds for r in split["speech-train"]] == [2.5, 2.5, 2.5]


@pytest.mark.parametrize(("speakers", "said"), [(1, "two speakers or more"), (2, None)])
def test_a_folder_with_too_little_is_refused(place, tmp_path_factory, speakers, said):
    clean, _ = corpus(tmp_path_factory.mktemp("few"), speakers=speakers)
    if said is None:
        assert held_out(clean, None, 1, silent)["speech-train"]
        return
    with pytest.raises(InputError, match=said):
        run(place, "a", clean=clean)
    assert not (place / "out").exists()


def test_one_recording_to_train_on_is_too_few(tmp_path):
    clean, _ = corpus(tmp_path, speakers=2)
    for k in range(2):
        (clean / f"speaker{k}/1.wav").unlink()
    with pytest.raises(InputError, match="one to train on and one to validate"):
        held_out(clean, None, 1, silent)


def test_a_system_that_mixes_recordings_wants_their_folder(place):
    with pytest.raises(OptionError, match=r"System b .* --noise DIR"):
        run(place, noise=None)
    assert run(place, "a", noise=None).exists()


def test_what_is_not_ours_is_left_alone(place):
    (place / "out").mkdir()
    (place / "out/mine.txt").write_text("mine")
    for restart in (False, True):
        with pytest.raises(OutputError, match="other things than a reproduction"):
            run(place, "a", restart=restart)
    assert [p.name for p in (place / "out").iterdir()] == ["mine.txt"]
    (place / "file").write_text("mine")
    with pytest.raises(OutputError, match="this is a file"):
        reproduce(["a"], place / "file", clean=place / "clean", say=silent)


def test_another_seed_does_not_go_on_in_the_same_folder(place):
    split = held_out(place / "clean", None, 1, silent)
    write_split(split, place / "out", restart=False)
    write_split(split, place / "out", restart=False)
    other = next(s for s in (held_out(place / "clean", None, k, silent) for k in range(2, 20)) if s != split)
    with pytest.raises(OutputError, match="--restart"):
        write_split(other, place / "out", restart=False)
    assert load(place / "out/speech-test.jsonl") == list(split["speech-test"])
    write_split(other, place / "out", restart=True)
    assert load(place / "out/speech-test.jsonl") == list(other["speech-test"])


@pytest.mark.parametrize(
    ("name", "hint"), [("f", "a, b, c, d, e$"), ("dcunet", "did you mean 'b'"), ("a-conv1d", "did you mean 'a'")]
)
def test_an_unknown_system_gets_the_nearest_name(name, hint):
    with pytest.raises(OptionError, match=hint):
        choose_systems(["a", name])


def test_systems_come_in_their_order_and_once():
    assert [s.letter for s in choose_systems([])] == list("abcde")
    assert [s.letter for s in choose_systems(["C", "a", "c"])] == ["a", "c"]


@pytest.mark.parametrize("letter", SYSTEMS)
def test_every_method_has_a_recipe_that_its_changes_fit(letter):
    from unnoise.train.config import shipped_recipes

    recipes = {method.recipe for method in SYSTEMS[letter].methods}
    assert recipes == {path.stem for path in (shipped_recipes() / "systems").glob(f"{letter}-*.toml")}
    for method in SYSTEMS[letter].methods:
        recipe = load_recipe(method.recipe, method.changes)
        assert method.steps < recipe.steps  # a small budget
        speech = find_one(letter)
        mixtures = mixtures_of(recipe, speech, speech)
        assert len(mixtures) == splitting.ITEMS
        assert all(m.rate == recipe.data.rate and m.samples >= 4 * m.rate for m in mixtures)


def find_one(letter):
    from unnoise.mix.recordings import Recording

    return [Recording(f"/{letter}/{k}.wav", 3.0, 16000, group=str(k)) for k in range(3)]
