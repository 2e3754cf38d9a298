package landscape

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

func (c geometryCase) operator(t *testing.T) lr.Operator {
	t.Helper()
	d1, d2 := len(c.As[0]), len(c.As[0][0])
	a := mat.NewDense(len(c.As), d1*d2, nil)
	for k, m := range c.As {
		for i, row := range m {
			copy(a.RawRowView(k)[i*d2:], row)
		}
	}
	return wanted[*operator.Gaussian](t)(operator.NewDense(d1, d2, a))
}

// TestRIPLowerBoundVectors: where the constant is known exactly, by eigenvalues or
// on 2×2 matrices of rank one, the search comes to it, and not above.
func TestRIPLowerBoundVectors(t *testing.T) {
	for _, c := range append(geometryCases(t, "operators_c.json", "rip_full"), geometryCases(t, "operators_c.json", "rip_rank1_2x2")...) {
		op := c.operator(t)
		got, err := RIPLowerBound(context.Background(), op, c.Rank, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		c.compareRIP(t, got, c.Lower, c.Upper)
		if c.LowerSymmetric == nil {
			continue
		}
		got, err = RIPLowerBound(context.Background(), op, c.Rank, &RIPOptions{Symmetric: true})
		if err != nil {
			t.Fatalf("%s, symmetric: %v", c.Name, err)
		}
		c.compareRIP(t, got, *c.LowerSymmetric, c.UpperSymmetric)
		for _, m := range []*lr.Factors{got.LowAt, got.HighAt} {
			if !mat.EqualApprox(m.Dense(), m.Dense().T(), 1e-10) {
				t.Errorf("%s: not symmetric: %v", c.Name, mat.Formatted(m))
			}
		}
	}
}

func (c geometryCase) compareRIP(t *testing.T, got *RIPBound, low, high float64) {
	t.Helper()
	if math.Abs(got.Low-low) > 1e-6 || math.Abs(got.High-high) > 1e-6 {
		t.Errorf("%s, symmetric %t: between %.9g and %.9g, exactly %.9g and %.9g", c.Name, got.Symmetric, got.Low, got.High, low, high)
	}
	if got.Low < low-1e-10 || got.High > high+1e-10 {
		t.Errorf("%s: %v and %v are outside of what there is, %v to %v", c.Name, got.Low, got.High, low, high)
	}
	if want := math.Max(0, math.Max(1-got.Low, got.High-1)); got.Delta != want {
		t.Errorf("%s: δ ≥ %v, want %v", c.Name, got.Delta, want)
	}
	ripAttained(t, c.Name, got, func(m *lr.Factors) float64 {
		op, b := c.operator(t), make([]float64, len(c.As))
		op.NewEval().Apply(b, m.U, m.V, nil)
		var s float64
		for _, v := range b {
			s += v * v
		}
		return s / float64(len(b))
	})
}

// ripAttained holds the matrices found against the quotients that they show.
func ripAttained(t *testing.T, name string, b *RIPBound, form func(m *lr.Factors) float64) {
	t.Helper()
	for _, e := range []struct {
		at    *lr.Factors
		value float64
	}{{b.LowAt, b.Low}, {b.HighAt, b.High}} {
		if n := linalg.ProductNorm(e.at.U, e.at.V); math.Abs(n-1) > 1e-10 {
			t.Errorf("%s: a matrix of norm %v, want 1", name, n)
		}
		if e.at.Rank() > b.Rank {
			t.Errorf("%s: a matrix of rank %d, want at most %d", name, e.at.Rank(), b.Rank)
		}
		if got := form(e.at); math.Abs(got-e.value) > 1e-10*(1+math.Abs(got)) {
			t.Errorf("%s: the matrix shows %v, the bound says %v", name, got, e.value)
		}
	}
}

// TestRIPPerturbed: δ is known at every rank. No search goes above; without a
// restriction of rank it is found; at rank one its own extremes show it.
func TestRIPPerturbed(t *testing.T) {
	const delta = 0.2
	for _, sym := range []bool{false, true} {
		form := operator.Perturbed{D1: 6, D2: 6, Delta: delta, Seed: 3, Symmetric: sym}
		h := wanted[*operator.QuadraticForm](t)(form.New())
		for _, r := range []int{1, 2, 6} {
			b, err := FormRIPLowerBound(context.Background(), h, r, &RIPOptions{Symmetric: sym, Seed: 1})
			if err != nil {
				t.Fatal(err)
			}
			if b.Delta > delta+1e-12 || b.Delta < 0.6*delta {
				t.Errorf("symmetric %t, rank %d: δ ≥ %v, it is %v", sym, r, b.Delta, delta)
			}
			if r == 6 && (math.Abs(b.Delta-delta) > 1e-9 || math.Abs(b.Rescaled-delta) > 1e-9) {
				t.Errorf("symmetric %t, of any rank: δ ≥ %v and %v after rescaling, it is %v", sym, b.Delta, b.Rescaled, delta)
			}
			ripAttained(t, "perturbed", b, func(m *lr.Factors) float64 { return h.NewEval().Apply(m.U, m.V) })
		}
		low, high, err := form.Extremes()
		if err != nil {
			t.Fatal(err)
		}
		e := h.NewEval()
		vectorNear(t, "the low extreme", e.Apply(low.U, low.Right()), 1-delta)
		vectorNear(t, "the high extreme", e.Apply(high.U, high.Right()), 1+delta)
	}
}

// TestRIPCounterexample: the constant of the family around ½, on symmetric matrices
// of rank 2, after the best rescaling.
func TestRIPCounterexample(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "counterexample") {
		for _, d := range []int{2, 4} {
			in := wanted[*operator.Instance](t)(operator.Counterexample{Epsilon: c.Epsilon, D: d, Rotate: d > 2, Seed: 5}.New())
			vectorNear(t, "δ", in.Delta, c.RIPDelta)
			b, err := RIPLowerBound(context.Background(), in.Operator, 2, &RIPOptions{Symmetric: true, Scale: in.Scale})
			if err != nil {
				t.Fatal(err)
			}
			if math.Abs(b.Rescaled-c.RIPDelta) > 1e-7 || math.Abs(b.Delta-c.RIPDelta) > 1e-7 {
				t.Errorf("ε = %v, d = %d: %v; it is %v", c.Epsilon, d, b, c.RIPDelta)
			}
		}
	}
}

