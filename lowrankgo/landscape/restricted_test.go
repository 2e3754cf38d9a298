package landscape

import (
	"context"
	"errors"
	"math"
	"testing"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
	"pgregory.net/rapid"
)

// curvatureAt is ∇²f(X)[D, D]/‖D‖² by the problem's own form.
func curvatureAt(t testing.TB, p lr.Problem, x, d *lr.Factors) float64 {
	t.Helper()
	h, err := lr.CurvatureOf(p, x)
	noError(t, err)
	return h.NewEval().Apply(d.U, d.V) / squared(linalg.ProductNorm(d.U, d.V))
}

// TestRestrictedConvexityAttained: of I + δK the constants are 1 ± δ, on every rank, and
// the search finds both.
func TestRestrictedConvexityAttained(t *testing.T) {
	for _, c := range []struct{ d1, d2, r int }{{6, 5, 1}, {5, 8, 2}, {4, 4, 4}} {
		for _, delta := range []float64{0, 0.2, 0.6} {
			h, err := operator.Perturbed{D1: c.d1, D2: c.d2, Delta: delta, Seed: 3}.New()
			noError(t, err)
			p, err := problem.General{Form: h, Rank: c.r, Weight: 2, Truth: normalFactors(lr.Stream(1, "t"), c.d1, c.d2, c.r)}.New()
			noError(t, err)
			b, err := RestrictedConvexity(context.Background(), p, nil)
			noError(t, err)
			want := (1 + delta) / (1 - delta)
			if b.Ratio > want*(1+1e-10) || b.Ratio < want*(1-1e-8) || !b.Quadratic || b.Points != 1 {
				t.Errorf("%+v, δ = %g: β/α ≥ %.12g, want %.12g; quadratic %t", c, delta, b.Ratio, want, b.Quadratic)
			}
			if b.Alpha < 2*(1-delta)-1e-9 || b.Beta > 2*(1+delta)+1e-9 {
				t.Errorf("%+v, δ = %g: α ≤ %g, β ≥ %g; want 2(1 ∓ δ)", c, delta, b.Alpha, b.Beta)
			}
			if no := b.Hypothesis.Holds == No; no != (want > 1.5+1e-12) || b.Hypothesis.Holds == Yes {
				t.Errorf("δ = %g: %v", delta, b.Hypothesis)
			}
		}
	}
}

