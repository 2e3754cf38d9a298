package solver_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// spiked is robust PCA with a share of outliers and twice the budget.
func spiked(t testing.TB, c problem.RandomRobustPCA) *problem.Split {
	t.Helper()
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// spectralOf is the spectral start of a problem that is stated with another γ.
func spectralOf(t testing.TB, p lr.Problem) *lr.Factors {
	t.Helper()
	x, err := initial.Spectral{}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// foundBoth fails unless M and S are the true ones.
func foundBoth(t *testing.T, p *problem.Split, res *lr.Result, tol float64) {
	t.Helper()
	if !res.Status.Converged() {
		t.Errorf("%v after %d steps", res.Status, res.Iter)
	}
	if e := lr.RelErr(res.X, p.Truth()); !(e <= tol) {
		t.Errorf("relative error %g after %d steps, want at most %g", e, res.Iter, tol)
	}
	s, err := res.Sparse()
	if err != nil {
		t.Fatal(err)
	}
	want := p.Split().Truth
	var off float64
	for i := range want.D1 {
		for j := range want.D2 {
			off = math.Max(off, math.Abs(s.At(i, j)-want.At(i, j)))
		}
	}
	if off > 10*tol*want.Norm() {
		t.Errorf("an entry of S is off by %g, where ‖S*‖ = %g", off, want.Norm())
	}
}

func solveOn(t testing.TB, p lr.Problem, m lr.Method, x0 *lr.Factors, o *lr.Options) *lr.Result {
	t.Helper()
	res, err := lr.Solve(context.Background(), p, m, x0, o)
	if err != nil {
		t.Fatal(err)
	}
	return res
}

// The model of the paper: a tenth of each row and column is wrong, and γ = 2.
func TestRobustGDFindsBothParts(t *testing.T) {
	for _, c := range []problem.RandomRobustPCA{
		{D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Gamma: 2, Seed: 1},
		{D1: 50, D2: 70, Rank: 1, Alpha: 0.2, Gamma: 1.5, Seed: 2},
		{D1: 80, D2: 80, Rank: 3, Alpha: 0.05, Gamma: 2, Kappa: 5, Seed: 3},
		{D1: 60, Rank: 2, Alpha: 0.1, Gamma: 2, Symmetric: true, Seed: 4},
	} {
		for _, mu := range []float64{0, 10} {
			t.Run(fmt.Sprintf("%d×%d, κ %g, symmetric %t, μ %g", c.D1, c.D2, c.Kappa, c.Symmetric, mu), func(t *testing.T) {
				p := spiked(t, c)
				res := solveOn(t, p, solver.RobustGD{Mu: mu}, spectralOf(t, p), &lr.Options{Stop: lr.GradReduced(1e-9), MaxIter: 3000})
				foundBoth(t, p, res, 1e-6)
			})
		}
	}
}

// Part of the entries, as NaN and as a list: the same code, and M* is found
// with a quarter of the entries observed, of which a tenth is wrong.
func TestRobustGDOnPartOfTheData(t *testing.T) {
	const n, r = 300, 3
	p := spiked(t, problem.RandomRobustPCA{D1: n, D2: n, Rank: r, Alpha: 0.1, Gamma: 1.5, Observed: 0.25, Seed: 5})
	x0 := spectralOf(t, p)
	truth := p.Truth()
	if e := lr.RelErr(x0, truth); !(e < 1) {
		t.Errorf("the spectral start has the relative error %g", e)
	}
	o := &lr.Options{Stop: lr.GradReduced(1e-9), MaxIter: 2000}
	res := solveOn(t, p, solver.RobustGD{}, x0, o)
	foundBoth(t, p, res, 1e-6)

	split := p.Split()
	seen, err := operator.NewObserved(mat.DenseCopyOf(split.Data))
	if err != nil {
		t.Fatal(err)
	}
	listed, err := problem.RobustPCA{Mask: seen.Mask, Values: seen.Values, Rank: r, Alpha: 0.1, Gamma: 1.5, Truth: truth, TruthSparse: split.Truth}.New()
	if err != nil {
		t.Fatal(err)
	}
	of := solveOn(t, listed, solver.RobustGD{}, spectralOf(t, listed), o)
	foundBoth(t, listed, of, 1e-6)
	if d := lr.RelErr(of.X, res.X); d > 1e-6 || math.Abs(float64(of.Iter-res.Iter)) > 2 {
		t.Errorf("listed entries: %d steps to a point %g away, NaN in %d", of.Iter, d, res.Iter)
	}
}

// The formula, by gonum, from a start that is not balanced.
func TestRobustGDStep(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Observed: 0.8, Seed: 6})
	x0, err := initial.Random{Seed: 1}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	x0.U.Scale(3, x0.U)
	for _, m := range []solver.RobustGD{{}, {Step: 0.2}, {Mu: 1}} {
		st, err := m.Start(p, x0)
		if err != nil {
			t.Fatal(err)
		}
		x := x0
		for range 3 {
			if err := st.Step(context.Background()); err != nil {
				t.Fatal(err)
			}
			eta := st.Info().Step
			want := naiveRobust(p, x, eta, m)
			if d := want.Norm(); true {
				want.AddScaled(-1, st.Point())
				if e := want.Norm(); e > 1e-12*d {
					t.Fatalf("%s is off by %g of %g", m.Name(), e, d)
				}
			}
			x = st.Point().Clone()
		}
	}
}