// TestCounterexampleMinimum compares the Hessian at x̂ with its known eigenvalues.
func TestCounterexampleMinimum(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "counterexample") {
		p := wanted[*problem.CounterexampleProblem](t)(problem.Counterexample{Epsilon: c.Epsilon}.New())
		x := p.Instance.Spurious
		e, err := HessianEigenvalues(context.Background(), p, x)
		if err != nil {
			t.Fatal(err)
		}
		g := lr.NewPoint(p)
		vectorNear(t, "f(x̂)", p.NewEval().Grad(g, x), c.Value)
		vectorNear(t, "‖∇f(x̂)‖", g.Norm(), 0)
		for i, want := range c.Eigenvalues {
			vectorNear(t, "eigenvalue", e[i], want)
		}
	}
}

// TestRIPNaive compares rank one on small shapes with a search over angles.
func TestRIPNaive(t *testing.T) {
	for seed := range uint64(5) {
		op := wanted[*operator.Gaussian](t)(operator.NewGaussian(2, 2, 5, seed))
		b, err := RIPLowerBound(context.Background(), op, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		e, res := op.NewEval(), make([]float64, 5)
		low, high := math.Inf(1), math.Inf(-1)
		const n = 400
		for i := range n {
			for j := range n {
				a, c := math.Pi*float64(i)/n, math.Pi*float64(j)/n
				e.Apply(res, mat.NewDense(2, 1, []float64{math.Cos(a), math.Sin(a)}), mat.NewDense(2, 1, []float64{math.Cos(c), math.Sin(c)}), nil)
				var s float64
				for _, v := range res {
					s += v * v / 5
				}
				low, high = math.Min(low, s), math.Max(high, s)
			}
		}
		if b.Low > low || b.High < high || low-b.Low > 1e-3 || b.High-high > 1e-3 {
			t.Errorf("seed %d: %v to %v, by angles %v to %v", seed, b.Low, b.High, low, high)
		}
	}
}

// TestRIPTable: a form and its table are the same form, so that a search without
// one finds the same.
func TestRIPTable(t *testing.T) {
	op := wanted[*operator.Gaussian](t)(operator.NewGaussian(4, 3, 7, 1))
	h := operatorForm{op}
	table, err := tabulated(context.Background(), h)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := table.(*tableForm); !ok {
		t.Fatalf("%T", table)
	}
	rng := lr.Stream(1, "table")
	x, y, z := lr.NormalMatrix(rng, 4, 2), lr.NormalMatrix(rng, 3, 2), lr.NormalMatrix(rng, 4, 2)
	a, b := h.NewEval(), table.NewEval()
	vectorNear(t, "the form", b.Apply(x, y), a.Apply(x, y))
	got, want := lr.NormalMatrix(rng, 3, 2), new(mat.Dense)
	want.CloneFrom(got)
	a.Mul(want, 0.5, true, z)
	b.Mul(got, 0.5, true, z)
	if !mat.EqualApprox(got, want, 1e-11) {
		t.Errorf("Mul: %v, want %v", mat.Formatted(got), mat.Formatted(want))
	}

	large := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 40, D2: 30, Delta: 0.3, Seed: 1}.New())
	if same, err := tabulated(context.Background(), large); err != nil || same != lr.Form(large) {
		t.Fatalf("a form on %d entries is tabulated: %v", 1200, err)
	}
	found, err := FormRIPLowerBound(context.Background(), large, 2, &RIPOptions{Starts: 2, Sweeps: 4})
	if err != nil {
		t.Fatal(err)
	}
	if found.Delta > 0.3+1e-12 || found.Delta < 0.05 {
		t.Errorf("δ ≥ %v, it is 0.3", found.Delta)
	}
}

