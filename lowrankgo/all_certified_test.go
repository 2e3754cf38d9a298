package lowrankgo_test

import (
	"context"
	"math"
	"slices"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
)

// TestAllCertified certifies every listed problem, at random, at 0 and where a
// method ends, and holds the curvature against all eigenvalues of the Hessian.
func TestAllCertified(t *testing.T) {
	for _, p := range listedProblems() {
		t.Run(p.of+"/"+p.name, func(t *testing.T) { certifyOne(t, p) })
	}
}

func certifyOne(t *testing.T, p listedProblem) {
	x0 := must(initial.Random{Seed: 5}.Point(p.p))
	if c := certified(t, p.p, x0); c.Verdict != landscape.LargeGradient || !c.Rigorous {
		t.Errorf("a random point is called %v:\n%v", c.Verdict, c)
	}
	origin := certified(t, p.p, lr.NewPoint(p.p))
	if origin.GradNorm == 0 && origin.Curvature.Value < 0 && origin.Verdict != landscape.NegativeCurvature {
		t.Errorf("0 is called %v:\n%v", origin.Verdict, origin)
	}
	res := must(lr.Solve(context.Background(), p.p, solver.LBFGS{}, x0, nil))
	if res.Status.Err() != nil {
		t.Fatal(res.Status)
	}
	c := certified(t, p.p, res.X)
	want := []landscape.Verdict{landscape.NearOptimum}
	if p.kind == other || p.kind == rough {
		want = append(want, landscape.SecondOrder)
	}
	if !slices.Contains(want, c.Verdict) {
		t.Errorf("where LBFGS ends, %v, the point is called %v, want one of %v:\n%v", res.Status, c.Verdict, want, c)
	}
	if c.Verdict == landscape.NearOptimum && p.kind == zero && !c.Rigorous {
		t.Errorf("near the optimum, and not proven:\n%v", c)
	}
}

// certified certifies x and compares with the dense Hessian, of the majoriser
// where there is one.
func certified(t *testing.T, p lr.Problem, x *lr.Factors) *landscape.Certificate {
	t.Helper()
	c := must(landscape.Certify(context.Background(), p, x, &landscape.Options{Tol: 1e-10, Products: 500}))
	if lr.MajorisedOf(p) {
		p = must(lr.MajoriserOf(p, x))
	}
	if _, ok := lr.HessVecOf(p); !ok {
		if !c.Curvature.Gradients {
			t.Errorf("no Hessian products, and no differences:\n%v", c)
		}
		return c
	}
	all := must(landscape.HessianEigenvalues(context.Background(), p, x))
	low, size := all[0], math.Max(-all[0], all[len(all)-1])
	k := c.Curvature
	if low > k.Value+1e-9*size || k.Largest > all[len(all)-1]+1e-9*size {
		t.Fatalf("curvature %g … %g is outside the spectrum %g … %g", k.Value, k.Largest, low, all[len(all)-1])
	}
	// What is left out has no curvature to speak of: the smallest of the rest.
	slices.SortFunc(all, func(a, b float64) int {
		if math.Abs(a) < math.Abs(b) {
			return -1
		}
		return 1
	})
	rest := slices.Min(all[c.Deflated:])
	if math.Abs(k.Value-rest) > 1e-6*size {
		t.Errorf("the smallest eigenvalue is %g, apart from %d null directions %g; found %g with residual %g", low, c.Deflated, rest, k.Value, k.Residual)
	}
	if k.Residual > 1e-7*size {
		t.Errorf("residual %g", k.Residual)
	}
	return c
}

// TestAllMethodsCertified runs every method to its end by the default rules, and
// certifies the point.
func TestAllMethodsCertified(t *testing.T) {
	problems, runs := listedProblems(), 0
	for _, name := range []string{"random completion", "balanced sensing", "symmetric Gaussian sensing", "robust PCA", "noisy sensing"} {
		p := problems[slices.IndexFunc(problems, func(p listedProblem) bool { return p.name == name })]
		for _, m := range listedMethods() {
			if settles(m, p) {
				runs++
				t.Run(m.m.Name()+"/"+name, func(t *testing.T) { certifyEnd(t, m, p) })
			}
		}
	}
	if runs < 60 {
		t.Errorf("%d runs, want 60", runs)
	}
}

// settles reports whether the method works on the problem and ends by the default
// rules.
func settles(m listedMethod, p listedProblem) bool {
	lacks := slices.ContainsFunc(m.needs, func(a lr.Ability) bool { return !has(p.p, a) })
	return !lacks && !m.o.Endless && !(m.factor && lr.SymmetricOf(p.p)) && !(m.loose && p.kind != zero)
}

func certifyEnd(t *testing.T, m listedMethod, p listedProblem) {
	x0 := must(initial.Random{Seed: 3}.Point(p.p))
	if m.splits {
		x0 = lr.NewPoint(p.p)
	}
	res := must(lr.Solve(context.Background(), p.p, m.m, x0, &lr.Options{MaxIter: 20_000}))
	c := must(landscape.Certify(context.Background(), p.p, res.X, nil))
	want := landscape.NearOptimum
	if p.kind == other {
		want = landscape.SecondOrder
	}
	if c.Verdict != want || c.Rigorous != (p.kind != other) {
		t.Errorf("%v after %d steps: %v, want %v\n%v", res.Status, res.Iter, c.Verdict, want, c)
	}
}