func naiveRobust(p *problem.Split, x *lr.Factors, eta float64, m solver.RobustGD) *lr.Factors {
	d1, d2, r := p.Dims()
	g := lr.NewPoint(p)
	p.NewEval().Grad(g, x)
	share := float64(p.Split().Observed()) / float64(d1*d2)
	var uu, vv, gap, bu, bv mat.Dense
	uu.Mul(x.U.T(), x.U)
	vv.Mul(x.V.T(), x.V)
	gap.Sub(&uu, &vv)
	bu.Mul(x.U, &gap)
	bv.Mul(x.V, &gap)
	next := x.Clone()
	next.AddScaled(-eta/share, g)
	bu.Scale(-eta/2, &bu)
	bv.Scale(eta/2, &bv)
	next.U.Add(next.U, &bu)
	next.V.Add(next.V, &bv)
	if m.Mu > 0 {
		sigma := 0.5 / eta
		bound(next.U, math.Sqrt(2*m.Mu*float64(r)*sigma/float64(d1)))
		bound(next.V, math.Sqrt(2*m.Mu*float64(r)*sigma/float64(d2)))
	}
	return next
}

// bound shortens rows.
func bound(x *mat.Dense, most float64) {
	for i := range x.RawMatrix().Rows {
		row := x.RawRowView(i)
		v := mat.NewVecDense(len(row), row)
		if n := mat.Norm(v, 2); n > most {
			v.ScaleVec(most/n, v)
		}
	}
}

