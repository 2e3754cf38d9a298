package solver_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/lowranktest"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

func TestPCPSuite(t *testing.T) {
	whole := spotted(t, problem.RandomRobustPCA{D1: 70, D2: 60, Rank: 2, Alpha: 0.1, Seed: 1})
	missing := spotted(t, problem.RandomRobustPCA{D1: 50, D2: 40, Rank: 1, Alpha: 0.05, Observed: 0.9, Seed: 2})
	for _, m := range []solver.PCP{{}, {Growth: 1.2, Lambda: 0.15, Seed: 7}} {
		t.Run(m.Name(), func(t *testing.T) {
			o := lowranktest.MethodOptions{Allocates: true}
			t.Run("whole", func(t *testing.T) { lowranktest.TestMethod(t, m, whole, lr.NewPoint(whole), o) })
			t.Run("missing", func(t *testing.T) { lowranktest.TestMethod(t, m, missing, lr.NewPoint(missing), o) })
		})
	}
}

// pursued is the pursuit by its definition: matrices of the size of the data,
// complete SVDs, for data without gaps, from L = 0.
func pursued(t *testing.T, d *mat.Dense, lambda float64, steps int) (l, s *mat.Dense) {
	t.Helper()
	d1, d2 := d.Dims()
	l = mat.NewDense(d1, d2, nil)
	norm, top := spectrum(t, d)[0], 0.0
	for i := range d1 {
		for j := range d2 {
			top = math.Max(top, math.Abs(d.At(i, j)))
		}
	}
	var y mat.Dense
	y.Scale(1/math.Max(norm, top/lambda), d)
	mu := 1.25 / norm
	most := 1e7 * mu
	s = mat.NewDense(d1, d2, nil)
	shrinkAll := func() {
		s.Apply(func(i, j int, _ float64) float64 {
			v := d.At(i, j) - l.At(i, j) + y.At(i, j)/mu
			return math.Copysign(math.Max(math.Abs(v)-lambda/mu, 0), v)
		}, s)
	}
	for range steps {
		shrinkAll()
		a := mat.NewDense(d1, d2, nil)
		a.Apply(func(i, j int, _ float64) float64 { return d.At(i, j) - s.At(i, j) + y.At(i, j)/mu }, a)
		var svd mat.SVD
		if !svd.Factorize(a, mat.SVDThin) {
			t.Fatal("no SVD")
		}
		var u, v, scaled mat.Dense
		svd.UTo(&u)
		svd.VTo(&v)
		sigma := svd.Values(nil)
		for k := range sigma {
			sigma[k] = math.Max(sigma[k]-1/mu, 0)
		}
		scaled.Mul(&u, mat.NewDiagDense(len(sigma), sigma))
		before := l
		l = new(mat.Dense)
		l.Mul(&scaled, v.T())
		var moved mat.Dense
		moved.Sub(l, before)
		y.Apply(func(i, j int, v float64) float64 { return v + mu*(d.At(i, j)-l.At(i, j)-s.At(i, j)) }, &y)
		if mu*mat.Norm(&moved, 2) <= 0.01*mat.Norm(&y, 2) {
			mu = math.Min(1.5*mu, most)
		}
	}
	shrinkAll()
	return l, s
}

func spectrum(t *testing.T, m mat.Matrix) []float64 {
	t.Helper()
	var svd mat.SVD
	if !svd.Factorize(m, mat.SVDNone) {
		t.Fatal("no SVD")
	}
	return svd.Values(nil)
}

