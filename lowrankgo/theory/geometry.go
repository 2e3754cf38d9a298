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

// geometryItems are those of [G] about a point and a truth: Defs 4 and 6, Lemmas 6
// and 7, and what the text says around them.
func geometryItems() []Item {
	return []Item{
		{
			Name:      "[G] Def 4",
			Statement: "μ-incoherence: ‖eᵢᵀX‖ ≤ √(μr/d1), ‖eⱼᵀY‖ ≤ √(μr/d2) for the SVD M = XDYᵀ; then |Mᵢⱼ| ≤ μrσ₁/√(d1d2)",
			Functions: []string{"landscape.Incoherence"},
			Tests:     []string{"landscape.TestIncoherenceVectors", "landscape.TestIncoherenceFactors"},
			Measure:   measureIncoherence,
		}, {
			Name:      "[G] Def 6",
			Statement: "Δ = U − U*R with the orthogonal R that makes ‖U − U*R‖ least: R = PQᵀ of the SVD U*ᵀU = PΣQᵀ, so that RᵀU*ᵀU = QΣQᵀ",
			Functions: []string{"landscape.Align"},
			Tests:     []string{"landscape.TestAlignVectors", "landscape.TestAlignProperty", "landscape.TestAlignTruths"},
			Measure:   measureAlignment,
		}, {
			Name:       "[G] Lemma 6",
			Statement:  "‖ΔΔᵀ‖² ≤ 2‖M − M*‖² and σᵣ*‖Δ‖² ≤ ‖M − M*‖²/(2(√2 − 1))",
			Functions:  []string{"landscape.DistanceBounds", "landscape.ProductExtreme", "landscape.FactorExtreme"},
			Tests:      []string{"landscape.TestDistanceBoundsVectors", "landscape.TestDistanceBoundsHold", "landscape.TestDistanceBoundsAdversary", "landscape.TestDistanceBoundExtremes"},
			Hypotheses: "the R of Def 6; Frobenius norms",
			Measure:    measureDistanceBounds,
		}, {
			Name:      "Remark: Lemma 6 in spectral norms",
			Statement: "with spectral norms the lemma is false: U = e₁, U* = e₂ gives 4 ≤ 2",
			Functions: []string{"landscape.SpectralDistanceBounds"},
			Tests:     []string{"landscape.TestAlignInput", "theory.TestSpectralNormsFail"},
			Measure:   measureSpectralBounds,
		}, {
			Name:      "[G] Lemma 7 (9)",
			Statement: "Δ:∇²f:Δ = ΔΔᵀ:H:ΔΔᵀ − 3 E:H:E + 4⟨∇f, Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] for every U, every self-adjoint H, every Q and every orthogonal R",
			Functions: []string{"landscape.CurvatureIdentity"},
			Tests:     []string{"landscape.TestCurvatureIdentityVectors", "landscape.TestCurvatureIdentityProperty", "landscape.TestCurvatureIdentitySizes", "landscape.TestCurvatureIdentityNear"},
			Measure:   measureCurvatureIdentity,
		}, {
			Name:       "Remark: the simplest case",
			Statement:  "[G] §4: H = I, Q = 0, ∇f = 0: Δ:∇²f:Δ = ‖ΔΔᵀ‖² − 3‖E‖² ≤ −‖E‖², so every critical point but the solutions is a strict saddle",
			Functions:  []string{"landscape.CurvatureIdentity", "landscape.CurvatureTerms.Simplest"},
			Tests:      []string{"landscape.TestCurvatureSimplest"},
			Hypotheses: "a critical point of ½‖UUᵀ − M*‖², rank M* ≤ r",
			Measure:    measureSimplest,
		}, {
			Name:      "Remark: the identity (9) with noise",
			Statement: "[G] §4: b = 𝒜(M*) + n is the objective without noise and Q = −w⟨𝒜*(n), UUᵀ⟩ + const, for which (9) holds",
			Functions: []string{"problem.Objective.ErrorForm", "problem.LinearNoise", "landscape.CurvatureIdentity"},
			Tests:     []string{"landscape.TestCurvatureIdentityNoise", "problem.TestErrorFormNoise", "problem.TestErrorForm"},
			Measure:   measureNoisyIdentity,
		}, {
			Name:      "Remark: critical points are balanced",
			Statement: "[G] §5: Uᵀ∂ᵤg̃ − (∂ᵥg̃)ᵀV = μ(UᵀU·B + B·VᵀV), B = UᵀU − VᵀV; so ‖B‖³ ≤ √r(‖∇g̃‖/μ)², and critical points are balanced",
			Functions: []string{"landscape.BalanceIdentity"},
			Tests:     []string{"landscape.TestBalanceIdentityVectors", "landscape.TestBalanceIdentityProperty", "landscape.TestBalanceBoundsAdversary"},
			Measure:   measureBalance,
		}, {
			Name:      "Remark: without balance",
			Statement: "[G] §5: U = diag(1/ε, ε), V = diag(ε, 1/ε) is a minimiser of every f(UVᵀ) with its minimum at I, of condition 1/ε²",
			Functions: []string{"landscape.UnbalancedFactors", "landscape.BalanceIdentity"},
			Tests:     []string{"landscape.TestUnbalancedFactors"},
			Measure:   measureUnbalanced,
		},
	}
}

