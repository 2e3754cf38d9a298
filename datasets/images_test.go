package datasets

import (
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"gonum.org/v1/gonum/mat"
)

func TestFolderOfImages(t *testing.T) {
	d, err := Open("testdata/frames", nil)
	if err != nil {
		t.Fatal(err)
	}
	if r, c := d.Dims(); r != 12 || c != 12 || d.Height != 3 || d.Width != 4 || d.Format != "images" {
		t.Fatalf("%v, frames of %d×%d, format %q", d, d.Height, d.Width, d.Format)
	}
	if got := strings.Join(d.ColNames, " "); got != "frame0.png frame1.pgm frame2.png frame3.pgm frame4.png frame5.pgm frame6.png frame7.pgm frame8.png frame9.pgm frame10.png frame11.pgm" {
		t.Errorf("the frames are in the order %s", got)
	}
	m, err := d.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	for k := range 12 {
		f, err := d.Frame(m, k)
		if err != nil {
			t.Fatal(err)
		}
		for y := range 3 {
			for x := range 4 {
				if got := f.At(y, x); math.Abs(got-float64(10*(4*y+x)+k)) > 1e-12 {
					t.Fatalf("frame %d, pixel (%d, %d) is %v", k, y, x, got)
				}
			}
		}
	}
	rows, err := Open("testdata/frames", &OpenOptions{FramesAsRows: true})
	if err != nil {
		t.Fatal(err)
	}
	mr, err := rows.Matrix()
	if err != nil {
		t.Fatal(err)
	}
	if !mat.Equal(mr, m.T()) || rows.RowNames[10] != "frame10.png" || rows.ColNames != nil {
		t.Errorf("FramesAsRows is not the transpose: %v, names %q", rows, rows.RowNames)
	}
	if f, err := rows.Frame(mr, 11); err != nil || math.Abs(f.At(2, 3)-121) > 1e-12 {
		t.Errorf("the last frame of rows: %v", err)
	}
}

func TestFolderRefuses(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	write("a.pgm", "P2 2 1 9\n1 2")
	write("b.pgm", "P2 1 2 9\n1 2")
	write("notes.txt", "not an image")
	if _, err := Open(dir, nil); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "b.pgm is 2×1 pixels and a.pgm is 1×2") {
		t.Errorf("two sizes: error %v", err)
	}
	write("b.pgm", "P2 2 1 9\n1")
	if _, err := Open(dir, nil); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "b.pgm") {
		t.Errorf("a broken image: error %v", err)
	}
	if _, err := Open(dir, &OpenOptions{MaxBytes: 30}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("over the limit: error %v", err)
	}
}

func TestFrameRefuses(t *testing.T) {
	d := mustRead(t, "1,2\n3,4\n", "a.csv", nil)
	m, _ := d.Matrix()
	if _, err := d.Frame(m, 0); !errors.Is(err, ErrShape) {
		t.Errorf("no frames: error %v", err)
	}
	film, err := Open("testdata/frames.npy", nil)
	if err != nil {
		t.Fatal(err)
	}
	full, _ := film.Matrix()
	if _, err := film.Frame(m, 0); !errors.Is(err, ErrShape) || !strings.Contains(err.Error(), "12×2") {
		t.Errorf("another shape: error %v", err)
	}
	if _, err := film.Frame(nil, 0); !errors.Is(err, ErrEmpty) {
		t.Errorf("no matrix: error %v", err)
	}
	for _, k := range []int{-1, 2} {
		if _, err := film.Frame(full, k); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), "0 to 1") {
			t.Errorf("frame %d: error %v", k, err)
		}
	}
}

func TestNaturalOrder(t *testing.T) {
	names := []string{"f10", "f9", "f1", "f01", "f2b10", "f2b9", "f2", "g", "", "f100000000000000000000000000", "f99999999999999999999999999"}
	slices.SortFunc(names, naturalOrder)
	if got := strings.Join(names, " "); got != " f01 f1 f2 f2b9 f2b10 f9 f10 f99999999999999999999999999 f100000000000000000000000000 g" {
		t.Errorf("%s", got)
	}
}
