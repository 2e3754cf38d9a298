package problem_test

import (
	"errors"
	"fmt"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

func lifted(t fataler, p lr.Problem) *problem.Lifted {
	t.Helper()
	l, err := problem.Lift{Of: p}.New()
	return ok(t, l, err)
}

func TestLiftSuite(t *testing.T) {
	sensing := made(t, problem.GaussianSensing{D1: 7, D2: 5, Rank: 2, M: 40, Seed: 1})
	for name, p := range map[string]lr.Problem{
		"sensing":            sensing,
		"balanced":           balanced(t, sensing, 0.5),
		"completion":         made(t, problem.RandomCompletion{D1: 90, D2: 70, Rank: 3, P: 0.4, Seed: 3}),
		"1×1":                made(t, problem.RandomCompletion{D1: 1, D2: 1, Rank: 1, P: 1, Seed: 5}),
		"all regularisers":   wrappers(t, sensing)["linear over row norm over ridge"],
		"a sum over columns": stacked(t, 6, 2, 3, 2),
	} {
		l := lifted(t, p)
		t.Run(name, func(t *testing.T) { conforms(t, l) })
		q, err := problem.RowNorm{Of: l, Lambda: 0.3, Alpha: 0.8}.New()
		t.Run(name+", then row norm", func(t *testing.T) { conforms(t, ok(t, q, err)) })
	}
}

// Value, gradient and Hessian product are 4 times those of the problem inside,
// block by block.
func TestLiftIsFourTimes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, seed := drawProblem(t, false)
		l := lifted(t, p)
		x, d := randomPoint(p, seed, "x"), randomPoint(p, seed, "d")
		w, err := l.Point(x)
		dw, err2 := l.Point(d)
		value, grad, hess := derivatives(t, l, ok(t, w, err), ok(t, dw, err2))
		v, g, h := scaled(4, of(t, p))(x, d)
		near(t, "value", 1e-13, scalar(value), scalar(v))
		for what, pair := range map[string][2]*lr.Factors{"gradient": {grad, g}, "Hessian product": {hess, h}} {
			got, err := l.Split(pair[0])
			nearFactors(t, what, 1e-13, ok(t, got, err), pair[1])
		}
		back, err := l.Split(w)
		if !ok(t, back, err).Equal(x) {
			t.Fatalf("Split(Point(x)) is not x")
		}
	})
}

// form is a quadratic form on matrices by its matrix on row-major vec.
type form struct{ h *mat.Dense }

// apply is H(X).
func (f form) apply(x *mat.Dense) *mat.Dense {
	r, c := x.Dims()
	out := mat.NewDense(r, c, nil)
	for i := range r * c {
		var s float64
		for j := range r * c {
			s += f.h.At(i, j) * x.At(j/c, j%c)
		}
		out.Set(i/c, i%c, s)
	}
	return out
}

// h1 is H1(N) = ½[0, H0(N12); H0(N21ᵀ)ᵀ, 0].
func (f form) h1(n *mat.Dense, d1 int) *mat.Dense {
	d, _ := n.Dims()
	out := mat.NewDense(d, d, nil)
	upper := f.apply(mat.DenseCopyOf(n.Slice(0, d1, d1, d)))
	lower := f.apply(mat.DenseCopyOf(n.Slice(d1, d, 0, d1).T()))
	out.Slice(0, d1, d1, d).(*mat.Dense).Scale(0.5, upper)
	out.Slice(d1, d, 0, d1).(*mat.Dense).Scale(0.5, lower.T())
	return out
}

// flipped is G(N): the diagonal blocks stay, the others change sign.
func flipped(n *mat.Dense, d1 int) *mat.Dense {
	out := mat.DenseCopyOf(n)
	out.Apply(func(i, j int, v float64) float64 {
		if (i < d1) != (j < d1) {
			return -v
		}
		return v
	}, out)
	return out
}

func product(a, b mat.Matrix) *mat.Dense {
	var m mat.Dense
	m.Mul(a, b)
	return &m
}

func inner(a, b *mat.Dense) float64 { return mat.Sum(elementwise(a, b)) }

