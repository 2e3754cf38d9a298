package problem

import (
	"fmt"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// Completion recovers a d1×d2 matrix from some of its entries,
//
//	1/(2p) Σ_{(i,j)∈Ω} (M_ij − M*_ij)²
//
// with M = UVᵀ, or M = UUᵀ when Symmetric, where each observed entry counts
// once: a symmetric pair that is observed on both sides counts twice. It is
// [G](4) and (11) without their regularisers.
type Completion struct {
	D1, D2    int       // shape of M; D2 may be 0 when Symmetric
	Rank      int       // columns of the factors
	Rows      []int     // row of each observed entry, from 0
	Cols      []int     // column of each observed entry, from 0
	Values    []float64 // M* there
	P         float64   // share of entries observed; default |Ω|/(d1·d2)
	Symmetric bool
	Truth     *lr.Factors // M* where it is known, of any rank; copied

	// Mask says where the entries are instead of D1, D2, Rows and Cols; Values
	// are then in its order.
	Mask *operator.Mask
}

// New checks the entries and returns the problem. No entries, indices out of
// range, an entry given twice, values that are not finite, P outside (0, 1]
// and a rank outside 1 … min(d1, d2) are errors.
func (c Completion) New() (*Quadratic, error) {
	mask, b, err := entries{"Completion", c.D1, square(c.D1, c.D2, c.Symmetric), c.Rows, c.Cols, c.Values, c.Mask}.resolve()
	if err != nil {
		return nil, err
	}
	if c.P == 0 {
		c.P = observed(mask)
	}
	if !(c.P > 0 && c.P <= 1) {
		return nil, fmt.Errorf("problem: Completion has P = %v; 0 < P ≤ 1 is wanted: %w", c.P, lr.ErrValue)
	}
	return newQuadratic("Completion", mask, b, c.Rank, 1/c.P, c.Symmetric, c.Truth)
}

// observed is |Ω|/(d1·d2).
func observed(m *operator.Mask) float64 {
	d1, d2, n := m.Dims()
	return float64(n) / (float64(d1) * float64(d2))
}

// RandomCompletion is [Completion] of a random matrix. When nothing else is
// said, U* and V* have independent N(0, 1) entries, and each entry of M* is
// observed with probability P, independently, as the theorems of [G] assume.
// Everything random has a stream of its own, named and drawn from Seed, so
// that one field leaves what the others draw as it was.
//
// The matrices of Tong, Ma, Chi 2021, arXiv:2005.08898 have Kappa 1 … 20 and
// the default Spacing and Sigma. A Support of s rows makes M* coherent: its
// incoherence parameter μ (Def 4 of [G]) is then at least min(d1, d2)/s, and
// most entries that are seen are 0.
type RandomCompletion struct {
	D1, D2    int     // shape of M; D2 may be 0 when Symmetric
	Rank      int     // of the factors
	P         float64 // probability that an entry is observed, unless Entries is given
	Entries   int     // observed entries instead, see [operator.FixedCount]; p is then Entries/(D1·D2)
	AtLeast   int     // entries in every row and column, with Entries; default Rank, −1 for none
	Seed      uint64  // of Ω, U*, V*, noise and outliers, which have streams of their own
	Symmetric bool    // M = UUᵀ; Ω need not be symmetric

	TruthRank int     // rank r* of M*, above or below Rank; default Rank
	Kappa     float64 // condition number κ* ≥ 1 of M*, whose factors then span random signs; default Gaussian factors
	Spacing   Spacing // of the singular values, with Kappa; default SpacingLinear
	Sigma     float64 // largest singular value of M*, with Kappa; default 1
	Support   int     // rows of U* and of V* that are not 0; default all

	Noise       float64 // standard deviation of Gaussian noise on the entries; default none
	Outliers    float64 // share of the entries that are grossly wrong, below 1; default none
	OutlierSize float64 // what is added to or taken from those; default 10 times the root mean square of the entries
}

// New draws the problem; the same Seed gives the same problem. The truth is
// M*, also with noise. The errors are those of [Completion], and options
// outside their range.
func (c RandomCompletion) New() (*Quadratic, error) {
	c.D2 = square(c.D1, c.D2, c.Symmetric)
	mask, err := c.mask()
	if err != nil {
		return nil, err
	}
	in := instance{
		name: "RandomCompletion", d1: c.D1, d2: c.D2, rank: c.Rank, symmetric: c.Symmetric, seed: c.Seed,
		truthRank: c.TruthRank, kappa: c.Kappa, spacing: c.Spacing, sigma: c.Sigma, support: c.Support,
		noise: c.Noise, outliers: c.Outliers, outlierSize: c.OutlierSize,
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	truth := in.truth()
	_, _, n := mask.Dims()
	b := make([]float64, n)
	mask.NewEval().Apply(b, truth.U, truth.Right(), nil)
	in.disturb(b)
	if c.Entries != 0 {
		c.P = observed(mask)
	}
	return newQuadratic("Completion", mask, b, c.Rank, 1/c.P, c.Symmetric, truth)
}

// mask draws Ω.
func (c *RandomCompletion) mask() (*operator.Mask, error) {
	if c.Entries == 0 && c.AtLeast != 0 {
		return nil, fmt.Errorf("problem: RandomCompletion has AtLeast = %d without Entries; with a probability P, rows may be short: %w", c.AtLeast, lr.ErrValue)
	}
	if c.Entries == 0 {
		return operator.NewBernoulliMask(c.D1, c.D2, c.P, c.Seed)
	}
	if c.P != 0 {
		return nil, fmt.Errorf("problem: RandomCompletion has P = %v and Entries = %d; one of the two is wanted: %w", c.P, c.Entries, lr.ErrValue)
	}
	switch {
	case c.AtLeast == 0:
		c.AtLeast = c.Rank
	case c.AtLeast == -1:
		c.AtLeast = 0
	}
	return operator.FixedCount{D1: c.D1, D2: c.D2, Count: c.Entries, AtLeast: c.AtLeast, Seed: c.Seed}.New()
}