// TestRestrictedConvexityIsALowerBound: the matrices that are returned have the
// values that are said, for every kind of f, and the ranks.
func TestRestrictedConvexityIsALowerBound(t *testing.T) {
	cosh := problem.Function{
		D1: 5, D2: 4, Rank: 1,
		F: func(x *mat.Dense) float64 {
			var s float64
			for _, v := range x.RawMatrix().Data {
				s += math.Cosh(v)
			}
			return s
		},
		Grad: func(dst, x *mat.Dense) { dst.Apply(func(_, _ int, v float64) float64 { return math.Sinh(v) }, x) },
		Hess: func(dst, x, d *mat.Dense) {
			dst.Apply(func(i, j int, v float64) float64 { return math.Cosh(v) * d.At(i, j) }, x)
		},
	}
	general, err := cosh.New()
	noError(t, err)
	a := lr.NormalMatrix(lr.Stream(1, "A"), 6, 5)
	w := mat.NewDense(6, 5, nil)
	w.Apply(func(i, j int, _ float64) float64 { return 1 + float64((i*5+j)%4) }, w)
	weighted, err := problem.WeightedFactorisation{A: a, Weights: w, Rank: 2}.New()
	noError(t, err)
	balanced, err := problem.Balance{Of: weighted, Mu: 3}.New()
	noError(t, err)
	symmetric, err := problem.WeightedFactorisation{A: mat.NewDense(3, 3, []float64{2, 1, 0, 1, 2, 1, 0, 1, 2}), Weights: mat.NewDense(3, 3, []float64{1, 2, 1, 1, 1, 1, 1, 1, 3}), Rank: 1, Symmetric: true}.New()
	noError(t, err)
	symmetricCosh, err := problem.Function{
		D1: 4, Rank: 1, Symmetric: true, F: cosh.F, Grad: cosh.Grad, Hess: cosh.Hess,
		Truth: &lr.Factors{U: lr.NormalMatrix(lr.Stream(1, "T"), 4, 1)},
	}.New()
	noError(t, err)
	point := lr.NewFactors(5, 4, 1)
	point.U.Set(0, 0, 3)
	point.V.Set(0, 0, 1)
	for name, c := range map[string]struct {
		p           lr.Problem
		o           *RestrictedOptions
		least, most float64 // what β/α must be at least, and what it is at most
	}{
		"weights 1 to 4":  {balanced, nil, 4 - 1e-9, 4 + 1e-9},
		"entrywise cosh":  {general, nil, 2, math.Inf(1)},
		"with a point":    {general, &RestrictedOptions{Points: []*lr.Factors{point}, Starts: 2}, math.Cosh(3) - 1e-6, math.Inf(1)},
		"symmetric":       {symmetric, nil, 3 - 1e-9, 3 + 1e-9},
		"symmetric cosh":  {symmetricCosh, nil, 1.5, math.Inf(1)},
		"rank 1 alone":    {general, &RestrictedOptions{RankX: 1, RankD: 1, Random: 1}, 1.5, math.Inf(1)},
		"another D, of X": {weighted, &RestrictedOptions{RankX: 1, RankD: 1, Seed: 4}, 4 - 1e-9, 4 + 1e-9},
	} {
		t.Run(name, func(t *testing.T) {
			b, err := RestrictedConvexity(context.Background(), c.p, c.o)
			noError(t, err)
			if b.Ratio < c.least || b.Ratio > c.most {
				t.Errorf("β/α ≥ %g; want it in [%g, %g]", b.Ratio, c.least, c.most)
			}
			vectorNear(t, "α", curvatureAt(t, c.p, b.LowX, b.LowD), b.Alpha)
			vectorNear(t, "β", curvatureAt(t, c.p, b.HighX, b.HighD), b.Beta)
			for _, m := range []struct {
				x    *lr.Factors
				rank int
			}{{b.LowX, b.RankX}, {b.HighX, b.RankX}, {b.LowD, b.RankD}, {b.HighD, b.RankD}} {
				if m.x.Rank() > m.rank {
					t.Errorf("a matrix of %d columns where rank %d was asked for", m.x.Rank(), m.rank)
				}
			}
			again, err := RestrictedConvexity(context.Background(), c.p, c.o)
			noError(t, err)
			if again.Alpha != b.Alpha || again.Beta != b.Beta {
				t.Error("the same seed gave other numbers")
			}
		})
	}
}

// fig2 is the sensing problem of [L] Fig. 2 a, b.
func fig2(t testing.TB) lr.Problem {
	t.Helper()
	p, err := problem.GaussianSensing{D1: 40, D2: 50, Rank: 5, M: 750, Seed: 1}.New()
	noError(t, err)
	return p
}

// TestFigure2OutsideTheorem: Fig. 2's own instance has α = 0 at rank 4r = 20, and
// the matrix that shows it.
func TestFigure2OutsideTheorem(t *testing.T) {
	b, err := RestrictedConvexity(context.Background(), fig2(t), &RestrictedOptions{Starts: 1, Sweeps: 2})
	noError(t, err)
	if !b.Counted || b.Equations != 750 || b.Unknowns != 1000 || b.RankD != 20 {
		t.Errorf("%d equations in %d unknowns at rank %d; want 750 in 1000 at 20", b.Equations, b.Unknowns, b.RankD)
	}
	if !math.IsInf(b.Ratio, 1) || b.Hypothesis.Holds != No || !(b.Alpha < 1e-20*b.Beta) {
		t.Errorf("α ≤ %g, β ≥ %g, β/α ≥ %g, %v", b.Alpha, b.Beta, b.Ratio, b.Hypothesis)
	}
	var svd mat.SVD
	svd.Factorize(b.LowD.Dense(), mat.SVDNone)
	s := svd.Values(nil)
	if n := linalg.ProductNorm(b.LowD.U, b.LowD.V); math.Abs(n-1) > 1e-12 || s[20] > 1e-13 || s[19] < 1e-6 {
		t.Errorf("D has norm %g and singular values %.3g", n, s)
	}
}

