package solver_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"sync/atomic"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// spotted is a random instance of robust PCA.
func spotted(t testing.TB, c problem.RandomRobustPCA) *problem.Split {
	t.Helper()
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestIRCURSuite(t *testing.T) {
	whole := spotted(t, problem.RandomRobustPCA{D1: 70, D2: 60, Rank: 2, Alpha: 0.1, Seed: 1})
	missing := spotted(t, problem.RandomRobustPCA{D1: 60, D2: 80, Rank: 2, Alpha: 0.1, Observed: 0.8, Seed: 2})
	for _, m := range []solver.IRCUR{{}, {Fixed: true, Samples: 4}, {Decay: 0.6, Samples: 4, Seed: 7}} {
		t.Run(m.Name(), func(t *testing.T) {
			o := lowranktest.MethodOptions{Estimates: true, RelErr: 1e-5}
			t.Run("whole", func(t *testing.T) { lowranktest.TestMethod(t, m, whole, lr.NewPoint(whole), o) })
			t.Run("missing", func(t *testing.T) { lowranktest.TestMethod(t, m, missing, lr.NewPoint(missing), o) })
		})
	}
}

// splitsRight fails unless a converged run has found both parts of p, S without
// entries of size beside those of S*.
func splitsRight(t *testing.T, name string, p *problem.Split, res *lr.Result, tol float64) {
	t.Helper()
	truth, _ := lr.TruthOf(p)
	if e := lr.RelErr(res.X, truth); !res.Status.Converged() || e > tol {
		t.Errorf("%s: status %q after %d steps with relative error %g, want converged and %g", name, res.Status, res.Iter, e, tol)
		return
	}
	split, _ := lr.SplitOf(p)
	s, err := res.Sparse()
	if err != nil {
		t.Fatal(err)
	}
	var d mat.Dense
	d.Sub(s.Dense(), split.Truth.Dense())
	if e := mat.Norm(&d, 2) / split.Truth.Norm(); e > 10*tol {
		t.Errorf("%s: S is %g away from S*, want %g", name, e, 10*tol)
	}
	for i := range s.D1 {
		cols, values := s.Row(i)
		for e, j := range cols {
			if split.Truth.At(i, int(j)) == 0 && math.Abs(values[e]) > 10*tol {
				t.Fatalf("%s: S is %g in row %d, column %d, where the data are right", name, values[e], i, j)
			}
		}
	}
}

// TestIRCURRecovers has the models of the two papers, errors of one size that
// are spread over the rows and columns, missing entries, and matrices of other
// shapes.
func TestIRCURRecovers(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"one size":    {D1: 300, D2: 300, Rank: 3, Alpha: 0.3, Gamma: 1.2},
		"small":       {D1: 300, D2: 300, Rank: 3, Alpha: 0.3, Gamma: 1.5, Uniform: true, OutlierRange: 1},
		"large":       {D1: 300, D2: 300, Rank: 3, Alpha: 0.3, Gamma: 1.5, Uniform: true, OutlierRange: 5},
		"huge":        {D1: 200, D2: 200, Rank: 3, Alpha: 0.1, OutlierSize: 1e3},
		"missing":     {D1: 300, D2: 300, Rank: 3, Alpha: 0.1, Gamma: 1.2, Observed: 0.8},
		"wide":        {D1: 80, D2: 900, Rank: 2, Alpha: 0.1, Gamma: 1.2},
		"tall":        {D1: 900, D2: 80, Rank: 2, Alpha: 0.1, Gamma: 1.2},
		"rank 1":      {D1: 200, D2: 200, Rank: 1, Alpha: 0.1, Gamma: 1.2},
		"conditioned": {D1: 300, D2: 300, Rank: 3, Alpha: 0.1, Gamma: 1.2, Kappa: 20},
	} {
		for seed := uint64(1); seed <= 3; seed++ {
			c.Seed = seed
			p := spotted(t, c)
			for _, m := range []solver.IRCUR{{Seed: seed}, {Fixed: true, Seed: seed}} {
				res := solve(t, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 300, Stop: lr.ResidualBelow(1e-9)})
				splitsRight(t, fmt.Sprintf("%s, seed %d, %s", name, seed, m.Name()), p, res, 1e-5)
			}
		}
	}
}

