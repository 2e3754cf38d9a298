package theory

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/landscape"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
	"github.com/lowrankgo/lowrank/lowrankgo/problem"
	"gonum.org/v1/gonum/mat"
)

// liftItems are [G] §5's: Def 7 with (14) to (16), and Lemma 16.
func liftItems() []Item {
	return []Item{
		{
			Name:      "[G] Def 7, (14)–(16)",
			Statement: "N = WWᵀ, W = [U; V]: N:H₁:N = M:H₀:M, N:𝒢:N = ‖UᵀU − VᵀV‖², and f(W) = ½[(N−N*):4H₁:(N−N*) + N:𝒢:N] + Q is 4 times the asymmetric objective",
			Functions: []string{"landscape.LiftForm", "landscape.BalanceForm", "landscape.LiftedForm", "problem.Lift", "problem.Lifted.ErrorForm"},
			Tests:     []string{"landscape.TestLiftFormVectors", "landscape.TestLiftFormsConform", "problem.TestLiftIsSixteen", "problem.TestLiftErrorForm"},
			Measure:   measureLift,
		}, {
			Name:      "[G] Lemma 16 (17)",
			Statement: "Δ:∇²f(W):Δ ≤ D:H:D − 3(N−N*):H:(N−N*) + 4⟨∇f, Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩], H = 4H₁ + 𝒢; an equality with −6‖U*ᵀU − V*ᵀV‖² on the right",
			Functions: []string{"landscape.LiftIdentity"},
			Tests:     []string{"landscape.TestLiftIdentityVectors", "landscape.TestLiftIdentityHolds", "landscape.TestLiftIdentityAgreesWithTheLift", "landscape.TestLiftInequalityAdversary"},
			Measure:   measureLiftIdentity,
		}, {
			Name:       "[G] Lemma 16, isometry",
			Statement:  "H₀ ∈ (1±δ) at M and M−M* ⇒ N:H:N ∈ (1±δ)‖N‖² and (N−N*):H:(N−N*) ∈ (1±2δ)‖N−N*‖², from N:H:N = ‖N‖² + 4(M:H₀:M − ‖M‖²); the paper has 2δ for N",
			Functions:  []string{"landscape.LiftIsometry", "landscape.LiftExtremes"},
			Tests:      []string{"landscape.TestLiftFormVectors", "landscape.TestLiftIsometryHolds", "landscape.TestLiftExtremes", "landscape.TestLiftIsometryAdversary"},
			Hypotheses: "δ as found at the matrix itself",
			Measure:    measureLiftIsometry,
		},
	}
}

// liftedInstance is a problem (16) comes from before it is lifted: H₀ = I + δK, a
// Balance with μ = ½ and, every other time, a row penalty.
type liftedInstance struct {
	p     lr.Problem
	h     lr.Form // H₀
	x     *lr.Factors
	truth *lr.Factors
}

// drawLifted draws an instance of random sizes. Of every four points one has a
// rank below r and one is near the truth.
func drawLifted(rng *rand.Rand, i int) (*liftedInstance, error) {
	d1, d2 := 1+rng.IntN(20), 1+rng.IntN(20)
	r := 1 + rng.IntN(min(d1, d2))
	h, err := operator.Perturbed{D1: d1, D2: d2, Delta: 0.9 * rng.Float64(), Seed: rng.Uint64()}.New()
	if err != nil {
		return nil, err
	}
	draw := func() *lr.Factors {
		return &lr.Factors{U: lr.NormalMatrix(rng, d1, r), V: lr.NormalMatrix(rng, d2, r)}
	}
	s := &liftedInstance{h: h, x: draw(), truth: draw()}
	switch i % 4 {
	case 1:
		for k := range d1 {
			s.x.U.Set(k, 0, 0)
		}
	case 2:
		s.x.Scale(1e-2)
		s.x.AddScaled(1, s.truth)
	}
	if s.p, err = balanced(problem.General{Form: h, Rank: r, Truth: s.truth}.New()); err == nil && i%2 == 1 {
		s.p, err = problem.RowNorm{Of: s.p, Lambda: 0.5, Alpha: 0.7}.New()
	}
	return s, err
}

