package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// CompletionCase is a completion problem with the numbers of its theorem,
// [G] Thm 12 when symmetric and Thm 4 when not. Problem is objective (11), or
// (4) with its regulariser Balance of μ = ½ (⅛R): any problem with a truth whose
// f is in least-squares form.
type CompletionCase struct {
	Problem lr.Problem
	Penalty RowPenalty // the λ and α of the problem's Q; none when 0
	P       float64    // sampling rate p; default 1/weight of the least-squares form
	Epsilon float64    // ε of ‖∇g‖ ≤ ε; default ‖∇g‖ at the point
	// Lower are the constants of the sampling rates from which on one is willing
	// to call them met. The theorems leave them open; 0 leaves the answer
	// unknown.
	Lower float64
}

// completion is a case at a point.
type completion struct {
	CompletionCase
	x       *lr.Factors
	squares *lr.LeastSquares
	t       *aligned
	grad    *lr.Factors // ∇g(x) of the whole problem
}

// at checks the case and looks at a point.
func (c CompletionCase) at(x *lr.Factors) (*completion, error) {
	t, err := alignedOf(c.Problem, x)
	if err != nil {
		return nil, err
	}
	c.Penalty = c.Penalty.filled()
	if err := c.Penalty.check(); err != nil {
		return nil, err
	}
	squares, ok := lr.LeastSquaresOf(lr.UnregularisedOf(c.Problem))
	if !ok {
		return nil, fmt.Errorf("landscape: a completion case needs %v, which its problem lacks: %w", lr.AbilityLeastSquares, lr.ErrAbility)
	}
	at := &completion{CompletionCase: c, x: x, squares: squares, t: t, grad: lr.NewPoint(c.Problem)}
	c.Problem.NewEval().Grad(at.grad, x)
	if at.P == 0 {
		at.P = 1 / squares.Weight
	}
	if at.Epsilon == 0 {
		at.Epsilon = at.grad.Norm()
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"P", at.P}, {"Epsilon", at.Epsilon}, {"Lower", at.Lower}} {
		if !(f.value >= 0) || math.IsInf(f.value, 0) {
			return nil, fmt.Errorf("landscape: a completion case has %s = %v; a finite number of at least 0 is wanted: %w", f.name, f.value, lr.ErrValue)
		}
	}
	return at, nil
}

// smallGradient is the hypothesis ‖∇g‖ ≤ ε.
func (c *completion) smallGradient() Hypothesis {
	n := c.grad.Norm()
	return Hypothesis{fmt.Sprintf("‖∇g‖ ≤ ε = %.3g", c.Epsilon), answer(n <= c.Epsilon*(1+1e-12)), n}
}

// sampling is a hypothesis on p in the unit that the item names.
func (c *completion) sampling(unit string, need float64) Hypothesis {
	d1, d2 := c.x.Dims()
	value := c.P * float64(min(d1, d2)) / (need * math.Log(math.Max(2, float64(max(d1, d2)))))
	h := Hypothesis{"p ≥ Ω(" + unit + "), in this unit", Unknown, value}
	if c.Lower > 0 {
		h.Holds = answer(value >= c.Lower)
	}
	return h
}

// orders are the hypotheses on α² and λ, in the units of the theorem.
func (c *completion) orders() []Hypothesis {
	d1, d2 := c.x.Dims()
	mur := c.t.mu * c.t.rank()
	side := func(name string, lambda, alpha float64, d int) []Hypothesis {
		unit := mur / float64(d)
		return []Hypothesis{
			{"α" + name + "² = Θ(μrσ₁*/d), in this unit", Unknown, alpha * alpha / (unit * c.t.most())},
			{"λ" + name + " = Θ(d/(μrκ*)), in this unit", Unknown, lambda * unit * c.t.kappa()},
		}
	}
	if c.x.Symmetric() {
		return side("", c.Penalty.Lambda, c.Penalty.Alpha, d1)
	}
	return append(side("₁", c.Penalty.Lambda, c.Penalty.Alpha, d1), side("₂", c.Penalty.LambdaV, c.Penalty.AlphaV, d2)...)
}

