package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// BalanceTerms are the two sides of the balance identity at a point.
type BalanceTerms struct {
	Left, Right *mat.Dense // r×r: Uᵀ∂ᵤg̃ − (∂ᵥg̃)ᵀV and μ(UᵀU·B + B·VᵀV)
	B           *mat.Dense // UᵀU − VᵀV
	Imbalance   float64    // ‖B‖F
	GradNorm    float64    // ‖∇g̃‖

	Identity Check // ‖Left − Right‖ = 0
	// Weighted and Balanced bound the imbalance by the gradient: a critical point
	// is balanced.
	Weighted Check // μ√(‖UB‖² + ‖VB‖²) ≤ ‖∇g̃‖
	Balanced Check // ‖B‖³ ≤ √r(‖∇g̃‖/μ)²
}

func (t *BalanceTerms) String() string {
	s := fmt.Sprintf("‖UᵀU − VᵀV‖ = %.4g, ‖∇g̃‖ = %.4g\n%v", t.Imbalance, t.GradNorm, t.Identity)
	for _, c := range []Check{t.Weighted, t.Balanced} {
		if c.Claim != "" {
			s += "\n" + c.String()
		}
	}
	return s
}

// BalanceIdentity evaluates, for g̃ = f(UVᵀ) + (μ/4)‖UᵀU − VᵀV‖² and any f, at any
// point,
//
//	Uᵀ∂ᵤg̃ − (∂ᵥg̃)ᵀV = μ(UᵀU·B + B·VᵀV),  B = UᵀU − VᵀV
//
// which is how [G] §5 (arXiv:1704.00708) and [L] (arXiv:2003.10981) see that
// critical points are balanced. Its product with B bounds by how much others are
// not: μ√(‖UB‖² + ‖VB‖²) ≤ ‖∇g̃‖, and since UᵀU + VᵀV is above B and −B,
// ‖B‖³ ≤ √r(‖∇g̃‖/μ)².
//
// μ is that of problem.Balance; [G]'s ⅛ is μ = ½. With μ = 0, for a problem without
// regulariser, the two bounds say nothing and are left out. The check says whether
// what p adds to its f(UVᵀ) is the regulariser with this μ. It costs a gradient
// and O((d1+d2)r²).
//
// Errors: a symmetric problem or a point of another shape ([lowrankgo.ErrShape]),
// a point that is not finite, a μ that is negative or not finite
// ([lowrankgo.ErrValue]).
func BalanceIdentity(p lr.Problem, x *lr.Factors, mu float64) (*BalanceTerms, error) {
	if err := checkBalance(p, x, mu); err != nil {
		return nil, err
	}
	g := lr.NewPoint(p)
	value := p.NewEval().Grad(g, x)
	t := &BalanceTerms{Left: new(mat.Dense), Right: new(mat.Dense), B: gramGap(x), GradNorm: g.Norm()}
	t.Imbalance = mat.Norm(t.B, 2)

	var uu, vv, gv mat.Dense
	t.Left.Mul(x.U.T(), g.U)
	gv.Mul(g.V.T(), x.V)
	scale := mat.Norm(t.Left, 2) + mat.Norm(&gv, 2)
	t.Left.Sub(t.Left, &gv)

	uu.Mul(x.U.T(), x.U)
	uu.Mul(&uu, t.B)
	vv.Mul(x.V.T(), x.V)
	vv.Mul(t.B, &vv)
	scale += float64(mu * (mat.Norm(&uu, 2) + mat.Norm(&vv, 2)))
	t.Right.Add(&uu, &vv)
	t.Right.Scale(mu, t.Right)

	rest := balanceOnly(p, x, value, mu)
	var off mat.Dense
	off.Sub(t.Left, t.Right)
	t.Identity = Check{Item: "[G] §5", Claim: "‖Uᵀ∂ᵤg̃ − (∂ᵥg̃)ᵀV − μ(UᵀU·B + B·VᵀV)‖ = 0", Left: mat.Norm(&off, 2), Scale: scale, Hypotheses: []Hypothesis{rest}}
	if mu > 0 {
		t.bound(x, mu, rest)
	}
	return t, nil
}