// TestIRCURStart begins at a point beside the truth: the first step uses it.
func TestIRCURStart(t *testing.T) {
	p := spotted(t, problem.RandomRobustPCA{D1: 200, D2: 150, Rank: 2, Alpha: 0.2, Gamma: 1.2, Seed: 1})
	truth, _ := lr.TruthOf(p)
	near := truth.Clone()
	for i := range 200 {
		near.U.Set(i, 0, near.U.At(i, 0)+1e-6*float64(i%7-3))
	}
	count := func(x0 *lr.Factors) int {
		res := solve(t, p, solver.IRCUR{}, x0, nil)
		splitsRight(t, "started", p, res, 1e-5)
		return res.Iter
	}
	if far, close := count(lr.NewPoint(p)), count(near); close >= far {
		t.Errorf("%d steps from 0, %d from beside the truth", far, close)
	}
}

// TestIRCURFailsHonestly has data that are not low rank plus sparse, or more
// errors than the set allows: no run may say that it converged.
func TestIRCURFailsHonestly(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"errors everywhere":    {D1: 120, D2: 120, Rank: 2, Alpha: 0.1, Outliers: 0.9, Uniform: true},
		"more than the budget": {D1: 120, D2: 120, Rank: 2, Alpha: 0.05, Outliers: 0.3},
		"rank too small":       {D1: 120, D2: 120, Rank: 2, TruthRank: 5, Alpha: 0.1},
		"noise":                {D1: 120, D2: 120, Rank: 2, Alpha: 0.1, Gamma: 1.2, Noise: 0.1},
	} {
		p := spotted(t, c)
		for _, m := range []solver.IRCUR{{}, {Fixed: true}} {
			res := solve(t, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 500})
			if res.Status.Converged() || res.Status == lr.IterationLimit {
				t.Errorf("%s, %s: status %q after %d steps with relative error %g", name, m.Name(), res.Status, res.Iter, res.Trace.Last().RelErr)
			}
			if e := res.Trace.Last().RelErr; name == "noise" && e > 0.1 {
				t.Errorf("noise of 0.1 on entries of size 1.4: relative error %g", e)
			}
			s, err := res.Sparse()
			if err != nil {
				t.Fatal(err)
			}
			if share := float64(s.NNZ()) / (120 * 120); share > 0.3 {
				t.Errorf("%s, %s: S holds %.0f %% of the entries", name, m.Name(), 100*share)
			}
		}
	}
}

// counting is a matrix that counts what is read of it.
type counting struct {
	*mat.Dense
	entries *atomic.Int64
}

// RawRowView hides that of Dense, so that rows and columns are asked for.
func (counting) RawRowView() {}

func (c counting) ReadRow(dst []float64, i, j0 int) {
	c.entries.Add(int64(len(dst)))
	copy(dst, c.Dense.RawRowView(i)[j0:])
}

func (c counting) ReadCol(dst []float64, j, i0 int) {
	c.entries.Add(int64(len(dst)))
	for i := range dst {
		dst[i] = c.Dense.At(i0+i, j)
	}
}

// single is a matrix of which nothing is known but its entries.
type single struct{ m *mat.Dense }

func (s single) Dims() (int, int)            { return s.m.Dims() }
func (s single) At(i, j int) float64         { return s.m.At(i, j) }
func (s single) T() mat.Matrix               { return mat.Transpose{Matrix: s} }
func partsOf(p lr.Problem) *lr.Split         { s, _ := lr.SplitOf(p); return s }
func denseOf(p lr.Problem) *mat.Dense        { return partsOf(p).Data.(*mat.Dense) }
func of(p lr.Problem, d mat.Matrix) reparted { s := *partsOf(p); s.Data = d; return reparted{p, &s} }

// reparted is a problem with other parts than its own.
type reparted struct {
	lr.Problem
	parts *lr.Split
}

func (g reparted) Split() *lr.Split { return g.parts }

// TestIRCURReads holds how much of the data a step reads, which is the point of
// the method, and that it does not matter how they are stored.
func TestIRCURReads(t *testing.T) {
	const d1, d2, r = 400, 500, 2
	p := spotted(t, problem.RandomRobustPCA{D1: d1, D2: d2, Rank: r, Alpha: 0.1, Gamma: 1.2, Seed: 1})
	var entries atomic.Int64
	o := &lr.Options{MaxIter: 12, Stop: func(*lr.Trace) lr.Status { return lr.Running }}
	want := solve(t, p, solver.IRCUR{}, lr.NewPoint(p), o)
	for name, d := range map[string]mat.Matrix{"reader": counting{denseOf(p), &entries}, "entries": single{denseOf(p)}} {
		if res := solve(t, of(p, d), solver.IRCUR{}, lr.NewPoint(p), o); !res.X.Equal(want.X) {
			t.Errorf("%s: another result than from a stored matrix", name)
		}
	}
	rows, cols := math.Ceil(3*4*math.Log(d1)), math.Ceil(3*4*math.Log(d2))
	cross := rows*d2 + cols*d1
	if times := float64(entries.Load()) / cross; times != 14 { // row 0 twice, for ζ too
		t.Errorf("12 steps read %d entries, %g times %g rows and %g columns; want 14 times", entries.Load(), times, rows, cols)
	}
	entries.Store(0)
	solve(t, of(p, counting{denseOf(p), &entries}), solver.IRCUR{Fixed: true, Samples: 3}, lr.NewPoint(p), o)
	if times := float64(entries.Load()) / cross; times != 1 {
		t.Errorf("fixed rows and columns were read %g times, want once", times)
	}
}

