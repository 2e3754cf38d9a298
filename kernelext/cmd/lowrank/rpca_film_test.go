package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/lowrankgo/lowrank/datasets"
)

// walker is a film of a bright square that walks over a ground with a texture.
func walker(h, w, n int) (*datasets.Film, func(k int) (x0 int)) {
	place := func(k int) int { return 2 + k*(w-8)/n }
	return &datasets.Film{Height: h, Width: w, Frames: n, Frame: func(dst []float64, k int) {
		for p := range dst {
			y, x := p/w, p%w
			dst[p] = 80 + float64((7*x+13*y)%31) // of rank one over the frames
			if y >= h/2 && y < h/2+4 && x >= place(k) && x < place(k)+4 {
				dst[p] = 220
			}
		}
	}}, place
}

func filmFolder(t *testing.T, film *datasets.Film) string {
	t.Helper()
	dir := t.TempDir()
	if _, err := film.WriteImages(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// The walker is in the foreground and the mask, and not in the background.
func TestRPCAOfAFilm(t *testing.T) {
	const h, w, n = 16, 30, 40
	film, place := walker(h, w, n)
	folder := filmFolder(t, film)
	for _, flags := range [][]string{nil, {"--frames-as-rows", "--images"}} {
		out := t.TempDir() // it is there, and empty
		code, _, stderr := lowrank(t, append([]string{"rpca", folder, "--rank", "1", "--alpha", "0.25", "--out", out}, flags...)...)
		if code != exitOK {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		r := summaryOf(t, out)
		if strings.Join(r.Files, " ") != "factors.npz sparse.npz background/ foreground/ mask/ summary.json" || r.Greys.White != 255 || r.Greys.Black != 0 || r.Input.Height != h || r.Input.Width != w {
			t.Errorf("%q, %+v, %+v", r.Files, r.Greys, r.Input)
		}
		grey := map[string]func(k, y, x int) float64{}
		for _, part := range []string{"background", "foreground", "mask"} {
			d, err := datasets.Open(filepath.Join(out, part), nil)
			if err != nil {
				t.Fatal(err)
			}
			m, _ := d.Matrix()
			if _, frames := m.Dims(); frames != n || d.Height != h || d.Width != w {
				t.Fatalf("%s: %v, %d×%d", part, d, d.Height, d.Width)
			}
			grey[part] = func(k, y, x int) float64 { return m.At(y*w+x, k) }
		}
		for k := range n {
			for y := range h {
				for x := range w {
					ground := 80 + float64((7*x+13*y)%31)
					inside := y >= h/2 && y < h/2+4 && x >= place(k) && x < place(k)+4
					want := map[string]float64{"background": ground, "foreground": 0, "mask": 0}
					if inside {
						want["foreground"], want["mask"] = 220-ground, 255
					}
					for part, v := range want {
						if got := grey[part](k, y, x); math.Abs(got-v) > 1 {
							t.Fatalf("%q: %s of frame %d at row %d, column %d is %v, want %v", flags, part, k, y, x, got, v)
						}
					}
				}
			}
		}
	}
}

// A folder with files is refused unless --force, which takes older frames away
// and leaves the rest.
func TestRPCAFolder(t *testing.T) {
	film, _ := walker(8, 12, 20)
	long := filmFolder(t, film)
	film.Frames = 12
	short := filmFolder(t, film)
	out := filepath.Join(t.TempDir(), "deep", "out [1]")
	args := func(in string, more ...string) []string {
		return append([]string{"rpca", in, "--rank", "1", "--alpha", "0.3", "--out", out}, more...)
	}
	if code, _, stderr := lowrank(t, args(long)...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	mine := filepath.Join(out, "mask", "mine.png")
	if err := os.WriteFile(mine, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := lowrank(t, args(short)...)
	if code != exitUsage {
		t.Errorf("exit %d", code)
	}
	mustContain(t, "stderr", stderr, "is not empty; give another folder, or --force")
	if code, _, stderr := lowrank(t, args(short, "--force")...); code != exitOK {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	files, err := os.ReadDir(filepath.Join(out, "mask"))
	if err != nil || len(files) != 13 {
		t.Errorf("%d files in mask, %v; want 12 frames and one other", len(files), err)
	}
	for _, leftover := range []string{".*.tmp", "*/.*.tmp"} {
		if found, _ := filepath.Glob(filepath.Join(globbed(out), leftover)); len(found) != 0 {
			t.Errorf("left over: %q", found)
		}
	}
}