func checkBalance(p lr.Problem, x *lr.Factors, mu float64) error {
	const who = "BalanceIdentity"
	if err := lr.CheckProblem(p); err != nil {
		return fmt.Errorf("landscape: %s: %w", who, err)
	}
	if lr.SymmetricOf(p) {
		return fmt.Errorf("landscape: %s: %s is symmetric and has no V to balance; an asymmetric problem is wanted: %w", who, describe(p), lr.ErrShape)
	}
	if err := lr.CheckPoint(p, x); err != nil {
		return fmt.Errorf("landscape: %s: %w", who, err)
	}
	if !(mu >= 0) || math.IsInf(mu, 0) {
		return fmt.Errorf("landscape: %s has μ = %v; a finite number of at least 0 is wanted: %w", who, mu, lr.ErrValue)
	}
	return nil
}

// bound fills the two inequalities.
func (t *BalanceTerms) bound(x *lr.Factors, mu float64, rest Hypothesis) {
	var ub, vb mat.Dense
	ub.Mul(x.U, t.B)
	vb.Mul(x.V, t.B)
	r := math.Sqrt(float64(x.Rank()))
	t.Weighted = atMost("[G] §5", "μ√(‖UB‖² + ‖VB‖²) ≤ ‖∇g̃‖", mu*math.Hypot(mat.Norm(&ub, 2), mat.Norm(&vb, 2)), t.GradNorm, rest)
	t.Balanced = atMost("[G] §5", "‖B‖³ ≤ √r(‖∇g̃‖/μ)²", t.Imbalance*squared(t.Imbalance), r*squared(t.GradNorm/mu), rest)
}

// balanceOnly says whether what p adds to f(UVᵀ) at x is (μ/4)‖B‖².
func balanceOnly(p lr.Problem, x *lr.Factors, value, mu float64) Hypothesis {
	h := Hypothesis{Name: "g̃ is f(UVᵀ) + (μ/4)‖UᵀU − VᵀV‖²", Value: math.NaN()}
	if _, known := p.(interface{ Unregularised() lr.Problem }); !known && mu > 0 {
		return h
	}
	f := lr.UnregularisedOf(p).NewEval().Grad(nil, x)
	b := mat.Norm(gramGap(x), 2)
	size := math.Abs(value) + math.Abs(f) + float64(squared(squared(x.Norm()))*mu/4)
	h.Value = math.Abs(value-f-float64(mu/4*squared(b))) / math.Max(size, math.SmallestNonzeroFloat64)
	h.Holds = answer(h.Value <= 1e-10)
	return h
}

// gramGap is UᵀU − VᵀV.
func gramGap(x *lr.Factors) *mat.Dense {
	b, vv := new(mat.Dense), new(mat.Dense)
	b.Mul(x.U.T(), x.U)
	vv.Mul(x.V.T(), x.V)
	b.Sub(b, vv)
	return b
}

// eighthAlong is ⅛‖B‖² with its first two derivatives along d: those of B are
// 2·sym(UᵀΔᵤ − VᵀΔᵥ) and 2(ΔᵤᵀΔᵤ − ΔᵥᵀΔᵥ).
func eighthAlong(x, d *lr.Factors) (value, slope, curvature float64) {
	b, second := gramGap(x), gramGap(d)
	var first, v mat.Dense
	first.Mul(x.U.T(), d.U)
	v.Mul(x.V.T(), d.V)
	first.Sub(&first, &v)
	sym := mat.DenseCopyOf(first.T())
	sym.Add(sym, &first)
	return sqNorm(b) / 8, linalg.Dot(b, sym) / 4, sqNorm(sym)/4 + linalg.Dot(b, second)/2
}

// UnbalancedFactors returns U = diag(1/ε, ε) and V = diag(ε, 1/ε) in two
// dimensions, with UVᵀ = I: a minimiser of every f(UVᵀ) whose minimum is at I,
// whose factors have the condition number 1/ε². This is why [G] §5 balances: a
// regulariser leaves of all factorisations the balanced ones. An ε that is not
// positive and finite is an error.
func UnbalancedFactors(eps float64) (*lr.Factors, error) {
	if !(eps > 0) || math.IsInf(eps, 0) || math.IsInf(1/eps, 0) {
		return nil, fmt.Errorf("landscape: UnbalancedFactors has ε = %v; a positive number is wanted: %w", eps, lr.ErrValue)
	}
	return &lr.Factors{
		U: mat.NewDense(2, 2, []float64{1 / eps, 0, 0, eps}),
		V: mat.NewDense(2, 2, []float64{eps, 0, 0, 1 / eps}),
	}, nil
}
