package problem

import (
	"fmt"
	"math"

	lr "github.com/lowrankgo/lowrank/lowrankgo"
	"github.com/lowrankgo/lowrank/lowrankgo/operator"
)

// Poisson recovers the logarithms M_ij of rates from counts at some entries,
// by maximum likelihood in the model Y_ij ~ Poisson(exp(M_ij)),
//
//	f(M) = Σ_{(i,j)∈Ω} exp(M_ij) − Y_ij·M_ij
//
// up to the constant Σ log Y_ij!. It is convex in M; its curvature exp(M_ij)
// has no bound, so that steps are best found by a line search: a step too long
// overflows and ends a run as diverged. It is one of the general f of
// [L](II.2). Costs are those of [MeasurementLoss].
type Poisson struct {
	D1, D2    int       // shape of M; D2 may be 0 when Symmetric
	Rank      int       // columns of the factors
	Rows      []int     // row of each observed entry, from 0
	Cols      []int     // column of each observed entry, from 0
	Values    []float64 // the counts Y there, at least 0
	Symmetric bool      // M = UUᵀ; Ω need not be symmetric
	Truth     *lr.Factors

	// Mask says where the entries are instead of D1, D2, Rows and Cols; Values
	// are then in its order.
	Mask *operator.Mask
}

// New checks the entries and returns the problem. Negative counts, and what is
// an error for [Completion], are errors.
func (p Poisson) New() (*Objective, error) {
	for i, v := range p.Values {
		if v < 0 {
			return nil, fmt.Errorf("problem: value %d of Poisson is %v; a count, at least 0, is wanted: %w", i, v, lr.ErrValue)
		}
	}
	mask, y, err := entries{"Poisson", p.D1, square(p.D1, p.D2, p.Symmetric), p.Rows, p.Cols, p.Values, p.Mask}.resolve()
	if err != nil {
		return nil, err
	}
	return newLoss("Poisson", mask, func(i int, t float64) (value, slope, curvature float64) {
		rate := math.Exp(t)
		return rate - float64(y[i]*t), rate - y[i], rate
	}, true, p.Rank, 1, p.Symmetric, p.Truth)
}