// besides is |a − b| as a part of what they are made of.
func besides(a, b, size float64) float64 {
	if a == b {
		return 0
	}
	return math.Abs(a-b) / (math.Abs(a) + math.Abs(b) + size)
}

func measureLift(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(600), func(i int) error {
		s, err := drawLifted(lr.Stream(e.Seed, "lift", uint64(i)), i)
		if err != nil {
			return err
		}
		return s.definitions(t)
	})
	if err == nil {
		m.Note = "residual: of N:H₁:N and N:𝒢:N against M, U and V, and of the lifted objective against its form around N*"
	}
	return m, err
}

// definitions adds the residuals of Def 7 and (16) at the instance.
func (s *liftedInstance) definitions(t *tally) error {
	h1, err := landscape.LiftForm(s.h)
	if err != nil {
		return err
	}
	d1, d2 := s.x.Dims()
	g, err := landscape.BalanceForm(d1, d2)
	if err != nil {
		return err
	}
	l, err := problem.Lift{Of: s.p}.New()
	if err != nil {
		return err
	}
	at, err := l.Point(s.x)
	if err != nil {
		return err
	}
	f, ok := lr.ErrorFormOf(l)
	if !ok {
		return fmt.Errorf("%v has no form around N*: %w", l, lr.ErrAbility)
	}
	w, star := at.U, l.Truth().U
	t.residual(besides(h1.NewEval().Apply(w, w), s.h.NewEval().Apply(s.x.U, s.x.V), 0))
	var a, b, minus, left, right mat.Dense
	a.Mul(s.x.U.T(), s.x.U)
	b.Mul(s.x.V.T(), s.x.V)
	size := math.Pow(mat.Norm(&a, 2)+mat.Norm(&b, 2), 2)
	a.Sub(&a, &b)
	t.residual(besides(g.NewEval().Apply(w, w), math.Pow(mat.Norm(&a, 2), 2), size))
	minus.Scale(-1, star)
	left.Augment(w, &minus)
	right.Augment(w, star)
	value := f.Weight / 2 * f.Form.NewEval().Apply(&left, &right)
	if f.Q != nil {
		value += f.Q.NewEval().Grad(nil, at)
	}
	whole := l.NewEval().Grad(nil, at)
	t.residual(besides(whole, 4*s.p.NewEval().Grad(nil, s.x), 0))
	t.residual(besides(whole, value, size))
	return nil
}

func measureLiftIdentity(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(1500), func(i int) error {
		s, err := drawLifted(lr.Stream(e.Seed, "lift identity", uint64(i)), i)
		if err != nil {
			return err
		}
		l, err := landscape.LiftIdentity(s.p, s.x, 0.5)
		if err != nil {
			return err
		}
		t.add(l.Equality)
		t.add(l.Inequality)
		t.constant = append(t.constant, 6*l.Cross/l.Inequality.Scale)
		return nil
	})
	if err == nil {
		m.Constant = t.median("what (17) leaves out, 6‖U*ᵀU − V*ᵀV‖², as a part of its terms")
		m.Note = "residual: of the equality; the inequality (17) is that without a term which is not negative"
	}
	return m, err
}

func measureLiftIsometry(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	var point, off float64
	m, err := t.ensemble(ctx, e.instances(1500), func(i int) error {
		s, err := drawLifted(lr.Stream(e.Seed, "lift isometry", uint64(i)), i)
		if err != nil {
			return err
		}
		balancedAt, mirrored, err := landscape.LiftExtremes(s.truth)
		if err != nil {
			return err
		}
		for _, x := range []*lr.Factors{s.x, balancedAt, mirrored} {
			l, err := landscape.LiftIsometry(s.h, x, s.truth)
			if err != nil {
				return err
			}
			for _, c := range []landscape.Check{l.Identity, l.IdentityError, l.Point, l.Error} {
				t.add(c)
			}
			if l.Delta > 1e-3 && l.DeltaError > 1e-3 {
				point, off = max(point, l.Lifted/l.Delta), max(off, l.LiftedError/l.DeltaError)
			}
		}
		return nil
	})
	if err == nil {
		m.Note = fmt.Sprintf("the largest share of δ: %.6f for N, attained at balanced points, and %.6f for N − N*, attained at (U*, −V*)", point, off)
	}
	return m, err
}