// The step is ½/σ1 from the start of the paper, and no longer from one that is
// larger or not balanced.
func TestRobustGDFindsTheStep(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 60, D2: 50, Rank: 2, Alpha: 0.1, Seed: 7})
	step := func(m solver.RobustGD, p lr.Problem, x0 *lr.Factors) float64 {
		st, err := m.Start(p, x0)
		if err != nil {
			t.Fatal(err)
		}
		if err := st.Step(context.Background()); err != nil && !errors.Is(err, lr.ErrNoProgress) {
			t.Fatal(err)
		}
		return st.Info().Step
	}
	x0 := spectralOf(t, p)
	var svd mat.SVD
	svd.Factorize(x0.Dense(), mat.SVDNone)
	sigma := svd.Values(nil)[0]
	if got := step(solver.RobustGD{}, p, x0); math.Abs(got*sigma-0.5) > 1e-3 {
		t.Errorf("the step is %g/σ1, want ½", got*sigma)
	}
	if got := step(solver.RobustGD{Step: 0.1}, p, x0); math.Abs(got*sigma-0.1) > 1e-3 {
		t.Errorf("the step is %g/σ1, want 0.1", got*sigma)
	}
	small := x0.Clone()
	small.Scale(1e-3)
	if got := step(solver.RobustGD{}, p, small); math.Abs(got*sigma-0.5) > 1e-3 {
		t.Errorf("from a small start the step is %g/σ1, want ½", got*sigma)
	}
	tall := x0.Clone()
	tall.U.Scale(10, tall.U)
	tall.V.Scale(0.1, tall.V)
	if got := step(solver.RobustGD{}, p, tall); math.Abs(got*100*sigma-0.5) > 1e-3 {
		t.Errorf("from factors with ‖U‖² = 100σ1 the step is %g/σ1, want 0.005", got*sigma)
	}
	sym := spiked(t, problem.RandomRobustPCA{D1: 50, Rank: 2, Alpha: 0.1, Seed: 7, Symmetric: true})
	x0 = spectralOf(t, sym)
	svd.Factorize(x0.Dense(), mat.SVDNone)
	if got := step(solver.RobustGD{}, sym, x0) * svd.Values(nil)[0]; math.Abs(got-0.25) > 0.02 {
		t.Errorf("a symmetric problem has the step %g/σ1, want ¼", got)
	}
}

// From random starts of any size it gets there too, where gradients lead.
func TestRobustGDFromRandomStarts(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 50, D2: 40, Rank: 2, Alpha: 0.1, Gamma: 2, Seed: 8})
	for seed := range uint64(4) {
		for _, scale := range []float64{0.01, 1} {
			x0, err := initial.Random{Seed: seed, Scale: scale}.Point(p)
			if err != nil {
				t.Fatal(err)
			}
			res := solveOn(t, p, solver.RobustGD{}, x0, &lr.Options{Stop: lr.GradReduced(1e-10), MaxIter: 5000})
			if e := lr.RelErr(res.X, p.Truth()); e > 1e-5 {
				t.Errorf("seed %d, scale %g: relative error %g, %v after %d steps", seed, scale, e, res.Status, res.Iter)
			}
		}
	}
}

// With many errors the start has lost most of M*, and σ1 with it: the step is
// that of the points that follow.
func TestRobustGDWithManyErrors(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 250, D2: 250, Rank: 3, Alpha: 0.4, Gamma: 1.3, Uniform: true, OutlierRange: 1, Seed: 1})
	x0 := spectralOf(t, p)
	if small := x0.Norm() / p.Truth().Norm(); small > 0.9 {
		t.Errorf("the start has %g of the truth's size: the test shows nothing", small)
	}
	res := solveOn(t, p, solver.RobustGD{}, x0, &lr.Options{Stop: lr.GradReduced(1e-8), MaxIter: 3000})
	foundBoth(t, p, res, 1e-6)
	first, last := res.Trace.Rows[1].Step, res.Trace.Last().Step
	if !(last < 0.9*first) {
		t.Errorf("the step went from %g to %g", first, last)
	}
}

func TestRobustGDRefuses(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Seed: 1})
	x0 := lr.NewPoint(p)
	for says, m := range map[string]solver.RobustGD{
		"Step = -1":   {Step: -1},
		"Step = NaN":  {Step: math.NaN()},
		"Step = +Inf": {Step: math.Inf(1)},
		"Mu = 0.5":    {Mu: 0.5},
		"Mu = -2":     {Mu: -2},
		"Mu = NaN":    {Mu: math.NaN()},
		"Mu = +Inf":   {Mu: math.Inf(1)},
	} {
		if _, err := lr.Start(p, m, x0, nil); !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: error %v", says, err)
		}
	}
	other := made(t, problem.RandomCompletion{D1: 6, D2: 5, Rank: 1, P: 1, Seed: 1})
	lowranktest.TestRefuses(t, solver.RobustGD{}, other, lr.NewPoint(other), lr.AbilitySplit)
	bare := lr.Funcs{
		Name: "bare", D1: 12, D2: 9, Rank: 2, SplitValue: p.Split(),
		GradFunc: func(dst, x *lr.Factors) float64 { return p.NewEval().Grad(dst, x) },
	}
	lowranktest.TestRefuses(t, solver.RobustGD{}, bare, x0, lr.AbilityMulGrad)
}

