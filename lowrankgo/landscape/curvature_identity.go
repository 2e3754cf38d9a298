package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// CurvatureTerms are the terms of [G] Lemma 7 (9) at a point. The form H holds
// the problem's weight: f = ½ E:H:E + Q with E = M − M*.
type CurvatureTerms struct {
	*Alignment      // Δ = U − U*R by the R that was given, else the optimal one
	Optimal    bool // R is that of Def 6

	Curvature     float64 // Δ:∇²f(U):Δ
	DHD           float64 // ΔΔᵀ:H:ΔΔᵀ
	EHE           float64 // E:H:E
	GradDotDelta  float64 // ⟨∇f(U), Δ⟩, f with Q
	QCurvature    float64 // Δ:∇²Q(U):Δ
	QGradDotDelta float64 // ⟨∇Q(U), Δ⟩

	Product2 float64 // ‖ΔΔᵀ‖²
	Error2   float64 // ‖M − M*‖²
	GradNorm float64 // ‖∇f(U)‖, f with Q
	HasQ     bool    // the objective has a Q beside the form

	Identity Check // (9)
}

// CurvatureIdentity evaluates both sides of the main identity, [G] Lemma 7 (9)
// (arXiv:1704.00708),
//
//	Δ:∇²f(U):Δ = ΔΔᵀ:H:ΔΔᵀ − 3 E:H:E + 4⟨∇f(U), Δ⟩ + [Δ:∇²Q(U):Δ − 4⟨∇Q(U), Δ⟩]
//
// for a symmetric problem that is a form around its truth, f = ½ E:H:E + Q. It
// is exact at every U, for every self-adjoint H and every Δ = U − U*R with
// orthogonal R: r×r, nil for the R of Def 6. Noise, a target that is not of low
// rank, and regularisers are the Q. An asymmetric problem is lifted first, by
// problem.Lift.
//
// E is formed as [Δ, U*R][U, Δ]ᵀ, so that terms keep their digits near the truth.
// It costs one Hessian product, one gradient, those of Q, and two applications
// of H to 2r columns.
//
// Errors: a point of another shape or not finite, an R that is not orthogonal
// ([lowrankgo.ErrShape], [lowrankgo.ErrValue]), a problem that is asymmetric, is
// no such form, has no known truth or no Hessian products
// ([lowrankgo.ErrAbility]), a truth of rank above r ([lowrankgo.ErrRank]).
func CurvatureIdentity(p lr.Problem, x *lr.Factors, r *mat.Dense) (*CurvatureTerms, error) {
	const who = "CurvatureIdentity"
	form, err := formAround(who, p, x)
	if err != nil {
		return nil, err
	}
	if !lr.SymmetricOf(p) {
		return nil, fmt.Errorf("landscape: %s: %s is asymmetric; the identity is for M = UUᵀ, give it problem.Lift of the problem and of the point: %w", who, describe(p), lr.ErrAbility)
	}
	f, a, err := alignWith(who, p, x, r)
	if err != nil {
		return nil, err
	}
	return curvatureTerms(p, form, f, a, r == nil)
}

// formAround checks p and x and returns p's form around its truth.
func formAround(who string, p lr.Problem, x *lr.Factors) (*lr.ErrorForm, error) {
	if err := lr.CheckProblem(p); err != nil {
		return nil, fmt.Errorf("landscape: %s: %w", who, err)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return nil, fmt.Errorf("landscape: %s: %w", who, err)
	}
	form, ok := lr.ErrorFormOf(p)
	if !ok {
		return nil, fmt.Errorf("landscape: %s needs %v and %v, which %s lacks: %w", who, lr.AbilityErrorForm, lr.AbilityTruth, describe(p), lr.ErrAbility)
	}
	return form, nil
}

// alignWith aligns x with p's truth by r, by the optimal R if r is nil.
func alignWith(who string, p lr.Problem, x *lr.Factors, r *mat.Dense) (*frame, *Alignment, error) {
	truth, _ := lr.TruthOf(p) // a form has one
	f, err := newFrame(who, x, truth)
	if err != nil {
		return nil, nil, err
	}
	if r == nil {
		a, err := f.align()
		return f, a, err
	}
	if err := checkRotation(who, r, x.Rank()); err != nil {
		return nil, nil, err
	}
	return f, f.turned(mat.DenseCopyOf(r)), nil
}

func curvatureTerms(p lr.Problem, form *lr.ErrorForm, f *frame, a *Alignment, optimal bool) (*CurvatureTerms, error) {
	t := &CurvatureTerms{Alignment: a, Optimal: optimal, HasQ: form.Q != nil, Error2: f.error2(a)}
	var err error
	if t.Curvature, t.GradDotDelta, t.GradNorm, err = along(p, f.x, a.Delta); err != nil {
		return nil, err
	}
	if t.HasQ {
		if t.QCurvature, t.QGradDotDelta, _, err = along(form.Q, f.x, a.Delta); err != nil {
			return nil, fmt.Errorf("the Q of %s: %w", describe(p), err)
		}
	}
	delta := a.Delta.U
	t.Product2 = squared(linalg.ProductNorm(delta, delta))
	h := form.Form.NewEval()
	t.DHD = form.Weight * h.Apply(delta, delta)
	t.EHE = form.Weight * h.Apply(besides(delta, a.Nearest.U), besides(f.x.U, delta))
	t.Identity = Check{
		Item:  "[G] Lemma 7 (9)",
		Claim: "Δ:∇²f:Δ = D:H:D − 3E:H:E + 4⟨∇f, Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩]",
		Left:  t.Curvature, Right: t.DHD - float64(3*t.EHE) + float64(4*t.GradDotDelta) + t.fromQ(),
		Relation: Equal,
		Scale: math.Abs(t.Curvature) + math.Abs(t.DHD) + float64(3*math.Abs(t.EHE)) + float64(4*math.Abs(t.GradDotDelta)) +
			math.Abs(t.QCurvature) + float64(4*math.Abs(t.QGradDotDelta)),
	}
	return t, nil
}

