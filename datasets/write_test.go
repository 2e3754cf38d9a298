package datasets

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// What NumPy 2 writes for np.array([[1., 2.5], [-3., nan]]), to the byte.
const goldenNpy = "\x93NUMPY\x01\x00v\x00{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }"

func TestWriteNpyAsNumPyDoes(t *testing.T) {
	var b bytes.Buffer
	if err := WriteNpy(&b, mat.NewDense(2, 2, []float64{1, 2.5, -3, math.Float64frombits(0x7ff8000000000000)})); err != nil {
		t.Fatal(err)
	}
	want := goldenNpy + strings.Repeat(" ", 128-len(goldenNpy)-1) + "\n" +
		"\x00\x00\x00\x00\x00\x00\xf0\x3f\x00\x00\x00\x00\x00\x00\x04\x40\x00\x00\x00\x00\x00\x00\x08\xc0\x00\x00\x00\x00\x00\x00\xf8\x7f"
	if b.String() != want {
		t.Errorf("got  %q\nwant %q", b.String(), want)
	}
}

// An independent reader sees the same numbers and shapes.
func TestWriteNpyAgainstNpyio(t *testing.T) {
	for _, c := range []struct {
		data  any
		into  any
		shape []int
		want  string
	}{
		{[]float64{1, -0.5, math.Inf(1)}, new([]float64), []int{3}, "[1 -0.5 +Inf]"},
		{[]float64{}, new([]float64), []int{0}, "[]"},
		{[]int{1, -2, math.MaxInt}, new([]int64), []int{3}, "[1 -2 9223372036854775807]"},
		{[]int64{math.MinInt64}, new([]int64), []int{1}, "[-9223372036854775808]"},
		{[]int32{7, math.MinInt32}, new([]int32), []int{2}, "[7 -2147483648]"},
		{mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}), new([]float64), []int{2, 3}, "[1 2 3 4 5 6]"},
		{mat.NewDense(2, 3, []float64{1, 2, 3, 4, 5, 6}).T(), new([]float64), []int{3, 2}, "[1 4 2 5 3 6]"},
		{mat.NewDense(4, 4, []float64{0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0}).Slice(1, 3, 1, 3), new([]float64), []int{2, 2}, "[1 2 3 4]"},
		{mat.NewVecDense(2, []float64{8, 9}), new([]float64), []int{2, 1}, "[8 9]"},
		{mat.NewSymDense(2, []float64{1, 2, 2, 3}), new([]float64), []int{2, 2}, "[1 2 2 3]"},
	} {
		var b bytes.Buffer
		if err := WriteNpy(&b, c.data); err != nil {
			t.Fatal(err)
		}
		if b.Len()%64 != 0 && (b.Len()-128)%4 != 0 {
			t.Errorf("%T: %d bytes", c.data, b.Len())
		}
		r, err := npy.NewReader(&b)
		if err != nil {
			t.Fatal(err)
		}
		if fmt.Sprint(r.Header.Descr.Shape) != fmt.Sprint(c.shape) {
			t.Errorf("%T: shape %v, want %v", c.data, r.Header.Descr.Shape, c.shape)
		}
		if c.shape[0] == 0 {
			continue
		}
		if err := r.Read(c.into); err != nil {
			t.Fatal(err)
		}
		if got := strings.TrimPrefix(fmt.Sprint(c.into), "&"); got != c.want {
			t.Errorf("%T: %s, want %s", c.data, got, c.want)
		}
	}
}

