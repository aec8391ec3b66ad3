"""The report page: figures, names and sounds as they are, nothing from outside, players and the listening test."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import math
import re
import struct
import zlib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from shutil import which

import numpy as np
import pytest
import soundfile as sf
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.sounds import noise, voice
from unnoise.errors import InputError, OptionError, OutputError
from unnoise.evaluate.overview import Track, overview_of
from unnoise.evaluate.report import write_page
from unnoise.evaluate.report.chart import Series, dots, lines, number
from unnoise.evaluate.report.choose import choose, spread, telling_metric
from unnoise.evaluate.report.markup import Html, embedded, tag
from unnoise.evaluate.report.png import indexed_png, spectrogram_uri, wave_path
from unnoise.evaluate.report.scores import OTHER_KINDS, Mean, Scores
from unnoise.evaluate.report.sounds import LEVEL_DBFS, excerpt, wav_uri
from unnoise.evaluate.results import Evaluation, Row, System
from unnoise.evaluate.statistics import bootstrap

RATE = 8000
ODD = '</script><img src=x onerror=alert(1)> & "a\'b" ‮.wav'
CHROMIUM = which("chromium") or which("chromium-browser") or which("google-chrome")


@cache
def cached_voice(seconds, seed):
    return voice(seconds, RATE, seed)


def made(files=None, systems=("noisy", "net", "<b>gate</b>"), *, clean=True, seconds=1.0, scores=None, metrics=None):
    """An evaluation of made-up voices; `scores` gives those of (system, number of the file)."""
    files = files or [f"clip {k}.wav" for k in range(8)]
    kinds = {"noisy": "noisy", "net": "model"}
    given_scores = scores or (lambda system, k: {"pesq_wb": 1 + 0.1 * k * systems.index(system), "si_sdr": float(k)})
    rows = tuple(
        Row(system, file, seconds, RATE, 5.0 * (k % 3), ("rain", "hum & <buzz>")[k % 2], given_scores(system, k))
        for system in systems
        for k, file in enumerate(files)
    )

    def sounds(system, file):
        k = files.index(file)
        speech, rest = cached_voice(seconds, k), noise(seconds, RATE, 100 + k)
        if system == "clean" and not clean:
            raise InputError("there is no clean recording")
        left = {"clean": 0.0, "noisy": 1.0}.get(system, 0.2)
        return (1.0 if system == "clean" else 0.5) * (speech + left * rest), RATE

    return Evaluation(
        tuple(System(name, kinds.get(name, "gate"), 32.0, 40.0, "a <note>") for name in systems),
        ("pesq_wb", "si_sdr") if metrics is None else metrics,
        rows,
        (f"{ODD}: left out",),
        sounds,
    )


class Read(HTMLParser):
    """The elements and the texts of a page."""

    def __init__(self, page):
        super().__init__()
        self.tags, self.texts, self.scripts = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        (self.scripts if self.tags and self.tags[-1][0] == "script" else self.texts).append(data)


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    target = tmp_path_factory.mktemp("report") / "index.html"
    evaluation = made([ODD, *(f"clip {k}.wav" for k in range(1, 8))])
    write_page(evaluation, target, listen=True, command="unnoise evaluate <x>", versions={"unnoise": "1 & 2"})
    return target


@pytest.fixture(scope="module")
def read(page):
    return Read(page.read_text("utf-8"))


@settings(max_examples=30, deadline=None)
@given(st.text(), st.text())
def test_markup_gives_text_and_attributes_back(text, value):
    found = Read(tag("p", text, title=value))
    shown = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    assert "".join(found.texts).replace("\r\n", "\n").replace("\r", "\n") == shown
    assert found.tags == [("p", {"title": value.encode("utf-8", "replace").decode()})]


@settings(max_examples=30, deadline=None)
@given(st.recursive(st.text() | st.integers() | st.none(), lambda inside: st.lists(inside)))
def test_embedded_json_comes_back_and_cannot_end_its_element(value):
    text = embedded(value, element_id="a")
    inside = text.removeprefix('<script type="application/json" id="a">').removesuffix("</script>")
    assert json.loads(inside) == value
    assert not set("<>&") & set(inside)


def test_attributes_that_are_off_are_left_out():
    assert tag("td", class_=None, hidden=True, data_x=False) == "<td hidden></td>"
    assert tag("p", Html("<b>"), "<b>") == "<p><b>&lt;b&gt;</p>"


@pytest.mark.parametrize(
    ("value", "how", "shown"),
    [
        (-0.001, {}, "0.00"),
        (-1.234, {}, "−1.23"),
        (0.5, {"sign": True}, "+0.50"),
        (0.0, {"sign": True}, "0.00"),
        (2.5, {"digits": None}, "2.5"),
    ],
)
def test_numbers(value, how, shown):
    assert number(value, **how) == shown


def test_names_notes_and_the_command_are_shown_literally(read):
    text = "\n".join(read.texts)
    for name in (ODD, "<b>gate</b>", "hum & <buzz>", "a <note>", "unnoise evaluate <x>", "unnoise 1 & 2"):
        assert name in text
    assert not [attributes for kind, attributes in read.tags if "onerror" in attributes or kind == "b"]
    held = json.loads(next(text for text in read.scripts if text.startswith('{"clips"')))
    assert ODD in [clip["file"] for clip in held["clips"]]


def test_nothing_comes_from_outside_and_no_other_script_may_run(page, read):
    text = page.read_text("utf-8")
    assert not re.findall(r"""(?:src=|href=|url\(|fetch\(|import\(?)\s*["']?(?:https?:)?//""", text)
    links = [attributes.get(key, "") or "" for _, attributes in read.tags for key in ("src", "href")]
    kinds = {link.split(",")[0].split(";")[0] for link in links if link}
    assert kinds == {"data:", "data:image/png", "data:audio/wav"}
    policy = next(a["content"] for _, a in read.tags if a.get("http-equiv") == "Content-Security-Policy")
    running = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
    assert len(running) == 2
    for script in running:
        assert f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'" in policy
    assert "unsafe-inline" not in policy.split("script-src")[1]


def test_the_same_evaluation_gives_the_same_bytes_and_replaces_the_old_page(tmp_path):
    target = tmp_path / "new" / "a.html"
    write_page(made(), target, listen=True)
    first = target.read_bytes()
    target.write_bytes(b"old")
    write_page(made(), target, listen=True)
    assert target.read_bytes() == first
    assert [path.name for path in target.parent.iterdir()] == ["a.html"]


def test_means_stand_with_their_intervals_and_the_best_is_marked(read):
    values = [1 + 0.1 * k * 2 for k in range(8)]
    mean, low, high = bootstrap(values)
    where = read.texts.index(f"{low:.2f} … {high:.2f}")
    assert read.texts[where - 1] == f"{mean:.2f}"
    assert sum(kind == "strong" for kind, _ in read.tags) == 4  # one of pesq_wb, and si_sdr is the same for all three


def test_cells_without_figures_stay_empty(tmp_path):
    def scores(system, k):
        return {"pesq_wb": math.nan, "si_sdr": math.inf if k else 3.0}

    write_page(made(scores=scores), tmp_path / "a.html", clips=0)
    found = Read((tmp_path / "a.html").read_text("utf-8"))
    assert sum(attributes.get("class") == "empty" for _, attributes in found.tags) == 3 + 4  # means and paired wins
    assert "3.00" in found.texts
    assert not [text for text in found.texts if re.search(r"\b(nan|inf)\b", text.lower())]


def test_worst_and_best_clips_are_chosen_by_the_gain_over_noisy():
    gains = [0.3, -0.2, 0.1, 0.9, 0.0, 0.5, math.nan, 0.4]

    def scores(system, k):
        return {"pesq_wb": 2 + (gains[k] if system == "net" else 0), "mse": 2 + (gains[k] if system == "net" else 0)}

    found = Scores(made(scores=scores, metrics=("pesq_wb", "mse")))
    choice = choose(found, "pesq_wb", 6)
    assert choice.worst == ("clip 1.wav", "clip 4.wav", "clip 2.wav")
    assert choice.best == ("clip 3.wav", "clip 5.wav", "clip 7.wav")


@pytest.mark.parametrize(
    ("files", "clips", "shown"), [(1, 6, (1, 0)), (2, 6, (1, 1)), (4, 6, (3, 1)), (8, 4, (3, 1)), (8, 1, (1, 0))]
)
def test_the_three_worst_are_among_the_clips_where_there_is_room(files, clips, shown):
    choice = choose(Scores(made([f"{k}" for k in range(files)])), "pesq_wb", clips)
    assert (len(choice.worst), len(choice.best)) == shown
    assert len({*choice.worst, *choice.best}) == sum(shown)


def test_the_opening_measure_is_one_that_was_taken():
    assert telling_metric(("stoi", "si_sdr")) == "si_sdr"
    assert telling_metric(("mse",)) == "mse"
    assert telling_metric(()) == ""


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 60), st.integers(1, 20))
def test_listening_clips_are_spread_over_the_files(files, count):
    names = [f"{k:02}" for k in range(files)]
    found = spread(names, count)
    assert len(found) == min(files, count)
    assert found == sorted(set(found))


def test_files_stand_in_bins_by_snr_and_by_kind():
    scores = Scores(made([f"{k}" for k in range(24)]))
    assert {place: len(files) for place, files in scores.snr_bins.items()} == {0.0: 8, 5.0: 8, 10.0: 8}
    assert {kind: len(files) for kind, files in scores.noise_kinds.items()} == {"hum & <buzz>": 12, "rain": 12}
    one = Scores(made(["0"]))
    assert one.snr_bins == one.noise_kinds == {}


def test_rare_kinds_of_noise_stand_together():
    rows = tuple(Row("noisy", f"{k}", 1.0, RATE, None, f"kind {k:02}", {"snr": 1.0}) for k in range(14))
    kinds = Scores(Evaluation((System("noisy", "noisy", None, None),), ("snr",), rows, (), made().sounds)).noise_kinds
    assert list(kinds)[-1] == OTHER_KINDS
    assert len(kinds[OTHER_KINDS]) == 4


def test_charts_hold_a_mark_for_each_figure_and_none_for_none():
    series = [
        Series("a & b", 0, (Mean(1, 0.5, 2, 9), None, Mean(3, 2, 4, 9))),
        Series("c", 9, (Mean(2, math.nan, math.nan, 1), None, None)),
    ]
    for chart in (
        lines(series, [0, 5, 10], label="x", digits=2),
        dots(series, ["k", "l", "m" * 40], label="x", digits=2),
    ):
        assert chart.count('class="mark"') == 3
        assert chart.count('class="whisker"') == 2
        assert "nan" not in chart
        assert "a &amp; b" in chart and "look1" in chart
    assert "1.00 [0.50, 2.00], 9 files" in chart
    assert "m" * 40 in chart  # the whole name is in its tooltip


def test_all_takes_have_one_level_where_the_voice_is():
    cut = excerpt(made(seconds=3.0), "clip 2.wav", 10.0)
    assert [(take.kind, take.system) for take in cut.takes] == [
        ("noisy", "noisy"),
        ("denoised", "net"),
        ("denoised", "<b>gate</b>"),
        ("clean", ""),
        ("removed", "net"),
        ("removed", "<b>gate</b>"),
    ]
    clean = cut.takes[3].audio
    frames = clean[: len(clean) // 160 * 160].reshape(-1, 160).astype(float)
    levels = 10 * np.log10(np.mean(frames**2, axis=1))
    active = levels >= np.percentile(levels, 95) - 30
    for take in cut.takes:
        power = np.mean(take.audio[: frames.size].reshape(-1, 160)[active].astype(float) ** 2)
        assert 10 * np.log10(power) == pytest.approx(LEVEL_DBFS, abs=0.01)
    noisy, net, removed = (cut.takes[k] for k in (0, 1, 4))
    rest = noisy.audio / 10 ** (noisy.gain_db / 20) - net.audio / 10 ** (net.gain_db / 20)
    np.testing.assert_allclose(removed.audio / 10 ** (removed.gain_db / 20), rest, atol=1e-6)


def test_a_peak_lowers_all_takes_alike_and_silence_stays_silent():
    def sounds(system, file):
        audio = np.zeros(RATE, np.float32)
        audio[:4000:400] = 0.0 if system == "net" else 1.0
        return audio, RATE

    plain = made(systems=("noisy", "net"))
    cut = excerpt(Evaluation(plain.systems, plain.metrics, plain.rows, (), sounds), "clip 1.wav", 10.0)
    peaks = [float(np.abs(take.audio).max()) for take in cut.takes]
    assert max(peaks) <= 0.981
    assert peaks[1] == 0.0


def test_nothing_removed_is_not_made_loud():
    def sounds(system, file):
        return voice(1.0, RATE) * (1.0 if system != "net" else 0.99999), RATE

    plain = made(systems=("noisy", "net"))
    cut = excerpt(Evaluation(plain.systems, plain.metrics, plain.rows, (), sounds), "clip 1.wav", 10.0)
    noisy, *_, removed = cut.takes
    assert removed.gain_db <= noisy.gain_db + 24.0 + 1e-9


def test_a_long_file_is_cut_to_where_most_is_said():
    def sounds(system, file):
        quiet = 0.01 * noise(5.0, RATE)
        quiet[2 * RATE : 4 * RATE] += noise(2.0, RATE, 1)
        return quiet, RATE

    plain = made()
    cut = excerpt(Evaluation(plain.systems, plain.metrics, plain.rows, (), sounds), "clip 1.wav", 2.0)
    assert cut.seconds == 2.0
    assert not cut.whole
    assert cut.start_s == pytest.approx(2.0, abs=0.02)


def test_sounds_of_other_rates_lengths_and_missing_ones():
    def sounds(system, file):
        if system == "net":
            raise InputError("it failed on this file")
        rate = 16000 if system == "clean" else RATE
        return np.full(rate - (100 if system == "noisy" else 0), np.nan if system == "noisy" else 0.1), rate

    plain = made()
    cut = excerpt(Evaluation(plain.systems, plain.metrics, plain.rows, (), sounds), "clip 1.wav", 9.0)
    assert cut.rate == 16000
    assert {take.system for take in cut.takes} == {"noisy", "<b>gate</b>", ""}
    assert len({len(take.audio) for take in cut.takes}) == 1
    assert all(np.isfinite(take.audio).all() for take in cut.takes)


def test_wav_in_the_page_is_the_sound():
    audio = voice(0.5, RATE)
    head, body = wav_uri(audio, RATE).split(",")
    assert head == "data:audio/wav;base64"
    found, rate = sf.read(io.BytesIO(base64.b64decode(body)), dtype="float32")
    assert rate == RATE
    np.testing.assert_allclose(found, audio, atol=1 / 32768)


def decoded(png):
    """Pixels of an indexed PNG, and its palette."""
    chunks, at = {}, 8
    while at < len(png):
        size, kind = struct.unpack(">I4s", png[at : at + 8])
        body = png[at + 8 : at + 8 + size]
        assert struct.unpack(">I", png[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + body)
        chunks[kind], at = body, at + 12 + size
    width, height, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    pixels = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not pixels[:, 0].any()
    return pixels[:, 1:], np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 2**32 - 1))
def test_a_png_holds_its_pixels(rows, columns, seed):
    pixels = np.random.default_rng(seed).integers(0, 4, (rows, columns), np.uint8)
    palette = np.arange(12, dtype=np.uint8).reshape(4, 3)
    found, colours = decoded(indexed_png(pixels, palette))
    np.testing.assert_array_equal(found, pixels)
    np.testing.assert_array_equal(colours, palette)


def test_a_spectrogram_shows_a_tone_at_its_height():
    tone = np.sin(2 * np.pi * 3000 * np.arange(2 * RATE) / RATE)
    spectrum_db = overview_of(tone, RATE).spectrum_db
    pixels, palette = decoded(base64.b64decode(spectrogram_uri(spectrum_db, 0.0).split(",")[1]))
    brightest = np.argmax(pixels.astype(int).sum(axis=1))
    assert brightest / len(pixels) == pytest.approx(0.25, abs=0.02)  # 3 of 4 kHz, counted from the top
    assert pixels.max() >= len(palette) - 4  # a row joins two bins as the mean of their levels
    assert pixels[0].max() == 0


def test_a_waveform_reaches_its_peaks():
    values = np.zeros((2, 1000), np.float32)
    values[0, 300], values[1, 700] = -0.5, 1.0
    path = wave_path(Track(values, 0.0, 0.01), 1.0)
    heights = [float(y) for y in re.findall(r",(-?[\d.]+)", path)]
    assert min(heights) == -100.5
    assert max(heights) == 50.5
    assert wave_path(Track(values[:, :1], 0.0, 0.01), 1.0)


@pytest.mark.parametrize(
    "how",
    [
        {"clean": False},
        {"files": ["one.wav"]},
        {"systems": ("noisy",)},
        {"systems": ("net",)},
        {"metrics": ()},
        {"metrics": ("word_errors_pseudo",), "scores": lambda system, k: {"word_errors_pseudo": 10.0 + k}},
    ],
)
def test_small_and_odd_evaluations(tmp_path, how):
    evaluation = made(seconds=0.3, **how)
    write_page(evaluation, tmp_path / "a.html", listen=True)
    text = (tmp_path / "a.html").read_text("utf-8")
    assert text.count("<audio") > 0
    assert (">clean</button>" in text) == how.get("clean", True)


def test_names_that_are_no_utf_8(tmp_path):
    write_page(made(["\udc80.wav"]), tmp_path / "a.html", listen=True)
    assert "?.wav" in (tmp_path / "a.html").read_text("utf-8")


def test_what_cannot_be(tmp_path):
    with pytest.raises(OptionError, match="pesq_wb, si_sdr; got 'mos'"):
        write_page(made(), tmp_path / "a.html", metric="mos")
    with pytest.raises(OptionError, match="-1"):
        write_page(made(), tmp_path / "a.html", clips=-1)
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="cannot be written"):
        write_page(made(), tmp_path / "file" / "a.html", clips=0)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("no Chromium is installed")
    with playwright.sync_playwright() as running:
        started = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def opened(browser, page):
    """The page from disk, offline; any complaint or request fails the test."""
    context = browser.new_context(offline=True, accept_downloads=True)
    context.set_default_timeout(180_000)  # a busy machine is no fault of the page
    tab = context.new_page()
    wrong = []
    tab.on("console", lambda message: wrong.append(message.text))
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("dialog", lambda dialog: wrong.append(dialog.message))
    tab.on("request", lambda one: None if one.url.startswith(("file:", "data:", "blob:")) else wrong.append(one.url))
    tab.goto(page.as_uri())
    yield tab
    context.close()
    assert wrong == []


