package landscape

import (
	"fmt"
	"math"
	"strings"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
)

// IsometryChain is the proof of [G] Theorem 8, or of Theorem 3, at a point: the
// curvature along Δ, and one bound after the other.
type IsometryChain struct {
	*Alignment
	Delta     float64 // δ: the one given, else Seen
	Seen      float64 // the δ that the two matrices of the proof show: a lower bound of the RIP constant
	Curvature float64 // Δ:∇²f:Δ
	GradNorm  float64 // ε = ‖∇f‖
	Error2    float64 // ‖M − M*‖², in Theorem 3 ‖N − N*‖²
	Product2  float64 // ‖ΔΔᵀ‖²
	SigmaR    float64 // σᵣ*

	Links   []Check // each bound is at most the next
	Theorem Check   // the curvature against the last bound, under all hypotheses

	gamma, zeta float64 // of the theorem: γ = gamma·σᵣ*, ζ = zeta·ε/σᵣ*
}

// SensingChain evaluates the proof of [G] Theorem 8 (arXiv:1704.00708) for
// symmetric sensing at x, term by term,
//
//	Δ:∇²f:Δ ≤ (1+δ)‖ΔΔᵀ‖² − 3(1−δ)‖E‖² + 4ε‖Δ‖
//	        ≤ −(1−5δ)‖E‖² + 4ε‖Δ‖
//	        ≤ −2(√2−1)(1−5δ)σᵣ*‖Δ‖² + 4ε‖Δ‖
//	        ≤ −0.4σᵣ*‖Δ‖² + 4ε‖Δ‖
//
// with ε = ‖∇f(x)‖ and E = M − M*. The first link needs the restricted isometry
// of rank 2r at ΔΔᵀ and E, the next two are Lemma 6 (the third with δ ≤ 1/5), the
// last wants δ ≤ 1/10. So f is (ε, 0.2σᵣ*, 20ε/σᵣ*)-strict saddle; see
// [IsometryChain.StrictSaddle]. With a truth of lower rank than r, σᵣ* is 0 and the
// theorem says nothing.
//
// delta is the RIP constant δ of the form with the problem's weight, where it is
// known, as of operator.Perturbed. NaN stands for not known: then the constant is
// taken that the point itself shows, a lower bound of δ, and whether δ ≤ 1/10 is
// answered by No or Unknown. Problems are scaled as in [G](10), by 1/m
// (problem.ScaleMean): a sum of squares is far from an isometry.
//
// It costs what [CurvatureIdentity] does, whose errors it has; a delta that is
// negative or infinite is one too ([lowrankgo.ErrValue]).
func SensingChain(p lr.Problem, x *lr.Factors, delta float64) (*IsometryChain, error) {
	if err := checkDelta("SensingChain", delta); err != nil {
		return nil, err
	}
	t, err := CurvatureIdentity(p, x, nil)
	if err != nil {
		return nil, err
	}
	c := &IsometryChain{
		Alignment: t.Alignment, Curvature: t.Curvature, GradNorm: t.GradNorm, Error2: t.Error2, Product2: t.Product2,
		SigmaR: t.Sigma[len(t.Sigma)-1], Seen: math.Max(apartFromOne(t.DHD, t.Product2), apartFromOne(t.EHE, t.Error2)),
		gamma: 0.2, zeta: 20,
	}
	c.link(chainOf{item: "[G] Theorem 8", limit: 0.1, spread: 1, share: 1, sigma: 1, last: 0.4, e: "M − M*"}, delta,
		Hypothesis{"Q = 0", answer(!t.HasQ), math.NaN()})
	return c, nil
}

// apartFromOne is |h/n − 1|, the δ that one matrix shows; 0 for the matrix 0.
func apartFromOne(h, n float64) float64 {
	if n == 0 {
		return 0
	}
	return math.Abs(h/n - 1)
}

func checkDelta(who string, delta float64) error {
	if delta < 0 || math.IsInf(delta, 0) {
		return fmt.Errorf("landscape: %s has δ = %v; a finite number of at least 0 is wanted, or NaN when it is not known: %w", who, delta, lr.ErrValue)
	}
	return nil
}

// chainOf holds what differs between the two theorems.
type chainOf struct {
	item   string
	limit  float64 // of δ
	spread float64 // what the lift makes of δ: 1, or 2
	share  float64 // 1, or the ¼ by which f is less than its lift
	sigma  float64 // σᵣ(N*)/σᵣ*: 1, or 2
	last   float64 // of the last bound
	e      string
}

