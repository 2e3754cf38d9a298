package datasets

import (
	"bytes"
	"errors"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

// fuzzFormat reads what the fuzzer makes as one format. An error must be one of
// the package's, data must keep their promises, and a small input must not
// take much memory.
func fuzzFormat(f *testing.F, format string, seeds []string, files ...string) {
	for _, s := range seeds {
		f.Add([]byte(s))
	}
	for _, pattern := range files {
		names, err := filepath.Glob(filepath.Join("testdata", pattern))
		if err != nil || len(names) == 0 {
			f.Fatalf("no seeds like %s, %v", pattern, err)
		}
		for _, name := range names {
			b, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		for _, o := range []OpenOptions{{}, {FramesAsRows: true, Duplicates: Average, Layout: Triplets}} {
			o.Format, o.MaxBytes = format, 1<<22
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			d, err := Read(bytes.NewReader(b), "fuzz", &o)
			runtime.ReadMemStats(&after)
			if used := after.TotalAlloc - before.TotalAlloc; used > 1<<27 {
				t.Fatalf("%d bytes of input took %d of memory", len(b), used)
			}
			checkFuzzed(t, d, err)
		}
	})
}

func checkFuzzed(t *testing.T, d *Data, err error) {
	if err != nil {
		for _, kind := range []error{ErrFormat, ErrShape, ErrValue, ErrEmpty, ErrTooLarge} {
			if errors.Is(err, kind) {
				return
			}
		}
		t.Fatalf("the error wraps none of the package's: %v", err)
	}
	rows, cols := d.Dims()
	e := d.Entries()
	if rows < 1 || cols < 1 || e.D1 != rows || e.D2 != cols || e.Len() < 1 {
		t.Fatalf("%v: %d×%d with %d entries", d, rows, cols, e.Len())
	}
	last := -1
	for k, v := range e.Values {
		at := e.Rows[k]*cols + e.Cols[k]
		if math.IsNaN(v) || math.IsInf(v, 0) || at <= last || e.Rows[k] >= rows || e.Cols[k] >= cols {
			t.Fatalf("%v: entry %d is (%d, %d) = %v", d, k, e.Rows[k], e.Cols[k], v)
		}
		last = at
	}
	if d.RowNames != nil && len(d.RowNames) != rows || d.ColNames != nil && len(d.ColNames) != cols {
		t.Fatalf("%v: %d row names and %d column names", d, len(d.RowNames), len(d.ColNames))
	}
	if d.Height*d.Width != 0 && d.Height*d.Width != rows && d.Height*d.Width != cols {
		t.Fatalf("%v: frames of %d×%d", d, d.Height, d.Width)
	}
	if _, err := d.Summary(); err != nil {
		t.Fatal(err)
	}
}

func FuzzDetect(f *testing.F) {
	fuzzFormat(f, "", []string{"1,2\n3,4\n", "1::2::3\n", "P1 1 1 1"}, "*.npy", "*.mat", "*.gz")
}

func FuzzCSV(f *testing.F) {
	fuzzFormat(f, "csv", []string{
		"a,b\n1,2\n", ",x\nr,1\n", "1\t2\t3\n1\t3\t4\n2\t2\t1\n", "3,14;1\n", "\ufeff\"a \"\"\",b\r\n1,2\r\n", "# c\n1 2\n", "user,item,rating\n1,2,3\n",
		"id,1\n2,3\n", "\"\n\"", "NaN,1e999\n", "x\n\xff\n",
	})
}

func FuzzRatings(f *testing.F) {
	fuzzFormat(f, "ratings", []string{"1::2::3::4\n2::2::1::4\n", "::::\n", "1::2\n", "a::b::NaN\na::c::1\n"})
}

func FuzzRecBole(f *testing.F) {
	fuzzFormat(f, "recbole", []string{"user_id:token\titem_id:token\trating:float\n1\t2\t3\n", "a:token\tb:token\n1\t2\n", "a:token\n1\n"})
}

func FuzzMtx(f *testing.F) {
	fuzzFormat(f, "mtx", []string{
		"%%MatrixMarket matrix coordinate pattern symmetric\n% c\n3 3 1\n2 1\n",
		"%%MatrixMarket matrix array real skew-symmetric\n2 2\n1\n",
		"%%MatrixMarket matrix array integer symmetric\n2 2\n1\n2\n3\n",
	}, "*.mtx")
}

func FuzzNpy(f *testing.F) { fuzzFormat(f, "npy", nil, "*.npy") }

func FuzzNpz(f *testing.F) { fuzzFormat(f, "npz", nil, "*.npz") }

func FuzzMat5(f *testing.F) { fuzzFormat(f, "mat5", nil, "v5*.mat", "words.mat") }

func FuzzMat73(f *testing.F) { fuzzFormat(f, "mat7.3", nil, "v73*.mat", "plain.h5") }

func FuzzPNG(f *testing.F) { fuzzFormat(f, "png", nil, "*.png", "frames/frame0.png") }

func FuzzJPEG(f *testing.F) { fuzzFormat(f, "jpeg", nil, "*.jpg") }

func FuzzPnm(f *testing.F) {
	fuzzFormat(f, "pnm", []string{"P1 2 1 01", "P2 2 1 3\n1 2", "P3 1 1 3 1 2 3", "P4 9 1 ab", "P5 2 1 255 ab", "P6 1 1 65535 abcdef"}, "frames/frame1.pgm")
}