def sounding(tab):
    return tab.evaluate("[...document.querySelectorAll('audio')].filter((one) => !one.paused).length")


def until_past(tab, css, number, seconds):
    """Wait for a sound to get on; the page's own policy forbids the waiting that evaluates texts inside it."""
    said = f"document.querySelectorAll({json.dumps(css)})[{number}].currentTime"
    for _ in range(500):
        if tab.evaluate(said) > seconds:
            return
        tab.wait_for_timeout(20)
    raise AssertionError(f"{said} did not get past {seconds} s")


def endless(page):
    """No sound ends before it is looked at, however slow the machine is."""
    page.evaluate("document.querySelectorAll('audio').forEach(audio => { audio.loop = true; })")


def test_players_play_one_at_a_time(opened):
    endless(opened)
    first, second = (opened.locator(".clip").nth(k).locator(".take").nth(k) for k in range(2))
    first.locator("button").click()
    until_past(opened, ".clip audio", 0, 0.1)
    second.locator("button").click()
    until_past(opened, "#clips article:nth-of-type(2) audio", 1, 0.05)
    assert sounding(opened) == 1
    assert first.locator("button").get_attribute("aria-pressed") == "false"
    assert second.locator("button").get_attribute("aria-pressed") == "true"


def test_players_are_worked_by_keys(opened):
    endless(opened)
    button = opened.locator(".clip .take button").first
    button.focus()
    opened.keyboard.press("2")
    until_past(opened, ".clip audio", 1, 0.05)
    opened.keyboard.press("Space")
    assert sounding(opened) == 0
    opened.keyboard.press("ArrowLeft")
    assert opened.evaluate("document.querySelectorAll('.clip audio')[1].currentTime") == 0


