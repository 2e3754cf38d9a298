package landscape

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

func TestSensingChainVectors(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "thm8") {
		d, r := len(c.U), len(c.U[0])
		p := generalOf(t, denseForm(t, d, d, rowsMatrix(c.H)), rowsFactors(c.Ustar, nil), r)
		got, err := SensingChain(p, rowsFactors(c.U, nil), c.RIPDelta)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		vectorNear(t, c.Name+": σᵣ*", got.SigmaR, c.SigmaR)
		vectorNear(t, c.Name+": ‖E‖²", got.Error2, c.Error2)
		vectorNear(t, c.Name+": ‖Δ‖²", squared(got.Distance), c.DeltaNorm2)
		vectorNear(t, c.Name+": curvature", got.Curvature, c.Lhs)
		vectorNear(t, c.Name+": gradient", got.GradNorm, c.GradientNorm)
		vectorNear(t, c.Name+": bound 1", got.Links[1].Right, c.Bound1)
		vectorNear(t, c.Name+": bound 2", got.Links[2].Right, c.Bound2)
		vectorNear(t, c.Name+": bound 3", got.Links[3].Right, c.Bound3)
		chainHolds(t, c.Name, got, Yes)
	}
}

func TestBalancedSensingChainVectors(t *testing.T) {
	for _, c := range geometryCases(t, "identities_c.json", "thm3") {
		h := denseForm(t, len(c.U), len(c.V), rowsMatrix(c.H0))
		p := balancedOf(t, generalOf(t, h, rowsFactors(c.Ustar, c.Vstar), len(c.U[0])))
		got, err := BalancedSensingChain(p, rowsFactors(c.U, c.V), c.RIPDelta)
		if err != nil {
			t.Fatalf("%s: %v", c.Name, err)
		}
		vectorNear(t, c.Name+": σᵣ*", got.SigmaR, c.SigmaR)
		vectorNear(t, c.Name+": ‖N − N*‖²", got.Error2, c.LiftedError2)
		vectorNear(t, c.Name+": ‖Δ‖²", squared(got.Distance), c.DeltaNorm2)
		vectorNear(t, c.Name+": curvature", got.Curvature, c.Lhs)
		vectorNear(t, c.Name+": gradient", got.GradNorm, c.GradientNorm)
		vectorNear(t, c.Name+": bound 1", got.Links[1].Right, c.Bound1)
		vectorNear(t, c.Name+": bound 3", got.Links[3].Right, c.Bound3)
		chainHolds(t, c.Name, got, Yes)
	}
}

func balancedOf(t testing.TB, p lr.Problem) lr.Problem {
	t.Helper()
	return wanted[*problem.Regularised](t)(problem.Balance{Of: p, Mu: 0.5}.New())
}

// chainHolds holds every link whose hypotheses are met, and the theorem's three
// cases.
func chainHolds(t testing.TB, name string, c *IsometryChain, applies Answer) {
	t.Helper()
	for _, l := range c.Links {
		if l.Applies() != No && !l.Holds(1e-10) {
			t.Errorf("%s: %v", name, l)
		}
	}
	if got := c.Theorem.Applies(); got != applies {
		t.Errorf("%s: it applies: %v, want %v\n%v", name, got, applies, c.Theorem)
	}
	if applies == No {
		return
	}
	if !c.Theorem.Holds(1e-10) {
		t.Errorf("%s: %v", name, c.Theorem)
	}
	if s := c.StrictSaddle(c.GradNorm*(1+1e-9) + 1e-300); !s.Any() || s.LargeGradient {
		t.Errorf("%s: of Def 2 holds nothing: %+v", name, s)
	}
	if s := c.StrictSaddle(c.GradNorm / 2); c.GradNorm > 0 && !s.LargeGradient {
		t.Errorf("%s: the gradient %v is not found large for θ = %v", name, s.GradNorm, s.Theta)
	}
}

// atLimit is I + δK with ‖K‖ = 1 exactly: K = 2P − I for a random projection P.
func atLimit(rng *rand.Rand, n int, delta float64) *mat.Dense {
	q := rotation(rng, n)
	h := mat.NewDense(n, n, nil)
	for k := range n {
		sign := 1.0
		if k == 0 || rng.IntN(2) == 0 {
			sign = -1
		}
		col := mat.Col(nil, k, q)
		for i, a := range col {
			for j, b := range col[:i+1] {
				v := h.At(i, j) + (1+sign*delta)*a*b
				h.Set(i, j, v)
				h.Set(j, i, v)
			}
		}
	}
	return h
}

