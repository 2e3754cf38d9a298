package initial_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// factorisation is ½‖M − A‖² by its definition, with no ability but what the
// test gives it.
func factorisation(a mat.Matrix, r int, sym bool) lr.Funcs {
	d1, d2 := a.Dims()
	gap := func(x *lr.Factors) *mat.Dense {
		var e mat.Dense
		e.Mul(x.U, x.Right().T())
		e.Sub(&e, a)
		return &e
	}
	return lr.Funcs{Name: "½‖M − A‖²", D1: d1, D2: d2, Rank: r, Sym: sym, GradFunc: func(dst, x *lr.Factors) float64 {
		e := gap(x)
		if dst != nil && sym {
			var both mat.Dense
			both.Add(e, e.T())
			dst.U.Mul(&both, x.U)
		} else if dst != nil {
			dst.U.Mul(e, x.V)
			dst.V.Mul(e.T(), x.U)
		}
		n := mat.Norm(e, 2)
		return n * n / 2
	}}
}

func diagonal(v ...float64) *mat.Dense {
	a := mat.NewDense(len(v), len(v), nil)
	for i, x := range v {
		a.Set(i, i, x)
	}
	return a
}

// gradNorm is ‖∇f(x)‖F, found anew.
func gradNorm(p lr.Problem, x *lr.Factors) float64 {
	g := lr.NewPoint(p)
	p.NewEval().Grad(g, x)
	return g.Norm()
}

// descends reports whether f falls along some direction that swaps a kept
// column for a left-out one, so that the critical point x is no minimum.
func descends(p lr.Problem, x *lr.Factors) bool {
	eval := p.NewEval()
	here := eval.Grad(nil, x)
	d1, d2, r := p.Dims()
	for i := range d1 {
		for j := range d2 {
			for k := range r {
				for _, sign := range []float64{1, -1} {
					y := x.Clone()
					y.U.Set(i, k, y.U.At(i, k)+1e-3)
					if y.V != nil {
						y.V.Set(j, k, y.V.At(j, k)+sign*1e-3)
					}
					if eval.Grad(nil, y) < here-1e-9 {
						return true
					}
				}
			}
		}
	}
	return false
}

// TestSaddleExact: with squares on the axes the gradient is 0, not almost 0,
// and the point is no minimum.
func TestSaddleExact(t *testing.T) {
	a := diagonal(4, 9, 2.25, 1, 0, -16)
	wide := mat.NewDense(4, 6, nil) // one entry in a row and a column each
	wide.Set(0, 3, -9)
	wide.Set(1, 0, 4)
	wide.Set(2, 5, 16)
	for _, c := range []struct {
		name    string
		target  mat.Matrix
		rank    int
		sym     bool
		without []int
	}{
		{"symmetric, default", a, 2, true, nil},
		{"symmetric, second", a, 2, true, []int{1}},
		{"symmetric, a column of 0", a, 4, true, nil},
		{"symmetric, both largest", a, 2, true, []int{0, 1}},
		{"symmetric, nothing kept", a, 2, true, []int{0, 1, 2, 3}},
		{"asymmetric", a, 2, false, nil},
		{"wide", wide, 2, false, nil},
		{"wide, a column of 0", wide, 3, false, []int{1}},
	} {
		t.Run(c.name, func(t *testing.T) {
			p := factorisation(c.target, c.rank, c.sym)
			x := start(t, initial.Saddle{Target: c.target, Without: c.without}, p)
			if g := gradNorm(p, x); g != 0 {
				t.Errorf("‖∇f‖ = %g, want exactly 0", g)
			}
			if !descends(p, x) {
				t.Error("no swap of columns descends from the saddle")
			}
		})
	}
	x := start(t, initial.Saddle{Target: a}, factorisation(a, 2, true)) // of 9, 4, 2.25, 1 keeps 4 and 2.25
	if want := mat.NewDense(6, 2, []float64{2, 0, 0, 0, 0, 1.5, 0, 0, 0, 0, 0, 0}); !mat.Equal(x.U, want) {
		t.Errorf("U = %v, want %v", mat.Formatted(x.U), mat.Formatted(want))
	}
}

