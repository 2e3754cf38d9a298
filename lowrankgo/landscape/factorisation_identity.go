package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// The gap ratios σᵣ(A)/σᵣ₊₁(A) from which on a factorisation is known to have
// no spurious minima: what [G] Lemma 13 asks for, what its proof needs, and what
// is needed, which is no more than that P_r(A) is unique.
const (
	PrintedGapRatio = 15
	ProofGapRatio   = 3 * (math.Sqrt2 + 1) // 6/(2(√2−1)) = 7.243
	NeededGapRatio  = 1
)

// FactorisationTerms are the terms of [G] Lemma 13 at U for
//
//	f(U) = ½‖UUᵀ − A‖²
//
// of which the lemma's own objective ‖UUᵀ − A‖² is twice: there Curvature, DD,
// EE, Gradient and Residue all double.
type FactorisationTerms struct {
	Curvature float64 // Δ:∇²f(U):Δ
	DD        float64 // ‖ΔΔᵀ‖²
	EE        float64 // ‖UUᵀ − P_r(A)‖²
	Gradient  float64 // ⟨∇f(U), Δ⟩
	Residue   float64 // ⟨ΔΔᵀ, A − P_r(A)⟩
	GradNorm  float64 // ‖∇f(U)‖F
	Distance  float64 // ‖Δ‖F

	Delta, Target *mat.Dense // Δ and U*, U*U*ᵀ = P_r(A)
	Values        []float64  // eigenvalues of A, descending
	GapRatio      float64    // λᵣ(A)/max(λᵣ₊₁(A), 0): +Inf when A has rank r or r = d

	Identity Check // of f
	NoHalf   Check // of the lemma's own 2f
	// Bound is what the proof makes of the identity,
	//
	//	Δ:∇²f:Δ ≤ −[2(√2−1)λᵣ − 6λᵣ₊₁]‖Δ‖² + 4⟨∇f, Δ⟩
	//
	// negative at critical points with Δ ≠ 0 from the gap ratio ProofGapRatio on.
	Bound Check
	// Conclusion are the hypotheses of the lemma's own statement, that f has no
	// spurious minima. The three checks hold without any.
	Conclusion []Hypothesis
}

// FactorisationIdentity evaluates [G] Lemma 13, arXiv:1704.00708, in its
// extended form: for any symmetric d×d matrix A, the best approximation P_r(A) =
// U*U*ᵀ by r positive eigenpairs, any U (d×r) and Δ = U − U*R as in Def 6,
//
//	Δ:∇²f(U):Δ = ‖ΔΔᵀ‖² − 3‖UUᵀ − P_r(A)‖² + 4⟨∇f(U), Δ⟩ + 6⟨ΔΔᵀ, A − P_r(A)⟩
//
// with f = ½‖UUᵀ − A‖². A positive A and a gap ratio of 15 are hypotheses of the
// lemma's conclusion, not of the identity; the proof needs 7.24 of the 15, and
// the saddles none, see [SwapSaddles].
//
// A is copied. It costs an eigendecomposition, about 9d³ flops, and d²r. An A
// that is not square and symmetric (to 1e-12 of its largest entry), a U of
// another height or with more than d columns, and entries that are not finite
// are errors.
func FactorisationIdentity(a mat.Matrix, u *mat.Dense) (*FactorisationTerms, error) {
	s, err := symmetricCopy(a)
	if err != nil {
		return nil, err
	}
	if err := checkFactor(s, u); err != nil {
		return nil, err
	}
	values, vectors, err := eigen(s)
	if err != nil {
		return nil, err
	}
	_, r := u.Dims()
	t := &FactorisationTerms{Values: values, Target: topPairs(values, vectors, upTo(r), r)}
	near, err := Align(&lr.Factors{U: u}, &lr.Factors{U: t.Target})
	if err != nil {
		return nil, err
	}
	t.Delta = near.Delta.U
	t.evaluate(s, u)
	t.fillChecks(r)
	return t, nil
}

