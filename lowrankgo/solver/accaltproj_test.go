package solver_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// corrupted is a random robust PCA problem.
func corrupted(t testing.TB, c problem.RandomRobustPCA) *problem.Split {
	t.Helper()
	p, err := c.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// published is the model of Cai, Cai, Wei 2019: n×n, rank 5, a share α of the
// entries in uniform places, uniform in ± the mean size of M*'s.
func published(t testing.TB, n int, alpha float64) *problem.Split {
	t.Helper()
	return corrupted(t, problem.RandomRobustPCA{
		D1: n, D2: n, Rank: 5, Alpha: alpha + 0.1, Outliers: alpha, Uniform: true, OutlierRange: 1, Seed: 1,
	})
}

// projecting are the methods of alternating projections.
var projecting = []lr.Method{solver.AccAltProj{}, solver.AltProj{}}

func TestAlternatingProjectionsSuite(t *testing.T) {
	p := corrupted(t, problem.RandomRobustPCA{D1: 70, D2: 90, Rank: 2, Alpha: 0.15, Outliers: 0.05, Seed: 1})
	missing := corrupted(t, problem.RandomRobustPCA{D1: 110, D2: 90, Rank: 2, Alpha: 0.15, Outliers: 0.05, Observed: 0.8, Seed: 2})
	for _, m := range append(projecting, solver.AccAltProj{Incoherence: 12, Decay: 0.8}) {
		t.Run(m.Name(), func(t *testing.T) { lowranktest.TestMethod(t, m, p, lr.NewPoint(p)) })
		t.Run(m.Name()+"/missing", func(t *testing.T) {
			lowranktest.TestMethod(t, m, missing, lr.NewPoint(missing), lowranktest.MethodOptions{RelErr: 1e-5})
		})
	}
}

// steps is how many steps m takes from 0 to a residual of 1e-5.
func stepsOf(t testing.TB, m lr.Method, p lr.Problem) *lr.Result {
	t.Helper()
	return solve(t, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 300, Stop: lr.ResidualBelow(1e-5)})
}

// TestPublishedCounts holds the number of iterations to 1e-5, the start not
// counted, against those of the authors' program at n = 2500 and decay 0.7; they
// all but do not depend on n.
func TestPublishedCounts(t *testing.T) {
	for _, c := range []struct {
		alpha float64
		want  int
	}{{0.1, 26}, {0.3, 27}, {0.4, 27}, {0.5, 28}} {
		p := published(t, 500, c.alpha)
		res := stepsOf(t, solver.AccAltProj{}, p)
		if got := res.Iter - 1; got < c.want-3 || got > c.want+3 {
			t.Errorf("α = %g: %d iterations, want within 3 of %d", c.alpha, got, c.want)
		}
		if !res.Status.Converged() || res.Trace.Last().RelErr > 3e-5 {
			t.Errorf("α = %g: status %q with relative error %g", c.alpha, res.Status, res.Trace.Last().RelErr)
		}
		s, err := res.Sparse()
		if err != nil {
			t.Fatal(err)
		}
		split, _ := lr.SplitOf(p)
		var e mat.Dense
		e.Sub(s, split.Truth)
		if rel := mat.Norm(&e, 2) / split.Truth.Norm(); rel > 1e-3 {
			t.Errorf("α = %g: the sparse part is off by %g", c.alpha, rel)
		}
	}
}

// naiveAcc is one iteration of the definition with whole matrices and gonum's
// SVD: the next L, its singular values and ζ from L and S.
func naiveAcc(data *mat.Dense, u, v *mat.Dense, s *mat.Dense, beta, decay float64) (l *mat.Dense, zeta float64) {
	var r, uu, vv, ur, rv, urv, pt mat.Dense
	r.Sub(data, s)
	uu.Mul(u, u.T())
	vv.Mul(v, v.T())
	ur.Mul(&uu, &r)
	rv.Mul(&r, &vv)
	urv.Mul(&ur, &vv)
	pt.Add(&ur, &rv)
	pt.Sub(&pt, &urv)
	_, rank := u.Dims()
	l, values := truncated(&pt, rank)
	return l, beta * (values[rank] + decay*values[0])
}