// Zero is a saddle that gradients do not leave, and of zero data the answer.
func TestRobustGDAtZero(t *testing.T) {
	zeros, err := problem.RobustPCA{Data: mat.NewDense(6, 5, nil), Rank: 2, Alpha: 0.3}.New()
	if err != nil {
		t.Fatal(err)
	}
	for name, p := range map[string]*problem.Split{"zeros": zeros, "data": spiked(t, problem.RandomRobustPCA{D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Seed: 1})} {
		if res := solveOn(t, p, solver.RobustGD{}, lr.NewPoint(p), nil); res.Status != lr.Stalled || res.Iter != 0 {
			t.Errorf("%s: %v after %d steps, want stalled at once", name, res.Status, res.Iter)
		}
	}
	x0, err := initial.Random{Seed: 1}.Point(zeros)
	if err != nil {
		t.Fatal(err)
	}
	if res := solveOn(t, zeros, solver.RobustGD{}, x0, &lr.Options{Stop: lr.LossBelow(1e-12), MaxIter: 20_000}); !res.Status.Converged() {
		t.Errorf("zero data: %v at a loss of %g", res.Status, res.Trace.Last().Loss)
	}
}

func TestRobustGDSuite(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"whole":     {D1: 24, D2: 20, Rank: 2, Alpha: 0.1, Gamma: 1.5, Seed: 1},
		"gaps":      {D1: 24, D2: 20, Rank: 1, Alpha: 0.1, Gamma: 1.5, Observed: 0.8, Seed: 2},
		"symmetric": {D1: 24, Rank: 1, Alpha: 0.1, Gamma: 1.5, Symmetric: true, Seed: 3},
	} {
		t.Run(name, func(t *testing.T) {
			p := spiked(t, c)
			lowranktest.TestMethod(t, solver.RobustGD{Mu: 10}, p, spectralOf(t, p), lowranktest.MethodOptions{Stop: lr.GradReduced(1e-8), MaxIter: 5000})
		})
	}
}

// A saved run remembers its step: resumed at a later point, σ1 of which is
// another, it goes on with the one it had.
func TestRobustGDResumes(t *testing.T) {
	p := spiked(t, problem.RandomRobustPCA{D1: 12, D2: 9, Rank: 2, Alpha: 0.2, Seed: 1})
	x0, err := initial.Random{Seed: 1, Scale: 5}.Point(p)
	if err != nil {
		t.Fatal(err)
	}
	run, err := lr.Start(p, solver.RobustGD{Mu: 3}, x0, &lr.Options{MaxIter: 20})
	if err != nil {
		t.Fatal(err)
	}
	for range 6 {
		run.Next(context.Background())
	}
	var file bytes.Buffer
	if err := run.Save(&file); err != nil {
		t.Fatal(err)
	}
	again, err := lr.Resume(p, solver.RobustGD{Mu: 3}, &file, &lr.Options{MaxIter: 20})
	if err != nil {
		t.Fatal(err)
	}
	for run.Next(context.Background()) && again.Next(context.Background()) {
		if run.Row().Step != again.Row().Step || run.Row().Loss != again.Row().Loss {
			t.Fatalf("resumed, row %d is %+v; want %+v", run.Row().Iter, again.Row(), run.Row())
		}
	}
}