// RowBoundTerms are the numbers of [G] Lemma 9 at a point.
type RowBoundTerms struct {
	MaxRow, MaxRowV float64 // maxᵢ‖eᵢᵀU‖² and maxⱼ‖eⱼᵀV‖²; the second 0 when symmetric
	Unit, UnitV     float64 // (μr)^1.5·κ*·σ₁*/d of either side
	// Ratio is the larger of MaxRow/Unit and MaxRowV/UnitV: an empirical value
	// of the constant in the lemma's O(·).
	Ratio      float64
	Hypotheses []Hypothesis
}

// RowBound evaluates [G] Lemma 9, arXiv:1704.00708: at points of symmetric
// completion where the gradient is small, no row is long,
//
//	‖∇g‖ ≤ ε, p ≥ Ω(μr log d/d)  ⇒  maxᵢ‖eᵢᵀU‖² ≤ O((μr)^1.5 κ* σ₁*/d)
//
// whose constants are not known: the ratio is measured. Of an asymmetric problem
// the rows of V are held to the same with d2, as the lift has it.
//
// It costs a gradient and (d1+d2)r². Errors: a problem without truth or
// least-squares form ([lowrankgo.ErrAbility]), a point that does not fit or is
// not finite, numbers out of range, and a truth that is 0.
func RowBound(c CompletionCase, x *lr.Factors) (*RowBoundTerms, error) {
	at, err := c.at(x)
	if err != nil {
		return nil, err
	}
	return at.rowBound()
}

func (c *completion) rowBound() (*RowBoundTerms, error) {
	if c.t.least() == 0 {
		return nil, fmt.Errorf("landscape: the true matrix is 0, so that it has no μ and κ*, which Lemma 9 of [G] needs: %w", lr.ErrRank)
	}
	d1, d2 := c.x.Dims()
	mur := c.t.mu * c.t.rank()
	size := math.Pow(mur, 1.5) * c.t.kappa() * c.t.most()
	b := &RowBoundTerms{MaxRow: squared(longestRow(c.x.U)), Unit: size / float64(d1), UnitV: size / float64(d2)}
	b.Ratio = b.MaxRow / b.Unit
	if !c.x.Symmetric() {
		b.MaxRowV = squared(longestRow(c.x.V))
		b.Ratio = math.Max(b.Ratio, b.MaxRowV/b.UnitV)
	}
	b.Hypotheses = append([]Hypothesis{c.smallGradient(), c.sampling("μr·log d/d", mur)}, c.orders()...)
	return b, nil
}

// DirectionTerms are the numbers of [G] Lemma 10 at a point. For an asymmetric
// problem they are those of the lift, objective (14), four times the problem's.
type DirectionTerms struct {
	DHD     float64 // ΔΔᵀ : H : ΔΔᵀ
	EHE     float64 // (M − M*) : H : (M − M*)
	SqDelta float64 // ‖Δ‖F²
	SigmaR  float64 // σᵣ(M*), of the lift σᵣ(N*) = 2σᵣ*
	// Constant is (3EHE − DHD)/(σᵣ*‖Δ‖²), which the lemma has at 0.3 or more;
	// NaN at Δ = 0.
	Constant float64
	Bound    Check // DHD − 3EHE ≤ −0.3σᵣ*‖Δ‖²
}