// TestSaddleAnywhere: for any target whose pairs are apart the point is
// critical to rounding, and a swap descends from it.
func TestSaddleAnywhere(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		seed := rapid.Uint64().Draw(rt, "seed")
		d1, d2 := rapid.IntRange(2, 7).Draw(rt, "d1"), rapid.IntRange(2, 7).Draw(rt, "d2")
		sym := rapid.Bool().Draw(rt, "symmetric")
		rng := lr.Stream(seed, "target")
		a := lr.NormalMatrix(rng, d1, d2)
		if sym {
			var s mat.Dense
			a = lr.NormalMatrix(rng, d1, d1)
			s.Mul(a, a.T())
			a = &s
		}
		p := factorisation(a, rapid.IntRange(1, min(d1, a.RawMatrix().Cols)).Draw(rt, "rank"), sym)
		x, err := initial.Saddle{Target: a}.Point(p)
		if err != nil {
			rt.Fatal(err)
		}
		far := x.Clone()
		far.Scale(2)
		if g := gradNorm(p, x); g > 1e-11*(1+gradNorm(p, far)) {
			rt.Errorf("‖∇f‖ = %g", g)
		}
	})
}

// The problem's own least-squares form, its ∇f(0) and its truth give the
// target when the user does not.
func TestSaddleFindsTarget(t *testing.T) {
	truth := &lr.Factors{U: mat.NewDense(5, 2, []float64{3, 0, 0, 0, 0, 2, 0, 0, 0, 0})}
	p := factorisation(diagonal(9, 0, 4, 0, 0), 1, true)
	p.TruthValue = truth
	x := start(t, initial.Saddle{}, p)
	if want := mat.NewDense(5, 1, []float64{0, 0, 2, 0, 0}); !mat.Equal(x.U, want) {
		t.Errorf("from the truth: U = %v", mat.Formatted(x.U))
	}
	p.TruthValue = nil
	op, _, err := operator.NewMask(5, 5, every(5), each(5))
	if err != nil {
		t.Fatal(err)
	}
	ls := leastSquares{p, &lr.LeastSquares{Operator: op, B: mat.DenseCopyOf(truth).RawMatrix().Data, Weight: 1}}
	if y := start(t, initial.Saddle{}, ls); !y.Equal(x) {
		t.Errorf("from the least-squares form: U = %v", mat.Formatted(y.U))
	}
	if y := start(t, initial.Saddle{}, mulGrad{p, mat.DenseCopyOf(truth)}); !y.Equal(x) {
		t.Errorf("from ∇f(0): U = %v", mat.Formatted(y.U))
	}
}

func every(d int) (rows []int) {
	for k := range d * d {
		rows = append(rows, k/d)
	}
	return rows
}

func each(d int) (cols []int) {
	for k := range d * d {
		cols = append(cols, k%d)
	}
	return cols
}

// leastSquares is a problem that says its least-squares form.
type leastSquares struct {
	lr.Funcs
	form *lr.LeastSquares
}

func (p leastSquares) LeastSquares() *lr.LeastSquares { return p.form }

// mulGrad is ½‖M − A‖² that can apply ∇f(0) = −A.
type mulGrad struct {
	lr.Funcs
	a *mat.Dense
}

type mulGradEval struct {
	lr.Evaluator
	a *mat.Dense
}

func (p mulGrad) NewEval() lr.Evaluator { return mulGradEval{p.Funcs.NewEval(), p.a} }

func (e mulGradEval) MulGrad(dst *mat.Dense, _ bool, _ *lr.Factors, z *mat.Dense) {
	dst.Mul(e.a, z)
	dst.Scale(-1, dst)
}