// TestPCPIsItsDefinition compares L and S step by step, on a matrix small
// enough that a sketch would take all of it, and on one where sketches are used.
func TestPCPIsItsDefinition(t *testing.T) {
	for _, c := range []problem.RandomRobustPCA{
		{D1: 20, D2: 15, Rank: 15, TruthRank: 2, Alpha: 0.1, Seed: 1},
		{D1: 90, D2: 120, Rank: 20, TruthRank: 3, Alpha: 0.1, Seed: 2},
	} {
		p := spotted(t, c)
		d := denseOf(p)
		for _, steps := range []int{1, 2, 5, 12, 22} {
			res := solve(t, p, solver.PCP{}, lr.NewPoint(p), &lr.Options{MaxIter: steps, Stop: func(*lr.Trace) lr.Status { return lr.Running }})
			lambda := 1 / math.Sqrt(float64(max(c.D1, c.D2)))
			l, s := pursued(t, d, lambda, steps)
			got, err := res.Sparse()
			if err != nil {
				t.Fatal(err)
			}
			var el, es mat.Dense
			el.Sub(l, res.X.Dense())
			es.Sub(s, got.Dense())
			norm := mat.Norm(d, 2)
			if e := mat.Norm(&el, 2) / norm; e > 2e-3 {
				t.Errorf("%d×%d, %d steps: L is %g from that of the definition", c.D1, c.D2, steps, e)
			}
			if e := mat.Norm(&es, 2) / norm; e > 2e-3 {
				t.Errorf("%d×%d, %d steps: S is %g from that of the definition", c.D1, c.D2, steps, e)
			}
			if steps == 22 && mat.Norm(&el, 2)+mat.Norm(&es, 2) > 1e-5*norm {
				t.Errorf("%d×%d: L and S end %g and %g from those of the definition", c.D1, c.D2, mat.Norm(&el, 2), mat.Norm(&es, 2))
			}
		}
	}
}

func TestPCPRecovers(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"one size": {D1: 120, D2: 100, Rank: 3, Alpha: 0.1, Gamma: 1.2},
		"small":    {D1: 120, D2: 120, Rank: 3, Alpha: 0.1, Gamma: 2, Uniform: true, OutlierRange: 1},
		"missing":  {D1: 120, D2: 120, Rank: 2, Alpha: 0.05, Gamma: 1.2, Observed: 0.8},
		"wide":     {D1: 40, D2: 300, Rank: 1, Alpha: 0.05, Gamma: 1.2},
		"tall":     {D1: 300, D2: 40, Rank: 1, Alpha: 0.05, Gamma: 1.2},
		"no error": {D1: 60, D2: 60, Rank: 2, Alpha: 0.05, Outliers: -1},
	} {
		for seed := uint64(1); seed <= 2; seed++ {
			c.Seed = seed
			p := spotted(t, c)
			res := solve(t, p, solver.PCP{}, lr.NewPoint(p), &lr.Options{MaxIter: 200})
			if c.Outliers == -1 {
				if truth, _ := lr.TruthOf(p); !res.Status.Converged() || lr.RelErr(res.X, truth) > 1e-5 {
					t.Errorf("%s: %q with relative error %g", name, res.Status, lr.RelErr(res.X, truth))
				}
				continue
			}
			splitsRight(t, name, p, res, 1e-4)
		}
	}
}

// TestPCPStart: the objective is convex, so the start matters to the way alone.
func TestPCPStart(t *testing.T) {
	p := spotted(t, problem.RandomRobustPCA{D1: 60, D2: 50, Rank: 2, Alpha: 0.05, Gamma: 1.2, Seed: 1})
	x0 := start(t, starts["random"], p)
	splitsRight(t, "from a random point", p, solve(t, p, solver.PCP{}, x0, nil), 1e-4)
}

// TestPCPFailsHonestly: where L has another rank than the problem, or S is not
// sparse, no run says that it converged.
func TestPCPFailsHonestly(t *testing.T) {
	for name, c := range map[string]problem.RandomRobustPCA{
		"errors everywhere": {D1: 60, D2: 60, Rank: 2, Alpha: 0.1, Outliers: 0.9, Uniform: true},
		"rank too small":    {D1: 60, D2: 60, Rank: 1, TruthRank: 4, Alpha: 0.05},
		"noise":             {D1: 60, D2: 60, Rank: 2, Alpha: 0.05, Noise: 0.1},
	} {
		p := spotted(t, c)
		res := solve(t, p, solver.PCP{}, lr.NewPoint(p), &lr.Options{MaxIter: 500})
		if res.Status.Converged() || res.Status == lr.IterationLimit {
			t.Errorf("%s: status %q after %d steps with relative error %g", name, res.Status, res.Iter, res.Trace.Last().RelErr)
		}
	}
}

