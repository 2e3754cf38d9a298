package solver_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

var inners = []solver.Inner{solver.InnerCholesky, solver.InnerQR, solver.InnerCG, solver.InnerLSQR}

func ridged(t testing.TB, p lr.Problem, lambda float64) lr.Problem {
	t.Helper()
	out, err := problem.Ridge{Of: p, Lambda: lambda}.New()
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestAltMinSuite(t *testing.T) {
	sensing := made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1})
	mask := made(t, problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.5, Seed: 1})
	o := lowranktest.MethodOptions{Monotone: true}
	t.Run("sensing", func(t *testing.T) {
		lowranktest.TestMethod(t, solver.AltMin{}, sensing, start(t, starts["random"], sensing), o)
	})
	for _, inner := range inners {
		m := solver.AltMin{Inner: inner}
		t.Run(m.Name(), func(t *testing.T) { lowranktest.TestMethod(t, m, mask, start(t, starts["random"], mask), o) })
	}
}

// A ridge makes the minimum another than the truth.
func TestAltMinRidgeSuite(t *testing.T) {
	for _, p := range []lr.Problem{
		made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}),
		made(t, problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.5, Seed: 1}),
	} {
		p = ridged(t, p, 2)
		lowranktest.TestMethod(t, solver.AltMin{}, p, start(t, starts["random"], p), lowranktest.MethodOptions{Monotone: true, RelErr: math.Inf(1)})
	}
}

func TestAltMinRefusesByAbility(t *testing.T) {
	p := problems(t)["balanced sensing"]
	lowranktest.TestRefuses(t, solver.AltMin{}, p, lr.NewPoint(p), lr.AbilityLeastSquares)
}

// naiveHalf solves for U given V, or for V given U, with the whole design
// matrix and gonum's QR.
func naiveHalf(t rapid.TB, ls *lr.LeastSquares, x *lr.Factors, left bool) *mat.Dense {
	t.Helper()
	free := x.V
	if left {
		free = x.U
	}
	d, r := free.Dims()
	m, e := len(ls.B), ls.Operator.NewEval()
	a, b := mat.NewDense(m+d*r, d*r, nil), mat.NewDense(m+d*r, 1, nil)
	for i, v := range ls.B {
		b.Set(i, 0, v)
	}
	column := make([]float64, m)
	for k := range d * r {
		unit := mat.NewDense(d, r, nil)
		unit.RawMatrix().Data[k] = 1
		if left {
			e.Apply(column, unit, x.V, nil)
		} else {
			e.Apply(column, x.U, unit, nil)
		}
		for i, v := range column {
			a.Set(i, k, v)
		}
		a.Set(m+k, k, math.Sqrt(ls.Ridge/ls.Weight))
	}
	var qr mat.QR
	qr.Factorize(a)
	var out mat.Dense
	if err := qr.SolveTo(&out, false, b); err != nil {
		t.Fatal(err)
	}
	return mat.NewDense(d, r, out.RawMatrix().Data)
}

// TestAltMinIsItsDefinition compares two steps with dense least squares, for
// every inner solver, with and without a ridge.
func TestAltMinIsItsDefinition(t *testing.T) {
	sensing := made(t, problem.GaussianSensing{D1: 6, D2: 5, Rank: 2, M: 80, Seed: 1, Scale: problem.ScaleMean})
	mask := made(t, problem.RandomCompletion{D1: 12, D2: 10, Rank: 2, P: 0.7, Seed: 1})
	for _, lambda := range []float64{0, 0.3} {
		for _, c := range []struct {
			p      lr.Problem
			inners []solver.Inner
		}{{sensing, []solver.Inner{solver.InnerLSQR}}, {mask, inners}} {
			p := c.p
			if lambda > 0 {
				p = ridged(t, p, lambda)
			}
			ls, ok := lr.LeastSquaresOf(p)
			if !ok {
				t.Fatal("no least-squares form")
			}
			x := start(t, starts["random"], p)
			want := x.Clone()
			for range 2 {
				want.U = naiveHalf(t, ls, want, true)
				want.V = naiveHalf(t, ls, want, false)
			}
			for _, inner := range c.inners {
				got := solve(t, p, solver.AltMin{Inner: inner}, x, &lr.Options{MaxIter: 2}).X
				got.AddScaled(-1, want)
				if e := got.Norm() / want.Norm(); e > 1e-9 {
					t.Errorf("%v, ridge %g: two steps are %g from dense least squares", inner, lambda, e)
				}
			}
		}
	}
}

