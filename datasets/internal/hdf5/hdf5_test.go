package hdf5

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const limit = 1 << 24

func example(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "..", "testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func children(t *testing.T, b []byte) []*Object {
	t.Helper()
	f, err := Open(b, limit)
	if err != nil {
		t.Fatal(err)
	}
	root, err := f.Root()
	if err != nil {
		t.Fatal(err)
	}
	if root.IsDataset() {
		t.Error("the root is no dataset")
	}
	list, err := root.Children()
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestExamples(t *testing.T) {
	for _, tc := range []struct {
		file, names string
		dims        []int
		typ         Type
		first       []byte
	}{
		{"v73.mat", "A", []int{4, 3}, Type{'f', 8, false}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(11.25))},
		{"v73_chunked.mat", "A I", []int{4, 3}, Type{'f', 8, false}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(11.25))},
		{"v73_latest.mat", "A", []int{4, 3}, Type{'f', 8, false}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(11.25))},
		{"v73_video.mat", "V", []int{2, 4, 3}, Type{'u', 1, false}, []byte{0, 4, 8, 1}},
		{"plain.h5", "B", []int{3, 4}, Type{'f', 8, false}, binary.LittleEndian.AppendUint64(nil, math.Float64bits(11.25))},
	} {
		var names []string
		list := children(t, example(t, tc.file))
		for _, o := range list {
			names = append(names, o.Name)
		}
		if strings.Join(names, " ") != tc.names {
			t.Fatalf("%s has the members %q; want %s", tc.file, names, tc.names)
		}
		d, err := list[0].Dataset()
		if err != nil {
			t.Fatal(err)
		}
		raw, err := d.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		if !slices.Equal(d.Dims, tc.dims) || d.Type != tc.typ || !bytes.HasPrefix(raw, tc.first) {
			t.Errorf("%s: %v of %+v, %x", tc.file, d.Dims, d.Type, raw)
		}
		class, ok := list[0].Attribute("MATLAB_class")
		if want := map[byte]string{'f': "double", 'u': "uint8"}[tc.typ.Kind]; tc.file != "plain.h5" && (!ok || string(class) != want) {
			t.Errorf("%s has the class %q; want %q", tc.file, class, want)
		}
		if _, ok := list[0].Attribute("nothing"); ok {
			t.Errorf("%s has an attribute that is not there", tc.file)
		}
	}
	if n := len(children(t, example(t, "v73_many.mat"))); n != 40 {
		t.Errorf("%d members of 40", n)
	}
	if n := len(children(t, example(t, "v73_empty.mat"))); n != 0 {
		t.Errorf("%d members of none", n)
	}
}

func TestFind(t *testing.T) {
	for at, want := range map[int]int{0: 0, 512: 512, 1024: 1024, 2048: 2048, 256: -1, 513: -1, 1536: -1} {
		if got := Find(append(make([]byte, at), Magic...)); got != want {
			t.Errorf("behind %d bytes: %d; want %d", at, got, want)
		}
	}
	if Find(nil) != -1 {
		t.Error("nothing has a signature")
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, b := range [][]byte{nil, []byte("text"), []byte(Magic), append([]byte(Magic), 9), append([]byte(Magic), make([]byte, 200)...)} {
		if _, err := Open(b, limit); !errors.Is(err, ErrFormat) {
			t.Errorf("%q: error %v", b, err)
		}
	}
	o := children(t, example(t, "v73.mat"))[0]
	if _, err := o.Children(); err != nil {
		t.Errorf("a dataset has no members: %v", err)
	}
	group := children(t, example(t, "v73_sparse.mat"))[0]
	if _, err := group.Dataset(); !errors.Is(err, ErrFormat) {
		t.Errorf("a group as a dataset: error %v", err)
	}
}

// More than is allowed is an error.
func TestLimit(t *testing.T) {
	for _, file := range []string{"v73.mat", "v73_chunked.mat"} {
		f, err := Open(example(t, file), 95) // of 96
		if err != nil {
			t.Fatal(err)
		}
		root, _ := f.Root()
		list, err := root.Children()
		if err != nil {
			t.Fatal(err)
		}
		d, err := list[0].Dataset()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := d.Bytes(); !errors.Is(err, ErrFormat) || !strings.Contains(err.Error(), "more than are allowed") {
			t.Errorf("%s: error %v", file, err)
		}
	}
}

// place against a loop over all entries of a chunk.
func TestPlaceAgainstNaive(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 1))
	for range 300 {
		rank, size := 1+rng.IntN(4), 1+rng.IntN(3)
		dims, chunk, origin := make([]int, rank), make([]int, rank), make([]int, rank)
		n, m := size, size
		for a := range rank {
			dims[a], chunk[a] = 1+rng.IntN(6), 1+rng.IntN(4)
			origin[a] = rng.IntN(dims[a])
			n, m = n*dims[a], m*chunk[a]
		}
		raw := make([]byte, m)
		for k := range raw {
			raw[k] = byte(1 + rng.IntN(255))
		}
		got, want := make([]byte, n), make([]byte, n)
		place(got, dims, raw, chunk, origin, size)
		for k := range m / size {
			rest, to, scale, inside := k, 0, 1, true
			for a := rank - 1; a >= 0; a-- {
				at := origin[a] + rest%chunk[a]
				rest /= chunk[a]
				inside = inside && at < dims[a]
				to += at * scale
				scale *= dims[a]
			}
			if inside {
				copy(want[to*size:(to+1)*size], raw[k*size:])
			}
		}
		if !bytes.Equal(got, want) {
			t.Fatalf("seed %d: a chunk of %v at %v in %v gives %v; want %v", seed, chunk, origin, dims, got, want)
		}
	}
}

