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
	Truth     *lr.Factors // M* where it is known; copied
}

// New checks the entries and returns the problem. No entries, indices out of
// range, an entry given twice, values that are not finite, P outside (0, 1]
// and a rank outside 1 … min(d1, d2) are errors.
func (c Completion) New() (*Quadratic, error) {
	if c.Symmetric && c.D2 == 0 {
		c.D2 = c.D1
	}
	if len(c.Values) != len(c.Rows) {
		return nil, fmt.Errorf("problem: Completion has %d values at %d places; they must be as many: %w", len(c.Values), len(c.Rows), lr.ErrShape)
	}
	mask, order, err := operator.NewMask(c.D1, c.D2, c.Rows, c.Cols)
	if err != nil {
		return nil, err
	}
	if c.P == 0 {
		c.P = float64(len(c.Rows)) / (float64(c.D1) * float64(c.D2))
	}
	if !(c.P > 0 && c.P <= 1) {
		return nil, fmt.Errorf("problem: Completion has P = %v; 0 < P ≤ 1 is wanted: %w", c.P, lr.ErrValue)
	}
	if err := checkFinite("Completion", c.Values); err != nil { // here, where indices are the caller's
		return nil, err
	}
	b := make([]float64, len(order))
	for e, k := range order {
		b[e] = c.Values[k]
	}
	return newQuadratic("Completion", mask, b, c.Rank, 1/c.P, c.Symmetric, c.Truth)
}

// RandomCompletion is [Completion] of a random matrix: U* and V* have
// independent N(0, 1) entries and each entry of M* is observed with
// probability P, independently, as the theorems of [G] assume.
type RandomCompletion struct {
	D1, D2    int // shape of M; D2 may be 0 when Symmetric
	Rank      int // of M* and of the factors
	P         float64
	Seed      uint64 // of Ω, U* and V*, which have streams of their own
	Symmetric bool   // M = UUᵀ; Ω need not be symmetric
}

// New draws the problem; the same Seed gives the same problem. The errors are
// those of [Completion].
func (c RandomCompletion) New() (*Quadratic, error) {
	if c.Symmetric && c.D2 == 0 {
		c.D2 = c.D1
	}
	mask, err := operator.NewBernoulliMask(c.D1, c.D2, c.P, c.Seed)
	if err != nil {
		return nil, err
	}
	if err := checkRank("RandomCompletion", c.D1, c.D2, c.Rank, c.Symmetric); err != nil {
		return nil, err
	}
	truth := &lr.Factors{U: lr.NormalMatrix(lr.Stream(c.Seed, "true U"), c.D1, c.Rank)}
	if !c.Symmetric {
		truth.V = lr.NormalMatrix(lr.Stream(c.Seed, "true V"), c.D2, c.Rank)
	}
	_, _, n := mask.Dims()
	b := make([]float64, n)
	mask.NewEval().Apply(b, truth.U, truth.Right(), nil)
	return newQuadratic("Completion", mask, b, c.Rank, 1/c.P, c.Symmetric, truth)
}