// Any shape, down to 1×1, any mask, with a ridge that makes the solution
// unique: every inner solver takes the step of dense least squares.
func TestAltMinAnyShape(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d1, d2 := rapid.IntRange(1, 9).Draw(t, "d1"), rapid.IntRange(1, 9).Draw(t, "d2")
		r, seed := rapid.IntRange(1, min(d1, d2, 5)).Draw(t, "r"), rapid.Uint64().Draw(t, "seed")
		rng := lr.Stream(seed, "entries")
		c := problem.Completion{D1: d1, D2: d2, Rank: r}
		for k := range d1 * d2 {
			if k == 0 || rng.Float64() < 0.5 {
				c.Rows, c.Cols, c.Values = append(c.Rows, k/d2), append(c.Cols, k%d2), append(c.Values, rng.NormFloat64())
			}
		}
		q, err := c.New()
		if err != nil {
			t.Fatal(err)
		}
		p, err := problem.Ridge{Of: q, Lambda: 0.1}.New()
		if err != nil {
			t.Fatal(err)
		}
		ls, _ := lr.LeastSquaresOf(p)
		x, err := initial.Random{Seed: seed}.Point(p)
		if err != nil {
			t.Fatal(err)
		}
		want := x.Clone()
		want.U = naiveHalf(t, ls, want, true)
		want.V = naiveHalf(t, ls, want, false)
		for _, inner := range inners {
			s, err := solver.AltMin{Inner: inner}.Start(p, x)
			if err != nil {
				t.Fatal(err)
			}
			if err := s.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
			got := s.Point().Clone()
			got.AddScaled(-1, want)
			if e := got.Norm(); e > 1e-7*(1+want.Norm()) {
				t.Fatalf("%v: a step is %g from dense least squares", inner, e)
			}
		}
	})
}

func TestAltMinConverges(t *testing.T) {
	for pn, p := range problems(t) {
		if lr.SymmetricOf(p) || pn == "balanced sensing" {
			continue
		}
		for sn, s := range starts {
			res := solve(t, p, solver.AltMin{}, start(t, s, p), nil)
			truth, _ := lr.TruthOf(p)
			if e := lr.RelErr(res.X, truth); !res.Status.Converged() || e > 1e-8 || res.Iter > 200 {
				t.Errorf("%s from %s: %v after %d steps with relative error %g; want convergence within 200 steps to 1e-8", pn, sn, res.Status, res.Iter, e)
			}
			for k, rows := 1, res.Trace.Rows; k < len(rows); k++ {
				if !(rows[k].Loss <= rows[k-1].Loss) {
					t.Errorf("%s from %s: step %d goes from %g to %g", pn, sn, k, rows[k-1].Loss, rows[k].Loss)
				}
			}
		}
	}
}

// More columns than one chunk of four, more entries than one gathered chunk.
func TestAltMinLargerRows(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 90, D2: 150, Rank: 7, P: 0.8, Seed: 2})
	x := start(t, starts["spectral"], p)
	var first *lr.Factors
	for _, inner := range inners {
		got := solve(t, p, solver.AltMin{Inner: inner}, x, &lr.Options{MaxIter: 3}).X
		if first == nil {
			first = got
		} else if e := lr.RelErr(got, first); e > 1e-11 {
			t.Errorf("%v is %g from Cholesky after three steps", inner, e)
		}
	}
}

// With more than 128 columns the default is conjugate gradients.
func TestAltMinManyColumns(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 140, D2: 135, Rank: 130, TruthRank: 2, P: 1, Seed: 2})
	x := start(t, starts["random"], p)
	a := solve(t, p, solver.AltMin{MaxInner: 40}, x, &lr.Options{MaxIter: 1}).X
	b := solve(t, p, solver.AltMin{Inner: solver.InnerCG, MaxInner: 40}, x, &lr.Options{MaxIter: 1}).X
	if !a.Equal(b) {
		t.Error("the default at rank 130 is not InnerCG")
	}
	c := made(t, problem.RandomCompletion{D1: 14, D2: 13, Rank: 2, P: 1, Seed: 2})
	y := start(t, starts["random"], c)
	if !solve(t, c, solver.AltMin{}, y, &lr.Options{MaxIter: 2}).X.Equal(solve(t, c, solver.AltMin{Inner: solver.InnerCholesky}, y, &lr.Options{MaxIter: 2}).X) {
		t.Error("the default at rank 2 is not InnerCholesky")
	}
}

// sparse is completion of rank 3 with a row without entries, a row with one
// and a column with two: what the data do not say stays as it was.
func sparse(t testing.TB) *problem.Quadratic {
	truth := start(t, initial.Random{Seed: 8}, made(t, problem.RandomCompletion{D1: 9, D2: 8, Rank: 3, P: 1}))
	c := problem.Completion{D1: 9, D2: 8, Rank: 3, Truth: truth}
	for i := range 9 {
		for j := range 8 {
			if i == 4 || i == 5 && j != 2 || j == 6 && i > 1 {
				continue
			}
			c.Rows, c.Cols, c.Values = append(c.Rows, i), append(c.Cols, j), append(c.Values, truth.At(i, j))
		}
	}
	return made(t, c)
}

