package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// Lifting holds the terms of [G] Lemma 16 at a point, made by [LiftIdentity].
type Lifting struct {
	Alignment *Alignment // of W = [U; V] with W*: R, Δ and its norm

	Curvature    float64 // Δ : ∇²f(W) : Δ
	DHD          float64 // D : H : D, D = ΔΔᵀ
	EHE          float64 // (N−N*) : H : (N−N*)
	GradDotDelta float64 // ⟨∇f(W), Δ⟩
	QCurvature   float64 // Δ : ∇²Q : Δ
	QGradDotD    float64 // ⟨∇Q, Δ⟩
	Cross        float64 // ‖U*ᵀU − V*ᵀV‖F²
	GradNorm     float64 // ‖∇f(W)‖F

	Inequality Check // (17): Curvature ≤ DHD − 3·EHE + 4·GradDotDelta + [QCurvature − 4·QGradDotD]
	Equality   Check // the same with −12μ·Cross on the right, −6·Cross for μ = ½
}

// LiftIdentity evaluates [G] Lemma 16 (arXiv:1704.00708) at a point (U, V) of an
// asymmetric problem
//
//	g̃(U, V) = (w/2)(M−M*):H₀:(M−M*) + (μ/4)‖UᵀU − VᵀV‖F² + Q₀(U, V)
//
// lifted to W = [U; V], N = WWᵀ as (16), which is f(W) = 4g̃(U, V):
//
//	f(W) = ½[(N−N*):4wH₁:(N−N*) + 2μ·N:𝒢:N] + Q(W),  Q = 4Q₀,  H = 4wH₁ + 2μ𝒢
//	Δ:∇²f:Δ = D:H:D − 3(N−N*):H:(N−N*) + 4⟨∇f,Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q,Δ⟩] − 12μ‖U*ᵀU − V*ᵀV‖F²
//
// The paper has w = 1 and μ = ½, so that H = 4H₁ + 𝒢, and (17) without the last
// term, as an inequality. With it the two sides are equal, at every point. mu is the weight of
// the Balance that p has, 0 when it has none; whatever of p is neither the
// form nor (μ/4)‖UᵀU − VᵀV‖² counts as Q₀.
//
// A point of rank below r, r = 1 and a truth of smaller rank than r are no
// special cases. It costs two Hessian products, four gradients, four applications
// of H₀ and O((d1+d2)r²). Errors: a symmetric problem and a point that does not fit
// (lowrankgo.ErrShape), no quadratic form, truth or Hessian products
// (lowrankgo.ErrAbility), a truth of rank above r (lowrankgo.ErrRank), a μ that
// is negative or not finite (lowrankgo.ErrValue).
func LiftIdentity(p lr.Problem, x *lr.Factors, mu float64) (*Lifting, error) {
	form, truth, err := liftInput(p, x, mu)
	if err != nil {
		return nil, err
	}
	f, err := newFrame("LiftIdentity", x, truth)
	if err != nil {
		return nil, err
	}
	a, err := f.align()
	if err != nil {
		return nil, err
	}
	l := &Lifting{Alignment: a}
	hess, grad, size := firstAndSecond(p, x, a.Delta)
	l.Curvature, l.GradDotDelta, l.GradNorm = 4*hess, 4*grad, 4*size

	near := a.Nearest
	l.DHD = liftedNorm(form, mu, a.Delta, nil)
	l.EHE = liftedNorm(form, mu, x, near)
	l.Cross = crossGap(x, near)
	curve, slope, _ := 0.0, 0.0, 0.0
	if form.Q != nil {
		curve, slope, _ = firstAndSecond(form.Q, x, a.Delta)
	}
	rCurve, rSlope := balanceDerivatives(x, a.Delta)
	l.QCurvature = 4*curve - float64(mu*rCurve)
	l.QGradDotD = 4*slope - float64(mu*rSlope)
	parts := math.Abs(4*curve) + math.Abs(mu*rCurve) + 4*(math.Abs(4*slope)+math.Abs(mu*rSlope))
	whole := math.Abs(liftedNorm(form, mu, x, nil)) + math.Abs(liftedNorm(form, mu, near, nil))
	l.check(mu, parts+2*a.Distance*gradientSize(p, x)+1e-16*whole)
	return l, nil
}

// check fills in both checks; rounding is what Q's terms and those of ⟨∇f, Δ⟩
// were before they were added, and what N − N* is rounded by.
func (l *Lifting) check(mu, rounding float64) {
	right := l.DHD - 3*l.EHE + 4*l.GradDotDelta + (l.QCurvature - 4*l.QGradDotD)
	c := Check{
		Item: "[G] Lemma 16", Relation: AtMost, Left: l.Curvature, Right: right,
		Claim: "Δ:∇²f(W):Δ ≤ D:H:D − 3(N−N*):H:(N−N*) + 4⟨∇f,Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q,Δ⟩]",
		Scale: math.Abs(l.Curvature) + math.Abs(l.DHD) + 3*math.Abs(l.EHE) + 4*math.Abs(l.GradDotDelta) + 12*mu*l.Cross + rounding,
	}
	l.Inequality = c
	c.Item, c.Relation, c.Right = "[G] Lemma 16, with equality", Equal, right-12*mu*l.Cross
	c.Claim = "Δ:∇²f(W):Δ = D:H:D − 3(N−N*):H:(N−N*) + 4⟨∇f,Δ⟩ + [Δ:∇²Q:Δ − 4⟨∇Q,Δ⟩] − 12μ‖U*ᵀU − V*ᵀV‖²"
	l.Equality = c
}