// TestNullMatrix: 𝒜(D) = 0 to rounding, ‖D‖ = 1, the rank asked for; on masks,
// Gaussian and rank-one maps.
func TestNullMatrix(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := drawSize(t, false)
		m := rapid.IntRange(1, max(1, max(s.d1, s.d2)*s.r-1)).Draw(t, "m")
		if m >= max(s.d1, s.d2)*s.r {
			t.Skip("one unknown")
		}
		op, err := operator.NewGaussian(s.d1, s.d2, m, s.seed)
		if err != nil {
			t.Fatal(err)
		}
		d, err := NullMatrix(context.Background(), op, s.r, s.seed)
		if err != nil {
			t.Fatal(err)
		}
		res := make([]float64, m)
		op.NewEval().Apply(res, d.U, d.V, nil)
		if off := math.Sqrt(squared(mat.Norm(mat.NewVecDense(m, res), 2))); !(off <= 1e-9) {
			t.Fatalf("‖𝒜(D)‖ = %g", off)
		}
		if n := linalg.ProductNorm(d.U, d.V); math.Abs(n-1) > 1e-10 || d.Rank() != s.r {
			t.Fatalf("‖D‖ = %g, %d columns", n, d.Rank())
		}
	})
	mask, err := operator.NewBernoulliMask(12, 9, 0.4, 1)
	noError(t, err)
	d, err := NullMatrix(context.Background(), mask, 5, 1)
	noError(t, err)
	_, _, m := mask.Dims()
	res := make([]float64, m)
	mask.NewEval().Apply(res, d.U, d.V, nil)
	if off := mat.Norm(mat.NewVecDense(m, res), 2); off > 1e-12 {
		t.Errorf("mask: ‖𝒜(D)‖ = %g", off)
	}
}

func TestRestrictedInput(t *testing.T) {
	ctx := context.Background()
	p := nearlyIsometric(t, 5, 4, 1, 1)
	bare := lr.Funcs{D1: 5, D2: 4, Rank: 1, GradFunc: func(_, _ *lr.Factors) float64 { return 0 }}
	op, err := operator.NewGaussian(5, 4, 20, 1)
	noError(t, err)
	done, cancel := context.WithCancel(ctx)
	cancel()
	call := func(ctx context.Context, p lr.Problem, o RestrictedOptions) error {
		_, err := RestrictedConvexity(ctx, p, &o)
		return err
	}
	null := func(ctx context.Context, op lr.Operator, k int) error {
		_, err := NullMatrix(ctx, op, k, 1)
		return err
	}
	few, err := operator.NewGaussian(5, 4, 3, 1)
	noError(t, err)
	for name, c := range map[string]struct{ got, want error }{
		"no problem":            {call(ctx, nil, RestrictedOptions{}), lr.ErrEmpty},
		"no second derivatives": {call(ctx, bare, RestrictedOptions{}), lr.ErrAbility},
		"rank of D":             {call(ctx, p, RestrictedOptions{RankD: 5}), lr.ErrRank},
		"negative rank":         {call(ctx, p, RestrictedOptions{RankX: -1}), lr.ErrValue},
		"negative starts":       {call(ctx, p, RestrictedOptions{Starts: -1}), lr.ErrValue},
		"point of other shape":  {call(ctx, p, RestrictedOptions{Points: []*lr.Factors{lr.NewFactors(4, 5, 1)}}), lr.ErrShape},
		"point of high rank":    {call(ctx, p, RestrictedOptions{Points: []*lr.Factors{lr.NewFactors(5, 4, 3)}}), lr.ErrShape},
		"nil point":             {call(ctx, p, RestrictedOptions{Points: []*lr.Factors{nil}}), lr.ErrShape},
		"cancelled":             {call(done, p, RestrictedOptions{}), context.Canceled},
		"no operator":           {null(ctx, nil, 1), lr.ErrEmpty},
		"rank 0":                {null(ctx, op, 0), lr.ErrRank},
		"rank above":            {null(ctx, op, 5), lr.ErrRank},
		"enough measurements":   {null(ctx, op, 4), lr.ErrValue},
		"cancelled null":        {null(done, few, 1), context.Canceled},
	} {
		if !errors.Is(c.got, c.want) {
			t.Errorf("%s: error %v; want one that wraps %v", name, c.got, c.want)
		}
	}
}
