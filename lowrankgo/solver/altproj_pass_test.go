package solver

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// sieved is a random case of a pass.
type sieved struct {
	data    *mat.Dense
	u, v    *mat.Dense // of L
	z, w    *mat.Dense
	zeta    float64
	r, k    int
	missing int
}

func newSieved(rng *rand.Rand, d1, d2, r, k int) sieved {
	c := sieved{
		data: lr.NormalMatrix(rng, d1, d2), u: lr.NormalMatrix(rng, d1, r), v: lr.NormalMatrix(rng, d2, r),
		z: lr.NormalMatrix(rng, d2, k), w: lr.NormalMatrix(rng, d1, k), zeta: 3 * rng.Float64(), r: r, k: k,
	}
	for i := range d1 {
		for j := range d2 {
			if rng.IntN(7) == 0 {
				c.data.Set(i, j, math.NaN())
				c.missing++
			}
		}
	}
	return c
}

// naive is R as a whole matrix, Σ (D − L)² where R = D, and how many that are.
func (c sieved) naive() (*mat.Dense, float64, int) {
	d1, d2 := c.data.Dims()
	var l mat.Dense
	l.Mul(c.u, c.v.T())
	r := mat.NewDense(d1, d2, nil)
	var sum float64
	kept := 0
	for i := range d1 {
		for j := range d2 {
			d, low := c.data.At(i, j), l.At(i, j)
			r.Set(i, j, low)
			if math.Abs(d-low) <= c.zeta {
				r.Set(i, j, d)
				sum += (d - low) * (d - low)
				kept++
			}
		}
	}
	return r, sum, kept
}

// run is the pass, over the data as a matrix of any kind.
func (c sieved) run(data mat.Matrix, squared bool) (s *sieve, rz, rtw *mat.Dense) {
	s = newSieve(data, c.k)
	s.at(c.r, mat.DenseCopyOf(c.u).RawMatrix().Data, byColumns(c.v), c.zeta)
	left, right := make([]float64, c.k*s.d1), make([]float64, c.k*s.d2)
	for i := range left {
		left[i] = math.NaN() // what was there does not matter
	}
	w := byColumns(c.w)
	if squared {
		w = nil
	}
	s.pass(c.k, byColumns(c.z), w, left, right)
	return s, mat.DenseCopyOf(mat.NewDense(c.k, s.d1, left).T()), mat.DenseCopyOf(mat.NewDense(c.k, s.d2, right).T())
}

// alone hides that a matrix has rows.
type alone struct{ mat.Matrix }

// reader computes its parts.
type reader struct{ mat.Matrix }

func (m reader) ReadRow(dst []float64, i, j0 int) {
	for j := range dst {
		dst[j] = m.At(i, j0+j)
	}
}

func (m reader) ReadCol(dst []float64, j, i0 int) {
	for i := range dst {
		dst[i] = m.At(i0+i, j)
	}
}

// TestSieveAgreesWithWholeMatrices holds a pass, tiled and fused, against R as a
// stored matrix and gonum's products.
func TestSieveAgreesWithWholeMatrices(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 150).Draw(t, "d1"), rapid.IntRange(1, 600).Draw(t, "d2")
		r, k := rapid.IntRange(1, 6).Draw(t, "r"), rapid.IntRange(1, 9).Draw(t, "k")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		c := newSieved(rng, d1, d2, r, k)
		whole, sum, kept := c.naive()
		for name, data := range map[string]mat.Matrix{"stored": c.data, "entries": alone{c.data}, "computed": reader{c.data}} {
			for _, squared := range []bool{false, true} {
				s, rz, rtw := c.run(data, squared)
				if s.kept != kept || math.Abs(s.sum-sum) > 1e-12*(1+sum) {
					t.Fatalf("%s: %d kept with sum %g, want %d and %g", name, s.kept, s.sum, kept, sum)
				}
				var want mat.Dense
				want.Mul(whole, c.z)
				near(t, name+": RZ", rz, &want)
				w := c.w
				if squared {
					w = &want
				}
				var product mat.Dense
				product.Mul(whole.T(), w)
				near(t, name+": RᵀW", rtw, &product)
			}
		}
	})
}

func near(t rapid.TB, what string, got, want *mat.Dense) {
	t.Helper()
	var e mat.Dense
	if e.Sub(got, want); !(mat.Norm(&e, 2) <= 1e-12*(1+mat.Norm(want, 2))) {
		t.Fatalf("%s is off by %g of %g", what, mat.Norm(&e, 2), mat.Norm(want, 2))
	}
}