// DirectionCurvature evaluates [G] Lemma 10, arXiv:1704.00708, in symmetric
// completion,
//
//	ΔΔᵀ:H:ΔΔᵀ − 3(M − M*):H:(M − M*) ≤ −0.3σᵣ*‖Δ‖F²,  A:H:A = (1/p)‖A_Ω‖²
//
// at points of small gradient, for p ≥ Ω(μ³r⁴κ*⁴ log d/d) with a constant that
// is not known. Of an asymmetric problem, Δ, M and H are those of the lift
// (Def 7): W, N and 4H₁ + G, as Thm 4 has it, with p ≥ Ω(μ⁴r⁶κ*⁶ log d/min(d1, d2)).
//
// Matrix-free: the cost is two applications of the operator to factors of 2r
// columns, and a gradient. Errors are those of [RowBound].
func DirectionCurvature(c CompletionCase, x *lr.Factors) (*DirectionTerms, error) {
	at, err := c.at(x)
	if err != nil {
		return nil, err
	}
	return at.direction(), nil
}

func (c *completion) direction() *DirectionTerms {
	d := c.t.Delta
	n := &DirectionTerms{SqDelta: d.Dot(d), SigmaR: c.t.least()}
	near := c.t.Nearest
	if c.x.Symmetric() {
		n.DHD = c.form(d.U, d.U)
		n.EHE = c.form(minus(c.x.U, near.U))
	} else {
		n.SigmaR *= 2
		n.DHD = 4*c.form(d.U, d.V) + blocks(d, nil)
		left, _ := minus(c.x.U, near.U)
		_, right := minus(c.x.V, near.V)
		n.EHE = 4*c.form(left, right) + blocks(c.x, near)
	}
	n.Constant = (3*n.EHE - n.DHD) / (n.SigmaR * n.SqDelta)
	claimed := 0.3 * n.SigmaR * n.SqDelta
	mu, r, k := c.t.mu, c.t.rank(), c.t.kappa()
	sampling := c.sampling("μ³r⁴κ*⁴ log d/d", math.Pow(mu, 3)*math.Pow(r, 4)*math.Pow(k, 4))
	if !c.x.Symmetric() {
		sampling = c.sampling("μ⁴r⁶κ*⁶ log d/min(d1, d2)", math.Pow(mu, 4)*math.Pow(r, 6)*math.Pow(k, 6))
	}
	n.Bound = Check{
		Item: "[G] Lemma 10", Claim: "ΔΔᵀ:H:ΔΔᵀ − 3(M − M*):H:(M − M*) ≤ −0.3σᵣ*‖Δ‖²", Relation: AtMost,
		Left: n.DHD - 3*n.EHE, Right: -claimed, Scale: math.Abs(n.DHD) + 3*math.Abs(n.EHE) + claimed,
		Hypotheses: append([]Hypothesis{c.smallGradient(), sampling}, c.orders()...),
	}
	return n
}

// form is A : H0 : A = weight·‖𝒜(A)‖² for A = LRᵀ.
func (c *completion) form(left, right *mat.Dense) float64 {
	_, _, m := c.squares.Operator.Dims()
	out := make([]float64, m)
	c.squares.Operator.NewEval().Apply(out, left, right, nil)
	var s float64
	for _, v := range out {
		s += float64(v * v)
	}
	return c.squares.Weight * s
}

// minus returns L = [U, −U*] and R = [U, U*], LRᵀ = UUᵀ − U*U*ᵀ.
func minus(u, target *mat.Dense) (left, right *mat.Dense) {
	var neg mat.Dense
	neg.Scale(-1, target)
	left, right = new(mat.Dense), new(mat.Dense)
	left.Augment(u, &neg)
	right.Augment(u, target)
	return left, right
}

// blocks is N : G : N of Def 7 for N = WWᵀ − W*W*ᵀ, W = [U; V]: the diagonal blocks count
// with +, the others with −. A nil target is 0.
func blocks(w, target *lr.Factors) float64 {
	if target == nil {
		target = w.Clone()
		target.Scale(0)
	}
	uu := linalg.DifferenceNorm(w.U, w.U, target.U, target.U)
	vv := linalg.DifferenceNorm(w.V, w.V, target.V, target.V)
	uv := linalg.DifferenceNorm(w.U, w.V, target.U, target.V)
	return squared(uu) + squared(vv) - 2*squared(uv)
}