// TestIRCURMatrixFree has data that are computed where they are read.
func TestIRCURMatrixFree(t *testing.T) {
	c := problem.RandomRobustPCA{D1: 300, D2: 250, Rank: 2, Alpha: 0.2, Gamma: 1.5, Uniform: true, OutlierRange: 1, Seed: 3}
	stored := spotted(t, c)
	c.MatrixFree = true
	free := spotted(t, c)
	want := solve(t, stored, solver.IRCUR{}, lr.NewPoint(stored), nil)
	got := solve(t, free, solver.IRCUR{}, lr.NewPoint(free), nil)
	if !got.X.Equal(want.X) || got.Trace.Last().RelErr > 1e-5 {
		t.Errorf("relative error %g, and with stored data %g", got.Trace.Last().RelErr, want.Trace.Last().RelErr)
	}
}

// TestIRCUREnds goes to the ends of what data may be. What converges must be
// right.
func TestIRCUREnds(t *testing.T) {
	flat := mat.NewDense(30, 20, nil)
	flat.Apply(func(_, _ int, _ float64) float64 { return 3 }, flat)
	lone := mat.NewDense(30, 20, nil)
	lone.Set(7, 3, 5)
	row := mat.NewDense(1, 20, nil)
	row.Apply(func(_, j int, _ float64) float64 { return float64(j - 7) }, row)
	low := lr.NewFactors(40, 30, 2)
	for i := range 40 {
		low.U.SetRow(i, []float64{float64(i%5) - 2, float64(i%3) - 1})
	}
	for j := range 30 {
		low.V.SetRow(j, []float64{float64(j%7) - 3, 0})
	}
	gaps := low.Dense()
	for i := range 40 {
		gaps.Set(i, (3*i)%30, math.NaN())
	}
	for name, c := range map[string]struct {
		data *mat.Dense
		rank int
	}{
		"zeros": {mat.NewDense(30, 20, nil), 2}, "one number": {flat, 1}, "one number, rank 3": {flat, 3}, "one entry": {lone, 1},
		"one row": {row, 1}, "lower rank": {low.Dense(), 4}, "gaps": {gaps, 3}, "all of the rank": {low.Dense(), 30},
		"tiny": {scaledCopy(low.Dense(), 1e-120), 2}, "large": {scaledCopy(low.Dense(), 1e120), 2},
	} {
		d1, d2 := c.data.Dims()
		p := bare{d1: d1, d2: d2, r: c.rank, data: c.data}
		for _, m := range []solver.IRCUR{{}, {Fixed: true}} {
			res := solve(t, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 300})
			e := distanceTo(res.X, c.data)
			if name == "one entry" { // which may be an error, or all there is to M
				e = min(e, res.X.Norm())
			}
			if name == "gaps" || name == "lower rank" || name == "tiny" || name == "large" || res.Status.Converged() {
				if !(e <= 1e-5) {
					t.Errorf("%s, %s: %q after %d steps, %g away from the data", name, m.Name(), res.Status, res.Iter, e)
				}
			}
		}
	}
}

// distanceTo is ‖M − D‖/‖D‖ over the observed entries, or ‖M‖ where D is 0.
func distanceTo(x *lr.Factors, d *mat.Dense) float64 {
	var far, all float64
	r, c := d.Dims()
	for i := range r {
		for j := range c {
			if v := d.At(i, j); v == v {
				far, all = math.Hypot(far, v-x.At(i, j)), math.Hypot(all, v)
			}
		}
	}
	if all == 0 {
		return far
	}
	return far / all
}

func scaledCopy(m *mat.Dense, c float64) *mat.Dense {
	m.Scale(c, m)
	return m
}

