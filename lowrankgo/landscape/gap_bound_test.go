package landscape

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// made fails the test on a constructor's error.
func made[T any](v T, err error) func(*testing.T) T {
	return func(t *testing.T) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// convexProblems are small problems of every kind that says it is convex.
func convexProblems(t *testing.T, seed uint64) map[string]lr.Problem {
	t.Helper()
	mask := made(operator.NewBernoulliMask(6, 5, 0.7, seed))(t)
	_, _, m := mask.Dims()
	counts, rng := make([]float64, m), lr.Stream(seed, "counts")
	for i := range counts {
		counts[i] = float64(rng.IntN(4))
	}
	sensing := made(problem.RandomSensing{Operator: made(operator.NewGaussian(6, 5, 40, seed))(t), Rank: 2, Seed: seed}.New())(t)
	truth, _ := lr.TruthOf(sensing)
	balanced := made(problem.Balance{Of: sensing, Mu: 0.5}.New())(t)
	form := made(operator.Perturbed{D1: 6, D2: 5, Delta: 0.3, Seed: seed}.New())(t)
	linear := made(problem.Linear{Of: balanced, N: lr.NormalMatrix(rng, 6, 5)}.New())(t)
	return map[string]lr.Problem{
		"sensing":       sensing,
		"balanced":      balanced,
		"linear":        linear,
		"lifted":        made(problem.Lift{Of: balanced}.New())(t),
		"completion":    made(problem.RandomCompletion{D1: 6, D2: 5, Rank: 2, P: 0.6, Noise: 0.1, Seed: seed}.New())(t),
		"symmetric":     made(problem.RandomCompletion{D1: 6, Rank: 2, P: 0.6, Seed: seed, Symmetric: true}.New())(t),
		"factorisation": made(problem.Factorisation{A: lr.NormalMatrix(rng, 6, 5), Rank: 1}.New())(t),
		"one bit":       made(problem.RandomOneBit{D1: 6, D2: 5, Rank: 2, P: 0.8, Seed: seed}.New())(t),
		"poisson":       made(problem.Poisson{Mask: mask, Values: counts, Rank: 2}.New())(t),
		"huber":         made(problem.Huber{Operator: mask, B: counts, Rank: 5, Threshold: 0.5}.New())(t),
		"general":       made(problem.General{Form: form, Truth: truth, Rank: 2}.New())(t),
	}
}

// randomPoint has entries of the size given; some columns may be 0.
func randomPoint(p lr.Problem, rng *rand.Rand, size float64) *lr.Factors {
	x := lr.NewPoint(p)
	for _, m := range []*mat.Dense{x.U, x.V} {
		if m == nil {
			continue
		}
		rows, cols := m.Dims()
		m.Copy(lr.NormalMatrix(rng, rows, cols))
		if rng.IntN(4) == 0 {
			for i := range rows {
				m.Set(i, cols-1, 0)
			}
		}
		m.Scale(size, m)
	}
	return x
}

// worst looks for the Y in the ball of nuclear norm τ, among matrices that p can
// evaluate, with the least f: a random one, the truth, and points of gradient
// descent from x, scaled into the ball.
func worst(p lr.Problem, x *lr.Factors, tau float64, rng *rand.Rand) float64 {
	f := lr.UnregularisedOf(p)
	eval, y, g := f.NewEval(), randomPoint(p, rng, 1), lr.NewPoint(p)
	least := math.Inf(1)
	see := func(y *lr.Factors) {
		y = y.Clone()
		if n := nuclearNorm(y); n > tau {
			y.Scale(math.Sqrt(tau / n * (1 - 1e-14)))
		}
		least = min(least, eval.Grad(nil, y))
	}
	see(y)
	if truth, ok := lr.TruthOf(p); ok && truth.Rank() == x.Rank() {
		see(truth)
	}
	y.CopyFrom(x)
	step := 1.0
	for range 15 {
		before := eval.Grad(g, y)
		next := y.Clone()
		next.AddScaled(-step, g)
		if eval.Grad(nil, next) < before {
			y, step = next, 1.5*step
			see(y)
			continue
		}
		step /= 4
	}
	return least
}

// TestNuclearGapBounds: over 10,000 instances of all convex kinds f(X) − f(Y) is
// never above the bound, also for Y that descent found.
func TestNuclearGapBounds(t *testing.T) {
	const seed = 7
	rng := lr.Stream(seed, "points")
	instances, closest := 0, 0.0
	for instances < 10_000 {
		for name, p := range convexProblems(t, rng.Uint64()) {
			f := lr.UnregularisedOf(p).NewEval()
			for range 20 {
				instances++
				x := randomPoint(p, rng, math.Pow(10, rng.Float64()-0.7))
				g, err := NuclearGap(context.Background(), p, x, 1)
				if err != nil {
					t.Fatalf("seed %d, %s: %v", seed, name, err)
				}
				tau := g.Nuclear * math.Pow(10, rng.NormFloat64()/3)
				value := f.Grad(nil, x)
				gap := value - worst(p, x, tau, rng)
				if gap > g.At(tau)+1e-10*(1+math.Abs(value)) {
					t.Fatalf("seed %d, %s: f(X) − f(Y) = %g with ‖Y‖₊ ≤ %g; the bound is %g", seed, name, gap, tau, g.At(tau))
				}
				closest = max(closest, gap/g.At(tau))
			}
		}
	}
	if closest < 0.5 {
		t.Errorf("seed %d: the largest share of the bound seen is %g; the test does not come near it", seed, closest)
	}
}

// TestNuclearGapZero: at the minimiser over the ball the bound is 0, and at the
// noiseless truth for every τ.
func TestNuclearGapZero(t *testing.T) {
	a := mat.NewDense(4, 3, []float64{4, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0})
	p := made(problem.Factorisation{A: a, Rank: 3}.New())(t)
	// The projection onto ‖Y‖₊ ≤ 4 takes 1 from each singular value.
	y := mat.NewDense(4, 3, []float64{3, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0})
	g := made(NuclearGap(context.Background(), p, gapFactors(y), 1))(t)
	gapNear(t, "‖Y‖₊", g.Nuclear, 4, 1e-14)
	gapNear(t, "the bound at the minimiser", g.At(4), 0, 1e-14)
	g = made(NuclearGap(context.Background(), p, gapFactors(a), 1))(t)
	gapNear(t, "the bound at the truth", g.At(1e6), 0, 1e-9)
	g = made(NuclearGap(context.Background(), p, lr.NewPoint(p), 1))(t)
	gapNear(t, "the bound at 0", g.At(7), 28, 1e-12) // ‖A‖₂ = 4
}

func TestNuclearNorm(t *testing.T) {
	rng := lr.Stream(3, "norms")
	for _, shape := range [][3]int{{5, 4, 3}, {1, 1, 1}, {4, 7, 4}, {30, 2, 2}, {6, 6, 5}} {
		for _, zero := range []bool{false, true} {
			x := lr.NewFactors(shape[0], shape[1], shape[2])
			x.U.Copy(lr.NormalMatrix(rng, shape[0], shape[2]))
			x.V.Copy(lr.NormalMatrix(rng, shape[1], shape[2]))
			if zero { // rank-deficient
				for i := range shape[0] {
					x.U.Set(i, 0, 0)
				}
			}
			var svd mat.SVD
			if !svd.Factorize(x.Dense(), mat.SVDNone) {
				t.Fatal("no SVD")
			}
			gapNear(t, "‖UVᵀ‖₊", nuclearNorm(x), sum(svd.Values(nil)), 1e-13)
			sym := &lr.Factors{U: x.U}
			if !svd.Factorize(sym.Dense(), mat.SVDNone) {
				t.Fatal("no SVD")
			}
			gapNear(t, "‖UUᵀ‖₊", nuclearNorm(sym), sum(svd.Values(nil)), 1e-13)
		}
	}
}

func sum(v []float64) (s float64) {
	for _, a := range v {
		s += a
	}
	return s
}

// gradientOf is a problem whose ∇f is the given matrix at 0: the linear
// function ⟨G, M⟩, with a quadratic part elsewhere.
func gradientOf(t *testing.T, g *mat.Dense) *matrixGradient {
	t.Helper()
	minus := mat.DenseCopyOf(g)
	minus.Scale(-1, g)
	p := made(problem.Factorisation{A: minus, Rank: 1}.New())(t)
	eval, ok := lr.MulGradOf(p)
	if !ok {
		t.Fatal("no products")
	}
	d1, d2 := g.Dims()
	return &matrixGradient{eval: eval, x: lr.NewPoint(p), d1: d1, d2: d2}
}

// TestSpectralEstimate compares the estimate with the exact norm: never below
// it, never more than 5.5 % above.
func TestSpectralEstimate(t *testing.T) {
	rng := lr.Stream(5, "gradients")
	shapes := [][2]int{{200, 150}, {150, 200}, {400, 7}, {7, 400}, {60, 60}, {1, 300}, {300, 1}}
	for _, size := range []float64{1, 1e-170, 1e170} {
		for k, shape := range shapes {
			g := lr.NormalMatrix(rng, shape[0], shape[1])
			if k%2 == 1 { // of rank one, which exhausts the space at once
				u, v := lr.NormalMatrix(rng, shape[0], 1), lr.NormalMatrix(rng, shape[1], 1)
				g.Mul(u, v.T())
			}
			g.Scale(size, g)
			m := gradientOf(t, g)
			exact := largestSingular(m.dense())
			var gap Gap
			if err := m.estimate(context.Background(), &gap, rng.Uint64()); err != nil {
				t.Fatal(err)
			}
			if ratio := gap.Spectral / exact; !(ratio >= 1 && ratio <= 1/math.Sqrt(1-gapEpsilon)+1e-12) {
				t.Errorf("%d×%d of size %g: the estimate is %g times the norm", shape[0], shape[1], size, ratio)
			}
			if !(gap.Failure > 0 && gap.Failure <= gapFailure) || gap.Exact {
				t.Errorf("failure %g, exact %t", gap.Failure, gap.Exact)
			}
		}
	}
	if s, exact := spectralNorm(mat.NewDense(1, 2, []float64{math.NaN(), 1})); exact || !math.IsNaN(s) {
		t.Errorf("the norm of NaN is %g, exact %t", s, exact)
	}
	zero := gradientOf(t, mat.NewDense(9, 8, nil))
	var gap Gap
	if err := zero.estimate(context.Background(), &gap, 1); err != nil || gap.Spectral != 0 {
		t.Errorf("the norm of 0 is estimated as %g, error %v", gap.Spectral, err)
	}
}

// TestSpectralFailure holds the probability to its bound, on a spectrum that is
// hard: after few steps the share of random starts that miss the norm by ε is
// below it.
func TestSpectralFailure(t *testing.T) {
	const n, trials = 60, 2000
	g := mat.NewDense(n, n, nil)
	g.Set(0, 0, 1)
	for i := 1; i < n; i++ { // the squares fill [0, 1−ε] like Chebyshev points
		g.Set(i, i, math.Sqrt((1-gapEpsilon)*(1+math.Cos(math.Pi*float64(i)/n))/2))
	}
	m := gradientOf(t, g)
	for k := 1; k <= 6; k++ {
		missed := 0
		for seed := range uint64(trials) {
			sigma, err := m.bidiagonal(context.Background(), k, seed)
			if err != nil {
				t.Fatal(err)
			}
			if sigma*sigma < 1-gapEpsilon {
				missed++
			}
		}
		if share := float64(missed) / trials; share > gapFails(n, k) {
			t.Errorf("after %d steps %g of the starts miss the norm; the bound is %g", k, share, gapFails(n, k))
		}
		if k == 1 && missed == 0 {
			t.Error("no start misses after one step: the spectrum is not hard")
		}
	}
}

func TestNuclearGapLarge(t *testing.T) {
	p := made(problem.RandomCompletion{D1: 300, D2: 250, Rank: 3, P: 0.1, Seed: 1}.New())(t)
	x := randomPoint(p, lr.Stream(1, "x"), 1)
	g := made(NuclearGap(context.Background(), p, x, 9))(t)
	if g.Exact {
		t.Fatal("75,000 entries were formed")
	}
	again := made(NuclearGap(context.Background(), p, x, 9))(t)
	if *again != *g {
		t.Errorf("the same seed gives %v and %v", *g, *again)
	}
	eval, _ := lr.MulGradOf(p)
	exact := largestSingular((&matrixGradient{eval: eval, x: x, d1: 300, d2: 250}).dense())
	if ratio := g.Spectral / exact; !(ratio >= 1 && ratio < 1.055) {
		t.Errorf("the estimate is %g times the norm", ratio)
	}
}

func TestNuclearGapRefuses(t *testing.T) {
	ctx := context.Background()
	p := made(problem.RandomCompletion{D1: 6, D2: 5, Rank: 2, P: 0.9, Seed: 1}.New())(t)
	x := randomPoint(p, lr.Stream(1, "x"), 1)
	data := lr.NormalMatrix(lr.Stream(1, "data"), 6, 5)
	robust := made(problem.RobustPCA{Data: data, Rank: 2, Alpha: 0.3}.New())(t)
	bad := x.Clone()
	bad.U.Set(0, 0, math.NaN())
	huge := x.Clone()
	huge.Scale(1e160)
	grad := func(dst, x *lr.Factors) float64 { return p.NewEval().Grad(dst, x) }
	cases := map[string]struct {
		p    lr.Problem
		x    *lr.Factors
		want error
	}{
		"robust PCA":       {robust, x, lr.ErrAbility},
		"no products":      {lr.Funcs{D1: 6, D2: 5, Rank: 2, GradFunc: grad}, x, lr.ErrAbility},
		"no problem":       {nil, x, lr.ErrEmpty},
		"another shape":    {p, lr.NewFactors(5, 5, 2), lr.ErrShape},
		"NaN":              {p, bad, lr.ErrValue},
		"an infinite one":  {p, huge, lr.ErrValue},
		"the wrong factor": {p, lr.NewSymmetric(6, 2), lr.ErrShape},
	}
	for name, c := range cases {
		if g, err := NuclearGap(ctx, c.p, c.x, 1); !errors.Is(err, c.want) || g != nil {
			t.Errorf("%s: gap %v, error %v; want one that wraps %v", name, g, err, c.want)
		}
	}
	if g, err := nuclearGap(ctx, robust, x, 1); g != nil || err != nil {
		t.Errorf("a problem without a gap gives %v, %v; want nil and no error", g, err)
	}
	ended, cancel := context.WithCancel(ctx)
	cancel()
	if _, err := NuclearGap(ended, p, x, 1); !errors.Is(err, context.Canceled) {
		t.Errorf("under an ended context: %v", err)
	}
}
