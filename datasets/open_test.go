package datasets

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/iotest"
)

// refusal is what an error must say, and what it must wrap.
type refusal struct {
	text string
	kind error
}

// refuse reads each text, which must be an error.
func refuse(t *testing.T, cases map[string]refusal, name string, o *OpenOptions) {
	t.Helper()
	for text, want := range cases {
		_, err := Read(strings.NewReader(text), name, o)
		if err == nil || !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.text) || !strings.Contains(err.Error(), strings.TrimSuffix(name, ".gz")) {
			t.Errorf("%.60q: error %v; want one that names %s, says %q and wraps %q", text, err, name, want.text, want.kind)
		}
	}
}

func mustRead(t *testing.T, text, name string, o *OpenOptions) *Data {
	t.Helper()
	d, err := Read(strings.NewReader(text), name, o)
	if err != nil {
		t.Fatalf("%.60q: %v", text, err)
	}
	return d
}

// sameMatrix holds d against rows of numbers.
func sameMatrix(t *testing.T, what string, d *Data, want [][]float64) {
	t.Helper()
	m, err := d.Matrix()
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	r, c := m.Dims()
	if dr, dc := d.Dims(); r != len(want) || c != len(want[0]) || dr != r || dc != c {
		t.Fatalf("%s: %d×%d; want %d×%d", what, r, c, len(want), len(want[0]))
	}
	for i := range want {
		for j, w := range want[i] {
			if got := m.At(i, j); got != w && !(math.IsNaN(got) && math.IsNaN(w)) {
				t.Errorf("%s: entry (%d, %d) is %v; want %v", what, i, j, got, w)
			}
		}
	}
}

// exampleA is the matrix of testdata/make.py.
func exampleA(f func(float64) float64) [][]float64 {
	out := make([][]float64, 3)
	for i := range out {
		for j := range 4 {
			out[i] = append(out[i], f(float64(10*(i+1)+(j+1))+0.25))
		}
	}
	return out
}

var (
	exampleS = [][]float64{{nan, nan, nan, 1.5}, {nan, 3.25, nan, nan}, {-2, nan, nan, nan}}
	exampleV = [][]float64{{0, 12}, {1, 13}, {2, 14}, {3, 15}, {4, 16}, {5, 17}, {6, 18}, {7, 19}, {8, 20}, {9, 21}, {10, 22}, {11, 23}}
)