// TestPCPEnds goes to the ends of what data may be.
func TestPCPEnds(t *testing.T) {
	flat := mat.NewDense(30, 20, nil)
	flat.Apply(func(_, _ int, _ float64) float64 { return 3 }, flat)
	row := mat.NewDense(1, 20, nil)
	row.Apply(func(_, j int, _ float64) float64 { return float64(j - 7) }, row)
	low := lr.NewFactors(40, 30, 2)
	for i := range 40 {
		low.U.SetRow(i, []float64{float64(i%5) - 2, float64(i%3) - 1})
	}
	for j := range 30 {
		low.V.SetRow(j, []float64{float64(j%7) - 3, 0})
	}
	for name, c := range map[string]struct {
		data  *mat.Dense
		rank  int
		exact bool
	}{
		"zeros": {mat.NewDense(30, 20, nil), 2, true}, "one number": {flat, 1, true}, "one row": {row, 1, false},
		"lower rank": {low.Dense(), 4, true}, "all of the rank": {low.Dense(), 30, true},
		"tiny": {scaledCopy(low.Dense(), 1e-120), 2, true}, "large": {scaledCopy(low.Dense(), 1e120), 2, true},
	} {
		d1, d2 := c.data.Dims()
		p := bare{d1: d1, d2: d2, r: c.rank, data: c.data}
		res := solve(t, p, solver.PCP{}, lr.NewPoint(p), &lr.Options{MaxIter: 300})
		if e := distanceTo(res.X, c.data); c.exact && !(e <= 1e-5) {
			t.Errorf("%s: %q after %d steps, %g away from the data", name, res.Status, res.Iter, e)
		}
		if last := res.Trace.Last(); !res.Status.Converged() || last.Residual > 1e-7 {
			t.Errorf("%s: %q with residual %g", name, res.Status, last.Residual)
		}
	}
}

func TestPCPRefuses(t *testing.T) {
	refusals(t, func(p lr.Problem, x0 *lr.Factors) error { _, err := solver.PCP{}.Start(p, x0); return err })
	c := made(t, problem.RandomCompletion{D1: 30, D2: 20, Rank: 2, P: 0.5, Seed: 1})
	lowranktest.TestRefuses(t, solver.PCP{}, c, lr.NewPoint(c), lr.AbilitySplit)
	p := spotted(t, problem.RandomRobustPCA{D1: 30, D2: 20, Rank: 2, Alpha: 0.2, Seed: 1})
	for field, m := range map[string]solver.PCP{"Lambda": {Lambda: -1}, "Growth": {Growth: 1}, "Growth ": {Growth: math.Inf(1)}} {
		if _, err := m.Start(p, lr.NewPoint(p)); !errors.Is(err, lr.ErrValue) || !strings.Contains(err.Error(), strings.TrimSpace(field)) {
			t.Errorf("%+v: the error is %v", m, err)
		}
	}
}

func TestPCPName(t *testing.T) {
	for want, m := range map[string]solver.PCP{"PCP": {}, "PCP, λ 0.5, growth 1.2, seed 4": {Lambda: 0.5, Growth: 1.2, Seed: 4}} {
		if got := m.Name(); got != want {
			t.Errorf("%+v is called %q, want %q", m, got, want)
		}
	}
}

// BenchmarkPCP finds a 500×500 matrix of rank 5 with errors in a tenth of its
// entries.
func BenchmarkPCP(b *testing.B) {
	p := spotted(b, problem.RandomRobustPCA{D1: 500, D2: 500, Rank: 5, Alpha: 0.1, Gamma: 2, Uniform: true, OutlierRange: 1, Seed: 1})
	for b.Loop() {
		res := solve(b, p, solver.PCP{}, lr.NewPoint(p), &lr.Options{Stop: lr.ResidualBelow(1e-5)})
		b.ReportMetric(float64(res.Iter), "steps")
		b.ReportMetric(res.Trace.Last().RelErr, "rel.err")
	}
}