// bare is a problem of which methods that split the data see no more than it
// must have.
type bare struct {
	d1, d2, r int
	data      mat.Matrix
}

func (p bare) Dims() (int, int, int) { return p.d1, p.d2, p.r }
func (p bare) NewEval() lr.Evaluator { return nothingKnown{} }
func (p bare) Split() *lr.Split {
	alpha := max(0.1, 1/float64(min(p.d1, p.d2)))
	return &lr.Split{Data: p.data, Set: lr.SparseSet{Alpha: alpha, Gamma: 1, Cap: 1e200}, Weight: 1}
}
func (p bare) Has(lr.Ability) bool { return true }

type nothingKnown struct{}

func (nothingKnown) Grad(_, _ *lr.Factors) float64 { return 0 }

// refusals are what a method that reads the data itself must refuse.
func refusals(t *testing.T, start func(p lr.Problem, x0 *lr.Factors) error) {
	t.Helper()
	p := spotted(t, problem.RandomRobustPCA{D1: 30, D2: 20, Rank: 2, Alpha: 0.2, Seed: 1})
	listed := reparted{p, &lr.Split{Pattern: &lr.Pattern{}, Values: []float64{1}, Set: lr.SparseSet{Alpha: 0.2}, Weight: 1}}
	sym := spotted(t, problem.RandomRobustPCA{D1: 30, Rank: 2, Alpha: 0.2, Seed: 1, Symmetric: true})
	none := mat.NewDense(30, 20, nil)
	none.Apply(func(_, _ int, _ float64) float64 { return math.NaN() }, none)
	hot := mat.NewDense(30, 20, nil)
	hot.Apply(func(i, j int, _ float64) float64 { return 1e200 * float64(i+j) }, hot)
	for _, c := range []struct {
		name string
		p    lr.Problem
		want error
		say  string
	}{
		{"listed", listed, lr.ErrAbility, "Data"},
		{"symmetric", sym, lr.ErrAbility, "symmetric"},
		{"nothing observed", of(p, none), lr.ErrEmpty, "observed"},
		{"too large", of(p, hot), lr.ErrValue, "1e140"},
	} {
		if err := start(c.p, lr.NewPoint(c.p)); !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.say) {
			t.Errorf("%s: the error is %v; want one that wraps %q and says %q", c.name, err, c.want, c.say)
		}
	}
}

func TestIRCURRefuses(t *testing.T) {
	refusals(t, func(p lr.Problem, x0 *lr.Factors) error { _, err := solver.IRCUR{}.Start(p, x0); return err })
	c := made(t, problem.RandomCompletion{D1: 30, D2: 20, Rank: 2, P: 0.5, Seed: 1})
	lowranktest.TestRefuses(t, solver.IRCUR{}, c, lr.NewPoint(c), lr.AbilitySplit)
	p := spotted(t, problem.RandomRobustPCA{D1: 30, D2: 20, Rank: 2, Alpha: 0.2, Seed: 1})
	for field, m := range map[string]solver.IRCUR{
		"Samples": {Samples: -1}, "Decay": {Decay: 1}, "Zeta": {Zeta: math.NaN()},
	} {
		if _, err := m.Start(p, lr.NewPoint(p)); !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), field) {
			t.Errorf("%+v: the error is %v", m, err)
		}
	}
}

// TestIRCURSeesInfinity: what the first rows and columns do not show ends a run
// when it is read.
func TestIRCURSeesInfinity(t *testing.T) {
	p := spotted(t, problem.RandomRobustPCA{D1: 200, D2: 200, Rank: 1, Alpha: 0.2, Seed: 1})
	d := mat.DenseCopyOf(denseOf(p))
	for i := range 200 {
		d.Set(i, (i*37)%200, math.Inf(1-i%2*2))
	}
	q := of(p, d)
	if _, err := lr.Solve(context.Background(), q, solver.IRCUR{}, lr.NewPoint(q), nil); !errors.Is(err, lr.ErrValue) {
		t.Errorf("the error is %v; want one that wraps ErrValue", err)
	}
}

func TestIRCURName(t *testing.T) {
	for want, m := range map[string]solver.IRCUR{
		"IRCUR": {},
		"IRCUR-F, 2.5·r·ln d rows and columns, decay 0.5, ζ 3, seed 4": {Fixed: true, Samples: 2.5, Decay: 0.5, Zeta: 3, Seed: 4},
	} {
		if got := m.Name(); got != want {
			t.Errorf("%+v is called %q, want %q", m, got, want)
		}
	}
}