func TestAltMinShortRows(t *testing.T) {
	p := sparse(t)
	x := start(t, starts["random"], p)
	var first *lr.Factors
	for _, inner := range []solver.Inner{solver.InnerCholesky, solver.InnerQR, solver.InnerCG} {
		res := solve(t, p, solver.AltMin{Inner: inner}, x, &lr.Options{MaxIter: 4})
		if !res.X.Finite() || !(res.Trace.Last().Loss < res.Trace.Rows[0].Loss) {
			t.Errorf("%v: loss %g to %g", inner, res.Trace.Rows[0].Loss, res.Trace.Last().Loss)
		}
		for k := range 3 {
			if res.X.U.At(4, k) != x.U.At(4, k) {
				t.Errorf("%v: the row without entries moved", inner)
			}
		}
		if first == nil {
			first = res.X
		} else if e := lr.RelErr(res.X, first); e > 1e-8 {
			t.Errorf("%v: the nearest solutions are %g apart", inner, e)
		}
	}
	// Row 5 has one entry, at column 2: u moves along v₂ alone, to fit it.
	u, v := x.U.RawRowView(5), x.V.RawRowView(2)
	s, err := solver.AltMin{}.Start(p, x)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	truth, _ := lr.TruthOf(p)
	gap := truth.At(5, 2) - x.At(5, 2)
	vv := mat.Dot(mat.NewVecDense(3, v), mat.NewVecDense(3, v))
	for k := range 3 {
		if want := u[k] + gap/vv*v[k]; math.Abs(s.Point().U.At(5, k)-want) > 1e-12 {
			t.Errorf("row with one entry: %g, want %g", s.Point().U.At(5, k), want)
		}
	}
	res := solve(t, ridged(t, p, 0.1), solver.AltMin{}, x, &lr.Options{MaxIter: 1})
	if n := mat.Norm(mat.NewVecDense(3, res.X.U.RawRowView(4)), 2); n > 1e-15 {
		t.Errorf("with a ridge the row without entries has norm %g, want 0", n)
	}
}

// From 0, which is a saddle, and from a factor that is 0, nothing is NaN.
func TestAltMinSingular(t *testing.T) {
	for _, p := range []lr.Problem{
		made(t, problem.RandomCompletion{D1: 12, D2: 10, Rank: 2, P: 0.7, Seed: 1}),
		made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1}),
	} {
		res := solve(t, p, solver.AltMin{}, lr.NewPoint(p), &lr.Options{Stop: lr.LossBelow(0)})
		if res.Status != lr.Stalled || res.X.Norm() != 0 {
			t.Errorf("from 0: %v at norm %g; want stalled at 0", res.Status, res.X.Norm())
		}
		x := start(t, starts["random"], p)
		linalg.ScaleColumn(x.V, 1, 0)
		res = solve(t, p, solver.AltMin{}, x, nil)
		if !res.X.Finite() || !(res.Trace.Last().Loss < res.Trace.Rows[0].Loss) {
			t.Errorf("from rank 1: %v, loss %g to %g", res.Status, res.Trace.Rows[0].Loss, res.Trace.Last().Loss)
		}
	}
}

// The second factor's columns depend on one another to 1e-5: the normal
// equations lose ten digits, so the rows go through QR, which loses five.
func TestAltMinIllConditioned(t *testing.T) {
	p := made(t, problem.RandomCompletion{D1: 12, D2: 10, Rank: 2, P: 1, Seed: 1})
	x := start(t, starts["random"], p)
	for j := range 10 {
		x.V.Set(j, 1, x.V.At(j, 0)+1e-5*x.V.At(j, 1))
	}
	a := solve(t, p, solver.AltMin{Inner: solver.InnerCholesky}, x, &lr.Options{MaxIter: 1}).X
	b := solve(t, p, solver.AltMin{Inner: solver.InnerQR}, x, &lr.Options{MaxIter: 1}).X
	if !a.Equal(b) {
		t.Error("InnerCholesky did not fall back to QR")
	}
	if res := solve(t, p, solver.AltMin{}, x, &lr.Options{Stop: lr.RelErrBelow(1e-9)}); res.Status != lr.ErrorConverged {
		t.Errorf("%v at relative error %g, want 1e-9", res.Status, res.Trace.Last().RelErr)
	}
}