// TestRIPMonotone: more rank, more sweeps and more starts never show less.
func TestRIPMonotone(t *testing.T) {
	op := wanted[*operator.Gaussian](t)(operator.NewGaussian(5, 5, 30, 2))
	var last float64
	for _, o := range []struct{ r, starts, sweeps int }{{1, 1, 1}, {1, 1, 20}, {1, 10, 20}, {2, 30, 50}, {5, 5, 300}} {
		b, err := RIPLowerBound(context.Background(), op, o.r, &RIPOptions{Starts: o.starts, Sweeps: o.sweeps})
		if err != nil {
			t.Fatal(err)
		}
		if b.Rescaled < last-1e-9 {
			t.Errorf("%+v: %v after %v", o, b.Rescaled, last)
		}
		last = b.Rescaled
	}
}

func TestRIPSameBits(t *testing.T) {
	op := wanted[*operator.Gaussian](t)(operator.NewGaussian(5, 4, 30, 2))
	sym := wanted[*operator.Gaussian](t)(operator.NewGaussian(4, 4, 30, 2))
	find := func() [4]float64 {
		a, err := RIPLowerBound(context.Background(), op, 2, &RIPOptions{Starts: 5, Sweeps: 10, Seed: 7})
		if err != nil {
			t.Fatal(err)
		}
		b, err := RIPLowerBound(context.Background(), sym, 2, &RIPOptions{Starts: 5, Sweeps: 10, Seed: 7, Symmetric: true})
		if err != nil {
			t.Fatal(err)
		}
		return [4]float64{a.Low, a.High, b.Low, b.High}
	}
	want := find()
	for _, n := range []int{1, 2, 7} {
		old := runtime.GOMAXPROCS(n)
		got := find()
		runtime.GOMAXPROCS(old)
		if got != want {
			t.Errorf("GOMAXPROCS %d: %v, want %v", n, got, want)
		}
	}
}