// What NumPy, SciPy, h5py and Pillow wrote is read as it was.
func TestOpenExamples(t *testing.T) {
	same := func(x float64) float64 { return x }
	a, whole := exampleA(same), exampleA(math.Floor)
	hole := exampleA(same)
	hole[1][2] = nan
	even := exampleA(func(x float64) float64 { return 1 - math.Mod(math.Floor(x), 2) })
	twice := exampleA(func(x float64) float64 { return 2 * x })
	last := exampleA(func(x float64) float64 { return x + 39 })
	for _, tc := range []struct {
		file, format, variable string
		want                   [][]float64
	}{
		{"a_f8.npy", "npy", "", a}, {"a_f8_fortran.npy", "npy", "", a}, {"a_f8.npy.gz", "npy", "", a},
		{"a_f4_big.npy", "npy", "", a}, {"a_f2.npy", "npy", "", a}, {"a_v2.npy", "npy", "", a},
		{"a_i2.npy", "npy", "", whole}, {"a_u8_big.npy", "npy", "", whole}, {"a_bool.npy", "npy", "", even}, {"a_hole.npy", "npy", "", hole},
		{"scalar.npy", "npy", "", [][]float64{{7.5}}}, {"vector.npy", "npy", "", [][]float64{{11.25}, {12.25}, {13.25}, {14.25}}},
		{"frames.npy", "npy", "", exampleV},
		{"one.npz", "npz", "only", a}, {"two.npz", "npz", "second", twice},
		{"csr.npz", "npz", "", exampleS}, {"csc.npz", "npz", "", exampleS}, {"coo.npz", "npz", "", exampleS},
		{"v5.mat", "mat5", "A", a}, {"v5_compressed.mat", "mat5", "A", a}, {"v5_compressed.mat", "mat5", "I", whole},
		{"v5_sparse.mat", "mat5", "S", exampleS}, {"v5_scalar.mat", "mat5", "x", [][]float64{{7.5}}}, {"v5_video.mat", "mat5", "V", exampleV},
		{"v73.mat", "mat7.3", "A", a}, {"v73_chunked.mat", "mat7.3", "A", a}, {"v73_chunked.mat", "mat7.3", "I", whole},
		{"v73_sparse.mat", "mat7.3", "S", exampleS}, {"v73_many.mat", "mat7.3", "v39", last},
		{"v73_video.mat", "mat7.3", "V", exampleV}, {"v73_latest.mat", "mat7.3", "A", a}, {"plain.h5", "mat7.3", "B", a},
		{"a_array.mtx", "mtx", "", a}, {"s_coordinate.mtx", "mtx", "", exampleS},
		{"symmetric.mtx", "mtx", "", [][]float64{{2, 2, nan}, {2, nan, 3}, {nan, 3, nan}}},
		{"skew.mtx", "mtx", "", [][]float64{{nan, -2, nan}, {2, nan, -3}, {nan, 3, nan}}},
		{"pattern.mtx", "mtx", "", [][]float64{{1, nan, nan}, {1, nan, nan}, {nan, 1, nan}}},
		{"gray16.png", "png", "", greys16()},
	} {
		d, err := Open(filepath.Join("testdata", tc.file), &OpenOptions{Variable: tc.variable})
		if err != nil {
			t.Error(err)
			continue
		}
		if d.Format != tc.format || d.Variable != tc.variable || d.Name != strings.TrimSuffix(tc.file, ".gz") {
			t.Errorf("%s: format %q, variable %q, name %q", tc.file, d.Format, d.Variable, d.Name)
		}
		sameMatrix(t, tc.file, d, tc.want)
	}
}

func greys16() [][]float64 {
	out := make([][]float64, 3)
	for k := range 12 {
		out[k/4] = append(out[k/4], float64(5000*k)/257)
	}
	return out
}

// What the examples hold that is not read is refused with what to do.
func TestOpenRefusesExamples(t *testing.T) {
	for file, want := range map[string]refusal{
		"object.npy":        {"pickle, which can run programs", ErrFormat},
		"complex.npy":       {"complex (<c16)", ErrFormat},
		"structured.npy":    {"structured dtype", ErrFormat},
		"two.npz":           {"2 arrays: first, second; set Variable", ErrValue},
		"v4.mat":            {"save it with -v7", ErrFormat},
		"v5_complex.mat":    {"variable Z is complex", ErrFormat},
		"v5_compressed.mat": {"2 arrays: A, I", ErrValue},
		"v73_empty.mat":     {"holds no array of numbers", ErrEmpty},
		"v73_many.mat":      {"40 arrays", ErrValue},
		"words.mat":         {"label (text)", ErrEmpty},
	} {
		_, err := Open(filepath.Join("testdata", file), nil)
		if err == nil || !errors.Is(err, want.kind) || !strings.Contains(err.Error(), want.text) || !strings.Contains(err.Error(), file) {
			t.Errorf("%s: error %v; want %q", file, err, want.text)
		}
	}
	if _, err := Open("testdata/v5.mat", &OpenOptions{Variable: "B"}); !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), `no array "B"; there are A`) {
		t.Errorf("no such variable: error %v", err)
	}
}

// Every proper beginning of every example is an error, or for text perhaps a
// smaller matrix, and never a panic.
func TestOpenTruncated(t *testing.T) {
	files, err := filepath.Glob("testdata/*.*")
	if err != nil || len(files) < 30 {
		t.Fatalf("%d examples, %v", len(files), err)
	}
	for _, file := range files {
		whole, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		ending := filepath.Ext(file)
		if ending == ".py" || ending == ".md" {
			continue
		}
		for n := 0; n < len(whole); n += 1 + n/40 {
			d, err := Read(bytes.NewReader(whole[:n]), file, &OpenOptions{MaxBytes: 1 << 20})
			if err == nil && ending != ".mtx" && ending != ".mat" && ending != ".h5" {
				t.Errorf("%s, cut to %d of %d bytes, is read as %v", file, n, len(whole), d)
			}
		}
	}
}