// What is written is read back, bit for bit, for any shape and any numbers.
func TestNpzRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rows, cols := rapid.IntRange(1, 9).Draw(t, "rows"), rapid.IntRange(1, 9).Draw(t, "cols")
		number := rapid.Float64Range(-1e300, 1e300)
		x := mat.NewDense(rows, cols, rapid.SliceOfN(number, rows*cols, rows*cols).Draw(t, "x"))
		v := rapid.SliceOfN(rapid.IntRange(-1<<40, 1<<40), 1, 20).Draw(t, "v")
		var b bytes.Buffer
		if err := WriteNpz(&b, NamedArray{"U", x}, NamedArray{"row", v}, NamedArray{"name with spaces", []float64{1}}); err != nil {
			t.Fatal(err)
		}
		d, err := Read(bytes.NewReader(b.Bytes()), "x.npz", &OpenOptions{Variable: "U"})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := d.Matrix(); !mat.Equal(got, x) {
			t.Fatalf("got %v, want %v", got.RawMatrix(), x.RawMatrix())
		}
		d, err = Read(&b, "x.npz", &OpenOptions{Variable: "row"})
		if err != nil {
			t.Fatal(err)
		}
		got, _ := d.Matrix()
		for k, w := range v {
			if got.At(k, 0) != float64(w) {
				t.Fatalf("entry %d is %v, want %d", k, got.At(k, 0), w)
			}
		}
	})
}

func TestWriteNpzGivesTheSameBytes(t *testing.T) {
	var a, b bytes.Buffer
	for _, w := range []io.Writer{&a, &b} {
		if err := WriteNpz(w, NamedArray{"U", []float64{1, 2}}); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(a.Bytes(), b.Bytes()) {
		t.Error("two files of the same arrays differ")
	}
}

func TestWriteRefuses(t *testing.T) {
	ok := []float64{1}
	for _, c := range []struct {
		arrays []NamedArray
		kind   error
		want   string
	}{
		{[]NamedArray{{"", ok}}, ErrValue, `the name of array "" is empty`},
		{[]NamedArray{{"a", ok}, {"a", ok}}, ErrValue, `"a" is empty, has a slash, or is given twice`},
		{[]NamedArray{{"../a", ok}}, ErrValue, "slash"},
		{[]NamedArray{{"a", "text"}}, ErrValue, "array a: a string cannot be written; a mat.Matrix, []float64"},
		{[]NamedArray{{"a", nil}}, ErrValue, "a <nil> cannot be written"},
		{[]NamedArray{{"a", (*mat.Dense)(nil)}}, ErrEmpty, "the matrix is nil"},
	} {
		var b bytes.Buffer
		err := WriteNpz(&b, c.arrays...)
		if !errors.Is(err, c.kind) || !strings.Contains(fmt.Sprint(err), c.want) || b.Len() > 0 {
			t.Errorf("%v: %v, %d bytes written; want %q", c.arrays, err, b.Len(), c.want)
		}
	}
}

// full is a disk with no space behind the first n bytes.
type full struct{ n int }

var errFull = errors.New("no space left")

func (f *full) Write(p []byte) (int, error) {
	if f.n -= len(p); f.n < 0 {
		return 0, errFull
	}
	return len(p), nil
}

func TestWriteToAFullDisk(t *testing.T) {
	x := mat.NewDense(100, 100, nil)
	for _, n := range []int{0, 100, 10_000, 79_000, 80_200} {
		if err := WriteNpz(&full{n}, NamedArray{"x", x}); !errors.Is(err, errFull) {
			t.Errorf("a disk of %d bytes: %v", n, err)
		}
		if err := WriteNpy(&full{min(n, 80_000)}, x); !errors.Is(err, errFull) {
			t.Errorf("a disk of %d bytes: %v", n, err)
		}
	}
}

// A file that could not be written leaves the one before, and nothing else.
func TestSaveNpz(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "factors.npz")
	if err := SaveNpz(path, NamedArray{"U", mat.NewDense(2, 1, []float64{3, 4})}); err != nil {
		t.Fatal(err)
	}
	if err := SaveNpz(path, NamedArray{"U", 3}); err == nil || !strings.HasPrefix(err.Error(), "datasets: factors.npz: array U: a int") {
		t.Errorf("%v", err)
	}
	d, err := Open(path, nil)
	if err != nil || d.Variable != "U" {
		t.Fatalf("%v, %v", d, err)
	}
	if files, _ := os.ReadDir(dir); len(files) != 1 {
		t.Errorf("%d files are there", len(files))
	}
	if err := SaveNpz(filepath.Join(dir, "none", "x.npz")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("into no folder: %v", err)
	}
}
