package datasets

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sbinet/npyio/npy"
)

// An independent reader of .npy sees the same numbers.
func TestNpyAgainstNpyio(t *testing.T) {
	for _, file := range []string{"a_f8.npy", "a_f4_big.npy", "a_f8_fortran.npy", "a_v2.npy"} {
		b, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		r, err := npy.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		var want []float64
		if strings.Contains(file, "f4") {
			var narrow []float32
			err = r.Read(&narrow)
			for _, v := range narrow {
				want = append(want, float64(v))
			}
		} else {
			err = r.Read(&want)
		}
		if err != nil {
			t.Fatal(err)
		}
		s, _ := newSource(file, nil)
		got, err := s.npy(bytes.NewReader(b))
		if err != nil || fmt.Sprint(got.values) != fmt.Sprint(want) || got.columnsFirst != r.Header.Descr.Fortran {
			t.Errorf("%s: %v, %v; want %v", file, got, err, want)
		}
	}
}

func npyFile(header string, data ...byte) string {
	return "\x93NUMPY\x01\x00" + string(binary.LittleEndian.AppendUint16(nil, uint16(len(header)))) + header + string(data)
}

func TestNpyHeaders(t *testing.T) {
	for _, header := range []string{
		"{'descr': '|u1', 'fortran_order': False, 'shape': (2, 1), }        \n",
		"{'shape':(2,1),'fortran_order':False,'descr':'<u1'}",
		`{"descr": "|u1", "fortran_order": True, "shape": (2L, 1L)}`,
		"{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }",
	} {
		sameMatrix(t, header, mustRead(t, npyFile(header, 7, 8), "x.npy", nil), [][]float64{{7}, {8}})
	}
	const rest = ", 'fortran_order': False, 'shape': (1,)}"
	refuse(t, map[string]refusal{
		"\x93NUMPY\x04\x00":                    {"version 4.0", ErrFormat},
		"\x93NUMPY\x01":                        {"does not begin", ErrFormat},
		"\x93NUMPY\x02\x00\xff\xff\xff\xff":    {"too long", ErrFormat},
		"\x93NUMPY\x01\x00\xff\x00{'descr'":    {"cut off in its header", ErrFormat},
		npyFile("{'descr': '<f8'" + rest):      {"1 numbers of 8 bytes are announced, 0 are there", ErrFormat},
		npyFile("{'descr': '|u1'"+rest, 1, 2):  {"bytes behind", ErrFormat},
		npyFile("{'descr': '<U3'"+rest, 1):     {`dtype "<U3"`, ErrFormat},
		npyFile("{'descr': '<f16'"+rest, 1):    {`dtype "<f16"`, ErrFormat},
		npyFile("{'descr': '<M8[s]'"+rest, 1):  {`dtype "<M8[s]"`, ErrFormat},
		npyFile("{'descr': '|O'"+rest, 1):      {"pickle", ErrFormat},
		npyFile("{'descr': '|u1', 'x': 1}", 1): {"is not one that NumPy writes", ErrFormat},
		npyFile("__import__('os')", 1):         {"is not one that NumPy writes", ErrFormat},
		npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 1, 1, 1)}", 1):          {"4 axes (1×1×1×1)", ErrShape},
		npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (0, 3)}"):                   {"0×3", ErrEmpty},
		npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (2000000000, 2000000000)}"): {"2000000000×2000000000", ErrTooLarge},
		npyFile("{'descr': '|u1', 'fortran_order': False, 'shape': (-1,)}"):                    {"is not one", ErrFormat},
		npyFile("{'descr': '<f8'"+rest, 0, 0, 0, 0, 0, 0, 0xf0, 0x7f):                          {"row 0, column 0 (from 0) is +Inf", ErrValue},
		npyFile("{'descr': '<f8'"+rest, 0, 0, 0, 0, 0, 0, 0xf8, 0x7f):                          {"missing", ErrEmpty},
	}, "x.npy", &OpenOptions{Format: "npy"})
}

// half against the definition, for all 65536 numbers.
func TestHalf(t *testing.T) {
	for x := range 1 << 16 {
		exp, frac := x>>10&31, float64(x&1023)/1024
		want := math.Pow(2, float64(exp-15)) * (1 + frac)
		switch {
		case exp == 0:
			want = math.Pow(2, -14) * frac
		case exp == 31 && frac == 0:
			want = math.Inf(1)
		case exp == 31:
			want = nan
		}
		if x>>15 == 1 {
			want = -want
		}
		if got := half(uint16(x)); got != want && !(math.IsNaN(got) && math.IsNaN(want)) {
			t.Fatalf("%#04x is %v; want %v", x, got, want)
		}
	}
}

