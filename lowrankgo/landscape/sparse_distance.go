package landscape

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/internal/linalg"
	"gonum.org/v1/gonum/mat"
)

// SparseDistanceTerms are the numbers of [G] Lemma 14 at a point of robust PCA.
type SparseDistanceTerms struct {
	S      *lr.Sparse  // the minimiser at the point, by the problem's rule
	Dagger *lr.Factors // U†: U†U†ᵀ = P_r of the symmetric part of Data − S; balanced U†, V† when asymmetric

	ToDagger float64 // min over R of ‖U − U†R‖F
	Distance float64 // ‖Δ‖F of Def 6
	Kappa    float64 // κ*
	// Ratio is ‖Δ‖F/(√κ*·min_R‖U − U†R‖F), an empirical value of the constant in
	// the lemma's O(·); NaN at 0/0, where the point is the truth.
	Ratio float64
	// Budget is γα·μr·κ*⁵, which the lemma wants to be at most 1/c.
	Budget float64

	GapRatio   float64 // σᵣ/σᵣ₊₁ of Data − S, or of the positive eigenvalues of its symmetric part
	Hypotheses []Hypothesis

	rest   *mat.Dense // Data − S, its symmetric part if the point is symmetric
	values []float64  // its eigenvalues, or singular values
	near   *Alignment // with Dagger
}

// SparseDistance evaluates [G] Lemma 14, arXiv:1704.00708, at any point of robust
// PCA with fully observed data Mo = M* + S*: with S the minimiser over S_γα at U
// and U†U†ᵀ the best rank-r approximation of M* + S* − S,
//
//	min_R ‖U − U†R‖F ≤ ε  ⇒  ‖Δ‖F ≤ O(ε√κ*),  for γα·μr·κ*⁵ ≤ 1/c, γ > c
//
// whose constants are not known: the ratio is measured. Where S is not symmetric,
// as the optimum for symmetric data need not be, U† is that of the symmetric part
// of Mo − S. Of an asymmetric problem, U stands for W = [U; V] and U† for the
// balanced factors of P_r(Mo − S).
//
// It costs a projection of the problem's rule, which should be exact, and a dense
// eigendecomposition, about 9d³ flops. Errors: a problem without data to split, a
// sparse part or a truth ([lowrankgo.ErrAbility]), data with missing entries or a
// list of entries, a point that does not fit or is not finite.
func SparseDistance(p lr.Problem, x *lr.Factors) (*SparseDistanceTerms, error) {
	truth, err := alignedOf(p, x)
	if err != nil {
		return nil, err
	}
	parts, ok := lr.SplitOf(p)
	if !ok {
		return nil, fmt.Errorf("landscape: SparseDistance needs %v, which the problem lacks: %w", lr.AbilitySplit, lr.ErrAbility)
	}
	eval, ok := lr.SparsePartOf(p)
	if !ok {
		return nil, fmt.Errorf("landscape: SparseDistance needs %v, which the problem lacks: %w", lr.AbilitySparsePart, lr.ErrAbility)
	}
	n := &SparseDistanceTerms{S: eval.SparsePart(x), Distance: truth.Distance, Kappa: truth.kappa()}
	if n.rest, err = dataWithout(parts, n.S); err != nil {
		return nil, err
	}
	if err := n.approximate(x); err != nil {
		return nil, err
	}
	if n.near, err = Align(x, n.Dagger); err != nil {
		return nil, err
	}
	n.ToDagger = n.near.Distance
	n.Ratio = n.Distance / (n.ToDagger * math.Sqrt(n.Kappa))
	set := parts.Set.Filled()
	n.Budget = set.Gamma * set.Alpha * truth.mu * truth.rank() * math.Pow(n.Kappa, 5)
	n.Hypotheses = []Hypothesis{
		{"γ > c", Unknown, set.Gamma},
		{"γα·μr·κ*⁵ ≤ 1/c", Unknown, n.Budget},
		{"S is the exact minimiser at the point", Unknown, math.NaN()},
	}
	return n, nil
}

// dataWithout is Data − S.
func dataWithout(parts *lr.Split, s *lr.Sparse) (*mat.Dense, error) {
	if parts.Data == nil {
		return nil, fmt.Errorf("landscape: SparseDistance: the data are a list of entries; Lemma 14 of [G] speaks of fully observed data, given as a matrix: %w", lr.ErrValue)
	}
	rest := mat.DenseCopyOf(parts.Data)
	for i := range s.D1 {
		row := rest.RawRowView(i)
		for j, v := range row {
			if !finite(v) {
				return nil, fmt.Errorf("landscape: SparseDistance: entry (%d, %d) of the data is %v; Lemma 14 of [G] speaks of fully observed data: %w", i, j, v, lr.ErrValue)
			}
		}
		cols, values := s.Row(i)
		for e, j := range cols {
			row[j] -= values[e]
		}
	}
	return rest, nil
}

// approximate finds Dagger, the spectrum and the gap of Data − S.
func (n *SparseDistanceTerms) approximate(x *lr.Factors) error {
	r := x.Rank()
	if x.Symmetric() {
		linalg.Symmetrise(n.rest)
		values, vectors, err := eigen(n.rest)
		if err != nil {
			return err
		}
		n.values, n.Dagger = values, &lr.Factors{U: topPairs(values, vectors, upTo(r), r)}
	} else {
		f, err := thinSVD(n.rest)
		if err != nil {
			return err
		}
		n.values = f.s
		n.Dagger = &lr.Factors{U: topPairs(f.s, f.u, upTo(r), r), V: topPairs(f.s, f.v, upTo(r), r)}
	}
	n.GapRatio = math.Inf(1)
	if top, next := n.gap(r); next > 0 {
		n.GapRatio = top / next
	}
	return nil
}

// gap returns σᵣ and σᵣ₊₁ of Data − S, 0 in place of what is negative.
func (n *SparseDistanceTerms) gap(r int) (top, next float64) {
	top = math.Max(n.values[r-1], 0)
	if r < len(n.values) {
		next = math.Max(n.values[r], 0)
	}
	return top, next
}