// liftInput checks what LiftIdentity is given.
func liftInput(p lr.Problem, x *lr.Factors, mu float64) (*lr.ErrorForm, *lr.Factors, error) {
	if err := checkAsymmetric("LiftIdentity", p, x); err != nil {
		return nil, nil, err
	}
	if !(mu >= 0) || !finite(mu) {
		return nil, nil, fmt.Errorf("landscape: LiftIdentity has mu = %v; the weight of the problem's Balance is wanted, 0 or a positive number: %w", mu, lr.ErrValue)
	}
	if _, ok := lr.HessVecOf(p); !ok {
		return nil, nil, fmt.Errorf("landscape: LiftIdentity needs %v, which the problem lacks: %w", lr.AbilityHessVec, lr.ErrAbility)
	}
	form, ok := lr.ErrorFormOf(p)
	if !ok {
		return nil, nil, fmt.Errorf("landscape: LiftIdentity needs %v, which the problem lacks (a truth must be known): %w", lr.AbilityErrorForm, lr.ErrAbility)
	}
	truth, _ := lr.TruthOf(p)
	return form, truth, nil
}

// checkAsymmetric returns an error unless p is an asymmetric problem and x a
// point of it.
func checkAsymmetric(who string, p lr.Problem, x *lr.Factors) error {
	if err := lr.CheckProblem(p); err != nil {
		return fmt.Errorf("landscape: %s: %w", who, err)
	}
	if lr.SymmetricOf(p) {
		return fmt.Errorf("landscape: %s was given a symmetric problem; it is for asymmetric ones, M = UVᵀ: %w", who, lr.ErrShape)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return fmt.Errorf("landscape: %s: %w", who, err)
	}
	return nil
}

// firstAndSecond returns ⟨d, ∇²g(x)d⟩, ⟨∇g(x), d⟩ and ‖∇g(x)‖ of a problem with
// Hessian products.
func firstAndSecond(p lr.Problem, x, d *lr.Factors) (curve, slope, norm float64) {
	e, _ := lr.HessVecOf(p)
	grad, hess := lr.NewPoint(p), lr.NewPoint(p)
	e.Grad(grad, x)
	e.HessVec(hess, x, d)
	return d.Dot(hess), d.Dot(grad), grad.Norm()
}

// liftedNorm is A : 4wH₁ + 2μ𝒢 : A for A = WWᵀ − W*W*ᵀ, without the second part
// when near is nil.
func liftedNorm(form *lr.ErrorForm, mu float64, x, near *lr.Factors) float64 {
	left, right := x, x
	if near != nil {
		left = beside(x, near, -1)
		right = beside(x, near, 1)
	}
	value := 4 * form.Weight * form.Form.NewEval().Apply(left.U, right.V)
	var gl, gr, diff mat.Dense
	for _, g := range []struct {
		dst *mat.Dense
		x   *lr.Factors
	}{{&gl, left}, {&gr, right}} {
		g.dst.Mul(g.x.U.T(), g.x.U)
		diff.Mul(g.x.V.T(), g.x.V)
		g.dst.Sub(g.dst, &diff)
	}
	return value + float64(2*mu*linalg.Dot(&gl, &gr))
}

// beside is ([U, cU'], [V, cV']).
func beside(x, y *lr.Factors, c float64) *lr.Factors {
	out := &lr.Factors{U: new(mat.Dense), V: new(mat.Dense)}
	var scaled mat.Dense
	scaled.Scale(c, y.U)
	out.U.Augment(x.U, &scaled)
	scaled.Reset()
	scaled.Scale(c, y.V)
	out.V.Augment(x.V, &scaled)
	return out
}

// crossGap is ‖U*ᵀU − V*ᵀV‖F².
func crossGap(x, near *lr.Factors) float64 {
	var a, b mat.Dense
	a.Mul(near.U.T(), x.U)
	b.Mul(near.V.T(), x.V)
	a.Sub(&a, &b)
	return sqNorm(&a)
}

// balanceDerivatives returns the second and the first derivative of ‖UᵀU − VᵀV‖F²
// along d.
func balanceDerivatives(x, d *lr.Factors) (curve, slope float64) {
	b, bd, dd := balanceGap(x, x), balanceGap(x, d), balanceGap(d, d)
	var turn mat.Dense // the derivative of B = UᵀU − VᵀV
	turn.Add(bd, bd.T())
	return 2*sqNorm(&turn) + 4*linalg.Dot(b, dd), 2 * linalg.Dot(b, &turn)
}

// balanceGap is UᵀA − VᵀB for x = (U, V) and d = (A, B).
func balanceGap(x, d *lr.Factors) *mat.Dense {
	var a, b mat.Dense
	a.Mul(x.U.T(), d.U)
	b.Mul(x.V.T(), d.V)
	a.Sub(&a, &b)
	return &a
}