func TestMtxRefuses(t *testing.T) {
	const head = "%%MatrixMarket matrix "
	refuse(t, map[string]refusal{
		"%%MatrixMarkt matrix array real general\n1 1\n2\n":        {"line 1: \"%%MatrixMarkt", ErrFormat},
		head + "array real\n1 1\n2\n":                              {"no Matrix Market header", ErrFormat},
		head + "sparse real general\n":                             {`the format is "sparse"`, ErrFormat},
		head + "array complex general\n1 1\n1 2\n":                 {`the field is "complex"`, ErrFormat},
		head + "array pattern general\n1 1\n":                      {`the field is "pattern"`, ErrFormat},
		head + "array real hermitian\n1 1\n1\n":                    {`the symmetry is "hermitian"`, ErrFormat},
		head + "array real general\n":                              {"ends where the line with the sizes", ErrFormat},
		head + "array real general\n1 x\n":                         {`line 2, column 3: "x" is no size`, ErrFormat},
		head + "array real general\n1 1 1\n":                       {"3 sizes; 2 are wanted", ErrFormat},
		head + "array real general\n2 1\n5\n":                      {"entry (2, 1)", ErrFormat},
		head + "array real general\n1 1\n5\n6\n":                   {"line 4: there is a line behind", ErrFormat},
		head + "array real general\n1 1\n5 6\n":                    {"2 numbers; one", ErrFormat},
		head + "array real general\n0 1\n":                         {"0×1", ErrEmpty},
		head + "array real symmetric\n2 1\n1\n2\n":                 {"must be square", ErrShape},
		head + "array real general\n1 1\nx\n":                      {`line 3, column 1: "x" is no number`, ErrValue},
		head + "coordinate real general\n2 2 1\n1 3 5\n":           {`line 3, column 3: "3" is no index of the 2×2 matrix; indices count from 1`, ErrValue},
		head + "coordinate real general\n2 2 1\n0 1 5\n":           {`line 3, column 1: "0" is no index`, ErrValue},
		head + "coordinate real general\n2 2 2\n1 1 5\n":           {"entry 2 of 2", ErrFormat},
		head + "coordinate real general\n2 2 1\n1 1\n":             {"2 numbers; 3", ErrFormat},
		head + "coordinate real general\n2 2 2\n1 1 5\n%\n1 1 6\n": {"line 5 gives row 1, column 1, which line 3 gave already", ErrValue},
		head + "coordinate real symmetric\n2 2 1\n1 2 5\n":         {"entry (1, 2) of a symmetric matrix", ErrFormat},
		head + "coordinate real skew-symmetric\n2 2 1\n1 1 5\n":    {"entry (1, 1) of a skew-symmetric matrix", ErrFormat},
		head + "coordinate real general\n2147483647 2 1\n1 1 5\n":  {"below 2³¹", ErrTooLarge},
		head + "coordinate real general\n2 2 0\n":                  {"no entry with a value", ErrEmpty},
	}, "x.mtx", nil)
	d := mustRead(t, head+"array integer symmetric\r\n% c\r\n\r\n2 2\r\n1\r\n2\r\n3\r\n", "x.mtx", nil)
	sameMatrix(t, "symmetric array", d, [][]float64{{1, 2}, {2, 3}})
	d = mustRead(t, head+"array real skew-symmetric\n2 2\n5\n", "x.mtx", nil)
	sameMatrix(t, "skew-symmetric array", d, [][]float64{{0, -5}, {5, 0}})
}

// element writes a data element of MATLAB's level 5 format.
func element(order binary.AppendByteOrder, kind uint32, data []byte, small bool) []byte {
	if small && len(data) <= 4 {
		out := order.AppendUint32(nil, uint32(len(data))<<16|kind)
		return append(append(out, data...), make([]byte, 4-len(data))...)
	}
	out := order.AppendUint32(order.AppendUint32(nil, kind), uint32(len(data)))
	out = append(out, data...)
	for kind != miCompressed && len(out)%8 != 0 {
		out = append(out, 0)
	}
	return out
}