// link fills the bounds and the checks between them.
func (c *IsometryChain) link(k chainOf, delta float64, objective Hypothesis) {
	c.Delta = delta
	if math.IsNaN(delta) {
		c.Delta = c.Seen
	}
	spread, push := k.spread*c.Delta, float64(4*c.GradNorm*c.Distance)
	form := float64(k.share * (float64((1+spread)*c.Product2) - float64(3*(1-spread)*c.Error2)))
	byError := float64(-k.share * (1 - float64(5*spread)) * c.Error2)
	byDelta := float64(-k.share*(1-float64(5*spread))*k.sigma*c.SigmaR*squared(c.Distance)) / factorConstant
	last := float64(-k.last * c.SigmaR * squared(c.Distance))

	seen := Hypothesis{"H is within 1 ± δ at the two matrices of the proof", answer(c.Seen <= c.Delta+1e-9), c.Seen}
	fifth := Hypothesis{fmt.Sprintf("δ ≤ %.3g", 0.2/k.spread), answer(5*spread <= 1+1e-12), c.Delta}
	limit := Hypothesis{fmt.Sprintf("δ ≤ %.3g", k.limit), answer(c.Delta <= k.limit+1e-9), c.Delta}
	if math.IsNaN(delta) && limit.Holds == Yes {
		limit.Holds = Unknown // the point shows less than δ
	}
	full := Hypothesis{"M* has rank r, σᵣ* > 0", answer(c.SigmaR > 1e-12*c.Sigma[0]), c.SigmaR}
	scale := math.Abs(c.Curvature) + float64(k.share*(float64((1+spread)*c.Product2)+float64(math.Abs(3*(1-spread))*c.Error2))) + push
	step := func(claim string, left, right float64, h ...Hypothesis) Check {
		return Check{Item: k.item, Claim: claim, Left: left, Right: right, Relation: AtMost, Scale: scale, Hypotheses: h}
	}
	c.Links = []Check{
		step(fmt.Sprintf("Δ:∇²f:Δ ≤ %.3g[(1+%.3gδ)‖ΔΔᵀ‖² − 3(1−%.3gδ)‖%s‖²] + 4ε‖Δ‖", k.share, k.spread, k.spread, k.e), c.Curvature, form+push, seen, objective),
		step(fmt.Sprintf("… ≤ −%.3g(1−%.3gδ)‖%s‖² + 4ε‖Δ‖", k.share, 5*k.spread, k.e), form+push, byError+push),
		step(fmt.Sprintf("… ≤ −%.4g(1−%.3gδ)σᵣ*‖Δ‖² + 4ε‖Δ‖", k.share*k.sigma/factorConstant, 5*k.spread), byError+push, byDelta+push, fifth),
		step(fmt.Sprintf("… ≤ −%.3gσᵣ*‖Δ‖² + 4ε‖Δ‖", k.last), byDelta+push, last+push, limit),
	}
	c.Theorem = step(fmt.Sprintf("Δ:∇²f:Δ ≤ −%.3gσᵣ*‖Δ‖² + 4ε‖Δ‖", k.last), c.Curvature, last+push, limit, seen, objective, full)
}

// BalancedSensingChain evaluates the proof of [G] Theorem 3 (arXiv:1704.00708) for
// the asymmetric objective (3), ½ E:H₀:E + ⅛‖UᵀU − VᵀV‖², at x, with the constants
// of the lift of Lemma 16 carried through: with W, N of Def 7, σᵣ(N*) = 2σᵣ*, and
// f a quarter of (14),
//
//	Δ:∇²f:Δ ≤ ¼[(1+2δ)‖ΔΔᵀ‖² − 3(1−2δ)‖N − N*‖²] + 4ε‖Δ‖
//	        ≤ −¼(1−10δ)‖N − N*‖² + 4ε‖Δ‖
//	        ≤ −(√2−1)(1−10δ)σᵣ*‖Δ‖² + 4ε‖Δ‖
//	        ≤ −0.2σᵣ*‖Δ‖² + 4ε‖Δ‖
//
// for δ ≤ 1/20, so that f is (ε, 0.1σᵣ*, 40ε/σᵣ*)-strict saddle. delta is that of
// H₀, as in [SensingChain]. The problem is one with a form around its truth and
// problem.Balance with Mu ½ over it; whether it is, is looked at along Δ.
//
// It costs what [CurvatureIdentity] does. Errors: as there, and a symmetric
// problem ([lowrankgo.ErrAbility]).
func BalancedSensingChain(p lr.Problem, x *lr.Factors, delta float64) (*IsometryChain, error) {
	const who = "BalancedSensingChain"
	if err := checkDelta(who, delta); err != nil {
		return nil, err
	}
	form, err := formAround(who, p, x)
	if err != nil {
		return nil, err
	}
	if lr.SymmetricOf(p) {
		return nil, fmt.Errorf("landscape: %s: %s is symmetric, which has nothing to balance; use SensingChain: %w", who, describe(p), lr.ErrAbility)
	}
	f, a, err := alignWith(who, p, x, nil)
	if err != nil {
		return nil, err
	}
	c := &IsometryChain{Alignment: a, Error2: f.error2(a), SigmaR: f.sigma[len(f.sigma)-1], gamma: 0.1, zeta: 40}
	if c.Curvature, _, c.GradNorm, err = along(p, x, a.Delta); err != nil {
		return nil, err
	}
	w := stacked(a.Delta)
	c.Product2 = squared(linalg.ProductNorm(w, w))
	c.Seen = seenByBlocks(form, x, a)
	objective, err := balancedRest(form, x, a.Delta)
	if err != nil {
		return nil, err
	}
	c.link(chainOf{item: "[G] Theorem 3", limit: 0.05, spread: 2, share: 0.25, sigma: 2, last: 0.2, e: "N − N*"}, delta, objective)
	return c, nil
}

