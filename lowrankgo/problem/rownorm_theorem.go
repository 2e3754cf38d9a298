package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"gonum.org/v1/gonum/mat"
)

// RowNormTheorem is [RowNorm] with the orders of [G] Thm 12 (symmetric
// completion) and Thm 4 (asymmetric),
//
//	α² = Cα·μrσ₁*/d,  λ = Cλ·d/(μrκ*)
//
// with d the length of the factor in question: d1 for U, d2 for V. The
// theorems name the orders and no constants; here these are fields. With the
// defaults Lemma 11 holds for every M* that is μ-incoherent, see
// [RowNormTheorem.Config]. No other part of the theorems is claimed by it.
type RowNormTheorem struct {
	Of      lr.Problem // the completion problem to regularise
	Mu      float64    // μ ≥ 1, the incoherence of M* (Def 4)
	Kappa   float64    // κ* = σ₁*/σᵣ* ≥ 1
	Sigma1  float64    // σ₁* > 0, the largest singular value of M*
	Rank    int        // r of M*; default the number of factor columns
	P       float64    // share of entries observed, for SampleConstant alone
	CAlpha  float64    // Cα; default 4
	CLambda float64    // Cλ; default the largest for which Lemma 11 is sure, which needs Cα ≥ 1
}

// New returns the regularised problem.
func (t RowNormTheorem) New() (*Regularised, error) {
	q, err := t.Config()
	if err != nil {
		return nil, err
	}
	return q.New()
}

// Config returns the literal that New makes. The balanced factors of a
// μ-incoherent M* have ‖Uᵢ*‖² ≤ μrσ₁*/d, so α is at least C = √Cα times the
// longest row, and λα² = Cλ·Cα·σᵣ*. Hence
//
//	Cλ = s/(K(√Cα)·Cα)
//
// is the default, with K of [LemmaConstant] and s = 0.025 (symmetric) or
// 0.0125 (asymmetric; see [RowNorm.Lemma11]). Numbers out of range are errors.
func (t RowNormTheorem) Config() (RowNorm, error) {
	t, d1, d2, err := t.filled()
	if err != nil {
		return RowNorm{}, err
	}
	side := func(d int) (lambda, alpha float64) {
		unit := t.Mu * float64(t.Rank) / float64(d)
		return t.CLambda / (unit * t.Kappa), math.Sqrt(t.CAlpha * unit * t.Sigma1)
	}
	q := RowNorm{Of: t.Of}
	q.Lambda, q.Alpha = side(d1)
	if !lr.SymmetricOf(t.Of) {
		q.LambdaV, q.AlphaV = side(d2)
	}
	return q, nil
}

// SampleConstant returns P in the unit of the theorem's condition on it,
//
//	p ≥ Ω(μ³r⁴κ*⁴ log d / d)              Thm 12
//	p ≥ Ω(μ⁴r⁶κ*⁶ log d / min(d1, d2))    Thm 4, d = max(d1, d2)
//
// whose constant is not known: the theorem speaks of problems where this
// number is above it. P outside (0, 1] is an error.
func (t RowNormTheorem) SampleConstant() (float64, error) {
	t, d1, d2, err := t.filled()
	if err != nil {
		return 0, err
	}
	if !(t.P > 0 && t.P <= 1) {
		return 0, fmt.Errorf("problem: RowNormTheorem has P = %v; 0 < P ≤ 1 is wanted for SampleConstant: %w", t.P, lr.ErrValue)
	}
	pow, r := math.Pow, float64(t.Rank)
	need := pow(t.Mu, 4) * pow(r, 6) * pow(t.Kappa, 6)
	if lr.SymmetricOf(t.Of) {
		need = pow(t.Mu, 3) * pow(r, 4) * pow(t.Kappa, 4)
	}
	return t.P * float64(min(d1, d2)) / (need * math.Log(max(2, float64(max(d1, d2))))), nil
}

func (t RowNormTheorem) filled() (_ RowNormTheorem, d1, d2 int, err error) {
	if err := checkOf("RowNormTheorem", t.Of); err != nil {
		return t, 0, 0, err
	}
	d1, d2, r := t.Of.Dims()
	if t.Rank == 0 {
		t.Rank = r
	}
	if t.CAlpha == 0 {
		t.CAlpha = 4
	}
	if err := t.check(d1, d2); err != nil {
		return t, 0, 0, err
	}
	if t.CLambda == 0 && t.CAlpha < 1 {
		return t, 0, 0, fmt.Errorf("problem: RowNormTheorem has CAlpha = %v and no CLambda; below 1 Lemma 11 holds for no λ, so give CLambda or a CAlpha of at least 1: %w", t.CAlpha, lr.ErrValue)
	}
	if t.CLambda == 0 {
		t.CLambda = allowance(t.Of) / (LemmaConstant(math.Sqrt(t.CAlpha)) * t.CAlpha)
	}
	return t, d1, d2, positive("RowNormTheorem", "CLambda", t.CLambda, ", or 0 for the default")
}