func TestOpenMissingFile(t *testing.T) {
	if _, err := Open("testdata/nothing.csv", nil); !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), "nothing.csv") {
		t.Errorf("error %v", err)
	}
	if _, err := Open(t.TempDir(), nil); !errors.Is(err, ErrEmpty) || !strings.Contains(err.Error(), ".png") {
		t.Errorf("an empty folder: error %v", err)
	}
	if _, err := Read(nil, "x.csv", nil); !errors.Is(err, ErrEmpty) {
		t.Errorf("no reader: error %v", err)
	}
}

func TestOptionsRefused(t *testing.T) {
	for _, tc := range []struct {
		o    OpenOptions
		want string
	}{
		{OpenOptions{Format: "xls"}, `no format "xls"; there are csv, jpeg, mat5`},
		{OpenOptions{MaxBytes: -1}, "MaxBytes is -1"},
		{OpenOptions{Layout: 3}, "Layout is 3"},
		{OpenOptions{Header: 3}, "Header is 3"},
		{OpenOptions{RowNames: -1}, "RowNames -1"},
		{OpenOptions{Index: 3}, "Index is 3"},
		{OpenOptions{Duplicates: 3}, "Duplicates is 3"},
		{OpenOptions{Delimiter: "\n"}, `Delimiter is "\n"`},
		{OpenOptions{Delimiter: "ab"}, `Delimiter is "ab"`},
		{OpenOptions{Columns: []string{"a"}}, "Columns has 1 names"},
		{OpenOptions{DecimalComma: true, Delimiter: ","}, "cannot be both"},
	} {
		_, err := Read(strings.NewReader("1,2\n"), "x.csv", &tc.o)
		if !errors.Is(err, ErrValue) || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%+v: error %v; want %q", tc.o, err, tc.want)
		}
	}
}

// A name that promises a binary format is taken at its word.
func TestWrongMagic(t *testing.T) {
	for _, name := range []string{"x.npy", "x.npz", "x.mat", "x.PNG", "x.jpg", "x.pgm"} {
		refuse(t, map[string]refusal{"1,2\n3,4\n": {"does not begin as such a file does", ErrFormat}}, name, nil)
		if _, err := Read(strings.NewReader("1,2\n3,4\n"), name, &OpenOptions{Format: "csv"}); err != nil {
			t.Errorf("%s: as text: %v", name, err)
		}
	}
	for _, format := range Formats() {
		if _, err := Read(strings.NewReader("no number anywhere"), "x", &OpenOptions{Format: format}); err == nil {
			t.Errorf("text was read as %s", format)
		}
	}
}