// truncated is the best rank-r approximation and all singular values.
func truncated(a *mat.Dense, r int) (*mat.Dense, []float64) {
	u, v, values := leading(a, r)
	var us, l mat.Dense
	us.Mul(u, mat.NewDiagDense(r, values[:r]))
	l.Mul(&us, v.T())
	return &l, values
}

// leading are the r leading singular vectors of each side and all values.
func leading(a *mat.Dense, r int) (u, v *mat.Dense, values []float64) {
	var svd mat.SVD
	if !svd.Factorize(a, mat.SVDThin) {
		panic("no SVD")
	}
	var uu, vv mat.Dense
	svd.UTo(&uu)
	svd.VTo(&vv)
	d1, _ := uu.Dims()
	d2, _ := vv.Dims()
	return mat.DenseCopyOf(uu.Slice(0, d1, 0, r)), mat.DenseCopyOf(vv.Slice(0, d2, 0, r)), svd.Values(nil)
}

// hard is T_ζ(data − l), NaN counting as beyond ζ with the value that makes R = L.
func hard(data *mat.Dense, l mat.Matrix, zeta float64) *mat.Dense {
	var s mat.Dense
	s.Apply(func(i, j int, d float64) float64 {
		if e := d - l.At(i, j); !(math.Abs(e) <= zeta) {
			return e
		}
		return 0
	}, data)
	return &s
}

// TestAccAltProjIsItsDefinition follows the method for some steps and compares
// each L and ζ with the definition applied to the L and ζ before.
func TestAccAltProjIsItsDefinition(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		d1, d2 := rapid.IntRange(8, 40).Draw(rt, "d1"), rapid.IntRange(8, 40).Draw(rt, "d2")
		r := rapid.IntRange(1, 3).Draw(rt, "r")
		seed := rapid.Uint64Max(1<<40).Draw(rt, "seed")
		p, err := problem.RandomRobustPCA{D1: d1, D2: d2, Rank: r, Alpha: 0.3, Outliers: 0.15, Seed: seed}.New()
		if err != nil {
			rt.Fatal(err)
		}
		split, _ := lr.SplitOf(p)
		data := mat.DenseCopyOf(split.Data)
		st, err := solver.AccAltProj{}.Start(p, lr.NewPoint(p))
		if err != nil {
			rt.Fatal(err)
		}
		root := math.Sqrt(float64(d1 * d2))
		beta, decay := 0.5/math.Sqrt(root)+5/root, 1.0
		most := split.Set.Most(d1 * d2)
		budget := min(most+most/4+10, most+(d1*d2-most)/2)
		for k := range 12 {
			before, zeta := st.Point().Dense(), st.Info().Step
			if err := st.Step(context.Background()); err != nil {
				rt.Fatal(err)
			}
			if k == 0 {
				continue
			}
			s := hard(data, before, zeta)
			u, v, values := leading(before, r)
			if values[r-1] < 1e-6*values[0] {
				return
			}
			if nonzeros(s) > budget {
				decay = math.Min(1, decay/0.7)
			} else {
				decay *= 0.7
			}
			want, next := naiveAcc(data, u, v, s, beta, decay)
			if e := math.Abs(st.Info().Step - next); e > 1e-8*next {
				rt.Fatalf("step %d: ζ = %g, want %g", k+1, st.Info().Step, next)
			}
			var e mat.Dense
			if e.Sub(st.Point().Dense(), want); mat.Norm(&e, 2) > 1e-7*mat.Norm(want, 2) {
				rt.Fatalf("step %d: L is off by %g of %g", k+1, mat.Norm(&e, 2), mat.Norm(want, 2))
			}
		}
	})
}

func nonzeros(s *mat.Dense) int {
	count := 0
	for _, v := range s.RawMatrix().Data {
		if v != 0 {
			count++
		}
	}
	return count
}