// mat5File writes a file with one m×n variable X of the given class.
func mat5File(rng *rand.Rand, order binary.AppendByteOrder, m, n int, kind, class uint32, numbers []byte) []byte {
	mark := "\x00\x01IM"
	if order == binary.AppendByteOrder(binary.BigEndian) {
		mark = "\x01\x00MI"
	}
	flags := order.AppendUint32(order.AppendUint32(nil, class), 0)
	dims := order.AppendUint32(order.AppendUint32(nil, uint32(m)), uint32(n))
	small := rng.IntN(2) == 0
	var body []byte
	body = append(body, element(order, 6, flags, false)...)
	body = append(body, element(order, 5, dims, false)...)
	body = append(body, element(order, 1, []byte("X"), small)...)
	body = append(body, element(order, kind, numbers, small)...)
	matrix := element(order, miMatrix, body, false)
	if rng.IntN(2) == 0 {
		var z bytes.Buffer
		w := zlib.NewWriter(&z)
		w.Write(matrix)
		w.Close()
		matrix = element(order, miCompressed, z.Bytes(), false)
	}
	head := append([]byte("MATLAB 5.0 MAT-file, written by a test"), bytes.Repeat([]byte(" "), 86)...)
	return append(append(head[:124], mark...), matrix...)
}

// Every type, both byte orders, small elements and compression.
func TestMat5RoundTrip(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 5))
	for range 300 {
		m, n := 1+rng.IntN(5), 1+rng.IntN(5)
		var kinds []uint32
		for k := range uint32(14) {
			if _, ok := miNumbers[k]; ok {
				kinds = append(kinds, k)
			}
		}
		kind := kinds[rng.IntN(len(kinds))]
		num := miNumbers[kind]
		numbers := make([]byte, m*n*num.size)
		for k := range numbers {
			numbers[k] = byte(rng.IntN(0x70)) // no NaN, no infinity
		}
		var order binary.AppendByteOrder = binary.LittleEndian
		if num.big = rng.IntN(2) == 0; num.big {
			order = binary.BigEndian
		}
		file := mat5File(rng, order, m, n, kind, mxDouble, numbers)
		want := make([][]float64, m)
		for i := range m {
			for j := range n {
				want[i] = append(want[i], num.at(numbers[(j*m+i)*num.size:]))
			}
		}
		d, err := Read(bytes.NewReader(file), "x.mat", nil)
		if err != nil {
			t.Fatalf("seed %d: type %d, %d×%d: %v", seed, kind, m, n, err)
		}
		sameMatrix(t, fmt.Sprintf("seed %d, type %d", seed, kind), d, want)
	}
}

func TestMat5Refuses(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	file := func(m, n int, kind, class uint32, numbers string) string {
		return string(mat5File(rng, binary.LittleEndian, m, n, kind, class, []byte(numbers)))
	}
	for what, tc := range map[string]struct{ text, want string }{
		"too few numbers": {file(2, 2, 2, mxDouble, "abc"), "4 numbers of 1 bytes are wanted (2×2)"},
		"text":            {file(1, 3, 16, mxDouble, "abc"), "elements of type 16"},
		"no sides":        {file(-1, 3, 2, mxDouble, "abc"), "none negative"},
		"a struct":        {file(1, 3, 2, 2, "abc"), "X (struct)"},
	} {
		_, err := Read(strings.NewReader(tc.text), "x.mat", nil)
		if err == nil || !strings.Contains(err.Error(), tc.want) || !(errors.Is(err, ErrFormat) || errors.Is(err, ErrEmpty)) {
			t.Errorf("%s: error %v; want %q", what, err, tc.want)
		}
	}
	lie := file(1, 3, 2, mxDouble, "abc")[:128] + "\x0e\x00\x00\x00\xff\xff\xff\x7fabc"
	refuse(t, map[string]refusal{lie: {"an element of 2147483647 bytes is announced, 3 are there", ErrFormat}}, "x.mat", nil)
}

// A zip bomb inside an archive or a compressed variable is stopped.
func TestBombsInside(t *testing.T) {
	rng := rand.New(rand.NewPCG(7, 7))
	var file []byte
	for !bytes.Contains(file, []byte("\x0f\x00\x00\x00")) { // until it is compressed
		file = mat5File(rng, binary.LittleEndian, 2048, 2048, 9, mxDouble, make([]byte, 8<<22))
	}
	if len(file) > 1<<20 {
		t.Fatalf("the bomb has %d bytes", len(file))
	}
	if _, err := Read(bytes.NewReader(file), "bomb.mat", &OpenOptions{MaxBytes: 1 << 20}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v", err)
	}
}