func zipped(t *testing.T, b []byte) []byte {
	t.Helper()
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	z.Write(b)
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestGzip(t *testing.T) {
	good := zipped(t, []byte("1,2\n3,4\n"))
	sameMatrix(t, "gzip", mustRead(t, string(good), "a.csv.gz", nil), [][]float64{{1, 2}, {3, 4}})
	damaged := bytes.Clone(good)
	damaged[len(damaged)-6] ^= 1
	refuse(t, map[string]refusal{
		string(good[:len(good)-9]):     {"cut off", ErrFormat},
		string(good[:5]):               {"begins like gzip", ErrFormat},
		string(damaged):                {"damaged", ErrFormat},
		string(zipped(t, []byte{})):    {"empty", ErrEmpty},
		string(zipped(t, []byte(" "))): {"no line with data", ErrEmpty},
	}, "a.csv.gz", nil)
}

// A small file that decompresses to a large one is stopped at the limit.
func TestBombs(t *testing.T) {
	const limit = 1 << 20
	o := &OpenOptions{MaxBytes: limit}
	line := bytes.Repeat([]byte("1,2,3,4,5,6,7,8\n"), 1<<18)
	bombs := map[string][]byte{"text.csv.gz": zipped(t, line), "text.csv": line}
	var npy bytes.Buffer
	npy.WriteString("\x93NUMPY\x01\x00\x46\x00")
	header := "{'descr': '|u1', 'fortran_order': False, 'shape': (4096, 4096), }"
	npy.WriteString(header + strings.Repeat(" ", 0x46-len(header)))
	npy.Write(make([]byte, 1<<24))
	bombs["x.npy.gz"] = zipped(t, npy.Bytes())
	for name, b := range bombs {
		_, err := Read(bytes.NewReader(b), name, o)
		if !errors.Is(err, ErrTooLarge) || !strings.Contains(err.Error(), "MaxBytes = 1048576") {
			t.Errorf("%s: error %v; want one that names the limit", name, err)
		}
	}
	if _, err := Read(bytes.NewReader(bombs["text.csv"]), "text.csv", nil); err != nil {
		t.Errorf("under the default limit: %v", err)
	}
}

// Headers that announce a lot cost no memory until the bytes are there.
func TestAnnouncedSizesAreNotBelieved(t *testing.T) {
	lies := map[string]string{
		"lie.npy": "\x93NUMPY\x01\x00\x46\x00{'descr': '<f8', 'fortran_order': False, 'shape': (99999, 99999)}     ",
		"lie.mtx": "%%MatrixMarket matrix coordinate real general\n2000000000 2000000000 2000000000\n1 1 1\n",
		"ar.mtx":  "%%MatrixMarket matrix array real general\n2000000000 2000000000\n1\n",
		"lie.pgm": "P5 50000 50000 255\nabc",
	}
	for name, text := range lies {
		var err error
		bytes := testing.AllocsPerRun(1, func() { _, err = Read(strings.NewReader(text), name, nil) })
		if err == nil || bytes > 1e4 {
			t.Errorf("%s: %v allocations, error %v", name, bytes, err)
		}
	}
	png, err := os.ReadFile("testdata/gray16.png")
	if err != nil {
		t.Fatal(err)
	}
	png = bytes.Clone(png)
	png[16], png[20] = 0x10, 0x10 // width and height of 2²⁸ and more
	if _, err := Read(bytes.NewReader(png), "lie.png", nil); !errors.Is(err, ErrFormat) {
		t.Errorf("lie.png: error %v", err)
	}
}

// Bytes may come one by one, and reading may fail on the way.
func TestSlowAndBrokenReaders(t *testing.T) {
	for _, file := range []string{"a_f8.npy", "a_f8.npy.gz", "v73_chunked.mat", "v5.mat", "two.npz", "s_coordinate.mtx", "gray16.png"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		o := &OpenOptions{}
		switch file {
		case "two.npz":
			o.Variable = "first"
		case "v73_chunked.mat":
			o.Variable = "A"
		}
		if _, err := Read(iotest.OneByteReader(bytes.NewReader(b)), file, o); err != nil {
			t.Errorf("byte by byte: %v", err)
		}
		broken := io.MultiReader(bytes.NewReader(b[:len(b)/2]), iotest.ErrReader(errors.New("the cable is out")))
		if _, err := Read(broken, file, o); err == nil || !strings.Contains(err.Error(), "the cable is out") {
			t.Errorf("%s: error %v; want the reader's own", file, err)
		}
	}
}

func TestFormats(t *testing.T) {
	if f := Formats(); !slices.IsSorted(f) || len(f) != len(readers()) {
		t.Errorf("Formats is %q", f)
	}
	for _, text := range []string{"PAR1....", "\x80\x04pickle", "CDF\x01", "\xff\xfe1\x00", "\xfe\xff\x001", "ab\x00c"} {
		if _, err := Read(strings.NewReader(text), "x", nil); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: error %v", text, err)
		}
	}
}

// What is handed out belongs to the caller.
func TestDataIsCopied(t *testing.T) {
	for _, text := range []string{"1,2\n3,4\n", "row,col,value\n0,0,1\n1,1,2\n"} {
		d := mustRead(t, text, "x.csv", nil)
		e := d.Entries()
		m, err := d.Matrix()
		if err != nil {
			t.Fatal(err)
		}
		e.Values[0], e.Rows[0] = 99, 99
		m.Set(0, 0, 99)
		if again := d.Entries(); again.Values[0] != 1 || again.Rows[0] != 0 {
			t.Errorf("%q: a caller changed the data", text)
		}
	}
}