func TestRIPInput(t *testing.T) {
	op := wanted[*operator.Gaussian](t)(operator.NewGaussian(4, 3, 7, 1))
	bg := context.Background()
	for name, c := range map[string]struct {
		op   lr.Operator
		r    int
		o    *RIPOptions
		want error
	}{
		"nil":          {nil, 1, nil, lr.ErrEmpty},
		"rank 0":       {op, 0, nil, lr.ErrRank},
		"rank 4":       {op, 4, nil, lr.ErrRank},
		"starts −1":    {op, 1, &RIPOptions{Starts: -1}, lr.ErrValue},
		"sweeps −1":    {op, 1, &RIPOptions{Sweeps: -1}, lr.ErrValue},
		"tol −1":       {op, 1, &RIPOptions{Tol: -1}, lr.ErrValue},
		"scale −1":     {op, 1, &RIPOptions{Scale: -1}, lr.ErrValue},
		"scale NaN":    {op, 1, &RIPOptions{Scale: math.NaN()}, lr.ErrValue},
		"not square":   {op, 1, &RIPOptions{Symmetric: true}, lr.ErrShape},
		"not a number": {broken{}, 1, nil, lr.ErrValue},
	} {
		if _, err := RIPLowerBound(bg, c.op, c.r, c.o); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	if _, err := RIPLowerBound(bg, broken{}, 1, &RIPOptions{Symmetric: true}); !errors.Is(err, lr.ErrValue) {
		t.Errorf("not a number, symmetric: %v", err)
	}
	if _, err := FormRIPLowerBound(bg, nil, 1, nil); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("no form: %v", err)
	}
	ended, cancel := context.WithCancel(bg)
	cancel()
	if _, err := RIPLowerBound(ended, op, 1, nil); !errors.Is(err, context.Canceled) {
		t.Errorf("a context that has ended: %v", err)
	}
}

// broken is an operator whose products are not numbers.
type broken struct{}

func (broken) Dims() (d1, d2, m int)    { return 3, 3, 1 }
func (broken) NewEval() lr.OperatorEval { return brokenEval{} }

type brokenEval struct{}

func (brokenEval) Apply(dst []float64, _, _ *mat.Dense, _ []float64)        { dst[0] = math.NaN() }
func (brokenEval) Adjoint([]float64)                                        {}
func (brokenEval) ApplyAdjoint(dst []float64, _, _ *mat.Dense, _ []float64) { dst[0] = math.NaN() }
func (brokenEval) Mul(dst *mat.Dense, _ float64, _ bool, _ *mat.Dense) {
	dst.Apply(func(int, int, float64) float64 { return math.NaN() }, dst)
}

// The constant of a form I + δK is known; a search without restriction of rank
// comes to it from below.
func ExampleFormRIPLowerBound() {
	h, err := operator.Perturbed{D1: 5, D2: 4, Delta: 0.1, Seed: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := FormRIPLowerBound(context.Background(), h, 4, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("δ ≥ %.6f\n", b.Delta)
	// Output:
	// δ ≥ 0.100000
}

// 40 Gaussian measurements of 6×6 matrices are no isometry at rank 2.
func ExampleRIPLowerBound() {
	op, err := operator.NewGaussian(6, 6, 40, 1)
	if err != nil {
		fmt.Println(err)
		return
	}
	b, err := RIPLowerBound(context.Background(), op, 2, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("Theorem 8 wants δ ≤ 0.1; δ is above: %t, also after rescaling: %t\n", b.Delta > 0.1, b.Rescaled > 0.1)
	// Output:
	// Theorem 8 wants δ ≤ 0.1; δ is above: true, also after rescaling: true
}
