package tiles

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// table is a matrix of entries alone.
type table struct{ m *mat.Dense }

func (t table) Dims() (int, int)    { return t.m.Dims() }
func (t table) At(i, j int) float64 { return t.m.At(i, j) }
func (t table) T() mat.Matrix       { return mat.Transpose{Matrix: t} }

// reader is a table that reads by lines, and counts how often.
type reader struct {
	table
	reads *int
}

func (r reader) ReadRow(dst []float64, i, j0 int) {
	*r.reads++
	for k := range dst {
		dst[k] = r.At(i, j0+k)
	}
}

func (r reader) ReadCol(dst []float64, j, i0 int) {
	*r.reads++
	for k := range dst {
		dst[k] = r.At(i0+k, j)
	}
}

func normal(rng *rand.Rand, rows, cols int) *mat.Dense {
	m := mat.NewDense(rows, cols, nil)
	for k := range m.RawMatrix().Data {
		m.RawMatrix().Data[k] = rng.NormFloat64()
	}
	return m
}

func TestRowAndCol(t *testing.T) {
	whole := normal(rand.New(rand.NewPCG(1, 1)), 9, 12)
	part := whole.Slice(1, 8, 2, 12).(*mat.Dense) // 7×10 with a stride of 12
	reads := 0
	for name, m := range map[string]mat.Matrix{"dense": part, "entries": table{part}, "reader": reader{table{part}, &reads}} {
		buf, col := make([]float64, 20), make([]float64, 4)
		for i := range 7 {
			if got := Row(m, buf, i, 3, 9); !slices.Equal(got, part.RawRowView(i)[3:9]) {
				t.Errorf("%s: part of row %d is %v", name, i, got)
			}
		}
		for j := range 10 {
			Col(m, col, j, 2)
			if want := mat.Col(nil, j, part)[2:6]; !slices.Equal(col, want) {
				t.Errorf("%s: part of column %d is %v, want %v", name, j, col, want)
			}
		}
	}
	if reads != 7+10 {
		t.Errorf("a reader was read %d times, want 17", reads)
	}
	if got := Row(part, nil, 2, 0, 10); &got[0] != &part.RawRowView(2)[0] {
		t.Error("a row of a dense matrix was copied")
	}
}

// TestSubtract takes UVᵀ off, by parts of rows, for ranks around the unrolling.
func TestSubtract(t *testing.T) {
	const seed = 2
	rng := rand.New(rand.NewPCG(seed, 1))
	for _, n := range []int{1, 7, 40} {
		for r := range 10 {
			if r == 0 {
				continue
			}
			u, v, e := normal(rng, 1, r), normal(rng, n, r), normal(rng, 1, n)
			vt := make([]float64, r*n)
			Transposed(vt, v)
			if !slices.Equal(vt, mat.DenseCopyOf(v.T()).RawMatrix().Data) {
				t.Fatalf("%d×%d: not the transpose", n, r)
			}
			got := slices.Clone(e.RawRowView(0))
			for j0 := 0; j0 < n; j0 += 16 {
				Subtract(got[j0:min(n, j0+16)], u.RawRowView(0), vt[j0:], n)
			}
			for j := range got {
				want := e.At(0, j)
				for k := range r {
					want -= u.At(0, k) * v.At(j, k)
				}
				if math.Abs(got[j]-want) > 1e-13 {
					t.Errorf("seed %d, rank %d, entry %d of %d: %v, want %v", seed, r, j, n, got[j], want)
				}
			}
		}
	}
}
