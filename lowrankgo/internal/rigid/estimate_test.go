package rigid

import (
	"context"
	"math"
	"slices"
	"testing"

	"gonum.org/v1/gonum/mat"
)

// framed is w = Lᵀδ, by the definition.
func (s *side) framed(delta []float64) []float64 {
	w := make([]float64, len(delta))
	for i := range s.lines() {
		l := mat.NewDense(s.r, s.r, slices.Clone(s.chol[i*s.r*s.r:(i+1)*s.r*s.r]))
		for p := range s.r {
			for q := p + 1; q < s.r; q++ {
				l.Set(p, q, 0)
			}
		}
		var v mat.VecDense
		v.MulVec(l.T(), mat.NewVecDense(s.r, delta[i*s.r:(i+1)*s.r]))
		copy(w[i*s.r:], v.RawVector().Data)
	}
	return w
}

// dense is [Q_U Q_V], column by column.
func (f *frame) dense() *mat.Dense {
	n := len(f.u) + len(f.v)
	q := mat.NewDense(f.g.Entries(), n, nil)
	t := make([]float64, f.g.Entries())
	for k := range n {
		w := make([]float64, n)
		w[k] = 1
		f.mulAll(t, w)
		q.SetCol(k, t)
	}
	return q
}

// The frame is orthonormal by blocks, spans the Jacobian's columns, and the
// products are those of the dense matrices. The estimate is the smallest
// eigenvalue outside the gauge.
func TestFrame(t *testing.T) {
	rng := testRNG(4)
	r := 3
	g := gridOf(pattern(rng, 15, 12, 0.7)).Core(r).Components()[0]
	f, err := newFrame(context.Background(), g, r, nil, nil, rng)
	if err != nil {
		t.Fatal(err)
	}
	q := f.dense()
	var gram mat.Dense
	gram.Mul(q.T(), q)
	nu, n := len(f.u), len(f.u)+len(f.v)
	for a := range n {
		for b := range n {
			if (a < nu) != (b < nu) {
				continue
			}
			want := 0.0
			if a == b {
				want = 1
			}
			if math.Abs(gram.At(a, b)-want) > 1e-12 {
				t.Fatalf("columns %d and %d have the product %g", a, b, gram.At(a, b))
			}
		}
	}
	var s, c mat.Dense
	c.CloneFrom(gram.Slice(0, nu, nu, n))
	s.Mul(c.T(), &c)
	s.Scale(-1, &s)
	for k := range n - nu {
		s.Set(k, k, s.At(k, k)+1)
	}
	w, out := normal(rng, n-nu), make([]float64, n-nu)
	f.mul(out, w)
	var want mat.VecDense
	want.MulVec(&s, mat.NewVecDense(len(w), w))
	for k, v := range out {
		if math.Abs(v-want.AtVec(k)) > 1e-12 {
			t.Fatalf("(I−CᵀC)w has %g at %d, want %g", v, k, want.AtVec(k))
		}
	}
	x, y := normal(rng, n), normal(rng, g.Entries())
	qx, qy := make([]float64, g.Entries()), make([]float64, n)
	f.mulAll(qx, x)
	f.mulTrans(qy, y)
	if a, b := dot(qx, y), dot(x, qy); math.Abs(a-b) > 1e-10*math.Abs(a) {
		t.Fatalf("⟨Qx, y⟩ = %g, ⟨x, Qᵀy⟩ = %g", a, b)
	}
	checkEstimate(t, f, &s, q)
}