// For completion of a diagonal target the saddle is one whatever is seen of
// it, with balancing or without.
func TestSaddleOfCompletion(t *testing.T) {
	truth := diagonal(9, 0, 4, 0, 0)
	c := problem.Completion{D1: 5, D2: 5, Rank: 1}
	for i := range 5 { // a third of the entries, and the diagonal
		for j := range 5 {
			if (i+2*j)%3 == 0 || i == j {
				c.Rows, c.Cols, c.Values = append(c.Rows, i), append(c.Cols, j), append(c.Values, truth.At(i, j))
			}
		}
	}
	q, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	b, err := problem.Balance{Of: q, Mu: 0.5}.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range []lr.Problem{q, b} {
		x := start(t, initial.Saddle{Target: truth}, p)
		if g := gradNorm(p, x); g != 0 || x.At(2, 2) != 4 {
			t.Errorf("%v: ‖∇f‖ = %g at M₂₂ = %g, want 0 at 4", p, g, x.At(2, 2))
		}
	}
}

func TestSaddleRefuses(t *testing.T) {
	a := diagonal(9, 4, 1)
	p := factorisation(a, 2, true)
	nan := diagonal(1, math.NaN(), 2)
	sensing := made(t, problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 100, Seed: 1})
	for _, c := range []struct {
		name string
		s    initial.Saddle
		p    lr.Problem
		kind error
		says []string
	}{
		{"no problem", initial.Saddle{}, nil, lr.ErrEmpty, []string{"nil"}},
		{"no target", initial.Saddle{}, p, lr.ErrAbility, []string{"Target", "MulGrad", "Truth", "LeastSquares"}},
		{"target of another shape", initial.Saddle{Target: diagonal(1, 2)}, p, lr.ErrShape, []string{"2×2", "3×3"}},
		{"target of NaN", initial.Saddle{Target: nan}, p, lr.ErrValue, []string{"finite"}},
		{"no such pair", initial.Saddle{Target: a, Without: []int{3}}, p, lr.ErrValue, []string{"[3]", "3 positive pairs"}},
		{"negative pair", initial.Saddle{Target: a, Without: []int{-1}}, p, lr.ErrValue, []string{"[-1]"}},
		{"a minimum", initial.Saddle{Target: a, Without: []int{2}}, p, lr.ErrValue, []string{"minimum", "[2]"}},
		{"nothing left out", initial.Saddle{Target: a, Without: []int{}}, p, lr.ErrValue, []string{"minimum"}},
		{"ties", initial.Saddle{Target: diagonal(1, 1, 1)}, p, lr.ErrValue, []string{"minimum"}},
		{"negative definite", initial.Saddle{Target: diagonal(-1, -2, -1)}, p, lr.ErrValue, []string{"0 positive pairs"}},
		{"not critical", initial.Saddle{}, sensing, lr.ErrValue, []string{"not critical", "Zero"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			x, err := c.s.Point(c.p)
			if !errors.Is(err, c.kind) || x != nil {
				t.Fatalf("point %v, error %v; want none and one that wraps %q", x, err, c.kind)
			}
			for _, s := range c.says {
				if !strings.Contains(err.Error(), s) {
					t.Errorf("%q does not say %q", err, s)
				}
			}
		})
	}
}

func TestZero(t *testing.T) {
	for name, m := range problems {
		p := made(t, m)
		x := start(t, initial.Zero{}, p)
		if x.Norm() != 0 || gradNorm(p, x) != 0 {
			t.Errorf("%s: ‖x‖ = %g, ‖∇f‖ = %g, want 0 and 0", name, x.Norm(), gradNorm(p, x))
		}
	}
	if _, err := (initial.Zero{}).Point(nil); !errors.Is(err, lr.ErrEmpty) {
		t.Errorf("without a problem: %v", err)
	}
}

// The objective of these tests is itself held to central differences.
func TestFactorisation(t *testing.T) {
	for _, sym := range []bool{false, true} {
		p := factorisation(diagonal(4, 3, 2, -1), 2, sym)
		x, d, g := start(t, initial.Random{Seed: 1}, p), start(t, initial.Random{Seed: 2}, p), lr.NewPoint(p)
		eval := p.NewEval()
		eval.Grad(g, x)
		d.Scale(1e-5)
		x.AddScaled(1, d)
		up := eval.Grad(nil, x)
		x.AddScaled(-2, d)
		if got, want := (up-eval.Grad(nil, x))/2, g.Dot(d); math.Abs(got-want) > 1e-7*math.Abs(want) {
			t.Errorf("symmetric %t: the value changes by %g, its gradient says %g", sym, got, want)
		}
	}
}
