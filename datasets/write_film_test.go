package datasets

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// ramp is a film whose greys are all different.
func ramp(h, w, n int) *Film {
	return &Film{Height: h, Width: w, Frames: n, Frame: func(dst []float64, k int) {
		for p := range dst {
			dst[p] = float64((37*p + 11*k) % 256)
		}
	}}
}

// Images are read back as the film they are of, also more than ten.
func TestWriteImages(t *testing.T) {
	dir := t.TempDir()
	film := ramp(5, 7, 12)
	names, err := film.WriteImages(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(names) != 12 || names[0] != "frame_0001.png" || names[11] != "frame_0012.png" {
		t.Errorf("%q", names)
	}
	d, err := Open(dir, nil)
	if err != nil {
		t.Fatal(err)
	}
	rows, cols := d.Dims()
	if rows != 35 || cols != 12 || d.Height != 5 || d.Width != 7 || fmt.Sprint(d.ColNames) != fmt.Sprint(names) {
		t.Fatalf("%d×%d, frames %d×%d, %q", rows, cols, d.Height, d.Width, d.ColNames)
	}
	m, _ := d.Matrix()
	want := make([]float64, 35)
	for k := range 12 {
		film.Frame(want, k)
		for p, v := range want {
			if m.At(p, k) != v {
				t.Fatalf("pixel %d of frame %d is %v, want %v", p, k, m.At(p, k), v)
			}
		}
	}
}

func TestGreyCuts(t *testing.T) {
	for v, want := range map[float64]byte{
		-1: 0, 0: 0, 0.4: 0, 0.6: 1, 254.4: 254, 255: 255, 255.6: 255, 1e300: 255, math.Inf(1): 255, math.Inf(-1): 0, 1.5: 2,
	} {
		if got := grey(v); got != want {
			t.Errorf("%v is %d, want %d", v, got, want)
		}
	}
	if grey(math.NaN()) != 0 {
		t.Error("NaN is not black")
	}
}

// A film of data has the data's frames, be they columns or rows.
func TestFilmOfData(t *testing.T) {
	for _, rows := range []bool{false, true} {
		d, err := Open("testdata/frames.npy", &OpenOptions{FramesAsRows: rows})
		if err != nil {
			t.Fatal(err)
		}
		m, _ := d.Matrix()
		film, err := d.Film(m)
		if err != nil {
			t.Fatal(err)
		}
		dst := make([]float64, film.Height*film.Width)
		for k := range film.Frames {
			film.Frame(dst, k)
			want, err := d.Frame(m, k)
			if err != nil || !mat.Equal(want, mat.NewDense(film.Height, film.Width, dst)) {
				t.Errorf("frames as rows %t: frame %d is %v, want %v (%v)", rows, k, dst, want, err)
			}
		}
		if _, err := d.Frame(m, film.Frames); err == nil {
			t.Errorf("the data have more than %d frames", film.Frames)
		}
		if _, err := d.Film(mat.NewDense(1, 1, nil)); !errors.Is(err, ErrShape) {
			t.Errorf("a matrix of another shape: %v", err)
		}
	}
	d, err := Open("testdata/a_f8.npy", nil)
	if err != nil {
		t.Fatal(err)
	}
	m, _ := d.Matrix()
	if _, err := d.Film(m); !errors.Is(err, ErrShape) {
		t.Errorf("a matrix without frames: %v", err)
	}
}

func TestFilmRefuses(t *testing.T) {
	dir := t.TempDir()
	for want, change := range map[string]func(*Film){
		"frames of 0×7 pixels":     func(f *Film) { f.Height = 0 },
		"frames of 5×40000 pixels": func(f *Film) { f.Width = 40000 },
		"has -1 frames":            func(f *Film) { f.Frames = -1 },
		"no function Frame":        func(f *Film) { f.Frame = nil },
		"Rate = NaN":               func(f *Film) { f.Rate = math.NaN() },
		"Rate = -1":                func(f *Film) { f.Rate = -1 },
	} {
		film := ramp(5, 7, 2)
		change(film)
		_, err := film.WriteImages(t.Context(), dir)
		if err2 := film.WriteVideo(t.Context(), filepath.Join(dir, "x.mp4")); err == nil || fmt.Sprint(err2) != err.Error() || !strings.Contains(err.Error(), want) {
			t.Errorf("%v, %v; want %q", err, err2, want)
		}
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("%d files were written", len(files))
	}
	if _, err := ramp(5, 7, 2).WriteImages(t.Context(), filepath.Join(dir, "none")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into no folder: %v", err)
	}
}

func TestWriteImagesCanceled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	dir := t.TempDir()
	film := ramp(2, 2, 10)
	frame := film.Frame
	film.Frame = func(dst []float64, k int) {
		if frame(dst, k); k == 3 {
			cancel()
		}
	}
	names, err := film.WriteImages(ctx, dir)
	if !errors.Is(err, context.Canceled) || len(names) != 4 || !strings.Contains(err.Error(), "after 4 of 10 frames") {
		t.Errorf("%v, %q", err, names)
	}
	if files, _ := os.ReadDir(dir); len(files) != 4 {
		t.Errorf("%d files are there", len(files))
	}
}

// The video's bytes go through ffmpeg's input; the file appears at the end.
func TestWriteVideoWith(t *testing.T) {
	for _, kind := range []string{"encode", "old-ffmpeg"} {
		t.Run(kind, func(t *testing.T) {
			film := ramp(5, 7, 3)
			film.FFmpeg, film.Rate = standIn(t, kind), 12.5
			path := filepath.Join(t.TempDir(), "out film.mp4")
			if err := film.WriteVideo(t.Context(), path); err != nil {
				t.Fatal(err)
			}
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			head, greys, _ := bytes.Cut(got, []byte("\n"))
			want := []string{"-s 7x5", "-r 12.5", "-pix_fmt yuv420p", "libx264"}
			if kind == "old-ffmpeg" {
				want[3] = "mpeg4"
			}
			for _, w := range want {
				if !strings.Contains(string(head), w) {
					t.Errorf("arguments %s; want %q", head, w)
				}
			}
			if len(greys) != 5*7*3 || greys[36] != (37+11)%256 {
				t.Errorf("%d bytes of greys: %v", len(greys), greys)
			}
			if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 1 {
				t.Errorf("%d files are there", len(files))
			}
		})
	}
}

func TestWriteVideoFailures(t *testing.T) {
	film := ramp(64, 64, 500)
	film.FFmpeg = standIn(t, "fails")
	path := filepath.Join(t.TempDir(), "film.mp4")
	if err := film.WriteVideo(t.Context(), path); err == nil || !strings.Contains(err.Error(), "film.mp4: ffmpeg says: this is wrong; and so is this") {
		t.Errorf("%v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	film.FFmpeg = standIn(t, "encode")
	frame := film.Frame
	film.Frame = func(dst []float64, k int) {
		if frame(dst, k); k == 3 {
			cancel()
		}
	}
	if err := film.WriteVideo(ctx, path); !errors.Is(err, context.Canceled) {
		t.Errorf("canceled: %v", err)
	}
	film.FFmpeg = "no-such-program-here"
	if err := film.WriteVideo(t.Context(), path); err == nil || !strings.Contains(err.Error(), "apt install ffmpeg") {
		t.Errorf("without ffmpeg: %v", err)
	}
	if files, _ := os.ReadDir(filepath.Dir(path)); len(files) != 0 {
		t.Errorf("%d files are left", len(files))
	}
}
