package solver

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// matrixOf is Σ σ p qᵀ of a decomposition.
func (s *topSVD) matrix() *mat.Dense {
	m := mat.NewDense(s.n1, s.n2, nil)
	for i := range s.n1 {
		for j := range s.n2 {
			var sum float64
			for k, sigma := range s.sigma {
				sum += sigma * s.p[k*s.n1+i] * s.q[k*s.n2+j]
			}
			m.Set(i, j, sum)
		}
	}
	return m
}

// TestTopSVD compares with gonum's SVD, for every rank of W beside the one
// asked for.
func TestTopSVD(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n1, n2 := rapid.IntRange(1, 40).Draw(t, "n1"), rapid.IntRange(1, 40).Draw(t, "n2")
		r := rapid.IntRange(1, min(n1, n2, 9)).Draw(t, "r")
		rank := rapid.IntRange(0, min(n1, n2, r+4)).Draw(t, "rank")
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		w := mat.NewDense(n1, n2, nil)
		if rank > 0 {
			w.Mul(lr.NormalMatrix(rng, n1, rank), lr.NormalMatrix(rng, rank, n2))
		}
		s := newTopSVD(n1, n2, r)
		for range 2 { // the second time over what the first has left
			for i := range n1 {
				copy(s.row(i), w.RawRowView(i))
			}
			s.factorise(rng)
		}
		var svd mat.SVD
		if !svd.Factorize(w, mat.SVDThin) {
			t.Fatal("no SVD")
		}
		var u, v, scaled, want mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		sigma := svd.Values(nil)
		scaled.Mul(u.Slice(0, n1, 0, r), mat.NewDiagDense(r, slices.Clone(sigma[:r])))
		want.Mul(&scaled, v.Slice(0, n2, 0, r).T())
		size := math.Max(1, sigma[0])
		for k, got := range s.sigma {
			if math.Abs(got-sigma[k]) > 1e-9*size {
				t.Fatalf("σ%d = %g, want %g", k+1, got, sigma[k])
			}
		}
		gap := 1.0
		if r < len(sigma) && sigma[r] > 1e-9*size {
			gap = (sigma[r-1] - sigma[r]) / size
		}
		want.Sub(&want, s.matrix())
		if e := mat.Norm(&want, 2); gap > 1e-3 && e > 1e-8*size/gap {
			t.Fatalf("the matrix of the triplets is %g off, of %g, with a gap of %g", e, size, gap)
		}
	})
}

func TestTopSVDAllocatesNothing(t *testing.T) {
	s, rng := newTopSVD(30, 20, 3), rand.New(rand.NewPCG(1, 1))
	for i := range s.w {
		s.w[i] = rng.NormFloat64()
	}
	if n := testing.AllocsPerRun(20, func() { s.factorise(rng) }); n > 0 {
		t.Errorf("%g allocations, want none", n)
	}
}

// TestChoose: distinct numbers in order, each of them as often.
func TestChoose(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	counts := make([]int, 12)
	const draws = 6000
	for range draws {
		out := make([]int, 5)
		choose(out, len(counts), rng)
		for k, i := range out {
			counts[i]++
			if k > 0 && out[k-1] >= i {
				t.Fatalf("%v is not ascending", out)
			}
		}
	}
	for i, n := range counts { // 2500 ± 38
		if math.Abs(float64(n)-draws*5/12.0) > 200 {
			t.Errorf("%d was chosen %d times, want about %d", i, n, draws*5/12)
		}
	}
	all := make([]int, 4)
	choose(all, 4, rng)
	if !slices.Equal(all, []int{0, 1, 2, 3}) {
		t.Errorf("all of 4 are %v", all)
	}
}

func TestAllowed(t *testing.T) {
	for _, c := range []struct {
		share      float64
		n          int
		deviations float64
		want       int
	}{{0.1, 10000, 6, 1180}, {0.1, 10000, 0, 1000}, {0.5, 16, 4, 12}, {1, 20, 4, 20}, {0.1, 0, 4, 0}} {
		if got := allowed(c.share, c.n, c.deviations); got != c.want {
			t.Errorf("a share of %g of %d and %g deviations: %d, want %d", c.share, c.n, c.deviations, got, c.want)
		}
	}
}

// naiveKept is what a line of the data d keeps beside l, by sorting.
func naiveKept(d, l []float64, zeta, share float64) []float64 {
	var far []float64
	for k, v := range d {
		if e := math.Abs(v - l[k]); e == e {
			far = append(far, e)
		}
	}
	slices.Sort(far)
	if most := allowed(share, len(far), 4); len(far) > 0 {
		zeta = max(zeta, far[max(0, len(far)-1-most)])
	}
	out := slices.Clone(l)
	for k, v := range d {
		if math.Abs(v-l[k]) <= zeta {
			out[k] = v
		}
	}
	return out
}

// TestIRCURIsItsDefinition takes steps by dense matrices, the same rows and
// columns, and gonum's SVD.
func TestIRCURIsItsDefinition(t *testing.T) {
	for _, observed := range []float64{1, 0.8} {
		p, err := problem.RandomRobustPCA{D1: 50, D2: 40, Rank: 2, Alpha: 0.15, Observed: observed, Seed: 4}.New()
		if err != nil {
			t.Fatal(err)
		}
		st, err := IRCUR{Samples: 1}.Start(p, lr.NewPoint(p))
		if err != nil {
			t.Fatal(err)
		}
		s := st.(*ircurState)
		d, share := s.data.(*mat.Dense), s.set.Alpha
		for step := range 8 {
			l := s.x.Dense()
			c, r := mat.NewDense(50, len(s.cols), nil), mat.NewDense(len(s.rows), 40, nil)
			for i := range 50 {
				c.SetRow(i, naiveKept(picked(d.RawRowView(i), s.cols), picked(l.RawRowView(i), s.cols), s.zeta, share))
			}
			for j := range 40 {
				r.SetCol(j, naiveKept(picked(mat.Col(nil, j, d), s.rows), picked(mat.Col(nil, j, l), s.rows), s.zeta, share))
			}
			w := mat.NewDense(len(s.rows), len(s.cols), nil)
			for i := range s.rows {
				w.SetRow(i, picked(r.RawRowView(i), s.cols))
			}
			want := naiveCUR(t, c, w, r, 2)
			if err := s.Step(t.Context()); err != nil {
				t.Fatal(err)
			}
			want.Sub(want, s.x.Dense())
			if e := mat.Norm(want, 2) / mat.Norm(l, 2); step > 0 && e > 1e-4 { // of the sketch
				t.Errorf("observed %g, step %d: %g from the definition", observed, step, e)
			}
		}
	}
}

func picked(x []float64, at []int) []float64 {
	out := make([]float64, len(at))
	for k, i := range at {
		out[k] = x[i]
	}
	return out
}

// naiveCUR is C·W_r⁺·R.
func naiveCUR(t *testing.T, c, w, r *mat.Dense, rank int) *mat.Dense {
	t.Helper()
	var svd mat.SVD
	if !svd.Factorize(w, mat.SVDThin) {
		t.Fatal("no SVD")
	}
	var u, v, scaled, inverse, out mat.Dense
	svd.UTo(&u)
	svd.VTo(&v)
	n1, n2 := w.Dims()
	values := svd.Values(nil)[:rank]
	for k := range values {
		values[k] = 1 / values[k]
	}
	scaled.Mul(v.Slice(0, n2, 0, rank), mat.NewDiagDense(rank, values))
	inverse.Mul(&scaled, u.Slice(0, n1, 0, rank).T())
	out.Product(c, &inverse, r)
	return &out
}
