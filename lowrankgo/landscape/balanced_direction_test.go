package landscape

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// weighted is ½ Σ w_ij (X − X*)²_ij of a thm31 case.
func (c liftVector) weighted(t testing.TB) lr.Problem {
	t.Helper()
	m := rowsMatrix(c.Xstar)
	_, d2 := m.Dims()
	p, err := problem.WeightedFactorisation{
		A: m, Weights: rowsMatrix(c.Weights), Rank: len(c.U[0]),
		Truth: &lr.Factors{U: m, V: identityOf(d2)},
	}.New()
	noError(t, err)
	return p
}

func identityOf(n int) *mat.Dense {
	m := mat.NewDense(n, n, nil)
	for i := range n {
		m.Set(i, i, 1)
	}
	return m
}

func TestBalancedDirectionVectors(t *testing.T) {
	for _, c := range liftVectors(t, "thm31_full") {
		t.Run(c.Name, func(t *testing.T) {
			p, x := c.weighted(t), rowsFactors(c.U, c.V)
			b, err := BalancedDirection(context.Background(), p, x, c.Mu)
			noError(t, err)
			vectorNear(t, "‖∇g‖", b.GradNorm, c.GradientNorm)
			vectorNear(t, "‖UᵀU − VᵀV‖²", squared(b.Unbalance), c.Unbalance)
			for k, s := range c.Singular {
				vectorNear(t, "σ", b.Singular[k], s)
			}
			// Singular vectors carry signs: compare what does not.
			var g11, g22 mat.Dense
			g11.Mul(b.G1, b.G1.T())
			g22.Mul(b.G2, b.G2.T())
			matrixNear(t, "G₁G₁ᵀ", &g11, c.G1G1)
			matrixNear(t, "G₂G₂ᵀ", &g22, c.G2G2)
			vectorNear(t, "λmin(∇²g̃)", b.Regularised, c.LambdaMinRegularised)
			vectorNear(t, "∇²g̃[D̃,D̃]", b.Regularised, c.CurvatureRegularised)
			vectorNear(t, "∇²g[D,D]", b.Curvature, c.Curvature)
			if b.Residual > 1e-8 || math.Abs(b.Tilde.Norm()-1) > 1e-12 {
				t.Errorf("D̃ has norm %g and residual %g", b.Tilde.Norm(), b.Residual)
			}
			holdAll(t, b.Checks, 1e-12)
			if !b.Strict.Holds(0) || b.Strict.Applies() != No {
				t.Errorf("X* has rank above r, so only the transfer is claimed: %v", b.Strict)
			}
			h, err := HessianEigenvalues(context.Background(), p, x)
			noError(t, err)
			vectorNear(t, "λmin(∇²g)", h[0], c.LambdaMin)
			if ray := b.Curvature / squared(b.Direction.Norm()); ray < h[0]-1e-12 || ray > 0 {
				t.Errorf("Rayleigh quotient %g of D, λmin = %g", ray, h[0])
			}
		})
	}
}

func holdAll(t testing.TB, checks []Check, tol float64) {
	t.Helper()
	for _, c := range checks {
		if !c.Holds(tol) {
			t.Error(c)
		}
	}
}

// TestBalancedDirectionAnywhere: the identities hold at every point of full rank,
// critical or not, however unbalanced, whatever f and its regularisers.
func TestBalancedDirectionAnywhere(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSize(t, false)
		s.d1, s.d2 = min(s.d1, 9), min(s.d2, 9)
		s.r = min(s.r, s.d1, s.d2, 3)
		rng := lr.Stream(s.seed, "balanced direction")
		op, err := operator.NewGaussian(s.d1, s.d2, 2*s.d1*s.d2, s.seed)
		if err != nil {
			t.Fatal(err)
		}
		p, err := problem.RandomSensing{Operator: op, Rank: s.r, Seed: s.seed, Scale: problem.ScaleMean}.New()
		if err != nil {
			t.Fatal(err)
		}
		wrapped, err := problem.Balance{Of: p, Mu: 7}.New() // left out: g is f(UVᵀ)
		if err != nil {
			t.Fatal(err)
		}
		x := normalFactors(rng, s.d1, s.d2, s.r)
		c := math.Pow(10, rapid.Float64Range(-2, 2).Draw(t, "log unbalance"))
		x.U.Scale(c, x.U)
		x.V.Scale(1/c, x.V)
		mu := rapid.SampledFrom([]float64{0, 0.5, 0.01, 4}).Draw(t, "mu")
		b, err := BalancedDirection(context.Background(), wrapped, x, mu)
		if err != nil {
			t.Fatal(err)
		}
		for _, check := range b.Checks {
			if !check.Holds(1e-10) {
				t.Fatal(check)
			}
		}
		if !mat.EqualApprox(b.Balanced.Dense(), x.Dense(), 1e-9) {
			t.Fatal("the balanced point has another product")
		}
	})
}