// With noise the minimum is not 0: the run ends converged or stalled at a
// critical point.
func TestAltMinNoise(t *testing.T) {
	for _, p := range []lr.Problem{
		made(t, problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.6, Seed: 1, Noise: 0.1}),
		made(t, problem.GaussianSensing{D1: 12, D2: 9, Rank: 2, M: 150, Seed: 1, Noise: 0.1}),
	} {
		res := solve(t, p, solver.AltMin{}, start(t, starts["spectral"], p), &lr.Options{Stop: lr.GradBelow(0), MaxIter: 2000})
		first, last := res.Trace.Rows[0], res.Trace.Last()
		if res.Status != lr.Stalled || last.GradNorm > 1e-9*first.GradNorm {
			t.Errorf("%v after %d steps, gradient norm %g of %g", res.Status, res.Iter, last.GradNorm, first.GradNorm)
		}
	}
}

// TestAltMinCanceled ends a context inside the inner solver.
func TestAltMinCanceled(t *testing.T) {
	mask := made(t, problem.RandomCompletion{D1: 400, D2: 400, Rank: 20, P: 0.5, Seed: 1})
	sensing := made(t, problem.GaussianSensing{D1: 60, D2: 50, Rank: 4, M: 1500, Seed: 1})
	for _, c := range []struct {
		p     lr.Problem
		inner solver.Inner
	}{{mask, solver.InnerQR}, {mask, solver.InnerCG}, {sensing, solver.InnerLSQR}} {
		x := start(t, starts["random"], c.p)
		s, err := solver.AltMin{Inner: c.inner}.Start(c.p, x)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Millisecond)
		err = s.Step(ctx)
		cancel()
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v: error %v; want the context's", c.inner, err)
		}
		if !s.Point().Equal(x) {
			t.Errorf("%v: the point moved", c.inner)
		}
	}
}

func TestAltMinNames(t *testing.T) {
	for want, m := range map[string]solver.AltMin{
		"AltMin":       {},
		"AltMin(LSQR)": {Inner: solver.InnerLSQR},
		"AltMin(CG), inner tolerance 1e-06, at most 9 inner iterations": {Inner: solver.InnerCG, Tol: 1e-6, MaxInner: 9},
		"AltMin(unknown solver 7)":                                      {Inner: 7},
	} {
		if got := m.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// squares claims a least-squares form that is given.
type squares struct {
	lr.Problem
	form *lr.LeastSquares
}

func (s squares) LeastSquares() *lr.LeastSquares { return s.form }

func TestAltMinRefuses(t *testing.T) {
	op, err := operator.NewGaussian(3, 2, 6, 1)
	if err != nil {
		t.Fatal(err)
	}
	plain := lr.Funcs{D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	b := make([]float64, 6)
	for _, c := range []struct {
		name string
		m    solver.AltMin
		p    lr.Problem
		is   error
		says string
	}{
		{"no form", solver.AltMin{}, plain, lr.ErrAbility, "LeastSquares"},
		{"balanced", solver.AltMin{}, problems(t)["balanced sensing"], lr.ErrAbility, "LeastSquares"},
		{"symmetric", solver.AltMin{}, made(t, problem.RandomCompletion{D1: 9, Rank: 2, P: 0.5, Symmetric: true}), lr.ErrAbility, "symmetric"},
		{"no operator", solver.AltMin{}, squares{plain, &lr.LeastSquares{Weight: 1}}, lr.ErrEmpty, "operator"},
		{"short b", solver.AltMin{}, squares{plain, &lr.LeastSquares{Operator: op, B: b[:5], Weight: 1}}, lr.ErrShape, "6 numbers and has 5 in B"},
		{"zero weight", solver.AltMin{}, squares{plain, &lr.LeastSquares{Operator: op, B: b}}, lr.ErrValue, "Weight = 0"},
		{"negative ridge", solver.AltMin{}, squares{plain, &lr.LeastSquares{Operator: op, B: b, Weight: 1, Ridge: -1}}, lr.ErrValue, "Ridge = -1"},
		{"rows of no mask", solver.AltMin{Inner: solver.InnerQR}, squares{plain, &lr.LeastSquares{Operator: op, B: b, Weight: 1}}, lr.ErrAbility, "InnerLSQR works with any"},
		{"unknown", solver.AltMin{Inner: -1}, plain, lr.ErrValue, "Inner -1"},
		{"iterations", solver.AltMin{MaxInner: -1}, plain, lr.ErrValue, "MaxInner = -1"},
		{"tolerance", solver.AltMin{Tol: math.NaN()}, plain, lr.ErrValue, "Tol = NaN"},
	} {
		_, err := c.m.Start(c.p, lr.NewPoint(c.p))
		if !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: error %v; want one that wraps %q and says %q", c.name, err, c.is, c.says)
		}
	}
}