// TestAccAltProjStart compares the first step, for a threshold that is given,
// with an SVD of the whole matrix.
func TestAccAltProjStart(t *testing.T) {
	p := corrupted(t, problem.RandomRobustPCA{D1: 80, D2: 60, Rank: 3, Alpha: 0.1, Outliers: 0.05, OutlierSize: 30, Seed: 3})
	split, _ := lr.SplitOf(p)
	data := mat.DenseCopyOf(split.Data)
	_, values := truncated(data, 3)
	const beta = 0.1
	r := mat.NewDense(80, 60, nil)
	r.Sub(data, hard(data, mat.NewDense(80, 60, nil), beta*values[0]))
	want, values := truncated(r, 3)
	st, err := solver.AccAltProj{Beta: 0.05, BetaInit: beta}.Start(p, lr.NewPoint(p))
	if err != nil {
		t.Fatal(err)
	}
	if err := st.Step(context.Background()); err != nil {
		t.Fatal(err)
	}
	var e mat.Dense
	e.Sub(st.Point().Dense(), want)
	if rel := mat.Norm(&e, 2) / mat.Norm(want, 2); rel > 1e-2 {
		t.Errorf("L₀ is off by %g", rel)
	}
	if z := st.Info().Step; math.Abs(z-0.05*values[0]) > 1e-2*z {
		t.Errorf("ζ₀ = %g, want %g", z, 0.05*values[0])
	}
	if evals := st.Info().Evals; evals != 7 {
		t.Errorf("%d passes over the data, want 2 to begin with and 5", evals)
	}
}

// TestProjectionShapes recovers from every shape and rank that there is room
// for, and from starts other than 0.
func TestProjectionShapes(t *testing.T) {
	for _, c := range []problem.RandomRobustPCA{
		{D1: 200, D2: 80, Rank: 1},
		{D1: 80, D2: 200, Rank: 3},
		{D1: 150, D2: 150, Rank: 3, Kappa: 20, Sigma: 100},
	} {
		c.Alpha, c.Outliers, c.Seed = 0.12, 0.03, 7
		p := corrupted(t, c)
		for _, m := range projecting {
			for name, s := range map[string]starter{"zero": initial.Zero{}, "random": initial.Random{Scale: 0.1, Seed: 3}} {
				res := solve(t, p, m, start(t, s, p), nil)
				if rel := res.Trace.Last().RelErr; !res.Status.Converged() || rel > 1e-6 {
					t.Errorf("%v from %s by %s: status %q after %d steps with relative error %g", p, name, m.Name(), res.Status, res.Iter, rel)
				}
			}
		}
	}
}

