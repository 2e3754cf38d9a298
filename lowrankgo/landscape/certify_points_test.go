package landscape_test

import (
	"context"
	"fmt"
	"math"
	"runtime"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/initial"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"github.com/lowrankgo/lowrank/lowrankgo/solver"
	"gonum.org/v1/gonum/mat"
)

// near returns x with noise of the length given.
func near(x *lr.Factors, length float64, seed uint64) *lr.Factors {
	n := x.Clone()
	rng := lr.Stream(seed, "noise")
	for _, m := range []*mat.Dense{n.U, n.V} {
		if m != nil {
			m.Apply(func(_, _ int, _ float64) float64 { return rng.NormFloat64() }, m)
		}
	}
	n.Scale(length / n.Norm())
	n.AddScaled(1, x)
	return n
}

func verdict(t *testing.T, what string, c *landscape.Certificate, want landscape.Verdict, rigorous bool) {
	t.Helper()
	if c.Verdict != want || c.Rigorous != rigorous {
		t.Errorf("%s: %v, rigorous %t; want %v, %t\n%v", what, c.Verdict, c.Rigorous, want, rigorous, c)
	}
}

func solved(t *testing.T, p lr.Problem, seed uint64) *lr.Factors {
	t.Helper()
	x0 := must(initial.Random{Seed: seed}.Point(p))
	res, err := lr.Solve(context.Background(), p, solver.LBFGS{}, x0, nil)
	if err != nil {
		t.Fatal(err)
	}
	return res.X
}

// TestCertifySaddles goes to known saddles of factorisations, exactly and up to
// 1e-8 of their length, where the Hessian has an eigenvalue of −(σₖ − σᵣ₊₁) or
// less, −2(λₖ − λᵣ₊₁) when symmetric.
func TestCertifySaddles(t *testing.T) {
	a := mat.NewDense(7, 5, nil)
	sym := mat.NewDense(6, 6, nil)
	for i, s := range []float64{9, 4, 2.25, 1} {
		a.Set(i, i, s)
		sym.Set(i, i, s)
	}
	plain := must(problem.Factorisation{A: a, Rank: 2}.New())
	for name, p := range map[string]lr.Problem{
		"plain":     plain,
		"balanced":  must(problem.Balance{Of: plain, Mu: 0.5}.New()),
		"symmetric": must(problem.Factorisation{A: sym, Rank: 2, Symmetric: true}.New()),
	} {
		factor := 1.0
		if lr.SymmetricOf(p) {
			factor = 2
		}
		for _, s := range []struct {
			without []int
			gap     float64 // σₖ − σᵣ₊₁
		}{{[]int{0}, 9 - 2.25}, {[]int{1}, 4 - 2.25}, {[]int{1, 2}, 4 - 1}, {[]int{0, 1, 2}, 9}, {[]int{0, 1, 2, 3}, 9}} {
			x := must(initial.Saddle{Without: s.without}.Point(p))
			for _, noise := range []float64{0, 1e-8} {
				for seed := range uint64(3) {
					y := x
					if noise > 0 {
						y = near(x, noise*math.Max(1, x.Norm()), seed)
					}
					c := certify(t, p, y, &landscape.Options{Seed: seed})
					verdict(t, fmt.Sprint(name, s.without, noise), c, landscape.NegativeCurvature, true)
					if v := c.Curvature.Value; v > -factor*s.gap+1e-6 {
						t.Errorf("%s without %v, noise %g: curvature %g, want at most %g", name, s.without, noise, v, -factor*s.gap)
					}
				}
			}
		}
	}
}

// TestCertifyCounterexample: beside δ = ½ a true spurious minimum, a strict
// saddle, and between them a degenerate one.
func TestCertifyCounterexample(t *testing.T) {
	for _, v := range []struct {
		epsilon float64
		want    landscape.Verdict
		value   float64
		flat    bool
	}{
		{0.3, landscape.SecondOrder, 0.6, false},
		{0, landscape.SecondOrder, 0, true},
		{-0.3, landscape.NegativeCurvature, -0.6, false},
	} {
		p := must(problem.Counterexample{Epsilon: v.epsilon}.New())
		c := certify(t, p, p.Instance.Spurious, nil)
		verdict(t, fmt.Sprint("ε = ", v.epsilon), c, v.want, v.want == landscape.NegativeCurvature)
		if math.Abs(c.Curvature.Value-v.value) > 1e-12 || c.Flat() != v.flat || c.TruthMinimum != landscape.Yes || math.Abs(c.Loss-1.5) > 1e-12 {
			t.Errorf("ε = %g: curvature %g, want %g; flat %t, truth %v, value %g", v.epsilon, c.Curvature.Value, v.value, c.Flat(), c.TruthMinimum, c.Loss)
		}
		s := c.String()
		for what, want := range map[string]bool{"spurious": v.epsilon >= 0, "flat:": v.flat} {
			if strings.Contains(s, what) != want {
				t.Errorf("ε = %g: %q is printed: %t, want %t\n%s", v.epsilon, what, !want, want, s)
			}
		}
		truth, _ := lr.TruthOf(p)
		verdict(t, "the truth", certify(t, p, truth, nil), landscape.NearOptimum, true)
	}
}

