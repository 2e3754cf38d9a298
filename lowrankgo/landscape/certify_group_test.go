package landscape_test

import (
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// fixed is a problem with the term Σᵢ U_i0 + (‖U‖² + ‖V‖²)/2, which no group
// leaves alone.
func fixed(t *testing.T, p lr.Problem) lr.Problem {
	f := (&counted{}).problem(t, p, true)
	grad, hess := f.GradFunc, f.HessFunc
	f.GradFunc = func(dst, x *lr.Factors) float64 {
		v := grad(dst, x)
		n := x.Norm()
		v += mat.Sum(x.U.ColView(0)) + n*n/2
		if dst != nil {
			for i := range f.D1 {
				dst.U.Set(i, 0, dst.U.At(i, 0)+1)
			}
			dst.AddScaled(1, x)
		}
		return v
	}
	f.HessFunc = func(dst, x, d *lr.Factors) {
		hess(dst, x, d)
		dst.AddScaled(1, d)
	}
	return f
}

// TestCertifyGroup: which group leaves a problem alone is found by numbers, also
// of problems by functions, and decides what a distance is.
func TestCertifyGroup(t *testing.T) {
	plain := sensing(t)
	balanced := must(problem.Balance{Of: plain, Mu: 0.5}.New())
	faint := must(problem.Balance{Of: plain, Mu: 1e-3}.New())
	functions := func(p lr.Problem) lr.Problem { return (&counted{}).problem(t, p, true) }
	symmetric := must(problem.GaussianSensing{D1: 12, Rank: 3, M: 200, Seed: 1, Symmetric: true, Scale: problem.ScaleMean}.New())
	ridge := must(problem.Ridge{Of: plain, Lambda: 0.1}.New())
	for _, v := range []struct {
		name string
		p    lr.Problem
		want landscape.Gauge
		dim  int // at a point of full rank
	}{
		{"plain", plain, landscape.General, 9},
		{"functions", functions(plain), landscape.General, 9},
		{"balanced", balanced, landscape.Orthogonal, 3},
		{"balanced functions", functions(balanced), landscape.Orthogonal, 3},
		{"hardly balanced", faint, landscape.Orthogonal, 3},
		{"ridge", ridge, landscape.Orthogonal, 3},
		{"symmetric", symmetric, landscape.Orthogonal, 3},
		{"fixed", fixed(t, plain), landscape.NoGauge, 0},
	} {
		x0 := must(initial.Random{Seed: 2}.Point(v.p))
		for name, x := range map[string]*lr.Factors{"random": x0, "solution": solved(t, v.p, 2)} {
			c := certify(t, v.p, x, nil)
			if c.Gauge != v.want || c.GaugeDim != v.dim || name == "solution" && c.Deflated != v.dim {
				t.Errorf("%s, %s: %v, %d of %d null directions; want %v, %d", v.name, name, c.Gauge, c.Deflated, c.GaugeDim, v.want, v.dim)
			}
		}
		if c := certify(t, v.p, lr.NewPoint(v.p), nil); c.Gauge != v.want || c.GaugeDim != 0 {
			t.Errorf("%s, zero: %v, %d null directions; want %v, 0", v.name, c.Gauge, c.GaugeDim, v.want)
		}
	}
}

// A row penalty that is 0 around the solution leaves GL(r) there, so that the
// solution is not called flat.
func TestCertifyGroupAround(t *testing.T) {
	p := must(problem.RandomCompletion{D1: 30, D2: 25, Rank: 2, P: 0.6, Seed: 3}.New())
	q := must(problem.RowNorm{Of: p, Lambda: 1, Alpha: 4}.New())
	x := solved(t, q, 1)
	c := certify(t, q, x, nil)
	if c.Gauge != landscape.General || c.Flat() || c.Verdict != landscape.NearOptimum {
		t.Errorf("%v", c)
	}
}

// A truth of 0 has no relative error, and one of a rank above r no point.
func TestCertifyTruths(t *testing.T) {
	zero := must(problem.Factorisation{A: mat.NewDense(4, 3, nil), Rank: 2}.New())
	f := (&counted{}).problem(t, zero, true)
	f.TruthValue = lr.NewFactors(4, 3, 1)
	at := certify(t, f, lr.NewPoint(f), nil)
	verdict(t, "M* = 0", at, landscape.NearOptimum, true)
	away := certify(t, f, must(initial.Random{Seed: 1}.Point(f)), nil)
	verdict(t, "away from M* = 0", away, landscape.LargeGradient, true)
	for _, c := range []*landscape.Certificate{at, away} {
		if strings.Contains(c.String(), "NaN") {
			t.Errorf("%v", c)
		}
	}
	p := sensing(t)
	low := (&counted{}).problem(t, p, true)
	truth := must(initial.Random{Seed: 9}.Point(must(problem.Factorisation{A: mat.NewDense(30, 25, nil), Rank: 5}.New())))
	low.TruthValue = truth
	c := certify(t, low, solved(t, p, 1), nil)
	verdict(t, "a truth of rank 5 for rank 3", c, landscape.SecondOrder, false)
	if c.TruthMinimum != landscape.No || strings.Contains(c.String(), "NaN") {
		t.Errorf("truth %v:\n%v", c.TruthMinimum, c)
	}
}