// drawPair draws a point and a truth, symmetric or not, of random sizes; every
// other is near, of lower rank, or of another size.
func drawPair(rng *rand.Rand, kind int, most int) (x, truth *lr.Factors) {
	d1, d2 := 1+rng.IntN(most), 1+rng.IntN(most)
	r := 1 + rng.IntN(min(d1, d2))
	draw := func() *lr.Factors {
		f := &lr.Factors{U: lr.NormalMatrix(rng, d1, r)}
		if kind%2 == 1 {
			f.V = lr.NormalMatrix(rng, d2, r)
		}
		return f
	}
	x, truth = draw(), draw()
	switch kind % 6 {
	case 1, 2:
		x.Scale(math.Pow(10, -3*rng.Float64()))
		x.AddScaled(1, truth)
	case 3, 4:
		x.Scale(math.Pow(10, 2*rng.Float64()-1))
		for i := range d1 {
			x.U.Set(i, 0, 0)
		}
	}
	return x, truth
}

func measureIncoherence(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(400), func(i int) error {
		_, f := drawPair(lr.Stream(e.Seed, "incoherence", uint64(i)), i, 24)
		c, err := landscape.Incoherence(f, 0)
		if err != nil {
			return err
		}
		dense, err := landscape.Incoherence(f.Dense(), c.Rank)
		if err != nil {
			return err
		}
		t.residual(math.Abs(c.Mu-dense.Mu) / dense.Mu)
		d1, d2 := f.Dims()
		most := float64(max(d1, d2)) / float64(c.Rank)
		if c.Mu < 1-rounding || c.Mu > most*(1+rounding) || dense.Largest > dense.Bound*(1+rounding) {
			t.m.Violations++
		}
		t.closest(dense.Largest / dense.Bound)
		t.constant = append(t.constant, c.Mu)
		return nil
	})
	if err == nil {
		m.Constant = t.median("μ of normal factors")
		m.Note = "residual: μ from factors against the SVD of M; inequalities: 1 ≤ μ ≤ max(d1, d2)/r and the bound of the entries"
	}
	return m, err
}

// measureAlignment looks at RᵀU*ᵀU, which is symmetric and has no negative
// eigenvalue exactly when R is best, and tries other rotations.
func measureAlignment(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(1000), func(i int) error {
		rng := lr.Stream(e.Seed, "alignment", uint64(i))
		x, truth := drawPair(rng, 2*i, 20)
		a, err := landscape.Align(x, truth)
		if err != nil {
			return err
		}
		var cross, odd mat.Dense
		cross.Mul(a.Nearest.U.T(), x.U)
		odd.Sub(&cross, cross.T())
		size := x.Norm() * truth.Norm()
		t.residual(mat.Norm(&odd, 2) / size)
		r := x.Rank()
		angle := 2 * math.Pi * rng.Float64()
		turn := mat.NewDense(r, r, nil)
		for k := range r {
			turn.Set(k, k, 1)
		}
		if r == 1 {
			turn.Set(0, 0, -1)
		} else {
			j := 1 + rng.IntN(r-1)
			turn.Set(0, 0, math.Cos(angle))
			turn.Set(j, j, math.Cos(angle))
			turn.Set(0, j, math.Sin(angle))
			turn.Set(j, 0, -math.Sin(angle))
		}
		var other mat.Dense
		other.Mul(a.Nearest.U, turn)
		other.Sub(x.U, &other)
		if d := mat.Norm(&other, 2); a.Distance > d*(1+rounding) {
			t.m.Violations++
		} else if d > 0 {
			t.closest(a.Distance / d)
		}
		return nil
	})
	m.Note = "residual: what is not symmetric in RᵀU*ᵀU; inequality: no nearer by another rotation in a plane"
	return m, err
}

