package operator_test

import (
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// formMatrix is the d1·d2 × d1·d2 matrix of a form on row-major vec, column by
// column.
func formMatrix(h lr.Form) *mat.Dense {
	d1, d2 := h.Dims()
	out, e := mat.NewDense(d1*d2, d1*d2, nil), h.NewEval()
	for j := range d1 * d2 {
		u, v := mat.NewDense(d1, 1, nil), mat.NewDense(d2, 1, nil)
		u.Set(j/d2, 0, 1)
		v.Set(j%d2, 0, 1)
		e.Apply(u, v)
		g := mat.NewDense(d1, d2, nil)
		e.Mul(g, 0, false, identity(d2))
		out.SetCol(j, g.RawMatrix().Data)
	}
	return out
}

// spectrum is the eigenvalues of a symmetric matrix, ascending.
func spectrum(t testing.TB, h *mat.Dense) []float64 {
	t.Helper()
	n, _ := h.Dims()
	sym := mat.NewSymDense(n, nil)
	for i := range n {
		for j := i; j < n; j++ {
			if math.Abs(h.At(i, j)-h.At(j, i)) > 1e-13 {
				t.Fatalf("H is not symmetric at (%d, %d): %g and %g", i, j, h.At(i, j), h.At(j, i))
			}
			sym.SetSym(i, j, h.At(i, j))
		}
	}
	var eig mat.EigenSym
	if !eig.Factorize(sym, false) {
		t.Fatal("the eigenvalues do not converge")
	}
	return eig.Values(nil)
}

func TestPerturbedSuite(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, _ int) {
		d1, d2 = min(d1, 11), min(d2, 11)
		for _, p := range []operator.Perturbed{{D1: d1, D2: d2, Delta: 0.3, Seed: 4}, {D1: d1, Delta: 0.3, Seed: 4, Symmetric: true}} {
			f := madeForm(t, p)
			lowranktest.TestForm(t, f, naivePerturbed(t, f, p.Delta))
		}
	})
	lowranktest.TestForm(t, madeForm(t, operator.Perturbed{D1: 53, D2: 160, Delta: 0.1, Seed: 4}), nil)
}

// naivePerturbed reads the signs off the form at the matrices of cosines and
// then applies I + δK by the definition, K = Σ s_pq C_pq ⟨C_pq, ·⟩.
func naivePerturbed(t *testing.T, f lr.Form, delta float64) func(*mat.Dense) *mat.Dense {
	d1, d2 := f.Dims()
	h := formMatrix(f)
	var k []*mat.Dense
	var s []float64
	for p := range d1 {
		for q := range d2 {
			c := cosineBasis(d1, d2, p, q)
			sign := math.Copysign(1, plainInner(c, naiveForm(h)(c))-1)
			k, s = append(k, c), append(s, sign)
		}
	}
	return func(m *mat.Dense) *mat.Dense {
		out := mat.DenseCopyOf(m)
		for i, c := range k {
			var add mat.Dense
			add.Scale(delta*s[i]*plainInner(c, m), c)
			out.Add(out, &add)
		}
		return out
	}
}

// TestPerturbedSpectrum: every eigenvalue of H is 1 − δ or 1 + δ, both occur,
// and K commutes with transposition when symmetric.
func TestPerturbedSpectrum(t *testing.T) {
	for _, p := range []operator.Perturbed{
		{D1: 5, D2: 7, Delta: 0.1, Seed: 1}, {D1: 6, Delta: 0.05, Seed: 2, Symmetric: true},
		{D1: 1, D2: 9, Delta: 0.9, Seed: 3}, {D1: 2, Delta: 0.5, Seed: 4, Symmetric: true}, {D1: 3, D2: 4, Seed: 5},
		{D1: 1, D2: 1, Delta: 0.2, Seed: 6},
	} {
		t.Run(fmt.Sprintf("%+v", p), func(t *testing.T) {
			f := madeForm(t, p)
			h := formMatrix(f)
			ev := spectrum(t, h)
			for _, v := range ev {
				if math.Abs(math.Abs(v-1)-p.Delta) > 1e-13 {
					t.Errorf("an eigenvalue is %.17g, want 1 ± %g", v, p.Delta)
				}
			}
			if low, high := ev[0], ev[len(ev)-1]; len(ev) > 1 && math.Abs(high-low-2*p.Delta) > 1e-13 {
				t.Errorf("eigenvalues go from %g to %g, want 1 ± %g", low, high, p.Delta)
			}
			if p.Symmetric {
				m := lr.NormalMatrix(lr.Stream(1, "m"), p.D1, p.D1)
				a, b := naiveForm(h)(m), naiveForm(h)(mat.DenseCopyOf(m.T()))
				near(t, "H(Mᵀ)", b.RawMatrix().Data, mat.DenseCopyOf(a.T()).RawMatrix().Data)
			}
		})
	}
}

// TestPerturbedOperator: 𝒜 passes the suite, and 𝒜*𝒜/m is H.
func TestPerturbedOperator(t *testing.T) {
	fuzzed(t, func(t *testing.T, d1, d2, _ int) {
		d1, d2 = min(d1, 9), min(d2, 9)
		for _, p := range []operator.Perturbed{{D1: d1, D2: d2, Delta: 0.3, Seed: 4}, {D1: d1, Delta: 0.3, Seed: 4, Symmetric: true}} {
			op := made[*operator.SubsampledTransform](t)(p.Operator())
			lowranktest.TestOperator(t, op, naiveMatrices(op))
			gram := formMatrix(madeForm(t, operator.GramForm{Operator: op}))
			near(t, "𝒜*𝒜/m", gram.RawMatrix().Data, formMatrix(madeForm(t, p)).RawMatrix().Data)
		}
	})
}