// TestSensingChainHolds looks at 10,000 random points of each theorem over forms with δ exactly at
// the limits of the theorems, also near the truth, of lower rank, at 0.
func TestSensingChainHolds(t *testing.T) {
	const forms, points = 100, 100
	for k := range uint64(forms) {
		rng := lr.Stream(k, "chains")
		d1, d2 := 2+rng.IntN(3), 2+rng.IntN(3)
		r := 1 + rng.IntN(min(d1, d2))
		sym := generalOf(t, denseForm(t, d1, d1, atLimit(rng, d1*d1, 0.1)), normalFactors(rng, d1, 0, r), r)
		asym := balancedOf(t, generalOf(t, denseForm(t, d1, d2, atLimit(rng, d1*d2, 0.05)), normalFactors(rng, d1, d2, r), r))
		for j := range points {
			for _, c := range []struct {
				p     lr.Problem
				delta float64
				chain func(lr.Problem, *lr.Factors, float64) (*IsometryChain, error)
			}{{sym, 0.1, SensingChain}, {asym, 0.05, BalancedSensingChain}} {
				x := chainPoint(rng, c.p, j)
				got, err := c.chain(c.p, x, c.delta)
				if err != nil {
					t.Fatal(err)
				}
				chainHolds(t, fmt.Sprintf("form %d, point %d", k, j), got, Yes)
				if j > 10 {
					continue
				}
				if unknown, err := c.chain(c.p, x, math.NaN()); err != nil || unknown.Delta > c.delta+1e-9 || unknown.Theorem.Applies() != Unknown || !unknown.Links[0].Holds(1e-10) {
					t.Fatalf("form %d, point %d: with an unknown δ: %v, %v", k, j, unknown, err)
				}
			}
		}
		if t.Failed() {
			return
		}
	}
}

// chainPoint is a point of one of five kinds.
func chainPoint(rng *rand.Rand, p lr.Problem, kind int) *lr.Factors {
	d1, d2, r := p.Dims()
	if lr.SymmetricOf(p) {
		d2 = 0
	}
	x := normalFactors(rng, d1, d2, r)
	truth, _ := lr.TruthOf(p)
	switch kind % 5 {
	case 1:
		x.Scale(math.Pow(10, -5*rng.Float64()))
		x.AddScaled(1, truth)
	case 2:
		x.U.Set(0, 0, 0)
		for i := range d1 {
			x.U.Set(i, r-1, 0)
		}
	case 3:
		x.Scale(math.Pow(10, -3*rng.Float64()))
	case 4:
		if kind == 4 {
			x.Scale(0)
		}
	}
	return x
}

// oneDirection is I + δK with K = ±(2vvᵀ/‖v‖² − I): 1+δ along one matrix and 1−δ
// across, or the other way round.
func oneDirection(v []float64, sign, delta float64) *mat.Dense {
	n := len(v)
	var norm2 float64
	for _, a := range v {
		norm2 += a * a
	}
	h := mat.NewDense(n, n, nil)
	for i := range n {
		for j := range n {
			h.Set(i, j, 2*sign*delta*v[i]*v[j]/norm2)
		}
		h.Set(i, i, h.At(i, i)+1-sign*delta)
	}
	return h
}