func (t RowNormTheorem) check(d1, d2 int) error {
	if t.Rank < 1 || t.Rank > min(d1, d2) {
		return fmt.Errorf("problem: RowNormTheorem has Rank = %d; 1 ≤ Rank ≤ min(%d, %d) is wanted, or 0 for that of the problem: %w", t.Rank, d1, d2, lr.ErrRank)
	}
	for _, f := range []struct {
		name  string
		value float64
	}{{"Mu", t.Mu}, {"Kappa", t.Kappa}} {
		if !(f.value >= 1) || math.IsInf(f.value, 1) {
			return fmt.Errorf("problem: RowNormTheorem has %s = %v; a finite number of at least 1 is wanted: %w", f.name, f.value, lr.ErrValue)
		}
	}
	if err := positive("RowNormTheorem", "Sigma1", t.Sigma1, ""); err != nil {
		return err
	}
	return positive("RowNormTheorem", "CAlpha", t.CAlpha, ", or 0 for the default")
}

// LemmaConstant is the K(C) of [G] Lemma 11,
//
//	K(C) = (6√3 − 9)(1 + 1/C)²
//
// the least constant with ¼[Δ:∇²Q:Δ − 4⟨∇Q, Δ⟩] ≤ K(C)·λα²‖Δ‖F² at all points,
// for rows of U* of length at most α/C, C ≥ 1. The paper has an O(·) in its
// place. For C < 1, where a row of U* may be longer than α and Q pulls on U*
// itself, there is no such constant: +Inf.
func LemmaConstant(c float64) float64 {
	if !(c >= 1) {
		return math.Inf(1)
	}
	return (6*math.Sqrt(3) - 9) * (1 + 1/c) * (1 + 1/c)
}

// allowance is what λα²·K may be, as a part of σᵣ*: 0.1/4, so that of the 0.3σᵣ*
// of Lemma 10 at least 0.2σᵣ* is left. An asymmetric problem is the symmetric
// one of [Lift], whose Q is four times as large and whose σᵣ is twice.
func allowance(p lr.Problem) float64 {
	if lr.SymmetricOf(p) {
		return 0.025
	}
	return 0.0125
}

// Lemma11 returns what Q may add to the curvature along Δ at any point, as a
// part of what it may at most,
//
//	max over the sides of λα²·K(α/maxᵢ‖Uᵢ*‖) / (0.025·σᵣ*)
//
// with the balanced factors of the truth of Of; 0.0125 takes the place of
// 0.025 when Of is asymmetric. At or below 1, Q adds at most 0.1σᵣ*‖Δ‖² to the
// −0.3σᵣ*‖Δ‖² of Lemma 10; the constants printed in [G], 0.1 in Lemma 11 times
// four, would not leave a negative number. A row of U* longer than α, or M* = 0,
// whose σᵣ* is 0, gives +Inf. A problem whose truth is not known is an error.
func (q RowNorm) Lemma11() (float64, error) {
	if _, err := q.New(); err != nil {
		return 0, err
	}
	truth, ok := lr.TruthOf(q.Of)
	if !ok {
		return 0, fmt.Errorf("problem: RowNorm.Lemma11 needs %v, which %s lacks: %w", lr.AbilityTruth, printed(q.Of), lr.ErrAbility)
	}
	q = q.filled()
	u, sigma, v := balancedSVD(truth)
	limit := allowance(q.Of) * smallest(sigma)
	ratio := (rowPenalty{q.Lambda, q.Alpha}).curvature(u) / limit
	if !lr.SymmetricOf(q.Of) {
		ratio = math.Max(ratio, (rowPenalty{q.LambdaV, q.AlphaV}).curvature(v)/limit)
	}
	return ratio, nil
}

// curvature is the λα²K(C) of Lemma 11 for the rows of one factor of M*.
func (p rowPenalty) curvature(truth *mat.Dense) float64 {
	if math.IsInf(p.alpha, 1) {
		return 0 // no penalty
	}
	return p.lambda * p.alpha * p.alpha * LemmaConstant(p.alpha/longestRow(truth))
}

// smallest is the least singular value that is not rounding, σᵣ*, or 0.
func smallest(sigma []float64) float64 {
	least := 0.0
	for _, s := range sigma { // descending
		if s > 1e-12*sigma[0] {
			least = s
		}
	}
	return least
}

func longestRow(a *mat.Dense) float64 {
	var n float64
	for i := range a.RawMatrix().Rows {
		n = math.Max(n, rowLength(a.RawRowView(i)))
	}
	return n
}