// given is a robust PCA problem of these data.
func given(t testing.TB, data mat.Matrix, rank int, alpha float64) *problem.Split {
	t.Helper()
	p, err := problem.RobustPCA{Data: data, Rank: rank, Alpha: alpha}.New()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Data that are 0, constant, of lower rank, of full rank min(d), in one column.
func TestProjectionDegenerateData(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	constant := mat.NewDense(9, 7, nil)
	constant.Apply(func(int, int, float64) float64 { return -3 }, constant)
	var low mat.Dense
	low.Mul(lr.NormalMatrix(rng, 12, 2), lr.NormalMatrix(rng, 2, 10))
	for _, c := range []struct {
		name string
		data *mat.Dense
		rank int
	}{
		{"zero", mat.NewDense(6, 5, nil), 2},
		{"constant", constant, 1},
		{"constant, rank 3", constant, 3},
		{"rank 2 as 5", &low, 5},
		{"one entry", mat.NewDense(2, 2, []float64{0, 0, 0, 5}), 1},
		{"rank of the smaller side", lr.NormalMatrix(rng, 4, 8), 4},
		{"a column", mat.NewDense(2, 1, []float64{1, 2}), 1},
	} {
		alpha := math.Max(0.2, 1/float64(min(c.data.RawMatrix().Rows, c.data.RawMatrix().Cols)))
		if alpha == 1 {
			alpha = 0.99
		}
		p, err := problem.RobustPCA{Data: c.data, Rank: c.rank, Alpha: alpha, Cap: 1e6}.New()
		if err != nil {
			p, err = problem.RobustPCA{Data: c.data, Rank: c.rank, Alpha: 1, Cap: 1e6}.New()
		}
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range projecting {
			res := solve(t, p, m, lr.NewPoint(p), &lr.Options{MaxIter: 2000})
			s, err := res.Sparse()
			if err != nil {
				t.Fatal(err)
			}
			var e mat.Dense
			e.Add(res.X.Dense(), s)
			e.Sub(&e, c.data)
			if got := mat.Norm(&e, 2); !(got <= 2e-7*mat.Norm(c.data, 2)) {
				t.Errorf("%s by %s: status %q after %d steps, L + S is off by %g", c.name, m.Name(), res.Status, res.Iter, got)
			}
		}
	}
	zeros := given(t, mat.NewDense(6, 5, nil), 2, 0.3)
	for _, m := range projecting { // also from elsewhere
		res := solve(t, zeros, m, start(t, initial.Random{Seed: 1}, zeros), nil)
		if s, err := res.Sparse(); err != nil || res.Status != lr.ResidualConverged || res.X.Norm() != 0 || s.NNZ() != 0 {
			t.Errorf("%s: of 0 it finds norm %g with status %q, S %v, error %v", m.Name(), res.X.Norm(), res.Status, s, err)
		}
	}
}

// TestProjectionMissing recovers where a fifth of the entries is NaN.
func TestProjectionMissing(t *testing.T) {
	p := corrupted(t, problem.RandomRobustPCA{D1: 200, D2: 160, Rank: 3, Alpha: 0.2, Outliers: 0.08, Observed: 0.8, Seed: 5})
	split, _ := lr.SplitOf(p)
	for _, m := range projecting {
		res := solve(t, p, m, lr.NewPoint(p), nil)
		s, err := res.Sparse()
		if err != nil {
			t.Fatal(err)
		}
		if rel := res.Trace.Last().RelErr; !res.Status.Converged() || rel > 1e-6 {
			t.Errorf("%s: status %q after %d steps with relative error %g", m.Name(), res.Status, res.Iter, rel)
		}
		var e mat.Dense
		if e.Sub(s, split.Truth); mat.Norm(&e, 2) > 1e-5*split.Truth.Norm() {
			t.Errorf("%s: the sparse part is off by %g of %g", m.Name(), mat.Norm(&e, 2), split.Truth.Norm())
		}
	}
}

// What cannot be split is not said to be: nine tenths of large errors, a rank
// that is too small, noise, and an α that is too small.
func TestProjectionsFailHonestly(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"α 0.9": {D1: 90, D2: 90, Rank: 2, Alpha: 0.9, Seed: 1},
		"rank":  {D1: 90, D2: 90, Rank: 2, TruthRank: 6, Alpha: 0.1, Outliers: 0.05, Seed: 1},
		"noise": {D1: 90, D2: 90, Rank: 2, Alpha: 0.1, Outliers: 0.05, Noise: 0.1, Seed: 1},
		"α":     {D1: 90, D2: 90, Rank: 2, Alpha: 0.05, Outliers: 0.3, Seed: 1},
	} {
		p := corrupted(t, c)
		for _, m := range projecting {
			res, err := lr.Solve(context.Background(), p, m, lr.NewPoint(p), &lr.Options{MaxIter: 20000})
			if err != nil || res.Status.Converged() || res.Status == lr.IterationLimit {
				t.Errorf("%s by %s: status %q after %d steps, error %v", name, m.Name(), res.Status, res.Iter, err)
			}
			s, err := res.Sparse()
			if err != nil {
				t.Fatal(err)
			}
			if share := float64(s.NNZ()) / 8100; name != "α" && share > math.Min(1.25*c.Alpha+0.01, 0.99) {
				t.Errorf("%s by %s: %.3g of all entries are in S", name, m.Name(), share)
			}
		}
	}
}