func minus(a, b *mat.Dense) *mat.Dense {
	var m mat.Dense
	m.Sub(a, b)
	return &m
}

// sixteen is [G](16) by the definition, with H = 4H1 + G:
//
//	½[(N−N*):4H1:(N−N*) + N:G:N]
//
// whose gradient is (S + Sᵀ)W with S = 4H1(N−N*) + G(N).
func sixteen(f form, target *mat.Dense, d1 int) twin {
	star := target // N* enters by its off-diagonal block M* alone
	return func(w, d *lr.Factors) (float64, *lr.Factors, *lr.Factors) {
		n := product(w.U, w.U.T())
		e := mat.DenseCopyOf(n)
		rows, _ := n.Dims()
		upper := e.Slice(0, d1, d1, rows).(*mat.Dense)
		upper.Sub(upper, star)
		lower := e.Slice(d1, rows, 0, d1).(*mat.Dense)
		lower.Sub(lower, star.T())
		value := 0.5 * (4*inner(e, f.h1(e, d1)) + inner(n, flipped(n, d1)))
		s := sum4(f.h1(e, d1), flipped(n, d1))
		dn := product(d.U, w.U.T())
		dn.Add(dn, product(w.U, d.U.T()))
		ds := sum4(f.h1(dn, d1), flipped(dn, d1))
		grad, hess := product(both(s), w.U), product(both(ds), w.U)
		hess.Add(hess, product(both(s), d.U))
		return value, &lr.Factors{U: grad}, &lr.Factors{U: hess}
	}
}

// sum4 is 4a + b.
func sum4(a, b *mat.Dense) *mat.Dense {
	var m mat.Dense
	m.Scale(4, a)
	m.Add(&m, b)
	return &m
}

// both is S + Sᵀ.
func both(s *mat.Dense) *mat.Dense {
	var m mat.Dense
	m.Add(s, s.T())
	return &m
}

// quadratic is ½(M−M*):H0:(M−M*) by the definition.
func quadratic(f form, target *mat.Dense, r int) lr.Funcs {
	d1, d2 := target.Dims()
	return lr.Funcs{
		D1: d1, D2: d2, Rank: r,
		GradFunc: func(dst, x *lr.Factors) float64 {
			e := minus(x.Dense(), target)
			g := f.apply(e)
			if dst != nil {
				dst.U.Mul(g, x.V)
				dst.V.Mul(g.T(), x.U)
			}
			return 0.5 * inner(e, g)
		},
		HessFunc: func(dst, x, d *lr.Factors) {
			g := f.apply(minus(x.Dense(), target))
			dm := product(d.U, x.V.T())
			dm.Add(dm, product(x.U, d.V.T()))
			k := f.apply(dm)
			dst.U.Add(product(k, x.V), product(g, d.V))
			dst.V.Add(product(k.T(), x.U), product(g.T(), d.U))
		},
	}
}

// balancedForm is the lift of ½(M−M*):H0:(M−M*) + ⅛‖UᵀU − VᵀV‖².
func balancedForm(t fataler, f form, target *mat.Dense, r int) *problem.Lifted {
	b, err := problem.Balance{Of: quadratic(f, target, r), Mu: 0.5}.New()
	return lifted(t, ok(t, b, err))
}

func randomForm(seed uint64, n int) form {
	h := lr.NormalMatrix(lr.Stream(seed, "H0"), n, n)
	return form{both(h)}
}

// The lift of a balanced quadratic is (16) with the explicit H1 and G, whatever
// H0 and M* are, and N:H:N = ‖N‖² + 4(M:H0:M − ‖M‖²).
func TestLiftIsSixteen(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 4).Draw(t, "d1"), rapid.IntRange(1, 4).Draw(t, "d2")
		r := rapid.IntRange(1, min(d1, d2)).Draw(t, "r")
		seed := rapid.Uint64().Draw(t, "seed")
		f := randomForm(seed, d1*d2)
		target := lr.NormalMatrix(lr.Stream(seed, "M*"), d1, d2)
		l := balancedForm(t, f, target, r)
		w := randomPoint(l, seed, "w")
		agree(t, l, sixteen(f, target, d1), w, randomPoint(l, seed, "d"))

		n := product(w.U, w.U.T())
		m := mat.DenseCopyOf(n.Slice(0, d1, d1, d1+d2))
		nhn := inner(n, sum4(f.h1(n, d1), flipped(n, d1)))
		want := inner(n, n) + 4*(inner(m, f.apply(m))-inner(m, m))
		near(t, "N:H:N", 1e-12, scalar(nhn), scalar(want))

		// The same from the objective: with M* = 0 the value is ½ N:H:N.
		zero := balancedForm(t, f, mat.NewDense(d1, d2, nil), r)
		near(t, "value with M* = 0", 1e-12, scalar(zero.NewEval().Grad(nil, w)), scalar(want/2))
	})
}