// TestPerturbedBounds draws forms and matrices: the bounds hold at every rank
// and are attained at the extremes, which have rank one and norm one.
func TestPerturbedBounds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := operator.Perturbed{
			D1: rapid.IntRange(1, 30).Draw(t, "d1"), D2: rapid.IntRange(1, 30).Draw(t, "d2"),
			Delta: rapid.Float64Range(0, 0.999).Draw(t, "delta"), Seed: rapid.Uint64().Draw(t, "seed"),
			Symmetric: rapid.Bool().Draw(t, "symmetric"),
		}
		if p.Symmetric {
			p.D2 = p.D1
		}
		f, err := p.New()
		if err != nil {
			t.Fatal(err)
		}
		rng, e := lr.Stream(p.Seed, "point"), f.NewEval()
		k := rapid.IntRange(1, 3).Draw(t, "k")
		m := &lr.Factors{U: lr.NormalMatrix(rng, p.D1, k), V: lr.NormalMatrix(rng, p.D2, k)}
		sq := plainInner(m, m)
		if ratio := e.Apply(m.U, m.V) / sq; ratio < 1-p.Delta-1e-13 || ratio > 1+p.Delta+1e-13 {
			t.Fatalf("M : H : M is %.17g of ‖M‖², outside 1 ± %g", ratio, p.Delta)
		}
		low, high, err := p.Extremes()
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			m    *lr.Factors
			want float64
		}{{low, 1 - p.Delta}, {high, 1 + p.Delta}} {
			if c.m == nil && p.D1*p.D2 == 1 || c.m == nil && p.Symmetric && p.D1 == 1 {
				continue
			}
			if c.m.Rank() != 1 || c.m.Symmetric() != p.Symmetric || math.Abs(plainInner(c.m, c.m)-1) > 1e-13 {
				t.Fatalf("an extreme has rank %d, symmetric %t, norm² %.17g", c.m.Rank(), c.m.Symmetric(), plainInner(c.m, c.m))
			}
			if got := e.Apply(c.m.U, c.m.Right()); math.Abs(got-c.want) > 1e-13 {
				t.Fatalf("an extreme has M : H : M = %.17g, want %.17g", got, c.want)
			}
		}
	})
}

// TestPerturbedVectors compares I + δK, given as a matrix, with an independent
// implementation; see testdata/README.md.
func TestPerturbedVectors(t *testing.T) {
	var cases []struct {
		Name                     string
		Delta, XHX, Lower, Upper float64
		H, X, HX                 [][]float64
	}
	readCases(t, "testdata/perturbed.json", &cases)
	if len(cases) != 2 {
		t.Fatalf("%d cases, want 2", len(cases))
	}
	for _, c := range cases {
		t.Run(c.Name, func(t *testing.T) {
			x := rows(c.X)
			d1, d2 := x.Dims()
			f := madeForm(t, operator.DenseForm{D1: d1, D2: d2, H: rows(c.H)})
			e, hx := f.NewEval(), mat.NewDense(d1, d2, nil)
			near(t, "X : H : X", []float64{e.Apply(x, identity(d2))}, []float64{c.XHX})
			e.Mul(hx, 0, false, identity(d2))
			near(t, "H(X)", hx.RawMatrix().Data, flat(c.HX))
			ev := spectrum(t, rows(c.H))
			near(t, "the bounds", []float64{ev[0], ev[len(ev)-1]}, []float64{c.Lower, c.Upper})
			ours := spectrum(t, formMatrix(madeForm(t, operator.Perturbed{D1: d1, D2: d2, Delta: c.Delta, Seed: 1})))
			near(t, "the bounds of a form of the same δ", []float64{ours[0], ours[len(ours)-1]}, []float64{c.Lower, c.Upper})
		})
	}
}

func TestPerturbedErrors(t *testing.T) {
	for _, c := range []struct {
		p    operator.Perturbed
		kind error
		says []string
	}{
		{operator.Perturbed{D1: 3, Delta: 0.1}, lr.ErrShape, []string{"3×0"}},
		{operator.Perturbed{D1: 3, D2: 4, Delta: 0.1, Symmetric: true}, lr.ErrShape, []string{"3×4", "D1 = D2"}},
		{operator.Perturbed{D1: 3, D2: 4, Delta: 1}, lr.ErrValue, []string{"Delta = 1", "0 ≤ Delta < 1"}},
		{operator.Perturbed{D1: 3, D2: 4, Delta: -0.1}, lr.ErrValue, []string{"-0.1"}},
		{operator.Perturbed{D1: 3, D2: 4, Delta: math.NaN()}, lr.ErrValue, []string{"NaN"}},
	} {
		_, err := c.p.New()
		checkError(t, fmt.Sprintf("%+v", c.p), err, c.kind, c.says)
		_, _, err = c.p.Extremes()
		checkError(t, fmt.Sprintf("extremes of %+v", c.p), err, c.kind, c.says)
		_, err = c.p.Operator()
		checkError(t, fmt.Sprintf("the operator of %+v", c.p), err, c.kind, c.says)
	}
}