func measureDistanceBounds(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(20000), func(i int) error {
		x, truth, err := pairOrExtreme(lr.Stream(e.Seed, "lemma 6", uint64(i)), i)
		if err != nil {
			return err
		}
		b, err := landscape.DistanceBounds(x, truth)
		if err != nil {
			return err
		}
		t.add(b.ProductBound)
		t.add(b.FactorBound)
		return nil
	})
	m.Note = "both attained, at U ⊥ U* of rank 1"
	return m, err
}

// pairOrExtreme begins with the two instances that attain the bounds.
func pairOrExtreme(rng *rand.Rand, i int) (x, truth *lr.Factors, err error) {
	switch i {
	case 0:
		return landscape.ProductExtreme(2)
	case 1:
		return landscape.FactorExtreme(2)
	}
	x, truth = drawPair(rng, i, 8)
	return x, truth, nil
}

// measureSpectralBounds counts how often what is false happens to hold.
func measureSpectralBounds(ctx context.Context, e Effort) (Measurement, error) {
	t, held, worst := newTally(), 0, 0.0
	m, err := t.ensemble(ctx, e.instances(5000), func(i int) error {
		x, truth, err := pairOrExtreme(lr.Stream(e.Seed, "spectral", uint64(i)), i)
		if err != nil {
			return err
		}
		product, factor, err := landscape.SpectralDistanceBounds(x, truth)
		if err != nil {
			return err
		}
		if product.Holds(rounding) && factor.Holds(rounding) {
			held++
		}
		if product.Right > 0 {
			worst = math.Max(worst, product.Left/product.Right)
		}
		return nil
	})
	if err != nil {
		return m, err
	}
	p, err := landscape.NewProportion(held, m.Instances, 0)
	m.Proportion = &p
	m.Note = fmt.Sprintf("the share of instances on which both happen to hold; the first is missed by a factor of up to %.3g", worst)
	return m, err
}

// formAround draws ½ E:H:E around a random truth, with a Q for every other
// instance, and a point.
func formAround(rng *rand.Rand, i int) (p lr.Problem, x *lr.Factors, err error) {
	d := 2 + i%20
	r := 1 + rng.IntN(d)
	h, err := operator.Perturbed{D1: d, Delta: 0.9 * rng.Float64(), Seed: rng.Uint64(), Symmetric: i%2 == 0, D2: d}.New()
	if err != nil {
		return nil, nil, err
	}
	truth := &lr.Factors{U: lr.NormalMatrix(rng, d, 1+rng.IntN(r))}
	if p, err = (problem.General{Form: h, Truth: truth, Rank: r, Symmetric: true}).New(); err != nil {
		return nil, nil, err
	}
	switch i % 4 {
	case 1:
		p, err = problem.RowNorm{Of: p, Lambda: 0.7, Alpha: 0.5}.New()
	case 2:
		p, err = problem.Linear{Of: p, N: lr.NormalMatrix(rng, d, d)}.New()
	}
	return p, &lr.Factors{U: lr.NormalMatrix(rng, d, r)}, err
}

func measureCurvatureIdentity(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(1000), func(i int) error {
		rng := lr.Stream(e.Seed, "lemma 7", uint64(i))
		p, x, err := formAround(rng, i)
		if err != nil {
			return err
		}
		var r *mat.Dense
		if i%3 == 0 { // any other orthogonal R
			var qr mat.QR
			qr.Factorize(lr.NormalMatrix(rng, x.Rank(), x.Rank()))
			r = new(mat.Dense)
			qr.QTo(r)
		}
		c, err := landscape.CurvatureIdentity(p, x, r)
		if err != nil {
			return err
		}
		t.add(c.Identity)
		return nil
	})
	m.Note = "20 sizes to 21×21, H = I + δK with δ < 0.9, Q = 0, row norms or linear; a third of the R random"
	return m, err
}

// measureSimplest visits critical points of a factorisation: some columns of U*
// are missing.
func measureSimplest(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(1000), func(i int) error {
		rng := lr.Stream(e.Seed, "simplest", uint64(i))
		d := 2 + rng.IntN(12)
		r := 1 + rng.IntN(d)
		truth := orthogonalColumns(rng, d, r)
		h, err := operator.Perturbed{D1: d, D2: d}.New()
		if err != nil {
			return err
		}
		p, err := problem.General{Form: h, Truth: truth, Rank: r, Symmetric: true}.New()
		if err != nil {
			return err
		}
		x := truth.Clone()
		missing := rng.IntN(r)
		for k := range r {
			if k == missing || rng.IntN(2) == 0 {
				for j := range d {
					x.U.Set(j, k, 0)
				}
			}
		}
		c, err := landscape.CurvatureIdentity(p, x, nil)
		if err != nil {
			return err
		}
		t.add(c.Simplest())
		t.constant = append(t.constant, c.Steps().AgainstError)
		return nil
	})
	if err == nil {
		m.Met, m.Constant = t.describeMet(), t.median("Δ:∇²f:Δ/‖E‖², at most −1")
	}
	return m, err
}