// evaluate finds the terms, the curvature by its definition
// ‖ΔUᵀ + UΔᵀ‖² + 2⟨(UUᵀ − A)Δ, Δ⟩.
func (t *FactorisationTerms) evaluate(a, u *mat.Dense) {
	var res, rd, grad, turn, dd, rest mat.Dense
	res.Mul(u, u.T())
	res.Sub(&res, a)
	rd.Mul(&res, t.Delta)
	grad.Mul(&res, u)
	grad.Scale(2, &grad)
	turn.Mul(t.Delta, u.T())
	turn.Add(&turn, mat.DenseCopyOf(turn.T()))
	t.Curvature = sqNorm(&turn) + 2*linalg.Dot(&rd, t.Delta)

	dd.Mul(t.Delta, t.Delta.T())
	rest.Mul(t.Target, t.Target.T())
	rest.Sub(a, &rest) // A − P_r(A)
	e := linalg.DifferenceNorm(u, u, t.Target, t.Target)
	t.DD, t.EE, t.Residue = sqNorm(&dd), e*e, linalg.Dot(&dd, &rest)
	t.Gradient, t.GradNorm = linalg.Dot(&grad, t.Delta), math.Sqrt(sqNorm(&grad))
	t.Distance = math.Sqrt(sqNorm(t.Delta))
}

func (t *FactorisationTerms) fillChecks(r int) {
	const item = "[G] Lemma 13"
	right := t.DD - 3*t.EE + 4*t.Gradient + 6*t.Residue
	scale := math.Abs(t.Curvature) + t.DD + 3*t.EE + 4*math.Abs(t.Gradient) + 6*math.Abs(t.Residue)
	t.Identity = Check{
		Item: item, Claim: "Δ:∇²f:Δ = ‖ΔΔᵀ‖² − 3‖UUᵀ − P_r(A)‖² + 4⟨∇f, Δ⟩ + 6⟨ΔΔᵀ, A − P_r(A)⟩, f = ½‖UUᵀ − A‖²",
		Left: t.Curvature, Right: right, Scale: scale,
	}
	t.NoHalf = Check{
		Item: item, Claim: "Δ:∇²h:Δ = 2‖ΔΔᵀ‖² − 6‖UUᵀ − P_r(A)‖² + 4⟨∇h, Δ⟩ + 12⟨ΔΔᵀ, A − P_r(A)⟩, h = ‖UUᵀ − A‖²",
		Left: 2 * t.Curvature, Right: 2 * right, Scale: 2 * scale,
	}
	top, next := math.Max(t.Values[r-1], 0), 0.0
	if r < len(t.Values) {
		next = math.Max(t.Values[r], 0)
	}
	t.GapRatio = math.Inf(1)
	if next > 0 {
		t.GapRatio = top / next
	}
	dd := t.Distance * t.Distance
	slack := 2 * (math.Sqrt2 - 1) * top
	t.Bound = Check{
		Item: item, Claim: "Δ:∇²f:Δ ≤ −[2(√2−1)λᵣ − 6λᵣ₊₁]‖Δ‖² + 4⟨∇f, Δ⟩", Relation: AtMost,
		Left: t.Curvature, Right: (6*next-slack)*dd + 4*t.Gradient, Scale: scale + (6*next+slack)*dd,
	}
	t.Conclusion = t.conclusion(r)
}

// conclusion are the hypotheses under which the lemma says that f has no
// spurious minima.
func (t *FactorisationTerms) conclusion(r int) []Hypothesis {
	least := t.Values[len(t.Values)-1]
	size := math.Max(math.Abs(t.Values[0]), math.Abs(least))
	return []Hypothesis{
		{"A is positive semidefinite, its least eigenvalue ≥ 0", answer(least >= -1e-12*size), least},
		{"λᵣ(A) > 0", answer(t.Values[r-1] > 0), t.Values[r-1]},
		{"λᵣ(A) ≥ 15λᵣ₊₁(A), as printed", answer(t.GapRatio >= PrintedGapRatio), t.GapRatio},
		{"λᵣ(A) > 7.24λᵣ₊₁(A), as the proof needs", answer(t.GapRatio > ProofGapRatio), t.GapRatio},
		{"λᵣ(A) > λᵣ₊₁(A), which is enough, see SwapSaddles", answer(t.GapRatio > NeededGapRatio), t.GapRatio},
	}
}