// nearlyIsometric is ½ E:(I + δK):E with β/α = 3/2 for δ = 1/5, whose X* has rank
// r: what the theorem speaks of.
func nearlyIsometric(t testing.TB, d1, d2, r int, seed uint64) lr.Problem {
	t.Helper()
	h, err := operator.Perturbed{D1: d1, D2: d2, Delta: 0.2, Seed: seed}.New()
	noError(t, err)
	p, err := problem.General{Form: h, Rank: r, Truth: normalFactors(lr.Stream(seed, "truth"), d1, d2, r)}.New()
	noError(t, err)
	return p
}

// criticalPoint descends on ‖∇g‖² by least-squares steps, (H² + c‖∇g‖)⁻¹H∇g,
// which end at critical points of every kind.
func criticalPoint(t testing.TB, p lr.Problem, x *lr.Factors) (*lr.Factors, bool) {
	t.Helper()
	x = x.Clone()
	e := p.NewEval()
	g := lr.NewPoint(p)
	n := variables(x)
	flat := mat.NewVecDense(n, nil)
	for range 300 {
		e.Grad(g, x)
		if g.Norm() < 1e-11*(1+x.Norm()) {
			return x, true
		}
		h, err := denseHessian(context.Background(), p, x)
		noError(t, err)
		flatten(flat.RawVector().Data, g)
		var hh, a mat.Dense
		hh.Mul(h, h)
		for i := range n {
			hh.Set(i, i, hh.At(i, i)+1e-3*g.Norm()+1e-12)
		}
		a.Mul(h, flat)
		var step mat.Dense
		if err := step.Solve(&hh, &a); err != nil && mat.Norm(&step, 2) > 1e6 {
			return nil, false
		}
		flat.SubVec(flattened(x), step.ColView(0))
		unflatten(x, flat.RawVector().Data)
	}
	return nil, false
}

func flattened(x *lr.Factors) *mat.VecDense {
	v := mat.NewVecDense(variables(x), nil)
	flatten(v.RawVector().Data, x)
	return v
}

// TestStrictSaddlesOfTheTheorem finds critical points of full rank away from X*,
// where all hypotheses hold: each has the direction that the theorem claims.
func TestStrictSaddlesOfTheTheorem(t *testing.T) {
	found := 0
	for seed := uint64(1); seed <= 40; seed++ {
		p := nearlyIsometric(t, 5, 4, 2, seed)
		truth, _ := lr.TruthOf(p)
		rng := lr.Stream(seed, "start")
		x, ok := criticalPoint(t, p, normalFactors(rng, 5, 4, 2))
		if !ok || lr.RelErr(x, truth) < 1e-6 {
			continue
		}
		b, err := BalancedDirection(context.Background(), p, x, 0.5)
		if errors.Is(err, lr.ErrRank) {
			continue
		}
		noError(t, err)
		if b.Singular[1] < 1e-6*b.Singular[0] {
			continue // of lower rank
		}
		found++
		holdAll(t, b.Checks, 1e-8)
		for _, h := range b.Strict.Hypotheses {
			if h.Holds == No {
				t.Errorf("seed %d: %v", seed, h)
			}
		}
		if !(b.Regularised < 0) || !(b.Curvature < 0) {
			t.Errorf("seed %d: a critical point with ‖∇g‖ = %g and λmin(∇²g̃) = %g, ∇²g[D,D] = %g; both are negative by the theorem",
				seed, b.GradNorm, b.Regularised, b.Curvature)
		}
	}
	if found < 3 {
		t.Errorf("the search found %d saddles of full rank; it should find some", found)
	}
}

func TestBalancedDirectionInput(t *testing.T) {
	ctx := context.Background()
	p := nearlyIsometric(t, 4, 3, 2, 1)
	x := normalFactors(lr.Stream(1, "x"), 4, 3, 2)
	low := x.Clone()
	for j := range 3 {
		low.V.Set(j, 1, 2*low.V.At(j, 0))
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	call := func(ctx context.Context, p lr.Problem, x *lr.Factors, mu float64) error {
		_, err := BalancedDirection(ctx, p, x, mu)
		return err
	}
	bare := lr.Funcs{D1: 4, D2: 3, Rank: 2, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	symmetric, err := problem.GaussianSensing{D1: 4, D2: 4, Rank: 1, M: 20, Symmetric: true}.New()
	noError(t, err)
	for name, c := range map[string]struct{ got, want error }{
		"no problem":       {call(ctx, nil, x, 1), lr.ErrEmpty},
		"symmetric":        {call(ctx, symmetric, lr.NewSymmetric(4, 1), 1), lr.ErrShape},
		"another shape":    {call(ctx, p, normalFactors(lr.Stream(1, "y"), 3, 4, 2), 1), lr.ErrShape},
		"rank below r":     {call(ctx, p, low, 1), lr.ErrRank},
		"the origin":       {call(ctx, p, lr.NewFactors(4, 3, 2), 1), lr.ErrRank},
		"negative μ":       {call(ctx, p, x, -1), lr.ErrValue},
		"infinite μ":       {call(ctx, p, x, math.Inf(1)), lr.ErrValue},
		"no Hessian":       {call(ctx, bare, x, 1), lr.ErrAbility},
		"cancelled before": {call(done, p, x, 1), context.Canceled},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: error %v; want one that wraps %v", name, c.got, c.want)
		}
	}
}