// The truth of a lift is balanced, has the blocks of M*, and is a minimiser
// also of the balanced objective, which U*, V* as given need not be.
func TestLiftTruth(t *testing.T) {
	u := mat.NewDense(4, 2, []float64{1, 2, 3, 4, 5, 6, 7, 9})
	v := mat.NewDense(3, 2, []float64{10, 0, 20, 30, 5, 1})
	full := problem.Completion{D1: 4, D2: 3, Rank: 2, Truth: &lr.Factors{U: u, V: v}}
	for i := range 4 {
		for j := range 3 {
			full.Rows, full.Cols, full.Values = append(full.Rows, i), append(full.Cols, j), append(full.Values, full.Truth.At(i, j))
		}
	}
	l := lifted(t, balanced(t, made(t, full), 0.5))
	w, has := lr.TruthOf(l)
	if !has || !w.Symmetric() {
		t.Fatalf("truth %v, symmetric %t", has, w.Symmetric())
	}
	x, err := l.Split(w)
	ok(t, x, err)
	near(t, "M*", 1e-12, x.Dense(), full.Truth.Dense())
	near(t, "UᵀU − VᵀV", 1e-12, product(x.U.T(), x.U), product(x.V.T(), x.V))
	if v := l.NewEval().Grad(nil, w); v > 1e-20 {
		t.Errorf("value at the truth %g, want 0", v)
	}
	if _, has := lr.TruthOf(lifted(t, nothing(3, 2, 1))); has {
		t.Error("a truth is claimed over a problem without one")
	}
}

func TestLiftAbilities(t *testing.T) {
	l := lifted(t, lr.Funcs{Name: "p", D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }})
	_, h := lr.HessVecOf(l)
	_, m := lr.MulGradOf(l)
	_, b := lr.BatchesOf(l)
	_, s := lr.LeastSquaresOf(l)
	if h || m || b || s {
		t.Errorf("over a bare problem: HessVec %t, MulGrad %t, Batches %t, LeastSquares %t; want none", h, m, b, s)
	}
	if got := fmt.Sprint(l); got != "lift(p)" {
		t.Errorf("prints %q", got)
	}
	q := balanced(t, made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 9}), 1)
	if lifted(t, q).Of() != lr.Problem(q) {
		t.Error("Of is not the problem inside")
	}
	averages(t, "lift", lifted(t, q), batchesOf(t, lifted(t, q)))
}

func batchesOf(t *testing.T, p lr.Problem) lr.Batches {
	t.Helper()
	b, has := lr.BatchesOf(p)
	if !has {
		t.Fatalf("%v has no batches", p)
	}
	return b
}

// Points that do not fit are errors, which say what is wanted.
func TestLiftPoints(t *testing.T) {
	l := lifted(t, made(t, problem.GaussianSensing{D1: 4, D2: 3, Rank: 2, M: 9}))
	if _, err := l.Point(lr.NewFactors(3, 4, 2)); !errors.Is(err, lr.ErrShape) {
		t.Errorf("Point of a wrong shape: %v", err)
	}
	if _, err := l.Split(lr.NewSymmetric(8, 2)); !errors.Is(err, lr.ErrShape) {
		t.Errorf("Split of a wrong shape: %v", err)
	}
	x := lr.NewSymmetric(7, 2)
	x.U.Set(6, 1, math.NaN())
	if _, err := l.Split(x); !errors.Is(err, lr.ErrValue) {
		t.Errorf("Split of NaN: %v", err)
	}
}