// orthogonalColumns is a d×r factor with orthogonal columns of lengths 1 to 3.
func orthogonalColumns(rng *rand.Rand, d, r int) *lr.Factors {
	var qr mat.QR
	var q mat.Dense
	qr.Factorize(lr.NormalMatrix(rng, d, d))
	qr.QTo(&q)
	out := lr.NewSymmetric(d, r)
	for k := range r {
		length := 1 + 2*rng.Float64()
		for i := range d {
			out.U.Set(i, k, length*q.At(i, k))
		}
	}
	return out
}

// measureNoisyIdentity compares noisy sensing with its two descriptions, and holds (9).
func measureNoisyIdentity(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	return t.ensemble(ctx, e.instances(200), func(i int) error {
		seed := e.Seed + uint64(i)
		d := 3 + i%10
		p, err := problem.GaussianSensing{D1: d, Rank: 2, M: 5 * d, Symmetric: true, Scale: problem.ScaleMean, Noise: 0.5, Seed: seed}.New()
		if err != nil {
			return err
		}
		x := normalPoint(lr.Stream(seed, "noise point"), p, 1)
		c, err := landscape.CurvatureIdentity(p, x, nil)
		if err != nil {
			return err
		}
		if !c.HasQ {
			return fmt.Errorf("the noise is not seen as a Q: %w", lr.ErrFailed)
		}
		t.add(c.Identity)
		form, _ := lr.ErrorFormOf(p)
		truth, _ := lr.TruthOf(p)
		clean, err := problem.General{Form: form.Form, Truth: truth, Rank: 2, Weight: form.Weight, Symmetric: true}.New()
		if err != nil {
			return err
		}
		whole, parts := p.NewEval().Grad(nil, x), clean.NewEval().Grad(nil, x)
		rest := form.Q.NewEval().Grad(nil, x)
		t.residual(math.Abs(whole-parts-rest) / (math.Abs(whole) + math.Abs(parts) + math.Abs(rest)))
		return nil
	})
}

func measureBalance(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	m, err := t.ensemble(ctx, e.instances(2000), func(i int) error {
		rng := lr.Stream(e.Seed, "balance", uint64(i))
		x, truth := drawPair(rng, 2*i+1, 12)
		d1, d2 := x.Dims()
		h, err := operator.Perturbed{D1: d1, D2: d2, Delta: 0.9, Seed: rng.Uint64()}.New()
		if err != nil {
			return err
		}
		f, err := problem.General{Form: h, Truth: truth, Rank: x.Rank()}.New()
		if err != nil {
			return err
		}
		mu := math.Pow(10, 4*rng.Float64()-2)
		p, err := problem.Balance{Of: f, Mu: mu}.New()
		if err != nil {
			return err
		}
		b, err := landscape.BalanceIdentity(p, x, mu)
		if err != nil {
			return err
		}
		t.add(b.Identity)
		t.add(b.Weighted)
		t.add(b.Balanced)
		return nil
	})
	m.Note = "μ from 0.01 to 100; the inequalities bound the imbalance of points that are not critical"
	return m, err
}

func measureUnbalanced(ctx context.Context, e Effort) (Measurement, error) {
	t := newTally()
	f, err := problem.Factorisation{A: mat.NewDense(2, 2, []float64{1, 0, 0, 1}), Rank: 2}.New()
	if err != nil {
		return t.m, err
	}
	m, err := t.ensemble(ctx, e.instances(40), func(i int) error {
		eps := math.Pow(10, -float64(i)/10)
		x, err := landscape.UnbalancedFactors(eps)
		if err != nil {
			return err
		}
		g := lr.NewPoint(f)
		value := f.NewEval().Grad(g, x)
		t.residual(math.Max(math.Abs(value), g.Norm()*eps))
		t.constant = append(t.constant, mat.Cond(x.U, 2))
		return nil
	})
	if err == nil {
		m.Constant = t.median("condition number of U at a minimiser")
		m.Note = "residual: value, and gradient as a part of ‖U‖"
	}
	return m, err
}
