"""``lowrank rpca`` on a video, with ffmpeg on both sides."""

import gzip
import json
import os
import re
import signal
import statistics
import subprocess
import zipfile

import pytest

from conftest import ROOT

HEIGHT, WIDTH, FRAMES = 120, 160, 100


def ffmpeg(*args, stdin=None):
    """Run ffmpeg and return what it writes to standard output."""
    done = subprocess.run(["ffmpeg", "-v", "error", "-y", *map(str, args)], input=stdin, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def greys(path):
    """The frames of a video as bytes, decoded independently of the command."""
    raw = ffmpeg("-i", path, "-f", "rawvideo", "-pix_fmt", "gray", "pipe:1")
    size = HEIGHT * WIDTH
    assert len(raw) == size * FRAMES, f"{path}: {len(raw)} bytes"
    return [raw[k * size:(k + 1) * size] for k in range(FRAMES)]


@pytest.fixture(scope="module")
def street(tmp_path_factory):
    """The embedded film of people in a street, as an MP4 file and as greys."""
    array = gzip.decompress((ROOT / "datasets" / "vtest_160x120_100f.npy.gz").read_bytes())
    raw = array[-HEIGHT * WIDTH * FRAMES:]
    path = tmp_path_factory.mktemp("film") / "street.mp4"
    ffmpeg("-f", "rawvideo", "-pix_fmt", "gray", "-s", f"{WIDTH}x{HEIGHT}", "-r", "10", "-i", "pipe:0",
           "-c:v", "libx264", "-crf", "12", "-pix_fmt", "yuv420p", path, stdin=raw)
    return path


def rpca(command, *args):
    return subprocess.run([command, "rpca", *map(str, args)], capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=250)


def test_people_are_in_the_foreground(lowrank, street, artifacts):
    out = artifacts / "rpca"
    done = rpca(lowrank, street, "--rank", "2", "--alpha", "0.1", "--out", out, "--json")
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    assert summary == json.loads((out / "summary.json").read_text())
    assert summary["files"] == ["factors.npz", "sparse.npz", "background.mp4", "foreground.mp4", "mask.mp4", "summary.json"]
    assert sorted(p.name for p in out.iterdir()) == sorted(summary["files"])
    assert summary["input"]["rows"] == HEIGHT * WIDTH and summary["input"]["cols"] == FRAMES
    assert summary["rank"] == summary["rank_of_result"] == 2 and summary["residual"] < 0.02
    assert zipfile.ZipFile(out / "factors.npz").namelist() == ["U.npy", "V.npy"]
    assert zipfile.ZipFile(out / "sparse.npz").namelist() == ["row.npy", "col.npy", "value.npy"]

    film, background, foreground, mask = (greys(p) for p in (street, out / "background.mp4", out / "foreground.mp4", out / "mask.mp4"))
    moving = sitting = 0
    for k in range(FRAMES):
        white = [p for p in range(HEIGHT * WIDTH) if mask[k][p] > 127]
        assert 0 < len(white) < 0.1 * HEIGHT * WIDTH, f"frame {k}: {len(white)} pixels in the mask"
        assert statistics.mean(foreground[k][p] for p in white) > 20
        moving += sum(abs(film[k][p] - background[k][p]) > 20 for p in white)
        sitting += len(white)
    assert moving > 0.8 * sitting, "what the mask shows is not what differs from the background"
    # A pixel through which people walk changes in the film and hardly in the background.
    changes = lambda frames, p: statistics.pstdev(f[p] for f in frames)
    walked = [p for p in range(HEIGHT * WIDTH) if sum(m[p] > 127 for m in mask) in range(5, 40)]
    assert len(walked) > 200
    in_film = statistics.median(changes(film, p) for p in walked)
    behind = statistics.median(changes(background, p) for p in walked)
    assert in_film > 15 and behind < in_film / 4, f"{in_film} in the film, {behind} in the background"


def test_everything_estimated_and_as_images(lowrank, street, tmp_path):
    out = tmp_path / "out"
    done = rpca(lowrank, street, "--out", out, "--images", "--width", "80", "--every", "2", "--frames", "40")
    assert done.returncode == 0, done.stderr
    summary = json.loads((out / "summary.json").read_text())
    assert summary["estimate"]["rank"] and summary["estimate"]["alpha"] and summary["rank"] >= 1
    assert (summary["input"]["frame_height"], summary["input"]["frame_width"], summary["input"]["cols"]) == (60, 80, 40)
    for part in ("background", "foreground", "mask"):
        images = sorted((out / part).iterdir())
        assert [p.name for p in images] == [f"frame_{k:04}.png" for k in range(1, 41)]
        assert images[0].read_bytes().startswith(b"\x89PNG")


def test_info_reads_videos(lowrank, street):
    done = subprocess.run([lowrank, "info", street, "--json"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    info = json.loads(done.stdout)
    assert (info["format"], info["rows"], info["cols"], info["frame_height"]) == ("video", HEIGHT * WIDTH, FRAMES, HEIGHT)


def test_wrong_inputs(lowrank, street, tmp_path):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(street.read_bytes()[: street.stat().st_size // 2])
    text = tmp_path / "text.mp4"
    text.write_text("no video\n")
    locked = tmp_path / "file"
    locked.write_text("")
    for args, code, want in [
        ([street, "--rank", "0"], 2, "--rank is 0; at least 1"),
        ([street, "--rank", "101", "--alpha", "0.1"], 2, "rank"),
        ([street, "--alpha", "2"], 2, "--alpha is 2"),
        ([street, "--frames", "-1"], 1, "Frames -1"),
        ([tmp_path / "none.mp4"], 1, "no file"),
        ([cut], 1, "ffmpeg says: moov atom not found"),
        ([text], 1, "Invalid data found when processing input"),
        ([street, "--max-bytes", "100000"], 1, "MaxBytes = 100000 bytes; read smaller frames"),
        ([street, "--out", locked], 1, "not a directory"),
    ]:
        done = rpca(lowrank, *([] if "--out" in args else ["--out", tmp_path / "out"]), *args)
        assert done.returncode == code and want in done.stderr, f"{args}: exit {done.returncode}, {done.stderr}"
    assert not any((tmp_path / "out").iterdir())


def test_without_ffmpeg(lowrank, street, tmp_path):
    done = subprocess.run([lowrank, "rpca", street, "--out", tmp_path / "out"], capture_output=True, text=True, env={"PATH": "/nowhere"})
    assert done.returncode == 1 and "apt install ffmpeg" in done.stderr


def test_ctrl_c_keeps_what_is_done(lowrank, street, tmp_path):
    out = tmp_path / "out"
    command = [lowrank, "rpca", street, "--rank", "3", "--alpha", "0.1", "--method", "gd", "--tolerance", "1e-15", "--max-iter", "1000000", "--out", out]
    with subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        for line in run.stderr:
            if line.startswith("solving"):
                run.send_signal(signal.SIGINT)
                break
        _, stderr = run.communicate(timeout=120)
    assert run.returncode == 130, stderr
    summary = json.loads((out / "summary.json").read_text())
    assert summary["status"] == "canceled" and summary["error"] == "interrupted"
    assert len(greys(out / "background.mp4")) == FRAMES


def test_bar_on_a_terminal(lowrank, street, tmp_path):
    """A bar with what is left, taken away at the end; the summary is what stays."""
    command = f"'{lowrank}' rpca '{street}' --rank 2 --alpha 0.1 --method gd --max-iter 150 --out '{tmp_path / 'out'}'"
    done = subprocess.run(["script", "-qec", command, "/dev/null"], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                          env={**os.environ, "TERM": "xterm", "COLUMNS": "120"}, timeout=250)
    assert done.returncode == 0, done.stdout
    assert re.search(r"loss .*at most \d+m?\d*s left", done.stdout), done.stdout
    assert "written" in done.stdout