def test_a_click_into_a_picture_plays_from_there(opened):
    picture = opened.locator(".clip .picture").first
    box = picture.bounding_box()
    picture.click(position={"x": 0.5 * box["width"], "y": 60})
    until_past(opened, ".clip audio", 0, 0.55)


def test_one_measure_is_shown_at_a_time(opened):
    assert opened.locator(".measure:visible").count() == 1
    opened.select_option("#measure", "si_sdr")
    assert opened.locator(".measure:visible h3").inner_text().startswith("si_sdr")


def test_nothing_is_wider_than_a_phone(opened):
    opened.set_viewport_size({"width": 360, "height": 700})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 360


def test_special_names_are_read_literally(opened):
    assert ODD in opened.locator("#notes li").inner_text()
    assert opened.locator(".legend li").nth(2).inner_text() == "<b>gate</b>"


def test_the_listening_test_from_keys_to_json(opened):
    opened.fill("#listening-name", "Ann")
    opened.click("#listening-form button")
    assert "net" not in opened.locator("#listening-trial").inner_text()
    opened.keyboard.press("x")  # too early
    assert "first" in opened.locator("#trial-said").inner_text()
    for k in range(8):
        assert opened.locator("#trial-count").inner_text() == f"{k + 1} of 8"
        opened.keyboard.press("a")
        until_past(opened, "#audio-a", 0, 0)
        opened.keyboard.press("b")
        until_past(opened, "#audio-b", 0, 0)
        assert sounding(opened) == 1
        opened.keyboard.press("Space")
        assert sounding(opened) == 0
        opened.keyboard.press("x" if k == 0 else "ArrowLeft")
    with opened.expect_download() as download:
        opened.click("#listening-save")
    found = json.loads(Path(download.value.path()).read_text("utf-8"))
    assert (found["listener"], found["first"], found["second"]) == ("Ann", "net", "<b>gate</b>")
    assert found["no_preference"] == 1
    assert found["preferred_first"] + found["preferred_second"] == 7
    assert found["preferred_first"] == sum(one["preferred"] == "net" for one in found["trials"])
    assert {one["file"] for one in found["trials"]} == {ODD, *(f"clip {k}.wav" for k in range(1, 8))}
    assert all({one["a"], one["b"]} == {"net", "<b>gate</b>"} for one in found["trials"])
    wins, z = found["preferred_first"], 1.959964  # the interval's ends solve (share - p)² = z² p (1 - p) / 7
    for p in (found["share_first_low"], found["share_first_high"]):
        assert (wins / 7 - p) ** 2 == pytest.approx(z**2 * p * (1 - p) / 7, abs=1e-9)
    assert f"{round(100 * wins / 7)} %" in opened.locator("#listening-result").inner_text()


def test_a_listener_can_go_back_and_cannot_compare_one_with_itself(opened):
    opened.select_option("#listening-second", "net")
    opened.click("#listening-form button")
    assert "two different" in opened.locator("#listening-refused").inner_text()
    opened.select_option("#listening-second", "noisy")
    opened.click("#listening-form button")
    opened.keyboard.press("a")
    opened.keyboard.press("b")
    opened.keyboard.press("1")
    assert opened.locator("#trial-count").inner_text() == "2 of 8"
    opened.keyboard.press("Backspace")
    assert opened.locator("#trial-count").inner_text() == "1 of 8"


def test_the_order_follows_the_seed_of_the_listener(browser, page):
    firsts = []
    for seed in (1, 1, 2):
        tab = browser.new_page()
        tab.add_init_script(f"crypto.getRandomValues = (place) => place.fill({seed})")
        tab.goto(page.as_uri())
        tab.click("#listening-form button")
        firsts.append(tab.evaluate("document.getElementById('audio-a').src"))
        tab.close()
    assert firsts[0] == firsts[1] != firsts[2]