// unshuffle undoes what HDF5's filter does: first all first bytes, then all
// second ones; what is left over stays at the end.
func TestUnshuffle(t *testing.T) {
	if got := unshuffle([]byte("acegbdfh."), 2); string(got) != "abcdefgh." {
		t.Errorf("%q", got)
	}
	for _, size := range []int{0, 1, 9} {
		if got := unshuffle([]byte("abc"), size); string(got) != "abc" {
			t.Errorf("size %d: %q", size, got)
		}
	}
}

// Any byte may be wrong, and any part missing: an error or data, no panic.
func TestDamaged(t *testing.T) {
	seed := rand.Uint64()
	rng := rand.New(rand.NewPCG(seed, 2))
	for _, file := range []string{"v73.mat", "v73_chunked.mat", "v73_sparse.mat", "v73_latest.mat", "v73_many.mat"} {
		whole := example(t, file)
		for range 2000 {
			b := bytes.Clone(whole)
			for range 1 + rng.IntN(4) {
				b[rng.IntN(len(b))] = byte(rng.Uint32())
			}
			walk(t, b[:len(b)-rng.IntN(2)*rng.IntN(len(b))])
		}
		if t.Failed() {
			t.Fatalf("seed %d, %s", seed, file)
		}
	}
}

// walk reads everything that a file holds.
func walk(t *testing.T, b []byte) {
	t.Helper()
	f, err := Open(b, 1<<20)
	if err != nil {
		return
	}
	root, err := f.Root()
	if err != nil {
		return
	}
	list, err := root.Children()
	if err != nil && !errors.Is(err, ErrFormat) {
		t.Errorf("the error is not of this package: %v", err)
	}
	for _, o := range list {
		o.Attribute("MATLAB_class")
		members, err := o.Children()
		if err == nil && len(members) > 0 {
			list = append(list[:0:0], append(list, members...)...)
		}
		d, err := o.Dataset()
		if err != nil {
			continue
		}
		raw, err := d.Bytes()
		if err != nil && !errors.Is(err, ErrFormat) {
			t.Errorf("the error is not of this package: %v", err)
		}
		n := d.Type.Size
		for _, side := range d.Dims {
			n *= side
		}
		if err == nil && len(raw) != n {
			t.Errorf("%v numbers of %d bytes in %d", d.Dims, d.Type.Size, len(raw))
		}
	}
}

func FuzzOpen(f *testing.F) {
	for _, name := range []string{"v73.mat", "v73_chunked.mat", "v73_sparse.mat", "v73_latest.mat", "v73_many.mat", "v73_empty.mat", "plain.h5"} {
		f.Add(example(f, name))
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		walk(t, b)
		runtime.ReadMemStats(&after)
		if used := after.TotalAlloc - before.TotalAlloc; used > 1<<26+uint64(1000*len(b)) {
			t.Fatalf("%d bytes of input took %d of memory", len(b), used)
		}
	})
}