// seenByBlocks is the δ of H₀ that the blocks ΔᵤΔᵥᵀ and M − M* show.
func seenByBlocks(form *lr.ErrorForm, x *lr.Factors, a *Alignment) float64 {
	h := form.Form.NewEval()
	d := a.Delta
	dd, dd2 := form.Weight*h.Apply(d.U, d.V), squared(linalg.ProductNorm(d.U, d.V))
	left, right := besides(d.U, a.Nearest.U), besides(x.V, d.V) // E = ΔᵤVᵀ + (U*R)Δᵥᵀ
	ee, ee2 := form.Weight*h.Apply(left, right), squared(linalg.ProductNorm(left, right))
	return math.Max(apartFromOne(dd, dd2), apartFromOne(ee, ee2))
}

// balancedRest says whether the rest of the objective is ⅛‖UᵀU − VᵀV‖², by its
// value and its derivatives along d.
func balancedRest(form *lr.ErrorForm, x, d *lr.Factors) (Hypothesis, error) {
	h := Hypothesis{Name: "Q = ⅛‖UᵀU − VᵀV‖²", Holds: No, Value: math.NaN()}
	if form.Q == nil {
		return h, nil
	}
	curvature, slope, _, err := along(form.Q, x, d)
	if err != nil {
		return h, err
	}
	value := form.Q.NewEval().Grad(nil, x)
	v, s, c := eighthAlong(x, d)
	size := squared(squared(x.Norm() + d.Norm())) // of what is added in v, s and c
	h.Value = math.Max(math.Abs(value-v), math.Max(math.Abs(slope-s), math.Abs(curvature-c))) / math.Max(size, math.SmallestNonzeroFloat64)
	h.Holds = answer(h.Value <= 1e-9)
	return h, nil
}

func (c *IsometryChain) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: δ = %.4g, ε = ‖∇f‖ = %.4g, ‖Δ‖ = %.4g, σᵣ* = %.4g", c.Theorem.Item, c.Delta, c.GradNorm, c.Distance, c.SigmaR)
	for _, l := range c.Links {
		fmt.Fprintf(&b, "\n  %s: %.6g ≤ %.6g", l.Claim, l.Left, l.Right)
		if !l.Holds(1e-9) {
			b.WriteString(" fails")
		}
	}
	for _, h := range c.Theorem.Hypotheses {
		fmt.Fprintf(&b, "\n  %v", h)
	}
	return b.String()
}

// StrictSaddle is [G] Def 2 at a point, for the (θ, γ, ζ) of a theorem.
type StrictSaddle struct {
	Theta, Gamma, Zeta float64

	GradNorm  float64 // ‖∇f‖
	Curvature float64 // Δ:∇²f:Δ/‖Δ‖², which λmin(∇²f) is at most; NaN at a solution
	Distance  float64 // ‖Δ‖

	LargeGradient     bool // ‖∇f‖ ≥ θ
	NegativeCurvature bool // Curvature ≤ −γ: proven; without it λmin may still be below
	Near              bool // ‖Δ‖ ≤ ζ
}

func (s StrictSaddle) String() string {
	mark := func(yes bool) string {
		if yes {
			return "yes"
		}
		return "no"
	}
	return fmt.Sprintf("‖∇f‖ = %.4g ≥ θ = %.4g: %s; Δ:∇²f:Δ/‖Δ‖² = %.4g ≤ −γ = %.4g: %s; ‖Δ‖ = %.4g ≤ ζ = %.4g: %s",
		s.GradNorm, s.Theta, mark(s.LargeGradient), s.Curvature, -s.Gamma, mark(s.NegativeCurvature), s.Distance, s.Zeta, mark(s.Near))
}

// Any reports whether one of the three holds, as the theorem says of every point.
func (s StrictSaddle) Any() bool { return s.LargeGradient || s.NegativeCurvature || s.Near }

// StrictSaddle says which case of Def 2 the point is in, for the theorem's
// (θ, γ, ζ) with θ = eps: (ε, 0.2σᵣ*, 20ε/σᵣ*) in Theorem 8, (ε, 0.1σᵣ*,
// 40ε/σᵣ*) in Theorem 3. The sharpest eps for a point is any just above its own
// GradNorm: with it the gradient decides nothing, and one of the other two must
// hold.
func (c *IsometryChain) StrictSaddle(eps float64) StrictSaddle {
	s := StrictSaddle{
		Theta: eps, Gamma: c.gamma * c.SigmaR, Zeta: c.zeta * eps / c.SigmaR,
		GradNorm: c.GradNorm, Curvature: c.Curvature / squared(c.Distance), Distance: c.Distance,
	}
	s.LargeGradient, s.NegativeCurvature, s.Near = s.GradNorm >= s.Theta, s.Curvature <= -s.Gamma, s.Distance <= s.Zeta
	return s
}