func checkEstimate(t *testing.T, f *frame, s, q *mat.Dense) {
	t.Helper()
	n := len(f.v)
	// What the projection takes away is the gauge: it has no motion, and what is
	// left is orthogonal to VG for every G.
	rng := testRNG(8)
	for range 5 {
		w := normal(rng, n)
		left, out := slices.Clone(w), make([]float64, n)
		f.away(left, nil)
		gone := slices.Clone(w)
		addScaled(gone, -1, left)
		f.mul(out, gone)
		if size := math.Sqrt(dot(out, out)); size > 1e-12*math.Sqrt(dot(w, w)) {
			t.Fatalf("the gauge is moved by %g", size)
		}
		g := mat.NewDense(f.r, f.r, normal(rng, f.r*f.r))
		var vg mat.Dense
		vg.Mul(mat.NewDense(n/f.r, f.r, f.v), g)
		if c := dot(f.cols.framed(vg.RawMatrix().Data), left); math.Abs(c) > 1e-11 {
			t.Fatalf("what is left has %g of the gauge", c)
		}
	}
	var eig mat.EigenSym
	sym := mat.NewSymDense(n, nil)
	for a := range n {
		for b := range a + 1 {
			sym.SetSym(a, b, s.At(a, b))
		}
	}
	eig.Factorize(sym, false)
	want := eig.Values(nil)[f.r*f.r] // after the gauge's zeros
	way := &sway{r: f.r, frame: f}
	if _, err := way.search(context.Background(), 300, testRNG(9)); err != nil {
		t.Fatal(err)
	}
	e := way.estimate
	if !e.Converged || e.Sine2 < want-1e-13 || e.Sine2 > want+e.Residual+1e-13 {
		t.Errorf("%+v, the smallest eigenvalue is %g", e, want)
	}
	var svd mat.SVD
	svd.Factorize(q, mat.SVDNone)
	values := svd.Values(nil)
	if smallest := values[len(values)-1-f.r*f.r]; math.Abs(values[0]-math.Sqrt2) > 1e-12 || e.Singular < smallest-1e-12 || e.Singular > smallest*1.1 {
		t.Errorf("singular values from %g (want √2) to %g outside the gauge, estimated %g", values[0], smallest, e.Singular)
	}
}

// Every entry's fit agrees with elimination, also with known lines.
func TestFit(t *testing.T) {
	yes, no := 0, 0
	for seed := range uint64(12) {
		rng := testRNG(100 + seed)
		seen := pattern(rng, 14, 14, 0.7)
		bridge(seen, rng, 4)
		for _, g := range gridOf(seen).Core(2).Components() {
			exact, err := Decide(context.Background(), g, 2, Limits{5000, 300}, rng)
			if err != nil {
				t.Fatal(err)
			}
			rough, err := Decide(context.Background(), g, 2, Limits{0, 300}, rng)
			if err != nil {
				t.Fatal(err)
			}
			if rough.Estimated() == nil {
				continue
			}
			for i := range g.Rows {
				for j := range g.Cols {
					f, err := rough.Fit(context.Background(), i, j, 3000)
					if err != nil {
						t.Fatal(err)
					}
					if want := exact.At(i, j); f.Answer() != want {
						t.Errorf("seed %d, entry (%d, %d): %v by %+v, want %v", seed, i, j, f.Answer(), f, want)
					}
					if exact.At(i, j) == Yes {
						yes++
					} else {
						no++
					}
				}
			}
		}
	}
	if yes < 100 || no < 20 {
		t.Errorf("%d entries are determined and %d are not; the test is not worth much", yes, no)
	}
}

// An estimate does not overlook the one motion of two blocks with r²−1 entries
// between them, whatever its start.
func TestEstimateOverlooksNothing(t *testing.T) {
	const d, r = 150, 2
	for seed := range uint64(60) {
		rng := testRNG(200 + seed)
		seen := pattern(rng, d, d, 0.2)
		bridge(seen, rng, 0)
		for k := range r*r - 1 {
			seen[k][d-1-k] = true
		}
		for _, g := range gridOf(seen).Core(r).Components() {
			p, err := Decide(context.Background(), g, r, Limits{0, 300}, rng)
			if err != nil || p.Complete != No {
				t.Errorf("seed %d: %v by %+v, %v", seed, p.Complete, p.Estimated(), err)
			}
		}
	}
}

// Few products leave the answer open, and say so.
func TestTooFewProducts(t *testing.T) {
	n := 200
	seen := make([][]bool, n)
	for i := range seen { // a band: angles are small
		seen[i] = make([]bool, n)
		for j := max(0, i-2); j < min(n, i+3); j++ {
			seen[i][j] = true
		}
	}
	g := gridOf(seen).Core(2).Components()[0]
	p, err := Decide(context.Background(), g, 2, Limits{0, 10}, testRNG(1))
	if err != nil {
		t.Fatal(err)
	}
	if e := p.Estimated(); e == nil || e.Converged || p.Complete != Unknown || p.At(0, n-1) != Unknown || p.At(0, 0) != Yes {
		t.Errorf("%v by %+v", p.Complete, e)
	}
	// A seed grows along the band.
	if p, err = Decide(context.Background(), g, 2, Limits{100, 10}, testRNG(1)); err != nil || p.Complete != Yes || p.Known != g.Lines() {
		t.Errorf("%v, %d known of %d, %v", p.Complete, p.Known, g.Lines(), err)
	}
}