// TestSieveOutliers holds the entries of S against D − R, of what is observed.
func TestSieveOutliers(t *testing.T) {
	const seed = 4
	t.Logf("seed %d", seed)
	c := newSieved(rand.New(rand.NewPCG(seed, 0)), 37, 301, 3, 2)
	s, _, _ := c.run(c.data, false)
	whole, _, kept := c.naive()
	count := 0
	got := s.outliers()
	for i := range got.D1 {
		cols, values := got.Row(i)
		at := 0
		for j := range 301 {
			if want := c.data.At(i, j) - whole.At(i, j); want == want && want != 0 {
				if at >= len(cols) || int(cols[at]) != j || math.Abs(values[at]-want) > 1e-13 {
					t.Fatalf("row %d: entry %d of %v, %v; want %g in column %d", i, at, cols, values, want, j)
				}
				at++
			}
		}
		if at != len(cols) {
			t.Fatalf("row %d has %d entries, want %d", i, len(cols), at)
		}
		count += at
	}
	if i := got.D1; i != 37 || count != 37*301-kept-c.missing {
		t.Fatalf("%d rows with %d entries; want 37 with %d", i, count, 37*301-kept-c.missing)
	}
}

// The same bits for any number of threads, and nothing allocated.
func TestSieveBitsAndAllocations(t *testing.T) {
	c := newSieved(rand.New(rand.NewPCG(6, 0)), 700, 530, 3, 4)
	for _, squared := range []bool{false, true} {
		s, rz, rtw := c.run(c.data, squared)
		for _, procs := range []int{1, 2, 7} {
			old := runtime.GOMAXPROCS(procs)
			again, rz2, rtw2 := c.run(c.data, squared)
			runtime.GOMAXPROCS(old)
			if !mat.Equal(rz, rz2) || !mat.Equal(rtw, rtw2) || s.sum != again.sum || s.kept != again.kept {
				t.Errorf("squared %t: GOMAXPROCS %d gives other bits", squared, procs)
			}
		}
		z, w := byColumns(c.z), byColumns(c.w)
		if squared {
			w = nil
		}
		left, right := make([]float64, c.k*s.d1), make([]float64, c.k*s.d2)
		if n := testing.AllocsPerRun(5, func() { s.pass(c.k, z, w, left, right) }); n > 0 {
			t.Errorf("squared %t: %v allocations a pass", squared, n)
		}
	}
}

// BenchmarkSieve is the pass of a step of AccAltProj at n = 2500, r = 5; it reads
// 50 MB.
func BenchmarkSieve(b *testing.B) {
	const n = 2500
	c := newSieved(rand.New(rand.NewPCG(1, 0)), n, n, 5, 5)
	z, w := byColumns(c.z), byColumns(c.w)
	s, _, _ := c.run(c.data, false)
	left, right := make([]float64, c.k*n), make([]float64, c.k*n)
	for name, w := range map[string][]float64{"both": w, "squared": nil} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(8 * n * n)
			for b.Loop() {
				s.pass(c.k, z, w, left, right)
			}
		})
	}
}

// TestObserve holds the count, the norm and its bounds.
func TestObserve(t *testing.T) {
	m := mat.NewDense(3, 2, []float64{3, math.NaN(), -4, 0, math.NaN(), 0})
	for _, data := range []mat.Matrix{m, alone{m}} {
		o, err := observe("M", data)
		if err != nil || o.count != 4 || o.norm != 5 {
			t.Errorf("%d observed with norm %g, error %v; want 4, 5 and none", o.count, o.norm, err)
		}
		if o.residual(0) != 0 || o.residual(25) != 1 {
			t.Errorf("residuals %g, %g; want 0 and 1", o.residual(0), o.residual(25))
		}
	}
	var zero observed
	if zero.residual(0) != 0 || zero.residual(1e-30) != 1 {
		t.Error("of data that are all 0 the residual is 0 when nothing is left and 1 otherwise")
	}
	for _, v := range []float64{1e150, 1e-150} {
		if _, err := observe("M", mat.NewDense(1, 2, []float64{0, v})); err == nil {
			t.Errorf("%g: no error", v)
		}
	}
}

// TestGrossFrom shows both rules: outliers stick out of the median, and in a
// matrix of few large entries at most the set's share counts as such.
func TestGrossFrom(t *testing.T) {
	m, x := mat.NewDense(10, 10, nil), lr.NewFactors(10, 10, 1)
	for i := range 10 {
		for j := range 10 {
			m.Set(i, j, 1)
		}
	}
	m.Set(3, 3, 1000)
	if got := grossFrom(m, x, lr.SparseSet{Alpha: 0.1}); got != 6 {
		t.Errorf("beside ones: gross from %g on, want 6", got)
	}
	m.Zero()
	for i := range 10 {
		m.Set(i, i, float64(1+i))
	}
	if got := grossFrom(m, x, lr.SparseSet{Alpha: 0.05}); got != 5 {
		t.Errorf("5 of 100 entries may be gross: from above %g on, want 5", got)
	}
	m.Apply(func(int, int, float64) float64 { return math.NaN() }, m)
	if got := grossFrom(m, x, lr.SparseSet{Alpha: 0.05}); got != 0 {
		t.Errorf("nothing observed: gross from %g on, want 0", got)
	}
}