// symmetricCopy returns A, or says why it is none.
func symmetricCopy(a mat.Matrix) (*mat.Dense, error) {
	if a == nil {
		return nil, fmt.Errorf("landscape: there is no A (it is nil); a symmetric d×d matrix is wanted: %w", lr.ErrEmpty)
	}
	if d, ok := a.(*mat.Dense); ok && (d == nil || d.IsEmpty()) {
		return nil, fmt.Errorf("landscape: A is empty; a symmetric d×d matrix is wanted: %w", lr.ErrEmpty)
	}
	d1, d2 := a.Dims()
	if d1 != d2 {
		return nil, fmt.Errorf("landscape: A is %d×%d; a square matrix is wanted: %w", d1, d2, lr.ErrShape)
	}
	s := mat.DenseCopyOf(a)
	if !(&lr.Factors{U: s}).Finite() {
		return nil, fmt.Errorf("landscape: A has NaN or infinite entries; every entry must be finite: %w", lr.ErrValue)
	}
	size := math.Max(mat.Max(s), -mat.Min(s))
	for i := range d1 {
		for j := range i {
			if v, w := s.At(i, j), s.At(j, i); math.Abs(v-w) > 1e-12*size {
				return nil, fmt.Errorf("landscape: A(%d, %d) = %v and A(%d, %d) = %v; a symmetric A is wanted (take ½(A + Aᵀ)): %w", i, j, v, j, i, w, lr.ErrValue)
			}
		}
	}
	linalg.Symmetrise(s)
	return s, nil
}

func checkFactor(a, u *mat.Dense) error {
	if err := (&lr.Factors{U: u}).Check(); err != nil {
		return fmt.Errorf("landscape: the factor U: %w", err)
	}
	d, _ := a.Dims()
	if h, r := u.Dims(); h != d || r > d {
		return fmt.Errorf("landscape: U is %d×%d and A %d×%d; U d×r with r ≤ d is wanted: %w", h, r, d, d, lr.ErrShape)
	}
	return nil
}

// eigen returns the eigenvalues of a symmetric matrix, descending, and their
// vectors in the same order.
func eigen(a *mat.Dense) ([]float64, *mat.Dense, error) {
	d, _ := a.Dims()
	s := mat.NewSymDense(d, nil)
	for i := range d {
		for j := range i + 1 {
			s.SetSym(i, j, a.At(i, j))
		}
	}
	var f mat.EigenSym
	if !f.Factorize(s, true) {
		return nil, nil, fmt.Errorf("landscape: the eigenvalues of a %d×%d matrix did not converge: %w", d, d, lr.ErrFailed)
	}
	var q mat.Dense
	f.VectorsTo(&q)
	up := f.Values(nil)
	values, vectors := make([]float64, d), mat.NewDense(d, d, nil)
	for k := range d {
		values[k] = up[d-1-k]
		for i := range d {
			vectors.Set(i, k, q.At(i, d-1-k))
		}
	}
	return values, vectors, nil
}

// topPairs returns the d×r factor [√λᵢ qᵢ] of the chosen pairs, with a zero
// column where λᵢ is not positive.
func topPairs(values []float64, vectors *mat.Dense, chosen []int, r int) *mat.Dense {
	d, _ := vectors.Dims()
	u := mat.NewDense(d, r, nil)
	for k, i := range chosen {
		if !(values[i] > 0) {
			continue
		}
		root := math.Sqrt(values[i])
		for row := range d {
			u.Set(row, k, root*vectors.At(row, i))
		}
	}
	return u
}

// upTo is 0 … n−1.
func upTo(n int) []int {
	all := make([]int, n)
	for i := range all {
		all[i] = i
	}
	return all
}