// TestSensingChainAdversary looks for a form at the limit, a truth and a point that
// violate Theorem 8 or 3, by climbing on what is left of the last bound: the
// matrix that is seen differently from all others is sought with the rest.
func TestSensingChainAdversary(t *testing.T) {
	const d = 2
	for _, c := range []struct {
		name  string
		delta float64
		r     int
		sym   bool
		chain func(lr.Problem, *lr.Factors, float64) (*IsometryChain, error)
	}{
		{"Theorem 8", 0.1, 1, true, SensingChain},
		{"Theorem 8, r = 2", 0.1, 2, true, SensingChain},
		{"Theorem 3", 0.05, 1, false, BalancedSensingChain},
	} {
		n := d * c.r
		if !c.sym {
			n = 2 * d * c.r
		}
		for _, sign := range []float64{1, -1} {
			best, at := maximise(lr.Stream(3, c.name), 2*n+d*d, 3, 900, func(v []float64) float64 {
				x, truth := cut(v[:n], d, c.r, c.sym), cut(v[n:2*n], d, c.r, c.sym)
				var p lr.Problem = generalOf(t, denseForm(t, d, d, oneDirection(v[2*n:], sign, c.delta)), truth, c.r)
				if !c.sym {
					p = balancedOf(t, p)
				}
				got, err := c.chain(p, x, c.delta)
				if err != nil || got.Theorem.Applies() != Yes || got.Distance < 1e-3*truth.Norm() {
					return math.NaN()
				}
				return (got.Theorem.Left - got.Theorem.Right) / got.Theorem.Scale
			})
			if best > 1e-10 {
				t.Errorf("%s: violated by %v of the terms at %v", c.name, best, at)
			}
			if math.IsInf(best, -1) {
				t.Errorf("%s: no instance met the hypotheses", c.name)
			}
		}
	}
}

// cut makes factors of numbers, d×r each.
func cut(v []float64, d, r int, symmetric bool) *lr.Factors {
	x := &lr.Factors{U: mat.NewDense(d, r, append([]float64(nil), v[:d*r]...))}
	if !symmetric {
		x.V = mat.NewDense(d, r, append([]float64(nil), v[d*r:]...))
	}
	return x
}

// TestSensingChainBreaks: for δ above the limit there are points where the last
// bound fails, as the counterexample at its spurious minimum: the chain says that
// the theorem does not apply, and its first links still hold.
func TestSensingChainBreaks(t *testing.T) {
	c := wanted[*problem.CounterexampleProblem](t)(problem.Counterexample{Epsilon: 0.5}.New())
	// 2‖𝒜(E)‖²/2 is ½E:H:E for H = 2𝒜*𝒜; Scale·𝒜*𝒜 is the isometry. In these
	// units δ is not small, whatever the scale.
	got, err := SensingChain(c, c.Instance.Spurious, math.NaN())
	if err != nil {
		t.Fatal(err)
	}
	if got.Theorem.Applies() != No || got.Theorem.Holds(1e-10) {
		t.Errorf("at a spurious minimum: %v", got.Theorem)
	}
	if !got.Links[0].Holds(1e-10) || !got.Links[1].Holds(1e-10) {
		t.Errorf("links that hold for any δ fail: %v\n%v", got.Links[0], got.Links[1])
	}
	if s := got.StrictSaddle(1e-9); s.Any() {
		t.Errorf("a spurious minimum is in no case of Def 2: %+v", s)
	}

	// A δ that is given too small is found out.
	rng := lr.Stream(4, "breaks")
	p := generalOf(t, denseForm(t, 3, 3, atLimit(rng, 9, 0.9)), normalFactors(rng, 3, 0, 1), 1)
	if got, err = SensingChain(p, normalFactors(rng, 3, 0, 1), 0.01); err != nil {
		t.Fatal(err)
	}
	if got.Seen <= 0.01 || got.Theorem.Applies() != No || got.Links[0].Applies() != No {
		t.Errorf("δ = 0.01 was given, the point shows %v: %v", got.Seen, got.Links[0])
	}
}