// sensingAt is sensing of c·M*, with or without telling M*.
func sensingAt(t *testing.T, c float64, known bool) lr.Problem {
	t.Helper()
	op := must(operator.GaussianEnsemble{D1: 9, D2: 7, M: 150, Seed: 4}.New())
	truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "U"), 9, 2), V: lr.NormalMatrix(lr.Stream(1, "V"), 7, 2)}
	truth.Scale(math.Sqrt(c))
	b := make([]float64, 150)
	op.NewEval().Apply(b, truth.U, truth.V, nil)
	s := problem.Sensing{Operator: op, B: b, Rank: 2}
	if known {
		s.Truth = truth
	}
	return must(s.New())
}

// TestCertifyScale: scaling the data by 1e±6 changes no verdict, and the numbers
// as it should.
func TestCertifyScale(t *testing.T) {
	for _, known := range []bool{true, false} {
		one := sensingAt(t, 1, known)
		random := must(initial.Random{Seed: 3}.Point(one))
		zero := lr.NewPoint(one)
		for name, x := range map[string]*lr.Factors{
			"random": random, "zero": zero, "near zero": near(zero, 1e-9, 1), "solution": solved(t, one, 2),
		} {
			want := certify(t, one, x, nil)
			t.Logf("known %t, %s: %v", known, name, want.Verdict)
			for _, scale := range []float64{1e-6, 1e6} {
				y := x.Clone()
				y.Scale(math.Sqrt(scale))
				got := certify(t, sensingAt(t, scale, known), y, nil)
				verdict(t, fmt.Sprint(name, " by ", scale), got, want.Verdict, want.Rigorous)
				for what, v := range map[string][2]float64{
					"curvature": {got.Curvature.Value / scale, want.Curvature.Value},
					"scale":     {got.Scale / math.Sqrt(scale), want.Scale},
					"θ":         {got.Theta / math.Pow(scale, 1.5), want.Theta},
					"γ":         {got.Gamma / scale, want.Gamma},
				} {
					if math.Abs(v[0]-v[1]) > 1e-4*math.Abs(v[1]) {
						t.Errorf("known %t, %s by %g: %s is %g, want %g", known, name, scale, what, v[0], v[1])
					}
				}
			}
		}
		for x, v := range map[*lr.Factors]landscape.Verdict{random: landscape.LargeGradient, zero: landscape.NegativeCurvature} {
			verdict(t, "at scale 1", certify(t, one, x, nil), v, true)
		}
	}
}

// TestCertifyThreads: the same bits for any number of threads.
func TestCertifyThreads(t *testing.T) {
	p := must(problem.RandomCompletion{D1: 260, D2: 240, Rank: 5, P: 0.3, Seed: 2}.New())
	truth, _ := lr.TruthOf(p)
	points := []*lr.Factors{must(initial.Random{Seed: 1}.Point(p)), lr.NewPoint(p), truth}
	run := func() (s string) {
		for _, x := range points {
			c := certify(t, p, x, &landscape.Options{Seed: 7})
			s += fmt.Sprintf("%x %x %x %x\n", c.Curvature.Value, c.Curvature.Residual, c.Curvature.Direction.U.RawMatrix().Data, c.RelGrad)
			s += c.String()
		}
		return s
	}
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	want := run()
	for _, n := range []int{2, 7} {
		runtime.GOMAXPROCS(n)
		if run() != want {
			t.Errorf("GOMAXPROCS = %d gives other bits", n)
		}
	}
}

// TestCertifyFlat: a rank that is too large leaves directions at the solution in
// which nothing changes to second order.
func TestCertifyFlat(t *testing.T) {
	a := mat.NewDense(8, 6, nil)
	a.Set(0, 0, 3)
	a.Set(1, 1, 2)
	p := must(problem.Factorisation{A: a, Rank: 4}.New())
	x := lr.NewPoint(p)
	for k, s := range []float64{3, 2} {
		x.U.Set(k, k, math.Sqrt(s))
		x.V.Set(k, k, math.Sqrt(s))
	}
	c := certify(t, p, x, nil)
	verdict(t, "too large a rank", c, landscape.NearOptimum, true)
	if !c.Flat() || c.RankU != 2 || c.RankV != 2 || !math.IsInf(c.CondU, 1) || c.GaugeDim != 12 || c.Deflated != 12 {
		t.Errorf("flat %t, ranks %d and %d, condition %g, %d of %d null directions; want true, 2, 2, +Inf, 12 = 4² − 2²",
			c.Flat(), c.RankU, c.RankV, c.CondU, c.Deflated, c.GaugeDim)
	}
	if !strings.Contains(c.String(), "flat directions") {
		t.Errorf("flat directions are not named:\n%v", c)
	}
}

// TestCertifyRobust: robust PCA is certified by its majoriser.
func TestCertifyRobust(t *testing.T) {
	p := must(problem.RandomRobustPCA{D1: 24, D2: 20, Rank: 1, Alpha: 0.05, Gamma: 3, Seed: 1}.New())
	truth, _ := lr.TruthOf(p)
	at := certify(t, p, truth, nil)
	verdict(t, "the truth", at, landscape.NearOptimum, true)
	zero := certify(t, p, lr.NewPoint(p), nil)
	verdict(t, "zero", zero, landscape.NegativeCurvature, true)
	for _, c := range []*landscape.Certificate{at, zero} {
		if !c.Majoriser || !strings.Contains(c.String(), "majoriser") {
			t.Errorf("no word of the majoriser:\n%v", c)
		}
	}
	balanced := must(problem.Balance{Of: p, Mu: 0.5}.New())
	if c := certify(t, balanced, solved(t, balanced, 1), nil); !c.Majoriser || c.Gauge != landscape.Orthogonal || c.Verdict != landscape.NearOptimum {
		t.Errorf("balanced robust PCA:\n%v", c)
	}
}