// fromQ is Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩.
func (t *CurvatureTerms) fromQ() float64 { return t.QCurvature - float64(4*t.QGradDotDelta) }

// along returns d:∇²f(x):d, ⟨∇f(x), d⟩ and ‖∇f(x)‖.
func along(p lr.Problem, x, d *lr.Factors) (curvature, slope, norm float64, err error) {
	h, ok := lr.HessVecOf(p)
	if !ok {
		return 0, 0, 0, fmt.Errorf("landscape: %s lacks %v, which are needed for Δ:∇²f:Δ: %w", describe(p), lr.AbilityHessVec, lr.ErrAbility)
	}
	g := lr.NewPoint(p)
	h.Grad(g, x)
	slope, norm = g.Dot(d), g.Norm()
	h.HessVec(g, x, d)
	return g.Dot(d), slope, norm, nil
}

// besides is [a, b].
func besides(a, b *mat.Dense) *mat.Dense {
	out := new(mat.Dense)
	out.Augment(a, b)
	return out
}

func (t *CurvatureTerms) String() string {
	s := fmt.Sprintf("Δ:∇²f:Δ = %.6g\n  D:H:D %.6g, −3E:H:E %.6g, 4⟨∇f, Δ⟩ %.6g", t.Curvature, t.DHD, -3*t.EHE, 4*t.GradDotDelta)
	if t.HasQ {
		s += fmt.Sprintf(", Δ:∇²Q:Δ %.6g, −4⟨∇Q, Δ⟩ %.6g", t.QCurvature, -4*t.QGradDotDelta)
	}
	return s + fmt.Sprintf("\n  ‖Δ‖ %.6g, ‖M − M*‖ %.6g, ‖∇f‖ %.6g, residual %.2g", t.Distance, math.Sqrt(t.Error2), t.GradNorm, t.Identity.Residual())
}

// ProofSteps are the three numbers of the proofs in [G] §4 at a point. The last
// two add up to the curvature along Δ/‖Δ‖, which bounds λmin(∇²f) from above.
type ProofSteps struct {
	AgainstError float64 // (D:H:D − 3E:H:E)/‖E‖²: at most −1 for H = I
	Direction    float64 // (D:H:D − 3E:H:E)/‖Δ‖²: the −c of step 2
	Rest         float64 // (4⟨∇f, Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩])/‖Δ‖²: step 3, what gradient and regulariser add
}

// Steps returns the numbers of the proof's steps; NaN at the truth itself.
func (t *CurvatureTerms) Steps() ProofSteps {
	form, delta2 := t.DHD-float64(3*t.EHE), squared(t.Distance)
	return ProofSteps{form / t.Error2, form / delta2, (float64(4*t.GradDotDelta) + t.fromQ()) / delta2}
}

func (s ProofSteps) String() string {
	return fmt.Sprintf("D:H:D − 3E:H:E is %.4g‖E‖² = %.4g‖Δ‖²; gradient and Q add %.4g‖Δ‖²; together %.4g‖Δ‖²", s.AgainstError, s.Direction, s.Rest, s.Direction+s.Rest)
}

// Simplest is the simplest case of [G] §4: where H is the identity, Q is 0 and the
// gradient is 0,
//
//	Δ:∇²f:Δ = ‖ΔΔᵀ‖² − 3‖E‖² ≤ −‖E‖²
//
// so that every critical point but the solutions has negative curvature. The
// hypotheses of the check say which of this the point meets, to 10⁻⁸: H is looked
// at where the terms see it, at ΔΔᵀ and E.
func (t *CurvatureTerms) Simplest() Check {
	const tol = 1e-8
	size := t.Product2 + float64(3*t.Error2)
	off := math.Max(math.Abs(t.DHD-t.Product2), math.Abs(t.EHE-t.Error2)) / math.Max(size, math.SmallestNonzeroFloat64)
	slope := math.Abs(t.GradDotDelta) / math.Max(size, math.SmallestNonzeroFloat64)
	return atMost("[G] §4, the simplest case", "Δ:∇²f:Δ ≤ −‖M − M*‖²", t.Curvature, -t.Error2,
		Hypothesis{"H is the identity on ΔΔᵀ and E", answer(off <= tol), off},
		Hypothesis{"Q = 0", answer(!t.HasQ), math.NaN()},
		Hypothesis{"∇f = 0, as ⟨∇f, Δ⟩ sees it", answer(slope <= tol), slope},
		Hypothesis{"R is optimal", answer(t.Optimal), math.NaN()})
}