// TestSensingChainObjective: another regulariser, or noise, is named.
func TestSensingChainObjective(t *testing.T) {
	rng := lr.Stream(5, "objective")
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 4, D2: 3, Delta: 0.01}.New())
	plain := generalOf(t, h, normalFactors(rng, 4, 3, 2), 2)
	x := normalFactors(rng, 4, 3, 2)
	heavy := wanted[*problem.Regularised](t)(problem.Balance{Of: plain, Mu: 0.6}.New())
	for name, p := range map[string]lr.Problem{"none": plain, "μ = 0.6": heavy} {
		got, err := BalancedSensingChain(p, x, 0.01)
		if err != nil {
			t.Fatal(err)
		}
		if got.Theorem.Applies() != No {
			t.Errorf("%s: %v", name, got.Theorem)
		}
	}
	sym := generalOf(t, wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 4, D2: 4, Delta: 0.01}.New()), normalFactors(rng, 4, 0, 2), 2)
	ridge := wanted[*problem.Regularised](t)(problem.Ridge{Of: sym, Lambda: 1}.New())
	y := normalFactors(rng, 4, 0, 2)
	got, err := SensingChain(ridge, y, 0.01)
	if err != nil {
		t.Fatal(err)
	}
	if got.Theorem.Applies() != No {
		t.Errorf("a ridge: %v", got.Theorem)
	}
	for name, err := range map[string]error{
		"symmetric":  second(BalancedSensingChain(sym, y, 0.01)),
		"asymmetric": second(SensingChain(plain, x, 0.01)),
	} {
		if !errors.Is(err, lr.ErrAbility) {
			t.Errorf("%s: %v, want ErrAbility", name, err)
		}
	}
	for _, bad := range []float64{-0.1, math.Inf(1)} {
		if err := second(SensingChain(sym, y, bad)); !errors.Is(err, lr.ErrValue) {
			t.Errorf("δ = %v: %v", bad, err)
		}
		if err := second(BalancedSensingChain(plain, x, bad)); !errors.Is(err, lr.ErrValue) {
			t.Errorf("δ = %v: %v", bad, err)
		}
	}
	if err := second(SensingChain(sym, x, 0.1)); !errors.Is(err, lr.ErrShape) {
		t.Errorf("a point of another shape: %v", err)
	}
}

// TestSensingChainGaussian: measured problems, scaled as in the paper. With many
// measurements the constant that points show is small, and the links hold.
func TestSensingChainGaussian(t *testing.T) {
	sym := wanted[*problem.Quadratic](t)(problem.GaussianSensing{D1: 4, Rank: 1, M: 4000, Symmetric: true, Scale: problem.ScaleMean, Seed: 1}.New())
	asym := balancedOf(t, wanted[*problem.Quadratic](t)(problem.GaussianSensing{D1: 4, D2: 3, Rank: 1, M: 20000, Scale: problem.ScaleMean, Seed: 1}.New()))
	sum := wanted[*problem.Quadratic](t)(problem.GaussianSensing{D1: 4, Rank: 1, M: 4000, Symmetric: true, Seed: 1}.New())
	rng := lr.Stream(7, "gaussian")
	for k := range 20 {
		x, y := normalFactors(rng, 4, 0, 1), normalFactors(rng, 4, 3, 1)
		got := wanted[*IsometryChain](t)(SensingChain(sym, x, math.NaN()))
		chainHolds(t, fmt.Sprintf("symmetric, point %d", k), got, Unknown)
		got = wanted[*IsometryChain](t)(BalancedSensingChain(asym, y, math.NaN()))
		chainHolds(t, fmt.Sprintf("asymmetric, point %d", k), got, Unknown)
		got = wanted[*IsometryChain](t)(SensingChain(sum, x, math.NaN()))
		chainHolds(t, fmt.Sprintf("not scaled, point %d", k), got, No)
	}
}

// TestSensingChainLowRank: a truth of lower rank is named.
func TestSensingChainLowRank(t *testing.T) {
	rng := lr.Stream(8, "low rank")
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 5, D2: 5, Delta: 0.1}.New())
	p := generalOf(t, h, normalFactors(rng, 5, 0, 1), 2)
	got := wanted[*IsometryChain](t)(SensingChain(p, normalFactors(rng, 5, 0, 2), 0.1))
	if got.SigmaR != 0 || got.Theorem.Applies() != No {
		t.Errorf("σᵣ* = %v: %v", got.SigmaR, got.Theorem)
	}
	chainHolds(t, "low rank", got, No)
}