// Beside noise L is found to about the noise, and the run ends by itself.
func TestProjectionsOfNoisyData(t *testing.T) {
	p := corrupted(t, problem.RandomRobustPCA{D1: 200, D2: 200, Rank: 2, Alpha: 0.1, Outliers: 0.05, Noise: 0.01, Seed: 4})
	for _, m := range projecting {
		res := solve(t, p, m, lr.NewPoint(p), nil)
		if res.Status != lr.Stalled || res.Trace.Last().RelErr > 0.005 || res.Iter > 200 {
			t.Errorf("%s: status %q after %d steps with relative error %g", m.Name(), res.Status, res.Iter, res.Trace.Last().RelErr)
		}
	}
}

func TestAlternatingProjectionsNames(t *testing.T) {
	for want, m := range map[string]lr.Method{
		"AccAltProj(decay 0.7)":                           solver.AccAltProj{},
		"AccAltProj(decay 0.9, β = 0.1, β₀ = 0.4, μ = 5)": solver.AccAltProj{Decay: 0.9, Beta: 0.1, BetaInit: 0.4, Incoherence: 5, Seed: 3},
		"AltProj(decay 0.5)":                              solver.AltProj{},
		"AltProj(decay 0.6, β₀ = 0.25)":                   solver.AltProj{Decay: 0.6, BetaInit: 0.25},
	} {
		if got := m.Name(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAlternatingProjectionsRefuse(t *testing.T) {
	p := corrupted(t, problem.RandomRobustPCA{D1: 12, D2: 9, Rank: 1, Alpha: 0.2, Seed: 1})
	big := given(t, mat.NewDense(2, 2, []float64{1, 2e145, 0, 0}), 1, 0.5)
	plain := lr.Funcs{D1: 3, D2: 2, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	for _, c := range []struct {
		name string
		m    lr.Method
		p    lr.Problem
		is   error
		says string
	}{
		{"nothing to split", solver.AccAltProj{}, plain, lr.ErrAbility, "Split"},
		{"nothing to split", solver.AltProj{}, plain, lr.ErrAbility, "Split"},
		{"symmetric", solver.AccAltProj{}, corrupted(t, problem.RandomRobustPCA{D1: 9, Rank: 1, Alpha: 0.2, Symmetric: true}), lr.ErrAbility, "symmetric"},
		{"units", solver.AltProj{}, big, lr.ErrValue, "other units"},
		{"β", solver.AccAltProj{Beta: -1}, p, lr.ErrValue, "Beta = -1"},
		{"β₀", solver.AltProj{BetaInit: math.Inf(1)}, p, lr.ErrValue, "BetaInit = +Inf"},
		{"decay", solver.AccAltProj{Decay: 1}, p, lr.ErrValue, "Decay = 1"},
		{"decay", solver.AltProj{Decay: math.NaN()}, p, lr.ErrValue, "Decay = NaN"},
		{"μ", solver.AccAltProj{Incoherence: 0.5}, p, lr.ErrValue, "Incoherence = 0.5"},
	} {
		_, err := c.m.Start(c.p, lr.NewPoint(c.p))
		if !errors.Is(err, c.is) || !strings.Contains(fmt.Sprint(err), c.says) {
			t.Errorf("%s: error %v; want one that wraps %q and says %q", c.name, err, c.is, c.says)
		}
	}
}

// TestAccAltProjMemory is what it keeps beside the data: below half of them.
func TestAccAltProjMemory(t *testing.T) {
	p := corrupted(t, problem.RandomRobustPCA{D1: 2000, D2: 400, Rank: 5, Alpha: 0.2, Outliers: 0.1, Uniform: true, Seed: 1})
	if share := heapShare(t, solver.AccAltProj{}, p, 3); share > 0.5 {
		t.Errorf("the heap grows by %.2g of the data", share)
	}
}

// heapShare is what some steps allocate, garbage included, by the size of the
// data.
func heapShare(t testing.TB, m lr.Method, p lr.Problem, steps int) float64 {
	t.Helper()
	x0 := lr.NewPoint(p)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	st, err := m.Start(p, x0)
	if err != nil {
		t.Fatal(err)
	}
	for range steps {
		if err := st.Step(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	d1, d2, _ := p.Dims()
	return float64(after.TotalAlloc-before.TotalAlloc) / float64(8*d1*d2)
}