// TestGeometryPrints: what is shown in a cell names its numbers.
func TestGeometryPrints(t *testing.T) {
	rng := lr.Stream(6, "prints")
	h := wanted[*operator.QuadraticForm](t)(operator.Perturbed{D1: 4, D2: 4, Delta: 0.05}.New())
	sym := generalOf(t, h, normalFactors(rng, 4, 0, 2), 2)
	x := normalFactors(rng, 4, 0, 2)
	truth, _ := lr.TruthOf(sym)
	ridge := wanted[*problem.Regularised](t)(problem.Ridge{Of: sym, Lambda: 1}.New())
	asym := balancedOf(t, generalOf(t, h, normalFactors(rng, 4, 4, 2), 2))
	chain := wanted[*IsometryChain](t)(SensingChain(sym, x, 0.05))
	for want, shown := range map[string]fmt.Stringer{
		"to the nearest solution":    wanted[*Alignment](t)(Align(x, truth)),
		"one of several R":           wanted[*Alignment](t)(Align(lr.NewSymmetric(4, 2), truth)),
		"[G] Lemma 6":                wanted[*DistanceBound](t)(DistanceBounds(x, truth)),
		"D:H:D":                      wanted[*CurvatureTerms](t)(CurvatureIdentity(sym, x, nil)),
		"Δ:∇²Q:Δ":                    wanted[*CurvatureTerms](t)(CurvatureIdentity(ridge, x, nil)),
		"[G] Theorem 8: δ = 0.05":    chain,
		"Q = 0: no":                  wanted[*IsometryChain](t)(SensingChain(ridge, x, 0.05)),
		"≤ ζ":                        chain.StrictSaddle(1),
		"‖B‖³ ≤ √r(‖∇g̃‖/μ)²":        wanted[*BalanceTerms](t)(BalanceIdentity(asym, normalFactors(rng, 4, 4, 2), 0.5)),
		"after the best rescaling δ": wanted[*RIPBound](t)(FormRIPLowerBound(t.Context(), h, 1, &RIPOptions{Starts: 1, Sweeps: 1})),
	} {
		if s := shown.String(); !strings.Contains(s, want) || strings.Contains(s, "%!") {
			t.Errorf("want %q in:\n%s", want, s)
		}
	}
}

func second(_ *IsometryChain, err error) error { return err }

// The proof of Theorem 8 at a saddle: the truth has two columns, the point has
// one of them.
func ExampleSensingChain() {
	truth := &lr.Factors{U: mat.NewDense(4, 2, []float64{2, 0, 0, 1, 0, 0, 0, 0})}
	form := operator.Perturbed{D1: 4, Delta: 0.1, Symmetric: true}
	h, err := form.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := problem.General{Form: h, Truth: truth, Rank: 2, Symmetric: true}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	x := &lr.Factors{U: mat.NewDense(4, 2, []float64{2, 0, 0, 0, 0, 0, 0, 0})}
	c, err := SensingChain(p, x, form.Delta)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("curvature %.3f\n", c.Curvature)
	for _, l := range c.Links {
		fmt.Printf("  ≤ %.3f\n", l.Right)
	}
	s := c.StrictSaddle(c.GradNorm)
	fmt.Printf("near: %t, negative curvature: %t\n", s.Near, s.NegativeCurvature)
	// Output:
	// curvature -2.110
	//   ≤ -1.064
	//   ≤ 0.036
	//   ≤ 0.121
	//   ≤ 0.136
	// near: true, negative curvature: true
}

// Theorem 3 beside the origin, a saddle: the way to the truth has negative
// curvature.
func ExampleBalancedSensingChain() {
	h, err := operator.Perturbed{D1: 4, D2: 3, Delta: 0.05}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	truth := &lr.Factors{U: mat.NewDense(4, 1, []float64{1, 1, 1, 1}), V: mat.NewDense(3, 1, []float64{1, -1, 1})}
	f, err := problem.General{Form: h, Truth: truth, Rank: 1}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	p, err := problem.Balance{Of: f, Mu: 0.5}.New()
	if err != nil {
		fmt.Println(err)
		return
	}
	x := &lr.Factors{U: mat.NewDense(4, 1, []float64{0, 0, 0.01, 0}), V: mat.NewDense(3, 1, []float64{0, 0, 0.01})}
	c, err := BalancedSensingChain(p, x, 0.05)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("σ* = %.3f, curvature along Δ %.2f\n", c.SigmaR, c.Curvature)
	fmt.Println("the theorem holds:", c.Theorem.Holds(1e-12), "its hypotheses:", c.Theorem.Applies())
	s := c.StrictSaddle(0.1)
	fmt.Println("negative curvature:", s.NegativeCurvature, "near:", s.Near)
	// Output:
	// σ* = 3.464, curvature along Δ -22.93
	// the theorem holds: true its hypotheses: yes
	// negative curvature: true near: false
}
